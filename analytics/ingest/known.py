"""What the store knows: which sources, which times they cover, which tasks ran when."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.formats import FORMATS
from analytics.formats.format import row_schema
from analytics.ingest.duplicates import Logs, StoredSpan
from analytics.ingest.options import SourceSummary
from analytics.sources import Source, Unreadable
from analytics.store import Store, Transaction
from analytics.store.schema import in_schema
from analytics.tables import TABLES
from analytics.version import VERSION

EVENT_FORMATS = {entry.name for entry in FORMATS if "events" in entry.tables}


@dataclass(frozen=True, slots=True)
class KnownSource:
    """One row of the sources table."""

    row: Mapping[str, Any]
    is_committed: bool
    logs: Logs | None = None


class Known:
    """The sources of a store, with those of the transaction under way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = read_table(store, "sources").to_pylist()
        self._sources = {row["source_id"]: KnownSource(row, True) for row in rows}
        self._uncommitted: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._task_times: dict[str, datetime] | None = None
        self._stored_logs: dict[str, Logs] | None = None

    def find(self, source: Source) -> Mapping[str, Any] | None:
        """The stored row of the same content; equal samples are trusted for the same path and time, else hashed."""
        found = self._sources.get(source.fingerprint.source_id)
        if found is None:
            return None
        if found.row["format"] == "unknown" and (later := self._sources.get(source.sha256[:16])):
            return later.row
        same_file = found.row["path"] == source.path and found.row["modified_at"] == source.modified_at
        if same_file or found.row["sha256"] == source.sha256:
            return found.row
        other = self._sources.get(source.sha256[:16])
        return other.row if other else None

    def may_hold(self, source: Source) -> bool:
        """Whether the samples of a content are those of a stored one."""
        return source.fingerprint.source_id in self._sources

    def new_id(self, source: Source) -> str:
        """An id for a new content; where the samples are equal and the content is not, the whole content gives it."""
        source_id = source.fingerprint.source_id
        return source.sha256[:16] if source_id in self._sources else source_id

    def add(self, transaction: Transaction, row: Mapping[str, Any], logs: Logs | None = None) -> None:
        """Add a row of the sources table; `logs` are the event logs it holds records of."""
        transaction.append("sources", pa.RecordBatch.from_pylist([row], schema=TABLES["sources"].schema))
        self._sources[row["source_id"]] = KnownSource(row, False, logs)
        self._uncommitted.add(row["source_id"])

    def committed(self) -> None:
        """The transaction was committed."""
        self._uncommitted.clear()
        self._task_times = None

    def is_uncommitted(self, source_id: str) -> bool:
        """Whether a source's rows are not yet visible."""
        return source_id in self._uncommitted

    def has_uncommitted(self, format_name: str) -> bool:
        """Whether a source of that format waits for the commit."""
        return any(self._sources[source_id].row["format"] == format_name for source_id in self._uncommitted)

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
            )
            for known, row in ((known, known.row) for known in self._sources.values())
            if row["format"] == format_name and row["first_at"] is not None
        ]

    def _logs(self, known: KnownSource) -> Logs | None:
        """The event logs of a source: remembered, or read from the store once."""
        if known.logs is not None or known.row["format"] not in EVENT_FORMATS:
            return known.logs
        if self._stored_logs is None:
            self._stored_logs = stored_logs(self._store)
        return self._stored_logs.get(known.row["source_id"])

    def task_times(self, tasks: Sequence[str]) -> Mapping[str, datetime]:
        """When the tasks ran, from the job records of the store."""
        if self._task_times is None:
            records = read_table(
                self._store, "job_records", ["task_id", "started_at", "created_at"]
            ).to_pylist()
            times = ((row["task_id"], row["started_at"] or row["created_at"]) for row in records)
            self._task_times = {task: moment for task, moment in times if task and moment}
        return {task: self._task_times[task] for task in tasks if task in self._task_times}

    def store_unreadable(self, transaction: Transaction, item: Unreadable) -> SourceSummary:
        """Account for a path that could not be opened: one source, one reject."""
        source_id = hashlib.sha256(f"{item.path}\0{item.reason}".encode("utf-8", "replace")).hexdigest()[:16]
        self._reasons[source_id] = item.reason
        if source_id not in self._sources:
            row = source_row(source_id, item.path, "unreadable", records_read=1, records_rejected=1)
            self.add(transaction, row)
            append_rejects(transaction, source_id, item.path, [{"reason": item.reason}])
        return SourceSummary(item.path, source_id, "unreadable", None, "unreadable", 1, 0, 0, 1)

    def reason_of(self, source_id: str) -> str:
        """Why a path was unreadable."""
        return self._reasons.get(source_id, "")


def stored_logs(store: Store) -> dict[str, Logs]:
    """The event logs of each stored source of events."""
    logs: dict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for file in store.files("events"):
        with pq.ParquetFile(file) as part:
            for batch in part.iter_batches(columns=["source_id", "host", "channel"]):
                found = pa.Table.from_batches([batch]).group_by(batch.schema.names).aggregate([]).to_pylist()
                for row in found:
                    logs[row["source_id"]].add((row["host"], row["channel"]))
    return {source_id: frozenset(pairs) for source_id, pairs in logs.items()}


def source_row(source_id: str, path: str, format_name: str, **fields: Any) -> dict[str, Any]:
    """A row of the sources table with counts that default to 0."""
    counts = ("read", "stored", "duplicate", "rejected", "filtered")
    zeros = {f"records_{name}": 0 for name in counts}
    stamp = {"parser_version": VERSION, "read_at": datetime.now(UTC)}
    return {"source_id": source_id, "path": path, "format": format_name, **zeros, **stamp, **fields}


def append_rejects(
    transaction: Transaction, source_id: str, path: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add rows to rejects."""
    names = row_schema("rejects").names
    full = [{"source_id": source_id, "path": path, **{name: row.get(name) for name in names}} for row in rows]
    transaction.append("rejects", pa.RecordBatch.from_pylist(full, schema=TABLES["rejects"].schema))


def read_table(store: Store, table: str, columns: list[str] | None = None) -> pa.Table:
    """A small raw table as a whole."""
    names = columns or list(TABLES[table].column_names)
    schema = pa.schema([TABLES[table].schema.field(name) for name in names])
    batches: list[pa.RecordBatch] = []
    for file in store.files(table):
        with pq.ParquetFile(file) as part:
            batches.extend(in_schema(table, batch).select(names) for batch in part.iter_batches())
    return pa.Table.from_batches(batches, schema=schema)
