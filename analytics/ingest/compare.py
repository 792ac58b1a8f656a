"""Rows against the rows that the store holds: equal ones, and those of which a cut row is the beginning (DuckDB)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.ingest.cut import beginning_sql, says_less
from analytics.sql.engines.duckdb import SETTINGS
from analytics.tables import TABLES
from analytics.tables.equal import GUESSED, compared_names, compared_sql

# a record that is cut before its computer has that of its folder
_CUT_OFF = {"host", "host_from"}

# of more rows one query costs less than a look at each
_SMALL_ROWS = 1_000


@dataclass
class Given:
    """Rows without a time that a transaction was given, so that a small table need not be compared with thousands."""

    _rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _unread: set[str] = field(default_factory=set)

    def add(self, table: str, rows: pa.RecordBatch) -> None:
        """Remember the rows; of a table with large batches nothing is known."""
        time = TABLES[table].time
        undated = rows.column(time).null_count if time else len(rows)
        if undated > _SMALL_ROWS:
            self._unread.add(table)
        elif undated and table not in self._unread:
            rows = rows.filter(rows.column(time).is_null()) if time else rows
            self._rows[table].update(_row_hashes(table, rows))

    def lacks(self, table: str, rows: pa.RecordBatch) -> bool:
        """Whether it is sure that no row was given that equals one of these."""
        if table in self._unread or len(rows) > _SMALL_ROWS:
            return False
        return self._rows[table].isdisjoint(_row_hashes(table, rows))


@dataclass(frozen=True)
class Held:
    """Rows of a table that a store and its transaction hold, and which of them count.

    Those of `source_ids` (None: of all sources but `own`) between two times; without times those that have none, and
    all rows of a table without time.
    """

    table: str
    own: str
    files: Sequence[Path] = ()
    batches: Sequence[pa.RecordBatch] = ()
    source_ids: Sequence[str] | None = None
    first: datetime | None = None
    last: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to compare with."""
        return not self.files and not self.batches

    @property
    def relation(self) -> str:
        """The rows as SQL."""
        names = ", ".join(f'"{name}"' for name in ["source_id", *_read_names(self.table)])
        parts = []
        if self.files:
            parts.append(
                f"SELECT {names} FROM read_parquet($files, union_by_name = true) WHERE {self._where}"
            )
        if self.batches:
            parts.append(f"SELECT {names} FROM staged WHERE {self._where}")
        return " UNION ALL ".join(parts)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the SQL names."""
        found: dict[str, Any] = {"files": [str(file) for file in self.files]} if self.files else {}
        found |= {"own": self.own} if self.source_ids is None else {"source_ids": list(self.source_ids)}
        return found | ({"first": self.first, "last": self.last} if self.first else {})

    @property
    def _where(self) -> str:
        conditions = [
            "source_id <> $own" if self.source_ids is None else "list_contains($source_ids, source_id)"
        ]
        time = TABLES[self.table].time
        if time is not None:
            conditions.append(f'"{time}" BETWEEN $first AND $last' if self.first else f'"{time}" IS NULL')
        return " AND ".join(conditions)


@dataclass
class Comparer:
    """One DuckDB connection for all comparisons of an ingest."""

    _connection: Any = field(default=None)

    def new_among(self, rows: pa.RecordBatch, held: Held) -> pa.RecordBatch:
        """The rows beyond the number of equal rows that are held, in their order."""
        if held.is_empty or not len(rows) or _shares_nothing(rows, held):
            return rows
        table = self._ask(_anti_join(held), held, rows)
        batches = table.cast(rows.schema).combine_chunks().to_batches()
        return batches[0] if batches else rows.slice(0, 0)

    def begins_one_of(self, row: pa.RecordBatch, held: Held, line_end: str) -> bool:
        """Whether a row says less than one that is held and nothing else: it is what a cut left of that one.

        `line_end` must follow where a text goes on: a line feed for a record that ends with its line.
        """
        if held.is_empty:
            return False
        table = held.table
        keys = [key for key in compared_names(table) if key not in _CUT_OFF]
        pairs = {key: (compared_sql(table, key, "n."), compared_sql(table, key, "o.")) for key in keys}
        sql = beginning_sql(held.table, held.relation, pairs)
        found = self._ask(sql, held, row, {"line_end": line_end})
        return any(says_less(each, not line_end) for each in found.to_pylist())

    def counts_at_least(self, held: Held, rows: int) -> bool:
        """Whether that many rows are held."""
        if held.is_empty:
            return False
        sql = f"SELECT count(*) >= $rows AS found FROM ({held.relation})"
        return bool(self._ask(sql, held, None, {"rows": rows})["found"][0].as_py())

    def close(self) -> None:
        """Let go of the connection; the next comparison makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(
        self, sql: str, held: Held, rows: pa.RecordBatch | None, more: dict[str, Any] | None = None
    ) -> pa.Table:
        """The whole answer: a result that is left open refuses the next register (DuckDB 2.0.1)."""
        connection = self._connected()
        tables = {"incoming": [rows] if rows is not None else [], "staged": list(held.batches)}
        given = {name: pa.Table.from_batches(batches) for name, batches in tables.items() if batches}
        try:
            for name, table in given.items():
                connection.register(name, table)
            answer: pa.Table = connection.sql(sql, params=held.parameters | (more or {})).to_arrow_table()
        finally:
            for name in given:
                connection.unregister(name)
        return answer

    def _connected(self) -> Any:
        if self._connection is None:
            import duckdb

            self._connection = duckdb.connect(config=SETTINGS)
            self._connection.execute("SET TimeZone = 'UTC'").fetchall()
        return self._connection


