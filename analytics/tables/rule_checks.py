"""What must hold between the cells of a rule and between the rules of a file; each flaw names its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from analytics.errors import ConfigurationError

# Both readers of errlogs compare the first letters before they compare the text; a shorter one would never be found.
_FIRST_LETTERS = 8
_HRESULT = re.compile(r"0x[0-9a-f]{8}")
_MOMENTS = ("t1", "t2", "mount", "unmount")
# The columns of events.csv that name a field of the payload; two names where versions of Windows differ.
EVENT_FIELDS = (
    "field_vhd",
    "field_pointer",
    "field_volume",
    "field_process",
    "field_vm",
    "field_vm_id",
    "field_operation",
    "field_text",
)
_FIELDS = re.compile(r"\w+(?:\|\w+)?")
# What finds the job of an event must stand in its payload.
_FOUND_IN = {"path": "field_vhd", "pointer": "field_pointer", "volume": "field_volume", "vm": "field_vm"}
_EVENT_ID = re.compile(r"\d+|\*")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule file: its line and its cells by column."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in which line of a rule file, and what would be right."""

    line: int
    what: str
    expected: str

    def error(self, path: Path) -> ConfigurationError:
        """The flaw as an error that names the file."""
        return ConfigurationError(self.what, f"{path}:{self.line}", self.expected)


_Rules = Sequence[Rule]


def marker_flaws(rules: _Rules) -> Iterator[Flaw]:
    """Errlog rules that no record can match, that capture nothing, or that match the records of another one too."""
    for rule in rules:
        yield from _marker_flaws(rule)
        yield from _era_flaws(rule)
    yield from _scope_flaws(rules)
    for one, other in _pairs(rules):
        if _takes_all(one.cells, other.cells) or _takes_all(other.cells, one.cells):
            what = (
                f"{other.cells['text']!r} and {one.cells['text']!r} (line {one.line}) match the same records"
            )
            yield Flaw(other.line, what, "texts of which none holds the other, or another source file")


def _marker_flaws(rule: Rule) -> Iterator[Flaw]:
    file, text, is_prefix = rule.cells["file"], rule.cells["text"], rule.cells["match"] == "prefix"
    if not file and not is_prefix:
        yield Flaw(
            rule.line, "contains without a file", "a file, or prefix: messages are not searched as a whole"
        )
    if not file and len(text) < _FIRST_LETTERS:
        yield Flaw(rule.line, f"the text {text!r} is short", f"a file, or at least {_FIRST_LETTERS} letters")
    if file and (file != file.lower() or len(file.encode()) < _FIRST_LETTERS):
        yield Flaw(
            rule.line, f"the file {file!r} is never found", f"small letters, at least {_FIRST_LETTERS}"
        )
    if rule.cells["volume_after"] and not rule.cells["volume_before"]:
        yield Flaw(rule.line, "volume_after without volume_before", "both or none")
    for kind in ("volume", "detail"):
        if rule.cells[f"{kind}_before"] and not rule.cells[f"{kind}_after"]:
            yield Flaw(rule.line, f"{kind}_before without {kind}_after", "both, or none")


def _scope_flaws(rules: _Rules) -> Iterator[Flaw]:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.cells["marker"], rule)
        if rule.cells["scope"] != other.cells["scope"]:
            told = f"{rule.cells['marker']} has the scope {other.cells['scope']} in line {other.line}"
            yield Flaw(rule.line, told, "one scope for each marker")


def _takes_all(wide: dict[str, Any], narrow: dict[str, Any]) -> bool:
    """Whether each record that the narrow rule matches is matched by the wide one as well."""
    if wide["file"] not in {None, narrow["file"]}:
        return False
    if wide["match"] == "prefix":
        return bool(narrow["match"] == "prefix" and narrow["text"].startswith(wide["text"]))
    return bool(wide["text"] in narrow["text"])


def event_flaws(rules: _Rules) -> Iterator[Flaw]:
    """Event rules that no event can match, or whose events another rule for the same computers names too."""
    for rule in rules:
        yield from _event_flaws(rule)
        yield from _field_flaws(rule)
    for one, other in _pairs(rules):
        if _share_events(one.cells, other.cells):
            what = (
                f"{other.cells['event_provider']}/{other.cells['event_id']} is named in line {one.line} too"
            )
            yield Flaw(other.line, what, "one rule per provider, id, channel and role")


