"""What the error ids, HRESULTs and events that a text or a record names mean, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from analytics.formats.jobs.errors_text import error_ids
from analytics.formats.reading.values import CellError, hresult_of
from analytics.ingest.sayings import STATES, named_in
from analytics.places import rules_folder
from analytics.site import Site
from analytics.tables.rules import read_rules

__all__ = ["Meaning"]


# More is no pasted sentence but a log.
MAX_CHARACTERS = 20_000
_NOT_EXPLAINED = "not among the explanations; explanations in [rules] of the site file can add it"
_WINDOWS_ERROR = re.compile("0x8007([0-9a-f]{4})")
_NAME = re.compile(r"VSS_E_\w+")

# `(ID 104)`, `ID: 104`, `ID 104` in any language; the id of an event stands behind another word.
_ID = re.compile(r"(?<![\w-])ID\s?[:：.]?\s?(\d{2,6})(?!\w)", re.IGNORECASE)
_HRESULT = re.compile(r"(?<!\w)(0x[0-9A-Fa-f]{8})(?!\w)|(?<![\w.])(-2\d{9})(?!\w)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means; `source` says where that is documented, "" where it is not known."""

    code: str
    explanation: str
    source: str


def meanings(text: str, records: Iterable[Mapping[str, Any]], site: Site) -> list[Meaning]:
    """The meanings of all that a text and the records in it name, in their order, each once."""
    known = _known(site)
    text = text[:MAX_CHARACTERS]
    found = dict.fromkeys(chain(chain.from_iterable(map(_of_record, records)), _of_text(text)))
    if not found:  # a number says more than the words around it
        found = dict.fromkeys(named_in(text, _names(known)))
    return list(_explained(found, known, set(error_ids(text))))


def _names(known: Mapping[tuple[str, str], tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Kind, key and name of each constant of VSS that an explanation or a state of a writer bears."""
    for (kind, key), (explanation, _) in known.items():
        if name := _NAME.search(explanation):
            yield kind, key, name[0]
    yield from (("state", name, name) for name in STATES)


def _explained(
    found: Iterable[tuple[str, str]], known: Mapping[tuple[str, str], tuple[str, str]], sure: set[int]
) -> Iterator[Meaning]:
    for kind, key in found:
        code = f"ID {key}" if kind == "error" else key
        if (kind, key.casefold()) in known:
            yield Meaning(code, *known[kind, key.casefold()])
        elif kind == "hresult" or (kind == "error" and int(key) in sure):
            yield Meaning(code, _not_explained(key), "")


def _not_explained(key: str) -> str:
    """Who can tell: Windows for one of its own errors, else the site."""
    if number := _WINDOWS_ERROR.fullmatch(key):
        return f"not among the explanations; on Windows net helpmsg {int(number[1], 16)} says what it means"
    return _NOT_EXPLAINED


def _known(site: Site) -> dict[tuple[str, str], tuple[str, str]]:
    """Explanation and source by kind and key: ours, and the site's own instead of them."""
    rules = (rule.cells for rule in read_rules(rules_folder(), "explanations"))
    shipped = {(c["kind"], c["key"].casefold()): (c["explanation"], c["source"]) for c in rules}
    own = ((name.casefold().partition("/"), sentence) for name, sentence in site.explanations.items())
    states = {("state", name.casefold()): (meaning, "vss.h") for name, meaning in STATES.items()}
    return shipped | states | {(kind, key): (sentence, "site file") for (kind, _, key), sentence in own}


def _of_record(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The codes that the columns of a record hold."""
    if fields.get("error_code") is not None:
        yield "error", str(fields["error_code"])
    if fields.get("hresult"):
        yield "hresult", str(fields["hresult"])
    if fields.get("event_provider") and fields.get("event_id") is not None:
        yield "event", f"{fields['event_provider']}/{fields['event_id']}"


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """The codes that a text names, as they stand."""
    for found in sorted((*_ID.finditer(text), *_HRESULT.finditer(text)), key=lambda each: each.start()):
        if found.re is _ID:
            yield "error", str(int(found[1]))
            continue
        try:
            code = hresult_of(int(found[1], 16) if found[1] else int(found[2]))
        except CellError:
            continue
        if code:
            yield "hresult", code
