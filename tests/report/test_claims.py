"""A sentence is a claim: each stands in a report that has its cause, and not in one like it that has not."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest

from analytics.report import leads
from analytics.report.build import run_all
from analytics.report.detail import JOBS_AT_MOST
from analytics.report.facts import facts
from analytics.report.leads import lead
from analytics.report.notes import notes
from analytics.report.sections import SECTIONS
from analytics.report.verdict import headline, remarks
from analytics.report.words import Claim, Words
from tests.report.estate import ZONE, session_of

NIGHT = dt.date(2025, 11, 3)
START = dt.datetime(2025, 11, 3, 13, 0, tzinfo=dt.UTC)
DPMRA = r"c:\program files\dpm\bin\dpmra.exe"
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def job(name: str, **more: Any) -> Row:
    """A finished job at host level, an hour long; its VM bears its name."""
    row = {"job_id": name, "vm": name, "host": "HV01", "level": "host", "kind": "express_full"}
    row |= {"outcome": "succeeded", "started_at": START, "ended_at": START + dt.timedelta(hours=1)}
    return row | {"duration_s": 3600.0} | more


def judged(name: str, reason: str, **more: Any) -> Row:
    """The verdict on one VM and that night."""
    met = {"met": True, **dict.fromkeys(("running", "unknown", "not_established", "no_evidence"))}.get(
        reason, False
    )
    expected = None if reason in ("not_established", "no_evidence") else True
    cause = {"late": "transfer", "missed": "not_started"}.get(reason, reason) if met is False else None
    row = {"vm": name, "night": NIGHT, "rule": "backup_window", "expected": expected, "met": met}
    return row | {"reason": reason, "cause": cause, "job_id": name} | more


def unjudged(name: str, late_h: int) -> Row:
    """A backup of which it is not established that it was due, and which ended so many hours past the window."""
    return judged(name, "not_established", deadline=START, finished_at=START + dt.timedelta(hours=late_h))


def many_jobs(jobs: int) -> Rows:
    """So many jobs on the first night, which met its window, and two that were late on the second."""
    later = NIGHT + dt.timedelta(days=1)
    names = [f"A{number}" for number in range(jobs)]
    first = estate(*(job(name) for name in names), job("L1"), job("L2"), sla=[judged("A0", "met")])
    late_ones = [judged(name, "late", night=later) for name in ("L1", "L2")]
    nights = [{"job_id": name, "night": later if name[0] == "L" else NIGHT} for name in (*names, "L1", "L2")]
    return first | {"sla": [judged("A0", "met"), *late_ones], "job_nights": nights}


def silence(vm: str, nights: int) -> list[Row]:
    """A VM that met its window and was missed on so many nights since."""
    days = [NIGHT + dt.timedelta(days=day) for day in range(nights + 1)]
    return [judged(vm, "missed" if day > NIGHT else "met", night=day, job_id=None) for day in days]


def part(name: str, phase: str, length_s: float | None, grade: str = "A", spread_s: float = 0.0) -> Row:
    """One phase of a job, with bounds."""
    low_s, high_s = (length_s - spread_s, length_s + spread_s) if length_s is not None else (None, None)
    row = {"job_id": name, "vm": name, "phase": phase, "grade": grade, "started_at": START}
    return row | {"duration_s": length_s, "duration_min_s": low_s, "duration_max_s": high_s}


def estate(*jobs: Row, night: dt.date = NIGHT, **tables: list[Row]) -> Rows:
    """Rows of an estate of these jobs, all in one night."""
    return {
        "jobs": list(jobs),
        "job_nights": [{"job_id": row["job_id"], "night": night} for row in jobs],
    } | tables


def late(*cases: tuple[str, str, float]) -> Rows:
    """Late backups: name, longest phase, seconds in DPM's queue; each was late by ten minutes."""
    return estate(
        *(job(name, queued_s=queued_s) for name, _, queued_s in cases),
        sla=[judged(name, "late", overrun_s=600.0) for name, _, _ in cases],
        phases=[part(name, phase, 3600.0) for name, phase, _ in cases],
    )


