"""Rows on their way to batches: what a reader yields, one by one, as (table, row)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from analytics.errors import SourceError
from analytics.formats.format import Batch, batch_of, reject_row
from analytics.sources import Line

BATCH_ROWS = 50_000

Row = dict[str, Any]
Entry = tuple[str, Row]


def in_batches(
    entries: Iterable[Entry], is_left_out: Callable[[str, Row], bool] | None = None, rows: int = BATCH_ROWS
) -> Iterator[Batch]:
    """Gather entries per table into batches of at most so many rows; those that are left out are counted.

    Raises the SourceError of a broken stream after all that came before it.
    """
    waiting: dict[str, list[Row]] = defaultdict(list)
    left_out: Counter[str] = Counter()
    problem: SourceError | None = None
    try:
        for table, row in entries:
            if is_left_out is not None and is_left_out(table, row):
                left_out[table] += 1
                continue
            gathered = waiting[table]
            gathered.append(row)
            if len(gathered) >= rows:
                yield batch_of(table, waiting.pop(table))
    except SourceError as error:
        problem = error
    for table, remaining in waiting.items():
        yield batch_of(table, remaining)
    for table, records in left_out.items():
        yield filtered(table, records)
    if problem:
        raise problem


def filtered(table: str, records: int) -> Batch:
    """A batch without rows that says how many well-formed records are left out on purpose."""
    return Batch(table, batch_of(table, []).rows, records)


def rejected(reason: str, line: Line) -> Entry:
    """A line that could not be used."""
    return "rejects", reject_row(reason, line.text, line_no=line.line_no, byte_offset=line.byte_offset)


def rejected_file(reason: str, excerpt: str = "") -> Entry:
    """A whole file that could not be used."""
    return "rejects", reject_row(reason, excerpt, byte_offset=0)


def storable(text: str) -> str:
    """The text without lone surrogates, which JSON may hold and Parquet may not."""
    return text.encode("utf-8", "replace").decode("utf-8")
