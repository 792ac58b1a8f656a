"""Where an event that was pasted as text begins: the lines of its head, by their labels or, in a language that nobody
taught us, by their shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.formats.events.labels import label_of, labelled, languages_of
from analytics.formats.events.near_labels import by_place, log_above, near_label, without_quote
from analytics.formats.format import Head
from analytics.formats.reading.dates import looks_dated
from analytics.formats.reading.wrappers import bare_head

# A head has up to thirteen lines; double-spaced pastes have as many blank ones between them.
WINDOW = 30
# What a head must have, so that no line of a message is taken for one.
_FIELDS_OF_A_HEAD = frozenset(
    {
        "log",
        "source",
        "date",
        "id",
        "category",
        "level",
        "keywords",
        "opcode",
        "user",
        "user_name",
        "computer",
    }
)
_NAMES = _FIELDS_OF_A_HEAD | {"description"}
# The order of the Event Viewer, which languages share; the date is where the others count from.
_BY_SHAPE = (
    "log",
    "source",
    "date",
    "id",
    "category",
    "level",
    "keywords",
    "user",
    "computer",
    "description",
)
# down to the computer
_LEAST_LINES_BY_SHAPE = 8
_DATE_AT_LATEST = 3

_XML = re.compile(r"<Events?[\s>]")
_MARK = re.compile(r"\s{0,8}\S{1,20}\[\d{1,9}\]:?\s*")
_HOST = re.compile(r"[\w*.:-]{1,255}")


@dataclass(frozen=True)
class EventHead:
    """The labelled values of an event, how many lines they take, and whether they go on on the same line."""

    fields: Mapping[str, str]
    lines: int
    languages: frozenset[str] = field(default_factory=frozenset)


def is_mark(text: str) -> bool:
    """Whether a line is the record mark of wevtutil: `Event[0]:`, and without the colon in newer versions."""
    return _MARK.fullmatch(text) is not None


def may_begin(text: str) -> bool:
    """Whether a line alone may begin an event, so that what stands in front of it can be told.

    Windows begins its labels with a capital letter: `# source: ...` is somebody's comment.
    """
    if text.startswith("<Event") or is_mark(text):
        return True
    found = None if text[:1].islower() else labelled(text)
    if found is not None and label_of(found[0]) in {"log", "source", "level"}:
        return True
    return ":" in text and without_quote(text) is text and near_label(text, ["log"]) is not None


def holds_heads(head: Head) -> bool:
    """Whether a text holds the head of a pasted event that is no part of an XML event."""
    texts = bare_head(head, may_begin)
    in_xml = False
    for place, text in enumerate(texts):
        in_xml = (in_xml or _XML.search(text) is not None) and "</Event>" not in text
        if not in_xml and head_at(texts[place : place + WINDOW]) is not None:
            return True
    return False


def head_at(texts: Sequence[str]) -> EventHead | None:
    """The head that begins with the first of some lines; None where none does."""
    first = labelled(texts[0]) if texts else None
    if first is not None and label_of(first[0]) in _FIELDS_OF_A_HEAD:
        return _by_labels(texts)
    if names_source(next((text for text in texts[1:] if text.strip()), "")):
        return _below_its_log(texts)
    return _by_shape(texts) if first is not None else None


def names_source(text: str) -> bool:
    """Whether a line names the source of an event: then its log stands above it."""
    found = labelled(text)
    return found is not None and label_of(found[0]) == "source"


def _below_its_log(texts: Sequence[str]) -> EventHead | None:
    """The head that begins with its log under a label that is damaged; None where the line above it is no log."""
    start = next(place for place, text in enumerate(texts[1:], 1) if text.strip())
    below = _by_labels(texts[start:])
    log = log_above(texts[0], below.fields) if below else None
    if below is None or log is None:
        return None
    return EventHead({"log": log, **below.fields}, start + below.lines, below.languages)


def _by_labels(texts: Sequence[str]) -> EventHead | None:
    fields: dict[str, str] = {}
    languages: list[frozenset[str]] = []
    used = 0
    for place, text in enumerate(texts):
        below = texts[place + 1 :]
        label, value = labelled(without_quote(text) if fields else text) or ("", "")
        name = label_of(label) if label else None
        spoken = [languages_of(label)] if name else []
        if name is None and fields and text.strip():
            name, value = _meant(text, label, _next_field(below, fields), fields) or (None, value)
        if name == "log" and fields and names_source(below[0] if below else ""):
            break  # the next head, and of this one the rest was cut
        if name not in _NAMES or name in fields:
            # Mails and forums put a blank line between any two lines; a label of another version may stand between.
            if not text.strip() or (label and name is None and _next_field(below, fields)):
                continue
            break
        fields[name] = value
        languages += spoken
        used = place + 1
        if name == "description" and not (value and _next_field(below, fields)):
            break
    is_cut = used == len(texts) < WINDOW
    if {"date", "id"} <= fields.keys() and fields.keys() & {"log", "source", "level"} and len(fields) > 3:
        return EventHead(fields, used, _common(languages))
    if next(iter(fields)) == "log" and "source" in fields and (is_cut or fields.keys() & {"date", "id"}):
        return EventHead(fields, used, _common(languages))
    return None


def _meant(text: str, label: str, following: str | None, fields: Mapping[str, str]) -> tuple[str, str] | None:
    """The field and value of a line whose label is damaged, told by what it nearly is, else by its place.

    Only where the head goes on below it: what stands below a head is a message.
    """
    if following is None:
        return None
    if near := near_label(text, _NAMES - fields.keys() - {following}):
        return near
    name = by_place(list(fields), following) if label else None
    return (name, (labelled(text) or ("", ""))[1]) if name else None


def _next_field(texts: Sequence[str], fields: Mapping[str, str]) -> str | None:
    """The field that the next line which says something has, where a head can go on with it."""
    found = labelled(without_quote(next((text for text in texts if text.strip()), "")))
    name = label_of(found[0]) if found else None
    return name if name in _NAMES and name not in fields else None


def _common(languages: Sequence[frozenset[str]]) -> frozenset[str]:
    """The languages that all labels share."""
    return frozenset.intersection(*languages) if languages else frozenset()


def _by_shape(texts: Sequence[str]) -> EventHead | None:
    """The head in an unknown language: label and value on each line, a date, a whole number below it."""
    found: list[tuple[int, str]] = []
    for place, text in enumerate(texts):
        pair = labelled(text)
        if pair is None and not text.strip() and found:
            continue
        if pair is None or len(found) == len(_BY_SHAPE):
            break
        found.append((place, pair[1]))
        if len(found) == _DATE_AT_LATEST and not any(looks_dated(value) for _, value in found):
            return None
    values = [value for _, value in found]
    if len(values) < _LEAST_LINES_BY_SHAPE:
        return None
    date = next(place for place, value in enumerate(values) if looks_dated(value))
    if date < 1 or not _is_number(values[date + 1]) or not all(values[:date]):
        return None
    names = _BY_SHAPE[2 - date :]
    fields = dict(zip(names, values, strict=False))
    if not _HOST.fullmatch(fields.get("computer", "")):
        return None
    return EventHead(fields, found[min(len(names), len(found)) - 1][0] + 1)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}", text, re.ASCII) is not None
