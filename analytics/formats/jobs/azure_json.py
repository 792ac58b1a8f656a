"""The records of an Azure export as JSON, whole or damaged: what can be read of it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

_Record = dict[str, Any]
_IsRecord = Callable[[_Record], bool]

_DECODER = json.JSONDecoder(strict=False)
_COLUMNS = re.compile(r'"columns"\s*:\s*')
_ROWS = re.compile(r'"rows"\s*:\s*\[')
_NEXT_ROW = re.compile(r"[\s,]*(?=\[)")
# A text made to be read over and over is given up: so many times its own length.
_MOST_TIMES = 20
_MOST_TABLES = 100


def records_of(text: str, is_record: _IsRecord) -> tuple[list[_Record], str | None]:
    """The records of a list, of {"value": [...]} or of the API's {"tables": [{columns, rows}]}, and what is wrong.

    Of a damaged text the records that are whole: objects that `is_record` knows, and rows of tables.
    """
    try:
        return _whole(json.loads(text)), None
    except (ValueError, RecursionError) as error:
        return [*_objects(text, is_record), *_rows(text)], f"broken JSON: {error}"


def _whole(content: Any) -> list[_Record]:
    """The records of a whole document; ValueError for anything else."""
    if isinstance(content, dict) and isinstance(content.get("tables"), list):
        return [record for table in content["tables"] for record in _table_records(table)]
    if isinstance(content, dict):
        content = content.get("value")
    if not isinstance(content, list):
        raise ValueError("no list of records")  # noqa: TRY004 (the file is wrong, not the caller)
    return [record if isinstance(record, dict) else {} for record in content]


def _table_records(table: Any) -> list[_Record]:
    try:
        names = [column["name"] for column in table["columns"]]
        return [dict(zip(names, row, strict=True)) for row in table["rows"]]
    except (TypeError, KeyError) as error:
        raise ValueError(f"a table without columns or rows: {error}") from None


def _objects(text: str, is_record: _IsRecord) -> Iterator[_Record]:
    """The objects that are records, wherever they stand."""
    place, patience = text.find("{"), _MOST_TIMES * len(text)
    while place >= 0 and patience > 0:
        content, end = _value_at(text, place)
        is_found = isinstance(content, dict) and is_record(content)
        if is_found:
            yield content
        patience -= end - place
        place = text.find("{", end if is_found else place + 1)


def _rows(text: str) -> Iterator[_Record]:
    """The rows of tables whose columns are whole."""
    for found in islice(_COLUMNS.finditer(text), _MOST_TABLES):
        columns, end = _value_at(text, found.end())
        rows = _ROWS.match(text, end) or _ROWS.search(text, end)
        if rows is None or not isinstance(columns, list):
            continue
        names = [str(column.get("name")) for column in columns if isinstance(column, dict)]
        place = rows.end()
        while following := _NEXT_ROW.match(text, place):
            row, place = _value_at(text, following.end())
            if not isinstance(row, list):
                place = text.find("[", following.end() + 1) if place < len(text) else place
            elif len(row) == len(names):
                yield dict(zip(names, row, strict=True))


def _value_at(text: str, place: int) -> tuple[Any, int]:
    """The value that begins at a place, None where it is broken, and where reading it ended."""
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        return None, max(error.pos, place + 1)
    except (ValueError, RecursionError):
        return None, len(text)
