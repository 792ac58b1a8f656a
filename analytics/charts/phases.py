"""Where the time goes: shares of the phases, and one night as a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    HOUR_MS,
    grade_look,
    hours_axis,
    in_hours,
    phase_colour,
    quoted,
    row_axis,
)
from analytics.charts.palette import PHASES

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_PLACE = f"indexof({list(PHASES)}, datum.phase)"
_WINDOW_COLOUR = "#eef6e8"
_GROUP_PX = 110


@drawing
def phase_shares(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM the shares of the phases, and beside them the length of its jobs."""
    shares = (
        alt.Chart(rows)
        .transform_calculate(place=_PLACE)
        .mark_bar(tooltip=DATA_TOOLTIP, cursor="pointer")
        .encode(
            x=alt.X(
                "share:Q",
                title=labels.text("chart.share"),
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=row_axis(labels, "vm"),
            color=phase_colour(labels),
            order=alt.Order("place:Q"),
            **grade_look(labels),
        )
    )
    return alt.hconcat(
        shares.properties(width=520, height=alt.Step(17)), _job_lengths(rows, labels), spacing=24
    )


def _job_lengths(rows: ChartRows, labels: Labels) -> alt.LayerChart | alt.FacetChart:
    """Draw the median (dot) and the 90th percentile (end of the line) of each VM's jobs."""
    base = alt.Chart(rows).transform_aggregate(
        job_median_s="max(job_median_s)", job_p90_s="max(job_p90_s)", groupby=["vm"]
    )
    base = in_hours(base, "job_median_s", "job_p90_s").encode(
        y=alt.Y("vm:O", sort=None, title=None, axis=alt.Axis(labels=False, grid=True))
    )
    x = hours_axis(labels, "job_median_h", labels.text("chart.job_length"))
    line = base.mark_rule(color="#555555").encode(x=x, x2=alt.X2("job_p90_h"))
    dot = base.mark_point(filled=True, size=45, color="#222222", opacity=1, tooltip=DATA_TOOLTIP).encode(x=x)
    end = base.mark_tick(color="#555555", thickness=2, size=9).encode(x=hours_axis(labels, "job_p90_h", ""))
    return alt.layer(line, dot, end).properties(width=260, height=alt.Step(17))


def clock_axis(labels: Labels, field: str = "from_ms") -> alt.X:
    """Milliseconds after the night's midnight as the site's wall clock."""
    later = quoted(f" +2 {labels.table('unit')['d']}")
    clock = f"utcFormat(datum.value, '%H:%M') + (datum.value >= 172800000 ? {later} : '')"
    axis = alt.Axis(labelExpr=clock, tickCount=12, orient="top", labelOverlap=True)
    return alt.X(field, type="temporal", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def _window_shade(rows: ChartRows, labels: Labels, window_from_ms: int, window_to_ms: int) -> list[alt.Chart]:
    """Draw the backup window: a shade and a line at its end, both once for each group of rows."""
    once = alt.Chart(rows).transform_aggregate(rows="count()")
    once = once.transform_calculate(opens_ms=str(window_from_ms), closes_ms=str(window_to_ms))
    shade = once.mark_rect(color=_WINDOW_COLOUR).encode(
        x=clock_axis(labels, "opens_ms"), x2=alt.X2("closes_ms")
    )
    end = once.mark_rule(color="#cc3311", strokeDash=[4, 3], strokeWidth=1.3).encode(
        x=clock_axis(labels, "closes_ms")
    )
    return [shade, end]


@drawing
def night_timeline(
    rows: ChartRows, labels: Labels, window_from_ms: int = 22 * HOUR_MS, window_to_ms: int = 30 * HOUR_MS
) -> alt.TopLevelMixin:
    """Draw one bar per job, its phases coloured, on a shaded window; grouped by the column `group`."""
    bars = (
        alt.Chart(rows)
        .mark_bar(tooltip=DATA_TOOLTIP, height={"band": 0.8}, cursor="pointer")
        .encode(
            x=clock_axis(labels),
            x2=alt.X2("to_ms"),
            y=row_axis(labels, "label"),
            color=phase_colour(labels),
            **grade_look(labels),
        )
    )
    layers = alt.layer(*_window_shade(rows, labels, window_from_ms, window_to_ms), bars)
    header = alt.Header(
        labelAngle=0,
        labelAlign="right",
        labelAnchor="middle",
        labelOrient="left",
        labelLimit=_GROUP_PX,
        labelPadding=6,
    )
    group = alt.Row("group:N", sort=None, title=None, header=header)
    faceted = layers.properties(width=860, height=alt.Step(17)).facet(row=group, spacing=5)
    chart: alt.TopLevelMixin = faceted.resolve_scale(y="independent")
    return chart
