"""Rows that leave the store again: those of a source that a longer copy of the same log gave otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.store.schema import BATCH_ROWS, in_schema
from analytics.tables import TABLES

PLACES = ("line_no", "record_no")


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows of one source in one table: all of them, or those at some places (lines or records of the source).

    `weeks` bounds where to look for them, None: everywhere.
    """

    table: str
    source_id: str
    places: frozenset[int] | None = None
    weeks: frozenset[str | None] | None = None

    def is_in(self, table: str, week: str | None) -> bool:
        """Whether a part of that table and week may hold such rows."""
        return table == self.table and (self.weeks is None or week in self.weeks)

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that stay."""
        gone = pc.equal(rows.column("source_id").cast(pa.string()), self.source_id)
        if self.places is not None:
            places = pa.array(sorted(self.places), pa.int64())
            gone = pc.and_(gone, pc.is_in(rows.column(_place_of(self.table)), places))
        return rows.filter(pc.invert(pc.fill_null(gone, False)))


def without(file: Path, removals: list[Removal]) -> Iterator[pa.RecordBatch] | None:
    """The rows of a part that stay; None where none of them leaves."""
    table = removals[0].table
    names = [name for name in ("source_id", _place_of(table)) if name in TABLES[table].column_names]
    # a changed bit must not come out of this with a new checksum
    with pq.ParquetFile(file, page_checksum_verification=True) as part:
        found = any(
            len(removal.without(batch)) < len(batch)
            for batch in part.iter_batches(columns=names)
            for removal in removals
        )
    return _staying(file, table, removals) if found else None


def _staying(file: Path, table: str, removals: list[Removal]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(file, page_checksum_verification=True) as part:
        for batch in part.iter_batches(batch_size=BATCH_ROWS):
            rows = in_schema(table, batch)
            for removal in removals:
                rows = removal.without(rows)
            yield rows


def _place_of(table: str) -> str:
    return next((name for name in PLACES if name in TABLES[table].column_names), PLACES[0])
