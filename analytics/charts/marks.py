"""Channels that several figures use: phases by colour, grades by opacity and dashes, rows, durations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.charts.palette import (
    GRADE_DASH,
    GRADE_OPACITY,
    GRADE_OUTLINE,
    PHASES,
)

if TYPE_CHECKING:
    from analytics.charts.drawing import Labels

DATA_TOOLTIP = {"content": "data"}
HOUR_MS = 3_600_000
LABEL_PX = 170


def quoted(text: str) -> str:
    """A text as it stands in a Vega expression."""
    return json.dumps(text, ensure_ascii=False)


def words_expression(words: Mapping[str, str]) -> str:
    """A Vega expression that turns a label's value into its words."""
    return f"({json.dumps(dict(words), ensure_ascii=False)})[datum.value] || datum.value"


def day_expression(form: str) -> str:
    """A Vega expression that writes a label's day (ISO 8601) in a form of the language, such as {month}/{day}."""
    d3_forms = {"{month}": "%-m", "{day}": "%-d", "{mm}": "%m", "{dd}": "%d", "{year}": "%Y"}
    for field, d3_form in d3_forms.items():
        form = form.replace(field, d3_form)
    return f"utcFormat(toDate(datum.value), {quoted(form)})"


def either(channel: Callable[..., Any], test: str, then: Any, otherwise: Any) -> Any:
    """A value where a test holds, else another one; a channel of its class is made 30 ms faster than from a dict."""
    return channel(otherwise, condition={"test": test, "value": then})


def row_axis(labels: Labels, field: str, sort: Any = None, label_px: int = LABEL_PX) -> alt.Y:
    """One row per value of `field`, in the order of the data unless `sort` says otherwise."""
    named = f"isValid(datum.value) ? datum.value : {quoted(labels.text('chart.no_name'))}"
    axis = alt.Axis(minExtent=LABEL_PX, labelLimit=label_px, labelExpr=named)
    return alt.Y(field, type="ordinal", sort=sort, title=None, axis=axis)


def phase_colour(labels: Labels, **more: Any) -> alt.Color:
    """Colour by phase, with words in the legend."""
    shown = [phase for phase in PHASES if phase != "open"]
    expression = words_expression(labels.table("phase"))
    legend = alt.Legend(title=labels.text("chart.phase"), labelExpr=expression, values=shown, columns=9)
    return alt.Color("phase:N", scale=_phase_scale(), legend=legend, **more)


def _phase_scale() -> alt.Scale:
    """Every phase has its colour whether or not it occurs."""
    return alt.Scale(domain=list(PHASES), range=list(PHASES.values()))


def grade_look(labels: Labels, colour: str = "") -> dict[str, Any]:
    """Opacity, outline and dashes by grade: C and D are pale and dashed, never solid like A.

    `colour` fills the symbols of the legend where the marks have none from the data.
    """
    fill: dict[str, Any] = {"symbolFillColor": colour} if colour else {}
    expression = words_expression(labels.table("grade"))
    legend = alt.Legend(title=labels.text("chart.evidence"), labelExpr=expression, **fill)

    def scale(values: dict[str, Any]) -> alt.Scale:
        return alt.Scale(type="ordinal", domain=list(values), range=list(values.values()))

    return {
        "opacity": alt.Opacity("grade:O", scale=scale(GRADE_OPACITY), legend=legend),
        "strokeDash": alt.StrokeDash("grade:O", scale=scale(GRADE_DASH), legend=legend),
        "strokeWidth": alt.StrokeWidth("grade:O", scale=scale(GRADE_OUTLINE), legend=legend),
        "stroke": either(alt.StrokeValue, "datum.grade == 'A'", "transparent", "#222222"),
    }


def in_hours(chart: alt.Chart, *fields: str) -> alt.Chart:
    """Add NAME_h for each NAME_s, so that the ticks of an axis fall on round hours or minutes."""
    hours = {
        field.removesuffix("_s") + "_h": f"datum.{field} == null ? null : datum.{field} / 3600"
        for field in fields
    }
    return chart.transform_calculate(**hours)


def hours_axis(labels: Labels, field: str, title: str, **more: Any) -> alt.X:
    """A length of time in hours, labelled in hours or minutes."""
    unit = {name: quoted(" " + labels.table("unit")[name]) for name in ("h", "min")}
    expression = (
        f"datum.value == 0 ? '0' : abs(datum.value) >= 1 ? format(datum.value, '~r') + {unit['h']}"
        f" : format(datum.value * 60, '~r') + {unit['min']}"
    )
    axis = alt.Axis(labelExpr=expression, tickCount=6, labelOverlap=True)
    return alt.X(field, type="quantitative", title=title, axis=axis, **more)


def length_expression(labels: Labels, field: str) -> str:
    """A Vega expression that writes a length in seconds, in its largest unit; with a minus where it is negative."""
    value = f"abs(datum.{field})"
    units = {name: quoted(" " + labels.table("unit")[name]) for name in ("h", "min", "s")}
    return (
        f"((datum.{field} < 0 ? '−' : '') + ({value} >= 5400 ? format({value} / 3600, '.1f') + {units['h']}"
        f" : {value} >= 90 ? format({value} / 60, '.0f') + {units['min']} : format({value}, '.0f') + {units['s']}))"
    )