def _row_hashes(table: str, rows: pa.RecordBatch) -> Iterator[int]:
    """A number per row, the same for rows that are equal in what is compared."""
    columns = {name: rows.column(name).to_pylist() for name in compared_names(table)}
    if "host_from" in rows.schema.names and "host" in columns:
        found = zip(columns["host"], rows.column("host_from").to_pylist(), strict=True)
        columns["host"] = [None if host_from == GUESSED else host for host, host_from in found]
    return map(hash, zip(*columns.values(), strict=True))


def _shares_nothing(rows: pa.RecordBatch, held: Held) -> bool:
    """Whether a column without NULL has no value in common with what is held, in memory alone: no row can be equal.

    Spares a query per source where hundreds of hosts bring a small table each.
    """
    import pyarrow.compute as pc

    if held.files:
        return False
    names = compared_names(held.table)
    # a host that is only guessed counts as unknown
    unsure = _CUT_OFF if "host_from" in TABLES[held.table].column_names else set()
    for name in (name for name in names if name not in unsure):
        column = rows.column(name)
        if column.null_count == 0 and not pa.types.is_nested(column.type):
            values = pa.chunked_array([batch.column(name) for batch in held.batches], column.type)
            if not pc.any(pc.is_in(column, value_set=values)).as_py():
                return True
    return False


def _anti_join(held: Held) -> str:
    """Rows of `incoming` beyond the number of equal rows that are held; places and sources do not count."""
    table, keys = held.table, compared_names(held.table)
    names = TABLES[table].column_names
    order = next((name for name in ("line_no", "record_no") if name in names), keys[0])
    listed = ", ".join(f'{compared_sql(table, key)} AS "{key}"' for key in keys)
    equal = " AND ".join(f'{compared_sql(table, key, "n.")} IS NOT DISTINCT FROM o."{key}"' for key in keys)
    partition = ", ".join(compared_sql(table, key) for key in keys)
    return f"""
        WITH held AS ({held.relation}),
        old AS (SELECT {listed}, count(*) AS copies FROM held GROUP BY ALL),
        new AS (SELECT *, row_number() OVER (PARTITION BY {partition} ORDER BY "{order}") AS copy FROM incoming)
        SELECT n.* EXCLUDE (copy) FROM new AS n LEFT JOIN old AS o ON {equal}
        WHERE n.copy > coalesce(o.copies, 0) ORDER BY "{order}"
    """


def _read_names(table: str) -> list[str]:
    """The columns that are compared, and host_from, which says how far a host counts."""
    return [*compared_names(table), *({"host_from"} & set(TABLES[table].column_names))]
