"""One value of a result as text: for people, for CSV, for JSON."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from analytics.harmless import cell_time, harmless_cell, visible

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INFINITIES = {2**63 - 1, 1 - 2**63, 2**31 - 1, 1 - 2**31}  # of DuckDB, in microseconds and in days


def values_of(column: Any) -> list[Any]:
    """The values of an Arrow column as Python has them; moments beyond its calendar (infinity) as text."""
    try:
        return _moments(column) if str(column.type).startswith("timestamp[us") else list(column.to_pylist())
    except (OverflowError, ValueError, KeyError):
        return [_within_calendar(scalar) for scalar in column]


def _moments(column: Any) -> list[datetime | None]:
    """Not by to_pylist(): that of moments imports pandas, which takes longer than all the rest of a small query."""
    zone = ZoneInfo(column.type.tz) if column.type.tz else None
    moments = (
        us if us is None else _EPOCH + timedelta(microseconds=us) for us in column.cast("int64").to_pylist()
    )
    return [
        moment and (moment.astimezone(zone) if zone else moment.replace(tzinfo=None)) for moment in moments
    ]


def _within_calendar(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError, KeyError):
        value = getattr(scalar, "value", None)
        if value in _INFINITIES:
            return "infinity" if value > 0 else "-infinity"
        return "(beyond the calendar)"


def for_people(value: Any) -> str:
    """A short form: NULL as -, times without zone, at most three decimals; nothing moves the cursor."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", _shortest_timespec(value))
    if isinstance(value, (float, Decimal)):
        return _short_number(value)
    return visible(value if isinstance(value, str) else str(for_json(value)))


def for_csv(value: Any, *, for_spreadsheet: bool = False) -> str:
    """ISO times, full numbers, NULL and what JSON lacks as nothing, texts as `harmless_cell` has them.

    A spreadsheet takes no ISO time with an offset for a time: it gets the wall time.
    """
    if isinstance(value, str):
        return harmless_cell(value)
    if for_spreadsheet and isinstance(value, datetime):
        return cell_time(value)
    value = for_json(value)
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def for_json(value: Any) -> Any:
    """A value that JSON can hold; NaN and infinities, which JSON lacks, become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): for_json(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_json(entry) for entry in value]
    return value if isinstance(value, (str, int, type(None))) else str(value)


def _shortest_timespec(value: datetime) -> str:
    if value.microsecond % 1000:
        return "microseconds"
    return "milliseconds" if value.microsecond else "seconds"


def _short_number(value: float | Decimal) -> str:
    number = float(value)
    if not math.isfinite(number):
        return str(number)
    if number and not 1e-3 <= abs(number) < 1e15:
        return f"{number:.4g}"
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
