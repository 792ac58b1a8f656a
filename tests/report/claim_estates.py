"""Small estates, each with the cause of one sentence of the report, for test_claims."""

from __future__ import annotations

import datetime as dt
from typing import Any

from analytics.report.detail import JOBS_AT_MOST
from tests.report.planned_claims import PLANNED_ESTATES

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


def nights_of_jobs(nights: int, **more: Any) -> Rows:
    """One job each night, all in time."""
    days = [NIGHT + dt.timedelta(days=day) for day in range(nights)]
    jobs = [job(f"A{day}", vm="A", ended_at=START + dt.timedelta(days=day), **more) for day in range(nights)]
    return {
        "jobs": jobs,
        "job_nights": [{"job_id": f"A{place}", "night": day} for place, day in enumerate(days)],
        "sla": [judged("A", "met", night=day) for day in days],
    }


def changed(*vms: tuple[str, str]) -> Rows:
    """VMs and what became of them on the second of two nights."""
    days = (NIGHT, NIGHT + dt.timedelta(days=1))
    sla = [judged(vm, "failed", night=day, job_id=None) for vm, _ in vms for day in days]
    moves = [{"vm": vm, "night": days[1], "change": change, "missed_14": 1} for vm, change in vms]
    return {"sla": sla, "missed_nights": moves}


def usual(now_s: float, usual_s: float) -> Rows:
    """What the transfer of job A takes, and what it took before."""
    more = {"now_s": now_s, "usual_s": usual_s, "more_s": now_s - usual_s, "grade": "A"}
    parts = [{"job_id": "A", "part": part} | more for part in ("job", "transfer")]
    return {"usual_parts": parts, "usual_work": [{"job_id": "A", "nights": 4, "is_weekday": True}]}


def after_a_failure(hresult: str | None) -> Rows:
    """Job A is the second attempt: the first failed, and the second began half an hour after it."""
    failed = job("A-1", vm="A", outcome="failed", hresult=hresult)
    lost = {
        "vm": "A",
        "night": NIGHT,
        "rule": "backup_window",
        "cause": "failed",
        "job_id": "A",
        "part_s": 1800.0,
    }
    return {
        "jobs": [job("A"), failed],
        "night_results": [{"vm": "A", "night": NIGHT, "job_id": "A", "first_job_id": "A-1"}],
        "sla_parts": [lost],
    }


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
    "several advised": {"candidates": [ADVICE | {"recommendation": "several"}]},
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
    # compliance
    "three of four missed": estate(job("A"), sla=[*silence("A", 3), judged("B", "met")]),
    "one missed, one open": estate(job("A"), sla=[judged("A", "failed"), judged("B", "unknown")]),
    "met, missed, met": estate(
        job("A"),
        sla=[
            judged("A", reason, night=NIGHT + dt.timedelta(days=day))
            for day, reason in enumerate(("met", "failed", *["met"] * 28))
        ],
    ),
    # changes
    "four nights": nights_of_jobs(4),
    "three nights": nights_of_jobs(3),
    "twenty-two nights": nights_of_jobs(22, bytes_transferred=10**9),
    "twenty-one nights": nights_of_jobs(21, bytes_transferred=10**9),
    "new, still": changed(*(("N", "new"), ("S", "still"))),
    "resolved": changed(("R", "resolved")),
    "ten new": changed(*((f"N{number}", "new") for number in range(10))),
    # late jobs and what they usually take
    "late, longer than usual": late(("A", "transfer", 0.0)) | usual(3600.0, 1800.0),
    "late, after a failure": late(("A", "transfer", 0.0))
    | usual(3600.0, 3590.0)
    | after_a_failure("0x80042306"),
    "late, after a failure without a number": late(("A", "transfer", 0.0)) | after_a_failure(None),
    "late, as usual": late(("A", "transfer", 0.0)) | usual(3600.0, 3590.0),
    # nights of a report that are not all
    "read, of some nights": {"sources": [SOURCE]},
    "advised, of some nights": {"candidates": [ADVICE | {"recommendation": "guest_level"}]},
    "held up, of some nights": PLANNED_ESTATES["held up by one volume"],
} | PLANNED_ESTATES
# first nights of reports that are not of all
PERIODS = dict.fromkeys(("read, of some nights", "advised, of some nights", "held up, of some nights"), NIGHT)
