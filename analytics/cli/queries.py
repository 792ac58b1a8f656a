"""dpm-analytics queries: what can be asked, and of which tables; all of it, or what is about some words."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

from analytics.cli import options as shared
from analytics.cli.console import counted, say, say_json, say_wrapped
from analytics.errors import EXIT_DONE, UnknownQueryError

EXAMPLES = """\
  dpm-analytics queries
  dpm-analytics queries snapshot gap
  dpm-analytics queries offenders
  dpm-analytics queries --tables
  dpm-analytics queries --tables phases --json
"""

_Entry = dict[str, Any]
_MANY = 6
_NAME_WIDTH = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        help="only what is about every word, by name, question and columns; the name of one shows it whole",
    )
    parser.add_argument("--tables", action="store_true", help="tables only; without WORD all of them")
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """List what can be asked."""
    entries = _found(options.words, options.tables)
    if options.json:
        say_json(entries)
    elif not options.quiet:
        say_entries(entries, whole=bool(options.words) and len(entries) < _MANY)
    return EXIT_DONE


def _found(words: list[str], tables_only: bool = False) -> list[_Entry]:
    """Named queries, or tables, or what the words are about of both; UnknownQueryError where nothing is."""
    queries = [] if tables_only else query_entries()
    tables = _table_entries() if tables_only or words else []
    entries = [*queries, *tables]
    exact = [entry for entry in entries if [entry["name"]] == words]
    matching = exact or [entry for entry in entries if _is_about(entry, words)]
    if not matching:
        hint = near_or_list(words[0], [entry["name"] for entry in entries])
        raise UnknownQueryError(f"nothing is about {' '.join(words)!r}", "dpm-analytics queries", hint)
    return matching


def near_or_list(name: str, known: list[str]) -> str:
    """What would be right: the nearest names, else the command that lists all."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else "dpm-analytics queries lists them"


def query_entries() -> list[_Entry]:
    """The named queries as plain values: kind, name, title, question, parameters, columns."""
    from analytics.cli.console import plain
    from analytics.sql import catalogue

    keys = ("name", "title", "question", "parameters", "columns")
    return [
        {"kind": "query"} | {key: plain(getattr(query, key)) for key in keys}
        for _, query in sorted(catalogue().items())
    ]


def _table_entries() -> list[_Entry]:
    """The tables as plain values: kind (table, or inner table of the model), name, question, grain, columns."""
    from analytics.tables import DERIVED, PLANNED, RAW, TABLES

    public = {table.name for table in (*RAW, *DERIVED, *PLANNED)}
    return [
        {
            "kind": "table" if table.name in public else "inner table",
            "name": table.name,
            "question": table.question,
            "grain": table.grain,
            "columns": [
                {"name": column.name, "type": column.sql_type, "meaning": column.sentence}
                for column in table.columns
            ],
        }
        for table in TABLES.values()
    ]


def say_entries(entries: list[_Entry], whole: bool = False) -> None:
    """A line each, or each with its parameters and columns."""
    for place, entry in enumerate(entries):
        if whole and place:
            say()
        _say_row(entry["name"], _sentence(entry))
        if whole:
            _say_whole(entry)
    if not whole:
        say()
        say_wrapped(f"{counted(len(entries), 'name')}; dpm-analytics queries NAME shows its columns.")


def _say_whole(entry: _Entry) -> None:
    say(f"  dpm-analytics sql --store DIR {entry['name']}")
    if "grain" in entry:
        say_wrapped(f"  One row is {entry['grain']}.", indent="  ")
    for parameter in entry.get("parameters", ()):
        _say_row(
            f"  --param {parameter['name']}=",
            f"{parameter['type']}, default {parameter['default']}: {parameter['meaning']}",
        )
    for column in entry["columns"]:
        _say_row(f"  {column['name']}", f"{column['type']}. {column['meaning']}".removesuffix(". "))


def _say_row(name: str, text: str) -> None:
    say_wrapped(f"{name:<{_NAME_WIDTH}} {text}", indent=" " * (_NAME_WIDTH + 1))


def _sentence(entry: _Entry) -> str:
    return str(entry["question"] or entry.get("title") or f"One row is {entry['grain']}.")


def _is_about(entry: _Entry, words: list[str]) -> bool:
    """Whether each word begins one of the entry's, also within a name with underscores."""
    text = " ".join(_texts(entry)).casefold()
    return all(re.search(rf"(?<![^\W_]){re.escape(word.casefold())}", text) for word in words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (
            text for key, entry in value.items() if key not in {"kind", "type"} for text in _texts(entry)
        )
    elif isinstance(value, list):
        yield from (text for entry in value for text in _texts(entry))
