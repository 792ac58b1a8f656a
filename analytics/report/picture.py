"""The report as one picture (PNG) and as pages (PDF), drawn by Vega without a browser.

Charts are Any here: Altair has a class for each way to put charts together, and all of them come by.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analytics.report.contents import Figure, Report, Row, Section, plain
from analytics.report.draw import draw_figure
from analytics.report.picture_tables import tables_of
from analytics.report.words import Claim
from analytics.report.words.numbers import one_line
from analytics.widths import broken

if TYPE_CHECKING:
    import pandas as pd
    from pypdf import PageObject, PdfWriter

_MOST_ROWS = 45
_NARROW_TITLE = 80
_LABEL_PX = 170
_A4_WIDTH_PT, _A4_HEIGHT_PT, _EDGE_PT = 595.3, 841.9, 28.0
_LARGEST = 0.62  # so that a narrow figure is no larger than the text
_MOST_LISTED = 15
_Lines = list[tuple[str, str]]
_SIZES = {"title": 19, "head": 14, "text": 12, "small": 11}
_STEPS = {"title": 27, "head": 26, "text": 19, "small": 17}


def png(report: Report) -> bytes:
    """Verdict and key figures above the figures of the overview."""
    import vl_convert

    figures = [figure for part in report.sections for figure in part.figures if figure.on_overview]
    overview = _joined(_text_page(_first_lines(report)), *_drawn(figures, report))
    return bytes(vl_convert.vegalite_to_png(configured(overview), scale=1.5))


def svg(report: Report, charts: tuple[str, ...]) -> str:
    """The figures with these charts, one below the other, as SVG; a timeline shows the worst night."""
    import vl_convert

    figures = {figure.chart: figure for part in report.sections for figure in part.figures}
    shown = _drawn([figures[name] for name in charts], report)
    return str(vl_convert.vegalite_to_svg(configured(_joined(*shown))))


def figure_spec(report: Report, chart: str, most: int = 0, width_px: int = 0) -> dict[str, Any]:
    """The specification of the figure with this chart; of a timeline `most` rows, so wide, 0 for as usual."""
    found = next(figure for part in report.sections for figure in part.figures if figure.chart == chart)
    if found.night == "timeline":
        found = replace(found, most=most or found.most, width_px=width_px)
    return configured(_joined(*_drawn([found], report)))


def pdf(report: Report) -> bytes:
    """A4 pages: verdict, key figures and worst offenders, then each section's figures, else its open tables."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    first = _text_page(_first_lines(report) + _offender_lines(report))
    _stack(writer, [[first], *(block for section in report.sections for block in _blocks(section, report))])
    writer.add_metadata({"/Title": one_line(report.verdict), "/Producer": f"dpm-analytics {report.version}"})
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _blocks(section: Section, report: Report) -> list[list[Any]]:
    """A section's figures, else its open tables, its heading with the first; offenders stand on the first page."""
    if section.name == "offenders":
        return []
    parts = _drawn(list(section.figures), report) or [
        part
        for listing in section.listings
        if listing.is_open
        for part in tables_of(listing, report, None if listing.is_whole_on_paper else _MOST_LISTED)
    ]
    return [[_heading(section, report), *parts[:1]], *([part] for part in parts[1:])]


def _heading(section: Section, report: Report) -> Any:
    """A section's title, its first sentence and its note."""
    title = report.words.text(f"section.{section.name}.title")
    note: _Lines = [("small", line) for line in broken(report.notes[section.name], 118)]
    return _text_page([("title", title), *_wrapped(report.leads[section.name], 105), *note])


def _stack(writer: PdfWriter, blocks: list[list[Any]]) -> None:
    """Add upright A4 pages with the blocks below each other; one that does not fit begins a page, and shrinks to it."""
    top = 0.0
    page = None
    for block in blocks:
        drawings = [_pdf_page(part) for part in block]
        width = max(float(drawing.mediabox.width) for drawing in drawings)
        height = sum(float(drawing.mediabox.height) for drawing in drawings)
        scale = min((_A4_WIDTH_PT - _EDGE_PT) / width, (_A4_HEIGHT_PT - 2 * _EDGE_PT) / height, _LARGEST)
        if page is None or top + height * scale > _A4_HEIGHT_PT - _EDGE_PT:
            page, top = writer.add_blank_page(_A4_WIDTH_PT, _A4_HEIGHT_PT), _EDGE_PT
        for drawing in drawings:
            top += float(drawing.mediabox.height) * scale
            _make_form(drawing, writer)
            _place(page, drawing, scale, _A4_HEIGHT_PT - top)


