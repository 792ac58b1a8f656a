"""From records to rows of a table: which column goes where, what must be there, what makes a row wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.formats.format import Reading, reject_issue
from analytics.formats.reading.batching import Entry, Row, rejected
from analytics.formats.reading.csv_text import (
    CsvDamage,
    CsvHeader,
    CsvItem,
    CsvRow,
    NameOf,
    csv_rows,
    plain_name,
)
from analytics.formats.reading.values import CellError, Read
from analytics.sources import Issue, Source

_Columns = Sequence[tuple[str, str, Read]]
_Cell = tuple[int, str, str, Read]


@dataclass(frozen=True)
class Layout:
    """The columns of an export as (name, column of the table, reader).

    Where several names fill one column the first in this order that states something wins. `check` completes
    a row or raises CellError. Without a column of `essential` the file cannot be used.
    """

    table: str
    columns: _Columns
    essential: tuple[str, ...]
    check: Callable[[Row], Row]
    name_of: NameOf = plain_name

    def missing(self, header: CsvHeader) -> list[str]:
        """Essential columns that a header lacks."""
        targets = {cell[2] for cell in self.cells(header)}
        wanted = {name: target for name, target, _ in self.columns}
        return [name for name in self.essential if wanted[name] not in targets]

    def cells(self, header: CsvHeader) -> list[_Cell]:
        """Position, written name, target and reader of the columns that are known, in order of precedence."""
        places = {name: position for position, name in reversed(list(enumerate(header.names)))}
        wanted = [(self.name_of(name), target, read) for name, target, read in self.columns]
        return [
            (places[name], header.written[places[name]], target, read)
            for name, target, read in wanted
            if name in places
        ]


def renamed(columns: Mapping[str, str], layout: Layout) -> NameOf:
    """Column names after the user's own mapping (Reading.columns): it names our columns or those of the export."""
    aliases = {target: name for name, target, _ in reversed(layout.columns)}
    ours = {
        layout.name_of(theirs): layout.name_of(aliases.get(name, name)) for theirs, name in columns.items()
    }
    return (lambda text: ours.get(layout.name_of(text), layout.name_of(text))) if ours else layout.name_of


def layout_rows(source: Source, reading: Reading, layout: Layout) -> Iterator[CsvItem]:
    """The records of a CSV in this layout, before their cells are read."""
    known = frozenset(layout.name_of(name) for name, _, _ in layout.columns)
    return csv_rows(source, reading.encoding, known, renamed(reading.columns, layout))


def layout_entries(source: Source, reading: Reading, layout: Layout) -> Iterator[Entry]:
    """Read a CSV by its layout: a row of its table or of rejects for every record."""
    return entries_of(layout_rows(source, reading, layout), layout)


def entries_of(items: Iterable[CsvItem], layout: Layout) -> Iterator[Entry]:
    """Rows of the layout's table and of rejects.

    Below a header without an essential column nothing is used: one reject says so.
    """
    cells: list[_Cell] = []
    missing: list[str] = []
    for item in items:
        if isinstance(item, Issue):
            yield "rejects", reject_issue(item)
        elif isinstance(item, CsvHeader):
            cells, missing = layout.cells(item), layout.missing(item)
            if missing:
                yield rejected(f"column {', '.join(missing)} is missing; nothing below is used", item.line)
        elif missing:
            continue
        elif isinstance(item, CsvDamage):
            yield rejected(item.reason, item.line)
        else:
            yield _entry(item, cells, layout)


def texts_of(items: Iterable[CsvItem], layout: Layout, targets: Collection[str]) -> Iterator[str]:
    """The cells of some columns as they are written, to decide over a whole source how they are meant."""
    positions: list[int] = []
    for item in items:
        if isinstance(item, CsvHeader):
            positions = [position for position, _, target, _ in layout.cells(item) if target in targets]
        elif isinstance(item, CsvRow):
            yield from (item.cells[position] for position in positions)


def _entry(item: CsvRow, cells: list[_Cell], layout: Layout) -> Entry:
    try:
        return layout.table, layout.check({"record_no": item.line.line_no} | _row_of(item.cells, cells))
    except CellError as error:
        return rejected(str(error), item.line)


def _row_of(values: Sequence[str], cells: list[_Cell]) -> Row:
    """The values of one record by column of the table; CellError names the cell that is wrong."""
    row: Row = {}
    for position, written, target, read in cells:
        text = values[position]
        if not text or row.get(target) is not None:
            continue
        try:
            row[target] = read(text)
        except CellError as error:
            raise CellError(f"{written}: {error}") from None
    return row
