"""What the spine and the SQL itself say of the model: the heads of its files, and the parts of queries/README.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from analytics.cli.markdown import codes, details, rows_of
from analytics.cli.render import markdown_text
from analytics.sql.order import relations
from analytics.tables import DERIVED, GIVENS, INTERNAL, PLANNED, RAW, RULES, TABLES, Column, Table
from analytics.tables.floors import FLOORS
from analytics.tables.links import LINKS
from analytics.tables.vocabulary import VOCABULARIES

# A line of a head that this module writes; a longer one goes on in lines that are indented by three blanks.
GENERATED = re.compile(r"-- (?:question|grain|key|reads|column): |--   \S")
_WIDTH = 120


def renewed_head(text: str, table: Table) -> str:
    """The text of a model file with its head renewed; what is written by hand below the head stays."""
    kept = [line for line in text.splitlines() if not GENERATED.match(line)]
    return "\n".join([*_head(table), *kept]) + "\n"


def _head(table: Table) -> list[str]:
    said = {
        "question": table.question,
        "grain": table.grain,
        "key": ", ".join(table.key),
        "reads": ", ".join(sorted(relations(table.name))),
    }
    lines = [f"-- {name}: {text}" for name, text in said.items() if text]
    lines += [_column(entry) for entry in table.columns]
    return [part for line in lines for part in wrap(line, _WIDTH, subsequent_indent="--   ")]


def _column(entry: Column) -> str:
    start = f"-- column: {entry.name} {entry.sql_type} | "
    # a long list of values stands in the dictionary alone
    return start + (
        entry.sentence if len(start + entry.sentence) <= _WIDTH else f"{entry.meaning.rstrip('.')}."
    )


def _floors_part() -> str:
    """Each floor with its sentence and the number of its views."""
    rows = ((f"`{floor.name}`", markdown_text(floor.meaning), str(len(_on(floor.name)))) for floor in FLOORS)
    return rows_of(("floor", "what it holds", "views"), rows)


def _views_part() -> str:
    """The views of each floor, each with what it answers and what one row is."""
    return "\n".join(_floor(floor.name, floor.meaning) for floor in FLOORS)


def _floor(name: str, meaning: str) -> str:
    rows = (
        (
            f"[`{table.name}`](model/{name}/{table.name}.sql)",
            *map(markdown_text, (table.question, table.grain)),
        )
        for table in _on(name)
    )
    return f"### {name}\n\n{meaning}\n\n{rows_of(('view', 'question', 'one row is'), rows)}"


def _links_part() -> str:
    """The tables for users as a Mermaid picture: the columns that tell rows apart, and whose row another names."""
    lines = ["```mermaid", "erDiagram"]
    for table in (*RAW, *DERIVED, *PLANNED):
        keys = "".join(f"    {_er_type(table, name)} {name}\n" for name in table.key)
        lines.append(f"  {table.name} {{\n{keys}  }}" if keys else f"  {table.name}")
    lines += [f'  {link.of} |o--o{{ {link.table} : "{", ".join(link.columns)}"' for link in LINKS]
    return "\n".join([*lines, "```", ""])


def _er_type(table: Table, name: str) -> str:
    return next(entry.sql_type for entry in table.columns if entry.name == name).partition(" ")[0]


def _picture_part() -> str:
    """The floors as a Mermaid graph: an arrow from what is read to what reads it.

    Arrows that a longer way replaces are left out, and those from the site and the rules, which many views read.
    """
    lines = ["```mermaid", "flowchart BT"]
    lines += [f"  subgraph store [raw tables]\n    {' & '.join(table.name for table in RAW)}\n  end"]
    for floor in FLOORS:
        members = " & ".join(table.name for table in _on(floor.name) if table not in RAW)
        lines.append(f"  subgraph {floor.name}\n    {members}\n  end")
    lines += [f"  {below} --> {above}" for below, above in _arrows()]
    return "\n".join([*lines, "```", ""])


def _arrows() -> Iterator[tuple[str, str]]:
    behind = {table.name: _behind(table.name) for table in _views()}
    for name, direct in behind.items():
        longer = {other for near in direct for other in _all_behind(near, behind)}
        yield from ((below, name) for below in sorted(direct - longer))


def _behind(name: str) -> set[str]:
    shown = {table.name for table in (*RAW, *_views())}
    return (set(relations(name)) & shown) - {name}


def _all_behind(name: str, behind: dict[str, set[str]]) -> set[str]:
    direct = behind.get(name, set())
    return direct.union(*(_all_behind(other, behind) for other in direct))


def _queries_part() -> str:
    """The catalogue of named queries."""
    from analytics.cli.queries import query_entries

    rows = (
        (
            f"`{entry['name']}`",
            markdown_text(entry["question"] or entry["title"]),
            _parameters(entry["parameters"]),
        )
        for entry in query_entries()
    )
    return rows_of(("query", "question", "parameters"), rows)


def _tables_part() -> str:
    """The data dictionary: every table with its columns, types and meanings."""
    parts = []
    for title, tables in (
        ("Raw tables, as read", RAW),
        ("Derived tables, computed by `queries/model/`", DERIVED),
        ("Planned tables, computed by `analytics/planning/`", PLANNED),
    ):
        parts.append(f"**{title}**\n")
        parts.extend(details(table) for table in tables)
    return "\n".join(parts)


def _dictionary_part() -> str:
    """The columns of all relations that are no table of the store and no derived table for users."""
    titled = {"Views that the model hands on": INTERNAL, "What a session gives": GIVENS, "Rules": RULES}
    parts = []
    for title, tables in titled.items():
        parts.append(f"**{title}**\n")
        parts.extend(details(table) for table in tables)
    return "\n".join(parts)


def _vocabulary_part() -> str:
    """Each list of values with the columns that hold it, and what each value means."""
    parts = []
    for vocabulary in VOCABULARIES:
        holders = codes(
            f"{table.name}.{column.name}"
            for table in TABLES.values()
            for column in table.columns
            if column.values is vocabulary
        )
        rows = ((f"`{value.name}`", markdown_text(value.meaning)) for value in vocabulary)
        parts.append(
            f"**{vocabulary.name}**, in {holders or 'no column yet'}\n\n{rows_of(('value', 'meaning'), rows)}"
        )
    return "\n".join(parts)


def _parameters(parameters: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"`{entry['name']}` {markdown_text(entry['meaning'])}" for entry in parameters)


def _views() -> tuple[Table, ...]:
    return tuple(table for floor in FLOORS for table in _on(floor.name))


def _on(floor: str) -> tuple[Table, ...]:
    return tuple(table for table in TABLES.values() if table.floor == floor)


MODEL_PARTS = {
    "floors": _floors_part,
    "queries": _queries_part,
    "links": _links_part,
    "tables": _tables_part,
    "views": _views_part,
    "picture": _picture_part,
    "vocabulary": _vocabulary_part,
    "dictionary": _dictionary_part,
}
