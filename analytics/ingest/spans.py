"""Which times and which event logs a source covers: what it may share records with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from analytics.tables import TABLES
from analytics.tables.equal import GUESSED

Logs = frozenset[tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A stored source of a table with time: its host, how that is known, and the time its records cover.

    `logs` are the event logs (computer, channel) that it holds records of, None where that is not known;
    `is_staged` tells that its rows lie in the transaction under way.
    """

    source_id: str
    host: str | None
    host_from: str | None
    first_at: datetime
    last_at: datetime
    logs: Logs | None = None
    is_staged: bool = False

    def holds_any(self, logs: Logs | None) -> bool:
        """Whether it may hold records of these logs."""
        return logs is None or self.logs is None or not self.logs.isdisjoint(logs)

    def is_of(self, host: str | None, host_from: str | None) -> bool:
        """Whether it may be of the same computer: a name guessed from a folder tells no two apart.

        Events name their computer themselves; where a file lay says nothing.
        """
        return self.logs is not None or self.host == host or self.host_from == host_from == GUESSED


def logs_of(table: str, rows: pa.RecordBatch) -> Logs | None:
    """The event logs (computer, channel) that rows of `events` come from; None for other tables."""
    if table != "events":
        return None
    return _logs_in([rows.select(["host", "channel"])])


def _logs_in(batches: Iterable[pa.RecordBatch]) -> Logs:
    """The event logs in columns host and channel."""
    pairs = pa.Table.from_batches(batches).group_by(["host", "channel"]).aggregate([])
    return frozenset(zip(pairs["host"].to_pylist(), pairs["channel"].to_pylist(), strict=True))


def time_span(table: str, rows: pa.RecordBatch) -> tuple[datetime | None, datetime | None]:
    """Earliest and latest time of rows, None for rows without time."""
    import pyarrow.compute as pc

    time = TABLES[table].time
    if time is None or len(rows) == 0:
        return None, None
    ends = pc.min_max(rows.column(time))
    return ends["min"].as_py(), ends["max"].as_py()
