"""Event log records pasted as text: the Event Viewer's "copy details as text", and `wevtutil qe /f:text`.

A record is a head of labelled lines, the description below it, and where the Event Viewer put it there the XML of the
same event: then that is the record, and the description its message. Without it the date is local, in the culture of
the user. wevtutil writes local time, too, newer versions with a `Z` that is none (windows-events.md N3). XML events
that stand between such records are read as what they are.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from analytics.formats.events.cut_end import certain, own_lines
from analytics.formats.events.event_head import (
    WINDOW,
    EventHead,
    head_at,
    holds_heads,
    is_mark,
    may_begin,
    names_source,
)
from analytics.formats.events.events_xml import row_of_text
from analytics.formats.events.labels import EXTRA, labels, level_number
from analytics.formats.events.near_labels import log_within
from analytics.formats.events.payload import add_vss, host_of
from analytics.formats.events.rows import leaves_out
from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.jobs.errors_text import error_ids
from analytics.formats.reading.batching import Entry, Row, in_batches, rejected
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, is_missing
from analytics.formats.reading.wrappers import bare_lines, is_dress, is_prompt
from analytics.sources import Issue, Line, Source

_MAX_BODY = 100_000
_MAX_TEXT_CHARACTERS = 4 << 20
_DATES_LOOKED_AT = 200_000
_OF_WEVTUTIL = frozenset({"opcode", "user_name"})

_XML_BEGINS = re.compile(r"\s*(?:<Event[\s>]|&lt;Event[\s&])")
_BETWEEN_EVENTS = re.compile(r"(?<=</Event>)(?=\s*\S)|(?<=[:：])\s{0,20}(?=<Event[\s>])")
_XML_ENDS = ("</Event>", "&lt;/Event&gt;")
_XML_LABEL = re.compile(r"\S[^:：]{0,60}[:：]\s*")
_SYSTEM_TIME = re.compile(r"""SystemTime=["']([^"'<>]{10,40})["']""")
_RECORD_ID = re.compile(r"<EventRecordID>(\d{1,18})</EventRecordID>")
_LEAF = re.compile(r"<(\w{1,60})>([^<>]{1,4000})</\1>")


@dataclass(slots=True)
class _Block:
    """One pasted event: its first line, its head, the mark above it, its description and the lines of its XML."""

    line: Line
    head: EventHead | None
    mark: str = ""
    body: list[Line] = field(default_factory=list)
    xml: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def in_xml(self) -> bool:
        """Whether its XML has begun and not ended."""
        return bool(self.xml) and not any(end in self.xml[-1] for end in _XML_ENDS)

    def take(self, line: Line) -> None:
        """Add a line."""
        if self.xml or _XML_BEGINS.match(line.text):
            self.xml.append(line.text)
        else:
            self.body.append(line)
        self.size += len(line.text)


def _recognise(head: Head) -> bool:
    """A head of labels, or of their shape, that is no part of an XML event."""
    return not head.data.startswith(b"ElfFile") and holds_heads(head)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per event; a time in its XML is UTC, its `Date` local (Reading.time_zone)."""
    heads = (item.head for item in _blocks(source, reading) if isinstance(item, _Block) and item.head)
    dates = _dates(reading, islice(heads, _DATES_LOOKED_AT))
    return in_batches(_entries(_blocks(source, reading), dates), leaves_out(reading))


def _dates(reading: Reading, heads: Iterable[EventHead]) -> DateReader:
    """How the dates of a source are meant; where they prove nothing the language of the labels tells."""
    languages: Counter[bool] = Counter()

    def texts() -> Iterator[str]:
        for head in heads:
            if head.languages:
                languages[head.languages <= labels().day_first] += 1
            yield head.fields.get("date", "")

    dates = list(texts())
    return date_reader(reading, dates, day_first=languages[True] > languages[False])


def _blocks(source: Source, reading: Reading) -> Iterator[_Block | Entry]:
    return _blocks_of(_with_heads_apart(_with_events_apart(bare_lines(source, reading.encoding, may_begin))))


def _with_heads_apart(lines: Iterable[Line | Issue]) -> Iterator[Line | Issue]:
    """The lines, with a log that stands behind the cut last line of another copy, above its source, on its own line."""
    above: Line | Issue | None = None
    for line in chain(lines, [None]):
        place = log_within(above.text) if isinstance(above, Line) and isinstance(line, Line) else None
        if (
            place is not None
            and isinstance(above, Line)
            and isinstance(line, Line)
            and names_source(line.text)
        ):
            yield replace(above, text=above.text[:place])
            yield replace(above, text=above.text[place:])
        elif above is not None:
            yield above
        above = line


