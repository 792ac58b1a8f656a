"""What the logs cover: host and kind of log by night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.marks import DATA_TOOLTIP, row_axis
from analytics.charts.palette import COVERAGE, words_expression
from analytics.charts.sla import night_axis, nights_px

if TYPE_CHECKING:
    from analytics.charts.marks import ChartRows


def coverage_map(rows: ChartRows, nights: int = 30) -> alt.TopLevelMixin:
    """Draw one cell per host, kind of log and night; what is missing is red and crossed."""
    legend = alt.Legend(
        title=None, labelExpr=words_expression({k: text for k, (_, text) in COVERAGE.items()})
    )
    scale = alt.Scale(domain=list(COVERAGE), range=[colour for colour, _ in COVERAGE.values()])
    base = alt.Chart(rows).transform_calculate(log="(datum.host || 'unknown host') + ' · ' + datum.log_kind")
    base = base.encode(x=night_axis(), y=row_axis("log"))
    chosen = alt.condition("datum.chosen", alt.value("#000000"), alt.value("#ffffff"))
    cells = base.mark_rect(tooltip=DATA_TOOLTIP, cursor="pointer").encode(
        color=alt.Color("status:N", scale=scale, legend=legend), stroke=chosen
    )
    crosses = base.transform_filter("datum.status == 'missing'").mark_text(
        text="✕", fontSize=10, color="#ffffff"
    )
    return alt.layer(cells, crosses).properties(width=nights_px(nights), height=alt.Step(17))
