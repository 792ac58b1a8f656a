"""One job step by step: its phases, and below them each record that shows a step, by computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, grade_look, phase_colour, quoted, words_expression

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_LABEL_PX = 300
_EVIDENCE = {"marker": "#222222", "event": "#0077bb", "failure": "#cc3311"}


def _time_axis(field: str) -> alt.X:
    """Wall times to the second."""
    axis = alt.Axis(
        labelExpr="utcFormat(datum.value, '%H:%M:%S')", orient="top", labelOverlap=True, tickCount=10
    )
    return alt.X(field, type="temporal", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def _rows_axis(field: str, expression: str) -> alt.Y:
    """One row per step, in the order of the data."""
    axis = alt.Axis(minExtent=_LABEL_PX, labelLimit=_LABEL_PX, labelExpr=expression, grid=True)
    return alt.Y(field, type="ordinal", sort=None, title=None, axis=axis)


@drawing
def job_timeline(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw a job's phases as bars, one below the other, and each record that shows a step as a mark in its row."""
    base = alt.Chart(rows).transform_calculate(
        ended="isValid(datum.ended_at) ? +toDate(datum.ended_at) : +toDate(datum.began_at)",
        phase="datum.step",
        begins="+toDate(datum.began_at)",
        label=f"(isValid(datum.host) ? datum.host : {quoted(labels.text('chart.no_name'))}) + ' · ' + datum.step",
    )
    phases = base.transform_filter("datum.evidence == 'phase'").mark_bar(
        tooltip=DATA_TOOLTIP, height={"band": 0.7}
    )
    bars = phases.encode(
        x=_time_axis("begins"),
        x2=alt.X2("ended"),
        y=_rows_axis("step", words_expression(labels.table("phase"))),
        color=phase_colour(labels),
        **grade_look(labels),
    )
    shown = {evidence: labels.text(f"chart.evidence_{evidence}") for evidence in _EVIDENCE}
    scale = alt.Scale(domain=list(_EVIDENCE), range=list(_EVIDENCE.values()))
    legend = alt.Legend(title=None, labelExpr=words_expression(shown))
    marks = (
        base.transform_filter("datum.evidence != 'phase'")
        .mark_tick(thickness=3, size=13, tooltip=DATA_TOOLTIP)
        .encode(
            x=_time_axis("begins"),
            y=_rows_axis("label", "datum.value"),
            color=alt.Color("evidence:N", scale=scale, legend=legend),
        )
    )
    panels = [panel.properties(width=700, height=alt.Step(18)) for panel in (bars, marks)]
    chart: alt.TopLevelMixin = alt.vconcat(*panels, spacing=14).resolve_scale(x="shared", color="independent")
    return chart
