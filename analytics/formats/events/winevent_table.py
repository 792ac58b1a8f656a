"""Events as Format-Table prints them: what Get-WinEvent shows by itself, grouped by provider, or any columns of it.

Long messages are cut by the console (`...`) unless the table is wrapped; a cut message is stored as it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from analytics.formats.events.cells import event_of_cells, lost_names
from analytics.formats.events.labels import column_of
from analytics.formats.events.rows import leaves_out
from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.reading.batching import Entry, in_batches, rejected
from analytics.formats.reading.console_width import cells_of, joined
from analytics.formats.reading.csv_text import CsvDamage, CsvHeader, CsvItem, CsvRow
from analytics.formats.reading.dates import date_reader
from analytics.formats.reading.table_text import table_rows
from analytics.formats.reading.values import CellError
from analytics.formats.reading.wrappers import bare_lines, is_dress, is_prompt, unwrapped
from analytics.sources import Issue, Line, Source

_DATES_LOOKED_AT = 200_000
_NEEDED = frozenset({"date", "id"})

_GROUP = re.compile(r"\s{0,8}ProviderName\s?: (?P<provider>\S.{0,200})", re.DOTALL)
_NAMES = re.compile(
    r"(?=.{0,400}\b(?:TimeCreated|TimeGenerated)\b)\s*[A-Za-z]\w*(?:\s+[A-Za-z]\w*){1,30}\s*", re.DOTALL
)


class _Grouped:
    """Lines without the headings of groups, and which provider each heading named from which line on."""

    def __init__(self) -> None:
        self.line_nos: list[int] = []
        self.providers: list[str] = []

    def without_headings(self, lines: Iterable[Line | Issue]) -> Iterator[Line | Issue]:
        """The lines but headings, prompts and what dresses a paste."""
        for line in lines:
            found = None if isinstance(line, Issue) else _GROUP.fullmatch(line.text)
            if found and isinstance(line, Line):
                self.line_nos.append(line.line_no)
                self.providers.append(found["provider"].strip())
            elif isinstance(line, Issue) or not (is_prompt(line.text) or _is_fence(line.text)):
                yield line

    def provider_at(self, line_no: int) -> str:
        """The provider of the group that a line lies in; "" for none."""
        place = bisect_right(self.line_nos, line_no)
        return self.providers[place - 1] if place else ""


def _is_fence(text: str) -> bool:
    return bool(text.strip()) and not text.strip().startswith("-") and is_dress(text)


def _may_begin(text: str) -> bool:
    return _GROUP.fullmatch(text) is not None or _NAMES.fullmatch(text) is not None


def _is_header(names: frozenset[str]) -> bool:
    """Time and id of an event."""
    return {column_of(name) for name in names} >= _NEEDED


def _recognise(head: Head) -> bool:
    """A line of dashes below time and id, with a provider in a column or above the table."""
    grouped = _Grouped()
    lines = unwrapped((Line(number, 0, text) for number, text in enumerate(head.lines, 1)), _may_begin)
    for item in table_rows(grouped.without_headings(lines), _is_header):
        if isinstance(item, CsvHeader):
            fields = [field for name in item.names if (field := column_of(name))]
            return ("source" in fields or bool(grouped.providers)) and not lost_names(item.names, fields)
    return False


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per line of a table; times are local (Reading.time_zone), in the culture of the console."""
    found = (
        item[0] for item in _events(_items(source, reading)[0]) if not isinstance(item, (CsvDamage, Issue))
    )
    dates = date_reader(reading, (cells.get("date", "") for cells in islice(found, _DATES_LOOKED_AT)))
    items, grouped = _items(source, reading)

    def entries() -> Iterator[Entry]:
        for item in _events(items):
            if isinstance(item, Issue):
                yield "rejects", reject_issue(item)
            elif isinstance(item, CsvDamage):
                yield rejected(item.reason, item.line)
            else:
                cells, line = item
                cells.setdefault("source", grouped.provider_at(line.line_no))
                try:
                    yield "events", {"record_no": line.line_no, **event_of_cells(cells, dates, reading.host)}
                except CellError as error:
                    yield rejected(str(error), line)

    return in_batches(entries(), leaves_out(reading))


def _items(source: Source, reading: Reading) -> tuple[Iterator[CsvItem], _Grouped]:
    grouped = _Grouped()
    lines = bare_lines(source, reading.encoding, _may_begin)
    return table_rows(grouped.without_headings(lines), _is_header), grouped


def _events(items: Iterable[CsvItem]) -> Iterator[tuple[dict[str, str], Line] | CsvDamage | Issue]:
    """The cells of every event by field; a line that has only a message goes on with the one above it."""
    fields: tuple[str, ...] = ()
    waiting: tuple[dict[str, str], Line] | None = None
    message: list[str] = []
    for item in items:
        cells: dict[str, str] = {}
        if isinstance(item, CsvRow):
            cells = {name: cell for name, cell in zip(fields, item.cells, strict=False) if name and cell}
            if waiting and set(cells) == {"description"}:
                message.append(cells["description"])
                continue
        if waiting:
            yield _with_message(*waiting, message)
            waiting = None
        if isinstance(item, CsvHeader):
            fields = tuple(column_of(name) or "" for name in item.names)
        elif isinstance(item, CsvRow):
            waiting, message = (cells, item.line), [cells.get("description", "")]
        else:
            yield item
    if waiting:
        yield _with_message(*waiting, message)


def _with_message(cells: dict[str, str], line: Line, message: list[str]) -> tuple[dict[str, str], Line]:
    return cells | {"description": joined(message, max(map(cells_of, message)))}, line


WINEVENT_TABLE = Format(
    "winevent-table",
    "Get-WinEvent | Format-Table",
    ("events",),
    "the default view of Get-WinEvent [I]",
    _recognise,
    _read,
)
