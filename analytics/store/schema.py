"""Rows of older parts in the columns that are declared now."""

from __future__ import annotations

import pyarrow as pa

from analytics.tables import TABLES

BATCH_ROWS = 128 * 1024


def in_schema(table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with exactly the declared columns; columns that an older version did not write are NULL."""
    schema = TABLES[table].schema
    arrays = [
        batch.column(field.name).cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(len(batch), field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
