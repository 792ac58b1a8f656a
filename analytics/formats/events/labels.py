"""The words that Windows and other tools use for the fields of an event, per language.

The data is queries/model/rules/event_labels.csv: a new language is new rows, each with its evidence (confirmed: by
samples, seen: in public pastes, unverified: by the terms of that Windows). Words are compared without case, blanks,
hyphens and underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analytics.formats.reading.csv_text import plain_name
from analytics.places import rules_folder
from analytics.tables.rules import read_rules

__all__ = ["EXTRA"]


_MAX_LABEL = 60

# Fields that are no column of their own, with the name they bear in `data`.
EXTRA = {
    "category": "Task Category",
    "keywords": "Keywords",
    "user": "User",
    "user_name": "User Name",
    "opcode": "Opcode",
}

_LEVEL = re.compile(r"level_([0-5])")
_BULLET = r"(?:[-*+•·・]\s+|\d{1,3}[.)]\s+)?"
_LABELLED = re.compile(
    rf"\s*{_BULLET}(?P<mark>\*\*|__)?(?P<label>[^\s:：][^:：]{{0,{_MAX_LABEL}}})[:：](?P<value>.*)", re.DOTALL
)


# Whose words are names of columns and properties, and whose are labels only; all others are languages of Windows.
_TOOLS = frozenset({"Get-WinEvent", "Get-EventLog", "EvtxECmd", "NXLog", "other"})
_LABELS_ONLY = frozenset({"wevtutil"})


@dataclass(frozen=True)
class _Labels:
    """What words mean: the fields of labels and of columns, the languages of each, levels, and words for "none".

    `written` are the labels of a field as Windows writes them.
    """

    labels: dict[str, str]
    written: dict[str, tuple[str, ...]]
    columns: dict[str, str]
    languages: dict[str, frozenset[str]]
    levels: dict[str, int]
    nothing: frozenset[str]
    day_first: frozenset[str]


@cache
def labels() -> _Labels:
    """All words of the data."""
    rules = [rule.cells for rule in read_rules(rules_folder(), "event_labels")]
    rows = [(cells["field"], cells["language"], _plain(cells["label"])) for cells in rules]
    named = [row for row in rows if not (_LEVEL.fullmatch(row[0]) or row[0] in {"nothing", "day_first"})]
    return _Labels(
        labels={word: name for name, language, word in named if language not in _TOOLS},
        written=_by_field((c["field"], c["label"]) for c in rules if c["language"] not in _TOOLS),
        columns={word: name for name, language, word in named if language not in _LABELS_ONLY},
        languages={
            word: frozenset(lang for _, lang, other in named if other == word) for _, _, word in named
        },
        levels={word: int(found[1]) for name, _, word in rows if (found := _LEVEL.fullmatch(name))},
        nothing=frozenset(word for name, _, word in rows if name == "nothing"),
        day_first=frozenset(lang for name, lang, _ in rows if name == "day_first"),
    )


def _by_field(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, label in pairs:
        found.setdefault(name, {})[label] = None
    return {name: tuple(written) for name, written in found.items()}


def _plain(text: str) -> str:
    """A word as it is looked up."""
    return plain_name(text.replace("\u2019", "'"))


def label_of(name: str) -> str | None:
    """The field that a label in front of a colon stands for, in any language of Windows; None for an unknown one."""
    return labels().labels.get(_plain(name)) if len(name) <= _MAX_LABEL else None


def written_labels(name: str) -> tuple[str, ...]:
    """The labels of a field as Windows writes them, in all languages."""
    return labels().written.get(name, ())


def column_of(name: str) -> str | None:
    """The field that the name of a column or property stands for; None for an unknown one."""
    return labels().columns.get(_plain(name)) if len(name) <= _MAX_LABEL else None


def label_begins(text: str, name: str | None = None, languages: frozenset[str] = frozenset()) -> bool:
    """Whether a text is the beginning of a label, of a field `name` or any, in one of some languages or any."""
    plain = _plain(text)
    return bool(plain) and any(
        word.startswith(plain)
        and name in {None, meaning}
        and (not languages or not languages.isdisjoint(labels().languages[word]))
        for word, meaning in labels().labels.items()
    )


def languages_of(name: str) -> frozenset[str]:
    """The languages in which a word is a label."""
    return labels().languages.get(_plain(name), frozenset())


def labelled(text: str) -> tuple[str, str] | None:
    """The label of a line and its value, whatever the language; bullets and bold type are taken off."""
    found = _LABELLED.fullmatch(text)
    if found is None:
        return None
    mark = found["mark"] or ""
    return found["label"].strip().removesuffix(mark).strip(), found["value"].strip().removeprefix(
        mark
    ).strip()


def level_number(*texts: str) -> int | None:
    """The number of a level, from the first of its number or its name in any language that is known."""
    for text in texts:
        if re.fullmatch(r"\s*\d{1,3}\s*", text, re.ASCII):
            return int(text)
        if (number := labels().levels.get(_plain(text))) is not None:
            return number
    return None


def says_none(text: str) -> bool:
    """Whether a value is a language's word for "none"."""
    return _plain(text) in labels().nothing