def lengths(*grades: tuple[str, float | None, float]) -> Rows:
    """Jobs whose post-snapshot has this grade, length and spread of its bounds."""
    names = [f"VM{place}" for place in range(len(grades))]
    phases = [
        part(name, "post_snapshot", length_s, grade, spread_s)
        for name, (grade, length_s, spread_s) in zip(names, grades, strict=True)
    ]
    return estate(*map(job, names), phases=phases)


def snapshot(**more: Any) -> Row:
    """A host snapshot that belongs to no job."""
    row = {"host": "HV01", "night": NIGHT, "grade": "A", "process": DPMRA}
    return row | dict.fromkeys(("first_at", "last_at", "snapshot_at"), START) | more


def covered(status: str, kind: str = "events:System", **more: Any) -> Row:
    """A log of that night."""
    return {
        "host": "HV01",
        "night": NIGHT,
        "log_kind": kind,
        "status": status,
        "records": 9,
        "jobs": 1,
    } | more


def failure(name: str, **more: Any) -> Row:
    """A failed job."""
    return {"job_id": name, "vm": name, "night": NIGHT, "outcome": "failed", "events": 0} | more


SOURCE = {"source_id": "S", "path": "a.errlog", "format": "dpm-errlog", "host": "HV01", "records_read": 10}
SOURCE |= {"records_stored": 9, "records_duplicate": 0, "records_rejected": 1}
RUN = {"host": "HV01", "night": NIGHT, "outcome": "succeeded", "started_at": START, "ended_at": START}
RUN |= dict.fromkeys(
    (f"{name}_{end}_at" for name in ("snapshot", "write") for end in ("started", "ended")), START
)
CLOCK = {"vm": "A", "jobs": 3, "offset_low_us": 3, "offset_high_us": 1}
GAP = {"delta_t_s": 7.0, "delta_t_min_s": 4.0, "delta_t_max_s": 10.0}
ADVICE = {"vm": "A", "nights": 9, "breaches": 1, "host_p50_s": 900.0, "host_p90_s": 999.0, "grade": "C"}
IDLE = {"dpm_server": "DPM01", "protection_group": "Tier 1", "night": NIGHT, "vms": 3, "jobs": 5}
EVENT = {
    "host": "HV01",
    "gives": "failure",
    "event_provider": "volsnap",
    "event_id": 25,
    "data": "{}",
    "at": START,
}
WAIT = {"claim_refusals": 3, "volume": "V1"}
FAILED = {"outcome": "failed"}

ASSUMED = {"detail": "zone_assumed", "name": "UTC"}
ONLY_HOSTS = {"detail": "only_host_logs", "found": 1.0, "total": 1.0}


def moved(name: str, volume: str, minutes: int, first: int = 0) -> Row:
    """A data move of a VM with 100 GB of disks: how long, and after how many minutes of the night it began."""
    us = 60_000_000
    row = {"job_id": name, "vm": name, "volume": volume, "night": NIGHT, "vhd_bytes": 100_000_000_000}
    return row | {
        "is_full": True,
        "is_compared": True,
        "is_guest": False,
        "moving_us": first * us,
        "moved_us": (first + minutes) * us,
    }


def tracked(tracking: str, era: str) -> Rows:
    """Two backups of one VM."""
    jobs = [job(name, vm="A", tracking=tracking, era=era, owes_sla=True, is_good=True) for name in "JK"]
    return estate(*jobs, sla=[judged("A", "met")])


# three jobs alone on their volumes, and three side by side on another
_SIDE_BY_SIDE = [moved(f"B{number}", "W", 30) for number in range(3)]
_SIX = [moved(f"C{number}", "X", 60) for number in range(6)]
_ALONE = [moved(f"A{number}", f"V{number}", 10) for number in range(3)]

