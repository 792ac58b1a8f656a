"""The report as one picture (PNG) and as pages (PDF), drawn by Vega without a browser.

Charts are Any here: Altair has a class for each way to put charts together, and all of them come by.
"""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

from analytics.report.contents import Figure, Report, Section, plain
from analytics.report.verdict import phase_words
from analytics.report.words import en as words

if TYPE_CHECKING:
    import pandas as pd
    from pypdf import PageObject, PdfWriter

MOST_ROWS = 45
LABEL_PX = 170
A4_WIDTH_PT, A4_HEIGHT_PT = 595.3, 841.9
OVERVIEW = ("nights_overview", "sla_heatmap", "phase_shares", "night_timeline")
Lines = list[tuple[str, str]]
SIZES = {"title": 19, "head": 14, "text": 12, "small": 11}
STEPS = {"title": 27, "head": 26, "text": 19, "small": 17}


def png(report: Report) -> bytes:
    """Verdict and key figures above the figures of OVERVIEW."""
    import vl_convert

    figures = [
        chart for part in report.sections for chart in drawn(part.figures, report) if chart[0] in OVERVIEW
    ]
    overview = joined(text_page(first_lines(report)), *(titled(*chart) for chart in figures))
    return bytes(vl_convert.vegalite_to_png(configured(overview), scale=1.5))


def pdf(report: Report) -> bytes:
    """A4 pages: the first holds verdict, key figures and worst offenders, then one per section."""
    import vl_convert
    from pypdf import PdfReader, PdfWriter

    pages = [text_page(first_lines(report) + offender_lines(report))]
    pages += [section_page(section, report) for section in report.sections if section.figures]
    writer = PdfWriter()
    for page in pages:
        drawing = PdfReader(io.BytesIO(vl_convert.vegalite_to_pdf(configured(page)))).pages[0]
        place_on_a4(writer, drawing)
    writer.add_metadata(
        {"/Title": words.one_line(report.verdict), "/Producer": f"dpm-analytics {report.version}"}
    )
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def section_page(section: Section, report: Report) -> Any:
    """A section's title, its first sentence and its figures, one below the other."""
    note: Lines = [("small", line) for line in textwrap.wrap(report.notes[section.name], 118)]
    heading = text_page([("title", section.title), *wrapped(report.leads[section.name], 105), *note])
    return joined(heading, *(titled(*figure) for figure in drawn(section.figures, report)))


def place_on_a4(writer: PdfWriter, drawing: PageObject) -> None:
    """Add an upright A4 page with the drawing at its top, made smaller where it does not fit."""
    from pypdf import Transformation

    width, height = float(drawing.mediabox.width), float(drawing.mediabox.height)
    scale = min(A4_WIDTH_PT / width, A4_HEIGHT_PT / height, 0.75)
    page = writer.add_blank_page(A4_WIDTH_PT, A4_HEIGHT_PT)
    shift = Transformation().scale(scale).translate(0, A4_HEIGHT_PT - height * scale)
    page.merge_transformed_page(drawing, shift)


def joined(*charts: Any) -> Any:
    """Charts one below the other, each with its own scales."""
    import altair as alt

    own: dict[str, Any] = dict.fromkeys(
        ("color", "opacity", "strokeDash", "strokeWidth", "x", "y"), "independent"
    )
    return alt.vconcat(*charts, spacing=20).resolve_scale(**own)


def configured(chart: Any) -> dict[str, Any]:
    """The specification with the common look and a margin."""
    from analytics.charts import CONFIG

    spec: dict[str, Any] = chart.to_dict()
    return spec | {"config": CONFIG, "padding": 28, "background": "#ffffff"}


def drawn(figures: tuple[Figure, ...], report: Report) -> list[tuple[str, str, Any]]:
    """Draw those figures that have rows, each with its name and caption."""
    from analytics.charts import draw
    from analytics.report.page.page import options

    made = []
    for figure in figures:
        rows, left_out = frame(figure, report)
        if len(rows):
            caption = figure.alt + left_out
            made.append((figure.chart, caption, draw(figure.chart, rows, **options(figure, report))))
    return made


def titled(_name: str, caption: str, chart: Any) -> Any:
    """The chart with its caption above it."""
    return chart.properties(title={"text": caption, "anchor": "start", "fontSize": 13, "offset": 10})


