"""A plan of moves to guest level: how many VMs meet their limits after each, and the night before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import hours_axis, in_hours, quoted, row_axis

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_BEFORE, _AFTER, _LIMIT = "#8a8a8a", "#0077bb", "#cc3311"


@drawing
def plan_curve(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw a bar per move, as long as the share of VMs that then meet their limits, and the night before and after.

    Rows of the kind `step` are moves, those of the kind `vm` the VMs that change most.
    """
    chart: alt.TopLevelMixin = alt.vconcat(_steps(rows, labels), _night(rows, labels), spacing=26)
    return chart


def _steps(rows: ChartRows, labels: Labels) -> alt.LayerChart | alt.FacetChart:
    percent = quoted(labels.table("unit")["percent"])
    base = (
        alt.Chart(rows)
        .transform_filter("datum.kind == 'step'")
        .transform_calculate(said=f"format(floor(datum.meets_share * 100), 'd') + {percent}")
        .encode(
            x=alt.X(
                "meets_share:Q",
                title=labels.text("chart.plan_meets"),
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=row_axis(labels, "label", label_px=300),
        )
    )
    text = base.mark_text(align="left", dx=5, fontSize=10, color="#444444").encode(text="said:N")
    return alt.layer(base.mark_bar(color=_AFTER, height={"band": 0.7}), text).properties(
        width=640, height=alt.Step(19)
    )


def _night(rows: ChartRows, labels: Labels) -> alt.LayerChart | alt.FacetChart:
    base = in_hours(
        alt.Chart(rows).transform_filter("datum.kind == 'vm'"),
        "before_s",
        "after_s",
        "low_s",
        "high_s",
        "limit_s",
    ).encode(y=row_axis(labels, "label", label_px=300))

    def at(field: str) -> Any:
        return hours_axis(labels, field, labels.text("chart.plan_night"))

    return alt.layer(
        base.mark_rule(color=_AFTER, strokeWidth=3, opacity=0.5).encode(x=at("low_h"), x2=alt.X2("high_h")),
        base.mark_point(size=55, stroke=_BEFORE, opacity=1).encode(x=at("before_h")),
        base.mark_point(size=55, filled=True, color=_AFTER, opacity=1).encode(x=at("after_h")),
        base.mark_tick(color=_LIMIT, thickness=2, size=13).encode(x=at("limit_h")),
    ).properties(width=640, height=alt.Step(19))
