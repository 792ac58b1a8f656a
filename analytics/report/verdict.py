"""The verdict in one sentence, and the figures of the first screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from analytics.report.contents import Fact, Result
from analytics.report.words import en as words

Row = dict[str, Any]
Rows = dict[str, Result]

PHASE_WORDS = {
    "claim_wait": "waiting for the volume",
    "post_snapshot": "post-snapshot",
    "unaccounted": "unaccounted time",
}
REASON_WORDS = {
    "late": "finished late",
    "running_late": "still ran at the deadline",
    "failed": "failed",
    "missed": "did not run",
    "never_run": "never ran",
}
RAN_LONG = ("ran_long", "running_late")


def phase_words(phase: str | None) -> str:
    """A phase as people say it."""
    return PHASE_WORDS.get(phase or "", phase or "an unknown phase")


def total(rows: Iterable[Row], column: str) -> int:
    """The sum of a column, NULL counting as nothing."""
    return sum(row[column] or 0 for row in rows)


def verdict(results: Rows, window: str) -> str:
    """Say in one sentence with numbers how the estate did, or why that cannot be said."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return nothing_due(key, results)
    return named_verdict(key, results, window) + unnamed_words(key)


def named_verdict(key: Row, results: Rows, window: str) -> str:
    """How the VMs did whose backups were due."""
    if key["missed"]:
        return (
            f"{breach_words(key, window)}; {cause_words(results['breach_causes'].rows)}{unknown_words(key)}."
        )
    if not key["met"]:
        due = words.count(key["due"], "backup")
        return f"Whether the {window} window was met cannot be said: all {due} are unknown."
    if key["unknown"]:
        known = f"{words.count(key['met'])} of {words.count(key['due'], 'backup')} met it{unknown_words(key)}"
        return f"No VM is known to have missed the {window} window: {known}."
    vms, nights = words.count(key["vms"], "VM"), words.count(key["nights"], "night")
    if key["nights"] == 1 or key["vms"] == 1:
        return f"Every backup met the {window} window: {vms}, {nights}, {words.count(key['due'], 'backup')}."
    return f"All {vms} met the {window} window on all {nights} ({words.count(key['due'], 'backup')})."


def unnamed_words(key: Row) -> str:
    """Failed jobs whose VM no log names belong to no VM's account, and must not be passed over."""
    if not key["unnamed_failed"]:
        return ""
    failed = words.count(key["unnamed_failed"], "job")
    return f" Besides, {failed} failed whose VM no log names."


def nothing_due(key: Row, results: Rows) -> str:
    """Say why there is no verdict: nothing read, no jobs, jobs without a VM's name, or events only."""
    accounting = results["accounting"].rows
    read, files = total(accounting, "records_read"), total(accounting, "sources")
    if key["jobs"]:
        jobs = words.count(key["jobs"], "job")
        return (
            f"{jobs} found, but no backup of a named VM was due: whether the window was met cannot be said."
        )
    if not read:
        return "Nothing was read, so nothing can be said."
    runs, snapshots = len(results["windows_backup_runs"].rows), results["lone_snapshots"].rows
    shown = [lone_words(snapshots)] if snapshots else []
    shown += [words.count(runs, "run") + " of Windows Server Backup"] if runs else []
    seen = f" The events show {' and '.join(shown)}." if shown else ""
    return (
        f"No backup job was found in {words.count(read, 'record')} from {words.count(files, 'file')}.{seen} "
        "Jobs, and whether they were in time, stand in the errlogs and job records of DPM."
    )


def lone_words(snapshots: list[Row]) -> str:
    """How many host snapshots belong to no known job, on how many hosts and nights, and who asked for them."""
    hosts, nights = (len({row[name] for row in snapshots}) for name in ("host", "night"))
    askers: dict[str | None, int] = {}
    for row in snapshots:
        askers[row["requester"]] = askers.get(row["requester"], 0) + row["snapshots"]
    named = [
        f"{words.count(number)} by {name or 'a program that no event names'}"
        for name, number in sorted(askers.items(), key=lambda pair: (pair[0] is None, pair[0]))
    ]
    by = f" ({', '.join(named)})" if set(askers) != {None} else ""
    what = words.count(sum(askers.values()), "host snapshot")
    return f"{what} of {words.count(hosts, 'host')} on {words.count(nights, 'night')}{by}"


def breach_words(key: Row, window: str) -> str:
    """Who missed the window how often."""
    nights = f"On {words.count(key['nights_breached'])} of {words.count(key['nights'], 'night')}"
    vms = f"{words.count(key['vms_breached'])} of {words.count(key['vms'], 'VM')} missed the {window} window"
    worst = f", at worst by {words.seconds(key['worst_overrun_s'])}" if key["worst_overrun_s"] else ""
    return f"{nights} {vms} ({words.count(key['missed'])} of {words.count(key['due'], 'backup')}{worst})"


def cause_words(causes: list[Row]) -> str:
    """How many breaches have which cause, the most frequent first; for late jobs also the longest phase."""
    by_reason: dict[str, int] = {}
    for row in causes:
        by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + row["breaches"]
    parts = [reason_words(reason, number, causes) for reason, number in by_reason.items()]
    parts.sort(key=lambda part: -part[0])
    texts = [text for _, text in parts]
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]])) + late_words(causes)


def reason_words(reason: str, number: int, causes: list[Row]) -> tuple[int, str]:
    """One cause with its number; of VMs that never ran, how many they are; of late ones, how many began too late."""
    never = sum(row["vms"] for row in causes if row["reason"] == reason == "never_run")
    more = f" ({words.count(never, 'VM')})" if never else queue_words(causes) if reason == "late" else ""
    return number, f"{words.count(number)} {REASON_WORDS.get(reason, reason)}{more}"


