"""A result as table, csv, json, parquet or markdown."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from analytics.cli.cells import for_csv, for_json, for_people, harmless, values_of
from analytics.cli.console import counted, json_text, visible, width, write_out
from analytics.cli.grid import GridColumn, grid, upright
from analytics.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_SHOWN = 1000
ROWS_UPRIGHT = 3
MARKUP = re.compile(r"[`*\[\]]|(?<!\w)_|_(?!\w)")
ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".md": "markdown", ".txt": "table"}
SPREADSHEETS = {".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"}
FORMATS = ("table", "csv", "json", "parquet", "markdown")

Rows = list[dict[str, Any]]


def format_for(chosen: str | None, out: str | None) -> str:
    """The format asked for, else the one that the file's ending names, else table."""
    if chosen is None:
        return _format_of(Path(out)) if out else "table"
    if chosen == "parquet" and not out:
        raise UsageError("parquet is binary", "--format parquet", "name a file with -o FILE")
    return chosen


def _format_of(out: Path) -> str:
    """UsageError for a spreadsheet, which would otherwise hold text that no spreadsheet opens."""
    ending = out.suffix.lower()
    if ending in SPREADSHEETS:
        raise UsageError(f"no format ends in {ending!r}", str(out), "use .csv, which spreadsheets open")
    return ENDINGS.get(ending, "table")


def write_result(table: pa.Table, form: str, out: str | None) -> None:
    """Write a result to a file (all of it or nothing) or to stdout."""
    if out is None:
        text = rendered(table, form)
        # a csv for a program is exact; one that is read on a terminal must not steer it
        write_out(
            text if form != "csv" or not sys.stdout.isatty() else "\n".join(map(visible, text.split("\n")))
        )
    elif form == "parquet":
        _write_whole(Path(out), lambda path: _write_parquet(table, path))
    else:
        # a spreadsheet takes a file without BOM for the local code page
        encoding = "utf-8-sig" if form == "csv" else "utf-8"
        text = rendered(table, form, for_file=True)
        _write_whole(Path(out), lambda path: _write_text(path, text, encoding))


def rendered(table: pa.Table, form: str, for_file: bool = False) -> str:
    """The result as text; a file gets all rows, the screen the first thousand of a table."""
    renderers: dict[str, Callable[[], str]] = {
        "table": lambda: _as_table(table, for_file),
        "csv": lambda: _as_csv(table),
        "json": lambda: _as_json(table),
        "markdown": lambda: _as_markdown(table),
    }
    return renderers[form]()


def _as_table(table: pa.Table, whole: bool) -> str:
    names = distinct(table.column_names)
    shown = table if whole else table.slice(0, ROWS_SHOWN)
    columns = [_grid_column(name, shown.column(index)) for index, name in enumerate(names)]
    lines, hidden = grid(columns, sys.maxsize if whole else width())
    if hidden and shown.num_rows <= ROWS_UPRIGHT:
        lines, hidden = upright(columns, width()), []
    return "\n".join([*lines, *_footer(table, shown.num_rows, hidden)]) + "\n"


def _grid_column(name: str, column: pa.ChunkedArray) -> GridColumn:
    import pyarrow.types as kinds

    cells = [for_people(value) for value in values_of(column)]
    return GridColumn(visible(name), cells, _is_numeric(column.type), bool(kinds.is_temporal(column.type)))


def _footer(table: pa.Table, shown: int, hidden: list[str]) -> list[str]:
    rows = counted(table.num_rows, "row")
    zones = {field.type.tz for field in table.schema if getattr(field.type, "tz", None)}
    times = f", times in {', '.join(sorted(zones))}" if zones else ""
    lines = [f"({rows}{times})"]
    if shown < table.num_rows:
        lines.append(f"({shown:,} shown; -o FILE writes all)")
    if hidden:
        lines.append(f"(no room for: {', '.join(hidden)}; --format csv or json shows all)")
    return [part for line in lines for part in wrap(line, width())]


def _is_numeric(kind: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def _as_csv(table: pa.Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([harmless(name) for name in table.column_names])
    for row in _rows(table):
        writer.writerow([for_csv(value) for value in row])
    return text.getvalue()


def _as_json(table: pa.Table) -> str:
    names = distinct(table.column_names)
    rows = [dict(zip(names, map(for_json, row), strict=True)) for row in _rows(table)]
    if not rows:
        return "[]\n"
    return "[\n" + ",\n".join(map(json_text, rows)) + "\n]\n"


def _as_markdown(table: pa.Table) -> str:
    lines = [_markdown_line(table.column_names)]
    lines.append(_markdown_rule(table))
    lines.extend(_markdown_line([for_people(value) for value in row]) for row in _rows(table))
    return "\n".join(lines) + "\n"


def _markdown_rule(table: pa.Table) -> str:
    return "|" + "|".join("---:" if _is_numeric(field.type) else "---" for field in table.schema) + "|"


def _markdown_line(cells: list[str]) -> str:
    return "| " + " | ".join(map(markdown_text, cells)) + " |"


def markdown_text(text: str) -> str:
    """A text that Markdown shows as it is: no markup, no HTML, no end of the cell."""
    for mark, instead in (("\\", "\\\\"), ("|", "\\|"), ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, instead)
    return visible(MARKUP.sub(r"\\\g<0>", text))


def distinct(names: list[str]) -> list[str]:
    """Names of which none is given twice: the second `n` becomes `n_2`."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*map(values_of, batch.columns), strict=True)


def _write_parquet(table: pa.Table, path: Path) -> None:
    from pyarrow import parquet

    parquet.write_table(table, path, compression="zstd")


def _write_text(path: Path, text: str, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="\r\n" if encoding == "utf-8-sig" else "\n") as stream:
        stream.write(text)


def _write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write beside the place and rename, so that a broken run leaves no half file."""
    beside = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        raise ConfigurationError(
            error.strerror or str(error), str(path), "name a file that can be written"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
