"""Tables as compact JSON for the page: column by column, repeats once."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

_MANY_ROWS = 50_000


def compact_json(value: Any) -> str:
    """JSON without blanks; raises ValueError for numbers that JSON does not have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def pack_table(table: pa.Table) -> dict[str, Any]:
    """Turn a table (no zones) into its number of rows and one packed column per name."""
    coarse = table.num_rows > _MANY_ROWS
    columns = {name: _pack_column(name, table.column(name), coarse) for name in table.column_names}
    return {"n": table.num_rows, "columns": columns}


def _pack_column(name: str, column: pa.ChunkedArray, coarse: bool) -> dict[str, Any]:
    """Pack one column: texts and dates as positions in a list of words, numbers as they are.

    In tables of more than _MANY_ROWS rows, times are kept to the second: they are for looking at there.
    """
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    elif not _is_number(column.type):
        return pack_words([None if value is None else str(value) for value in column.to_pylist()])
    in_ms = name.endswith(("_ms", "_at"))
    unit = 1000 if coarse and in_ms else 1
    digits = 0 if coarse and name.endswith(("_ms", "_at", "_s")) else 3
    return pack_numbers([_rounded(value, unit, digits) for value in column.to_pylist()], unit)


def _is_number(kind: pa.DataType) -> bool:
    """Whole, real or decimal."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _rounded(value: Any, unit: int, digits: int) -> float | None:
    """A number in `unit`s with `digits` decimals, without a needless .0; what is not finite is missing."""
    if value is None or value != value or abs(value) == float("inf"):  # noqa: PLR0124  (NaN differs from itself)
        return None
    near = round(float(value) / unit, digits)
    return int(near) if near == int(near) else near


def pack_words(values: list[str | None]) -> dict[str, Any]:
    """The different values once, and each row's position among them."""
    places: dict[str | None, int] = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    return {"words": list(places)} | pack_numbers(codes, 1)


def pack_numbers(values: list[Any], unit: int) -> dict[str, Any]:
    """The shortest of: the values, runs of equal ones, steps from one to the next, only those there."""
    ways = (
        {"values": values},
        {"runs": _run_lengths(values)},
        {"steps": _steps(values)},
        {"some": _sparse(values)},
    )
    packed: dict[str, Any] = min(ways, key=lambda way: len(json.dumps(way)))
    return packed | ({"unit": unit} if unit != 1 else {})


def _run_lengths(values: list[Any]) -> list[Any]:
    """Each run of equal values as the value and its length, one after the other."""
    runs: list[Any] = []
    for value in values:
        if runs and runs[-2] == value:
            runs[-1] += 1
        else:
            runs += [value, 1]
    return runs


def _steps(values: list[Any]) -> list[Any]:
    """Differences to the value before (missing ones are passed over), to three decimals."""
    before, made = 0, []
    for value in values:
        made.append(None if value is None else _rounded(value - before, 1, 3))
        before = before if value is None else value
    return made


def _sparse(values: list[Any]) -> list[Any]:
    """The number of values, then for each that is there how many are missing before it, and itself."""
    made: list[Any] = [len(values)]
    missing = 0
    for value in values:
        if value is None:
            missing += 1
        else:
            made += [missing, value]
            missing = 0
    return made
