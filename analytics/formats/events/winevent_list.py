"""Events as Format-List prints them: `Get-WinEvent ... | Format-List`, with any properties, and Get-EventLog's.

Names stand left of a column of colons, a value that is too wide goes on below, indented to its first character. Where a
word would still have fit on the line above, the line was broken by the text itself, else by the width of the console.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from analytics.formats.events.cells import event_of_cells, lost_names
from analytics.formats.events.labels import column_of
from analytics.formats.events.rows import leaves_out
from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.reading.batching import Entry, in_batches, rejected
from analytics.formats.reading.console_width import cells_of, joined
from analytics.formats.reading.dates import date_reader
from analytics.formats.reading.values import CellError
from analytics.formats.reading.wrappers import bare_lines, is_dress, is_prompt, unwrapped
from analytics.sources import Issue, Line, Source

_DATES_LOOKED_AT = 200_000
_MAX_VALUE_LINES = 2_000

_PROPERTY = re.compile(
    r"(?P<name>[A-Za-z]\w{0,40}(?:\.\w{1,40})?)(?P<gap>[ ]{1,40}):(?: (?P<value>.*))?", re.DOTALL
)


@dataclass(slots=True)
class _Listed:
    """One record: its first line, the column of its colons, and the lines of its values by name."""

    line: Line
    colon: int
    values: dict[str, list[str]] = field(default_factory=dict)
    current: str = ""
    after_blank: int = 0
    line_after_blank: Line | None = None
    is_blank_above: bool = False

    def begin(self, name: str, value: str, line: Line) -> None:
        """Begin a value."""
        if self.is_blank_above:
            self.after_blank, self.line_after_blank = len(self.values), line
        self.values[name], self.current, self.is_blank_above = [value], name, False

    def split(self, name: str) -> _Listed | None:
        """Take away what stands below the last blank line, where a name comes again without one above it.

        Then two records ran together: of the first only the end is left. None where that is not so.
        """
        names = list(self.values)
        if self.is_blank_above or self.line_after_blank is None or name not in names[: self.after_blank]:
            return None
        later = names[self.after_blank :]
        return _Listed(
            self.line_after_blank, self.colon, {each: self.values.pop(each) for each in later}, later[-1]
        )

    def takes(self, text: str) -> bool:
        """Whether a line goes on with the value above it."""
        is_indented = len(text) > self.colon and bool(text.strip()) and not text[: self.colon + 2].strip()
        return is_indented and len(self.values[self.current]) < _MAX_VALUE_LINES


def property_of(text: str) -> tuple[str, int, str] | None:
    """Name, column of the colon and value of a line that begins a property; None for any other."""
    found = _PROPERTY.fullmatch(text)
    return (found["name"], found.start("gap") + len(found["gap"]), found["value"] or "") if found else None


def _may_begin(text: str) -> bool:
    found = property_of(text)
    return found is not None and column_of(found[0]) is not None


def _recognise(head: Head) -> bool:
    """A record with time, provider and id under the names that PowerShell gives them."""
    lines = unwrapped((Line(number, 0, text) for number, text in enumerate(head.lines, 1)), _may_begin)
    found = (item for item in _listed(lines) if isinstance(item, _Listed))
    return any(_is_event(item) for item in islice(found, 50))


def _is_event(item: _Listed) -> bool:
    fields = {column_of(name) for name in item.values} - {None}
    is_whole = {"date", "source"} <= fields and bool(fields & {"id", "instance_id"})
    return is_whole and not lost_names(item.values, [name for name in fields if name])


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per record; times are local (Reading.time_zone), in the culture of the console."""
    items = (item for item in _items(source, reading) if isinstance(item, _Listed))
    dates = date_reader(
        reading, (_cells(item, 0).get("date", "") for item in islice(items, _DATES_LOOKED_AT))
    )
    width = max((_width(item) for item in _items(source, reading) if isinstance(item, _Listed)), default=0)

    def entries() -> Iterator[Entry]:
        for item in _items(source, reading):
            if not isinstance(item, _Listed):
                yield item
                continue
            try:
                row = event_of_cells(_cells(item, width), dates, reading.host)
                yield "events", {"record_no": item.line.line_no, **row}
            except CellError as error:
                yield rejected(str(error), item.line)

    return in_batches(entries(), leaves_out(reading))


def _items(source: Source, reading: Reading) -> Iterator[_Listed | Entry]:
    return _listed(bare_lines(source, reading.encoding, _may_begin))


def _listed(lines: Iterable[Line | Issue]) -> Iterator[_Listed | Entry]:
    """Cut the lines into records: a name that comes again begins the next one."""
    record: _Listed | None = None
    for line in lines:
        if isinstance(line, Issue):
            yield "rejects", reject_issue(line)
            continue
        found = property_of(line.text)
        if found is not None and (record is None or found[1] != record.colon or found[0] in record.values):
            rest = record.split(found[0]) if record and found[1] == record.colon else None
            if record:
                yield record
            record = rest or _Listed(line, found[1])
        if found is not None and record:
            record.begin(found[0], found[2], line)
        elif record and record.takes(line.text):
            record.values[record.current].append(line.text[record.colon + 2 :])
        elif record and not line.text.strip():
            record.values[record.current].append("")
            record.is_blank_above = True
        elif line.text.strip():
            if record:
                yield record
                record = None
            if not is_dress(line.text) and not is_prompt(line.text):
                yield rejected("text that belongs to no record", line)
    if record:
        yield record


def _cells(item: _Listed, width: int) -> Mapping[str, str]:
    """The texts of a record by field; the first name of a field that says something counts."""
    cells: dict[str, str] = {}
    for name, lines in item.values.items():
        key = column_of(name)
        if key and not cells.get(key):
            cells[key] = joined(lines, width - item.colon - 2)
    return cells


def _width(item: _Listed) -> int:
    """The widest line of a record, in cells of the console."""
    return max(item.colon + 2 + cells_of(line.rstrip()) for lines in item.values.values() for line in lines)


WINEVENT_LIST = Format(
    "winevent-list",
    "Get-WinEvent | Format-List",
    ("events",),
    "windows-events.md case 14 [V]",
    _recognise,
    _read,
)
