"""What a drawing is: a function of rows and labels, found by its name wherever in this folder it stands."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    ChartRows: TypeAlias = pd.DataFrame | alt.NamedData
    _Drawing: TypeAlias = Callable[..., alt.TopLevelMixin]

__all__ = ["ChartRows"]

_DRAWINGS: dict[str, _Drawing] = {}


class Labels(Protocol):
    """The words of a language, as far as figures show them."""

    def text(self, code: str, /) -> str:
        """The text that stands under `code`, such as `chart.share`."""

    def table(self, path: str) -> Mapping[str, Any]:
        """The words for the values of a column, such as `phase`."""


def drawing(function: _Drawing) -> _Drawing:
    """Make a function a drawing: the `chart:` line of a query may name it."""
    _DRAWINGS[function.__name__] = function
    return function


@cache
def drawings() -> Mapping[str, _Drawing]:
    """All drawings of this folder by name."""
    package = import_module("analytics.charts")
    for module in pkgutil.iter_modules(package.__path__, "analytics.charts."):
        import_module(module.name)
    return _DRAWINGS
