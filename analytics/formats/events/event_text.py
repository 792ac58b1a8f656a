"""Event log records pasted as text from the Event Viewer (`Log Name: …`; samples 07, 08, 11)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.jobs.errors_text import error_ids
from analytics.formats.reading.batching import Entry, in_batches, lines_of, rejected
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, is_missing
from analytics.sources import Issue, Line, Source

# English by the samples; Japanese and German as the Event Viewer shows them (not in the reference).
LABELS = {
    "log": ("Log Name", "ログの名前", "Protokollname"),
    "source": ("Source", "ソース", "Quelle"),
    "date": ("Date", "日付", "Datum"),
    "id": ("Event ID", "イベント ID", "Ereignis-ID"),
    "Task Category": ("Task Category", "タスクのカテゴリ", "Aufgabenkategorie"),
    "level": ("Level", "レベル", "Ebene"),
    "Keywords": ("Keywords", "キーワード", "Schlüsselwörter"),
    "User": ("User", "ユーザー", "Benutzer"),
    "computer": ("Computer", "コンピューター", "コンピュータ"),
    "description": ("Description", "説明", "Beschreibung"),
}
LEVELS = {
    1: ("critical", "重大", "kritisch"),
    2: ("error", "エラー", "fehler"),
    3: ("warning", "警告", "warnung"),
    4: ("information", "情報", "informationen"),
}
MAX_BODY = 100_000

_NAMES = {label: name for name, labels in LABELS.items() for label in labels}
_LABELLED = re.compile(rf"\s*({'|'.join(map(re.escape, _NAMES))})\s*[:：]\s*(.*)")
_SYSTEM_TIME = re.compile(r'SystemTime="([^"<>]{10,40})"')
_RECORD_ID = re.compile(r"<EventRecordID>(\d{1,18})</EventRecordID>")
_LEAF = re.compile(r"<(\w{1,60})>([^<>]{1,4000})</\1>")


@dataclass(slots=True)
class Block:
    """One pasted event: its first line, its head fields and its text."""

    line: Line
    head: dict[str, str] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)


def _label(text: str) -> tuple[str, str] | None:
    found = _LABELLED.fullmatch(text)
    return (_NAMES[found[1]], found[2].strip()) if found else None


def recognise(head: Head) -> bool:
    """A `Log Name:` line with a `Source:` line below it."""
    names = [(_label(text) or ("",))[0] for text in head.lines[:500]]
    return any(name == "log" and "source" in names[place + 1 : place + 4] for place, name in enumerate(names))


def read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per block; `Date` is local (Reading.time_zone), a SystemTime in the text wins."""
    blocks: list[Block] = []
    entries: list[Entry] = []
    for item in blocks_of(lines_of(source, reading.encoding)):
        if isinstance(item, Block):
            blocks.append(item)
        else:
            entries.append(item)
    dates = date_reader(reading, (block.head.get("date", "") for block in blocks))
    return in_batches([*(_entry(block, dates) for block in blocks), *entries])


def blocks_of(lines: Iterable[Line | Issue]) -> Iterator[Block | Entry]:
    """Cut the lines at `Log Name:`; what stands before the first one is rejected."""
    block: Block | None = None
    for line in lines:
        if isinstance(line, Issue):
            yield "rejects", reject_issue(line)
            continue
        name, value = _label(line.text) or ("", "")
        if name == "log":
            if block:
                yield block
            block = Block(line, {"log": value})
        elif block:
            _take(block, name, value, line.text)
        elif line.text.strip():
            comment = line.text.startswith("#")
            yield rejected("comment line" if comment else "text before the first 'Log Name:'", line)
    if block:
        yield block


def _take(block: Block, name: str, value: str, text: str) -> None:
    if name and not block.body and name not in block.head:
        block.head[name] = value
        if name == "description":
            block.body.append(value)
    elif block.body or text.strip():
        block.body.append(text.rstrip())


def _entry(block: Block, dates: DateReader) -> Entry:
    message = "\n".join(block.body).strip()
    try:
        return "events", {
            "record_no": block.line.line_no,
            "host": _stated(block, "computer"),
            "channel": _stated(block, "log"),
            "event_provider": _stated(block, "source"),
            "event_id": _event_id(block),
            "level": level_of(block.head.get("level", "")),
            "record_id": int(found[1]) if (found := _RECORD_ID.search(message)) else None,
            "at": _instant(block, message, dates),
            "data": json.dumps(_data(block, message), ensure_ascii=False),
            "message": message or None,
        }
    except CellError as error:
        return rejected(str(error), block.line)


def _stated(block: Block, name: str) -> str | None:
    text = block.head.get(name, "")
    return None if is_missing(text) else text


def _event_id(block: Block) -> int:
    text = block.head.get("id", "")
    if not re.fullmatch(r"\d{1,9}", text):
        raise CellError(f"Event ID: {text[:60]!r} is no whole number")
    return int(text)


def level_of(text: str) -> int | None:
    """The number of a level's name, None for an unknown name."""
    name = text.strip().casefold()
    return next((number for number, names in LEVELS.items() if name in names), None)


def _instant(block: Block, message: str, dates: DateReader) -> datetime | None:
    if found := _SYSTEM_TIME.search(message[:MAX_BODY]):
        return DateReader().instant(found[1])
    text = re.sub(r"<[^<>]*>", "", block.head.get("date", ""))
    return dates.instant(text)


def _data(block: Block, message: str) -> dict[str, str | list[int]]:
    """What is structured: further head fields, the leaves of `Problem Details`, the ids of DPM errors."""
    extra = {name: _stated(block, name) for name in ("Task Category", "Keywords", "User")}
    leaves = dict(_LEAF.findall(message[:MAX_BODY]))
    errors = error_ids(message)
    stated = {
        name: text for name, text in (extra | leaves).items() if text is not None and not is_missing(text)
    }
    return stated | ({"error_ids": errors} if errors else {})


EVENT_TEXT = Format(
    "event-text",
    "events pasted from the Event Viewer",
    ("events",),
    "dpm-formats.md 3.6 [V]",
    recognise,
    read,
)
