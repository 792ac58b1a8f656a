"""Rows that leave the store again: those of a source that a longer copy of the same log gave otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pyarrow as pa

from analytics.store.rows import batches_of
from analytics.tables import TABLES

_PLACES = ("line_no", "record_no")


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows of one source in one table: all of them, or those at some places (lines or records of the source).

    `weeks` bounds where to look for them, None: everywhere.
    """

    table: str
    source_id: str
    places: frozenset[int] | None = None
    weeks: frozenset[str | None] | None = None

    def reaches(self, week: str | None) -> bool:
        """Whether a part of that week (None: of a table without time) may hold such rows."""
        return self.weeks is None or week in self.weeks

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that stay."""
        import pyarrow.compute as pc

        gone = pc.equal(rows.column("source_id").cast(pa.string()), self.source_id)
        if self.places is not None:
            places = pa.array(sorted(self.places), pa.int64())
            gone = pc.and_(gone, pc.is_in(rows.column(_place_of(self.table)), places))
        return rows.filter(pc.invert(pc.fill_null(gone, False)))


def leaving(file: Path, removals: Sequence[Removal]) -> list[int]:
    """How many rows of a part each removal takes."""
    import pyarrow.compute as pc

    table = removals[0].table
    names = [name for name in ("source_id", _place_of(table)) if name in TABLES[table].column_names]
    counts = [0] * len(removals)
    sources = pa.array(sorted({removal.source_id for removal in removals}), pa.string())
    for batch in batches_of(file, table, names):
        # few rows of a part are of these sources
        rows = batch.filter(pc.is_in(batch.column("source_id"), sources))
        for index, removal in enumerate(removals if len(rows) else ()):
            counts[index] += len(rows) - len(removal.without(rows))
    return counts


def staying(file: Path, removals: Sequence[Removal]) -> Iterator[pa.RecordBatch]:
    """The rows of a part that stay."""
    for rows in batches_of(file, removals[0].table):
        yield reduce(lambda kept, removal: removal.without(kept), removals, rows)


def _place_of(table: str) -> str:
    return next((name for name in _PLACES if name in TABLES[table].column_names), _PLACES[0])
