"""What every reader of job records checks and derives."""

from __future__ import annotations

from datetime import timedelta

from analytics.formats.reading.batching import Row
from analytics.formats.reading.values import CellError

_STATED = (
    "task_id",
    "dpm_job_id",
    "status",
    "category",
    "data_source",
    "started_at",
    "ended_at",
    "error_text",
)


def checked_job(row: Row) -> Row:
    """A complete job record; CellError where it states nothing or ends before it starts."""
    if not any(row.get(name) is not None for name in _STATED):
        raise CellError("the record states neither id, status, data source nor time")
    started, ended = row.get("started_at"), row.get("ended_at")
    if started and ended and ended < started:
        raise CellError(
            f"the end {ended:%Y-%m-%dT%H:%M:%SZ} lies before the start {started:%Y-%m-%dT%H:%M:%SZ}"
        )
    row.setdefault("record_kind", "job")
    return row


def with_times_completed(row: Row) -> Row:
    """Derive start or end from the other one and the elapsed time, where the record states both."""
    started, ended, elapsed_s = row.get("started_at"), row.get("ended_at"), row.get("duration_s")
    try:
        if elapsed_s is not None and started and not ended:
            row["ended_at"] = started + timedelta(seconds=elapsed_s)
        elif elapsed_s is not None and ended and not started:
            row["started_at"] = ended - timedelta(seconds=elapsed_s)
    except OverflowError:
        raise CellError(f"an elapsed time of {elapsed_s:.0f} s is impossible") from None
    return row
