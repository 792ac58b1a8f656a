"""What is to be expected: the end of the next backups, and the dates on which rules will be broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    day_expression,
    either,
    grade_look,
    quoted,
    row_axis,
    words_expression,
)
from analytics.charts.timeline import clock_axis

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_EXPECTED, _LIMIT = "#0077bb", "#cc3311"
_SURE = 0.9


@drawing
def next_night(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM the end of its backup: dot, 90 % range, deadline in red, and the probability to meet it as text."""
    percent = quoted(labels.table("unit")["percent"])
    base = alt.Chart(rows).encode(y=row_axis(labels, "vm"))
    look = grade_look(labels, _EXPECTED)
    line = base.mark_rule(color=_EXPECTED, strokeWidth=3).encode(
        x=clock_axis(labels, "early_ms"), x2=alt.X2("late_ms"), opacity=look["opacity"]
    )
    dot = base.mark_point(
        filled=True, size=60, color=_EXPECTED, opacity=1, tooltip=DATA_TOOLTIP, cursor="pointer"
    )
    limit = base.mark_tick(color=_LIMIT, thickness=2, size=13)
    said = (
        base.transform_filter("isValid(datum.p_meets)")
        .transform_calculate(
            said=f"format(floor(datum.p_meets * 100), 'd') + {percent}",
            end_ms="max(datum.late_ms, datum.likely_ms)",
        )
        .mark_text(align="left", dx=8, fontSize=10)
        .encode(
            x=alt.X("end_ms:T"),
            text="said:N",
            color=either(alt.ColorValue, f"datum.p_meets < {_SURE}", _LIMIT, "#555555"),
        )
    )
    return alt.layer(
        line,
        dot.encode(x=clock_axis(labels, "likely_ms")),
        limit.encode(x=clock_axis(labels, "deadline_ms")),
        said,
    ).properties(width=760, height=alt.Step(19))


@drawing
def forecast_dates(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM the date on which it breaks a rule as a dot, and the 90 % interval as a line."""
    axis = alt.Axis(labelExpr=day_expression(labels.table("date")["short"]), tickCount=8, labelOverlap=True)

    def days(field: str) -> alt.X:
        return alt.X(field, type="temporal", title=None, axis=axis, scale=alt.Scale(type="utc"))

    rule = words_expression(labels.table("rule")).replace("datum.value", "datum.rule")
    ruled = f"datum.vm + ' · ' + ({rule})"
    base = alt.Chart(rows).transform_calculate(label=ruled).encode(y=row_axis(labels, "label", label_px=300))
    line = base.mark_rule(color=_EXPECTED, strokeWidth=3).encode(
        x=days("low_on"), x2=alt.X2("high_on"), opacity=grade_look(labels, _EXPECTED)["opacity"]
    )
    dot = base.mark_point(
        filled=True, size=60, color=_EXPECTED, opacity=1, tooltip=DATA_TOOLTIP, cursor="pointer"
    )
    return alt.layer(line, dot.encode(x=days("breaks_on"))).properties(width=640, height=alt.Step(19))
