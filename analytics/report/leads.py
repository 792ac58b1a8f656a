"""The first claim of each section: the answer to its question, with numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from analytics.charts.palette import MOST_BESIDE
from analytics.report.contents import Row, Rows, Section, has_rows, is_limited, total
from analytics.report.detail import drawn_nights
from analytics.report.planning_claims import forecast_lead, outlook_lead, proof_lead, why_lead
from analytics.report.verdict import lone_snapshots
from analytics.report.words import Claim

# fewer jobs say nothing of what is usual
_LEAST_JOBS = 3
# a part that took so little more, as share of the usual job or in seconds, is as ever
_LEAST_MORE, _LEAST_MORE_S = 0.1, 60.0


def _sla_lead(results: Rows) -> Claim:
    """How many VMs always met the window."""
    key = results["key_figures"].rows[0]
    if key["unknown"] + key["running"] == key["due"]:
        return Claim("lead.sla.all_unknown", due=key["due"])
    breached, vms = key["vms_breached"], key["vms"]
    return Claim("lead.sla.vms", vms=vms, nights=key["nights"], never=vms - breached, breached=breached)


def _offenders_lead(results: Rows) -> Claim:
    """Who missed it most."""
    first, *rest = results["offenders"].rows
    if results["key_figures"].rows[0]["nights"] == 1:
        worst_s = max((row["worst_overrun_s"] or 0.0 for row in (first, *rest)), default=0.0)
        worst = Claim("lead.offenders.worst", vm=first["vm"], overrun_s=worst_s) if worst_s else None
        return Claim("lead.offenders.one_night", vms=len(rest) + 1, worst=worst)
    others = sum(row["breaches"] == first["breaches"] for row in rest)
    if others:
        return Claim("lead.offenders.equal", vm=first["vm"], others=others, breaches=first["breaches"])
    return Claim("lead.offenders.most", vm=first["vm"], breaches=first["breaches"], due=first["due"])


def _failures_lead(results: Rows) -> Claim:
    """How many jobs failed, and what most of them ended by."""
    causes = results["failure_causes"].rows
    if not causes:
        return Claim("lead.failures.lone", events=total(results["lone_failures"].rows, "events"))
    first = causes[0]
    explained = first["explanation"]
    same = [row for row in causes if row["explanation"] == explained] if explained else [first]
    return Claim(
        "lead.failures.causes",
        jobs=total(causes, "jobs"),
        causes=len({row["explanation"] or (row["error_code"], row["hresult"]) for row in causes}),
        most=total(same, "jobs"),
        cause=explained or _error_numbers(first),
    )


def _error_numbers(row: Row) -> Claim:
    """A cause that nothing explains, by its numbers."""
    code, hresult = row["error_code"], row["hresult"]
    if not (code or hresult):
        return Claim("lead.failures.no_error")
    error = Claim("lead.failures.error_code", code=str(code)) if code else None
    return Claim("lead.failures.error", numbers=[part for part in (error, hresult) if part])


def _phases_lead(results: Rows) -> Claim:
    """Where the time of the whole estate goes, how much of it was observed, and what was waited before it."""
    rows, queue = results["phase_shares"].rows, _queue_lead(results["queue_waits"].rows)
    if not rows:
        return queue or Claim("section.phases.empty")
    by_phase = _sums(rows, "phase", "total_s")
    whole_s, (phase, longest_s) = sum(by_phase.values()), _largest(by_phase)
    observed_s = sum(row["total_s"] for row in rows if row["grade"] == "A")
    return Claim(
        "lead.phases.queued" if queue else "lead.phases.longest",
        share=longest_s / whole_s,
        whole_s=whole_s,
        phase=phase,
        observed=observed_s / whole_s,
        queue=queue,
    )


def _sums(rows: Iterable[Row], name: str, number: str) -> dict[Any, float]:
    """The sum of a column for each value of another."""
    found: dict[Any, float] = {}
    for row in rows:
        found[row[name]] = found.get(row[name], 0) + (row[number] or 0)
    return found


def _largest(numbers: dict[Any, float]) -> tuple[Any, float]:
    """The name with the largest number, the first of equals."""
    return max(numbers.items(), key=lambda item: item[1])


def _queue_lead(rows: list[Row]) -> Claim | None:
    """How long jobs waited in DPM before they began, and what that did; nothing where it does not matter."""
    if not rows:
        return None
    began, late = total(rows, "late_by_queue"), total(rows, "late")
    code = "lead.queue.all_late" if began == late else "lead.queue.some_late"
    return Claim(
        "lead.queue.waited",
        nights=len(rows),
        longest_s=max(row["queued_max_s"] for row in rows),
        late=Claim(code, began=began, late=late) if began else None,
    )


def _timeline_lead(results: Rows) -> Claim:
    """How many jobs there are to see."""
    key, every = results["key_figures"].rows[0], results["night_summary"].rows
    drawn = drawn_nights(every)
    shown = len(results["night_timeline"].table.column("job_id").unique())
    others = key["jobs"] - shown - (total(every, "jobs") - total(drawn, "jobs"))
    return Claim(
        "lead.timeline.jobs",
        jobs=shown,
        nights=len(drawn),
        unnamed=Claim("lead.timeline.unnamed", jobs=key["jobs_unnamed"]) if key["jobs_unnamed"] else None,
        others=Claim("lead.timeline.others", jobs=others) if others > 0 else None,
    )


def _snapshot_lead(results: Rows) -> Claim:
    """The article's claim held against these jobs, and how sure that is."""
    rows = [row for row in results["snapshot_lengths"].rows if row["phase"] == "post_snapshot"]
    jobs, lone = total(rows, "jobs"), results["lone_snapshots"].rows
    if not jobs and lone:
        mounted = Claim("lead.snapshot.mounted") if any(row["vms"] for row in lone) else None
        return Claim("lead.snapshot.lone", snapshots=lone_snapshots(lone), mounted=mounted)
    if not jobs:
        return Claim("lead.snapshot.nothing_after")
    return Claim(
        "lead.snapshot.claim",
        below=total(rows, "below_10"),
        jobs=jobs,
        over=total(rows, "over_10"),
        longest=_longest_proven(rows),
        unclear=total(rows, "unclear"),
        possible=longest_possible(rows),
        grades=_shares_by_grade(rows, jobs),
    )


