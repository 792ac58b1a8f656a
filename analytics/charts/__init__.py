"""Charts: a data frame (or the name of data that comes later) and words in, an Altair chart out; no I/O, no SQL."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from analytics.charts.drawing import drawings

if TYPE_CHECKING:
    import altair as alt

    from analytics.charts.drawing import ChartRows, Labels

__all__ = ["draw", "drawings"]


def draw(name: str, rows: ChartRows, labels: Labels, /, **given: Any) -> alt.TopLevelMixin:
    """Draw the chart `name` from `rows`, with those of the `given` values that it has parameters for.

    Raises KeyError for a name that `drawings` does not hold.
    """
    function = drawings()[name]
    taken = inspect.signature(function).parameters
    return function(rows, labels, **{key: value for key, value in given.items() if key in taken})
