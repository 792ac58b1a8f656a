"""One source into a transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.errors import SourceError
from analytics.formats import FORMATS, Batch, Head
from analytics.formats.errlog.years import first_year
from analytics.formats.format import row_schema
from analytics.ingest.ahead import ReadAhead
from analytics.ingest.duplicates import COMPARED_WITHOUT_TIME, DuplicateFinder, Logs, logs_of, time_span
from analytics.ingest.keys import host_key, host_keys
from analytics.ingest.known import EVENT_FORMATS, Known, append_rejects, source_row
from analytics.ingest.options import IngestOptions, SourceSummary
from analytics.ingest.plan import Planned, host_of, reading_of
from analytics.sources import detect_encoding
from analytics.store import Store, Transaction
from analytics.tables import TABLES

ERRLOG = "dpm-errlog"
FILTERED_ON_REQUEST = {ERRLOG, *EVENT_FORMATS}
CONSTANT = pa.dictionary(pa.int32(), pa.string())
REJECTS_LISTED = 3
PEEKED_BATCHES = 16
FORMATS_WITH_TASKS = tuple(entry.name for entry in FORMATS if "job_records" in entry.tables)


class SourceReader:
    """Reads one source: what is new goes into the transaction, all of it into the accounts."""

    def __init__(
        self,
        store: Store,
        planned: Planned,
        options: IngestOptions,
        known: Known,
        hasher: Executor,
        ahead: ReadAhead,
    ) -> None:
        self.planned, self.source, self.format, self.known = planned, planned.source, planned.format, known
        self.hasher, self.ahead = hasher, ahead
        self.host, self.host_from = host_of(planned, options)
        self.reading = reading_of(planned, options, known.task_times)
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.logs: Logs = frozenset()
        self.peeked: list[Batch] = []
        self.batches: Iterator[Batch] | None = None
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.store = store

    @cached_property
    def finder(self) -> DuplicateFinder:
        """Made when something new is read: to know the event logs of all stored sources takes a look at all events."""
        spans = self.known.spans(self.format.name) if self.format else []
        return DuplicateFinder(self.store, self.host, self.host_from, spans)

    def needs_commit(self) -> bool:
        """Whether records of this source may lie in the transaction under way, where they cannot be compared."""
        if self.format is None:
            return False
        if any(table in COMPARED_WITHOUT_TIME for table in self.format.tables):
            return self.known.has_uncommitted(self.format.name)
        if self.format.name == ERRLOG and any(
            self.known.has_uncommitted(name) for name in FORMATS_WITH_TASKS
        ):
            return True
        if not self.known.has_uncommitted(self.format.name):
            return False
        waiting = [
            span
            for span in self.finder.spans
            if self.known.is_uncommitted(span.source_id) and self.finder.may_share(span)
        ]
        if not waiting or self.format.name not in EVENT_FORMATS or self._may_be_known():
            return bool(waiting)
        return any(span.holds_any(self._peek()) for span in waiting)

    def _may_be_known(self) -> bool:
        try:
            return self.known.may_hold(self.source)
        except SourceError:  # read_into says so
            return True

    def _peek(self) -> Logs | None:
        """The event logs of a small source, which is read by then; None for one of many batches."""
        if self.batches is None:
            self.batches = self.ahead.batches(self.planned, self.reading)
            try:
                self.peeked.extend(islice(self.batches, PEEKED_BATCHES))  # keeps what comes before an error
            except SourceError as error:
                self.batches = _broken(error)
        if len(self.peeked) == PEEKED_BATCHES:
            return None
        found = (logs_of(batch.table, batch.rows) for batch in self.peeked)
        return frozenset().union(*filter(None, found))

    def read_into(self, transaction: Transaction) -> SourceSummary:
        """Read the source; give its account."""
        try:
            stored = self.known.find(self.source)
        except SourceError as error:
            return self._unreadable(transaction, error)
        if stored is not None and not (stored["format"] == "unknown" and self.format):
            return self._known(stored)
        return self._new(transaction)

    def _new(self, transaction: Transaction) -> SourceSummary:
        source_id = self.known.new_id(self.source)
        digest = self.hasher.submit(lambda: self.source.sha256)
        if self.format is None:
            self._reject(transaction, source_id, _why_unknown(self.source.fingerprint.size_bytes))
        else:
            self._read_batches(transaction, source_id)
        row = self._row(source_id, digest.result())
        self.known.add(transaction, row, self.logs if row["format"] in EVENT_FORMATS else None)
        return self._summary(row, "read" if self.format else "unknown")

    def _read_batches(self, transaction: Transaction, source_id: str) -> None:
        try:
            batches = self.batches or self.ahead.batches(self.planned, self.reading)
            for batch in chain(self.peeked, batches):
                self._take(transaction, source_id, batch)
        except SourceError as error:
            self._reject(transaction, source_id, str(error.what))

    def _take(self, transaction: Transaction, source_id: str, batch: Batch) -> None:
        self.counts["filtered"] += batch.filtered
        if batch.table == "rejects":
            self._take_rejects(transaction, source_id, batch)
            return
        rows = self._with_host(batch)
        self._widen(*time_span(rows, batch.table))
        self.logs |= logs_of(batch.table, rows) or frozenset()
        kept = self.finder.new_rows(batch.table, rows)
        self.counts["duplicate"] += len(rows) - len(kept)
        self.counts["stored"] += len(kept)
        transaction.append(batch.table, _with_source(batch.table, kept, source_id))

    def _take_rejects(self, transaction: Transaction, source_id: str, batch: Batch) -> None:
        rows = batch.rows.to_pylist()
        append_rejects(transaction, source_id, self.source.path, rows)
        for row in rows[: max(0, REJECTS_LISTED - self.counts["rejected"])]:
            place = f":{row['line_no']}" if row["line_no"] else ""
            self.problems.append(f"{self.source.path}{place}: {row['reason']}")
        self.counts["rejected"] += len(rows)

    def _reject(self, transaction: Transaction, source_id: str, reason: str) -> None:
        schema = row_schema("rejects")
        self._take_rejects(
            transaction,
            source_id,
            Batch("rejects", pa.RecordBatch.from_pylist([{"reason": reason}], schema=schema)),
        )

    def _with_host(self, batch: Batch) -> pa.RecordBatch:
        """Errlog records do not name their computer; what is known of the source does."""
        if batch.table != "trace" or self.host is None:
            return batch.rows
        rows = batch.rows
        for name, value in (("host", self.host), ("host_from", self.host_from)):
            index = rows.schema.get_field_index(name)
            column = rows.column(index)
            if self.host_from == "option" or column.null_count == len(rows):
                filled: pa.Array = pa.repeat(pa.scalar(value, pa.string()), len(rows))
            else:
                filled = column.fill_null(value)
            rows = rows.set_column(index, name, filled)
        return rows

    def _widen(self, first: datetime | None, last: datetime | None) -> None:
        self.first_at = min(filter(None, (self.first_at, first)), default=None)
        self.last_at = max(filter(None, (self.last_at, last)), default=None)

    def _row(self, source_id: str, sha256: str) -> dict[str, Any]:
        counts = {
            f"records_{name}": self.counts[name] for name in ("stored", "duplicate", "rejected", "filtered")
        }
        encoding = self.reading.encoding or detect_encoding(self.source.head)
        is_errlog = self.format is not None and self.format.name == ERRLOG
        return source_row(
            source_id,
            self.source.path,
            self.format.name if self.format else "unknown",
            host=self.host,
            host_from=self.host_from,
            host_key=host_key(self.host),
            kind=self.format.kind if self.format else None,
            service=self.format.service(Head(self.source.name, self.source.head)) if self.format else None,
            sha256=sha256,
            size_bytes=self.source.fingerprint.size_bytes,
            modified_at=self.source.modified_at,
            encoding=encoding if self.format else None,
            year_from=first_year(self.source, encoding, self.reading)[1] if is_errlog else None,
            first_at=self.first_at,
            last_at=self.last_at,
            records_read=self.counts["stored"] + self.counts["duplicate"] + self.counts["rejected"],
            **counts,
        )

    def _summary(self, row: dict[str, Any], status: str) -> SourceSummary:
        names = ("read", "stored", "duplicate", "rejected", "filtered")
        counts = {f"records_{name}": row[f"records_{name}"] for name in names}
        listed = len(self.problems)
        if self.counts["rejected"] > listed:
            self.problems.append(
                f"{self.source.path}: {self.counts['rejected'] - listed} more rejected records"
            )
        return SourceSummary(row["path"], row["source_id"], row["format"], row["host"], status, **counts)

    def _known(self, stored: Any) -> SourceSummary:
        """All of it is in the store: good records count as duplicates, rejected ones as rejected."""
        good = stored["records_stored"] + stored["records_duplicate"]
        rejected = stored["records_rejected"]
        if rejected:
            self.problems.append(f"{self.source.path}: {rejected} records rejected when it was read before")
        elif self.host != stored["host"] and self.source.path != stored["path"]:
            self.problems.append(
                f"{self.source.path}: same content as {stored['path']}, kept once, for host {stored['host']}"
            )
        wants_all = self.reading.trace_level == "all" and self.reading.events_level == "all"
        if stored["records_filtered"] and wants_all and stored["format"] in FILTERED_ON_REQUEST:
            self.problems.append(
                f"{self.source.path}: {stored['records_filtered']} records were left out when it was read before"
                " (--trace markers, --events relevant); a new store takes all of them"
            )
        status = "unknown" if stored["format"] == "unknown" else "known"
        counts = {"records_read": good + rejected, "records_duplicate": good, "records_rejected": rejected}
        return SourceSummary(
            self.source.path, stored["source_id"], stored["format"], stored["host"], status, **counts
        )

    def _unreadable(self, transaction: Transaction, error: SourceError) -> SourceSummary:
        from analytics.sources import Unreadable

        return self.known.store_unreadable(transaction, Unreadable(self.source.path, error.what))


def _broken(error: SourceError) -> Iterator[Batch]:
    """No batches, but why."""
    yield from ()
    raise error


def _why_unknown(size_bytes: int) -> str:
    if size_bytes == 0:
        return "empty file"
    return "no known log format (dpm-analytics formats lists them)"


def _with_source(table: str, rows: pa.RecordBatch, source_id: str) -> pa.RecordBatch:
    """Add source_id and the keys of computers, as dictionaries: they are the same in most rows."""
    keys = host_keys(table, rows)
    arrays = []
    fields = []
    for field in TABLES[table].schema:
        if field.name == "source_id":
            array: pa.Array = _constant(source_id, len(rows))
        elif field.name in keys:
            array = keys[field.name]
        else:
            array = rows.column(rows.schema.get_field_index(field.name))
        fields.append(pa.field(field.name, array.type))
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _constant(value: str, length: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(length, dtype=np.int32)), pa.array([value]))
