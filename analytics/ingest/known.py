"""What the store knows: which sources, which times they cover, which tasks ran when."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.formats import by_name
from analytics.ingest.plan import TaskTimes
from analytics.ingest.spans import Logs, StoredSpan
from analytics.sources import Source
from analytics.store import Store, Transaction
from analytics.store.rows import batches_of
from analytics.tables import TABLES
from analytics.version import VERSION

EVENTS = "events"
UNKNOWN = "unknown"


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
        rows = read_table(store, "sources").to_pylist()
        self._sources = {row["source_id"]: _KnownSource(row, False) for row in rows}
        self._met: set[str] = set()
        self._task_times: dict[str, datetime] | None = None
        self._stored_logs: dict[str, Logs] | None = None

    def find(self, source: Source) -> Mapping[str, Any] | None:
        """The stored row of the same content; equal samples are trusted for the same path and time, else hashed."""
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
        self._sources[row["source_id"]] = _KnownSource(row, True, logs)
        self._met.add(row["source_id"])

    def change(self, row: Mapping[str, Any]) -> None:
        """Remember that the row of a source says something else now."""
        known = self._sources[row["source_id"]]
        self._sources[row["source_id"]] = _KnownSource(row, known.is_staged, known.logs)

    def committed(self) -> None:
        """The transaction was committed."""
        self._sources = {
            source_id: _KnownSource(known.row, False, known.logs)
            for source_id, known in self._sources.items()
        }

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """All rows of the sources table."""
        return (known.row for known in self._sources.values())

    def spans(self, format_name: str) -> list[StoredSpan]:
        """Host and time of all sources of a format."""
        return [
            StoredSpan(
                row["source_id"],
                row["host"],
                row["host_from"],
                row["first_at"],
                row["last_at"],
                self._logs(known),
                known.is_staged,
            )
            for known, row in ((known, known.row) for known in self._sources.values())
            if row["format"] == format_name and row["first_at"] is not None
        ]

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
