"""What a report is: values only. Every output format is a function of these."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Look:
    """How one column is shown: its title and its kind (text, vm, night, count, seconds, size, share, ...)."""

    column: str
    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Figure:
    """One chart: the drawing's name, the result it shows, and how choices of a VM or a night act on it.

    `vm` is filter or host; `night` is filter, mark, breached or none; `prepare` names a function of the page.
    """

    chart: str
    rows: str
    page_by: str
    alt: str
    vm: str = "filter"
    night: str = "filter"
    prepare: str = ""


@dataclass(frozen=True)
class Listing:
    """One table: the result it shows and its columns, in their order; `is_open` keeps it from being folded away."""

    rows: str
    title: str
    looks: tuple[Look, ...]
    vm: str = "filter"
    night: str = "filter"
    is_open: bool = False


@dataclass(frozen=True)
class Section:
    """One part of the report: question, how to read the answer, figures, tables, words for when it is empty."""

    name: str
    title: str
    question: str
    reading: str
    empty: str
    figures: tuple[Figure, ...] = ()
    listings: tuple[Listing, ...] = ()

    @cached_property
    def results(self) -> tuple[str, ...]:
        """The results it shows, each once."""
        figures, listings = (
            (figure.rows for figure in self.figures),
            (listing.rows for listing in self.listings),
        )
        return tuple(dict.fromkeys([*figures, *listings]))


@dataclass(frozen=True)
class Result:
    """One query that was run: its text, its parameters and its rows (instants in the site's zone)."""

    name: str
    title: str
    question: str
    sql: str
    parameters: dict[str, Any]
    table: pa.Table

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain values; instants are local wall times without a zone."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


@dataclass(frozen=True)
class Fact:
    """One figure of the first screen: label, value, detail, and its tone (good, bad, unknown, plain)."""

    label: str
    value: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Report:
    """A report: verdict in one sentence, figures of the first screen, sections and their results.

    By section, `leads` holds the answer in a sentence, and `notes` what is not known and what would show it
    ("" for nothing).
    """

    verdict: str
    breaches: int
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    leads: dict[str, str]
    notes: dict[str, str]
    results: dict[str, Result]
    time_zone: str
    window: str
    window_ms: tuple[int, int]
    made_at: dt.datetime
    version: str
    since: dt.date | None = None
    until: dt.date | None = None

    @cached_property
    def key(self) -> dict[str, Any]:
        """The row of key figures."""
        return self.results["key_figures"].rows[0]

    @cached_property
    def period(self) -> str:
        """The nights that are covered, in words."""
        first, last = self.key["first_night"], self.key["last_night"]
        if first is None:
            sources = ("night_summary", "lone_snapshots")
            nights = [row["night"] for name in sources for row in self.results[name].rows]
            first, last = (min(nights), max(nights)) if nights else (None, None)
        return "no nights" if first is None else f"{first}" if first == last else f"{first} to {last}"

    @cached_property
    def worst_night(self) -> dt.date | None:
        """The night with the most misses, then with the longest overrun; None without jobs."""
        ran = [row for row in self.results["night_summary"].rows if row["jobs"]]
        worst = max(ran, key=lambda row: (row["missed"], row["overrun_s"] or 0, row["night"]), default=None)
        return worst["night"] if worst else None

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values: times as ISO 8601 (local wall time), results as lists of rows."""
        return {
            "verdict": self.verdict,
            "breaches": self.breaches,
            "period": self.period,
            "time_zone": self.time_zone,
            "window": self.window,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "version": self.version,
            "facts": [vars(fact) for fact in self.facts],
            "sections": [
                {
                    "name": part.name,
                    "title": part.title,
                    "lead": self.leads[part.name],
                    "note": self.notes[part.name],
                    "results": list(part.results),
                }
                for part in self.sections
            ],
            "results": {name: result_dict(result) for name, result in self.results.items()},
        }


def result_dict(result: Result) -> dict[str, Any]:
    """One result as plain values."""
    rows = [{name: plain(value) for name, value in row.items()} for row in result.rows]
    parameters = {name: plain(value) for name, value in result.parameters.items()}
    return {"title": result.title, "sql": result.sql, "parameters": parameters, "rows": rows}


def plain(value: Any) -> Any:
    """Dates and times as ISO 8601, everything else as it is."""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
