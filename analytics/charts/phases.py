"""Where the time goes: shares of the phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    grade_look,
    hours_axis,
    in_hours,
    phase_colour,
    row_axis,
)
from analytics.charts.palette import PHASES

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_PLACE = f"indexof({list(PHASES)}, datum.phase)"


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
