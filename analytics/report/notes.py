"""What a section does not know, and what would show it: one or two sentences, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from analytics.report.contents import Section
from analytics.report.verdict import Rows, total
from analytics.report.words import en as words

NO_EVENTS = (
    "No Windows event log was read. DPM's errlog states its snapshot only when snapshot and post-snapshot are over, "
    "so when the host snapshot was taken is known within bounds only. The hosts' VHDMP log (when VHDs are mounted "
    "and let go) and their Security log with new shadow copies audited (VSSAudit 8222) would show it; how to get them "
    "stands under “What the logs cover”."
)
FAILURES_WITHOUT_EVENTS = (
    "No Windows event log was read: the causes are what DPM's error ids and HRESULTs say. The Application, System and "
    "Hyper-V-VMMS-Admin logs of the hosts would name the writer and the step that failed."
)


def has_events(results: Rows) -> bool:
    """Whether any Windows event log was read for these nights."""
    return any(row["log_kind"].startswith("events:") for row in results["coverage_map"].rows)


def snapshot_note(results: Rows) -> str:
    """Why post-snapshot is only bounded, and which log would show it."""
    rows = [row for row in results["snapshot_lengths"].rows if row["phase"] == "post_snapshot"]
    unclear = total(rows, "unclear")
    if not has_events(results):
        return NO_EVENTS
    if not unclear:
        return ""
    return (
        f"For {words.count(unclear, 'job')} the event logs at hand do not decide. Exact times come from auditing new "
        "shadow copies on the hosts (VSSAudit 8222) or from the channel "
        "Microsoft-Windows-VolumeSnapshot-Driver/Analytic."
    )


def gap_note(results: Rows) -> str:
    """Of how many VMs nothing is known of the gap, and whose clock was set."""
    vms = len({row["vm"] for row in results["snapshot_lengths"].rows})
    known, clocks = len(results["snapshot_gaps"].rows), results["clock_offsets"].rows
    set_clocks = sum(row["verdict"] == "changed" for row in clocks)
    parts = []
    if vms > known:
        others = words.count(vms - known, "other VM")
        parts.append(f"The gap of {others} is not known: no event of the guest brackets its snapshot.")
    if set_clocks:
        parts.append(
            f"The clock of {words.count(set_clocks, 'guest')} was set meanwhile, so no gap is stated for it."
        )
    return " ".join(parts)


def failures_note(results: Rows) -> str:
    """How many failures no event stands beside, and how many nothing explains."""
    rows = results["failure_causes"].rows
    jobs, bare = total(rows, "jobs"), total(rows, "jobs") - total(rows, "with_events")
    unexplained = sum(row["jobs"] for row in rows if row["explanation"] is None)
    parts = []
    if not has_events(results):
        parts.append(FAILURES_WITHOUT_EVENTS)
    elif bare:
        parts.append(
            f"Beside {words.count(bare)} of {words.count(jobs, 'failed job')} no failure event was found."
        )
    if unexplained:
        bare_jobs = words.count(unexplained, "job")
        parts.append(
            f"Nothing explains {bare_jobs}; queries/model/rules/explanations.csv takes further lines."
        )
    return " ".join(parts)


def coverage_note(results: Rows) -> str:
    """Logs that are there but have holes."""
    rows = [row for row in results["coverage_map"].rows if row["status"] == "partial"]
    lost, logs = total(rows, "gaps"), len({row["log"] for row in rows if row["gaps"]})
    wrapped = len({row["log"] for row in rows if not row["gaps"]})
    parts = []
    if lost:
        parts.append(
            f"Missing from {words.count(logs, 'log')}: {words.count(lost, 'record')} whose ids are skipped, so the "
            "export was filtered or the log was damaged."
        )
    if wrapped:
        late = words.count(wrapped, "log")
        parts.append(
            f"Wrapped, or cleared: {late} without a line from before the end of a night's first job."
        )
    return " ".join(parts)


NOTES: dict[str, Callable[[Rows], str]] = {
    "snapshot": snapshot_note,
    "gap": gap_note,
    "failures": failures_note,
    "coverage": coverage_note,
}


def note(section: Section, results: Rows) -> str:
    """What is not known in this section; nothing where the section itself has nothing to show."""
    has_rows = any(results[name].table.num_rows for name in section.results)
    return NOTES[section.name](results) if has_rows and section.name in NOTES else ""
