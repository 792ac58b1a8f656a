"""What the time per GB depends on: how many jobs ran beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, quoted
from analytics.charts.palette import MOST_BESIDE

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels


@drawing
def contention_effect(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw seconds per GB by the number of jobs beside: median as a dot, the middle half as a line, jobs as text."""
    beside = f"datum.value == {MOST_BESIDE} ? '≥ {MOST_BESIDE}' : format(datum.value, 'd')"
    y = alt.Y(
        "beside:O",
        title=labels.text("chart.beside"),
        axis=alt.Axis(labelExpr=beside, titleAngle=0, titleX=-150),
    )
    base = alt.Chart(rows).encode(y=y)
    x = alt.X("p25_s_per_gb:Q", title=labels.text("chart.s_per_gb"), scale=alt.Scale(zero=True))
    line = base.mark_rule(color="#0077bb", strokeWidth=3).encode(x=x, x2=alt.X2("p75_s_per_gb"))
    dot = base.mark_point(filled=True, size=70, color="#0077bb", opacity=1, tooltip=DATA_TOOLTIP).encode(
        x=alt.X("median_s_per_gb:Q")
    )
    jobs = (
        base.transform_calculate(said=f"format(datum.jobs, ',d') + {quoted(' ' + labels.text('chart.jobs'))}")
        .mark_text(align="left", dx=8, color="#555555", fontSize=11)
        .encode(x=alt.X("p75_s_per_gb:Q"), text="said:N")
    )
    chart: alt.TopLevelMixin = alt.layer(line, dot, jobs).properties(width=640, height=alt.Step(26))
    return chart
