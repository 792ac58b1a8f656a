"""Channels that several figures use: phases by colour, grades by opacity and dashes, rows, durations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt

from analytics.charts.palette import (
    GRADE_DASH,
    GRADE_OPACITY,
    GRADE_OUTLINE,
    GRADES,
    PHASE_WORDS,
    PHASES,
    words_expression,
)

if TYPE_CHECKING:
    import pandas as pd

    ChartRows: TypeAlias = pd.DataFrame | alt.NamedData

DATA_TOOLTIP = {"content": "data"}
HOURS = (
    "datum.value == 0 ? '0' : datum.value >= 1 ? format(datum.value, '~r') + ' h'"
    " : format(datum.value * 60, '~r') + ' min'"
)
CLOCK = "utcFormat(datum.value, '%H:%M') + (datum.value >= 172800000 ? ' +2 d' : '')"
HOUR_MS = 3_600_000
LABEL_PX = 170
NAMED = "isValid(datum.value) ? datum.value : '(no name)'"


def row_axis(field: str, sort: Any = None, label_px: int = LABEL_PX) -> alt.Y:
    """One row per value of `field`, in the order of the data unless `sort` says otherwise."""
    axis = alt.Axis(minExtent=LABEL_PX, labelLimit=label_px, labelExpr=NAMED)
    return alt.Y(field, type="ordinal", sort=sort, title=None, axis=axis)


def phase_colour(**more: Any) -> alt.Color:
    """Colour by phase, with words in the legend."""
    shown = [phase for phase in PHASES if phase != "open"]
    legend = alt.Legend(title="phase", labelExpr=words_expression(PHASE_WORDS), values=shown, columns=8)
    return alt.Color("phase:N", scale=phase_scale(), legend=legend, **more)


def phase_scale() -> alt.Scale:
    """Every phase has its colour whether or not it occurs."""
    return alt.Scale(domain=list(PHASES), range=list(PHASES.values()))


def grade_look(colour: str = "") -> dict[str, Any]:
    """Opacity, outline and dashes by grade: C and D are pale and dashed, never solid like A.

    `colour` fills the symbols of the legend where the marks have none from the data.
    """
    fill: dict[str, Any] = {"symbolFillColor": colour} if colour else {}
    legend = alt.Legend(title="evidence", labelExpr=words_expression(GRADES), **fill)

    def scale(values: list[Any]) -> alt.Scale:
        return alt.Scale(type="ordinal", domain=list(GRADES), range=values)

    return {
        "opacity": alt.Opacity("grade:O", scale=scale(GRADE_OPACITY), legend=legend),
        "strokeDash": alt.StrokeDash("grade:O", scale=scale(GRADE_DASH), legend=legend),
        "strokeWidth": alt.StrokeWidth("grade:O", scale=scale(GRADE_OUTLINE), legend=legend),
        "stroke": alt.condition("datum.grade == 'A'", alt.value("transparent"), alt.value("#222222")),
    }


def in_hours(chart: alt.Chart, *fields: str) -> alt.Chart:
    """Add NAME_h for each NAME_s, so that the ticks of an axis fall on round hours or minutes."""
    hours = {
        field.removesuffix("_s") + "_h": f"datum.{field} == null ? null : datum.{field} / 3600"
        for field in fields
    }
    return chart.transform_calculate(**hours)


def hours_axis(field: str, title: str, **more: Any) -> alt.X:
    """A length of time in hours, labelled in hours or minutes."""
    axis = alt.Axis(labelExpr=HOURS, tickCount=6, labelOverlap=True)
    return alt.X(field, type="quantitative", title=title, axis=axis, **more)
