"""Whether a row is what a cut left of another one: it says less than that one, and nothing else.

Texts and numbers may end early, the last ones of the row may be missing; a text that ended with its line goes on
behind a line feed only. Of an event that was pasted with its XML, the text above the XML says other things in other
words: its data is not compared, and its time is local, in whole seconds.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow as pa

from analytics.formats.events.labels import EXTRA
from analytics.tables import TABLES

_JSON_COLUMN = "data"
# Zones lie so far from UTC at most, and whole quarters of an hour.
FURTHEST_ZONE = timedelta(hours=14)
_QUARTER_US = 900_000_000
_SECOND_US = 1_000_000
_MAX_LABEL = 60
# What the text above the XML says and the XML does not, by these names.
_ABOVE_XML = frozenset(EXTRA.values())


def may_lack_xml(table: str, row: pa.RecordBatch) -> bool:
    """Whether the only row may be the text above the XML of an event: XML alone tells the id of the record."""
    return table == "events" and row.column("record_id")[0].as_py() is None


def beginning_sql(table: str, relation: str, pairs: dict[str, tuple[str, str]]) -> str:
    """What rows of `relation` (o) the row in `incoming` (n) may be the beginning of: the JSON of both (`new`, `old`)
    and whether all else is equal (`is_same`), begins so (`begins`), or is one event with and without XML (`is_xml`).

    `pairs` are the compared columns as SQL, of n and of o.
    """
    schema = TABLES[table].schema
    same = {key: f"{new} IS NOT DISTINCT FROM {old}" for key, (new, old) in pairs.items()}
    begins = {
        key: f"({same[key]} OR {new} IS NULL{_begins(schema.field(key).type, new, old)})"
        for key, (new, old) in pairs.items()
        if key != _JSON_COLUMN
    }
    all_begin = " AND ".join(begins.values())
    all_same = " AND ".join(condition for key, condition in same.items() if key != _JSON_COLUMN)
    xml = _is_above_xml(begins, pairs) if "record_id" in pairs and _JSON_COLUMN in pairs else "false"
    new_data, old_data = pairs.get(_JSON_COLUMN, ("NULL", "NULL"))
    return f"""
        SELECT {new_data} AS new, {old_data} AS old, {all_same} AS is_same, {all_begin} AS begins, {xml} AS is_xml
        FROM incoming AS n, ({relation}) AS o
        WHERE ({all_begin}) OR ({xml})
    """


def says_less(row: dict[str, Any], is_open: bool) -> bool:
    """Whether a row of that SQL shows a cut; `is_open` where the text of the cut record ends in mid-line."""
    new, old = (json.loads(row[name]) if row[name] else {} for name in ("new", "old"))
    if row["is_xml"] and not _ABOVE_XML & old.keys() and (not new or _ABOVE_XML & new.keys()):
        return True
    if not row["begins"]:
        return False
    return not (row["is_same"] and new == old) and _is_part(new, old, is_open)


def _is_part(new: Any, old: Any, is_open: bool) -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        return all(key in old and _is_part(value, old[key], is_open) for key, value in new.items())
    if isinstance(new, list) and isinstance(old, list):
        return len(new) <= len(old) and all(map(_is_part, new, old, [is_open] * len(new)))
    if is_open and isinstance(new, str) and isinstance(old, str):
        return old.startswith(new.rstrip("\ufffd"))
    return bool(new == old)


def _begins(type_: pa.DataType, new: str, old: str) -> str:
    """Whether a text or a number may be what a cut left of another one."""
    if type_ == pa.string():
        # a character that was cut reads as U+FFFD
        return f" OR starts_with({old}, rtrim({new}, chr(65533)) || $line_end)"
    if pa.types.is_integer(type_):
        return f" OR starts_with(CAST({old} AS VARCHAR), CAST({new} AS VARCHAR) || $line_end)"
    return ""


def _is_above_xml(begins: dict[str, str], pairs: dict[str, tuple[str, str]]) -> str:
    """Whether the row is the text above the XML of the other one, whose label may be all that is left of the XML."""
    (new_id, old_id), (new_at, old_at), (new, old) = (pairs[key] for key in ("record_id", "at", "message"))
    others = [
        condition for key, condition in begins.items() if key not in {"record_id", "at", "message", "version"}
    ]
    apart = f"(epoch_us({old_at}) - epoch_us({new_at}))"
    is_local = f"(({apart} % {_QUARTER_US}) + {_QUARTER_US}) % {_QUARTER_US} < {_SECOND_US}"
    has_label = f"starts_with({new}, {old}) AND length({new}) <= length({old}) + {_MAX_LABEL}"
    return " AND ".join(
        [
            f"{old_id} IS NOT NULL AND ({new_id} IS NULL OR {new_id} = {old_id})",
            f"({new_at} IS NOT DISTINCT FROM {old_at} OR {new_id} IS NULL AND {is_local})",
            f"({begins['message']} OR {has_label})",
            *others,
        ]
    )
