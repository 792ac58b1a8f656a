"""One Parquet file on its way into the store: the rows that wait for it, and its writer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pyarrow.parquet as pq

from analytics.store.disk import NewFile
from analytics.store.manifest import Part
from analytics.tables import TABLES

_PLAIN_COLUMNS = {
    "at": "DELTA_BINARY_PACKED",
    "line_no": "DELTA_BINARY_PACKED",
    "record_no": "DELTA_BINARY_PACKED",
}
_UNREPEATED_TEXT = {"message", "data", "error_text", "excerpt"}


@dataclass
class StagedPart:
    """A staged file; `target` is its name in the store, `week` its partition (None for tables without time)."""

    table: str
    week: str | None
    target: str
    path: Path
    file: NewFile | None = None
    writer: pq.ParquetWriter | None = None
    rows: int = 0
    is_begun: bool = False
    waiting: list[pa.RecordBatch] = field(default_factory=list)
    waiting_bytes: int = 0

    def wait(self, rows: pa.RecordBatch) -> None:
        """Let rows wait for the next row group."""
        self.waiting.append(rows)
        self.waiting_bytes += rows.nbytes

    def take_waiting(self) -> list[pa.RecordBatch]:
        """The rows that wait, which from now on are somebody else's."""
        batches, self.waiting, self.waiting_bytes = self.waiting, [], 0
        return batches

    def write(self, batches: list[pa.RecordBatch]) -> None:
        """Write rows as one row group."""
        table = pa.Table.from_batches(batches)
        if self.writer is None:
            self.file = NewFile(self.path)
            self.writer = _open_writer(self.file, self.table, table.schema)
        self.writer.write_table(table, row_group_size=len(table))
        self.rows += len(table)

    def finish(self) -> Part:
        """Close the file durably, once; says what it is."""
        assert self.writer is not None
        assert self.file is not None
        if not self.file.closed:
            self.writer.close()
            self.file.finish()
        return Part(self.target, self.file.size_bytes, self.rows, self.file.sha256)

    def close_quietly(self) -> None:
        """Let go of a file that will not be used."""
        with suppress(OSError, pa.ArrowException):
            if self.writer:
                self.writer.close()
        with suppress(OSError):
            if self.file:
                self.file.close()


def _open_writer(file: NewFile, table: str, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the store's settings: zstd, dictionaries but for texts that do not repeat."""
    import pyarrow.parquet as pq

    names = TABLES[table].column_names
    encoded = {name: encoding for name, encoding in _PLAIN_COLUMNS.items() if name in names}
    return pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        use_dictionary=[name for name in names if name not in _UNREPEATED_TEXT and name not in encoded],
        column_encoding=encoded or None,
        store_schema=False,
        write_statistics=True,
        write_page_checksum=True,
    )