def _with_events_apart(lines: Iterable[Line | Issue]) -> Iterator[Line | Issue]:
    """The lines, with an XML event that shares its line with a label or with another event on a line of its own."""
    for line in lines:
        if isinstance(line, Issue) or "Event" not in line.text:
            yield line
            continue
        for text in _BETWEEN_EVENTS.split(line.text):
            yield line if text is line.text else replace(line, text=text)


def _blocks_of(lines: Iterable[Line | Issue]) -> Iterator[_Block | Entry]:
    """Cut the lines into events; text that belongs to none is rejected, but for prompts, rulers and blank lines."""
    block: _Block | None = None
    mark = ""
    waiting = _Window(lines)
    while (line := waiting.next()) is not None:
        if isinstance(line, Issue):
            yield "rejects", reject_issue(line)
            continue
        begun = _begun(line, waiting, block, mark)
        if block and (begun or _ends(line.text, block, waiting)):
            yield block
            block = None
        if is_mark(line.text):
            mark = line.text
        elif begun or line.text.strip():
            mark = ""
        if begun:
            block = begun
        elif block:
            block.take(line)
        elif (reason := _why_stray(line.text)) is not None:
            yield rejected(reason, line)
    if block:
        yield from _without_cut_labels(block, waiting.is_open)


def _without_cut_labels(block: _Block, is_open: bool) -> Iterator[_Block | Entry]:
    """The last event of a source; labels in which the source ends are rejected, as cut XML is."""
    if block.head is None or block.xml:
        yield block
        return
    if not block.body:
        block.head = certain(block.head, is_open)
    texts = [line.text for line in block.body]
    end = own_lines(block.head, block.line.text, block.mark, texts, is_open)
    cut = [line for line in block.body[end:] if line.text.strip()]
    block.body = block.body[:end]
    yield block
    if cut:
        text = "\n".join(line.text for line in cut)
        yield rejected("the source ends inside the labels of an event", replace(cut[0], text=text))


class _Window:
    """Lines of which those that follow can be looked at; `is_open` where the last one that was taken lacks its end."""

    def __init__(self, lines: Iterable[Line | Issue]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[Line | Issue] = deque()
        self.is_open = False

    def next(self) -> Line | Issue | None:
        """The next line."""
        found = self._waiting.popleft() if self._waiting else next(self._lines, None)
        if isinstance(found, Line):
            self.is_open = not found.line_end
        return found

    def ahead(self, count: int) -> list[str]:
        """The texts of the lines that follow, at most so many."""
        self._waiting.extend(islice(self._lines, max(0, count - len(self._waiting))))
        return [item.text for item in islice(self._waiting, count) if isinstance(item, Line)]

    def drop(self, count: int) -> None:
        """Take lines that were looked at; what could not be read between them stays."""
        issues: list[Line | Issue] = []
        while count:
            found = self._waiting.popleft()
            if isinstance(found, Line):
                self.is_open = not found.line_end
                count -= 1
            else:
                issues.append(found)
        self._waiting.extendleft(reversed(issues))


def _begun(line: Line, waiting: _Window, block: _Block | None, mark: str) -> _Block | None:
    """The event that a line begins; None where it begins none."""
    if _XML_BEGINS.match(line.text):
        if block and block.head and not block.xml:
            return None
        begun = _Block(line, None)
        begun.take(line)
        return begun
    if block and block.in_xml:
        # Inside of XML a cut event is told by the head of the next one only.
        head = head_at([line.text, *waiting.ahead(WINDOW)]) if may_begin(line.text) else None
    else:
        head = head_at([line.text, *waiting.ahead(WINDOW)]) if _may_be_label(line.text, waiting) else None
    if head is None:
        return None
    waiting.drop(head.lines - 1)
    first = head.fields.get("description", "")
    return _Block(line, head, mark, [replace(line, text=first)] if first else [], size=len(first))


def _may_be_label(text: str, waiting: _Window) -> bool:
    """Whether a line may begin a head: it has a colon, or lost it above one that has."""
    return ":" in text or "：" in text or any(":" in below or "：" in below for below in waiting.ahead(1))


def _ends(text: str, block: _Block, waiting: _Window) -> bool:
    """Whether a line that begins no event ends the one above it."""
    if block.xml and not block.in_xml:
        return True
    if block.in_xml:
        return block.size > _MAX_TEXT_CHARACTERS
    is_end = is_prompt(text) or (is_mark(text) and head_at(_said(waiting.ahead(WINDOW))) is not None)
    return is_end or block.size > _MAX_TEXT_CHARACTERS


def _said(texts: Sequence[str]) -> Sequence[str]:
    """Lines from the first one on that is not blank."""
    start = next((place for place, text in enumerate(texts) if text.strip()), len(texts))
    return texts[start:]


def _why_stray(text: str) -> str | None:
    """Why a line outside of events is rejected; None where it says nothing."""
    if is_dress(text) or is_prompt(text) or is_mark(text):
        return None
    return "comment line" if text.startswith("#") else "text that belongs to no event"


def _entries(items: Iterable[_Block | Entry], dates: DateReader) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, _Block):
            try:
                yield "events", {"record_no": item.line.line_no, **_row_of(item, dates)}
            except CellError as error:
                yield rejected(str(error), item.line)
        else:
            yield item


