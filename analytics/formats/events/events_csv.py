"""Windows events as tables: Event Viewer "save as" CSV or tab text, and Get-WinEvent | Export-Csv.

The Event Viewer names one column less than its rows have: the last, unnamed one is the description. It states neither
log nor computer (the host is then that of the source), and its dates are local, in the culture of the user. Neither
export holds the payload; of VSS events the Operation/Context block is taken from the description.
Headers in Japanese and German are those of the Event Viewer's columns; no such export is among our samples.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from analytics.formats.events.labels import level_number
from analytics.formats.events.payload import Payload, add_vss
from analytics.formats.events.rows import event_row, leaves_out
from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.reading.batching import Entry, Row, in_batches, lines_of, rejected
from analytics.formats.reading.csv_text import DELIMITERS, plain_name
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, stated_text
from analytics.sources import Issue, Line, Source

FIELDS = {
    "level": ("Level", "レベル", "Ebene"),
    "at": ("Date and Time", "TimeCreated", "日付と時刻", "Datum und Uhrzeit"),
    "provider": ("Source", "ProviderName", "ソース", "Quelle"),
    "event_id": ("Event ID", "Id", "イベント ID", "Ereignis-ID"),
    "Task Category": ("Task Category", "TaskDisplayName", "タスクのカテゴリ", "Aufgabenkategorie"),
    "Keywords": ("Keywords", "キーワード", "Schlüsselwörter"),
    "User": ("User", "UserId", "ユーザー", "Benutzer"),
    "channel": ("Log", "LogName", "ログ", "Protokoll"),
    "computer": ("Computer", "MachineName", "コンピューター", "コンピュータ", "コンピューター名"),
    "version": ("Version",),
    "record_id": ("RecordId", "Event Record ID"),
    "message": ("Message", "Description", "説明", "Beschreibung"),
    "level_name": ("LevelDisplayName",),
}
ESSENTIAL = ("at", "provider", "event_id")
EXTRA = ("Task Category", "Keywords", "User")
MAX_RECORD_LINES = 500
NOTHING = {"None", "なし", "Keine"}

_NAMES = {plain_name(name): field for field, names in FIELDS.items() for name in names}
_SKIPPED = re.compile(r"\s*|#TYPE .*|sep=.")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a table in their order ("" for columns that are not used) and its delimiter."""

    text: str
    fields: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True)
class Record:
    """One event of a table: its first line and its cells by field."""

    line: Line
    cells: dict[str, str]


def header_of(text: str) -> Header | None:
    """The header that a line is; None for any other line."""
    for delimiter in DELIMITERS:
        cells = next(csv.reader([text[:10_000]], delimiter=delimiter), [])
        fields = [_NAMES.get(plain_name(cell), "") if cell.strip() else "" for cell in cells]
        if all(field in fields for field in ESSENTIAL):
            if "message" not in fields and not cells[-1].strip():
                fields[-1] = "message"
            return Header(text, tuple(fields), delimiter)
    return None


def recognise(head: Head) -> bool:
    """A header with date, source and event id, in one of three languages or as PowerShell names them."""
    lines = (text for text in head.lines[:50] if not _SKIPPED.fullmatch(text))
    first = next(lines, "")
    try:
        return header_of(first) is not None
    except csv.Error:
        return False


def read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per event; dates are local (Reading.time_zone) and without fractions of a second."""
    texts = (item.cells["at"] for item in records(source, reading) if isinstance(item, Record))
    dates = date_reader(reading, islice(texts, 200_000))
    return in_batches(_entries(records(source, reading), dates, reading.host), leaves_out(reading))


def records(source: Source, reading: Reading) -> Iterator[Record | Entry | Issue]:
    """The records of a table, and what is none."""
    lines = _Lines(lines_of(source, reading.encoding))
    header: Header | None = None
    while (line := lines.next()) is not None:
        if isinstance(line, Issue):
            yield line
        elif _SKIPPED.fullmatch(line.text):
            continue
        elif (found := _header_here(line.text, header)) is not None:
            header = found
        elif header is None:
            yield rejected("line before the header", line)
        else:
            yield _record(line, lines, header)


def _header_here(text: str, header: Header | None) -> Header | None:
    """A header line; below a first one only a line that repeats it (joined exports)."""
    if header is not None:
        return header if text == header.text else None
    try:
        return header_of(text)
    except csv.Error:
        return None


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

    def drop(self, count: int) -> None:
        """Take lines that were looked at."""
        del self._waiting[:count]


def _record(line: Line, lines: _Lines, header: Header) -> Record | Entry:
    texts = [line.text]
    quotes = line.text.count('"')
    while quotes % 2 and len(texts) < MAX_RECORD_LINES:
        following = lines.peek(len(texts) - 1)
        if not isinstance(following, Line):
            break
        texts.append(following.text)
        quotes += following.text.count('"')
    if quotes % 2:
        return rejected("a quote is opened and never closed", line)
    try:
        cells = next(csv.reader(["\n".join(texts)], delimiter=header.delimiter), [])
    except csv.Error as error:
        return rejected(f"the row cannot be split: {error}", line)
    width = len(header.fields)
    if len(cells) < width or ("message" in header.fields and len(cells) > width):
        return rejected(f"{len(cells)} cells where the header has {width}", line)
    lines.drop(len(texts) - 1)
    row = {field: cell for field, cell in zip(header.fields, cells, strict=False) if field}
    if "message" not in header.fields:
        row["message"] = header.delimiter.join(cells[width:])
    return Record(line, row)


def _entries(items: Iterable[Record | Entry | Issue], dates: DateReader, host: str | None) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, Issue):
            yield "rejects", reject_issue(item)
        elif isinstance(item, Record):
            try:
                yield "events", {"record_no": item.line.line_no, **_row(item.cells, dates, host)}
            except CellError as error:
                yield rejected(str(error), item.line)
        else:
            yield item


def _row(cells: dict[str, str], dates: DateReader, host: str | None) -> Row:
    message = cells.get("message", "").replace("\r\n", "\n").strip()
    provider = stated_text(cells["provider"])
    stated = {name: stated_text(cells.get(name, "")) for name in EXTRA}
    payload: Payload = {name: text for name, text in stated.items() if text and text not in NOTHING}
    if provider == "VSS":
        add_vss(payload, message, None)
    return event_row(
        channel=stated_text(cells.get("channel", "")),
        provider=provider,
        event_id=cells["event_id"].strip(),
        version=cells.get("version", "").strip(),
        level=level_number(cells.get("level", ""), cells.get("level_name", "")),
        record_id=cells.get("record_id", "").strip(),
        at=dates.instant(cells["at"]),
        computer=stated_text(cells.get("computer", "")) or host,
        payload=payload,
        message=message,
    )


EVENTS_CSV = Format(
    "events-csv",
    "Windows events as CSV or tab text",
    ("events",),
    "windows-events.md 1 [I]",
    recognise,
    read,
)
