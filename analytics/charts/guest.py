"""Who would gain from guest-level backup: observed host-level times against estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from analytics.charts.marks import DATA_TOOLTIP, hours_axis, in_hours, row_axis

if TYPE_CHECKING:
    from analytics.charts.marks import ChartRows

HOST = "host level: median ● to 90th percentile (observed)"
GUEST = "guest level: range and middle ◇ (estimate, grade C at best)"
LIMIT = "length of the window"


def time_axis(field: str) -> alt.X:
    """All layers share one axis."""
    return hours_axis(field, "transfer time")


def guest_gain(rows: ChartRows) -> alt.TopLevelMixin:
    """Draw per VM the host-level time as a solid line and the guest-level estimate as a dashed one."""
    scale = alt.Scale(domain=[HOST, GUEST, LIMIT], range=["#0077bb", "#ee7733", "#cc3311"])
    legend = alt.Legend(title=None, symbolType="stroke", symbolStrokeWidth=3, labelLimit=380)
    colour, y = alt.Color("shown:N", scale=scale, legend=legend), row_axis("vm")
    host = (
        in_hours(alt.Chart(rows), "host_p50_s", "host_p90_s")
        .transform_calculate(shown=repr(HOST))
        .encode(y=y, color=colour)
    )
    guest = alt.Chart(rows).transform_filter("datum.guest_p50_s != null")
    guest = (
        in_hours(guest, "guest_low_s", "guest_p50_s", "guest_high_s")
        .transform_calculate(shown=repr(GUEST))
        .encode(y=y, color=colour)
    )
    limit = in_hours(
        alt.Chart(rows).transform_aggregate(limit_s="max(limit_s)"), "limit_s"
    ).transform_calculate(shown=repr(LIMIT))
    return alt.layer(
        host.mark_rule(strokeWidth=3).encode(x=time_axis("host_p50_h"), x2="host_p90_h"),
        host.mark_point(filled=True, size=60, tooltip=DATA_TOOLTIP, opacity=1).encode(
            x=time_axis("host_p50_h")
        ),
        guest.mark_rule(strokeWidth=2.5, strokeDash=[3, 3]).encode(
            x=time_axis("guest_low_h"), x2="guest_high_h"
        ),
        guest.mark_point(shape="diamond", size=60, fill="#ffffff", tooltip=DATA_TOOLTIP).encode(
            x=time_axis("guest_p50_h")
        ),
        limit.mark_rule(strokeWidth=1.2, strokeDash=[6, 3]).encode(x=time_axis("limit_h"), color=colour),
    ).properties(width=860, height=alt.Step(19))