ESTATES: dict[str, Rows] = {
    "moves alone": {"job_times": _ALONE},
    "moves alone and side by side": {"job_times": [*_ALONE, *_SIDE_BY_SIDE]},
    "moves alone and six at once": {"job_times": [*_ALONE, *_SIX]},
    "compared, reverted": tracked("block_compare", "A"),
    "compared": tracked("block_compare", "B"),
    "tracked": tracked("rct", "C"),
    "nothing": {},
    "rejects only": {"rejects": [{"source_id": "S", "path": "a.bin", "reason": "no format"}]},
    "read": {"sources": [SOURCE]},
    "read, a job of no night": {"sources": [SOURCE], "jobs": [job("A")]},
    "met": estate(job("A"), sla=[judged("A", "met")], sources=[SOURCE]),
    "two met on two nights": estate(
        job("A"),
        sla=[judged(vm, "met", night=NIGHT + dt.timedelta(days=day)) for vm in "AB" for day in (0, 1)],
    ),
    "unknown": estate(job("A"), sla=[judged("A", "unknown")]),
    "met, unknown": estate(job("A"), sla=[judged("A", "met"), judged("B", "unknown")]),
    "running": estate(job("A"), sla=[judged("A", "running")]),
    "met, running": estate(job("A"), sla=[judged("A", "met"), judged("B", "running")]),
    "late": late(("A", "transfer", 0.0)),
    "two late": late(("A", "transfer", 0.0), ("B", "transfer", 0.0)),
    "two late in two phases": late(("A", "transfer", 0.0), ("B", "snapshot", 0.0)),
    "two queued": late(("A", "transfer", 7200.0), ("B", "transfer", 7200.0)),
    "queued, late": late(("A", "transfer", 7200.0), ("B", "transfer", 0.0)),
    "three causes": late(*((vm, "transfer", 0.0) for vm in "ABC"))
    | {"sla": [judged("A", "late"), judged("B", "failed"), judged("C", "missed")]},
    "four causes": late(*((vm, "transfer", 0.0) for vm in "ABCD"))
    | {
        "sla": [
            *(judged(vm, reason) for vm, reason in zip("ABC", ("late", "failed", "missed"), strict=True)),
            judged("D", "late", cause="queue"),
        ]
    },
    "missed on two nights": estate(
        job("A"), sla=[judged("A", "failed", night=NIGHT + dt.timedelta(days=day)) for day in (0, 1)]
    ),
    "silent on two nights": estate(job("A"), sla=silence("A", 2)),
    "silent on three nights": estate(job("A"), sla=silence("A", 3)),
    "silent, another began": estate(
        *(job(vm, host="HV01", owes_sla=True) for vm in ("A", "NEW")), sla=silence("A", 3)
    )
    | {"job_nights": [{"job_id": vm, "night": NIGHT + dt.timedelta(vm == "NEW")} for vm in ("A", "NEW")]},
    "two silent on three nights": estate(job("A"), sla=[*silence("A", 3), *silence("B", 3)]),
    "failed backup": estate(job("A", **FAILED), sla=[judged("A", "failed")]),
    "late after a failure": estate(job("A"), sla=[judged("A", "late", cause="failed", overrun_s=600.0)]),
    "late after a failure, and failed": estate(
        job("A"), sla=[judged("A", "late", cause="failed", overrun_s=600.0), judged("B", "failed")]
    ),
    "two silent": estate(job("A"), sla=[*silence("A", 3), *silence("B", 4)]),
    "rules that disagree": estate(
        job("A"), sla=[judged("A", "met"), judged("A", "late", rule="max_duration", overrun_s=60.0)]
    ),
    "met by both rules": estate(job("A"), sla=[judged("A", "met"), judged("A", "met", rule="max_duration")]),
    "more jobs than are drawn": many_jobs(JOBS_AT_MOST),
    "met, unjudged": estate(job("A"), sla=[judged("A", "met"), judged("B", "not_established")]),
    "met, unjudged in time": estate(job("A"), sla=[judged("A", "met"), unjudged("B", 0)]),
    "met, unjudged late": estate(job("A"), sla=[judged("A", "met"), unjudged("B", 0), unjudged("C", 1)]),
    "unjudged": estate(job("A"), sla=[judged("A", "not_established", finished_at=START)]),
    "met, dark": estate(
        job("A"), sla=[judged("A", "met"), judged("A", "no_evidence", night=NIGHT + dt.timedelta(days=1))]
    ),
    "late, unknown": late(("A", "transfer", 0.0)) | {"sla": [judged("A", "late"), judged("B", "unknown")]},
    "failed": estate(job("A", **FAILED), sla=[judged("A", "failed")]),
    "never run": estate(job("A"), sla=[judged("A", "met"), judged("B", "never_run", job_id=None)]),
    "met, unnamed failed": estate(job("A"), job("B", vm=None, **FAILED), sla=[judged("A", "met")]),
    "unnamed": estate(job("A", vm=None)),
    "unnamed, of hosts alone": estate(job("A", vm=None), trust_facts=[ONLY_HOSTS]),
    "without an end": estate(job("A", ended_at=None, duration_s=None, outcome="running")),
    "sent": estate(job("A", bytes_transferred=10**9)),
    "sent by a job without an end": estate(
        job("A", bytes_transferred=10**9, ended_at=None, duration_s=None, outcome="running")
    ),
    "nothing tells its end": estate(job("A", ended_at=None, duration_s=None, outcome="unknown")),
    "log missing": estate(job("A"), sources=[SOURCE], coverage=[covered("missing", "errlog:DPMRA")]),
    "log without jobs": {"sources": [SOURCE], "coverage": [covered("present")]},
    # without jobs
    "snapshots of DPM": {"sources": [SOURCE], "host_snapshots": [snapshot()]},
    "snapshots of DPM with VHDs": {"host_snapshots": [snapshot(vm="A", mounted_s=9.0)]},
    "snapshots of nobody": {"sources": [SOURCE], "host_snapshots": [snapshot(process=None)]},
    "snapshots of DPM and nobody": {"host_snapshots": [snapshot(), snapshot(process=None)]},
    "snapshots, another phase": estate(job("A"), phases=[part("A", "snapshot", 9.0)]),
    "runs": {"sources": [SOURCE], "windows_backups": [RUN]},
    "failure events": {"event_hits": [EVENT]},
    # phases
    "phases": estate(job("A"), phases=[part("A", "transfer", 60.0)]),
    "phases, queue": estate(job("A", queued_s=900.0), phases=[part("A", "transfer", 60.0)]),
    "queue": estate(job("A", queued_s=900.0)),
    "jobs of another night": estate(job("A"), job("B", started_at=None)),
    # post-snapshot
    "post-snapshot of 3 s": lengths(("A", 3.0, 0.0)),
    "post-snapshot of 30 s": lengths(("A", 30.0, 0.0)),
    "post-snapshot of about 30 s": lengths(("B", 30.0, 5.0)),
    "post-snapshot of 5 to 15 s": lengths(("C", 10.0, 5.0)),
    "post-snapshot of 5 to 15 s, with events": lengths(("C", 10.0, 5.0)) | {"coverage": [covered("present")]},
    "post-snapshot not seen": lengths(("D", None, 0.0)),
    # gap and clocks
    "gap": estate(job("A", **GAP), phases=[part("A", "snapshot", 9.0)]),
    "gap of one of two": estate(
        job("A", **GAP), job("B"), phases=[part("A", "snapshot", 9.0), part("B", "snapshot", 9.0)]
    ),
    "clock set": {"guest_clocks": [CLOCK | {"is_constant": False}]},
    "clock constant": {"guest_clocks": [CLOCK | {"is_constant": True}]},
    # failures
    "explained": {
        "failures": [failure("A", explanation="Another backup held the volume.", error_code=32612)]
    },
    "unexplained": {"failures": [failure("A", error_code=4711)]},
    "unexplained by its HRESULT": {"failures": [failure("A", hresult="0x80070001")]},
    "failed without an error": {"failures": [failure("A")]},
    "failed, with events at hand": {"failures": [failure("A")], "coverage": [covered("present")]},
    "failed, with an event beside": {"failures": [failure("A", events=1)], "coverage": [covered("present")]},
    # advice
    "advised": {"candidates": [ADVICE | {"recommendation": "guest_level", "saving_s": 600.0}]},
    "advised without a gain": {"candidates": [ADVICE | {"recommendation": "guest_level", "saving_s": None}]},
    # waiting
    "waited": estate(job("A", **WAIT), phases=[part("A", "claim_wait", 360.0)]),
    "waited unseen": estate(job("A", **WAIT)),
    "waited for no name": estate(
        job("A", claim_refusals=3, volume=None), phases=[part("A", "claim_wait", 360.0)]
    ),
    # coverage
    "dark night": estate(job("A"), sources=[SOURCE], coverage=[covered("unknown", "errlog:DPMRA")]),
    "met, zone assumed": estate(job("A"), sla=[judged("A", "met")], trust_facts=[ASSUMED]),
    "idle group": {"groups_without_runs": [IDLE]},
    "idle server": {"groups_without_runs": [IDLE | {"protection_group": None}]},
    "two idle groups": {"groups_without_runs": [IDLE, IDLE | {"protection_group": "Tier 2"}]},
    "gaps": {"coverage": [covered("partial", gaps=7)]},
    "wrapped": {"coverage": [covered("partial", "errlog:DPMRA")]},
}