def _event_flaws(rule: Rule) -> Iterator[Flaw]:
    cells = rule.cells
    if not _EVENT_ID.fullmatch(cells["event_id"]):
        yield Flaw(rule.line, f"event_id is {cells['event_id']!r}", "a number, or *")
    if cells["event_id"] == "*" and cells["event_provider"].endswith("*"):
        yield Flaw(
            rule.line, "all events of many providers", "* in event_provider or in event_id, not in both"
        )
    if (cells["gives"] in _MOMENTS) == (cells["how"] == "context"):
        what = f"gives {cells['gives']} but how is {cells['how']}"
        yield Flaw(rule.line, what, f"context for all but {', '.join(_MOMENTS)}")
    if cells["gives"] == "t1" and cells["role"] != "guest":
        yield Flaw(rule.line, f"t1 is taken in the guest, role is {cells['role']}", "role guest")


def _field_flaws(rule: Rule) -> Iterator[Flaw]:
    cells = rule.cells
    needed = _FOUND_IN.get(cells["by_what"])
    if needed and not cells[needed]:
        yield Flaw(
            rule.line, f"by_what is {cells['by_what']} but {needed} is empty", "the field that holds it"
        )
    if bool(cells["only_if_field"]) != bool(cells["only_if_contains"]):
        yield Flaw(rule.line, "half a condition", "only_if_field and only_if_contains, or none of them")
    for name in (*EVENT_FIELDS, "only_if_field"):
        if cells[name] and not _FIELDS.fullmatch(cells[name]):
            yield Flaw(rule.line, f"{name} is {cells[name]!r}", "the name of a field, or two with | between")


def _share_events(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        _overlap(one["role"], other["role"], "any")
        and _overlap(one["event_id"], other["event_id"], "*")
        and _overlap(_plain(one["channel"]), _plain(other["channel"]), "")
        and _same_provider(one["event_provider"].lower(), other["event_provider"].lower())
    )


def _overlap(one: str, other: str, every: str) -> bool:
    return one == other or every in {one, other}


def _plain(channel: str | None) -> str:
    """Channels are compared without case; exports write / or -."""
    return (channel or "").lower().replace("/", "-")


def _same_provider(one: str, other: str) -> bool:
    wide, narrow = sorted((one, other), key=lambda name: not name.endswith("*"))
    return narrow.startswith(wide[:-1]) if wide.endswith("*") else wide == narrow


def explanation_flaws(rules: _Rules, events: _Rules) -> Iterator[Flaw]:
    """Explanations whose key has the wrong form, or is an event that no enabled rule calls a failure."""
    failures = {
        f"{rule.cells['event_provider']}/{rule.cells['event_id']}".lower()
        for rule in events
        if rule.cells["gives"] == "failure"
    }
    for rule in rules:
        kind, key = rule.cells["kind"], rule.cells["key"]
        if kind == "error" and not key.isdecimal():
            yield Flaw(rule.line, f"error {key!r}", "an error id of DPM, a number")
        if kind == "hresult" and not _HRESULT.fullmatch(key):
            yield Flaw(rule.line, f"hresult {key!r}", "0x and eight small hexadecimal digits")
        if kind == "event" and key.lower() not in failures:
            yield Flaw(
                rule.line, f"no rule of events.csv gives failure for {key!r}", "provider/id of such a rule"
            )


def lower_case_flaws(column: str) -> Callable[[_Rules], Iterator[Flaw]]:
    """A check for keys that are compared with the record's text in small letters, without blanks around it."""

    def flaws(rules: _Rules) -> Iterator[Flaw]:
        for rule in rules:
            key = rule.cells[column]
            if key != key.strip().lower():
                yield Flaw(rule.line, f"{column} {key!r} is never found", f"{key.strip().lower()!r}")

    return flaws


def number_flaws(column: str) -> Callable[[_Rules], Iterator[Flaw]]:
    """A check for keys that are compared with a whole number."""

    def flaws(rules: _Rules) -> Iterator[Flaw]:
        for rule in rules:
            if not (rule.cells[column].isascii() and rule.cells[column].isdecimal()):
                yield Flaw(rule.line, f"{column} is {rule.cells[column]!r}", "a number")

    return flaws


def _era_flaws(rule: Rule) -> Iterator[Flaw]:
    eras = rule.cells["eras"]
    if list(eras) != sorted(set(eras) & set("ABC")):
        yield Flaw(rule.line, f"eras is {eras!r}", "letters of A, B, C in order, each once")


def _pairs(rules: _Rules) -> Iterator[tuple[Rule, Rule]]:
    """Every two rules that are both in use, the earlier one first."""
    return combinations([rule for rule in rules if rule.cells["enabled"]], 2)
