"""What a section does not know, and what would show it: one or two claims, or none."""

from __future__ import annotations

from collections.abc import Callable

from analytics.report.contents import Rows, Section, total
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
    set_clocks = sum(row["verdict"] == "changed" for row in results["clock_offsets"].rows)
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


def _coverage_notes(results: Rows) -> list[Claim]:
    """Logs that are there but have holes."""
    rows = [row for row in results["coverage_map"].rows if row["status"] == "partial"]
    logs, wrapped = (
        {row["log"] for row in rows if bool(row["gaps"]) == has_gaps} for has_gaps in (True, False)
    )
    made = [Claim("note.coverage.gaps", logs=len(logs), records=total(rows, "gaps"))] if logs else []
    return made + ([Claim("note.coverage.wrapped", logs=len(wrapped))] if wrapped else [])


_NOTES: dict[str, Callable[[Rows], list[Claim]]] = {
    "snapshot": _snapshot_notes,
    "gap": _gap_notes,
    "failures": _failures_notes,
    "coverage": _coverage_notes,
}


def notes(section: Section, results: Rows) -> list[Claim]:
    """What is not known in this section; nothing where the section itself has nothing to show."""
    has_rows = any(results[name].table.num_rows for name in section.results)
    return _NOTES[section.name](results) if has_rows and section.name in _NOTES else []