def _row_of(block: _Block, dates: DateReader) -> Row:
    """The row of an event: from its XML, else from its head; CellError where neither says enough."""
    xml = "\n".join(block.xml)
    message = _message(block)
    if not xml or block.head is None:
        return row_of_text(xml) if xml else _head_row(block, message, "", dates)
    try:
        row = row_of_text(xml)
    except CellError:
        return _head_row(block, message, xml, dates)
    stated = {"host": host_of(_stated(block.head, "computer")), "channel": _stated(block.head, "log")}
    return row | {name: value for name, value in stated.items() if row[name] is None} | {
        "message": message or row["message"]
    }  # fmt: skip


def _message(block: _Block) -> str:
    """The description without its indentation, the label of the XML below it, and what dresses the end."""
    body = [line.text.rstrip() for line in block.body]
    while body and (is_dress(body[-1]) or (block.xml and _XML_LABEL.fullmatch(body[-1]))):
        is_label = not is_dress(body.pop())
        if is_label:
            break
    indents = [len(text) - len(text.lstrip()) for text in body[1:] if text.strip()]
    first = block.line.text
    least = min(indents, default=0) if not block.mark else 0
    least = min(least, len(first) - len(first.lstrip()))
    return "\n".join([body[0].lstrip(), *(text[least:] for text in body[1:])]).strip() if body else ""


def _head_row(block: _Block, message: str, xml: str, dates: DateReader) -> Row:
    assert block.head is not None
    head = block.head
    provider = _stated(head, "source")
    record_id = _RECORD_ID.search(xml) or _RECORD_ID.search(message[:_MAX_BODY])
    return {
        "host": host_of(_stated(head, "computer")),
        "channel": _stated(head, "log"),
        "event_provider": provider,
        "event_id": _event_id(head),
        "level": level_number(head.fields.get("level", "")),
        "record_id": int(record_id[1]) if record_id else None,
        "at": _instant(block, message, xml, dates),
        "data": json.dumps(_data(head, provider, message), ensure_ascii=False),
        "message": message or None,
    }


def _stated(head: EventHead, name: str) -> str | None:
    text = head.fields.get(name, "")
    return None if is_missing(text) else text


def _event_id(head: EventHead) -> int:
    text = head.fields.get("id", "")
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise CellError(f"Event ID: {text[:60]!r} is no whole number")
    return int(text)


def _instant(block: _Block, message: str, xml: str, dates: DateReader) -> datetime | None:
    assert block.head is not None
    if found := _SYSTEM_TIME.search(xml) or _SYSTEM_TIME.search(message[:_MAX_BODY]):
        return DateReader().instant(found[1])
    text = re.sub(r"<[^<>]*>", "", block.head.fields.get("date", ""))
    is_local = bool(block.mark) or not _OF_WEVTUTIL.isdisjoint(block.head.fields)
    return dates.instant(text.removesuffix("Z") if is_local else text)


def _data(head: EventHead, provider: str | None, message: str) -> dict[str, object]:
    """What is structured: further head fields, the leaves of `Problem Details`, the ids of DPM errors, VSS blocks."""
    extra = {written: _stated(head, name) for name, written in EXTRA.items()}
    leaves = dict(_LEAF.findall(message[:_MAX_BODY]))
    errors = error_ids(message)
    stated: dict[str, object] = {
        name: text for name, text in (extra | leaves).items() if text is not None and not is_missing(text)
    }
    if provider == "VSS":
        add_vss(stated, message, None)
    return stated | ({"error_ids": errors} if errors else {})


EVENT_TEXT = Format(
    "event-text",
    "events pasted as text (Event Viewer, wevtutil /f:text)",
    ("events",),
    "dpm-formats.md 3.6 and windows-events.md N3, N4 [V]",
    _recognise,
    _read,
)
