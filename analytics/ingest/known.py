"""What the store knows: which sources, which times they cover, which tasks ran when."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.formats import Format, by_name
from analytics.ingest.contents import Contents
from analytics.ingest.plan import TaskTimes
from analytics.ingest.spans import Logs, StoredSpan
from analytics.sources import Source
from analytics.store import Store, Transaction
from analytics.store.rows import batches_of
from analytics.tables import TABLES
from analytics.version import VERSION

EVENTS = "events"
UNKNOWN = "unknown"
# Windows writes a live event log in place, without a new size or time
_WRITTEN_IN_PLACE = "evtx"
# the coarsest clock of a file system (FAT): what changes right after it was read may keep its time
_CLOCK = timedelta(seconds=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def no_format(name: str) -> str:
    """That no format claims the file of that name; of a CSV, what it is told by."""
    is_csv = name.lower().endswith((".csv", ".tsv"))
    return f"no known log format{': its first line is no header that is known' if is_csv else ''}"


@dataclass(frozen=True, slots=True)
class _KnownSource:
    """One row of the sources table; `is_staged` where its records lie in the transaction under way."""

    row: Mapping[str, Any]
    is_staged: bool
    logs: Logs | None = None


class Known:
    """The sources of a store, with those of the transaction under way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = _rows_of(read_table(store, "sources"))
        self._sources = {row["source_id"]: _KnownSource(row, False) for row in rows}
        self._by_path = {row["path"]: row for row in rows}
        self._spans: dict[str, list[StoredSpan]] = {}
        self._contents: Contents | None = None
        self._met: set[str] = set()
        self._task_times: dict[str, datetime] | None = None
        self._stored_logs: dict[str, Logs] | None = None

    def format_of_unchanged(self, source: Source) -> Format | None:
        """The format of a file that is known and keeps its path, size and time, so that nobody need open it."""
        row = self._unchanged(source)
        return by_name(row["format"]) if row else None

    def _unchanged(self, source: Source) -> Mapping[str, Any] | None:
        row = self._by_path.get(source.path)
        if (
            row is None
            or row["format"] in {UNKNOWN, _WRITTEN_IN_PLACE}
            or source.modified_at is None
            or (row["size_bytes"], row["modified_at"]) != (source.found_bytes, source.modified_at)
            or row["read_at"] is None
            or row["read_at"] - source.modified_at < _CLOCK
        ):
            return None
        return row

    def find(self, source: Source) -> Mapping[str, Any] | None:
        """The stored row of the same content; equal samples are trusted for the same path and time, else hashed."""
        if unchanged := self._unchanged(source):
            return unchanged
        found = self._sources.get(source.fingerprint.source_id)
        if found is None:
            return None
        if found.row["format"] == UNKNOWN and (later := self._sources.get(source.sha256[:16])):
            return later.row
        same_file = found.row["path"] == source.path and found.row["modified_at"] == source.modified_at
        if same_file or found.row["sha256"] == source.sha256:
            return found.row
        other = self._sources.get(source.sha256[:16])
        return other.row if other else None

    def row(self, source_id: str) -> Mapping[str, Any]:
        """The row of a source that is known."""
        return self._sources[source_id].row

    def met(self, source_id: str) -> bool:
        """Whether a source came before in this ingest; from now on it did."""
        is_met = source_id in self._met
        self._met.add(source_id)
        return is_met

    def holds(self, source_id: str) -> bool:
        """Whether there is a source of that id: a content with the same samples."""
        return source_id in self._sources

    def new_id(self, source: Source) -> str:
        """An id for a new content; where the samples are equal and the content is not, the whole content gives it."""
        source_id = source.fingerprint.source_id
        return source.sha256[:16] if source_id in self._sources else source_id

    def add(self, transaction: Transaction, row: Mapping[str, Any], logs: Logs | None = None) -> None:
        """Add a row of the sources table; `logs` are the event logs it holds records of."""
        transaction.append("sources", pa.RecordBatch.from_pylist([row], schema=TABLES["sources"].schema))
        self._know(_KnownSource(row, True, logs))
        self._met.add(row["source_id"])

    def change(self, row: Mapping[str, Any]) -> None:
        """Remember that the row of a source says something else now."""
        known = self._sources[row["source_id"]]
        self._know(_KnownSource(row, known.is_staged, known.logs))

    def _know(self, known: _KnownSource) -> None:
        row = known.row
        is_new = row["source_id"] not in self._sources
        self._sources[row["source_id"]] = known
        self._by_path[row["path"]] = row
        if self._contents is not None:
            self._contents.add(row)
        if is_new and row["first_at"] is not None and row["format"] in self._spans:
            self._spans[row["format"]].append(self._span(known))

    def committed(self) -> None:
        """The transaction was committed."""
        self._spans.clear()
        self._sources = {
            source_id: _KnownSource(known.row, False, known.logs)
            for source_id, known in self._sources.items()
        }

    @property
    def contents(self) -> Contents:
        """The contents of all sources."""
        if self._contents is None:
            self._contents = Contents(self.row)
            for known in self._sources.values():
                self._contents.add(known.row)
        return self._contents

    def spans(self, format_name: str) -> Sequence[StoredSpan]:
        """Host and time of all sources of a format."""
        if format_name not in self._spans:
            self._spans[format_name] = [
                self._span(known)
                for known in self._sources.values()
                if known.row["format"] == format_name and known.row["first_at"] is not None
            ]
        return self._spans[format_name]

    def _span(self, known: _KnownSource) -> StoredSpan:
        row = known.row
        return StoredSpan(
            row["source_id"],
            row["host"],
            row["host_from"],
            row["first_at"],
            row["last_at"],
            self._logs(known),
            known.is_staged,
        )

    def _logs(self, known: _KnownSource) -> Logs | None:
        """The event logs of a source: remembered, or read from the store once."""
        if known.logs is not None or _kind_of(known.row) != EVENTS:
            return known.logs
        if self._stored_logs is None:
            self._stored_logs = _stored_logs(self._store)
        return self._stored_logs.get(known.row["source_id"])

    def task_times(self, transaction: Transaction) -> TaskTimes:
        """When tasks ran, by the job records of the store and of the transaction under way."""

        def times(tasks: Sequence[str]) -> Mapping[str, datetime]:
            if self._task_times is None:
                self._task_times = _read_task_times(self._store, transaction)
            return {task: self._task_times[task] for task in tasks if task in self._task_times}

        return times

    def forget_task_times(self) -> None:
        """Job records were added."""
        self._task_times = None


