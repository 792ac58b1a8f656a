"""A made-up estate in the derived tables themselves: any size in a second, every outcome, hostile names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from analytics.site import Site
from analytics.sql import find_query, model_queries
from analytics.sql.givens import givens
from analytics.sql.order import named_in
from analytics.tables import TABLES
from tests.database import connection_in, open_database
from tests.report.planned import cause_rows, outlook_rows

ZONE = "Asia/Tokyo"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "=cmd|' /C calc'!A0",
    "経理サーバー01",
    "O'Brien & Söhne",
    "</script><b>x",
    "{{7*7}} ${x} \\u2028\u2028end",
)
FIRST_NIGHT = dt.date(2025, 11, 3)
PARTS = ("prepare", "claim_wait", "snapshot", "post_snapshot", "transfer", "release", "finalize")
Rows = dict[str, list[dict[str, Any]]]


def vm_names(count: int) -> list[str]:
    """Hostile names first, ordinary ones after them."""
    ordinary = [f"VM{number:03d}" for number in range(1, count + 1)]
    return (list(HOSTILE) + ordinary)[:count] if count > 10 else ordinary


def local(night: dt.date, seconds: float) -> dt.datetime:
    """The instant that lies `seconds` after the local midnight on which `night` begins."""
    return dt.datetime.combine(night, dt.time(), ZoneInfo(ZONE)) + dt.timedelta(seconds=round(seconds, 3))


def phases_of(job: dict[str, Any], lengths: dict[str, float], grades: dict[str, str]) -> list[dict[str, Any]]:
    """Turn lengths into adjoining phase rows."""
    rows, at = [], job["started_at"]
    for phase, length in lengths.items():
        end, grade = at + dt.timedelta(seconds=length), grades.get(phase, "A")
        spread = 20.0 if grade in "BC" else 0.0
        rows.append(
            {"job_id": job["job_id"], "vm": job["vm"], "phase": phase, "started_at": at, "ended_at": end}
            | {
                "duration_s": length,
                "duration_min_s": max(0, length - spread),
                "duration_max_s": length + spread,
            }
            | {"grade": grade}
        )
        at = end
    return rows


def lengths_of(
    random: np.random.Generator, transfer_s: float, refusals: int, outcome: str
) -> dict[str, float]:
    """How long each phase takes; a failed job ends in its claim or its snapshot."""
    claim = {"claim_wait": round(refusals * 180 + random.random() * 5, 3)} if refusals else {}
    start = {"prepare": round(3 + 9 * random.random(), 3)} | claim
    if outcome == "failed":
        return start
    rest = {
        "snapshot": 20 + 40 * random.random(),
        "post_snapshot": 1 + 30 * random.random(),
        "transfer": transfer_s,
    }
    rest |= {"release": 4 + 9 * random.random(), "finalize": 10 + 30 * random.random()}
    return start | {name: round(value, 3) for name, value in rest.items()}


def one_night(
    random: np.random.Generator, vm: str, number: int, night: dt.date, base_s: float, rows: Rows
) -> None:
    """Add the job, the phases and the verdict of one VM and one night."""
    dice, job_id = random.random(), f"{number:08d}-{night:%Y-%m%d}-0000-000000000000"
    deadline = local(night, 30 * 3600)
    sla = {"vm": vm, "night": night, "rule": "backup_window", "expected": True, "deadline": deadline}
    if dice < 0.01 or (number == 5 and night.day % 9 == 0):
        rows["sla"].append(
            sla | {"met": False, "reason": "missed", "cause": "not_started", "cause_grade": "A"}
        )
        return
    if dice < 0.015:
        rows["sla"].append(sla | {"expected": None, "met": None, "reason": "no_evidence"})
        return
    outcome = "failed" if dice < 0.03 else "running" if dice > 0.997 else "succeeded"
    refusals = int(random.integers(1, 6)) if random.random() < 0.12 else 0
    lengths = lengths_of(random, base_s * float(random.lognormal(0, 0.25)), refusals, outcome)
    started = local(night, 22 * 3600 + (number % 12) * 1500 + random.random() * 600)
    total = round(sum(lengths.values()), 3)
    ended = None if outcome == "running" else started + dt.timedelta(seconds=total)
    job = {
        "job_id": job_id,
        "vm": vm,
        "vm_from": "job_record",
        "host": f"HV{number % 4 + 1:02d}",
        "level": "host",
    }
    job |= {
        "volume": f"C:\\ClusterStorage\\Volume{number % 6 + 1}\\",
        "kind": "express_full",
        "outcome": outcome,
    }
    job |= {"tracking": "block_compare", "started_at": started, "ended_at": ended, "claim_refusals": refusals}
    job |= {"duration_s": total if ended else None, "evidence": "record+log", "data_source": vm}
    job |= {"protection_group": f"Group {number % 3 + 1}", "queued_s": float(number % 12 * 1500)}
    job |= {"bytes_transferred": int(total * 3e6), "vhd_bytes": int(base_s * 4e7)}
    if outcome == "succeeded" and number % 3 == 0:
        job |= {"delta_t_s": 6.0 + number % 5, "delta_t_min_s": 1.0, "delta_t_max_s": 11.0 + 2 * (number % 5)}
    if outcome == "failed":
        job |= {
            "error_code": 32612,
            "hresult": "0x8007173d",
            "error_text": "The volume is <b>claimed</b> & busy.",
        }
    rows["jobs"].append(job)
    if outcome == "succeeded":
        rows["job_times"].append(data_move(job, night, lengths))
        rows["job_causes"] += cause_rows(job, night, lengths, number)
    rows["job_nights"].append({"job_id": job_id, "night": night})
    if ended:
        rows["phases"] += phases_of(job, lengths, {"claim_wait": "B", "snapshot": "C", "post_snapshot": "C"})
    late = ended is not None and ended > deadline
    reason = {"failed": "failed", "running": "running"}.get(outcome, "late" if late else "met")
    overrun = max(0.0, (ended - deadline).total_seconds()) if ended and outcome == "succeeded" else None
    met = None if reason == "running" else reason == "met"
    sla |= {"met": met, "reason": reason, "finished_at": ended, "overrun_s": overrun, "job_id": job_id}
    if met is False:
        sla |= {"cause": "transfer" if reason == "late" else reason, "cause_s": overrun, "cause_grade": "A"}
    rows["sla"].append(sla)


def data_move(job: dict[str, Any], night: dt.date, lengths: dict[str, float]) -> dict[str, Any]:
    """The row of job_times of a job that ended well."""
    before_s = sum(
        length for phase, length in lengths.items() if PARTS.index(phase) < PARTS.index("transfer")
    )
    moving_us = round((job["started_at"].timestamp() + before_s) * 1e6)
    row = {name: job[name] for name in ("job_id", "vm", "volume", "vhd_bytes")}
    moved_us = moving_us + round(lengths["transfer"] * 1e6)
    row |= {"night": night, "moving_us": moving_us, "moved_us": moved_us}
    row |= {
        f"{name}_us": round(job[f"{at}_at"].timestamp() * 1e6)
        for name, at in (("scheduled", "started"), ("ended", "ended"))
    }
    return row | {"is_full": True, "is_good": True, "is_guest": False, "is_compared": True}


def candidate(vm: str, base_s: float, number: int) -> dict[str, Any]:
    """One row of `candidates`: long block compares gain, short ones do not, every seventh lacks sizes."""
    row = {
        "vm": vm,
        "nights": 28,
        "breaches": int(base_s > 24000),
        "host_p50_s": base_s,
        "host_p90_s": base_s * 1.4,
    }
    row |= {"limit_s": 28800.0, "fit_jobs": 28, "scan_share": 0.8, "grade": "C"}
    if number % 7 == 3:
        return row | {"recommendation": "not_enough_data", "reason": "no_disk_size", "grade": "D"}
    row |= {"guest_p50_s": base_s * 0.15, "guest_low_s": base_s * 0.08, "guest_high_s": base_s * 0.3}
    row |= {"saving_s": base_s * 0.85}
    if base_s > 15000:
        return row | {"recommendation": "guest_level", "reason": "scan_dominates", "late": 20}
    return row | {"recommendation": "none", "reason": "meets_window"}


def failure_rows(rows: Rows) -> list[dict[str, Any]]:
    """One row per failed job, every second one with an event beside it and a hostile operation in it."""
    night_of = {row["job_id"]: row["night"] for row in rows["job_nights"]}
    columns = ("job_id", "vm", "host", "outcome", "error_code", "hresult", "error_text")
    failed = [job for job in rows["jobs"] if job["outcome"] == "failed"]
    return [
        {name: job[name] for name in columns}
        | {"night": night_of[job["job_id"]], "phase": "claim_wait", "events": place % 2}
        | {
            "explanation": "A backup was in progress on the Cluster Shared Volume.",
            "explanation_source": "KB 2549533",
        }
        | {
            "event_list": f"22:01 {job['host']} VSS/8193 {HOSTILE[1]}; 22:02 DPM01 DPM-EM/3114"
            if place % 2
            else None
        }
        for place, job in enumerate(failed)
    ]


def clock_rows(names: list[str]) -> list[dict[str, Any]]:
    """Every third guest has a clock that is bounded; the first of them was set."""
    return [
        {"vm": vm, "jobs": 9, "offset_low_us": -4_000_000 + number * 1_000_000}
        | {"offset_high_us": 5_000_000 + number * 1_000_000, "is_constant": number > 0}
        for number, vm in enumerate(names[::3])
    ]


def coverage_rows(nights: list[dt.date]) -> list[dict[str, Any]]:
    """Three hosts with complete logs, one whose errlog is missing for some nights and whose Security log has gaps."""
    kinds = ("errlog:DPMRA", "job_records", "events:Security")
    cut = {"status": "partial", "gaps": 7, "note": "ids_missing"}
    return [
        {"host": f"HV{host:02d}", "night": night, "log_kind": kind, "records": 0 if gap else 5000, "jobs": 10}
        | {"status": "missing" if gap else "present"}
        | (cut if host == 3 and kind == kinds[2] else {})
        for host in range(1, 5)
        for night in nights
        for kind in kinds
        for gap in [host == 3 and kind == kinds[0] and night.day % 5 == 0]
    ]


def source_rows() -> list[dict[str, Any]]:
    """Four sources, one of them with rejects."""
    return [
        {
            "source_id": f"{number:016x}",
            "path": f"C:\\logs\\HV{number:02d}\\DPMRACurr.errlog",
            "format": "dpm-errlog",
        }
        | {"host": f"HV{number:02d}", "size_bytes": 4_000_000 * number, "records_read": 50_000 + bad}
        | {
            "records_stored": 49_000,
            "records_duplicate": 1000,
            "records_rejected": bad,
            "records_filtered": 0,
        }
        for number, bad in ((1, 0), (2, 0), (3, 17), (4, 0))
    ]


def reject_rows() -> list[dict[str, Any]]:
    """Seventeen lines that could not be read, with a hostile excerpt."""
    return [
        {
            "source_id": f"{3:016x}",
            "path": "C:\\logs\\HV03\\DPMRACurr.errlog",
            "line_no": line,
            "byte_offset": line * 100,
        }
        | {"reason": "time of the record cannot be read (expected MM/DD hh:mm:ss.fff)", "excerpt": HOSTILE[0]}
        for line in range(1, 18)
    ]


def estate_rows(vms: int, nights: int, seed: int = 1) -> Rows:
    """All rows of an estate of `vms` VMs over `nights` nights."""
    random = np.random.default_rng(seed)
    names, dates = vm_names(vms), [FIRST_NIGHT + dt.timedelta(days=number) for number in range(nights)]
    rows: Rows = {"jobs": [], "phases": [], "sla": [], "job_nights": [], "candidates": []}
    rows |= {"job_times": [], "job_causes": []}
    for number, vm in enumerate(names):
        base_s = 600 + float(random.lognormal(8.1, 0.9))
        rows["candidates"].append(candidate(vm, base_s, number))
        for night in dates:
            one_night(random, vm, number, night, base_s, rows)
    rows |= {"failures": failure_rows(rows), "guest_clocks": clock_rows(names)}
    rows |= outlook_rows(names, dates[-1], ZoneInfo(ZONE))
    return rows | {"coverage": coverage_rows(dates), "sources": source_rows(), "rejects": reject_rows()}


# what the model itself makes of the rows
COMPUTED = ("computers", "vm_homes")

SITE = {
    "time_zone": ZONE,
    "window_start": dt.time(22),
    "window_end": dt.time(6),
    "night_shift_s": 50400,
}


def with_nights(rows: Rows) -> Rows:
    """The rows, with the nights of the jobs as nights of the store where none are given."""
    nights = sorted({row["night"] for row in (*rows.get("job_nights", []), *rows.get("sla", []))})
    return {"nights": [{"night": night} for night in nights]} | rows


@cache
def _blank() -> duckdb.DuckDBPyConnection:
    """A database of which each table is empty, but for what no log says."""
    database = open_database()
    tables = {name: table.schema.empty_table() for name, table in TABLES.items() if name not in COMPUTED}
    for name, arrow in (tables | {name: make() for name, make in givens(Site()).items()}).items():
        database.register("given", arrow)
        database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
        database.unregister("given")
    return database


def connect(rows: Rows) -> duckdb.DuckDBPyConnection:
    """A connection that finds `rows` in front of what else stands in the tables."""
    connection = connection_in(_blank(), ZONE)
    given = with_nights(rows) | {"site": [SITE]}
    given.setdefault("job_base", given.get("jobs", []))
    for name in given.keys() - {*COMPUTED}:
        connection.register("given", pa.Table.from_pylist(given[name], schema=TABLES[name].schema))
        connection.execute(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM given')
        connection.unregister("given")
    for name in COMPUTED:
        connection.execute(f"CREATE TEMP VIEW {name} AS {model_queries()[name].sql}")
    return connection


@dataclass(frozen=True)
class EstateSession:
    """Named queries over the tables of an estate, as analytics.sql.Session runs them over a store."""

    connection: duckdb.DuckDBPyConnection
    site: Site
    filled: frozenset[str]
    """The tables that hold rows of the estate."""

    def run(self, name: str, /, **parameters: Any) -> pa.Table:
        """Run a query of the catalogue with its parameters bound; one that reads nothing but empty tables, once."""
        if not self.filled or named_in(find_query(name).sql) & self.filled:
            return self.connection.sql(find_query(name).sql, params=parameters).to_arrow_table()
        return _of_nothing(name, tuple(parameters.items()))


@cache
def _of_nothing(name: str, parameters: tuple[tuple[str, Any], ...]) -> pa.Table:
    return session_of({}).run(name, **dict(parameters))


def estate_session(vms: int, nights: int, seed: int = 1) -> EstateSession:
    """A session over an estate of that size."""
    return session_of(estate_rows(vms, nights, seed))


def session_of(rows: Rows) -> EstateSession:
    """A session over these rows."""
    filled = {name for name, table in with_nights(rows).items() if table}
    if "jobs" in filled:
        filled.add("job_base")
    return EstateSession(
        connect(rows), Site(time_zone=ZONE), frozenset({*filled, *COMPUTED} if filled else ())
    )
