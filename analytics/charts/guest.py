"""Who would gain from guest-level backup: observed host-level times against estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.drawing import drawing
from analytics.charts.marks import DATA_TOOLTIP, hours_axis, in_hours, row_axis, words_expression

if TYPE_CHECKING:
    from analytics.charts.drawing import ChartRows, Labels

_COLOURS = {"host_level": "#0077bb", "guest_level": "#ee7733", "window_length": "#cc3311"}


@drawing
def guest_gain(rows: ChartRows, labels: Labels) -> alt.TopLevelMixin:
    """Draw per VM the host-level time as a solid line and the guest-level estimate as a dashed one."""
    shown = {name: labels.text(f"chart.{name}") for name in _COLOURS}
    scale = alt.Scale(domain=list(shown), range=list(_COLOURS.values()))
    legend = alt.Legend(
        title=None,
        symbolType="stroke",
        symbolStrokeWidth=3,
        labelLimit=380,
        labelExpr=words_expression(shown),
    )
    colour, y = alt.Color("shown:N", scale=scale, legend=legend), row_axis(labels, "vm")

    def time_axis(field: str) -> alt.X:
        return hours_axis(labels, field, labels.text("chart.transfer"))

    host = (
        in_hours(alt.Chart(rows), "host_p50_s", "host_p90_s")
        .transform_calculate(shown="'host_level'")
        .encode(y=y, color=colour)
    )
    guest = alt.Chart(rows).transform_filter("datum.guest_p50_s != null")
    guest = (
        in_hours(guest, "guest_low_s", "guest_p50_s", "guest_high_s")
        .transform_calculate(shown="'guest_level'")
        .encode(y=y, color=colour)
    )
    limit = in_hours(
        alt.Chart(rows).transform_aggregate(limit_s="max(limit_s)"), "limit_s"
    ).transform_calculate(shown="'window_length'")
    return alt.layer(
        host.mark_rule(strokeWidth=3).encode(x=time_axis("host_p50_h"), x2=alt.X2("host_p90_h")),
        host.mark_point(filled=True, size=60, tooltip=DATA_TOOLTIP, opacity=1).encode(
            x=time_axis("host_p50_h")
        ),
        guest.mark_rule(strokeWidth=2.5, strokeDash=[3, 3]).encode(
            x=time_axis("guest_low_h"), x2=alt.X2("guest_high_h")
        ),
        guest.mark_point(shape="diamond", size=60, fill="#ffffff", tooltip=DATA_TOOLTIP).encode(
            x=time_axis("guest_p50_h")
        ),
        limit.mark_rule(strokeWidth=1.2, strokeDash=[6, 3]).encode(x=time_axis("limit_h"), color=colour),
    ).properties(width=860, height=alt.Step(19))
