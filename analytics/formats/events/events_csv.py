"""Windows events as tables: Event Viewer "save as" CSV or tab text, Get-WinEvent | Export-Csv, EvtxECmd --csv.

The Event Viewer names one column less than its rows have: the last, unnamed one is the description. It states neither
log nor computer (the host is then that of the source), and its dates are local, in the culture of the user. In a
language that no label is known of its table is told by its shape: five names, six cells a row, of which the second is
a date and the fourth a whole number. Only EvtxECmd's table holds the payload; of VSS events the Operation/Context block
is taken from the description.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from analytics.formats.events.cells import event_of_cells, lost_names
from analytics.formats.events.labels import column_of, labels, languages_of
from analytics.formats.events.rows import leaves_out
from analytics.formats.format import Batch, Ends, Format, Head, Reading, reject_issue
from analytics.formats.reading.batching import Entry, in_batches, rejected
from analytics.formats.reading.csv_text import DELIMITERS, may_be_header, plain_name, record_cells
from analytics.formats.reading.dates import DateReader, date_reader, looks_dated
from analytics.formats.reading.values import CellError
from analytics.formats.reading.wrappers import bare_head, bare_lines, is_dress, is_prompt
from analytics.sources import Issue, Line, Source

# The order of the Event Viewer's columns, which no language changes.
_BY_SHAPE = ("level", "date", "source", "id", "category")
_ALSO_NEEDED = frozenset({"level", "level_name", "keywords", "log", "description", "record_id", "category"})
_MAX_HEADER_CHARACTERS = 10_000
_MAX_RECORD_LINES = 500
_LINES_LOOKED_AT = 50
_RECORDS_TRIED = 10

_SKIPPED = re.compile(r"#TYPE .*|sep=.")


@dataclass(frozen=True, slots=True)
class _Header:
    """The fields of a table in their order ("" for columns that are not used), its delimiter and languages."""

    text: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    delimiter: str
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Record:
    """One event of a table: its first line, its cells by field, and the parts of a payload."""

    line: Line
    cells: dict[str, str]
    parts: list[str] = field(default_factory=list)


def _header_of(text: str) -> _Header | None:
    """The header that a line is, by the names of its columns; None for any other line."""
    if len(text) > _MAX_HEADER_CHARACTERS:
        return None
    for delimiter in DELIMITERS:
        names = _split(text, delimiter)
        fields = [column_of(name) or "" if name.strip() else "" for name in names]
        has_id = "id" in fields or "instance_id" in fields
        if has_id and {"date", "source"} <= set(fields) and _ALSO_NEEDED & set(fields):
            if "description" not in fields and not names[-1].strip():
                fields[-1] = "description"
            found = [languages_of(name) for name in names if column_of(name)]
            return _Header(text, tuple(names), tuple(fields), delimiter, frozenset.intersection(*found))
    return None


def _header_by_shape(text: str, following: list[str]) -> _Header | None:
    """The header of an Event Viewer in an unknown language, told by one of the records below it."""
    records_below = (_first_record(following[place:]) for place in range(min(_RECORDS_TRIED, len(following))))
    return next(filter(None, (_header_above(text, record) for record in records_below)), None)


def _header_above(text: str, following: str) -> _Header | None:
    """The header that a line is by the shape of a record below it; None where either does not fit."""
    for delimiter in DELIMITERS:
        names = _split(text, delimiter)
        cells = _split(following, delimiter)
        if (
            len(names) < len(_BY_SHAPE)
            or len(cells) != len(names) + 1
            or not all(name.strip() for name in names)
        ):
            continue
        if (
            looks_dated(cells[1])
            and re.fullmatch(r"\d{1,5}", cells[3].strip(), re.ASCII)
            and cells[2].strip()
        ):
            fields = (*_BY_SHAPE, *(column_of(name) or "" for name in names[len(_BY_SHAPE) :]))
            return _Header(text, tuple(names), fields, delimiter)
    return None


def _split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _recognise(head: Head) -> bool:
    """A header with date, source and event id, in a known language, by PowerShell or EvtxECmd, or by its shape.

    A table that plainly names a host, level or log in a column that we do not know is not claimed.
    """
    texts = [text for text in bare_head(head, _is_header) if not _says_nothing(text)][:_LINES_LOOKED_AT]
    if not texts:
        return False
    header = _header_of(texts[0]) or _header_by_shape(texts[0], texts[1:])
    return header is not None and not lost_names(header.names, header.fields)


def _is_header(text: str) -> bool:
    return _header_of(text) is not None


def _says_nothing(text: str) -> bool:
    return is_dress(text) or is_prompt(text) or _SKIPPED.fullmatch(text) is not None


def _first_record(texts: list[str]) -> str:
    """The first record of some lines: up to the line on which its quotes close."""
    quotes = 0
    for place, text in enumerate(texts):
        quotes += text.count('"')
        if quotes % 2 == 0:
            return "\n".join(texts[: place + 1])
    return "\n".join(texts)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per event; dates are local (Reading.time_zone) and without fractions of a second."""
    items = (item for item in _records(source, reading) if isinstance(item, (_Record, _Header)))
    dates = _dates(reading, items)
    return in_batches(_entries(_records(source, reading), dates, reading.host), leaves_out(reading))


