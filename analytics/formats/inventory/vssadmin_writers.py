"""Output of `vssadmin list writers`, in any language: told by its shape, not by its words (windows-events.md N8).

Each writer is a quoted name; below it stand two GUIDs (of the writer and of this instance), a state with its number in
brackets, and the last error. What else vssadmin prints (its banner, shadows, providers) says nothing about writers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.reading.batching import Entry, Row, in_batches, rejected
from analytics.formats.reading.values import GUID, CellError, guid
from analytics.formats.reading.wrappers import bare_head, bare_lines, is_dress, is_prompt
from analytics.sources import Issue, Line, Source

_MAX_STATE = 1000
_LINES_OF_A_WRITER = 8

_LABEL = r"\s{0,20}[^\s:：'\"{}\[\]][^:：\"{}\[\]]{0,60}[:：]\s{0,20}"
_NAME = re.compile(rf"{_LABEL}(?:'(?P<name>.{{1,200}})'|[\"“„«‘「](?P<other>.{{1,200}})[\"”“»’」])\s*")
_ID = re.compile(rf"{_LABEL}\{{?(?P<guid>{GUID})\}}?\s*")
_STATE = re.compile(rf"{_LABEL}\[(?P<number>\d{{1,9}})\]\s*(?P<text>.{{0,200}})")
_OTHER = re.compile(rf"{_LABEL}(?P<text>\S.{{0,500}})?")
_OF_INSTANCE = re.compile(r"instan|インスタンス|экземпляр|实例|執行個體|인스턴스", re.IGNORECASE)
_BANNER = re.compile(
    r"\W{0,4}vssadmin \d+\.\d+ - .*|Microsoft Windows \[.*|\(C\) .*|Copyright .*", re.IGNORECASE
)


@dataclass(slots=True)
class _Writer:
    """One writer: the line of its name, and what stands below it."""

    line: Line
    name: str
    ids: list[tuple[str, str]] = field(default_factory=list)
    state: tuple[str, str] | None = None
    rest: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is to come."""
        return len(self.ids) > 1 and self.state is not None and bool(self.rest)

    @property
    def is_other(self) -> bool:
        """Whether it is a provider, which has a name and an id, too, but no state."""
        return self.state is None and len(self.rest) > 1

    def take(self, text: str) -> bool:
        """Take a line below the name; False where it is none of a writer."""
        if (found := _ID.fullmatch(text)) and len(self.ids) < 2:
            self.ids.append((text[: found.start("guid")], found["guid"]))
        elif (found := _STATE.fullmatch(text)) and self.state is None:
            self.state = found["number"], found["text"].strip()
        elif (found := _OTHER.fullmatch(text)) and not self.is_whole:
            self.rest.append((found["text"] or "").strip())
        else:
            return False
        return True


def _begun(line: Line) -> _Writer | None:
    found = _NAME.fullmatch(line.text)
    return _Writer(line, found["name"] or found["other"]) if found else None


def _may_begin(text: str) -> bool:
    return not text[:1].isspace() and (_NAME.fullmatch(text) or _BANNER.fullmatch(text)) is not None


def recognise(head: Head) -> bool:
    """A quoted name with two GUIDs and a number in brackets below it."""
    lines = [
        Line(number, 0, text) for number, text in enumerate(bare_head(head, _may_begin), 1) if text.strip()
    ]
    for place, line in enumerate(lines):
        writer = _begun(line)
        if writer is None:
            continue
        for below in lines[place + 1 : place + _LINES_OF_A_WRITER]:
            writer.take(below.text)
        if len(writer.ids) > 1 and writer.state is not None:
            return True
    return False


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per writer; `collected_at` is that of the collection.json beside the file."""
    return in_batches(_entries(_writers_of(bare_lines(source, reading.encoding, _may_begin)), reading))


def _writers_of(lines: Iterable[Line | Issue]) -> Iterator[_Writer | Entry]:
    """Cut the lines into writers; what else stands below vssadmin's banner says nothing, other lines are rejected."""
    writer: _Writer | None = None
    is_below_banner = False
    for line in lines:
        if isinstance(line, Issue):
            yield "rejects", reject_issue(line)
            continue
        begun, is_banner = _begun(line), _BANNER.fullmatch(line.text) is not None
        ends = begun or is_banner or (writer and writer.is_whole and not line.text.strip())
        if writer and ends:
            if writer.state is not None or not is_below_banner:
                yield writer
                is_below_banner = False
            writer = None
        is_below_banner = is_below_banner or is_banner
        if begun:
            writer = begun
        elif not ((writer and writer.take(line.text)) or is_below_banner or _says_nothing(line.text)):
            yield rejected("text that belongs to no writer", line)
    if writer and not (is_below_banner and writer.is_other):
        yield writer


def _says_nothing(text: str) -> bool:
    return is_dress(text) or is_prompt(text)


def _entries(items: Iterable[_Writer | Entry], reading: Reading) -> Iterator[Entry]:
    for item in items:
        if not isinstance(item, _Writer):
            yield item
            continue
        try:
            yield "vss_writers", _row_of(item) | {"collected_at": reading.collected_at}
        except CellError as error:
            yield rejected(str(error), item.line)


def _row_of(writer: _Writer) -> Row:
    """The row of a writer; CellError where its ids or its state are missing."""
    if writer.state is None or len(writer.ids) < 2:
        raise CellError("the writer lacks an id or its state; the output may be cut")
    if int(writer.state[0]) > _MAX_STATE:
        raise CellError(f"state [{writer.state[0]}] is no state of a writer")
    first, second = writer.ids
    if _OF_INSTANCE.search(first[0]) and not _OF_INSTANCE.search(second[0]):
        first, second = second, first
    return {
        "record_no": writer.line.line_no,
        "writer_name": writer.name.strip(),
        "writer_id": guid(first[1]),
        "instance_id": guid(second[1]),
        "state": int(writer.state[0]),
        "state_text": writer.state[1] or None,
        "last_error": next((text for text in writer.rest if text), None),
    }


VSSADMIN_WRITERS = Format(
    "vssadmin-writers",
    "vssadmin list writers",
    ("vss_writers",),
    "windows-events.md N8 [V]",
    recognise,
    _read,
)