def frame(figure: Figure, report: Report) -> tuple[pd.DataFrame, str]:
    """The rows of a figure, at most MOST_ROWS of them as they stand, and words for what is left out."""
    import pandas as pd

    rows = [{name: plain(value) for name, value in row.items()} for row in report.results[figure.rows].rows]
    night = ""
    if figure.prepare == "timeline":
        rows = [row for row in rows if row["night"] == str(report.worst_night)]
        night = f", {report.worst_night}"
    keys = dict.fromkeys(
        row[figure.page_by] if figure.prepare != "timeline" else row["job_id"] for row in rows
    )
    rows = timeline_rows(rows) if figure.prepare == "timeline" else first_rows(rows, figure.page_by)
    rest = figure.page_by != "night" and len(keys) > MOST_ROWS
    left_out = f"; {MOST_ROWS} of {words.count(len(keys))}, the others are in the HTML report" if rest else ""
    return pd.DataFrame(rows), night + left_out


def first_rows(rows: list[dict[str, Any]], page_by: str) -> list[dict[str, Any]]:
    """The rows of the first MOST_ROWS values of `page_by`; nights are all kept."""
    keys = list(dict.fromkeys(row[page_by] for row in rows))
    kept = set(keys if page_by == "night" else keys[:MOST_ROWS])
    return [row for row in rows if row[page_by] in kept]


def timeline_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one night with label and group; of too many jobs those that ended last, by group."""
    made = [row | {"label": job_label(row), "group": row["host"] or "unknown host"} for row in rows]
    ends: dict[str, int] = {}
    for row in made:
        ends[row["label"]] = max(row["to_ms"], ends.get(row["label"], 0))
    last = set(sorted(ends, key=lambda label: -ends[label])[:MOST_ROWS])
    return [row for row in made if row["label"] in last]


def job_label(row: dict[str, Any]) -> str:
    """The job's VM, with a mark before it where the job did not end well."""
    mark = {"failed": "✕ ", "cancelled": "✕ ", "running": "▶ ", "unknown": "? "}.get(row["outcome"], "")
    return mark + (row["vm"] or f"no name, job {row['job_id'][:12]}")


def first_lines(report: Report) -> Lines:
    """Verdict and key figures as lines of text."""
    about = f"DPM backups of {report.period}, window {report.window}, times in {report.time_zone}"
    verdict: Lines = [("title", line) for line in textwrap.wrap(report.verdict, 88)]
    facts: Lines = [("text", f"{fact.label}:  {fact.value}   ({fact.detail})") for fact in report.facts]
    made = f"made {report.made_at:%Y-%m-%d %H:%M} UTC by dpm-analytics {report.version}"
    return [*verdict, ("small", about), *facts, ("small", made)]


def offender_lines(report: Report) -> Lines:
    """The ten worst offenders as lines of text."""
    rows = report.results["offenders"].rows
    lines: Lines = [("head", "Worst offenders")] if rows else []
    for row in rows[:10]:
        worst = f", at worst by {words.seconds(row['worst_overrun_s'])}" if row["worst_overrun_s"] else ""
        phase = (
            f"; longest phase {phase_words(row['phase'])} ({row['phase_grade'] or 'D'})"
            if row["phase"]
            else ""
        )
        nights = f"missed {words.count(row['breaches'])} of {words.count(row['due'], 'night')}"
        lines.append(("text", f"{words.one_line(row['vm'] or 'no name', 60)}: {nights}{worst}{phase}"))
    return lines


def wrapped(text: str, width: int) -> Lines:
    """A sentence as lines of text."""
    return [("text", line) for line in textwrap.wrap(text, width)]


def text_page(lines: Lines) -> Any:
    """Lines of text as a drawing, so that fonts of any script are found like in the figures."""
    import altair as alt
    import pandas as pd

    below = 0
    rows = []
    for kind, text in lines:
        below += STEPS[kind]
        rows.append({"kind": kind, "line": text, "below": below})
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("below:Q", axis=None, scale=alt.Scale(domain=[below + 8, 0], nice=False, zero=False)),
        x=alt.value(-LABEL_PX),
        text="line:N",
    )
    kinds = [
        base.transform_filter(f"datum.kind == '{kind}'").mark_text(
            align="left",
            fontSize=size,
            fontWeight="bold" if kind in ("title", "head") else "normal",
            limit=980,
        )
        for kind, size in SIZES.items()
    ]
    return alt.layer(*kinds).properties(width=960, height=below + 8)
