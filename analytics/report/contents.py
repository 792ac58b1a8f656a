"""What a report is: values only. Every output format is a function of these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import pyarrow as pa

from analytics.report.words import Words

Row: TypeAlias = dict[str, Any]
_SCHEMA_VERSION = 1  # of the report as JSON; a name that changes its meaning raises it


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One chart: the drawing's name, the result it shows, and how choices of a VM or a night act on it.

    `vm` is filter, host or none; `night` is filter, mark, breached, timeline (that of the choice, else the worst) or
    none. `by_night` and `by_vm` name results that take the place of `rows` where a night or a VM is chosen: one row per
    job. `tips` are the columns of the tooltip, where no table shows the same rows. A picture shows `most` rows, 0 for
    as many as in other figures. Of a figure with `kinds` the rows of one kind are shown at a time; it sums up what
    stands in figures of single VMs, so that few VMs do not need it. Rows in which the column `apart` is true are one.
    `head` names a result that is drawn above the rows, for the same night. A timeline's bars are `width_px` wide, 0 for
    as wide as usual.
    """

    chart: str
    rows: str
    page_by: str = "vm"
    vm: str = "filter"
    night: str = "filter"
    by_night: str = ""
    by_vm: str = ""
    tips: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    apart: str = ""
    head: str = ""
    on_overview: bool = False
    most: int = 0
    width_px: int = 0


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One table: the result it shows and its columns, in their order; `is_open` keeps it from being folded away.

    Rows in which the column `apart` is true are named in one line below it. In a PDF it has all its rows where it
    `is_whole_on_paper`, else the first.
    """

    rows: str
    columns: tuple[str, ...]
    vm: str = "filter"
    night: str = "filter"
    is_open: bool = False
    is_whole_on_paper: bool = False
    apart: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the report; its title and other words stand under `section.<name>` of a language.

    Of one that `is_folded` the page shows the answer, and its figures and tables on a click.
    """

    name: str
    is_folded: bool = False
    figures: tuple[Figure, ...] = ()
    listings: tuple[Listing, ...] = ()

    @cached_property
    def results(self) -> tuple[str, ...]:
        """The results it shows, each once."""
        figures = (
            name
            for figure in self.figures
            for name in (figure.rows, figure.by_night, figure.by_vm, figure.head)
            if name
        )
        return tuple(dict.fromkeys([*figures, *(listing.rows for listing in self.listings)]))


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
    def rows(self) -> list[Row]:
        """The rows as plain values; instants are local wall times without a zone."""
        rows: list[Row] = self.table.to_pylist()
        return rows


Rows: TypeAlias = dict[str, Result]


def total(rows: Iterable[Row], column: str) -> int:
    """The sum of a column, NULL counting as nothing."""
    return sum(row[column] or 0 for row in rows)


def has_rows(results: Rows, names: Iterable[str]) -> bool:
    """Whether any of these results has something to show; a list of nights alone does not count."""
    return any(results[name].table.num_rows for name in names if name != "night_summary")


def is_limited(results: Rows) -> bool:
    """Whether the results are of some nights, not of all."""
    return any(results["key_figures"].parameters.values())


@dataclass(frozen=True)
class Fact:
    """One figure of the first screen: label, value, detail, and its tone (good, bad, unknown, plain)."""

    label: str
    value: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Check:
    """One check of the evidence in words; check, status, detail and remedy are the codes of the view trust."""

    check: str
    status: str
    detail: str
    remedy: str | None
    title: str
    said: str
    to_do: str


def worst_of(nights: list[Row]) -> dt.date | None:
    """Of the rows of night_summary the night with the most misses, then the longest overrun; None without jobs."""
    ran = [row for row in nights if row["jobs"]]
    worst = max(ran, key=lambda row: (row["missed"], row["overrun_s"] or 0, row["night"]), default=None)
    return worst["night"] if worst else None


