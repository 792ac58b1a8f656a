"""The report as one HTML file that loads nothing: data, Vega and the page's own scripts are inside."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import asdict
from functools import partial
from importlib import resources
from typing import Any

from analytics.report.contents import Figure, Report, Section, has_rows
from analytics.report.looks import NUMERIC, looks, tip_looks
from analytics.report.pack import compact_json, pack_tables
from analytics.report.page.specifications import specification
from analytics.report.page.vega import bundle, bundle_gzip
from analytics.report.sections import FIRST_SCREEN
from analytics.tables.sla_words import SLA_REASONS

_SCRIPTS = ("unpack.js", "data.js", "tables.js", "choices.js", "figures.js", "page.js")
_LEVEL = 6  # the highest takes four times as long for 3 % less
# of figures and tables so many rows stand in the page, the worst; the others on a click
_ROWS_AT_FIRST = 12
_NIGHTS_BESIDE = 14
WORDS_OF_VALUES = (
    "by",
    "level",
    "tracking",
    "job_cause",
    "forecast_verdict",
    "forecast_reason",
    "change",
    "proof_reason",
    "tried_change",
    "estimate_reason",
    "era",
    "placement",
    "main_cause",
    "phase",
    "grade",
    "state",
    "status",
    "kind",
    "outcome",
    "role",
    "recommendation",
    "compliance",
    "part",
    "compared",
    "vm_change",
    "reason",
    "explanation",
    "rule",
    "coverage_note",
    "clock_verdict",
    "shows",
    "how",
)
_BREACH_STATES = tuple(reason.name for reason in SLA_REASONS if reason.met is False)


def html(report: Report) -> str:
    """Render the report; names and texts from logs are escaped by the template and inside the JSON."""
    from jinja2 import Environment, StrictUndefined, select_autoescape
    from markupsafe import Markup

    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True), undefined=StrictUndefined
    )
    script = _own_scripts()
    data = {
        "page": _page_data(report),
        **pack_tables(
            {name: result.table for name, result in report.results.items() if name not in FIRST_SCREEN}
        ),
    }
    # what may stand in no element as it is (names from logs, end tags in scripts) stands there as letters and digits
    packed = {
        "data": gzip.compress(compact_json(data), _LEVEL, mtime=0),
        "vega": bundle_gzip(),
    }
    return environment.from_string(_asset("page.html")).render(
        report=report,
        say=report.words.text,
        tone=report.tone,
        titles=_titles(report),
        filled=[part.name for part in report.sections if has_rows(report.results, part.results)],
        shown_figures=partial(_shown_figures, report),
        has_shown=partial(_has_shown, report),
        are_beside=partial(_are_beside, report),
        policy=_policy([script, bundle()]),
        style=Markup(_asset("page.css")),  # noqa: S704
        packed={name: base64.b64encode(content).decode("ascii") for name, content in packed.items()},
        script=Markup(script),  # noqa: S704
    )


def _titles(report: Report) -> dict[str, str]:
    """What each result shows: the title of its table, else of its figure."""
    words = report.words
    figures = {
        rows: f"figure.{figure.chart}"
        for part in report.sections
        for figure in part.figures
        for rows in (figure.rows, figure.by_night, figure.by_vm)
    }
    listings = {
        listing.rows: f"listing.{listing.rows}" for part in report.sections for listing in part.listings
    }
    return {rows: words.text(code) for rows, code in (figures | listings).items() if rows}


def _is_shown(report: Report, figure: Figure) -> bool:
    """Whether a figure stands in the page: with rows, and sums only where they tell more than a row of each VM."""
    is_needed = not figure.kinds or (report.key["vms"] or 0) > _ROWS_AT_FIRST
    if figure.rows == "night_summary" and not report.key["due"]:
        return False
    return bool(is_needed and report.results[figure.rows].table.num_rows)


def _shown_figures(report: Report, section: Section) -> list[Figure]:
    return [figure for figure in section.figures if _is_shown(report, figure)]


def _has_shown(report: Report, section: Section) -> bool:
    """Whether the section has a figure or a table that stands open."""
    listings = [listing for listing in section.listings if listing.is_open]
    return bool(_shown_figures(report, section)) or any(
        report.results[listing.rows].table.num_rows for listing in listings
    )


def _are_beside(report: Report, section: Section) -> bool:
    """Whether figures with a column for each night stand beside each other: so few nights leave room for that."""
    by_night = [figure for figure in section.figures if figure.night == "mark"]
    few = report.results["night_summary"].table.num_rows <= _NIGHTS_BESIDE
    return few and len(by_night) == len(section.figures) > 1


def _asset(name: str) -> str:
    """One of the files beside this module."""
    return resources.files("analytics.report.page").joinpath(name).read_text(encoding="utf-8")


def _own_scripts() -> str:
    """The page's scripts in one function, which waits for what must be unpacked."""
    return '(async function () { "use strict";\n' + "\n".join(_asset(name) for name in _SCRIPTS) + "})();"


def _policy(scripts: list[str]) -> str:
    """Nothing may be loaded or sent; only the scripts with these hashes run, without eval."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    rules = ("default-src 'none'", f"script-src {hashes}", "style-src 'unsafe-inline'", "img-src data:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def _digest(script: str) -> str:
    """The script's hash as Content-Security-Policy wants it."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _page_data(report: Report) -> dict[str, Any]:
    """What the page's scripts need besides the rows: specifications, looks and words."""
    from analytics.charts.palette import CAUSES, CONFIG, OUTCOME_MARKS, PHASES

    words = report.words
    figures = [figure for part in report.sections for figure in part.figures]
    listings = [listing for part in report.sections for listing in part.listings]
    return {
        "language": words.language,
        "config": CONFIG,
        "specs": {
            figure.chart: specification(figure, report) for figure in figures if _is_shown(report, figure)
        },
        "figures": [asdict(figure) for figure in figures],
        "listings": {
            listing.rows: asdict(listing)
            | {
                "title": report.listing_title(listing.rows),
                "looks": [asdict(look) for look in looks(words, listing.rows, listing.columns)],
            }
            for listing in listings
        },
        "tips": {
            figure.chart: [asdict(look) for look in tip_looks(words, figure, listings)] for figure in figures
        },
        "numeric": NUMERIC,
        "colours": PHASES | CAUSES,
        "rows_at_first": _ROWS_AT_FIRST,
        "marks": OUTCOME_MARKS,
        "words": {name: words.table(name) for name in WORDS_OF_VALUES},
        "units": words.table("unit"),
        "dates": words.table("date"),
        "texts": words.table("script"),
        "breach_states": _BREACH_STATES,
        "worst_night": str(report.worst_night or ""),
    }
