"""A result as table, csv, json, parquet or markdown."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from analytics.cli.cells import for_csv, for_json, for_people, values_of
from analytics.cli.console import counted, json_text, width, write_out
from analytics.cli.grid import GridColumn, grid, upright
from analytics.errors import ConfigurationError, UsageError
from analytics.harmless import harmless_cell, visible

if TYPE_CHECKING:
    import pyarrow as pa

    from analytics.sql import Answer

_ROWS_SHOWN = 1000
_ROWS_UPRIGHT = 3
_MARKUP = re.compile(r"[`*\[\]]|(?<!\w)_|_(?!\w)")
_ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".md": "markdown", ".txt": "table"}
_SPREADSHEETS = {".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"}
FORMATS = ("table", "csv", "json", "parquet", "markdown")


def format_for(chosen: str | None, out: str | None) -> str:
    """The format asked for, else the one that the file's ending names, else table."""
    if chosen is None:
        return _format_of(Path(out)) if out else "table"
    if chosen == "parquet" and not out:
        raise UsageError("parquet is binary", "--format parquet", "name a file with -o FILE")
    return chosen


def _format_of(out: Path) -> str:
    """UsageError for an ending of another format, whose programs would not open what is written."""
    ending = out.suffix.lower()
    if not ending:
        return "table"
    if ending not in _ENDINGS:
        known = (
            "use .csv, which spreadsheets open" if ending in _SPREADSHEETS else f"use {', '.join(_ENDINGS)}"
        )
        raise UsageError(f"no format ends in {ending!r}", str(out), known)
    return _ENDINGS[ending]


def write_result(answer: Answer, form: str, out: str | None) -> None:
    """Write a result, as it comes, to a file (all of it or nothing) or to stdout."""
    if out is None:
        _say_pieces(_pieces(answer, form), is_exact=form != "csv" or not sys.stdout.isatty())
    elif form == "parquet":
        _write_whole(Path(out), lambda path: _write_parquet(answer, path))
    else:
        # a spreadsheet takes a file without BOM for the local code page
        encoding = "utf-8-sig" if form == "csv" else "utf-8"
        pieces = _pieces(answer, form, for_file=True)
        _write_whole(Path(out), lambda path: _write_text(path, pieces, encoding))


def rendered(answer: Answer, form: str, for_file: bool = False) -> str:
    """The result as text; a file gets all rows, the screen the first thousand of a table."""
    return "".join(_pieces(answer, form, for_file))


def _pieces(answer: Answer, form: str, for_file: bool = False) -> Iterator[str]:
    if form == "table":
        return _as_table(answer, for_file)
    if form == "csv":
        return _as_csv(answer, for_file)
    return {"json": _as_json, "markdown": _as_markdown}[form](answer)


def _say_pieces(pieces: Iterator[str], is_exact: bool) -> None:
    """On stdout until its reader has seen enough; csv is exact for a program, but must not steer a terminal."""
    for piece in pieces:
        if not write_out(piece if is_exact else "\n".join(map(visible, piece.split("\n")))):
            return


def _as_table(answer: Answer, whole: bool) -> Iterator[str]:
    import pyarrow as pa

    kept, rows = [], 0
    for batch in answer.batches:
        kept.append(batch if whole else batch.slice(0, max(0, _ROWS_SHOWN - rows)))
        rows += batch.num_rows
    shown = pa.Table.from_batches([batch for batch in kept if len(batch)], answer.schema)
    columns = [_grid_column(name, shown.column(i)) for i, name in enumerate(distinct(answer.schema.names))]
    lines, hidden = grid(columns, sys.maxsize if whole else width())
    if hidden and shown.num_rows <= _ROWS_UPRIGHT:
        lines, hidden = upright(columns, width()), []
    yield "\n".join([*lines, *_footer(answer.schema, rows, shown.num_rows, hidden)]) + "\n"


def _grid_column(name: str, column: pa.ChunkedArray) -> GridColumn:
    import pyarrow.types as kinds

    cells = [for_people(value) for value in values_of(column)]
    return GridColumn(visible(name), cells, _is_numeric(column.type), bool(kinds.is_temporal(column.type)))


def zones_of(schema: pa.Schema) -> str:
    """The zones of the times in a result, "" where it has none."""
    return ", ".join(sorted({field.type.tz for field in schema if getattr(field.type, "tz", None)}))


def _footer(schema: pa.Schema, rows: int, shown: int, hidden: list[str]) -> list[str]:
    zones = zones_of(schema)
    times = f", times in {zones}" if zones else ""
    lines = [f"({counted(rows, 'row')}{times})"]
    if shown < rows:
        lines.append(f"({shown:,} shown; -o FILE writes all)")
    if hidden:
        lines.append(f"(no room for: {', '.join(hidden)}; --format csv or json shows all)")
    return [part for line in lines for part in wrap(line, width())]


def _is_numeric(kind: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def _as_csv(answer: Answer, for_file: bool) -> Iterator[str]:
    """A file is for a spreadsheet, as its BOM is; what is piped is for a program."""
    yield _csv_lines([[harmless_cell(name) for name in answer.schema.names]])
    for rows in _rows(answer):
        yield _csv_lines([for_csv(value, for_spreadsheet=for_file) for value in row] for row in rows)


def _csv_lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _as_json(answer: Answer) -> Iterator[str]:
    names = distinct(answer.schema.names)
    between = "[\n"
    for rows in _rows(answer):
        documents = (dict(zip(names, map(for_json, row), strict=True)) for row in rows)
        yield between + ",\n".join(map(json_text, documents))
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _as_markdown(answer: Answer) -> Iterator[str]:
    yield _markdown_line(answer.schema.names) + "\n" + _markdown_rule(answer.schema) + "\n"
    for rows in _rows(answer):
        yield "".join(_markdown_line([for_people(value) for value in row]) + "\n" for row in rows)


def _markdown_rule(schema: pa.Schema) -> str:
    return "|" + "|".join("---:" if _is_numeric(field.type) else "---" for field in schema) + "|"


def _markdown_line(cells: list[str]) -> str:
    return "| " + " | ".join(map(markdown_text, cells)) + " |"


def markdown_text(text: str) -> str:
    """A text that Markdown shows as it is: no markup, no HTML, no end of the cell."""
    for mark, instead in (("\\", "\\\\"), ("|", "\\|"), ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, instead)
    return visible(_MARKUP.sub(r"\\\g<0>", text))


def distinct(names: list[str]) -> list[str]:
    """Names of which none is given twice: the second `n` becomes `n_2`."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def _rows(answer: Answer) -> Iterator[Iterable[tuple[Any, ...]]]:
    """The rows, batch by batch."""
    for batch in answer.batches:
        if batch.num_rows:
            yield zip(*map(values_of, batch.columns), strict=True)


def _write_parquet(answer: Answer, path: Path) -> None:
    from pyarrow import parquet

    with parquet.ParquetWriter(path, answer.schema, compression="zstd") as writer:
        for batch in answer.batches:
            if batch.num_rows:
                writer.write_batch(batch)


def _write_text(path: Path, pieces: Iterable[str], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="\r\n" if encoding == "utf-8-sig" else "\n") as stream:
        stream.writelines(pieces)


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
