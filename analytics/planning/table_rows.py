"""Rows of plain values as a table of the spine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["rows_of"]


def rows_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table: NaN is NULL, day numbers are dates."""
    return pa.Table.from_arrays(
        [_column([row[field.name] for row in rows], field.type) for field in schema], schema=schema
    )


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    found = [None if isinstance(value, float) and np.isnan(value) else value for value in values]
    if pa.types.is_date32(kind):
        return pa.array(found, pa.int32()).cast(kind)
    return pa.array(found, kind)
