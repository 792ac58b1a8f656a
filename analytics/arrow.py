"""Columns between Arrow and numpy, through buffers: `pa.array`, `to_numpy` and scalars import pandas.

That would take longer than all of a small report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["column_of", "flags_of", "floats_of", "is_there", "labels_of", "texts", "wholes_of"]

_Floats = np.ndarray[Any, np.dtype[np.float64]]
_Ints = np.ndarray[Any, np.dtype[np.int64]]
_Bools = np.ndarray[Any, np.dtype[np.bool_]]
_WIDTHS = {pa.int64(): "int64", pa.float64(): "float64", pa.date32(): "int32", pa.int32(): "int32"}


def floats_of(column: pa.ChunkedArray, unit: float = 1.0) -> _Floats:
    """A column of numbers in another unit, NaN for NULL."""
    column = column.cast(pa.float64(), safe=False)  # beyond 2^53 the nearest number is near enough
    found = np.full(len(column), np.nan)
    found[is_there(column)] = _dense(column)
    return found / unit


def wholes_of(column: pa.ChunkedArray, missing: int = -1) -> _Ints:
    """A column of whole numbers or days."""
    column = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    column = column.cast(pa.int64())
    found = np.full(len(column), missing, np.int64)
    found[is_there(column)] = _dense(column)
    return found


def flags_of(column: pa.ChunkedArray) -> _Bools:
    """A column of flags, False for NULL."""
    found: _Bools = wholes_of(column, 0) != 0
    return found


def labels_of(column: pa.ChunkedArray) -> tuple[tuple[str, ...], _Ints]:
    """The distinct texts of a column in their order, and the place of each row's among them, -1 for NULL."""
    labels = sorted(value for value in pc.unique(column).to_pylist() if value is not None)
    return tuple(labels), wholes_of(pc.index_in(column, value_set=texts(labels)))


def texts(values: Sequence[str | None]) -> pa.Array:
    """Texts as a column; None is NULL."""
    encoded = [(value or "").encode("utf-8") for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    known = np.array([value is not None for value in values], bool)
    buffers = [_bits(known), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def column_of(
    values: Sequence[Any] | np.ndarray[Any, Any], kind: pa.DataType, known: _Bools | None = None
) -> pa.Array:
    """Values as a column of a type of the spine; whole numbers stand for days and moments.

    None and NaN are NULL, or those that are not `known`.
    """
    if pa.types.is_string(kind):
        return texts(list(values))
    if isinstance(values, np.ndarray):
        found = values
    else:
        found = np.array([np.nan if value is None else value for value in values], float)
    known = ~np.isnan(found) if known is None else known
    if pa.types.is_boolean(kind):
        return pa.Array.from_buffers(kind, len(found), [_bits(known), _bits(known & (found == 1))])
    width = _WIDTHS.get(kind, "int64")
    dense = np.where(known, found, 0).astype(width)
    return pa.Array.from_buffers(kind, len(found), [_bits(known), pa.py_buffer(dense)])


def _bits(flags: _Bools) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def is_there(column: pa.ChunkedArray) -> _Bools:
    """Which rows of a column are not NULL."""
    flags = column.is_valid().combine_chunks() if len(column) else None
    if flags is None:
        return np.zeros(0, bool)
    found: _Bools = np.from_dlpack(flags.cast(pa.uint8())).view(np.bool_)
    return found


def _dense(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    if not len(column):
        return np.zeros(0)
    return np.from_dlpack(column.combine_chunks().drop_null())