# claim: (an estate that has its cause, one that has not)
CLAIMS: dict[str, tuple[str, str]] = {
    "verdict.unproven": ("met, zone assumed", "met"),
    "verdict.causes": ("late", "met"),
    "verdict.where_jobs": ("read", "nothing"),
    "verdict.missed": ("late", "met"),
    "verdict.vms": ("late", "met"),
    "verdict.each": ("missed on two nights", "late"),
    "verdict.cause": ("late", "met"),
    "verdict.others": ("four causes", "three causes"),
    "verdict.silent_one": ("silent on three nights", "silent on two nights"),
    "verdict.successor": ("silent, another began", "silent on three nights"),
    "verdict.first_only": ("late after a failure", "failed backup"),
    "verdict.first_of": ("late after a failure, and failed", "late after a failure"),
    "verdict.silent": ("two silent", "silent on three nights"),
    "verdict.unjudged": ("met, unjudged late", "met, unjudged in time"),
    "verdict.unjudged_all": ("met, unjudged in time", "met, unjudged late"),
    "verdict.unjudged_none": ("met, unjudged", "met, unjudged in time"),
    "verdict.dark": ("met, dark", "met"),
    "verdict.nothing_established": ("unjudged", "met, unjudged"),
    "verdict.open": ("late, unknown", "late"),
    "verdict.unknown": ("late, unknown", "met, running"),
    "verdict.running": ("met, running", "late, unknown"),
    "verdict.unnamed": ("met, unnamed failed", "met"),
    "verdict.all_unknown": ("unknown", "met, unknown"),
    "verdict.none_known": ("met, unknown", "met"),
    "verdict.all_met": ("met", "met, unknown"),
    "verdict.nothing_read": ("nothing", "read"),
    "verdict.no_vm": ("unnamed", "unnamed, of hosts alone"),
    "verdict.only_hosts": ("unnamed, of hosts alone", "unnamed"),
    "verdict.no_job": ("read", "read, a job of no night"),
    "verdict.no_job_then": ("read, a job of no night", "read"),
    "verdict.seen": ("snapshots of DPM", "read"),
    "lone.snapshots": ("snapshots of DPM", "runs"),
    "lone.by": ("snapshots of DPM", "snapshots of nobody"),
    "lone.asker": ("snapshots of DPM", "snapshots of nobody"),
    "lone.nameless": ("snapshots of DPM and nobody", "snapshots of DPM"),
    "lone.runs": ("runs", "snapshots of DPM"),
    "fact.in_time_unknown": ("unknown", "met, unknown"),
    "fact.past_unknown": ("unknown", "met"),
    "fact.moved_unknown": ("met", "sent"),
    "fact.none_past": ("met", "unknown"),
    "fact.none_understood": ("rejects only", "met"),
    "fact.share": ("met", "nothing"),
    "fact.length": ("late", "met"),
    "fact.amount": ("sent", "met"),
    "fact.none_due": ("nothing", "met"),
    "fact.missed_unknown": ("met", "nothing"),
    "fact.running": ("met, running", "met, unknown"),
    "fact.not_run": ("two silent", "late"),
    "fact.last_end": ("met", "without an end"),
    "fact.no_end": ("without an end", "met"),
    "fact.worst_backup": ("late", "met"),
    "fact.no_bytes": ("met", "sent"),
    "fact.rate": ("sent", "sent by a job without an end"),
    "fact.all_rejected": ("rejects only", "met"),
    "fact.rejected": ("met", "nothing"),
    "fact.no_job_log": ("log without jobs", "log missing"),
    "fact.logs_missing": ("log missing", "met"),
    "fact.no_log_missing": ("met", "dark night"),
    "fact.nights_dark": ("dark night", "log missing"),
    "lead.sla.all_unknown": ("unknown", "met, unknown"),
    "lead.sla.vms": ("met, unknown", "unknown"),
    "lead.offenders.most": ("late", "two silent on three nights"),
    "lead.offenders.equal": ("two silent on three nights", "late"),
    "lead.failures.lone": ("failure events", "explained"),
    "lead.failures.causes": ("explained", "failure events"),
    "lead.failures.error": ("unexplained", "explained"),
    "lead.failures.error_code": ("unexplained", "unexplained by its HRESULT"),
    "lead.failures.no_error": ("failed without an error", "unexplained"),
    "lead.phases.longest": ("phases", "phases, queue"),
    "lead.phases.queued": ("phases, queue", "phases"),
    "lead.queue.waited": ("queue", "phases"),
    "lead.queue.all_late": ("two queued", "queued, late"),
    "lead.queue.some_late": ("queued, late", "two queued"),
    "lead.timeline.jobs": ("met", "nothing"),
    "lead.timeline.unnamed": ("unnamed", "met"),
    "lead.timeline.others": ("jobs of another night", "met"),
    "lead.snapshot.lone": ("snapshots of DPM", "post-snapshot of 3 s"),
    "lead.snapshot.mounted": ("snapshots of DPM with VHDs", "snapshots of DPM"),
    "lead.snapshot.nothing_after": ("snapshots, another phase", "post-snapshot of 3 s"),
    "lead.snapshot.claim": ("post-snapshot of 3 s", "snapshots, another phase"),
    "lead.snapshot.longest_observed": ("post-snapshot of 30 s", "post-snapshot of 3 s"),
    "lead.snapshot.longest_proven": ("post-snapshot of about 30 s", "post-snapshot of 30 s"),
    "lead.snapshot.longest_possible": ("post-snapshot of 5 to 15 s", "post-snapshot not seen"),
    "lead.snapshot.grade": ("post-snapshot not seen", "snapshots, another phase"),
    "lead.gap.no_clock": ("clock set", "gap"),
    "lead.gap.middle": ("gap", "clock set"),
    "lead.effects.whole": ("moves alone", "met"),
    "lead.effects.beside": ("moves alone and side by side", "moves alone"),
    "lead.effects.most_beside": ("moves alone and six at once", "moves alone and side by side"),
    "lead.effects.not_compared": ("moves alone", "moves alone and side by side"),
    "lead.effects.compared": ("compared", "compared, reverted"),
    "lead.effects.reverted": ("compared, reverted", "tracked"),
    "lead.guest.advised": ("advised", "met"),
    "lead.guest.gain": ("advised", "advised without a gain"),
    "lead.waiting.unknown": ("waited unseen", "waited"),
    "lead.waiting.waited": ("waited", "waited unseen"),
    "lead.waiting.unnamed_volume": ("waited for no name", "waited"),
    "lead.coverage.books": ("read", "nothing"),
    "note.snapshot.no_events": ("post-snapshot of 5 to 15 s", "post-snapshot of 5 to 15 s, with events"),
    "note.snapshot.unclear": ("post-snapshot of 5 to 15 s, with events", "post-snapshot of 3 s"),
    "note.sla.rules": ("rules that disagree", "met by both rules"),
    "note.timeline.left_out": ("more jobs than are drawn", "met"),
    "note.gap.others": ("gap of one of two", "gap"),
    "note.gap.set_clocks": ("clock set", "clock constant"),
    "note.failures.no_events": ("explained", "failed, with events at hand"),
    "note.failures.bare": ("failed, with events at hand", "failed, with an event beside"),
    "note.failures.unexplained": ("unexplained", "explained"),
    "note.coverage.gaps": ("gaps", "wrapped"),
    "note.coverage.wrapped": ("wrapped", "gaps"),
    "note.coverage.idle_group": ("idle group", "idle server"),
    "note.coverage.idle_server": ("idle server", "idle group"),
    "note.coverage.idle_others": ("two idle groups", "idle group"),
} | {
    f"section.{name}.empty": ("nothing", other)
    for name, other in {
        "sla": "met",
        "offenders": "late",
        "failures": "explained",
        "phases": "phases",
        "timeline": "met",
        "snapshot": "post-snapshot of 3 s",
        "gap": "gap",
        "effects": "moves alone",
        "guest": "advised",
        "waiting": "waited",
        "coverage": "read",
    }.items()
}
# said in every report, whatever it holds
ALWAYS = {"fact.of", "fact.jobs_detail"}


