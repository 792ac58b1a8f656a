"""The report as one HTML file that loads nothing: data, Vega and the page's own scripts are inside."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from analytics.report.contents import Figure, Listing, Look, Report
from analytics.report.looks import NIGHT, VM
from analytics.report.pack import pack_table, safe_json
from analytics.report.sections import FIRST_SCREEN

SCRIPTS = ("data.js", "tables.js", "figures.js", "page.js")
BREACH_STATES = ("late", "running_late", "failed", "missed", "never_run")
ADVICE = {
    "guest_level": "guest-level backup",
    "repair_rct": "repair RCT",
    "upgrade": "upgrade",
    "reschedule": "reschedule",
    "none": "no change",
    "see_failures": "see failed jobs",
    "check_schedule": "check the schedule",
    "not_enough_data": "not enough data",
}
WORDS = {
    "role": {"hyper-v-host": "Hyper-V hosts", "guest": "guests", "dpm-server": "DPM servers"},
    "clock_verdict": {
        "behind": "is behind",
        "ahead": "is ahead",
        "within_bounds": "no difference is proven",
        "changed": "was set meanwhile: no one offset fits, no gap is stated",
    },
}
TIPS_WITHOUT_TABLE = (
    Look("state", "state", "state"),
    Look("finished_at", "ended", "moment"),
    Look("deadline", "deadline", "moment"),
    Look("overrun_s", "past the deadline", "seconds"),
    Look("host", "computer"),
    Look("log_kind", "log"),
    Look("status", "status"),
    Look("records", "records", "count"),
    Look("jobs", "jobs", "count"),
    Look("gaps", "record ids missing", "count"),
    Look("note", "note"),
)


def html(report: Report) -> str:
    """Render the report; names and texts from logs are escaped by the template and inside the JSON."""
    from jinja2 import Environment, select_autoescape
    from markupsafe import Markup

    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    scripts = [bundle(), own_scripts()]
    data = {"page": safe_json(page_data(report))} | {
        name: safe_json(pack_table(result.table))
        for name, result in report.results.items()
        if name not in FIRST_SCREEN
    }
    return environment.from_string(asset("page.html")).render(
        report=report,
        made_at=f"{report.made_at:%Y-%m-%d %H:%M} UTC",
        tone="bad"
        if report.breaches
        else "good"
        if report.key["met"] and not report.key["unknown"]
        else "unknown",
        filled=[part.name for part in report.sections if has_rows(report, part.results)],
        policy=policy(scripts),
        style=Markup(asset("page.css")),  # noqa: S704
        data={name: Markup(text) for name, text in data.items()},  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
    )


def has_rows(report: Report, names: tuple[str, ...]) -> bool:
    """Whether any of the results has something to show; a list of nights alone does not count."""
    return any(report.results[name].table.num_rows for name in names if name != "night_summary")


def asset(name: str) -> str:
    """One of the files beside this module."""
    return resources.files("analytics.report.page").joinpath(name).read_text(encoding="utf-8")


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed, once per page, kept out of the page's own names."""
    import vl_convert

    return "(function () {" + vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;") + "})();"


def own_scripts() -> str:
    """The page's scripts in one function."""
    return '(function () { "use strict";\n' + "\n".join(asset(name) for name in SCRIPTS) + "})();"


def policy(scripts: list[str]) -> str:
    """Nothing may be loaded or sent; only the scripts with these hashes run, without eval."""
    hashes = " ".join(f"'sha256-{digest(script)}'" for script in scripts)
    rules = ("default-src 'none'", f"script-src {hashes}", "style-src 'unsafe-inline'", "img-src data:")
    return "; ".join((*rules, "base-uri 'none'", "form-action 'none'"))


def digest(script: str) -> str:
    """The script's hash as Content-Security-Policy wants it."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def page_data(report: Report) -> dict[str, Any]:
    """What the page's scripts need besides the rows: specifications, looks and words."""
    from analytics.charts import CONFIG
    from analytics.charts.palette import GRADES, PHASE_WORDS, PHASES, STATES

    figures = [figure for part in report.sections for figure in part.figures]
    listings = [listing for part in report.sections for listing in part.listings]
    return {
        "config": CONFIG,
        "specs": {figure.chart: specification(figure, report) for figure in figures},
        "figures": [vars(figure) for figure in figures],
        "listings": {
            listing.rows: vars(listing) | {"looks": [vars(look) for look in listing.looks]}
            for listing in listings
        },
        "tips": {figure.chart: tips(figure, listings) for figure in figures},
        "phases": {phase: (colour, PHASE_WORDS[phase]) for phase, colour in PHASES.items()},
        "states": {state: text for state, (_, _, text) in STATES.items()},
        "grades": GRADES,
        "advice": ADVICE,
        "words": WORDS,
        "breach_states": BREACH_STATES,
        "worst_night": str(report.worst_night or ""),
    }


def tips(figure: Figure, listings: list[Listing]) -> list[dict[str, str]]:
    """What a figure's tooltip shows: VM and night first, then the columns of the table with the same rows."""
    same = [look for listing in listings if listing.rows == figure.rows for look in listing.looks]
    looks = {
        look.column: look for look in (VM, NIGHT, *(same or TIPS_WITHOUT_TABLE)) if look.column != "job_id"
    }
    return [vars(look) for look in looks.values()]


def specification(figure: Figure, report: Report) -> dict[str, Any]:
    """The Vega-Lite specification whose rows come later, under the name `rows`."""
    import altair as alt

    from analytics.charts import draw

    spec: dict[str, Any] = draw(figure.chart, alt.NamedData("rows"), **options(figure, report)).to_dict()
    spec.pop("config", None)
    return spec | {"description": figure.alt}


def options(figure: Figure, report: Report) -> dict[str, Any]:
    """What a drawing must know besides its rows."""
    if figure.chart == "night_timeline":
        return {"window_from_ms": report.window_ms[0], "window_to_ms": report.window_ms[1]}
    by_night = figure.chart in ("sla_heatmap", "nights_overview", "coverage_map")
    return {"nights": report.results["night_summary"].table.num_rows} if by_night else {}
