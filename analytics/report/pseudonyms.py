"""Pseudonyms for names: the same name has the same one in every output, and a private key file undoes them."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.errors import ConfigurationError
from analytics.report.contents import Result, Rows

__all__ = ["Pseudonyms"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ2456789"
_LEAST, _MOST = 5, 12
_WITHHELD = "…"
# columns of which each value is one name
_NAMES = {"vm": "vm", "host": "host", "volume": "volume", "dpm_server": "host", "protection_group": "group"}
_NAMES |= {"path": "path", "successor": "vm"}
# columns that hold codes of ours, of DPM or of Windows
_CODES = frozenset(
    {"check", "trust", "detail", "remedy", "format", "hresult", "job_id", "level", "log_kind", "channel"}
    | {
        "vm_version",
        "event",
        "switch_on",
        "source",
        "explanation_source",
        "kind",
        "phase",
        "grade",
        "cause_grade",
    }
    | {
        "state",
        "status",
        "outcome",
        "role",
        "rule",
        "recommendation",
        "main_cause",
        "grouped_by",
        "note",
        "verdict",
        "shows",
        "how",
        "tracking",
        "job_cause",
        "forecast_verdict",
        "forecast_reason",
        "change",
        "news",
        "proof_reason",
        "estimate_reason",
        "era",
        "placement",
        "part",
        "main_phase",
        "compared",
        "compliance",
    }
)
# what names something without being known; \ in a character class ends at blanks, since texts are sentences
_PATTERNS = {
    "path": r"(?:\b[a-z]:|\\\\[^\\\s\"'<>|]+)\\[^\s\"'<>|;,)]*|(?<![^\s\"'(=])/(?:[\w.-]+/)+[\w.-]+",
    "user": r"\b[a-z0-9._-]+@[a-z0-9.-]+\b",
    "account": r"\b[a-z][a-z0-9.-]*\\[\w.$-]+",
    "address": r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\bS-1-5-21(?:-\d+)+\b",
    "host": r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:local|lan|internal|intra|corp|test|example|com|net|org|jp|de)\b",
}
_PATTERN = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items())


class Pseudonyms:
    """Names and what stands for them; `file` keeps both and the secret, so that the next report uses the same."""

    def __init__(self, file: Path, secret: bytes, originals: dict[str, str]) -> None:
        self.file = file
        self._secret = secret
        self._originals = originals
        self._known = {name.casefold(): pseudonym for pseudonym, name in originals.items()}

    @classmethod
    def read(cls, file: Path) -> Pseudonyms:
        """Those of a key file, new ones where there is none; ConfigurationError for a file that is none."""
        if not file.exists():
            return cls(file, secrets.token_bytes(32), {})
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            return cls(file, bytes.fromhex(held["secret"]), dict(held["names"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                "is no key file", str(file), "name a new file, or one that was written here"
            ) from error

    def save(self) -> None:
        """Write the key file, for its owner alone where the system knows that; ConfigurationError where it cannot."""
        held = {"secret": self._secret.hex(), "names": self._originals}
        part = self.file.with_name(f".{self.file.name}.{os.getpid()}.part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(held, stream, ensure_ascii=False, indent=1)
            part.replace(self.file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ConfigurationError(
                f"cannot write: {error.strerror}", str(self.file), "a place that can be written"
            ) from error

    def learn(self, kind: str, name: str) -> str:
        """The pseudonym of a name, made where it is new; a name with a domain is two, and NAME (HOST) is, too."""
        name = name.strip()
        if name.casefold() in self._known:
            return self._known[name.casefold()]
        if both := re.fullmatch(r"(.+) \(([^()]+)\)", name):
            return f"{self.learn(kind, both[1])} ({self.learn('host', both[2])})"
        if kind == "host" and "." in name:
            computer, _, domain = name.partition(".")
            return (
                f"{self.learn('host', computer)}.{self.learn('domain', domain)}"
                if computer and domain
                else name
            )
        return self._made(kind, name)

    def _made(self, kind: str, name: str) -> str:
        digest = hmac.digest(self._secret, name.casefold().encode("utf-8"), hashlib.sha256)
        letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)
        tried = (f"{kind.upper()}-{letters[:length]}" for length in range(_LEAST, _MOST))
        pseudonym = next(made for made in tried if made not in self._originals)
        self._originals[pseudonym] = name
        self._known[name.casefold()] = pseudonym
        self.__dict__.pop("_spellings", None)
        return pseudonym

    @cached_property
    def _spellings(self) -> list[str]:
        """Known names, the longest first."""
        return sorted(self._known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """A text with each known name, and what looks like a path, an account, an address or a host, replaced."""
        low = text.casefold()
        found = [_bounded(name) for name in self._spellings if name in low]
        pattern = "|".join(filter(None, [f"(?P<known>{'|'.join(found)})" if found else "", _PATTERN]))
        return re.sub(pattern, self._instead, text, flags=re.IGNORECASE)

    def _instead(self, match: re.Match[str]) -> str:
        kind, name = str(match.lastgroup), match[0]
        if kind == "account":
            domain, user = name.split("\\", 1)
            return f"{self.learn('domain', domain)}\\{self.learn('user', user)}"
        return self.learn("path" if kind == "known" else kind, name)

    def restored(self, text: str) -> str:
        """The text with the original names."""
        pattern = "|".join(map(re.escape, sorted(self._originals, key=len, reverse=True)))
        return re.sub(pattern, lambda match: self._originals[match[0]], text) if pattern else text

    def everywhere(self, value: Any) -> Any:
        """A document with each text in it replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.everywhere(inner) for key, inner in value.items()}
        return [self.everywhere(inner) for inner in value] if isinstance(value, list | tuple) else value

    def hidden(self, results: Rows, names: Iterable[dict[str, str]]) -> Rows:
        """The results with pseudonyms for all names (rows of known_names); numbers, times and codes as they are."""
        known = {row["name"]: row["kind"] for row in names}
        for name in sorted(known, key=lambda name: hmac.digest(self._secret, name.encode(), hashlib.sha256)):
            self.learn(known[name], name)
        return {name: self._hidden(result) for name, result in results.items()}

    def _hidden(self, result: Result) -> Result:
        table = result.table
        for place, field in enumerate(table.schema):
            if pa.types.is_string(field.type) and field.name not in _CODES:
                change = self._change(result.name, field.name)
                table = table.set_column(place, field.name, _changed(table.column(place), change))
        return replace(result, table=table)

    def _change(self, result: str, column: str) -> Callable[[str], str]:
        """What becomes of the values of a column; what was not understood may hold anything and is left out."""
        if column == "excerpt":
            return lambda _: _WITHHELD
        if column == "reason":
            return self._reason if result == "reject_reasons" else str
        kind = _NAMES.get(column)
        return self.text if kind is None else lambda name: self.learn(kind, name)

    def _reason(self, text: str) -> str:
        """Why a record could not be read, without what it holds."""
        return self.text(re.sub(r"'[^']*'|\"[^\"]*\"", _WITHHELD, text))


def _bounded(name: str) -> str:
    """A pattern of a name that stands alone; HV1 is not in HV10, but may stand before a letter of Japanese."""
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after


def _changed(column: pa.ChunkedArray, change: Callable[[str], str]) -> pa.ChunkedArray:
    """A column of texts, each different value changed once."""
    values = {value: None if value is None else change(value) for value in column.unique().to_pylist()}
    return pa.chunked_array([pa.array([values[value] for value in column.to_pylist()], pa.string())])