def _pdf_page(part: Any) -> PageObject:
    """One drawing as a page of its own size."""
    import vl_convert
    from pypdf import PdfReader

    spec = configured(part) | {"padding": {"left": 28, "right": 28, "top": 8, "bottom": 8}}
    return PdfReader(io.BytesIO(vl_convert.vegalite_to_pdf(spec))).pages[0]


def _make_form(page: PageObject, writer: PdfWriter) -> None:
    """Put a page's content into a form, which is placed as a whole: else each stroke is parsed where pages merge."""
    from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject

    form, shown = StreamObject(), StreamObject()
    content = page.get_contents()
    form.set_data(b"" if content is None else content.get_data())
    form = form.flate_encode()
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(map(FloatObject, page.mediabox))
    form[NameObject("/Resources")] = page["/Resources"].clone(writer)
    forms = DictionaryObject({NameObject("/Part"): writer._add_object(form)})  # noqa: SLF001 - has no public name
    shown.set_data(b"/Part Do")
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): forms})
    page[NameObject("/Contents")] = shown


def _place(page: PageObject, drawing: PageObject, scale: float, bottom: float) -> None:
    from pypdf import Transformation

    page.merge_transformed_page(drawing, Transformation().scale(scale).translate(_EDGE_PT / 2, bottom))


def _joined(*charts: Any) -> Any:
    """Charts one below the other, each with its own scales."""
    import altair as alt

    own: dict[str, Any] = dict.fromkeys(
        ("color", "opacity", "strokeDash", "strokeWidth", "x", "y"), "independent"
    )
    return alt.vconcat(*charts, spacing=20).resolve_scale(**own)


def configured(chart: Any) -> dict[str, Any]:
    """The specification with the common look and a margin."""
    from analytics.charts.palette import CONFIG

    spec: dict[str, Any] = chart.to_dict()
    return spec | {"config": CONFIG, "padding": 28, "background": "#ffffff"}


def _drawn(figures: list[Figure], report: Report) -> list[Any]:
    """Draw those figures that have rows, each below its caption."""
    made = []
    for figure in figures:
        rows, left_out = frame(figure, report)
        if len(rows):
            caption = report.words.text(f"figure.{figure.chart}") + left_out
            lines = broken(caption, _NARROW_TITLE) if figure.width_px else caption
            title = {"text": lines, "anchor": "start", "fontSize": 13, "offset": 10}
            made.append(draw_figure(figure, rows, report).properties(title=title))
    return made


def frame(figure: Figure, report: Report) -> tuple[pd.DataFrame, str]:
    """The rows of a figure, of at most so many keys as it shows, and words for the night and for what is left out."""
    import pandas as pd

    rows = [{name: plain(value) for name, value in row.items()} for row in report.results[figure.rows].rows]
    night, rest = "", ""
    if figure.kinds:
        rows = [row for row in rows if row["grouped_by"] == figure.kinds[0]]
    order = rows
    if figure.night == "timeline":
        rows = _labelled(rows, report)
        order = sorted(rows, key=lambda row: -row["row_to_ms"])
        night = report.words.text("page.picture_night", night=report.worst_night)
    keys = list(dict.fromkeys(row[figure.page_by] for row in order))
    most = figure.most or _MOST_ROWS
    if figure.page_by != "night" and len(keys) > most:
        rest = report.words.text("page.picture_rest", shown=most, rows=len(keys))
        kept = set(keys[:most])
        rows = [row for row in rows if row[figure.page_by] in kept]
    if figure.night == "timeline":
        rows = _with_holders(rows)
    return pd.DataFrame(rows), night + rest


def _labelled(rows: list[Row], report: Report) -> list[Row]:
    """The rows of the worst night, each with the label of its job and the group that it stands in."""
    unknown_host = report.words.text("script.unknown_host")
    night = str(report.worst_night)
    return [
        row | {"label": _job_label(row, report), "group": row["host"] or unknown_host}
        for row in rows
        if row["night"] == night
    ]


