"""Rows on their way into the store: staged as whole Parquet files, made visible all at once."""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import StoreError
from analytics.store.layout import COMMIT_FILE, STAGING, by_week, partition_folder
from analytics.store.store import Store, apply_commit, write_atomically
from analytics.tables import TABLES

ROW_GROUP_BYTES = 32 * 1024 * 1024
BUFFERED_BYTES = 64 * 1024 * 1024
WRITES_UNDER_WAY = 2
PLAIN_COLUMNS = {
    "at": "DELTA_BINARY_PACKED",
    "line_no": "DELTA_BINARY_PACKED",
    "record_no": "DELTA_BINARY_PACKED",
}
UNREPEATED_TEXT = {"message", "data", "error_text", "excerpt"}


@dataclass
class _Part:
    """One staged file and the rows that wait for it."""

    table: str
    target: str
    path: Path
    writer: pq.ParquetWriter | None = None
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
        self._parts: dict[tuple[str, str | None], _Part] = {}
        self._deletes: list[str] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._under_way: list[Future[None]] = []
        self._is_applied = False
        self.rows = 0

    def __enter__(self) -> Self:
        with _disk_errors(self._store.path):
            self._staged.mkdir(parents=True)
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
            # A commit that was decided but not carried out to its end is completed by the next writer or reader.
            if self._is_applied or not (self._staged / COMMIT_FILE).is_file():
                shutil.rmtree(self._staged, ignore_errors=True)

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
        """Delete these parts when the transaction commits."""
        self._deletes.extend(file.relative_to(self._store.path).as_posix() for file in files)

    def _part(self, table: str, week: str | None) -> _Part:
        key = (table, week)
        if key not in self._parts:
            name = f"{len(self._parts)}.parquet"
            target = f"{partition_folder(table, week)}/{self._id}.parquet"
            self._parts[key] = _Part(table, target, self._staged / name)
        return self._parts[key]

    def _write_out(self, part: _Part) -> None:
        batches, part.waiting, part.waiting_bytes = part.waiting, [], 0
        if not batches:
            return
        while len(self._under_way) >= WRITES_UNDER_WAY:
            self._finish_one()
        self._under_way.append(self._thread.submit(_write_row_group, part, batches))

    def _finish_one(self) -> None:
        with _disk_errors(self._store.path):
            self._under_way.pop(0).result()

    def _commit(self) -> None:
        for part in self._parts.values():
            self._write_out(part)
        while self._under_way:
            self._finish_one()
        with _disk_errors(self._store.path):
            for part in self._parts.values():
                _close_durably(part)
            moves = [[part.path.name, part.target] for part in self._parts.values() if part.writer]
            if moves or self._deletes:
                write_atomically(
                    self._staged / COMMIT_FILE, json.dumps({"moves": moves, "deletes": self._deletes})
                )
                apply_commit(self._store.path, self._staged)
            self._is_applied = True


def _write_row_group(part: _Part, batches: list[pa.RecordBatch]) -> None:
    table = pa.Table.from_batches(batches)
    if part.writer is None:
        part.writer = open_writer(part.path, part.table, table.schema)
    part.writer.write_table(table, row_group_size=len(table))


def open_writer(path: Path, table: str, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the store's settings: zstd, dictionaries but for texts that do not repeat."""
    names = TABLES[table].column_names
    encoded = {name: encoding for name, encoding in PLAIN_COLUMNS.items() if name in names}
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=[name for name in names if name not in UNREPEATED_TEXT and name not in encoded],
        column_encoding=encoded or None,
        store_schema=False,
        write_statistics=True,
    )


def _close_durably(part: _Part) -> None:
    if part.writer:
        part.writer.close()
        with part.path.open("rb+") as written:
            os.fsync(written.fileno())


def _close_quietly(part: _Part) -> None:
    try:
        if part.writer:
            part.writer.close()
    except (OSError, pa.ArrowException):
        pass


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC or "No space left" in str(error)
        what = "the disk is full" if full else f"cannot write: {error.strerror or error}"
        raise StoreError(
            what, str(path), "what was committed before stays; free space and run again"
        ) from error
