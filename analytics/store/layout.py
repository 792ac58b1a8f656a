"""Where things lie in a store, and which names a part may have."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from analytics.tables import TABLES

__all__ = ["STAGING", "UNDATED", "week_of", "weeks_between"]


STORE_FILE = "store.json"
STORE_FORMAT = 2
LOCK_FILE = "write.lock"
STAGING = "_staging"
MANIFESTS = "_manifests"
READERS = "_readers"
UNDATED = "undated"
_DAY_US = 86_400_000_000
_MONDAY_BEFORE_1970_DAYS = -3
TRANSACTION_ID = re.compile(r"[0-9a-f]{16}")
# Table, partition, id of the transaction and number of the part: nothing that could lead out of the store anywhere.
PART_NAME = re.compile(
    r"(?P<table>[a-z][a-z_]{0,40})/(week=(\d{4}-W\d{2}|undated)/)?(?P<id>[0-9a-f]{8,64})(-ends)?\.parquet"
)
# Last records of logs lie in parts of their own: a longer copy may tell them otherwise, and replacing them is cheap.
ENDS = "-ends"


def partition_folder(table: str, week: str | None) -> str:
    """Folder of a part, relative to the store: `trace/week=2026-W47`, or just the table's name."""
    return f"{table}/week={week}" if week else table


def holds_ends(file: Path) -> bool:
    """Whether a part holds the last records of logs."""
    return file.stem.endswith(ENDS)


def is_partitioned(table: str) -> bool:
    """Whether the table is cut into ISO weeks."""
    return TABLES[table].time is not None


def _iso_week(number: int) -> str:
    """`2026-W47` for a week number counted from the Monday before 1970."""
    day = date.fromordinal(date(1970, 1, 1).toordinal() + _MONDAY_BEFORE_1970_DAYS + 7 * number)
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_of(file: Path) -> str | None:
    """The week that a part belongs to, by its folder; None for tables without time."""
    name = file.parent.name
    return name.removeprefix("week=") if name.startswith("week=") else None


def transaction_of(name: str) -> str:
    """The id of the transaction that wrote a part, by the part's name."""
    return name.rpartition("/")[2][:16]


def weeks_between(first: datetime, last: datetime) -> frozenset[str]:
    """All ISO weeks that a span of time touches."""
    numbers = [
        int((moment.timestamp() * 1e6 // _DAY_US - _MONDAY_BEFORE_1970_DAYS) // 7) for moment in (first, last)
    ]
    return frozenset(_iso_week(number) for number in range(numbers[0], numbers[1] + 1))


def by_week(table: str, rows: pa.RecordBatch) -> list[tuple[str | None, pa.RecordBatch]]:
    """Cut rows into (ISO week in UTC, rows); tables without time stay whole."""
    time = TABLES[table].time
    if time is None:
        return [(None, rows)]
    column = rows.column(rows.schema.get_field_index(time))
    if column.null_count:
        dated, undated = rows.filter(column.is_valid()), rows.filter(column.is_null())
        return [*(by_week(table, dated) if len(dated) else []), (UNDATED, undated)]
    days = column.cast(pa.int64()).to_numpy() // _DAY_US
    weeks = (days - _MONDAY_BEFORE_1970_DAYS) // 7
    numbers = np.unique(weeks)
    if len(numbers) == 1:
        return [(_iso_week(int(numbers[0])), rows)]
    return [(_iso_week(int(number)), rows.filter(pa.array(weeks == number))) for number in numbers]
