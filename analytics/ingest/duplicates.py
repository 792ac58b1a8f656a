"""Telling records that the store holds already from new ones, by their content and not by a high-water mark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from analytics.formats import Batch
from analytics.ingest.compare import Comparer, Given, Held
from analytics.ingest.cut import FURTHEST_ZONE, may_lack_xml
from analytics.ingest.spans import StoredSpan, logs_of, time_span
from analytics.store import Transaction
from analytics.store.layout import UNDATED, week_of, weeks_between
from analytics.tables import TABLES

# So many records in the same span of time, none in common: two logs, not two copies that differ at a seam.
_ENOUGH_ROWS = 100


@dataclass
class DuplicateFinder:
    """Finds the records of one new source that other sources brought already, to the store or to its transaction.

    Records with a time are compared with sources whose times overlap; the first overlapping batch decides whether two
    sources share records at all (a grown or rotated copy does, the log of another service does not). Records without
    a time are compared with all of their table that have none. `files` gives the committed parts of a table, `given`
    tells what the transaction was given.
    """

    files: Callable[[str], Sequence[Path]]
    transaction: Transaction
    comparer: Comparer
    given: Given
    source_id: str
    host: str | None
    host_from: str | None
    spans: Sequence[StoredSpan]
    related: set[str] = field(default_factory=set)
    unrelated: set[str] = field(default_factory=set)

    def new_of(self, batch: Batch) -> Batch:
        """The records of a batch that nobody brought; equal ones count as often as they occur."""
        import pyarrow.compute as pc

        time = TABLES[batch.table].time
        if not len(batch.rows):
            return batch
        if time is None:
            return replace(batch, rows=self._without_time(batch.table, batch.rows, None))
        has_time = batch.rows.column(time).is_valid()
        if batch.rows.column(time).null_count == 0:
            return replace(batch, rows=self._with_time(batch.table, batch.rows))
        dated = self._with_time(batch.table, batch.rows.filter(has_time))
        undated = self._without_time(batch.table, batch.rows.filter(pc.invert(has_time)), UNDATED)
        return replace(batch, rows=_together(dated, undated))

    def is_cut(self, batch: Batch, line_end: str) -> bool:
        """Whether the only row of a batch is what a cut left of a record that others brought whole."""
        first, last = time_span(batch.table, batch.rows)
        if TABLES[batch.table].time is None:
            held = self._held(batch.table, [None])
        elif first is None or last is None:
            held = self._held(batch.table, [UNDATED])
        else:
            # its computer, and so its log, may have been cut off, and with XML the zone of its time
            far = FURTHEST_ZONE if may_lack_xml(batch.table, batch.rows) else timedelta(0)
            first, last = first - far, last + far
            held = self._held_between(batch.table, self._overlapping(first, last), first, last)
        return self.comparer.begins_one_of(batch.rows, held, line_end)

    def _without_time(self, table: str, rows: pa.RecordBatch, week: str | None) -> pa.RecordBatch:
        is_only_staged = not any(week_of(file) == week for file in self.files(table))
        if is_only_staged and self.given.lacks(table, rows):
            return rows
        return self.comparer.new_among(rows, self._held(table, [week]))

    def took(self, table: str, rows: pa.RecordBatch) -> None:
        """The transaction was given rows of the source."""
        self.given.add(table, rows)

    def _with_time(self, table: str, rows: pa.RecordBatch) -> pa.RecordBatch:
        first, last = time_span(table, rows)
        if first is None or last is None:
            return rows
        spans = self._overlapping(first, last)
        logs = logs_of(table, rows) if spans else None
        spans = [span for span in spans if span.holds_any(logs)]
        held = self._held_between(table, spans, first, last)
        if held.is_empty:
            return rows
        kept = self.comparer.new_among(rows, held)
        self._learn(held, len(kept) < len(rows), spans)
        return kept

    def _overlapping(self, first: datetime, last: datetime) -> list[StoredSpan]:
        """Sources of this host that cover part of a time span and are not known to be unrelated."""
        return [
            span
            for span in self.spans
            if span.first_at <= last
            and span.last_at >= first
            and span.source_id not in self.unrelated
            and span.is_of(self.host, self.host_from)
        ]

    def _held_between(self, table: str, spans: Sequence[StoredSpan], first: datetime, last: datetime) -> Held:
        if not spans:
            return Held(table, self.source_id)
        source_ids = [span.source_id for span in spans]
        weeks = weeks_between(first, last)
        is_staged = any(span.is_staged for span in spans)
        held = self._held(table, sorted(weeks), is_staged)
        batches = [batch for batch in held.batches if _source_of(batch) in source_ids]
        return replace(held, batches=batches, source_ids=source_ids, first=first, last=last)

    def _held(self, table: str, weeks: Sequence[str | None], is_staged: bool = True) -> Held:
        """Rows of some weeks, committed or not, of all sources but this one."""
        files = [file for file in self.files(table) if week_of(file) in weeks]
        if not is_staged:
            return Held(table, self.source_id, files)
        staged = self.transaction.staged(table, weeks)
        return Held(table, self.source_id, [*files, *staged.files], staged.batches)

    def _learn(self, held: Held, has_common: bool, spans: Iterable[StoredSpan]) -> None:
        """A source with records in the same span of time and none in common is unrelated."""
        if has_common:
            self.related.update(span.source_id for span in spans)
            return
        for span in spans:
            alone = replace(held, source_ids=[span.source_id])
            if span.source_id not in self.related and self.comparer.counts_at_least(alone, _ENOUGH_ROWS):
                self.unrelated.add(span.source_id)


def _source_of(rows: pa.RecordBatch) -> str:
    """The source of rows that one source brought."""
    return str(rows.column("source_id")[0].as_py())


def _together(dated: pa.RecordBatch, undated: pa.RecordBatch) -> pa.RecordBatch:
    """Both, in the order of the source."""
    rows = pa.Table.from_batches([dated, undated])
    place = next(name for name in ("line_no", "record_no") if name in rows.schema.names)
    batches = rows.sort_by(place).combine_chunks().to_batches()
    return batches[0] if batches else dated.slice(0, 0)
