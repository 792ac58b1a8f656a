"""The words of one language: templates and names from its file, filled with the values of claims.

A template holds fields in braces: {name}, {name:kind}, {name:kind|one|more}. The kind says how a number is written
(words/numbers.py) or names a table of the file whose word is taken; what follows the bars is the noun for one and for
more, written behind the number, or alone where there is no kind. Lists are joined as [join] says.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

from analytics.errors import UsageError
from analytics.harmless import visible
from analytics.report.words.claims import Claim, Shown
from analytics.report.words.numbers import NUMBERS

_FOLDER = resources.files("analytics.report.words")
_ENGLISH = "en"


def languages() -> list[str]:
    """The languages that have a file."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def _read(language: str) -> dict[str, Any]:
    return tomllib.loads(_FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def _above(below: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """The texts, and those of `below` that they lack."""
    both = {
        name: _above(below[name], text)
        for name, text in texts.items()
        if isinstance(text, Mapping) and isinstance(below.get(name), Mapping)
    }
    return {**below, **texts, **both}


class Words:
    """One language; `Words.of("en")` reads its file once."""

    def __init__(self, language: str, texts: Mapping[str, Any]) -> None:
        self.language = language
        self._texts = texts
        self._forms = {**self.table("unit"), **self.table("date")}

    @staticmethod
    @cache
    def of(language: str) -> Words:
        """The words of a language, English where its file lacks one; UsageError where it has no file."""
        if language not in languages():
            raise UsageError(f"no report in {language!r}", "--lang", f"one of {', '.join(languages())}")
        return Words(language, _above(_read(_ENGLISH), _read(language)))

    def table(self, path: str) -> Mapping[str, Any]:
        """A table of the file, such as `phase` or `listing.offenders`; empty where there is none."""
        found: Any = self._texts
        for name in path.split("."):
            found = found.get(name, {})
        return found if isinstance(found, Mapping) else {}

    def codes(self) -> set[str]:
        """The codes of all texts of the file."""
        return _codes(self._texts)

    def text(self, code: str, /, **values: Shown) -> str:
        """The text of `code` with its fields filled; KeyError where the file has none."""
        return self.say(Claim(code, **values))

    def say(self, claim: Claim | None) -> str:
        """A claim in words; nothing for none."""
        if claim is None:
            return ""
        path, _, name = claim.code.rpartition(".")
        template = self.table(path)[name]
        parts = Formatter().parse(template)
        return "".join(
            literal + ("" if field is None else self._field(claim.values[field], spec or ""))
            for literal, field, spec, _ in parts
        )

    def paragraph(self, claims: list[Claim]) -> str:
        """Claims in words, one after the other; nothing for none."""
        return self._joined([self.say(claim) for claim in claims], "sentences")

    def shown(self, value: Any, kind: str) -> str:
        """A value of a table by the kind of its column; missing is empty."""
        return "" if value is None else self._value(value, kind)

    def _field(self, value: Shown, spec: str) -> str:
        kind, *forms = spec.split("|")
        form = forms[0 if value == 1 else -1] if forms else ""
        return " ".join(filter(None, ["" if forms and not kind else self._value(value, kind), form]))

    def _value(self, value: Any, kind: str) -> str:
        if isinstance(value, list | tuple):
            return self._joined([self._value(part, "") for part in value], kind)
        if not kind and isinstance(value, dt.date):
            kind = "night"
        if kind in NUMBERS:
            return str(self._forms["unknown"]) if value is None else NUMBERS[kind](value, self._forms)
        if isinstance(value, Claim):
            return self.say(value)
        word = self.table(kind).get(value) if kind else None
        # a name from a log must not turn the sentence around that it stands in
        return "" if value is None else str(word) if word is not None else visible(str(value))

    def _joined(self, texts: list[str], kind: str) -> str:
        comma, last = map(str, self.table("join")[kind or "list"])
        return last.join(filter(None, [comma.join(texts[:-1]), *texts[-1:]]))


def _codes(texts: Mapping[str, Any], path: str = "") -> set[str]:
    found = set()
    for name, text in texts.items():
        found |= _codes(text, f"{path}{name}.") if isinstance(text, Mapping) else {path + name}
    return found
