"""Waiting for the volume: refused claims on Cluster Shared Volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, grade_look, hours_axis, in_hours, row_axis
from analytics.charts.palette import PHASES

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels


def _waiting_bars(rows: ChartRows, labels: Labels, field: str) -> alt.TopLevelMixin:
    """Draw the time waited per value of `field`, pale and dashed by grade, with the bounds as a thin line."""
    sums: dict[str, Any] = {
        name: f"sum({name})" for name in ("waited_s", "least_s", "most_s", "refusals", "jobs")
    }
    most_first = alt.EncodingSortField("waited_s", op="sum", order="descending")
    base = alt.Chart(rows).transform_aggregate(**sums, groupby=[field, "grade"])
    base = in_hours(base, "waited_s", "least_s", "most_s").encode(y=row_axis(labels, field, most_first))
    bars = base.mark_bar(color=PHASES["claim_wait"], tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        x=hours_axis(labels, "waited_h", labels.text("chart.waited")), **grade_look(labels)
    )
    bounds = base.mark_rule(color="#222222").encode(x=alt.X("sum(least_h):Q"), x2=alt.X2("sum(most_h):Q"))
    return alt.layer(bars, bounds).properties(width=860, height=alt.Step(18))


@drawing
def volume_waits(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw the time waited per volume."""
    return _waiting_bars(rows, labels, "volume")


@drawing
def claim_waits(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw the time waited per VM."""
    return _waiting_bars(rows, labels, "vm")
