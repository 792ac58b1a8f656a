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
