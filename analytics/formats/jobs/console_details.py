"""Job details, alerts and error texts pasted from the DPM console (dpm-formats.md 3.2, samples 09-17).

Records end at a blank line or where a label comes again. Category is the type, with the type of recovery
point behind it where the console states it: `Recovery point (Express Full)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from analytics.formats.format import Batch, Format, Head, Reading, reject_issue
from analytics.formats.jobs.console_labels import labelled, one_line
from analytics.formats.jobs.errors_text import holds_error, with_error
from analytics.formats.jobs.job_rows import checked_job, with_times_completed
from analytics.formats.reading.batching import Entry, Row, in_batches, rejected
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, elapsed_s, is_missing, size_bytes
from analytics.formats.reading.wrappers import bare_head, bare_lines, is_dress, is_prompt
from analytics.sources import Issue, Line, Source

_Value = TypeVar("_Value")

_NOT_PASTED = re.compile(r"""["{\[]|<\?xml|[0-9A-F]{8}-|.*\t|.*\d\d:\d\d:\d\d\.\d{3}""", re.IGNORECASE)
_TYPE = re.compile(r"Microsoft Hyper-V(?: RCT)?(?![\w-])")
_SOURCE = re.compile(
    r"(?P<source>\\Backup Using (?:Child Partition Snapshot|Saved State)\\.+?)"
    r"(?: on (?P<server>[^\s<>]+)| の|\s*$)",
    re.MULTILINE,
)


@dataclass(slots=True)
class _Paste:
    """One record as pasted: its first line, its kind and the texts by label."""

    line: Line
    kind: str = "job"
    lines: dict[str, list[str]] = field(default_factory=dict)
    current: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The texts by label."""
        return {name: "\n".join(lines).strip() for name, lines in self.lines.items()}

    def put(self, name: str, value: str) -> None:
        """Begin a labelled text."""
        self.lines[name], self.current = [value], name

    def append(self, text: str) -> None:
        """Go on with the text that was begun last."""
        self.lines.setdefault(self.current, []).append(text)


def _recognise(head: Head) -> bool:
    """A type with its status, an affected area with its description, or a bare error text at the top."""
    texts = bare_head(head, _may_begin)[:200]
    lines = [text for text in texts if not (is_dress(text) or is_prompt(text) or text.startswith("#"))]
    if not lines or any(_NOT_PASTED.match(text) for text in lines[:3]):
        return False
    names = [(labelled(text) or ("",))[0] for text in lines]
    pairs = {("type", "status"), ("affected", "description")}
    near = {(name, later) for place, name in enumerate(names) for later in names[place + 1 : place + 4]}
    return bool(near & pairs) or any(one_line(text) for text in lines[:20]) or holds_error(lines[0])


def _may_begin(text: str) -> bool:
    """Whether a line may begin a record, so that what stands in front of it can be taken off."""
    name, _ = labelled(text) or ("", "")
    return name in {"type", "affected", "status"} or one_line(text) is not None or holds_error(text)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per job, alert or bare error; times that nothing gives stay NULL."""
    entries: list[Entry] = []
    pastes: list[_Paste] = []
    for item in _pasted(bare_lines(source, reading.encoding, _may_begin)):
        if isinstance(item, _Paste):
            pastes.append(item)
        else:
            entries.append(item)
    names = ("start", "end", "since")
    dates = date_reader(reading, (paste.fields.get(name, "") for paste in pastes for name in names))
    return in_batches([*(_entry(paste, dates) for paste in pastes), *entries])


def _pasted(lines: Iterable[Line | Issue]) -> Iterator[_Paste | Entry]:
    """Cut the lines into records; a line that belongs to none is a reject."""
    paste: _Paste | None = None
    for line in lines:
        if isinstance(line, Issue):
            yield "rejects", reject_issue(line)
            continue
        if (reason := _unusable(line, paste)) is not None:
            yield rejected(reason, line)
            continue
        begun = _begun(line, paste)
        if paste and (begun or is_dress(line.text) or is_prompt(line.text)):
            yield paste
            paste = None
        if begun:
            paste = begun
        elif paste:
            _continue(paste, line)
    if paste:
        yield paste


