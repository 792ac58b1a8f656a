"""Markdown that the generated documents are made of."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.cli.render import markdown_text
from analytics.tables import Table


def rows_of(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table with these heads; the cells are Markdown already."""
    heads = list(heads)
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines.extend(f"| {' | '.join(row)} |" for row in rows)
    return "\n".join(lines) + "\n"


def codes(names: Iterable[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def details(table: Table) -> str:
    """A relation that opens with a click: its grain, and its columns with type and meaning."""
    rows = ((f"`{entry.name}`", entry.sql_type, markdown_text(entry.sentence)) for entry in table.columns)
    body = rows_of(("column", "type", "meaning"), rows)
    summary = f"<code>{table.name}</code>: {markdown_text(table.grain)}"
    return f"<details><summary>{summary}</summary>\n\n{body}\n</details>\n"
