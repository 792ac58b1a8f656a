"""Charts: a data frame (or the name of data that comes later) in, an Altair chart out; no I/O, no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from analytics.charts.palette import CONFIG

if TYPE_CHECKING:
    from collections.abc import Callable

    import altair as alt

    from analytics.charts.marks import ChartRows

    Drawing: TypeAlias = Callable[..., alt.TopLevelMixin]

__all__ = ["CONFIG", "draw", "drawings"]


def drawings() -> dict[str, Drawing]:
    """The drawing functions by the name that a query's `chart:` line gives."""
    from analytics.charts import coverage, guest, phases, sla, snapshots, waiting

    functions = (
        sla.sla_heatmap,
        sla.nights_overview,
        phases.phase_shares,
        phases.night_timeline,
        snapshots.snapshot_lengths,
        snapshots.snapshot_gaps,
        guest.guest_gain,
        waiting.volume_waits,
        waiting.claim_waits,
        coverage.coverage_map,
    )
    return {function.__name__: function for function in functions}


def draw(name: str, rows: ChartRows, **options: Any) -> alt.TopLevelMixin:
    """Draw the chart `name` from `rows`; raises KeyError for a name that `drawings` does not hold."""
    return drawings()[name](rows, **options)