@dataclass(frozen=True)
class Report:
    """A report: what is not known, the verdict, figures of the first screen, sections and their results.

    `trust` comes before all else; `verdict` is one sentence of at most 120 characters, `remarks` what must not be
    passed over beside it, `changes` how the last night compares with others, a sentence each. By section, `leads`
    holds the answer in a sentence, and `notes` what is not known and what would show it ("" for nothing). `words` are
    those of the report's language.
    """

    trust: str
    checks: tuple[Check, ...]
    verdict: str
    remarks: str
    changes: tuple[str, ...]
    breaches: int
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    leads: dict[str, str]
    notes: dict[str, str]
    results: Rows
    words: Words
    time_zone: str
    window: str
    window_ms: tuple[int, int]
    made_at: dt.datetime
    version: str
    since: dt.date | None = None
    until: dt.date | None = None
    depth: str = "whole"

    @cached_property
    def key(self) -> Row:
        """The row of key figures."""
        return self.results["key_figures"].rows[0]

    @cached_property
    def period(self) -> str:
        """The nights that are covered, in words: those whose jobs are counted, and those on which one was due."""
        nights = [row["night"] for row in self.results["night_summary"].rows]
        nights = nights or [row["night"] for row in self.results["lone_snapshots"].rows]
        if not nights:
            return self.words.text("page.no_nights")
        first, last = min(nights), max(nights)
        one = self.words.shown(first, "night")
        return one if first == last else self.words.text("page.period", first=first, last=last)

    def listing_title(self, rows: str) -> str:
        """The title of a table, which says so where its nights are all while those of the report are not."""
        title = self.words.text(f"listing.{rows}")
        is_of_all = is_limited(self.results) and not self.results[rows].parameters
        return self.words.text("page.all_nights", title=title) if is_of_all else title

    @cached_property
    def trust_status(self) -> str:
        """The worst that a check found: ok, warn or fail."""
        found = {check.status for check in self.checks}
        return next((status for status in ("fail", "warn") if status in found), "ok")

    @cached_property
    def tone(self) -> str:
        """The colour of the verdict: bad with a breach, good where all is known, met and proven, else unknown."""
        is_open = self.key["unknown"] or self.key["running"]
        all_met = self.key["met"] and not is_open and self.trust_status != "fail"
        return "bad" if self.breaches else "good" if all_met else "unknown"

    @cached_property
    def made(self) -> str:
        """When it was made, UTC."""
        return self.words.shown(self.made_at, "minute") + " UTC"

    @cached_property
    def worst_night(self) -> dt.date | None:
        """The night with the most misses, then with the longest overrun; None without jobs."""
        return worst_of(self.results["night_summary"].rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values: times as ISO 8601 (local wall time), results as lists of rows."""
        return {
            "schema_version": _SCHEMA_VERSION,
            "depth": self.depth,
            "trust_said": self.trust,
            "trust": [vars(check) for check in self.checks],
            "verdict": self.verdict,
            "remarks": self.remarks,
            "changes": list(self.changes),
            "breaches": self.breaches,
            "period": self.period,
            "time_zone": self.time_zone,
            "window": self.window,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "version": self.version,
            "facts": [vars(fact) for fact in self.facts],
            "sections": [self._section_dict(section) for section in self.sections],
            "results": {name: _result_dict(result) for name, result in self.results.items()},
        }

    def _section_dict(self, section: Section) -> dict[str, Any]:
        return {
            "name": section.name,
            "title": self.words.text(f"section.{section.name}.title"),
            "lead": self.leads[section.name],
            "note": self.notes[section.name],
            "results": list(section.results),
        }


def _result_dict(result: Result) -> dict[str, Any]:
    """One result as plain values."""
    rows = [{name: plain(value) for name, value in row.items()} for row in result.rows]
    parameters = {name: plain(value) for name, value in result.parameters.items()}
    return {"title": result.title, "sql": result.sql, "parameters": parameters, "rows": rows}


def plain(value: Any) -> Any:
    """Dates and times as ISO 8601, everything else as it is."""
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
