"""One figure by itself: a job step by step, or a figure of the report for a night or a VM."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analytics.errors import UsageError
from analytics.report.build import build_report, run
from analytics.report.contents import Rows
from analytics.report.pseudonyms import Pseudonyms
from analytics.report.sections import SECTIONS
from analytics.report.words import Words

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["figure_names", "figure_spec", "job_spec", "rendered"]

_SCALE = 1.5


def figure_names() -> list[str]:
    """The figures of the report."""
    return [figure.chart for section in SECTIONS for figure in section.figures]


def job_spec(
    session: Session, job_id: str, words: Words, pseudonyms: Pseudonyms | None = None
) -> dict[str, Any]:
    """The Vega-Lite specification of one job's timeline; UsageError where no job, or more than one, begins so."""
    from analytics.charts import draw
    from analytics.report.picture import configured

    zone = session.site.time_zone or "UTC"
    results = {"job_timeline": run(session, "job_timeline", zone, {"job_id": job_id})}
    jobs = sorted(set(results["job_timeline"].table.column("job_id").to_pylist()))
    if not jobs:
        raise UsageError(f"no job begins with {job_id!r}", "--job", "jobs.job_id names them all")
    if len(jobs) > 1:
        raise UsageError(f"{len(jobs)} jobs begin with {job_id!r}", "--job", f"one of {', '.join(jobs[:3])}")
    results = _hidden(results, session, pseudonyms)
    frame = results["job_timeline"].table.to_pandas()
    first = frame.iloc[0]
    night = first["began_at"].date()
    frame[["began_at", "ended_at"]] = frame[["began_at", "ended_at"]].apply(
        lambda times: times.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    )
    title = words.text("chart.job", job=jobs[0], vm=first["vm"] or words.text("page.no_name"), night=night)
    chart: Any = draw("job_timeline", frame, words)
    return configured(chart.properties(title={"text": title, "anchor": "start"}))


def _hidden(results: Rows, session: Session, pseudonyms: Pseudonyms | None) -> Rows:
    return pseudonyms.hidden(results, session.run("known_names").to_pylist()) if pseudonyms else results


def figure_spec(
    session: Session,
    name: str,
    words: Words,
    nights: tuple[dt.date | None, dt.date | None] = (None, None),
    vm: str = "",
    pseudonyms: Pseudonyms | None = None,
) -> dict[str, Any]:
    """The specification of a figure of the report for some nights and, unless empty, one VM.

    UsageError where nothing is there to be drawn.
    """
    from analytics.report.picture import figure_spec

    report = build_report(session, *nights, words, pseudonyms)
    chosen = pseudonyms.learn("vm", vm) if pseudonyms and vm else vm
    (rows,) = {figure.rows for part in SECTIONS for figure in part.figures if figure.chart == name}
    result = report.results[rows]
    if chosen and "vm" in result.table.column_names:
        kept = [row["vm"] == chosen for row in result.rows]
        result = replace(result, table=result.table.filter(kept))
    if not result.table.num_rows:
        raise UsageError(f"nothing to draw in {name}", "chart", "other nights, or another VM")
    return figure_spec(replace(report, results=report.results | {rows: result}), name)


def rendered(spec: dict[str, Any], ending: str) -> bytes:
    """The picture as .png, .svg or .html (which loads nothing); UsageError for another ending."""
    import vl_convert

    if ending == ".png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE))
    if ending == ".svg":
        return str(vl_convert.vegalite_to_svg(spec)).encode("utf-8")
    if ending in (".html", ".htm"):
        return str(vl_convert.vegalite_to_html(spec, bundle=True)).encode("utf-8")
    raise UsageError(f"no picture ends in {ending!r}", "-o", "use .png, .svg or .html")