def _longest_proven(rows: list[Row]) -> Claim | None:
    """The VM with the longest post-snapshot that is proven to be 10 s or more."""
    if not total(rows, "over_10"):
        return None
    worst = max(rows, key=lambda row: row["proven_s"] or 0)
    code = "lead.snapshot.longest_observed" if worst["grade"] == "A" else "lead.snapshot.longest_proven"
    return Claim(code, vm=_vm_name(worst), proven_s=worst["proven_s"])


def longest_possible(rows: list[Row]) -> Claim | None:
    """The VM with the longest post-snapshot that is possible, among jobs that the logs leave open."""
    bounded = [row for row in rows if row["unclear"] and row["most_s"] is not None]
    if not bounded:
        return None
    worst = max(bounded, key=lambda row: row["most_s"])
    return Claim("lead.snapshot.longest_possible", most_s=worst["most_s"], vm=_vm_name(worst))


def _vm_name(row: Row) -> str | Claim:
    """The VM of a row, or words for none."""
    return row["vm"] or Claim("page.no_name")


def _shares_by_grade(rows: list[Row], jobs: int) -> list[Claim]:
    """In which share of the jobs it was observed, inferred, only bounded, or not seen."""
    by_grade = _sums(rows, "grade", "jobs")
    return [
        Claim("lead.snapshot.grade", grade=grade, share=by_grade[grade] / jobs) for grade in sorted(by_grade)
    ]


