"""Where a pasted log ends inside the labels of an event: a copy that was cut, not words of its last description.

What stands there is told by the event above it: its own first label, or the mark in front of it, begins the next one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analytics.formats.events.event_head import WINDOW, EventHead, is_mark
from analytics.formats.events.labels import label_begins, label_of, labelled
from analytics.formats.reading.values import begins_missing

_XML = "xml"


def own_lines(head: EventHead, first: str, mark: str, body: Sequence[str], is_open: bool) -> int:
    """How many lines of a body are the event's own; those below them are labels that were cut.

    `first` is the line its head begins with, `mark` the record mark above it, `is_open` tells that the source ends
    without a line end.
    """
    if "description" not in head.fields:
        return 0 if _is_one_cut_label(head, body, is_open) else len(body)
    end = _without_next_head(first, body, is_open)
    end = _without_mark(mark, body, end, is_open)
    return _without_xml(head, body, end, is_open)


def certain(head: EventHead, is_open: bool) -> EventHead:
    """The head of which nothing follows: a value that is the beginning of a word for "nothing" says nothing."""
    name, value = list(head.fields.items())[-1]
    if not (is_open and begins_missing(value)):
        return head
    return EventHead({**head.fields, name: ""}, head.lines, head.languages)


def _is_one_cut_label(head: EventHead, body: Sequence[str], is_open: bool) -> bool:
    """Whether all that follows a head is the beginning of its next label; any word may be, in a language unknown."""
    said = [text for text in body if text.strip()]
    if not is_open or len(said) != 1 or ":" in said[0]:
        return False
    return not head.languages or label_begins(said[0].strip())


def _without_next_head(first: str, body: Sequence[str], is_open: bool) -> int:
    """The end of the body above the lines that begin the next event."""
    label = (labelled(first) or ("", ""))[0]
    start = max(0, len(body) - WINDOW)
    for place, text in enumerate(body[start:], start):
        is_last = is_open and place == len(body) - 1
        found = labelled(text)
        begins = found[0] == label if found else is_last and _begins(text, label)
        if begins and all(_is_labelled(below, is_open) for below in body[place + 1 :]):
            return _without_blank(body, place)
    return len(body)


def _is_labelled(text: str, is_open: bool) -> bool:
    return labelled(text) is not None or not text.strip() or (is_open and label_begins(text.strip()))


def _without_mark(mark: str, body: Sequence[str], end: int, is_open: bool) -> int:
    """The end of the body above the mark of the next record, which may be cut itself."""
    last = body[end - 1].strip() if mark and end else ""
    word = re.escape(mark.strip().partition("[")[0])
    is_cut = is_open and end == len(body) and last
    if last and (
        is_mark(last) or (is_cut and (_begins(last, mark) or re.fullmatch(rf"{word}\[\d*\]?", last)))
    ):
        return _without_blank(body, end - 1)
    return end


def _without_xml(head: EventHead, body: Sequence[str], end: int, is_open: bool) -> int:
    """The end of the body above the label of XML that was cut off, and above the beginning of its first tag."""
    if end != len(body):
        return end
    if is_open and end and _begins(body[end - 1], "<Event "):
        end = _without_blank(body, end - 1)
    last = body[end - 1].strip() if end else ""
    label, value = labelled(last) or ("", "")
    is_label = label_of(label) == _XML and not value
    if is_label or (is_open and end == len(body) and last and label_begins(last, _XML, head.languages)):
        return _without_blank(body, end - 1)
    return end


def _begins(text: str, whole: str) -> bool:
    """Whether a text is the beginning of another one; none is none."""
    return bool(text.strip()) and whole.strip().startswith(text.strip())


def _without_blank(body: Sequence[str], end: int) -> int:
    while end and not body[end - 1].strip():
        end -= 1
    return end