def queue_words(causes: list[Row]) -> str:
    """How many late backups began too late because they waited in DPM's own queue longer than they were late."""
    queued = [row for row in causes if row["cause"] == "began_late"]
    began, late = total(queued, "breaches"), sum(row["breaches"] for row in causes if row["reason"] == "late")
    if not began:
        return ""
    which = "" if late == 1 else "all " if began == late else f"{words.count(began)} of them "
    mean = words.seconds(sum(row["queued_s"] for row in queued) / began)
    return f" ({which}began too late: queued {mean}{'' if began == 1 else ' on average'} in DPM)"


def late_words(causes: list[Row]) -> str:
    """The phase that is longest in most jobs that ran too long, and its share of their time."""
    late = [row for row in causes if row["cause"] in RAN_LONG and row["phase"] and row["job_s"]]
    if not late:
        return ""
    main = max(late, key=lambda row: row["breaches"])["phase"]
    same = [row for row in late if row["phase"] == main]
    noun = "that ran too long" if any(row["cause"] == "began_late" for row in causes) else "late jobs"
    jobs = late_jobs(total(same, "breaches"), total(late, "breaches"), noun)
    share = words.share(sum(row["phase_s"] for row in same) / sum(row["job_s"] for row in same))
    return f"; {phase_words(main)} takes longest in {jobs} ({share} of the time)"


def late_jobs(some: int, every: int, noun: str) -> str:
    """Which of the late jobs: the one, all of them, or so many."""
    if some == every == 1:
        return f"the {noun.replace('jobs', 'job')}" if noun.startswith("late") else f"the one {noun}"
    return (
        f"all {words.count(every)} {noun}"
        if some == every
        else f"{words.count(some)} of the {words.count(every)} {noun}"
    )


def unknown_words(key: Row) -> str:
    """What is not known, if anything."""
    if not key["unknown"]:
        return ""
    return f"; {words.count(key['unknown'])} {'is' if key['unknown'] == 1 else 'are'} unknown"


def sla_fact(results: Rows) -> Fact:
    """Backups met, missed and unknown."""
    key = results["key_figures"].rows[0]
    if not key["due"]:
        return Fact("Backups in time", "unknown", "no backup is known to have been due", "unknown")
    missed, unknown, due = (words.count(key[name]) for name in ("missed", "unknown", "due"))
    detail = f"{missed} missed, {unknown} unknown, of {due} due"
    tone = "bad" if key["missed"] else "unknown" if key["unknown"] else "good"
    value = "unknown" if key["unknown"] == key["due"] else words.share(key["met"] / key["due"])
    return Fact("Backups in time", value, detail, tone)


def window_fact(results: Rows) -> Fact:
    """How far past the window the worst backup ended."""
    key, nights = results["key_figures"].rows[0], results["night_summary"].rows
    ends = [row["last_end_at"] for row in nights if row["last_end_at"]]
    last = f"last job of all ended {words.clock(max(ends))}" if ends else "no job with an end"
    if key["worst_overrun_s"]:
        return Fact(
            "Past the window", words.seconds(key["worst_overrun_s"]), "the worst backup; " + last, "bad"
        )
    return Fact(
        "Past the window", "none" if key["met"] else "unknown", last, "good" if key["met"] else "unknown"
    )


def jobs_fact(results: Rows) -> Fact:
    """Jobs by outcome, and backups that never ran."""
    key = results["key_figures"].rows[0]
    parts = (
        ("failed", key["jobs_failed"]),
        ("not run", key["not_run"]),
        ("without an end", key["jobs_open"]),
    )
    detail = ", ".join(f"{words.count(number)} {text}" for text, number in parts)
    tone = "bad" if key["jobs_failed"] or key["not_run"] else "plain"
    return Fact(
        "Jobs succeeded", f"{words.count(key['jobs_ok'])} of {words.count(key['jobs'])}", detail, tone
    )


def moved_fact(results: Rows) -> Fact:
    """Data sent to DPM, and the mean rate of a job."""
    key = results["key_figures"].rows[0]
    moved, job_s = key["bytes_transferred"], key["job_s"]
    if moved is None:
        return Fact("Data sent", "unknown", "no job record states it", "unknown")
    rate = f"{words.size(moved / job_s)}/s per running job on average" if job_s else ""
    return Fact("Data sent", words.size(moved), rate)


def completeness_fact(results: Rows) -> Fact:
    """Share of the records that could be read, and logs that are missing."""
    rows = results["accounting"].rows
    read, rejected = total(rows, "records_read"), total(rows, "records_rejected")
    gaps = sum(row["status"] == "missing" for row in results["coverage_map"].rows)
    unreadable = total(results["reject_reasons"].rows, "records")
    if not read:
        return Fact("Records understood", "none", f"{words.count(unreadable, 'record')} rejected", "bad")
    parts = [f"{words.count(rejected)} of {words.count(read, 'record')} rejected"]
    if not results["key_figures"].rows[0]["jobs"]:
        parts.append("no log of a job")
    else:
        parts.append(f"logs missing on {words.count(gaps, 'host-night')}" if gaps else "no log missing")
    return Fact(
        "Records understood",
        words.share((read - rejected) / read),
        "; ".join(parts),
        "bad" if rejected else "plain",
    )


FACTS: tuple[Callable[[Rows], Fact], ...] = (sla_fact, window_fact, jobs_fact, moved_fact, completeness_fact)


def facts(results: Rows) -> tuple[Fact, ...]:
    """The ten-second block."""
    return tuple(fact(results) for fact in FACTS)
