"""What the time of each VM's usual backup goes to: waiting, reading, other jobs, changed data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    grade_look,
    hours_axis,
    in_hours,
    length_expression,
    quoted,
    row_axis,
    words_expression,
)
from analytics.charts.palette import CAUSES

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_PLACE = f"indexof({list(CAUSES)}, datum.job_cause)"
# a rest below this is not worth a text
_LEAST_SAID_S = 60


@drawing
def vm_causes(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw a bar per VM, its causes coloured; what is not explained is printed, and left of 0 where it is negative."""
    base = in_hours(alt.Chart(rows), "median_s").transform_calculate(
        place=_PLACE, above_h="max(datum.median_s, 0) / 3600"
    )
    legend = alt.Legend(title=None, labelExpr=words_expression(labels.table("job_cause")), columns=6)
    scale = alt.Scale(domain=list(CAUSES), range=list(CAUSES.values()))
    y = row_axis(labels, "vm")
    bars = base.mark_bar(tooltip=DATA_TOOLTIP, height={"band": 0.8}, cursor="pointer").encode(
        x=hours_axis(labels, "median_h", labels.text("chart.usual_backup")),
        y=y,
        color=alt.Color("job_cause:N", scale=scale, legend=legend),
        order=alt.Order("place:Q"),
        **grade_look(labels),
    )
    rest = labels.text("chart.unexplained")
    said = (
        base.transform_joinaggregate(whole_h="sum(above_h)", groupby=["vm"])
        .transform_filter(f"datum.job_cause == 'unexplained' && abs(datum.median_s) >= {_LEAST_SAID_S}")
        .transform_calculate(said=f"{quoted(rest + ' ')} + {length_expression(labels, 'median_s')}")
        .mark_text(align="left", dx=5, color="#555555", fontSize=10)
        .encode(x=alt.X("whole_h:Q"), y=y, text="said:N")
    )
    return alt.layer(bars, said).properties(width=760, height=alt.Step(19))
