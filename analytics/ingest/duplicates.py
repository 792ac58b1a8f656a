"""Telling records that the store holds already from new ones, by their content and not by a high-water mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.store import Store
from analytics.store.layout import DAY_US, MONDAY_BEFORE_1970_DAYS, iso_week
from analytics.tables import HOST_KEYS, TABLES

PLACE_COLUMNS = {"source_id", "line_no", "record_no", "host_from"}
NO_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# So many records in the same span of time, none in common: two logs, not two copies that differ at a seam.
ENOUGH_ROWS = 100
GUESSED = "folder"
COMPARED_WITHOUT_TIME = ("job_records", "vms", "collections")


Logs = frozenset[tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A stored source of a table with time: its host, how that is known, and the time its records cover.

    `logs` are the event logs (computer, channel) that it holds records of, None where that is not known.
    """

    source_id: str
    host: str | None
    host_from: str | None
    first_at: datetime
    last_at: datetime
    logs: Logs | None = None

    def holds_any(self, logs: Logs | None) -> bool:
        """Whether it may hold records of these logs."""
        return logs is None or self.logs is None or not self.logs.isdisjoint(logs)


@dataclass
class DuplicateFinder:
    """Finds the records of one new source that other sources brought already.

    Sources are compared where their times overlap; the first overlapping batch decides whether two sources share
    records at all (a grown or rotated copy does, the log of another service does not).
    """

    store: Store
    host: str | None
    host_from: str | None
    spans: list[StoredSpan]
    related: set[str] = field(default_factory=set)
    unrelated: set[str] = field(default_factory=set)
    connection: Any = None

    def may_share(self, span: StoredSpan) -> bool:
        """Whether a stored source may be of the same computer: a name guessed from a folder tells no two apart.

        Events name their computer themselves; where a file lay says nothing.
        """
        return span.logs is not None or span.host == self.host or self.host_from == span.host_from == GUESSED

    def overlapping(self, first: datetime, last: datetime, logs: Logs | None = None) -> list[StoredSpan]:
        """Stored sources of this host that cover part of a time span and are not known to be unrelated."""
        return [
            span
            for span in self.spans
            if self.may_share(span)
            and span.first_at <= last
            and span.last_at >= first
            and span.source_id not in self.unrelated
            and span.holds_any(logs)
        ]

    def new_rows(self, table: str, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that the store lacks; equal rows count as often as they occur."""
        if len(rows) == 0 or not (table in COMPARED_WITHOUT_TIME or TABLES[table].time):
            return rows
        if TABLES[table].time is None:
            return self._not_among(rows, table, self.store.files(table), [])
        first, last = time_span(rows, table)
        if first is None or last is None:
            return rows
        spans = self.overlapping(first, last, logs_of(table, rows))
        if not spans:
            return rows
        files = _files_between(self.store, table, first, last)
        if not files:
            return rows
        kept = self._not_among(rows, table, files, [span.source_id for span in spans], first, last)
        self._learn(files, len(kept) < len(rows), spans, first, last)
        return kept

    def _learn(
        self,
        files: list[Path],
        has_common: bool,
        spans: Iterable[StoredSpan],
        first: datetime,
        last: datetime,
    ) -> None:
        """A source with records in the same span of time and none in common is unrelated."""
        if has_common:
            self.related.update(span.source_id for span in spans)
            return
        for span in spans:
            if span.source_id not in self.related and self._has_rows(files, span.source_id, first, last):
                self.unrelated.add(span.source_id)

    def _has_rows(self, files: list[Path], source_id: str, first: datetime, last: datetime) -> bool:
        found = self._duckdb().execute(
            f"SELECT count(*) >= {ENOUGH_ROWS} FROM read_parquet($files, union_by_name = true)"
            ' WHERE source_id = $source_id AND "at" BETWEEN $first AND $last',
            {"files": [str(file) for file in files], "source_id": source_id, "first": first, "last": last},
        )
        # drained: an open result refuses the next register (DuckDB 2.0.1)
        return bool(found.fetchall()[0][0])

    def _not_among(
        self,
        rows: pa.RecordBatch,
        table: str,
        files: list[Path],
        source_ids: list[str],
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> pa.RecordBatch:
        if not files:
            return rows
        connection = self._duckdb()
        connection.register("incoming", pa.Table.from_batches([rows]))
        try:
            return _one_batch(
                connection.sql(
                    _anti_join(table, bool(source_ids)),
                    params={
                        "files": [str(file) for file in files],
                        **_span_parameters(source_ids, first, last),
                    },
                ).to_arrow_table(),
                rows.schema,
            )
        finally:
            connection.unregister("incoming")

    def _duckdb(self) -> Any:
        if self.connection is None:
            import duckdb

            self.connection = duckdb.connect(config=NO_EXTENSIONS)
            self.connection.execute("SET TimeZone = 'UTC'")
        return self.connection


def _span_parameters(source_ids: list[str], first: datetime | None, last: datetime | None) -> dict[str, Any]:
    return {"source_ids": source_ids, "first": first, "last": last} if source_ids else {}


def _anti_join(table: str, with_span: bool) -> str:
    """Rows of `incoming` beyond the number of equal rows in the stored files; places and sources do not count."""
    columns = set(TABLES[table].column_names)
    # keys of computers follow from their names, and older parts lack them
    left_out = PLACE_COLUMNS | set(HOST_KEYS.get(table, ()))
    keys = [name for name in TABLES[table].column_names if name not in left_out]
    order = "line_no" if "line_no" in TABLES[table].column_names else "record_no"
    order = order if order in TABLES[table].column_names else keys[0]
    listed = ", ".join(f'{_compared(key, columns)} AS "{key}"' for key in keys)
    matched = " AND ".join(f'{_compared(key, columns, "n.")} IS NOT DISTINCT FROM o."{key}"' for key in keys)
    partition = ", ".join(_compared(key, columns) for key in keys)
    where = (
        'WHERE list_contains($source_ids, source_id) AND "at" BETWEEN $first AND $last' if with_span else ""
    )
    return f"""
        WITH old AS (
            SELECT {listed}, count(*) AS copies FROM read_parquet($files, union_by_name = true) {where} GROUP BY ALL
        ), new AS (
            SELECT *, row_number() OVER (PARTITION BY {partition} ORDER BY "{order}") AS copy FROM incoming
        )
        SELECT n.* EXCLUDE (copy) FROM new AS n LEFT JOIN old AS o ON {matched}
        WHERE n.copy > coalesce(o.copies, 0) ORDER BY "{order}"
    """


def _compared(key: str, columns: set[str], prefix: str = "") -> str:
    """A column as it is compared: a host that is only guessed counts as unknown."""
    if key == "host" and "host_from" in columns:
        return f"CASE WHEN {prefix}host_from = '{GUESSED}' THEN NULL ELSE {prefix}host END"
    return f'{prefix}"{key}"'


def _one_batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    batches = table.cast(schema).combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=schema)


def logs_of(table: str, rows: pa.RecordBatch) -> Logs | None:
    """The event logs (computer, channel) that rows of `events` come from; None for other tables."""
    if table != "events":
        return None
    pairs = (
        pa.Table.from_batches([rows.select(["host", "channel"])]).group_by(["host", "channel"]).aggregate([])
    )
    return frozenset(zip(pairs["host"].to_pylist(), pairs["channel"].to_pylist(), strict=True))


def time_span(rows: pa.RecordBatch, table: str) -> tuple[datetime | None, datetime | None]:
    """Earliest and latest time of rows, None for rows without time."""
    import pyarrow.compute as pc

    time = TABLES[table].time
    if time is None or len(rows) == 0:
        return None, None
    ends = pc.min_max(rows.column(rows.schema.get_field_index(time)))
    return ends["min"].as_py(), ends["max"].as_py()


def _files_between(store: Store, table: str, first: datetime, last: datetime) -> list[Path]:
    """Parts of the weeks that a span of time touches."""
    weeks = [
        int((moment.timestamp() * 1e6 // DAY_US - MONDAY_BEFORE_1970_DAYS) // 7) for moment in (first, last)
    ]
    names = {f"week={iso_week(number)}" for number in range(weeks[0], weeks[1] + 1)}
    return [file for file in store.files(table) if file.parent.name in names]