def _gap_lead(results: Rows) -> Claim:
    """The middle of the gaps, with bounds, and the VM where it is longest."""
    rows = results["snapshot_gaps"].rows
    if not rows:
        return Claim("lead.gap.no_clock")
    middle, worst = sorted(rows, key=lambda row: row["median_s"])[len(rows) // 2], rows[0]
    return Claim(
        "lead.gap.middle",
        jobs=total(rows, "measured"),
        vms=len(rows),
        median_s=middle["median_s"],
        low_s=middle["low_s"],
        high_s=middle["high_s"],
        worst_vm=worst["vm"],
        worst_s=worst["median_s"],
        most_s=worst["most_s"],
    )


def _guest_lead(results: Rows) -> Claim:
    """How many VMs get which advice."""
    rows = results["guest_gain"].rows
    advised = [row for row in rows if row["recommendation"] == "guest_level"]
    saving_s = sum(row["saving_s"] or 0 for row in advised)
    several = sum(row["recommendation"] == "several" for row in rows)
    return Claim(
        "lead.guest.advised",
        advised=len(advised),
        vms=len(rows),
        gain=Claim("lead.guest.gain", saving_s=saving_s) if saving_s > 0 else None,
        several=Claim("lead.guest.several", several=several) if several else None,
        unsure=sum(row["recommendation"] == "not_enough_data" for row in rows),
    )


def _waiting_lead(results: Rows) -> Claim:
    """How long was waited, and where most."""
    rows = results["claim_waits"].rows
    jobs, refusals = total(rows, "jobs"), total(rows, "refusals")
    by_volume = _sums(rows, "volume", "waited_s")
    volume, most_s = _largest(by_volume)
    if not most_s:
        return Claim("lead.waiting.unknown", jobs=jobs, refusals=refusals)
    return Claim(
        "lead.waiting.waited",
        jobs=jobs,
        waited_s=sum(by_volume.values()),
        refusals=refusals,
        volume=volume or Claim("lead.waiting.unnamed_volume"),
        most_s=most_s,
        failed=total(rows, "gave_up"),
    )


def _effects_lead(results: Rows) -> Claim:
    """What a GB takes alone and beside others, and what reading whole disks costs against tracking."""
    rows = [row for row in results["contention_effect"].rows if row["jobs"] >= _LEAST_JOBS]
    low, high = (rows[0], rows[-1]) if len(rows) > 1 else (None, None)
    beside = (
        Claim(
            "lead.effects.most_beside" if high["beside"] == MOST_BESIDE else "lead.effects.beside",
            few=low["beside"],
            few_rate=low["median_s_per_gb"],
            many=high["beside"],
            many_rate=high["median_s_per_gb"],
        )
        if low and high
        else Claim("lead.effects.not_compared")
    )
    return Claim("lead.effects.whole", beside=beside, compared=_compared(results["platforms"].rows))


def _compared(rows: list[Row]) -> Claim | None:
    """Why tracking does not help where whole disks are compared; nothing where none are."""
    compared = [row for row in rows if row["tracking"] == "block_compare"]
    if not compared:
        return None
    reverted = all(row["era"] == "A" for row in compared)
    code = "lead.effects.reverted" if reverted else "lead.effects.compared"
    return Claim(code, jobs=total(compared, "jobs"), all=total(rows, "jobs"))


def _coverage_lead(results: Rows) -> Claim:
    """The books: read = stored + duplicate + rejected."""
    rows = results["accounting"].rows
    return Claim(
        "lead.coverage.books",
        read=total(rows, "records_read"),
        files=total(rows, "sources"),
        stored=total(rows, "records_stored"),
        duplicate=total(rows, "records_duplicate"),
        rejected=total(rows, "records_rejected"),
        all_nights=Claim("lead.coverage.all_nights") if is_limited(results) else None,
    )


def _usual_lead(results: Rows) -> Claim:
    """How many late jobs took or waited longer than they usually do, which one most, and in what."""
    rows = results["late_jobs"].rows
    known = [row for row in rows if row["nights"]]
    if not known:
        return Claim("lead.usual.nothing_known", jobs=len(rows))
    longer = [row for row in known if _is_longer(row)]
    if not longer:
        return Claim("lead.usual.as_ever", jobs=len(known))
    worst = max(longer, key=lambda row: row["part_more_s"])
    return Claim(
        "lead.usual.longer",
        longer=len(longer),
        jobs=len(rows),
        vm=_vm_name(worst),
        night=worst["night"],
        part=worst["part"],
        part_s=worst["part_s"],
        usual_s=worst["part_usual_s"],
    )


def _is_longer(row: Row) -> bool:
    """Whether one part of the job took a minute more than usual, and more than a tenth of the usual job."""
    more_s = row["part_more_s"] or 0.0
    return bool(more_s > max(_LEAST_MORE_S, _LEAST_MORE * (row["usual_s"] or 0.0)))


def _compliance_lead(results: Rows) -> Claim:
    """How many VMs keep the backup window, and what of the others."""
    rows = [row for row in results["compliance_statement"].rows if row["rule"] == "backup_window"]
    counts = Counter(row["compliance"] for row in rows)
    at_risk, breaks, untold = (counts[name] for name in ("at_risk", "breaks", "not_established"))
    return Claim(
        "lead.compliance.window",
        vms=len(rows),
        meets=counts["meets"],
        at_risk=Claim("lead.compliance.at_risk", vms=at_risk) if at_risk else None,
        breaks=Claim("lead.compliance.breaks", vms=breaks) if breaks else None,
        open=Claim("lead.compliance.open", vms=untold) if untold else None,
    )


_LEADS: dict[str, Callable[[Rows], Claim]] = {
    "sla": _sla_lead,
    "offenders": _offenders_lead,
    "failures": _failures_lead,
    "phases": _phases_lead,
    "why": why_lead,
    "outlook": outlook_lead,
    "forecast": forecast_lead,
    "proof": proof_lead,
    "timeline": _timeline_lead,
    "snapshot": _snapshot_lead,
    "gap": _gap_lead,
    "effects": _effects_lead,
    "guest": _guest_lead,
    "waiting": _waiting_lead,
    "coverage": _coverage_lead,
    "compliance": _compliance_lead,
    "usual": _usual_lead,
}


def lead(section: Section, results: Rows) -> Claim:
    """The section's first claim, or that there is nothing to show."""
    if has_rows(results, section.results):
        return _LEADS[section.name](results)
    return Claim(f"section.{section.name}.empty")
