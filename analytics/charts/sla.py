"""Which backups were in time: VM by night, and night by night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    LABEL_PX,
    day_expression,
    either,
    quoted,
    row_axis,
    words_expression,
)
from analytics.charts.palette import BRIGHT_ON_DARK, MARKED_NIGHTS, STATES, nights_px

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

# no backup of a group missed its window, a few did, half of them or more
_SHARE_COLOURS = [STATES["met"][0], "#fbe0c8", STATES["late"][0]]
_NIGHT_COLOURS = {"met": STATES["met"][0], "missed": STATES["late"][0]} | {
    state: STATES[state][0] for state in ("running", "unknown")
}


def night_axis(labels: Labels, orient: Literal["top", "bottom"] = "top") -> alt.X:
    """One column per night, month and day; labels that would overlap are left out."""
    axis = alt.Axis(
        labelExpr=day_expression(labels.table("date")["axis"]),
        labelAngle=-90,
        labelOverlap=True,
        orient=orient,
        title=None,
        ticks=False,
        domain=orient != "top",
    )
    return alt.X("night", type="ordinal", axis=axis)


def _state_colour(labels: Labels) -> alt.Color:
    """Every state has its colour and its words, whether or not it occurs."""
    expression = words_expression(labels.table("state"))
    legend = alt.Legend(title=None, labelExpr=expression, columns=5, symbolStrokeColor="#999999")
    scale = alt.Scale(domain=list(STATES), range=[colour for colour, _ in STATES.values()])
    return alt.Color("state", type="nominal", scale=scale, legend=legend)


def _overrun_expression(labels: Labels) -> str:
    """How late, short enough for a cell: whole minutes up to 90, then hours."""
    minutes, hours = (quoted(labels.table("unit")[name]) for name in ("short_min", "short_h"))
    return (
        f"datum.overrun_s < 5400 ? format(ceil(datum.overrun_s / 60), 'd') + {minutes}"
        f" : format(datum.overrun_s / 3600, datum.overrun_s < 36000 ? '.1f' : 'd') + {hours}"
    )


@drawing
def sla_heatmap(rows: ChartRows, labels: Labels, nights: int = 30) -> alt.TopLevelMixin:
    """Draw one cell per VM and night: its colour says how the night ended.

    Up to MARKED_NIGHTS, a mark says so as well, and late cells say how late.
    """
    marks = ", ".join(f"'{state}': '{mark}'" for state, (_, mark) in STATES.items())
    overrun = _overrun_expression(labels)
    label = f"datum.state == 'late' && datum.overrun_s != null ? {overrun} : ({{{marks}}})[datum.state]"
    chosen = either(alt.StrokeValue, "datum.chosen", "#000000", "#d9d9d9")
    base = alt.Chart(rows).encode(x=night_axis(labels), y=row_axis(labels, "vm"))
    cells = base.mark_rect(tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        color=_state_colour(labels),
        stroke=chosen,
        strokeWidth=either(alt.StrokeWidthValue, "datum.chosen", 1.6, 0.5),
    )
    dark = " || ".join(f"datum.state == '{state}'" for state in BRIGHT_ON_DARK)
    text = (
        base.transform_calculate(label=label)
        .mark_text(fontSize=9, tooltip=DATA_TOOLTIP, cursor="pointer")
        .encode(text=alt.Text("label:N"), color=either(alt.ColorValue, dark, "#ffffff", "#111111"))
    )
    layers = (cells, text) if nights <= MARKED_NIGHTS else (cells,)
    return alt.layer(*layers).properties(height=alt.Step(17), width=nights_px(nights))


@drawing
def sla_groups(rows: ChartRows, labels: Labels, nights: int = 30) -> alt.TopLevelMixin:
    """Draw one cell per group and night: how many of its backups missed the window, the darker the larger a share."""
    named = words_expression(labels.table("main_cause"))
    y = alt.Y(
        "name",
        type="ordinal",
        sort=None,
        title=None,
        axis=alt.Axis(
            minExtent=LABEL_PX,
            labelLimit=LABEL_PX,
            labelExpr=f"isValid(datum.value) ? ({named}) : {quoted(labels.text('chart.no_group'))}",
        ),
    )
    base = alt.Chart(rows).transform_calculate(
        share="datum.due > 0 ? datum.missed / datum.due : 0",
        label="datum.missed > 0 ? format(datum.missed, 'd') : datum.due > 0 && datum.unknown == datum.due ? '?' : ''",
    )
    base = base.encode(x=night_axis(labels), y=y)
    shades = alt.Scale(domain=[0, 0.01, 0.5], range=_SHARE_COLOURS, clamp=True)
    cells = base.mark_rect(tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        color=alt.Color("share:Q", scale=shades, legend=None),
        stroke=either(alt.StrokeValue, "datum.chosen", "#000000", "#d9d9d9"),
        strokeWidth=either(alt.StrokeWidthValue, "datum.chosen", 1.6, 0.5),
    )
    text = base.mark_text(fontSize=9, color="#111111", tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        text=alt.Text("label:N")
    )
    layers = (cells, text) if nights <= MARKED_NIGHTS else (cells,)
    return alt.layer(*layers).properties(height=alt.Step(17), width=nights_px(nights))


@drawing
def nights_overview(rows: ChartRows, labels: Labels, nights: int = 30) -> alt.TopLevelMixin:
    """Draw one bar per night: backups met, missed, still running and unknown."""
    words = {state: labels.text(f"chart.due_{state}") for state in _NIGHT_COLOURS}
    legend = alt.Legend(title=labels.text("chart.due"), labelExpr=words_expression(words))
    scale = alt.Scale(domain=list(_NIGHT_COLOURS), range=list(_NIGHT_COLOURS.values()))
    chosen = either(alt.StrokeValue, "datum.chosen", "#000000", "#999999")
    chart: alt.TopLevelMixin = (
        alt.Chart(rows)
        .transform_filter("datum.due > 0")
        .transform_fold(list(_NIGHT_COLOURS), as_=["state", "backups"])
        .transform_calculate(place="indexof(['met', 'running', 'unknown', 'missed'], datum.state)")
        .mark_bar(tooltip=DATA_TOOLTIP, cursor="pointer")
        .encode(
            x=night_axis(labels, "bottom"),
            y=alt.Y(
                "backups:Q",
                title=None,
                axis=alt.Axis(tickMinStep=1, format="d", tickCount=4, minExtent=LABEL_PX),
            ),
            color=alt.Color("state:N", scale=scale, legend=legend),
            stroke=chosen,
            strokeWidth=either(alt.StrokeWidthValue, "datum.chosen", 1.6, 0.4),
            order=alt.Order("place:Q"),
        )
        .properties(height=110, width=nights_px(nights))
    )
    return chart
