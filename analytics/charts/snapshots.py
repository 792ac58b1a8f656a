"""How long snapshot and post-snapshot take, and the gap between the two snapshots: values within their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, either, grade_look, quoted, row_axis
from analytics.charts.palette import PHASES

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_TICKS_S = (0, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800, 36000)
_LABEL = "isValid(datum.label) ? datum.label : datum.vm"
_CLAIM_S = 10
_CLAIM_LINE = "#cc3311"
_LEGEND_FILL = "#777777"
_GAP_COLOUR = "#5b6abf"
_STEP_PX = 17


def _seconds_axis(labels: Labels, field: str, title: str = "") -> alt.X:
    """Seconds, small and large ones legible: linear below a second, logarithmic above; only ticks that lie on it."""
    unit = {name: quoted(" " + labels.table("unit")[name]) for name in ("h", "min", "s")}
    shown = (
        f"datum.value >= 3600 ? datum.value / 3600 + {unit['h']}"
        f" : datum.value >= 60 ? datum.value / 60 + {unit['min']} : datum.value + {unit['s']}"
    )
    axis = alt.Axis(values=list(_TICKS_S), labelExpr=shown, labelOverlap=True, labelBound=24)
    scale = alt.Scale(type="symlog", constant=1, domainMin=0, nice=False)
    return alt.X(field, type="quantitative", title=title or None, axis=axis, scale=scale)


def _labelled(rows: ChartRows) -> alt.Chart:
    """Rows with a label: the one given, else the VM."""
    return alt.Chart(rows).transform_calculate(label=_LABEL)


def _interval_layers(base: alt.Chart, labels: Labels, colour: str, title: str) -> list[alt.Chart]:
    """Thin line: from the shortest to the longest; bar: bounds of the median; dot: the median, hollow unless observed.

    What is not observed is pale and dashed like everywhere else.
    """
    look = grade_look(labels, _LEGEND_FILL)
    faint: dict[str, Any] = {name: look[name] for name in ("opacity", "strokeDash")}
    hollow = either(alt.FillValue, "datum.grade == 'A'", "#111111", "#ffffff")
    shape = either(alt.ShapeValue, "datum.grade == 'C'", "diamond", "circle")
    known = base.transform_filter("isValid(datum.median_s)")
    line = known.mark_rule(color=colour, strokeWidth=1.6)
    return [
        line.encode(x=_seconds_axis(labels, "least_s", title), x2=alt.X2("low_s"), **faint),
        line.encode(x=_seconds_axis(labels, "high_s", title), x2=alt.X2("most_s"), **faint),
        known.mark_bar(color=colour, height={"band": 0.62}, tooltip=DATA_TOOLTIP, cursor="pointer").encode(
            x=_seconds_axis(labels, "low_s", title), x2=alt.X2("high_s"), **look
        ),
        known.mark_point(size=42, stroke="#111111", opacity=1, tooltip=DATA_TOOLTIP, cursor="pointer").encode(
            x=_seconds_axis(labels, "median_s", title), fill=hollow, shape=shape
        ),
    ]


def _every_row(base: alt.Chart) -> alt.Chart:
    """Keep the row of a VM that has nothing to show, so that rows of two panels stand side by side."""
    kept: alt.Chart = base.mark_text(text="")
    return kept


def _phase_panel(rows: ChartRows, labels: Labels, phase: str, axis: alt.Y) -> list[alt.Chart]:
    """One phase: its intervals, and a ? where a job shows no evidence of it."""
    base, title = _labelled(rows).encode(y=axis), labels.text(f"chart.{phase}")
    own = base.transform_filter(f"datum.phase == '{phase}'")
    unseen = own.transform_filter("datum.grade == 'D'").mark_text(
        text="?", color="#666666", tooltip=DATA_TOOLTIP
    )
    return [
        _every_row(base),
        *_interval_layers(own, labels, PHASES[phase], title),
        unseen.encode(x=alt.XValue(4)),  # type: ignore[no-untyped-call]
    ]


@drawing
def snapshot_lengths(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM how long post-snapshot takes, with the line of the article's claim, and beside it the snapshot."""
    once = alt.Chart(rows).transform_aggregate(rows="count()").transform_calculate(claim_s=str(_CLAIM_S))
    claim = once.mark_rule(color=_CLAIM_LINE, strokeDash=[5, 3])
    post = _phase_panel(rows, labels, "post_snapshot", row_axis(labels, "label"))
    bare = alt.Y("label:O", sort=None, title=None, axis=alt.Axis(labels=False, grid=True))
    before = _phase_panel(rows, labels, "snapshot", bare)
    left = alt.layer(
        *post, claim.encode(x=_seconds_axis(labels, "claim_s", labels.text("chart.post_snapshot")))
    )
    return alt.hconcat(
        left.properties(width=470, height=alt.Step(_STEP_PX)),
        alt.layer(*before).properties(width=330, height=alt.Step(_STEP_PX)),
        spacing=22,
    )


@drawing
def snapshot_gaps(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM the gap between in-guest and host snapshot, always within its bounds."""
    base = _labelled(rows).encode(y=row_axis(labels, "label"))
    layers = _interval_layers(base, labels, _GAP_COLOUR, labels.text("chart.gap"))
    return alt.layer(*layers).properties(width=860, height=alt.Step(_STEP_PX))