def _dates(reading: Reading, items: Iterable[_Record | _Header]) -> DateReader:
    """How the dates of a table are meant; where they prove nothing the language of its header tells."""
    texts, is_day_first = [], False
    for item in islice(items, 200_000):
        if isinstance(item, _Record):
            texts.append(item.cells.get("date", ""))
        elif item.languages:
            is_day_first = item.languages <= labels().day_first
    return date_reader(reading, texts, day_first=is_day_first)


def _records(source: Source, reading: Reading) -> Iterator[_Header | _Record | Entry | Issue]:
    """The headers and records of a table, and what is none."""
    lines = _Lines(bare_lines(source, reading.encoding, _is_header))
    header: _Header | None = None
    while (line := lines.next()) is not None:
        if isinstance(line, Issue):
            yield line
        elif _says_nothing(line.text):
            continue
        elif (found := _header_here(line.text, header, lines)) is not None:
            header = found
            yield header
        elif header is None:
            yield rejected("line before the header", line)
        else:
            yield _record(line, lines, header)


def _header_here(text: str, header: _Header | None, lines: _Lines) -> _Header | None:
    """A header line; below a first one (joined exports) only one that repeats it, or has names that are known."""
    if header is None:
        return _header_of(text) or _header_by_shape(text, lines.ahead(_LINES_LOOKED_AT))
    if text == header.text:
        return header
    return _header_of(text) if may_be_header(text, labels().columns, plain_name) else None


class _Lines:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterator[Line | Issue]) -> None:
        self._lines = lines
        self._waiting: list[Line | Issue] = []

    def next(self) -> Line | Issue | None:
        """The next line."""
        return self._waiting.pop(0) if self._waiting else next(self._lines, None)

    def peek(self, position: int) -> Line | Issue | None:
        """A line further on."""
        self._waiting.extend(islice(self._lines, max(0, position + 1 - len(self._waiting))))
        return self._waiting[position] if position < len(self._waiting) else None

    def ahead(self, count: int) -> list[str]:
        """The texts of the lines that follow."""
        following = [self.peek(position) for position in range(count)]
        return [line.text for line in following if isinstance(line, Line) and not _says_nothing(line.text)]

    def drop(self, count: int) -> None:
        """Take lines that were looked at."""
        del self._waiting[:count]


def _record(line: Line, lines: _Lines, header: _Header) -> _Record | Entry:
    lines_of_it = [line]
    cells, open_quote = record_cells(lines_of_it, header.delimiter)
    while open_quote and len(lines_of_it) < _MAX_RECORD_LINES:
        following = lines.peek(len(lines_of_it) - 1)
        if not isinstance(following, Line) or following.text == header.text:
            break
        lines_of_it.append(following)
        if '"' in following.text:
            cells, open_quote = record_cells(lines_of_it, header.delimiter)
    if open_quote or (cells is None and len(lines_of_it) > 1):
        return rejected("a quote is opened and never closed", line)
    if cells is None:
        return rejected('the quoting is broken (a quote inside a cell is written as "")', line)
    width = len(header.fields)
    has_more = "description" not in header.fields
    if len(cells) < width or (len(cells) > width + has_more and (len(lines_of_it) > 1 or not has_more)):
        return rejected(f"{len(cells)} cells where the header has {width}", line)
    lines.drop(len(lines_of_it) - 1)
    row: dict[str, str] = {}
    for name, cell in zip(header.fields, cells, strict=False):
        if name and not row.get(name, "").strip():
            row[name] = cell
    if "description" not in header.fields:
        row["description"] = header.delimiter.join(cells[width:])
    parts = [cell for name, cell in zip(header.fields, cells, strict=False) if name == "payload_part"]
    return _Record(line, row, parts)


def _entries(
    items: Iterable[_Header | _Record | Entry | Issue], dates: DateReader, host: str | None
) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, Issue):
            yield "rejects", reject_issue(item)
        elif isinstance(item, _Record):
            try:
                row = event_of_cells(item.cells, dates, host, item.parts)
                yield "events", {"record_no": item.line.line_no, **row}
            except CellError as error:
                yield rejected(str(error), item.line)
        elif not isinstance(item, _Header):
            yield item


EVENTS_CSV = Format(
    "events-csv",
    "Windows events as CSV or tab text (Event Viewer, Get-WinEvent, EvtxECmd)",
    ("events",),
    "windows-events.md N5 and cases 13, 16 to 18 [V]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
