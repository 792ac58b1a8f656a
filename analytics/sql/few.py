"""Rows that stay in memory as long as they are few."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from analytics.sql.engines import Answer

__all__ = ["Few"]


class Few:
    """Rows that pass by on their way to a file; `seen` are all of them in the end, None where they are too many."""

    def __init__(self, most_rows: int) -> None:
        self.seen: pa.Table | None = None
        self._most_rows = most_rows

    def seeing(self, answer: Answer) -> Iterator[pa.RecordBatch]:
        """The batches of an answer, as they come."""
        held: list[pa.RecordBatch] = []
        rows = 0
        for batch in answer.batches:
            rows += batch.num_rows
            held = [*held, batch] if rows <= self._most_rows else []
            yield batch
        if rows <= self._most_rows:
            self.seen = pa.Table.from_batches(held, answer.schema)
