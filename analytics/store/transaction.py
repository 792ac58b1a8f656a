"""Rows on their way into the store: staged as whole Parquet files, made visible all at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.store.commit import commit
from analytics.store.disk import NewFile, disk_errors, make_folder, remove, remove_folder
from analytics.store.layout import STAGING, by_week, partition_folder
from analytics.store.manifest import Loss, Part
from analytics.store.store import Store
from analytics.tables import TABLES

ROW_GROUP_BYTES = 32 * 1024 * 1024
BUFFERED_BYTES = 64 * 1024 * 1024
WRITES_UNDER_WAY = 2
PLAIN_COLUMNS = {
    "at": "DELTA_BINARY_PACKED",
    "line_no": "DELTA_BINARY_PACKED",
    "record_no": "DELTA_BINARY_PACKED",
}
RUN_AGAIN = "what was committed before stays; free space and run again"
UNREPEATED_TEXT = {"message", "data", "error_text", "excerpt"}


@dataclass
class _Staged:
    """One staged file and the rows that wait for it."""

    table: str
    target: str
    path: Path
    file: NewFile | None = None
    writer: pq.ParquetWriter | None = None
    rows: int = 0
    waiting: list[pa.RecordBatch] = field(default_factory=list)
    waiting_bytes: int = 0


class Transaction:
    """Collects rows and commits them; leaving the `with` block with an error drops them.

    Files are written by one background thread, so that parsing and compressing run side by side.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._id = uuid.uuid4().hex[:16]
        self._staged = store.path / STAGING / self._id
        self._parts: dict[tuple[str, str | None], _Staged] = {}
        self._dropped: set[str] = set()
        self._losses: dict[str, Loss] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._under_way: list[Future[None]] = []
        self._has_moved = False
        self.rows = 0

    def __enter__(self) -> Self:
        with disk_errors("write", self._store.path, RUN_AGAIN):
            make_folder(self._staged, self._store.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            self._thread.shutdown(wait=True)
            for part in self._parts.values():
                _close_quietly(part)
            self._clean_up()

    def append(self, table: str, rows: pa.RecordBatch) -> None:
        """Add rows with the table's schema (constant text may be dictionary-encoded); none leave no trace."""
        if len(rows) == 0:
            return  # a row group of no rows is refused by the Parquet writer
        self.rows += len(rows)
        for week, piece in by_week(table, rows):
            part = self._part(table, week)
            part.waiting.append(piece)
            part.waiting_bytes += piece.nbytes
            if part.waiting_bytes >= ROW_GROUP_BYTES:
                self._write_out(part)
        if sum(part.waiting_bytes for part in self._parts.values()) > BUFFERED_BYTES:
            self._write_out(max(self._parts.values(), key=lambda part: part.waiting_bytes))

    def replace(self, files: list[Path]) -> None:
        """Leave these parts out of the store from this commit on; their files go when nobody reads them."""
        self._dropped.update(file.relative_to(self._store.path).as_posix() for file in files)

    def note_losses(self, losses: Iterable[Loss]) -> None:
        """From this commit on these are the store's losses."""
        self._losses = {loss.source_id: loss for loss in losses}

    def _part(self, table: str, week: str | None) -> _Staged:
        key = (table, week)
        if key not in self._parts:
            name = f"{len(self._parts)}.parquet"
            target = f"{partition_folder(table, week)}/{self._id}.parquet"
            self._parts[key] = _Staged(table, target, self._staged / name)
        return self._parts[key]

    def _write_out(self, part: _Staged) -> None:
        batches, part.waiting, part.waiting_bytes = part.waiting, [], 0
        if not batches:
            return
        while len(self._under_way) >= WRITES_UNDER_WAY:
            self._finish_one()
        self._under_way.append(self._thread.submit(_write_row_group, part, batches))

    def _finish_one(self) -> None:
        with disk_errors("write", self._store.path, RUN_AGAIN):
            self._under_way.pop(0).result()

    def _commit(self) -> None:
        for part in self._parts.values():
            self._write_out(part)
        while self._under_way:
            self._finish_one()
        with disk_errors("write", self._store.path, RUN_AGAIN):
            staged = {part.path: _finished(part) for part in self._parts.values()}
            if staged or self._dropped or self._losses is not None:
                self._has_moved = True
                commit(self._store.path, staged, self._dropped, self._losses)
                self._has_moved = False

    def _clean_up(self) -> None:
        """Empty the staging folder; where a commit broke off, it tells the next writer what to remove."""
        if self._has_moved:
            for part in self._parts.values():
                remove(part.path)
        else:
            remove_folder(self._staged)


def _finished(part: _Staged) -> Part:
    """Close a staged file durably; says what it is."""
    assert part.writer is not None
    assert part.file is not None
    part.writer.close()
    part.file.finish()
    return Part(part.target, part.file.size_bytes, part.rows, part.file.sha256)


def _write_row_group(part: _Staged, batches: list[pa.RecordBatch]) -> None:
    table = pa.Table.from_batches(batches)
    if part.writer is None:
        part.file = NewFile(part.path)
        part.writer = _open_writer(part.file, part.table, table.schema)
    part.writer.write_table(table, row_group_size=len(table))
    part.rows += len(table)


def _open_writer(file: NewFile, table: str, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the store's settings: zstd, dictionaries but for texts that do not repeat."""
    names = TABLES[table].column_names
    encoded = {name: encoding for name, encoding in PLAIN_COLUMNS.items() if name in names}
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=[name for name in names if name not in UNREPEATED_TEXT and name not in encoded],
        column_encoding=encoded or None,
        store_schema=False,
        write_statistics=True,
        write_page_checksum=True,
    )


def _close_quietly(part: _Staged) -> None:
    with suppress(OSError, pa.ArrowException):
        if part.writer:
            part.writer.close()
    with suppress(OSError):
        if part.file:
            part.file.close()
