"""The first sentence of each section: the answer, in words with numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analytics.report import words
from analytics.report.contents import Section
from analytics.report.verdict import Rows, phase_words, total

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
    first, failed = next(iter(results["offenders"].rows), None), total(results["failure_causes"].rows, "jobs")
    failures = f" {words.count(failed, 'job')} failed." if failed else ""
    if first is None:
        return f"No VM is known to have missed the window.{failures}"
    nights = f"{words.count(first['breaches'])} of {words.count(first['due'], 'night')}"
    return f"{first['vm']} missed the window most often: on {nights}.{failures}"


def phases_lead(results: Rows) -> str:
    """Where the time of the whole estate goes, and how much of it was observed."""
    rows = results["phase_shares"].rows
    whole = sum(row["total_s"] for row in rows)
    by_phase: dict[str, float] = {}
    for row in rows:
        by_phase[row["phase"]] = by_phase.get(row["phase"], 0) + row["total_s"]
    phase, longest_s = max(by_phase.items(), key=lambda item: item[1])
    observed = sum(row["total_s"] for row in rows if row["grade"] == "A")
    return (
        f"{words.share(longest_s / whole)} of all jobs' time ({words.seconds(whole)}) "
        f"is {phase_words(phase)}; "
        f"{words.share(observed / whole)} of the time was observed (grade A)."
    )


def timeline_lead(results: Rows) -> str:
    """How many jobs there are to see."""
    key = results["key_figures"].rows[0]
    unnamed = f"; {words.count(key['jobs_unnamed'])} without the name of a VM" if key["jobs_unnamed"] else ""
    nights = words.count(len(results["night_summary"].rows), "night")
    return f"{words.count(key['jobs'], 'job')} on {nights}{unnamed}."


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
    "phases": phases_lead,
    "timeline": timeline_lead,
    "guest": guest_lead,
    "waiting": waiting_lead,
    "coverage": coverage_lead,
}


def lead(section: Section, results: Rows) -> str:
    """The section's first sentence, or its words for when there is nothing to show."""
    has_rows = any(results[name].table.num_rows for name in section.results if name != "night_summary")
    return LEADS[section.name](results) if has_rows else section.empty
