"""When two records are the same one, read twice: by what they say, whatever file and place they stand in."""

from __future__ import annotations

from analytics.tables.raw import HOST_KEYS, RAW

__all__ = ["GUESSED", "compared_names", "compared_sql"]

GUESSED = (
    "folder"  # `host_from` of a host that counts as unknown: a folder's name tells no two computers apart
)

_PLACE_COLUMNS = {"source_id", "line_no", "record_no", "host_from"}
_NAMES = {table.name: table.column_names for table in RAW}


def compared_names(table: str) -> list[str]:
    """The columns of a raw table that are compared.

    Keys of computers follow from their names, and older parts lack them.
    """
    left_out = _PLACE_COLUMNS | set(HOST_KEYS.get(table, ()))
    return [name for name in _NAMES[table] if name not in left_out]


def compared_sql(table: str, name: str, prefix: str = "") -> str:
    """A column as it is compared: a host that is only guessed counts as unknown."""
    if name == "host" and "host_from" in _NAMES[table]:
        return f"CASE WHEN {prefix}host_from = '{GUESSED}' THEN NULL ELSE {prefix}host END"
    return f'{prefix}"{name}"'
