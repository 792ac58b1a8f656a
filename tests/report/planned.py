"""Rows of the planned tables for a made-up estate."""

from __future__ import annotations

import datetime as dt
from typing import Any

Row = dict[str, Any]

# parts of a data move; every fifth VM's cannot be told apart
_PARTS = {"scan": 0.7, "volume_contention": 0.12, "changed_data": 0.1}
_PHASES = ("claim_wait", "snapshot", "post_snapshot", "release", "finalize")


def cause_rows(job: Row, night: dt.date, lengths: dict[str, float], number: int) -> list[Row]:
    """What the time of a job that ended well went to."""
    is_open = number % 5 == 4
    told = (
        {"reason": "no_sizes", "grade": "D"} if is_open else {"reason": "own_fit", "grade": "BC"[number % 2]}
    )
    parts = {name: lengths[name] for name in _PHASES if name in lengths} | {"overhead": lengths["prepare"]}
    if not is_open:
        # of some VMs the parts are longer than the whole
        parts |= {name: share * lengths["transfer"] * (1 + number % 3 / 10) for name, share in _PARTS.items()}
    parts["unexplained"] = sum(lengths.values()) - sum(parts.values())
    return [
        {"job_id": job["job_id"], "vm": job["vm"], "night": night, "cause": cause}
        | {"duration_s": length_s, "low_s": 0.8 * length_s, "high_s": 1.2 * length_s}
        | told
        for cause, length_s in parts.items()
    ]


def outlook_rows(names: list[str], last: dt.date, zone: dt.tzinfo) -> dict[str, list[Row]]:
    """The next night, forecasts, changes, bottlenecks and rates of an estate; every seventh VM is not predicted."""
    night = last + dt.timedelta(days=1)
    closes = dt.datetime.combine(night + dt.timedelta(days=1), dt.time(6), zone)
    kinds = ("volume", "server", "queue", "none", "not_enough_data")
    return {
        "next_nights": [{"vm": vm, "night": night, "closes_at": closes} for vm in names],
        "predictions": [_prediction(vm, number, night, closes) for number, vm in enumerate(names)],
        "forecasts": [_forecast(vm, number, last) for number, vm in enumerate(names)],
        "proofs": [_proof(vm, number, last) for number, vm in enumerate(names) if number % 4 == 1],
        "guest_estimates": [
            {
                "vm": vm,
                "guest_p50_s": 900.0,
                "guest_low_s": 400.0,
                "guest_high_s": 2000.0,
                "first_replica_s": 9000.0,
            }
            | {"is_pilot": number in (1, 2, 3), "grade": "C", "reason": "no_guest_jobs"}
            for number, vm in enumerate(names)
        ],
        "bottlenecks": [
            {"vm": vm, "bottleneck": kinds[number % 5], "confidence": 0.9}
            | {"volume_share": 0.3, "server_share": 0.1, "queue_share": 0.0, "host_cap_share": 0.0}
            for number, vm in enumerate(names)
        ],
        "transfer_rates": [
            {"volume": f"C:\\ClusterStorage\\Volume{number + 1}\\", "jobs": 40, "vms": 5, "nights": 9}
            | {
                "scan_s_per_gb": 9.0,
                "scan_low_s_per_gb": 8.0,
                "scan_high_s_per_gb": 11.0,
                "volume_contention": 0.4,
            }
            | {"reason": "own_fit", "grade": "B", "changed_on": last if number == 2 else None}
            for number in range(6)
        ],
    }


def _prediction(vm: str, number: int, night: dt.date, closes: dt.datetime) -> Row:
    row = {"vm": vm, "night": night, "hit_share": 0.91, "hit_jobs": 120}
    if number % 7 == 6:
        return row | {"reason": "no_jobs", "grade": "D"}
    length_s = 1200.0 * (1 + number % 15)
    row |= {"transfer_p50_s": length_s, "low_s": 0.7 * length_s, "high_s": 1.6 * length_s}
    row |= {"finish_p50_at": closes - dt.timedelta(seconds=22000 - length_s), "reason": "own_nights"}
    return row | {"p_meets": 0.99 - 0.05 * (number % 15), "grade": "ABC"[number % 3]}


def _forecast(vm: str, number: int, last: dt.date) -> Row:
    row = {"vm": vm, "rule": "backup_window", "limit_s": 28800.0, "level_s": 9000.0}
    if number % 3:
        said = (("no_trend", "disks_do_not_grow"), ("not_enough_data", "few_sizes"))[number % 3 - 1]
        return row | dict(zip(("verdict", "reason"), said, strict=True)) | {"grade": "D"}
    days = {"breaks_on": 60 + 5 * number, "low": 40 + 4 * number, "high": 90 + 8 * number}
    row |= {name: last + dt.timedelta(days=length) for name, length in days.items()}
    return row | {"verdict": "trend", "reason": "disks_grow", "grade": "B"}


def _proof(vm: str, number: int, last: dt.date) -> Row:
    row = {"vm": vm, "changed_on": last - dt.timedelta(days=9), "what": "guest_level", "nights_matched": 9}
    row |= {"before_p50_s": 9000.0 + number, "after_p50_s": 1500.0, "change_s": -7400.0 - number}
    row |= {"low_s": -7900.0, "high_s": -6800.0, "neighbours_change_s": -600.0}
    return row | {"reason": "matched_nights", "grade": "B"}
