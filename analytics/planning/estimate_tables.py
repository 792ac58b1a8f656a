"""Rows of the planned tables that rest on rates: causes of a job's time, bottlenecks, predictions, guest level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.arrow import column_of, floats_of, texts, wholes_of
from analytics.planning.bottlenecks import bottlenecks
from analytics.planning.causes import CAUSES, JobCauses
from analytics.planning.estimates import Estimates
from analytics.planning.jobs import Floats, Ints, Jobs
from analytics.planning.pilot import pilot
from analytics.planning.predict import Due, predicted
from analytics.planning.sample import medians_by
from analytics.planning.table_rows import rows_of
from analytics.sql import Ask
from analytics.tables.planned import (
    BOTTLENECKS,
    GUEST_ESTIMATES,
    JOB_CAUSES,
    PREDICTIONS,
    TRANSFER_RATES,
)
from analytics.tables.vocabulary import GRADES

__all__ = ["bottlenecks_of", "guest_estimates_of", "job_causes_of", "predictions_of", "transfer_rates_of"]

_MOST_NAMED = 5
_US = 1e6


def job_causes_of(ask: Ask, known: Estimates) -> pa.Table:
    """The table job_causes: what is known of each job and is not 0."""
    jobs, found = known.jobs, known.causes
    at, cause = np.nonzero(np.nan_to_num(found.seconds) != 0)
    low_s, high_s, grade = _as_sure_as_phases(ask("phases"), jobs, found)
    waits = [
        _holders(jobs, found, int(job)) if CAUSES[which] == "claim_wait" else None
        for job, which in zip(at, cause, strict=True)
    ]
    job, place = column_of(at, pa.int64()), column_of(jobs.vm[at], pa.int64())
    columns = {
        "job_id": texts(jobs.job_id).take(job),
        "vm": texts(jobs.vms).take(place),
        "night": column_of(jobs.night[at], pa.date32()),
        "cause": texts(CAUSES).take(column_of(cause, pa.int64())),
        "duration_s": column_of(found.seconds[at, cause], pa.float64()),
        "low_s": column_of(low_s[at, cause], pa.float64()),
        "high_s": column_of(high_s[at, cause], pa.float64()),
        "waited_for": texts(waits),
        "reason": texts(found.reason).take(job),
        "grade": texts(GRADES.names).take(column_of(grade[at, cause], pa.int64())),
    }
    return pa.Table.from_arrays([columns[name] for name in JOB_CAUSES.column_names], schema=JOB_CAUSES.schema)


def _as_sure_as_phases(phases: pa.Table, jobs: Jobs, found: JobCauses) -> tuple[Floats, Floats, Ints]:
    """Ends and places of the grade, (jobs, causes): a phase is as sure as the log is of its boundaries.

    The queue ends where the record says so; the rest goes by the rates.
    """
    low_s, high_s = found.low_s.copy(), found.high_s.copy()
    rated = wholes_of(pa.chunked_array([pc.index_in(texts(found.grade), value_set=texts(GRADES.names))]))
    grade = np.repeat(rated[:, None], len(CAUSES), axis=1)
    grade[:, CAUSES.index("queue")] = 0
    job = wholes_of(pc.index_in(phases["job_id"], value_set=texts(jobs.job_id)))
    cause = wholes_of(pc.index_in(phases["phase"], value_set=texts(CAUSES)))
    known = (job >= 0) & (cause >= 0)
    place = job[known], cause[known]
    least_s, most_s = (floats_of(phases[f"duration_{end}_s"])[known] for end in ("min", "max"))
    low_s[place] = np.fmin(least_s, low_s[place])
    high_s[place] = np.fmax(most_s, high_s[place])
    grade[place] = wholes_of(pc.index_in(phases["grade"], value_set=texts(GRADES.names)))[known]
    return low_s, high_s, grade


def _holders(jobs: Jobs, found: JobCauses, job: int) -> str | None:
    """For whom a job waited: VM, job and seconds, the longest first; of many the first five."""
    held = found.waits.waited_for[job]
    named = [
        f"{jobs.vms[jobs.vm[other]]} {jobs.job_id[other]} {seconds:.0f} s"
        for other, seconds in held[:_MOST_NAMED]
    ]
    more = [f"+{len(held) - _MOST_NAMED}"] if len(held) > _MOST_NAMED else []
    return "; ".join([*named, *more]) or None


def bottlenecks_of(_ask: Ask, known: Estimates) -> pa.Table:
    """The table bottlenecks."""
    jobs = known.jobs
    found = bottlenecks(jobs, known.rates, known.causes)
    rows = [
        {
            "vm": vm,
            "bottleneck": found.kind[at],
            "confidence": float(found.confidence[at]),
            **{
                f"{name}_share": float(found.share[at, place])
                for place, name in enumerate(("volume", "server", "queue", "host_cap"))
            },
        }
        for at, vm in enumerate(jobs.vms)
    ]
    return rows_of(rows, BOTTLENECKS.schema)


def transfer_rates_of(_ask: Ask, known: Estimates) -> pa.Table:
    """The table transfer_rates."""
    jobs, rates = known.jobs, known.rates
    is_moved = ~jobs.is_guest & jobs.is_good & ~np.isnan(jobs.transfer_s)
    rows = []
    for at, volume in enumerate(jobs.volumes):
        own = is_moved & (jobs.volume == at)
        is_told = rates.is_scan_known[at]
        low, high = _ends(rates.scan_s_per_gb[:, at]) if is_told else (np.nan, np.nan)
        rows.append(
            {
                "volume": volume,
                "jobs": int(own.sum()),
                "vms": len(np.unique(jobs.vm[own])),
                "nights": len(np.unique(jobs.night[own])),
                "scan_s_per_gb": float(rates.scan_s_per_gb[0, at]) if is_told else np.nan,
                "scan_low_s_per_gb": low,
                "scan_high_s_per_gb": high,
                "sent_bound_s_per_gb": float(rates.sent_bound_s_per_gb[at]),
                "volume_contention": float(rates.volume_contention[0, at]),
                "changed_on": None if rates.changed_on[at] < 0 else int(rates.changed_on[at]),
                "reason": rates.reason[at],
                "grade": rates.grade[at],
            }
        )
    return rows_of(rows, TRANSFER_RATES.schema)


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    return float(low), float(high)


def predictions_of(ask: Ask, known: Estimates) -> pa.Table:
    """The table predictions: the VMs of next_nights that have jobs."""
    jobs, rows = known.jobs, ask("next_nights")
    places = {vm: place for place, vm in enumerate(jobs.vms)}
    vms = [places.get(vm, -1) for vm in rows["vm"].to_pylist()]
    rows = rows.filter(column_of([vm >= 0 for vm in vms], pa.bool_()))
    due = Due(
        np.array([vm for vm in vms if vm >= 0], dtype=np.int64),
        wholes_of(rows["night"]),
        floats_of(rows["closes_at"].cast(pa.int64()), _US),
        floats_of(rows["max_duration_s"]),
    )
    if not len(due.vm):
        return PREDICTIONS.schema.empty_table()
    found = predicted(jobs, known.rates, due, known.hits)
    told = [
        {
            "vm": jobs.vms[vm],
            "night": int(due.night[at]),
            "transfer_p50_s": float(found.transfer_p50_s[at]),
            "low_s": float(found.low_s[at]),
            "high_s": float(found.high_s[at]),
            "finish_p50_at": _moment(float(found.finish_p50_s[at])),
            "p_meets": float(found.p_meets[at]),
            "hit_share": found.hit_rate.share,
            "hit_jobs": found.hit_rate.jobs,
            "reason": found.reason[at],
            "grade": found.grade[at],
        }
        for at, vm in enumerate(due.vm)
    ]
    return rows_of(told, PREDICTIONS.schema)


def _moment(seconds: float) -> int | None:
    return None if np.isnan(seconds) else round(seconds * _US)


def guest_estimates_of(_ask: Ask, known: Estimates) -> pa.Table:
    """The table guest_estimates: VMs with a backup at host level whose changes are not tracked."""
    jobs = known.jobs
    is_host = np.zeros(len(jobs.vms), dtype=bool)
    is_host[jobs.vm[jobs.is_good & ~jobs.is_guest & jobs.is_compared]] = True
    if not is_host.any():
        return GUEST_ESTIMATES.schema.empty_table()
    found = known.guest
    low_s, p50_s, high_s = found.low_s, found.p50_s, found.high_s
    first = {int(vm) for vm in pilot(jobs, found, _host_s(jobs), is_host).vms}
    rows: list[dict[str, Any]] = [
        {
            "vm": jobs.vms[vm],
            "guest_p50_s": float(p50_s[vm]),
            "guest_low_s": float(low_s[vm]),
            "guest_high_s": float(high_s[vm]),
            "first_replica_s": float(found.first_replica_s[vm]),
            "is_pilot": int(vm) in first,
            "reason": found.reason[vm],
            "grade": found.grade[vm],
        }
        for vm in np.flatnonzero(is_host)
    ]
    return rows_of(rows, GUEST_ESTIMATES.schema)


def _host_s(jobs: Jobs) -> Floats:
    """(vms,): median length of each VM's backups at host level, NaN where it has none."""
    taken = jobs.is_good & jobs.is_full & ~jobs.is_guest
    return medians_by(jobs.vm, np.where(taken, jobs.ended_s - jobs.started_s, np.nan), len(jobs.vms))
