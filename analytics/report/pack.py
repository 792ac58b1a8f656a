"""Tables as compact JSON for the page: column by column, repeats once, no number that others tell."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from analytics.arrow import floats_of
from analytics.report.guesses import Numbers, guess_of, half_up, in_order

_MANY_ROWS, _VERY_MANY_ROWS = 20_000, 50_000
_FINE_S = 10.0
_SHORT_IDS = (8, 13)  # of a GUID the first group, or two
# below it a double is exactly the whole number it stands for
_EXACT = 2.0**53
_Words: TypeAlias = list[str | bool | None]


def compact_json(value: Any) -> bytes:
    """JSON without blanks, UTF-8; null for numbers that JSON does not have."""
    import orjson

    return orjson.dumps(value)


def pack_tables(tables: dict[str, pa.Table]) -> dict[str, Any]:
    """The packed tables, and the `words` that several of them share: names of VMs, ids of jobs."""
    packed = {name: pack_table(table) for name, table in tables.items()}
    shared = {column: _share(packed, column) for column in ("vm", "job_id")}
    shared["job_id"] = _shortened(shared["job_id"])
    return {"tables": packed, "words": shared}


def _share(packed: dict[str, Any], column: str) -> _Words:
    """Put the words of a column of all tables into one list, the longest table's first."""
    found = [table["columns"][column] for table in packed.values() if column in table["columns"]]
    places: dict[Any, int] = {}
    for part in sorted(found, key=lambda part: -len(part["values"])):
        own = np.array([places.setdefault(word, len(places)) for word in part.pop("words")], dtype=np.int64)
        codes = own[np.array(part.pop("values"), dtype=np.int64)]
        steps = np.diff(codes, prepend=0)
        is_run = len(np.unique(steps)) < len(np.unique(codes))
        part |= {"words": column, "steps" if is_run else "values": (steps if is_run else codes).tolist()}
    return list(places)


def _shortened(job_ids: _Words) -> _Words:
    """The first characters of jobs' ids, by which every command finds them, where these tell all of them apart."""
    for length in _SHORT_IDS:
        short: _Words = [name and str(name)[:length] for name in job_ids]
        if len(set(short)) == len(job_ids):
            return short
    return job_ids


def pack_table(table: pa.Table) -> dict[str, Any]:
    """Turn a table (no zones) into its number of rows and one packed column per name.

    In tables of more than _MANY_ROWS rows, numbers are as fine as the page shows them.
    """
    packed = {
        name: _pack_words(table.column(name))
        for name in table.column_names
        if not _is_number(table.schema.field(name).type)
    }
    known: Numbers = _groups(packed, table.num_rows)
    for name in in_order([name for name in table.column_names if name not in packed]):
        unit, known[name] = _numbers(name, table.column(name), table.num_rows)
        packed[name] = _pack_numbers(known[name], unit, guess_of(name, known))
    return {"n": table.num_rows, "columns": packed}


def _is_number(kind: pa.DataType) -> bool:
    """Whole, real or decimal, or a moment."""
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_timestamp(kind)
    )


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


def _groups(packed: dict[str, Any], rows: int) -> Numbers:
    """Which rows are of one job, and which of one VM on one night (or of one job without a VM); which are a queue."""
    codes = {name: np.array(packed[name]["values"], dtype=np.int64) for name in packed}
    words = {name: packed[name]["words"] for name in packed}
    phase = words.get("phase", [])
    queue = codes["phase"] == phase.index("queue") if "queue" in phase else np.zeros(rows, dtype=bool)
    found: Numbers = {"queue": queue}
    if "job_id" in codes:
        found["job"] = codes["job_id"]
    if "vm" in codes and "night" in codes:
        vms = codes["vm"]
        if None in words["vm"] and "job_id" in codes:
            vms = np.where(vms == words["vm"].index(None), len(words["vm"]) + codes["job_id"], vms)
        found["row"] = codes["night"] * (int(vms.max(initial=0)) + 1) + vms
    return found


def _numbers(name: str, column: pa.ChunkedArray, rows: int) -> tuple[int, np.ndarray[Any, Any]]:
    """A column's numbers as they are kept, NaN where missing, and the unit of which they are whole multiples."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    numbers = floats_of(column)
    if rows > _VERY_MANY_ROWS and name.endswith(("_ms", "_at")):
        return 1000, np.round(numbers / 1000.0) * 1000.0
    if rows > _MANY_ROWS and name.endswith("_s"):
        is_fine = (np.abs(numbers) < _FINE_S) & (rows <= _VERY_MANY_ROWS)
        return 1, np.where(is_fine, half_up(numbers), np.round(numbers))
    return 1, half_up(numbers)


def _pack_numbers(
    numbers: np.ndarray[Any, Any], unit: int, guess: tuple[list[str], np.ndarray[Any, Any]] | None
) -> dict[str, Any]:
    """Numbers in `unit`s; what is not finite is missing.

    Where none is missing, steps from one to the next: they repeat, so that the page compresses better. Where a guess
    is right more often, what it is off by.
    """
    beside = {"unit": unit} if unit != 1 else {}
    is_whole = bool(np.isfinite(numbers).all())
    own = np.diff(numbers, prepend=0.0) if is_whole else numbers
    if guess is not None:
        way, told = guess
        off = (own if way[0] == "follows" else numbers) - told
        if (is_whole or way[0] != "follows") and np.count_nonzero(half_up(off)) < np.count_nonzero(own):
            return {"way": way, "off": _values(off, unit)} | beside
    return {"steps" if is_whole else "values": _values(own, unit)} | beside


def _values(numbers: np.ndarray[Any, Any], unit: int) -> list[float | None]:
    """Numbers as they are written; None for what is not finite."""
    numbers = half_up(numbers / unit)
    is_there = np.isfinite(numbers)
    plain = _plain(np.where(is_there, numbers, 0.0))
    if is_there.all():
        return [*plain]
    return [number if known else None for number, known in zip(plain, is_there.tolist(), strict=True)]


def _plain(numbers: np.ndarray[Any, Any]) -> list[float]:
    """Finite numbers without a needless .0."""
    if (numbers == np.floor(numbers)).all() and (np.abs(numbers) < _EXACT).all():
        whole: list[float] = numbers.astype(np.int64).tolist()
        return whole
    return [int(number) if number.is_integer() else number for number in numbers.tolist()]
