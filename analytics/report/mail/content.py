"""What the mails of a report say: the whole one, the short one of a quiet day, and that there is no report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from analytics.errors import DpmAnalyticsError
from analytics.harmless import visible
from analytics.report.contents import Report, Row
from analytics.report.mail.letter import Letter
from analytics.report.mail.missed import groups_of, heads_of
from analytics.report.words import Claim, Words

# a picture of this width is read without being made larger: of a night so many jobs, their bars so wide
_PICTURE_PX, _PICTURE_ROWS, _BARS_PX, _LEGEND_COLUMNS = 640, 14, 330, 4


def report_letter(report: Report, remarks: Sequence[Claim] = ()) -> Letter:
    """The whole mail: trust, verdict, what changed, key figures, offenders, what to do, one picture."""
    words = report.words
    chart = _chart_of(report)
    return Letter(
        subject=words.text("mail.subject", verdict=report.verdict, period=report.period),
        words=words,
        tone=report.tone,
        trust=report.trust,
        verdict=report.verdict,
        lines=[
            *(words.say(claim) for claim in remarks),
            *filter(None, [report.remarks]),
            *report.changes,
        ],
        facts=[(fact.label, fact.value, fact.detail) for fact in report.facts],
        title=words.text("mail.why"),
        heads=heads_of(report),
        groups=groups_of(report),
        to_do=[
            words.text("mail.to_do", check=check.title, to_do=check.to_do)
            for check in report.checks
            if check.to_do
        ],
        picture=_picture(report, chart) if chart else b"",
        alt=words.text("mail.alt", caption=words.text(f"figure.{chart}"), verdict=report.verdict)
        if chart
        else "",
        foot=_foot(report),
    )


def short_letter(report: Report, since: dt.date) -> Letter:
    """Nothing changed since the night `since`: the verdict and the key figures, so that silence is never ambiguous."""
    words = report.words
    return Letter(
        subject=words.text("mail.subject_quiet", verdict=report.verdict, period=report.period),
        words=words,
        tone=report.tone,
        trust=report.trust,
        verdict=report.verdict,
        lines=[words.text("mail.quiet", since=since)],
        facts=[(fact.label, fact.value, fact.detail) for fact in report.facts],
        foot=_foot(report),
    )


def failure_letter(error: DpmAnalyticsError | str, words: Words, night: dt.date) -> Letter:
    """There is no new report, and why; the one before stays."""
    return Letter(
        subject=words.text("mail.subject_failed", error=str(error), period=night),
        words=words,
        tone="bad",
        verdict=words.text("mail.failed", error=visible(str(error)), period=night),
        lines=[words.text("mail.failed_next")],
    )


def _foot(report: Report) -> str:
    return report.words.text(
        "page.source",
        depth=report.depth,
        period=report.period,
        zone=report.time_zone,
        window=report.window,
        made=report.made,
        version=report.version,
    )


def _chart_of(report: Report) -> str:
    """Several nights are shown side by side; one night job by job, where it has a breach; else nothing is drawn."""
    nights = [row for row in report.results["night_summary"].rows if row["due"]]
    if len(nights) > 1:
        return "nights_overview"
    has_jobs = any(row["night"] == report.worst_night for row in _timeline(report))
    return "night_timeline" if report.breaches and has_jobs else ""


def _timeline(report: Report) -> list[Row]:
    """The bars of the jobs, in a report that has them."""
    result = report.results.get("night_timeline")
    return result.rows if result else []


def _picture(report: Report, chart: str) -> bytes:
    """The figure as PNG, twice as wide as it is shown, for fine screens; of a night the jobs that ended last."""
    import vl_convert

    from analytics.report.picture import figure_spec

    drawn = vl_convert.vegalite_to_svg(_narrow(figure_spec(report, chart, _PICTURE_ROWS, _BARS_PX)))
    width_px = float(drawn.split('width="', 1)[1].split('"', 1)[0])
    return bytes(vl_convert.svg_to_png(drawn, scale=2 * _PICTURE_PX / width_px))


def _narrow(spec: Any) -> Any:
    """The specification with its legends in fewer columns, so that they are no wider than the bars."""
    if isinstance(spec, list):
        return [_narrow(part) for part in spec]
    if not isinstance(spec, dict):
        return spec
    return {
        name: min(part, _LEGEND_COLUMNS) if name == "columns" and isinstance(part, int) else _narrow(part)
        for name, part in spec.items()
    }
