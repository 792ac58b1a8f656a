"""What the mails of a report say: the whole one, the short one of a quiet day, and that there is no report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from analytics.errors import DpmAnalyticsError
from analytics.harmless import visible
from analytics.report.contents import Report, Row
from analytics.report.looks import looks
from analytics.report.mail.letter import Letter
from analytics.report.words import Claim, Words

_MOST_ROWS = 10
_COLUMNS = (
    *("vm", "news", "breaches", "missed_14", "worst_overrun_s"),
    *("main_cause", "cause_s", "cause_grade", "main_phase", "recommendation"),
)
_PICTURE_PX = 640


def report_letter(report: Report, remarks: Sequence[Claim] = ()) -> Letter:
    """The whole mail: trust, verdict, what changed, key figures, offenders, what to do, one picture."""
    words = report.words
    offenders = report.results["offenders"].rows
    shown = next(
        (
            listing.columns
            for part in report.sections
            for listing in part.listings
            if listing.rows == "offenders"
        ),
        _COLUMNS,
    )
    columns = looks(words, "offenders", tuple(name for name in _COLUMNS if name in shown))
    chart = _chart_of(report)
    more = len(offenders) - _MOST_ROWS
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
        title=words.text("section.offenders.title"),
        heads=[column.title for column in columns],
        rows=[
            [
                words.shown(row[column.column], "" if column.kind == "grade" else column.kind)
                for column in columns
            ]
            for row in offenders[:_MOST_ROWS]
        ],
        rest=words.text("mail.more", others=more) if more > 0 else "",
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
    """The figure as PNG, twice as wide as it is shown, for fine screens."""
    import vl_convert

    from analytics.report.picture import svg

    drawn = svg(report, (chart,))
    width_px = float(drawn.split('width="', 1)[1].split('"', 1)[0])
    return bytes(vl_convert.svg_to_png(drawn, scale=2 * _PICTURE_PX / width_px))
