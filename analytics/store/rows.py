"""Reading the rows of parts, whoever wrote them: an older version lacks columns, a damaged file ends in StoreError."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from analytics.errors import StoreError
from analytics.store.schema import BATCH_ROWS, in_schema
from analytics.tables import TABLES

__all__ = ["batches_of"]


_MENDS = "see dpm-analytics check --store DIR"


def batches_of(path: Path, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a part with the declared columns, in batches; page checksums are checked.

    Raises StoreError where it is no Parquet file, or its bytes are not those that were written.
    """
    import pyarrow.parquet as pq

    names = list(columns or TABLES[table].column_names)
    with _part_errors(path), pq.ParquetFile(path, page_checksum_verification=True) as part:
        present = [name for name in names if name in part.schema_arrow.names]
        for batch in part.iter_batches(batch_size=BATCH_ROWS, columns=present):
            yield in_schema(table, batch).select(names)


def rows_by_source(path: Path, table: str) -> Counter[str]:
    """How many rows of a part each source brought."""
    found: Counter[str] = Counter()
    for batch in batches_of(path, table, ["source_id"]):
        counts = batch.column(0).value_counts()
        found.update(dict(zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True)))
    return found


@contextmanager
def _part_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        raise StoreError("is damaged, or no part of a store", str(path), _MENDS) from error
    except OSError as error:  # what Arrow says of a page whose checksum does not fit is an OSError, too
        raise StoreError(
            f"cannot be read: {error.strerror or 'its pages are damaged'}", str(path), _MENDS
        ) from error
