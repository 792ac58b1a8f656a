"""What a section does not know, and what would show it: a few claims, or none."""

from __future__ import annotations

from collections.abc import Callable

from analytics.report.contents import Row, Rows, Section, is_limited, total
from analytics.report.detail import drawn_nights
from analytics.report.planning_claims import (
    forecast_notes,
    guest_notes,
    outlook_notes,
    proof_notes,
    why_notes,
)
from analytics.report.words import Claim


def _has_events(results: Rows) -> bool:
    """Whether any Windows event log was read for these nights."""
    return any(row["log_kind"].startswith("events:") for row in results["coverage_map"].rows)


def _snapshot_notes(results: Rows) -> list[Claim]:
    """Why post-snapshot is only bounded, and which log would show it."""
    rows = [row for row in results["snapshot_lengths"].rows if row["phase"] == "post_snapshot"]
    unclear = total(rows, "unclear")
    if not _has_events(results):
        return [Claim("note.snapshot.no_events")]
    return [Claim("note.snapshot.unclear", jobs=unclear)] if unclear else []


def _gap_notes(results: Rows) -> list[Claim]:
    """Of how many VMs nothing is known of the gap, and whose clock was set."""
    vms = len({row["vm"] for row in results["snapshot_lengths"].rows})
    others = vms - len(results["snapshot_gaps"].rows)
    set_clocks = sum(row["verdict"] == "changed" for row in results["guest_offsets"].rows)
    made = [Claim("note.gap.others", vms=others)] if others > 0 else []
    return made + ([Claim("note.gap.set_clocks", guests=set_clocks)] if set_clocks else [])


def _failures_notes(results: Rows) -> list[Claim]:
    """How many failures no event stands beside, and how many nothing explains."""
    rows = results["failure_causes"].rows
    jobs, unexplained = (
        total(rows, "jobs"),
        total([row for row in rows if row["explanation"] is None], "jobs"),
    )
    bare = jobs - total(rows, "with_events")
    made = []
    if not _has_events(results):
        made.append(Claim("note.failures.no_events"))
    elif bare:
        made.append(Claim("note.failures.bare", bare=bare, jobs=jobs))
    return made + ([Claim("note.failures.unexplained", jobs=unexplained)] if unexplained else [])


def _idle_notes(rows: list[Row]) -> list[Claim]:
    """The protection group, or DPM server, that most often ran nothing while others ran, and how many more."""
    if not rows:
        return []
    first = rows[0]
    named = Claim(
        "note.coverage.idle_server" if first["protection_group"] is None else "note.coverage.idle_group",
        server=first["dpm_server"],
        group=first["protection_group"],
        nights=first["nights"],
        last=first["last_night"],
        vms=first["vms"],
    )
    return [named, Claim("note.coverage.idle_others", others=len(rows) - 1)] if len(rows) > 1 else [named]


def _coverage_notes(results: Rows) -> list[Claim]:
    """Logs that are there but have holes, and groups that ran nothing on a night."""
    rows = [row for row in results["coverage_map"].rows if row["status"] == "partial"]
    logs, wrapped = (
        {row["log"] for row in rows if bool(row["gaps"]) == has_gaps} for has_gaps in (True, False)
    )
    made = [Claim("note.coverage.gaps", logs=len(logs), records=total(rows, "gaps"))] if logs else []
    made += [Claim("note.coverage.wrapped", logs=len(wrapped))] if wrapped else []
    return made + _idle_notes(results["idle_groups"].rows)


def _sla_notes(results: Rows) -> list[Claim]:
    """Of how many VMs the rules do not say the same."""
    vms = {row["vm"] for row in results["rule_conflicts"].rows}
    return [Claim("note.sla.rules", vms=len(vms))] if vms else []


def _usual_notes(results: Rows) -> list[Claim]:
    """Which late jobs came after an attempt that failed, where that cost most, and by which error."""
    rows = [row for row in results["late_jobs"].rows if row["failed_s"] is not None]
    if not rows:
        return []
    worst = max(rows, key=lambda row: row["failed_s"])
    error = worst["failed_error"] and Claim("note.usual.error", error=worst["failed_error"])
    most = Claim(
        "note.usual.most",
        vm=worst["vm"],
        night=worst["night"],
        failed_at=worst["failed_at"],
        error=error,
        failed_s=worst["failed_s"],
    )
    return [Claim("note.usual.retried", jobs=len(rows), most=most if worst["failed_at"] else None)]


def _timeline_notes(results: Rows) -> list[Claim]:
    """Of how many nights the jobs are not drawn, and how to see them."""
    nights = results["night_summary"].rows
    left_out = len(nights) - len(drawn_nights(nights))
    return [Claim("note.timeline.left_out", nights=left_out)] if left_out else []


def _compliance_notes(results: Rows) -> list[Claim]:
    """Who missed longest without a break."""
    worst = max(results["compliance_statement"].rows, key=lambda row: row["longest_streak"])
    if worst["longest_streak"] < 2:
        return []
    nights, vm, rule = worst["longest_streak"], worst["vm"], worst["rule"]
    return [Claim("note.compliance.streak", vm=vm, nights=nights, rule=rule)]


# what these say rests on more nights than the report may be of
_OF_ALL_NIGHTS = ("guest", "outlook", "forecast", "proof")
_NOTES: dict[str, Callable[[Rows], list[Claim]]] = {
    "sla": _sla_notes,
    "why": why_notes,
    "guest": guest_notes,
    "outlook": outlook_notes,
    "forecast": forecast_notes,
    "proof": proof_notes,
    "usual": _usual_notes,
    "timeline": _timeline_notes,
    "snapshot": _snapshot_notes,
    "gap": _gap_notes,
    "failures": _failures_notes,
    "coverage": _coverage_notes,
    "compliance": _compliance_notes,
}


def notes(section: Section, results: Rows) -> list[Claim]:
    """What is not known in this section; nothing where the section itself has nothing to show."""
    if not any(results[name].table.num_rows for name in section.results):
        return []
    made = _NOTES[section.name](results) if section.name in _NOTES else []
    is_of_more = section.name in _OF_ALL_NIGHTS and is_limited(results)
    return [*made, Claim("note.guest.all_nights")] if is_of_more else made