@cache
def claims_of(name: str) -> tuple[Claim, ...]:
    """All that the report of an estate states."""
    session = session_of(ESTATES[name])
    results = run_all(session, ZONE, None, None)
    told = [claim for fact in facts(results) for claim in (fact.value, fact.detail) if claim]
    leads = [lead(section, results) for section in SECTIONS]
    noted = [claim for section in SECTIONS for claim in notes(section, results)]
    said = headline(results, "22:00–06:00", Words.of("en"))
    return (said, *remarks(results, "22:00–06:00"), *told, *leads, *noted)


def codes_of(name: str) -> set[str]:
    """The codes of all that the report of an estate states."""
    return {code for claim in claims_of(name) for code in claim.codes()}


@pytest.mark.parametrize("code", CLAIMS)
def test_a_claim_stands_with_its_cause_and_falls_with_it(code):
    """The second estate differs from the first by what the claim rests on."""
    with_cause, without = CLAIMS[code]

    assert code in codes_of(with_cause)
    assert code not in codes_of(without)


def test_every_claim_is_tested():
    """Whatever verdict, facts, leads and notes can say has a case above."""
    words, rooms = Words.of("en"), ("verdict", "lone", "fact", "lead", "note")
    known = {code for code in words.codes() if code.split(".")[0] in rooms}
    vocabularies = "lead.snapshot.grades."

    assert {code for code in known if not code.startswith(vocabularies)} == {
        code for code in CLAIMS if not code.startswith("section.")
    } | ALWAYS


@pytest.mark.parametrize("name", ESTATES)
def test_every_claim_has_its_words(name):
    """Each is said, to its end, with nothing left to fill in."""
    for claim in claims_of(name):
        text = Words.of("en").say(claim)

        assert text
        assert not set(text) & set("{}")
        assert "None" not in text


def test_the_longest_post_snapshot_that_is_possible():
    """Of jobs that the logs leave open and that have a longest length."""
    rows = [
        {"vm": "told", "unclear": 0, "most_s": 99.0},
        {"vm": "endless", "unclear": 1, "most_s": None},
        {"vm": "open", "unclear": 1, "most_s": 5.0},
        {"vm": "longer", "unclear": 2, "most_s": 7.0},
    ]

    assert leads.longest_possible(rows) == Claim("lead.snapshot.longest_possible", most_s=7.0, vm="longer")
    assert leads.longest_possible(rows[:2]) is None