def _with_holders(rows: list[Row]) -> list[Row]:
    """The rows with the label of the job that was waited for, where its row stands in the same group, else its name.

    A row has room for one name, behind its end: that of the volume's holder before that of the queue's.
    """
    labels = {(row["group"], row["vm"]): row["label"] for row in rows if row["vm"]}
    found = [labels.get((row["group"], row["waited_for"])) for row in rows]
    told = [None if holder else row["waited_for"] for holder, row in zip(found, rows, strict=True)]
    claims = {
        row["label"] for row, name in zip(rows, told, strict=True) if name and row["phase"] == "claim_wait"
    }
    ends: dict[tuple[str, str], int] = {}
    for row in rows:
        place = row["group"], row["label"]
        ends[place] = max(row["to_ms"], ends.get(place, 0))
    return [
        row
        | {"holder": holder, "end_ms": ends[row["group"], row["label"]]}
        | {"told": None if row["phase"] == "queue" and row["label"] in claims else name}
        for row, holder, name in zip(rows, found, told, strict=True)
    ]


def _job_label(row: Row, report: Report) -> str:
    """The job's VM, with a mark before it where the job did not end well."""
    from analytics.charts.palette import OUTCOME_MARKS

    name = row["vm"] or report.words.text("script.nameless_job", job=row["job_id"][:12])
    return OUTCOME_MARKS.get(row["outcome"], "") + name


def _first_lines(report: Report) -> _Lines:
    """What is not known, verdict and key figures as lines of text."""
    words = report.words
    about = words.text(
        "page.source_picture",
        depth=report.depth,
        period=report.period,
        window=report.window,
        zone=report.time_zone,
    )
    verdict: _Lines = [("title", line) for line in broken(report.verdict, 88)]
    verdict = [*_wrapped(report.trust, 105), *verdict, *_wrapped(report.remarks, 105)]
    verdict += [("small", line) for text in report.changes for line in broken(text, 118)]
    facts: _Lines = [
        ("text", words.text("page.fact", label=fact.label, value=fact.value, detail=fact.detail))
        for fact in report.facts
    ]
    made = words.text("page.made", made=report.made, version=report.version)
    return [*verdict, ("small", about), *facts, ("small", made)]


def _offender_lines(report: Report) -> _Lines:
    """The ten worst offenders as lines of text."""
    rows = report.results["offenders"].rows[:10]
    lines: _Lines = [("text", report.words.say(_offender(row))) for row in rows]
    return [("head", report.words.text("section.offenders.title")), *lines] if rows else []


def _offender(row: Row) -> Claim:
    """One VM that missed the window: how often, by how much, for which cause."""
    overrun_s = row["worst_overrun_s"]
    return Claim(
        "page.offender",
        vm=one_line(row["vm"], 60) if row["vm"] else Claim("page.no_name"),
        breaches=row["breaches"],
        due=row["due"],
        worst=Claim("page.offender_worst", overrun_s=overrun_s) if overrun_s else None,
        cause=Claim("page.offender_cause", cause=row["main_cause"], grade=row["cause_grade"]),
    )


def _wrapped(text: str, width: int) -> _Lines:
    """A sentence as lines of text."""
    return [("text", line) for line in broken(text, width)]


def _text_page(lines: _Lines) -> Any:
    """Lines of text as a drawing, so that fonts of any script are found like in the figures."""
    import altair as alt
    import pandas as pd

    below = 0
    rows = []
    for kind, text in lines:
        below += _STEPS[kind]
        rows.append({"kind": kind, "line": text, "below": below})
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("below:Q", axis=None, scale=alt.Scale(domain=[below + 8, 0], nice=False, zero=False)),
        x=alt.value(-_LABEL_PX),
        text="line:N",
    )
    kinds = [
        base.transform_filter(f"datum.kind == '{kind}'").mark_text(
            align="left",
            fontSize=size,
            fontWeight="bold" if kind in ("title", "head") else "normal",
            limit=980,
        )
        for kind, size in _SIZES.items()
    ]
    return alt.layer(*kinds).properties(width=960, height=below + 8)
