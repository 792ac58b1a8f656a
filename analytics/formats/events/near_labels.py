"""Labels of an event that were damaged on their way: one character is wrong, missing or too many, or the colon is.

Also where a label cannot be told at all: its place among the others tells it, since Windows prints them in one order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from analytics.formats.events.labels import label_of, labelled, written_labels

# The orders of the Event Viewer and of wevtutil /f:text.
_VIEWER = ("log", "source", "date", "id", "category", "level", "keywords", "user", "computer", "description")
_WEVTUTIL = (*_VIEWER[:6], "opcode", "keywords", "user", "user_name", "computer", "description")
# A head without its log has these; then what stands above it cannot be a sentence.
_ALL_BUT_LOG = frozenset({"source", "date", "id", "level", "computer"})
_MOST_CHARACTERS = 4_000
_LEAST_CHARACTERS = 5
_LOG = re.compile(r"[^\W\d_][\w .\-/]{0,254}")
_QUOTED = re.compile(r"\A\s{0,40}(?:(?:>|&gt;|\|)\s{0,4})++")


def near_label(text: str, wanted: Iterable[str]) -> tuple[str, str] | None:
    """The field, one of those wanted, and the value of a line whose label is nearly one that we know.

    The longest label counts, so that `Log Nme:` is no `Log`.
    """
    bare = without_quote(text[:_MOST_CHARACTERS]).strip()
    begin = bare[:2]
    ends = [
        (end, name)
        for name in wanted
        for label in _with_colons(name)
        if (label[0] in begin or label[1] in begin) and (end := _nearly(bare, label)) is not None
    ]
    if not ends:
        return None
    end, name = max(ends)
    return name, bare[end:].strip()


def without_quote(text: str) -> str:
    """A line without the marks of a quote, where a neighbour lost its own and so they were left."""
    return _QUOTED.sub("", text, count=1)


@cache
def _with_colons(name: str) -> tuple[str, ...]:
    return tuple(label + colon for label in written_labels(name) for colon in ":：")


def _nearly(text: str, label: str) -> int | None:
    """Where a label ends with which a text begins but for one character; None where it does not."""
    same, most = 0, min(len(text), len(label))
    while same < most and text[same] == label[same]:
        same += 1
    if same == len(label) or len(text) < same:
        return same if text.startswith(label) else None
    rest = label[same + 1 :]
    if text.startswith(rest, same + 1):
        return len(label)
    if rest and text.startswith(rest, same):
        return len(label) - 1
    return len(label) + 1 if text.startswith(label[same:], same + 1) else None


def log_above(text: str, fields: Mapping[str, str]) -> str | None:
    """The log that a line names above a head which begins with its source; None where it names none."""
    if "log" in fields:
        return None
    if near := near_label(text, ["log"]):
        return near[1] or None
    label, value = labelled(text) or ("", "")
    is_log = _LOG.fullmatch(value) is not None and label_of(label) is None
    return value if is_log and fields.keys() >= _ALL_BUT_LOG else None


def log_within(text: str) -> int | None:
    """Where the label of a log begins behind other words: two copies were joined and the first ends in a line."""
    found = _log_label().search(text) if len(text) <= _MOST_CHARACTERS else None
    return found.start() if found and without_quote(text[: found.start()]).strip() else None


@cache
def _log_label() -> re.Pattern[str]:
    words = (re.escape(label) for label in written_labels("log") if len(label) >= _LEAST_CHARACTERS)
    return re.compile(rf"(?:{'|'.join(words)})[:：](?=[^:：]{{0,200}}$)")


def by_place(fields: Sequence[str], following: str | None) -> str | None:
    """The one field that belongs between those that were read and the one that follows; None where that is not told."""
    found = {_between(order, fields[-1], following) for order in (_VIEWER, _WEVTUTIL) if fields and following}
    names = {name for name in found if name is not None and name not in fields}
    return names.pop() if len(names) == 1 else None


def _between(order: Sequence[str], before: str, after: str) -> str | None:
    if before not in order or after not in order:
        return None
    start = order.index(before)
    return order[start + 1] if order.index(after) == start + 2 else None
