"""The first sentence of each section: the answer, in words with numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analytics.report.contents import Section
from analytics.report.verdict import Rows, lone_words, phase_words, total
from analytics.report.words import en as words

Row = dict[str, Any]


def sla_lead(results: Rows) -> str:
    """How many VMs always met the window."""
    key = results["key_figures"].rows[0]
    always = key["vms"] - key["vms_breached"]
    if key["unknown"] == key["due"]:
        return f"{words.count(key['due'], 'backup')} due, of none of them is known whether it was in time."
    return (
        f"{words.count(key['vms'], 'VM')} on {words.count(key['nights'], 'night')}: "
        f"{words.count(always)} never missed the window as far as is known, {words.count(key['vms_breached'])} did."
    )


def offenders_lead(results: Rows) -> str:
    """Who missed it most."""
    first = results["offenders"].rows[0]
    nights = f"{words.count(first['breaches'])} of {words.count(first['due'], 'night')}"
    return f"{first['vm']} missed the window most often: on {nights}."


def failures_lead(results: Rows) -> str:
    """How many jobs failed, and what most of them ended by."""
    causes = results["failure_causes"].rows
    if not causes:
        events = words.count(total(results["lone_failures"].rows, "events"), "failure event")
        return f"No job is known to have failed; {events} were logged while no known job ran there."
    first, jobs = causes[0], total(causes, "jobs")
    kinds = len({row["explanation"] or (row["error_code"], row["hresult"]) for row in causes})
    same = (
        [row for row in causes if row["explanation"] == first["explanation"]]
        if first["explanation"]
        else [first]
    )
    most = words.count(total(same, "jobs"))
    what = first["explanation"] or error_words(first)
    return f"{words.count(jobs, 'job')} failed, by {words.count(kinds, 'cause')}; {most} by this one: {what}"


def error_words(row: Row) -> str:
    """A cause that nothing explains, by its numbers."""
    numbers = [f"error {row['error_code']}" if row["error_code"] else "", row["hresult"] or ""]
    return (" ".join(filter(None, numbers)) or "no error is stated") + "."


def phases_lead(results: Rows) -> str:
    """Where the time of the whole estate goes, how much of it was observed, and what was waited before it."""
    queue = queue_lead(results["queue_waits"].rows)
    rows = results["phase_shares"].rows
    if not rows:
        return queue
    whole = sum(row["total_s"] for row in rows)
    by_phase: dict[str, float] = {}
    for row in rows:
        by_phase[row["phase"]] = by_phase.get(row["phase"], 0) + row["total_s"]
    phase, longest_s = max(by_phase.items(), key=lambda item: item[1])
    observed = sum(row["total_s"] for row in rows if row["grade"] == "A")
    return (
        f"{words.share(longest_s / whole)} of all jobs' time ({words.seconds(whole)}) "
        f"is {phase_words(phase)}; "
        f"{words.share(observed / whole)} of the time was observed (grade A).{' ' if queue else ''}{queue}"
    )


def queue_lead(rows: list[Row]) -> str:
    """How long jobs waited in DPM before they began, and what that did; nothing where it does not matter."""
    if not rows:
        return ""
    nights, longest = words.count(len(rows), "night"), max(row["queued_max_s"] for row in rows)
    began, late = total(rows, "late_by_queue"), total(rows, "late")
    which = (
        f"all {words.count(late)}" if began == late else f"{words.count(began)} of the {words.count(late)}"
    )
    made = f"; {which} late backups of these nights waited longer than they were late"
    return (
        f"Before they began, jobs waited in DPM's own queue: on {nights}, up to {words.seconds(longest)}"
        f"{made if began else ''}."
    )


def timeline_lead(results: Rows) -> str:
    """How many jobs there are to see."""
    key = results["key_figures"].rows[0]
    unnamed = f"; {words.count(key['jobs_unnamed'])} without the name of a VM" if key["jobs_unnamed"] else ""
    nights = words.count(len(results["night_summary"].rows), "night")
    shown = len({row["job_id"] for row in results["night_timeline"].rows})
    rest = (
        f" {words.count(key['jobs'] - shown)} without a start or outside these nights."
        if key["jobs"] > shown
        else ""
    )
    return f"{words.count(shown, 'job')} on {nights}{unnamed}.{rest}"


def snapshot_lead(results: Rows) -> str:
    """The article's claim held against these jobs, and how sure that is."""
    rows = [row for row in results["snapshot_lengths"].rows if row["phase"] == "post_snapshot"]
    jobs = total(rows, "jobs")
    if not jobs and results["lone_snapshots"].rows:
        lone = results["lone_snapshots"].rows
        mounted = " but how long VHDs were mounted" if any(row["vms"] for row in lone) else ""
        return f"The events show {lone_words(lone)}. Without a job's log nothing is known of what came after{mounted}."
    if not jobs:
        return "Snapshots were taken, but no job shows what came after: of post-snapshot nothing is known."
    short, long, unclear = (total(rows, name) for name in ("below_10", "over_10", "unclear"))
    return (
        f"“Post-snapshot takes an instant or seconds”: below 10 s is proven for {some(short)} of "
        f"{words.count(jobs, 'job')}, the contrary for {some(long)}{proven_words(rows, long)}, "
        f"and for {some(unclear)} the logs cannot tell{bound_words(rows, unclear)}; "
        f"{grade_words(rows, jobs)}."
    )


