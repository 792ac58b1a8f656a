"""Tables as compact JSON for the page: column by column, repeats once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from analytics.arrow import floats_of

_MANY_ROWS = 50_000
_SHORT_ID = 13  # of a GUID the first two groups
# below it a double is exactly the whole number it stands for
_EXACT = 2.0**53


def compact_json(value: Any) -> bytes:
    """JSON without blanks, UTF-8; null for numbers that JSON does not have."""
    import orjson

    return orjson.dumps(value)


def pack_table(table: pa.Table) -> dict[str, Any]:
    """Turn a table (no zones) into its number of rows and one packed column per name."""
    coarse = table.num_rows > _MANY_ROWS
    columns = {name: _pack_column(name, table.column(name), coarse) for name in table.column_names}
    if "job_id" in columns:
        columns["job_id"]["words"] = _shortened(columns["job_id"]["words"])
    return {"n": table.num_rows, "columns": columns}


def _shortened(job_ids: list[str | None]) -> list[str | None]:
    """The first characters of jobs' ids, by which every command finds them, where these tell all of them apart."""
    short = [name and name[:_SHORT_ID] for name in job_ids]
    return short if len(set(short)) == len(job_ids) else job_ids


def _pack_column(name: str, column: pa.ChunkedArray, coarse: bool) -> dict[str, Any]:
    """Pack one column: texts and dates as positions in a list of words, numbers as they are.

    In tables of more than _MANY_ROWS rows, times are kept to the second: they are for looking at there.
    """
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    elif not _is_number(column.type):
        return _pack_words(column)
    in_ms = name.endswith(("_ms", "_at"))
    unit = 1000 if coarse and in_ms else 1
    digits = 0 if coarse and name.endswith(("_ms", "_at", "_s")) else 3
    return _pack_numbers(column, unit, digits)


def _is_number(kind: pa.DataType) -> bool:
    """Whole, real or decimal."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _pack_words(column: pa.ChunkedArray) -> dict[str, Any]:
    """The different values once, a missing one among them, and each row's position there; flags stay flags."""
    if not len(column):
        return {"words": [], "values": []}
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    words = [
        word if word is None or isinstance(word, bool) else str(word)
        for word in encoded.dictionary.to_pylist()
    ]
    return {"words": words, "values": encoded.indices.to_pylist()}


def _pack_numbers(column: pa.ChunkedArray, unit: int, digits: int) -> dict[str, Any]:
    """Numbers in `unit`s with so many decimals; what is not finite is missing.

    Where none is missing, steps from one to the next: they repeat, so that the page compresses better.
    """
    numbers = np.round(floats_of(column, unit), digits)
    is_there = np.isfinite(numbers)
    beside = {"unit": unit} if unit != 1 else {}
    if not is_there.all():
        there = zip(_plain(np.where(is_there, numbers, 0.0)), is_there.tolist(), strict=True)
        return {"values": [number if known else None for number, known in there]} | beside
    return {"steps": _plain(np.round(np.diff(numbers, prepend=0.0), 3))} | beside


def _plain(numbers: np.ndarray) -> list[float]:
    """Finite numbers without a needless .0."""
    if (numbers == np.floor(numbers)).all() and (np.abs(numbers) < _EXACT).all():
        whole: list[float] = numbers.astype(np.int64).tolist()
        return whole
    return [int(number) if number.is_integer() else number for number in numbers.tolist()]
