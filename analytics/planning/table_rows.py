"""Rows of plain values as a table of the spine."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from analytics.arrow import column_of

__all__ = ["rows_of"]


def rows_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table."""
    return pa.Table.from_arrays(
        [column_of([row[field.name] for row in rows], field.type) for field in schema], schema=schema
    )