def some(number: int) -> str:
    """A number, or none."""
    return words.count(number) if number else "none"


def proven_words(rows: list[Row], long: int) -> str:
    """The VM with the longest post-snapshot that is proven."""
    if not long:
        return ""
    worst = max(rows, key=lambda row: row["proven_s"] or 0)
    least = "" if worst["grade"] == "A" else "at least "
    return f" (worst: {worst['vm'] or 'no name'}, {least}{words.seconds(worst['proven_s'])})"


def bound_words(rows: list[Row], unclear: int) -> str:
    """The VM with the longest post-snapshot that is possible, among jobs that the logs leave open."""
    open_rows = [row for row in rows if row["unclear"] and row["most_s"] is not None]
    if not unclear or not open_rows:
        return ""
    worst = max(open_rows, key=lambda row: row["most_s"])
    return f" (at most {words.seconds(worst['most_s'])}, {worst['vm'] or 'no name'})"


def grade_words(rows: list[Row], jobs: int) -> str:
    """In which share of the jobs it was observed, inferred, only bounded, or not seen."""
    names = {"A": "observed", "B": "inferred", "C": "only bounded", "D": "not seen"}
    parts = [
        f"{name} in {words.share(total([row for row in rows if row['grade'] == grade], 'jobs') / jobs)}"
        for grade, name in names.items()
        if any(row["grade"] == grade for row in rows)
    ]
    return "it was " + ", ".join(parts)


def gap_lead(results: Rows) -> str:
    """The middle of the gaps, with bounds, and the VM where it is longest."""
    rows = results["snapshot_gaps"].rows
    if not rows:
        return "Events of guests were read, but no gap can be stated: the clock of no guest fits its host's."
    middle, worst = sorted(rows, key=lambda row: row["median_s"])[len(rows) // 2], rows[0]
    jobs, vms = words.count(total(rows, "measured"), "job"), words.count(len(rows), "VM")
    return (
        f"In {jobs} of {vms} the guest wrote on for about {words.seconds(middle['median_s'])} (between "
        f"{words.seconds(middle['low_s'])} and {words.seconds(middle['high_s'])}) before the host's snapshot; longest "
        f"at {worst['vm']}: about {words.seconds(worst['median_s'])}, never over {words.seconds(worst['most_s'])}."
    )


def guest_lead(results: Rows) -> str:
    """How many VMs get which advice."""
    rows = results["guest_gain"].rows
    advised = [row for row in rows if row["recommendation"] == "guest_level"]
    unsure = sum(row["recommendation"] == "not_enough_data" for row in rows)
    saving = sum(row["saving_s"] or 0 for row in advised)
    gain = f", about {words.seconds(saving)} per night in all (estimate)" if saving > 0 else ""
    return (
        f"Guest-level backup would help {words.count(len(advised))} of {words.count(len(rows), 'VM')}{gain}; "
        f"for {words.count(unsure)} there is not enough data."
    )


def waiting_lead(results: Rows) -> str:
    """How long was waited, and where most."""
    rows = results["claim_waits"].rows
    by_volume: dict[str, float] = {}
    for row in rows:
        name = row["volume"] or "an unnamed volume"
        by_volume[name] = by_volume.get(name, 0) + (row["waited_s"] or 0)
    jobs, refusals = (
        words.count(total(rows, "jobs"), "job"),
        words.count(total(rows, "refusals"), "refused claim"),
    )
    if not any(by_volume.values()):
        return f"{jobs} waited after {refusals}; the logs do not show how long."
    volume, most_s = max(by_volume.items(), key=lambda item: item[1])
    return (
        f"{jobs} waited {words.seconds(sum(by_volume.values()))} in all after {refusals}; most on {volume} "
        f"({words.seconds(most_s)}). {words.count(total(rows, 'gave_up'))} of these jobs failed."
    )


def coverage_lead(results: Rows) -> str:
    """The books: read = stored + duplicate + rejected."""
    rows = results["accounting"].rows
    parts = (("stored", "stored"), ("duplicate", "duplicate"), ("rejected", "rejected"))
    split = ", ".join(f"{words.count(total(rows, f'records_{name}'))} {text}" for name, text in parts)
    read, files = total(rows, "records_read"), total(rows, "sources")
    return f"{words.count(read, 'record')} read from {words.count(files, 'file')}: {split}."


LEADS: dict[str, Callable[[Rows], str]] = {
    "sla": sla_lead,
    "offenders": offenders_lead,
    "failures": failures_lead,
    "phases": phases_lead,
    "timeline": timeline_lead,
    "snapshot": snapshot_lead,
    "gap": gap_lead,
    "guest": guest_lead,
    "waiting": waiting_lead,
    "coverage": coverage_lead,
}


def lead(section: Section, results: Rows) -> str:
    """The section's first sentence, or its words for when there is nothing to show."""
    has_rows = any(results[name].table.num_rows for name in section.results if name != "night_summary")
    return LEADS[section.name](results) if has_rows else section.empty
