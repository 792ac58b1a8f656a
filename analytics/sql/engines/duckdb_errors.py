"""DuckDB's errors as ours: one line, with what would be right."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from analytics.errors import DpmAnalyticsError, QueryError, StoreError
from analytics.sql.catalogue import catalogue

__all__ = ["UNCONFINED", "shortened", "translated"]

UNCONFINED = "--unconfined opens all of DuckDB"

_BARE_AT = re.compile(r"(?<![.\w\"'])at(?![\w\"'])", re.IGNORECASE)
_NEAREST = re.compile(r'^(?:Did you mean|Candidate bindings)[\s:]*(?P<names>"[^\n]*?)\??$', re.MULTILINE)
_NO_COLUMN = re.compile(r'Referenced column "(?P<name>[^"\n]+)" not found')
_UNBOUND = re.compile(r"Values were not provided for the following parameters: (?P<names>.*)")
_NO_TABLE = re.compile(r"Table with name (?P<name>\w+) does not exist")
_FILE = re.compile(r"Table with name \S*(?:[/\\]|\.(?:csv|json|parquet|tsv|txt|xlsx)\b)\S* does not exist")
_INTERRUPTED = re.compile(r"^INTERRUPT|interrupted", re.IGNORECASE)
_CLOSED = " - file system operations are disabled by configuration"


@contextmanager
def translated(where: str, text: str = "", files: Collection[str] = ()) -> Iterator[None]:
    """Raise DuckDB's errors as ours: StoreError where the store's `files` are the matter, else QueryError.

    `text` is the SQL of the user, if it is that. Ctrl+C, in whatever form DuckDB gives it, is a KeyboardInterrupt.
    """
    import duckdb

    try:
        yield
    except (duckdb.Error, RuntimeError, OSError) as error:
        # an interrupt comes as one of DuckDB's errors, as a bare RuntimeError, or through Arrow as an OSError
        if _INTERRUPTED.search(str(error)):
            raise KeyboardInterrupt from error
        if type(error) is RuntimeError:
            raise
        raise _ours(str(error), where, text, files) from error


def _ours(message: str, where: str, text: str, files: Collection[str]) -> DpmAnalyticsError:
    if any(file in message for file in files) or (message.startswith("IO Error") and not text):
        return StoreError(_first_line(message), "the store", "was it changed meanwhile? run again")
    return QueryError(_first_line(message).replace(_CLOSED, ""), shortened(where), _remedy(message, text))


def _remedy(message: str, text: str) -> str:
    """What would be right, where that can be told."""
    if _CLOSED in message or _FILE.match(_first_line(message)):
        return f"sql reads the store only; {UNCONFINED}"
    if message.startswith("Out of Memory"):
        return "--memory-limit gives more, --temp-directory names a folder with more room"
    if found := _UNBOUND.search(message):
        return " ".join(f"--param {name}=VALUE" for name in found["names"].split(", "))
    if (found := _NO_COLUMN.search(message)) and f'"{found["name"]}"' in text:
        return f"a text stands in single quotes: '{found['name']}'"
    if (found := _NO_TABLE.search(message)) and found["name"].lower() in catalogue():
        return f"it is a named query, no table: dpm-analytics sql {found['name'].lower()}"
    if found := _NEAREST.search(message):
        return f"did you mean {found['names'].replace(chr(34), '')}?"
    if "syntax error" in message and _BARE_AT.search(text):
        return 'the column at is also a key word: write trace.at or "at"'
    return ""


def _first_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return re.sub(r"^[\w -]+ Error: ", "", lines[0]) if lines else "DuckDB gives no reason"


def shortened(text: str) -> str:
    """The text of a statement in one line, its first sixty letters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
