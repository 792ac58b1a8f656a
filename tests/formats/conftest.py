from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from analytics.formats import FORMATS, Format, Head, Reading
from analytics.sources import Source

Row = dict[str, Any]


@dataclass
class Outcome:
    """What a reader gave: the format that claimed the text, its rows and rejects without NULLs."""

    format: str
    rows: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)
    filtered: int = 0

    @property
    def reasons(self) -> list[str]:
        """Why records were rejected."""
        return [row["reason"] for row in self.rejects]


def source_of(data: bytes) -> Source:
    """A source of some bytes."""
    return Source("sample", "sample", (), lambda: io.BytesIO(data))


def claims(data: bytes, columns: Mapping[str, str] | None = None) -> list[Format]:
    """The formats that claim some bytes."""
    head = Head("sample", source_of(data).head, columns or {})
    return [entry for entry in FORMATS if entry.recognise(head)]


def outcome_of(entry: Format, data: bytes, reading: Reading) -> Outcome:
    """All that a format's reader gives for some bytes."""
    outcome = Outcome(entry.name)
    for batch in entry.read(source_of(data), reading):
        rows = [
            {key: value for key, value in row.items() if value is not None} for row in batch.rows.to_pylist()
        ]
        (outcome.rejects if batch.table == "rejects" else outcome.rows).extend(rows)
        outcome.filtered += batch.filtered
    return outcome


@pytest.fixture(name="claims")
def claims_fixture() -> Callable[..., list[Format]]:
    """The formats that claim some bytes."""
    return claims


@pytest.fixture
def read() -> Callable[..., Outcome]:
    """Read a text with the one format that claims it."""

    def read_text(text: str | bytes, reading: Reading | None = None, encoding: str = "utf-8") -> Outcome:
        data = text if isinstance(text, bytes) else text.encode(encoding)
        claimed = claims(data)
        assert len(claimed) == 1, [entry.name for entry in claimed]
        return outcome_of(claimed[0], data, reading or Reading())

    return read_text


@pytest.fixture
def outcome() -> Callable[[Format, bytes, Reading], Outcome]:
    """Read bytes with a given format."""
    return outcome_of