def _begun(line: Line, paste: _Paste | None) -> _Paste | None:
    """The record that a line begins, None where it goes on with the one before or is blank."""
    if whole := one_line(line.text):
        return _Paste(line, "job", {name: [value] for name, value in whole.items()}, "closed")
    name, value = labelled(line.text) or ("", "")
    if name not in {"", "noise"} and (paste is None or paste.kind == "error" or name in paste.lines):
        begun = _Paste(line, "alert" if name in {"affected", "since"} else "job")
        begun.put(name, value)
        return begun
    if not name and holds_error(line.text) and not _takes_text(paste):
        return _Paste(line, "error", {"description": [line.text.strip()]}, "closed")
    return None


def _takes_text(paste: _Paste | None) -> bool:
    return paste is not None and (paste.kind == "alert" or paste.current == "description")


def _unusable(line: Line, paste: _Paste | None) -> str | None:
    text = line.text
    if "\0" in text:
        return "NUL characters in the line (a text was expected)"
    if text.startswith("#") and not _takes_text(paste):
        return "comment line"
    name = (labelled(text) or ("",))[0]
    outside = paste is None or paste.kind == "error"
    known = (name and not (name == "noise" and outside)) or one_line(text) or holds_error(text)
    if is_dress(text) or is_prompt(text) or known or _takes_text(paste):
        return None
    return "neither a known label nor an error text with its id, such as (ID 104)"


def _continue(paste: _Paste, line: Line) -> None:
    name, value = labelled(line.text) or ("", "")
    if name == "noise":
        paste.current = "more" if paste.kind == "alert" else name
    elif name:
        paste.put(name, value)
    else:
        paste.append(line.text.strip())


def _entry(paste: _Paste, dates: DateReader) -> Entry:
    try:
        row = _job(paste.fields, dates) if paste.kind == "job" else _text(paste.fields, dates)
        return "job_records", checked_job({"record_no": paste.line.line_no, "record_kind": paste.kind} | row)
    except CellError as error:
        return rejected(str(error), paste.line)


def _job(fields: dict[str, str], dates: DateReader) -> Row:
    category, point_type = _stated(fields, "type"), _stated(fields, "point_type")
    started_at = _cell("Start time", dates.instant, fields.get("start", ""))
    row = {
        "category": f"{category} ({point_type})" if category and point_type else category,
        "status": _stated(fields, "status"),
        "error_text": _stated(fields, "description"),
        "started_at": started_at,
        "ended_at": _cell("End time", lambda text: dates.instant(text, started_at), fields.get("end", "")),
        "duration_s": _cell("Time elapsed", elapsed_s, fields.get("elapsed", "")),
        "bytes_transferred": _cell("Data transferred", size_bytes, fields.get("transferred", "")),
        "production_server": _stated(fields, "node"),
        "data_source": _stated(fields, "source"),
        "data_source_type": _type_in(fields.get("description", "")),
        "protection_group": _stated(fields, "group"),
    }
    return with_times_completed(with_error(row))


def _text(fields: dict[str, str], dates: DateReader) -> Row:
    """An alert or a bare error text: what it is about is found in its sentence."""
    description = fields.get("description", "")
    place = _SOURCE.search(description[:2000])
    texts = [text for text in (description, fields.get("action")) if text]
    return with_error(
        {
            "created_at": _cell("Occurred since", dates.instant, fields.get("since", "")),
            "error_text": "\n".join(texts) or None,
            "data_source": _stated(fields, "affected") or (place["source"] if place else None),
            "data_source_type": _type_in(description),
            "production_server": place["server"] if place else None,
        }
    )


def _cell(label: str, read_cell: Callable[[str], _Value], text: str) -> _Value:
    try:
        return read_cell(text)
    except CellError as error:
        raise CellError(f"{label}: {error}") from None


def _stated(fields: dict[str, str], name: str) -> str | None:
    text = fields.get(name, "").strip()
    return None if is_missing(text) else text


def _type_in(text: str) -> str | None:
    found = _TYPE.search(text)
    return found[0] if found else None


CONSOLE_DETAILS = Format(
    "dpm-console-details",
    "job details, alerts and errors pasted from the console",
    ("job_records",),
    "dpm-formats.md 3.2 [V], Japanese labels [?]",
    _recognise,
    _read,
)