def _rows_of(table: pa.Table) -> list[Mapping[str, Any]]:
    """Rows as dictionaries; not by to_pylist(): that of moments imports pandas, longer than all of a second ingest."""
    columns = [
        _moments(column) if pa.types.is_timestamp(column.type) else column.to_pylist()
        for column in table.columns
    ]
    return [dict(zip(table.column_names, values, strict=True)) for values in zip(*columns, strict=True)]


def _moments(column: pa.ChunkedArray) -> list[datetime | None]:
    return [
        us if us is None else _EPOCH + timedelta(microseconds=us) for us in column.cast("int64").to_pylist()
    ]


def _kind_of(row: Mapping[str, Any]) -> str | None:
    """What a source holds; rows of older versions do not say it."""
    found = by_name(row["format"]) if row["kind"] is None else None
    return found.kind if found else row["kind"]


def _read_task_times(store: Store, transaction: Transaction) -> dict[str, datetime]:
    names = ["task_id", "started_at", "created_at"]
    staged = transaction.staged("job_records", [None])
    rows = read_table(store, "job_records", names).to_pylist()
    for file in staged.files:
        rows += pq.ParquetFile(file).read(columns=names).to_pylist()
    for batch in staged.batches:
        rows += batch.select(names).to_pylist()
    times = ((row["task_id"], row["started_at"] or row["created_at"]) for row in rows)
    return {task: moment for task, moment in times if task and moment}


def _stored_logs(store: Store) -> dict[str, Logs]:
    """The event logs of each stored source of events."""
    logs: dict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for file in store.files(EVENTS):
        for batch in batches_of(file, EVENTS, ["source_id", "host", "channel"]):
            found = pa.Table.from_batches([batch]).group_by(batch.schema.names).aggregate([]).to_pylist()
            for row in found:
                logs[row["source_id"]].add((row["host"], row["channel"]))
    return {source_id: frozenset(pairs) for source_id, pairs in logs.items()}


def unreadable_id(path: str, reason: str) -> str:
    """An id for what cannot be opened and so has no content."""
    return hashlib.sha256(f"{path}\0{reason}".encode("utf-8", "replace")).hexdigest()[:16]


def source_row(source_id: str, path: str, format_name: str, **fields: Any) -> dict[str, Any]:
    """A row of the sources table: counts are 0 and all else is None where nothing is said."""
    names = TABLES["sources"].column_names
    empty = {name: 0 if name.startswith("records_") else None for name in names}
    stamp = {"parser_version": VERSION, "read_at": datetime.now(UTC)}
    return {**empty, "source_id": source_id, "path": path, "format": format_name, **stamp, **fields}


def read_table(store: Store, table: str, columns: list[str] | None = None) -> pa.Table:
    """A small raw table as a whole."""
    names = columns or list(TABLES[table].column_names)
    schema = pa.schema([TABLES[table].schema.field(name) for name in names])
    batches: list[pa.RecordBatch] = []
    for file in store.files(table):
        batches.extend(batches_of(file, table, names))
    return pa.Table.from_batches(batches, schema=schema)
