"""One night as a timeline: the jobs, what they waited before, and above them how many ran and what they sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import (
    DATA_TOOLTIP,
    HOUR_MS,
    LABEL_PX,
    grade_look,
    phase_colour,
    quoted,
    row_axis,
)

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_WINDOW_COLOUR = "#eef6e8"
_DEADLINE_COLOUR = "#cc3311"
_GROUP_PX = 110
_WIDTH_PX = 850
_HEAD_PX = 34
_HEADS = {"running": "#6f7a87", "mb_per_s": "#0077bb"}
# All layers see the same rows, so that these have one scale: what is no bar, or no queue, has no length.
_PLACES = {
    "bar_ms": "datum.phase == 'queue' ? datum.to_ms : datum.from_ms",
    "queue_ms": "datum.phase == 'queue' ? datum.from_ms : datum.to_ms",
}


def clock_axis(labels: Labels, field: str = "from_ms", orient: str = "top") -> alt.X:
    """Milliseconds after the night's midnight as the site's wall clock; no labels without a side for them."""
    later = quoted(f" +2 {labels.table('unit')['d']}")
    clock = f"utcFormat(datum.value, '%H:%M') + (datum.value >= 172800000 ? {later} : '')"
    look: dict[str, Any] = {"labelExpr": clock, "tickCount": 12, "orient": orient, "labelOverlap": True}
    axis: Any = alt.Axis(**look) if orient else None
    return alt.X(field, type="temporal", title=None, axis=axis, scale=alt.Scale(type="utc", nice=False))


def _window(rows: ChartRows, labels: Labels, orient: str, window_ms: tuple[str, str]) -> tuple[Any, Any]:
    """Draw the backup window: a shade, and a line at its end, both once for each group of rows."""
    once = alt.Chart(rows).transform_aggregate(rows="count()")
    once = once.transform_calculate(opens_ms=window_ms[0], closes_ms=window_ms[1])
    shade = once.mark_rect(color=_WINDOW_COLOUR)
    end = once.mark_rule(color=_DEADLINE_COLOUR, strokeDash=[4, 3], strokeWidth=1.6)
    return (
        shade.encode(x=clock_axis(labels, "opens_ms", orient), x2=alt.X2("closes_ms")),
        end.encode(x=clock_axis(labels, "closes_ms", orient)),
    )


def _queues(rows: ChartRows, labels: Labels, orient: str) -> Any:
    """Draw what jobs waited in DPM before they began, hatched: a broad line of short dashes."""
    mark = alt.Chart(rows).mark_rule(
        strokeWidth=9, strokeDash=[1.5, 2.5], invalid=None, tooltip=DATA_TOOLTIP, cursor="pointer"
    )
    place = {
        "x": clock_axis(labels, "queue_ms", orient),
        "x2": alt.X2("to_ms"),
        "y": row_axis(labels, "label"),
    }
    return mark.encode(color=phase_colour(labels), **place)


def _bars(rows: ChartRows, labels: Labels, orient: str) -> Any:
    """Draw the phases of the jobs."""
    mark = alt.Chart(rows).mark_bar(
        tooltip=DATA_TOOLTIP, height={"band": 0.8}, invalid=None, cursor="pointer"
    )
    place = {"x": clock_axis(labels, "bar_ms", orient), "x2": alt.X2("to_ms"), "y": row_axis(labels, "label")}
    return mark.encode(color=phase_colour(labels), **place, **grade_look(labels))


def _waited_for(rows: ChartRows, labels: Labels, orient: str) -> Any:
    """Write behind the bars of a row for whom it waited, where no line leads there."""
    mark = alt.Chart(rows).mark_text(
        align="left", dx=5, fontSize=10, color=_DEADLINE_COLOUR, limit=180, invalid=None
    )
    return mark.encode(x=clock_axis(labels, "end_ms", orient), y=row_axis(labels, "label"), text="said:N")


def _flows(rows: ChartRows, labels: Labels, orient: str) -> list[Any]:
    """Draw a line from the row of the job that was waited for to a dot on the one that waited, where its wait ended."""
    base = alt.Chart(rows).transform_filter("isValid(datum.holder)")
    place = {"x": clock_axis(labels, "to_ms", orient), "y": row_axis(labels, "label")}
    line = base.mark_rule(color=_DEADLINE_COLOUR, strokeWidth=1.2, opacity=0.8, tooltip=DATA_TOOLTIP)
    dot = base.mark_point(color=_DEADLINE_COLOUR, filled=True, size=26, opacity=1, tooltip=DATA_TOOLTIP)
    return [line.encode(**place, y2=alt.Y2("holder")), dot.encode(**place)]


def _load(load: ChartRows, labels: Labels, window_ms: tuple[str, str], width_px: int) -> list[Any]:
    """Draw above the jobs how many ran at once, how much they sent, and where the window ends."""
    base = alt.Chart(load).transform_calculate(mb_per_s="datum.rate_bytes / 1e6")
    made: list[Any] = []
    for field, colour in _HEADS.items():
        orient = "" if made else "top"
        shade, end = _window(load, labels, orient, window_ms)
        axis = alt.Axis(
            tickCount=2,
            minExtent=LABEL_PX,
            grid=False,
            titleAngle=0,
            titleAlign="right",
            titleX=-34,
            titleY=14,
        )
        y = alt.Y(f"{field}:Q", title=labels.text(f"chart.{field}"), axis=axis)
        area = base.mark_rect(color=colour, opacity=0.75).encode(
            x=clock_axis(labels, "from_ms", orient), x2=alt.X2("to_ms"), y=y, y2=alt.datum(0)
        )
        layers = [shade, area, end] if made else [shade, area, end, _deadline(end, labels)]
        made.append(alt.layer(*layers).properties(width=width_px, height=_HEAD_PX))
    return made


def _deadline(line: Any, labels: Labels) -> Any:
    """Name the line at the end of the window."""
    text = line.mark_text(align="left", dx=4, fontSize=10, color=_DEADLINE_COLOUR)
    return text.encode(text=alt.value(labels.text("chart.deadline")), y=alt.value(6))


@drawing
def night_timeline(
    rows: ChartRows,
    labels: Labels,
    load: ChartRows | None = None,
    window_from_ms: int | str = 22 * HOUR_MS,
    window_to_ms: int | str = 30 * HOUR_MS,
    width_px: int = _WIDTH_PX,
) -> alt.TopLevelMixin:
    """Draw one bar per job, its phases coloured, on a shaded window; grouped by the column `group`.

    A wait leads to the label `holder` of its group, else `told` names the VM at `end_ms`. What a job waited in DPM is
    hatched; `load` adds how many jobs ran at once and how much they sent. The window is two numbers, or the
    names of two parameters of the specification; `width_px` is the width of the time axis.
    """
    orient, window_ms = "top" if load is None else "bottom", (str(window_from_ms), str(window_to_ms))
    shade, end = _window(rows, labels, orient, window_ms)
    parts = [draw(rows, labels, orient) for draw in (_queues, _bars, _waited_for)]
    said = f"{quoted(labels.text('chart.waited_for') + ' ')} + datum.told"
    layers = alt.layer(shade, *parts[:2], end, *_flows(rows, labels, orient), parts[2])
    layers = layers.transform_calculate(**_PLACES, said=f"isValid(datum.told) ? {said} : ''")
    header = alt.Header(
        labelAngle=0,
        labelAlign="right",
        labelAnchor="middle",
        labelOrient="left",
        labelLimit=_GROUP_PX,
        labelPadding=6,
    )
    group = alt.Row("group:N", sort=None, title=None, header=header)
    chart: Any = layers.properties(width=width_px, height=alt.Step(17)).facet(row=group, spacing=5)
    chart = chart.resolve_scale(y="independent")
    if load is not None:
        heads = _load(load, labels, window_ms, width_px)
        chart = alt.vconcat(*heads, chart, spacing=8, bounds="flush").resolve_scale(x="shared")
    return cast("alt.TopLevelMixin", chart)
