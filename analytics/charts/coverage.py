"""What the logs cover: host and kind of log by night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, either, row_axis, words_expression
from analytics.charts.palette import COVERAGE, COVERAGE_MARKS, nights_px
from analytics.charts.sla import night_axis

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_LOG_LABEL_PX = 300


@drawing
def coverage_map(rows: ChartRows, labels: Labels, nights: int = 30) -> alt.TopLevelMixin:
    """Draw one cell per host, kind of log and night; what is missing is red and crossed, what has gaps is marked."""
    legend = alt.Legend(title=None, labelExpr=words_expression(labels.table("status")))
    scale = alt.Scale(domain=list(COVERAGE), range=list(COVERAGE.values()))
    base = alt.Chart(rows).encode(x=night_axis(labels), y=row_axis(labels, "log", label_px=_LOG_LABEL_PX))
    chosen = either(alt.StrokeValue, "datum.chosen", "#000000", "#ffffff")
    cells = base.mark_rect(tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        color=alt.Color("status:N", scale=scale, legend=legend), stroke=chosen
    )
    marks = [
        base.transform_filter(f"datum.status == '{status}'").mark_text(text=mark, fontSize=10, color=colour)
        for status, (mark, colour) in COVERAGE_MARKS.items()
    ]
    return alt.layer(cells, *marks).properties(width=nights_px(nights), height=alt.Step(17))
