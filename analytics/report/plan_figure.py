"""A plan as a figure: its moves and what they bring, and the night before and after them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.report.contents import Row
from analytics.report.words import Words

if TYPE_CHECKING:
    from analytics.planning.plan import Planned
    from analytics.planning.whatif_request import Request

__all__ = ["plan_spec"]

_MOST_VMS = 25


def plan_spec(request: Request, found: Planned, words: Words, shown: Callable[[str], str]) -> dict[str, Any]:
    """The Vega-Lite specification; `shown` gives the name of a VM as it may be seen."""
    import pandas as pd

    from analytics.charts import draw
    from analytics.report.picture import configured

    rows = [*_steps(request, found, words, shown), *_night(request, found, shown)]
    chart: Any = draw("plan_curve", pd.DataFrame(rows), words)
    night = np.datetime64(request.after.night, "D").item()
    title = words.text("chart.plan", night=night, moves=len(found.plan.moves))
    return configured(chart.properties(title={"text": title, "anchor": "start"}))


def _steps(request: Request, found: Planned, words: Words, shown: Callable[[str], str]) -> list[Row]:
    """The share of VMs that meet their limits as things are, and after so many moves."""
    rows = []
    for moves, share in found.plan.prefixes:
        vm = shown(request.names[found.plan.moves[moves - 1]]) if moves else ""
        label = words.text("chart.plan_step", moves=moves, vm=vm) if moves else words.text("chart.plan_today")
        rows.append({"kind": "step", "label": label, "meets_share": share})
    return rows


def _night(request: Request, found: Planned, shown: Callable[[str], str]) -> list[Row]:
    """The VMs whose backup changes most under the plan, the greatest change first."""
    moved = np.isin(np.arange(len(request.after.vm)), found.plan.moves)
    night = replace(request, moved=moved).compared()
    change_s = np.abs(night.after_p50_s - night.before_s)
    limit_s = request.after.limit_s - request.after.release_s
    return [
        {
            "kind": "vm",
            "label": shown(request.names[at]),
            "before_s": float(night.before_s[at]),
            "after_s": float(night.after_p50_s[at]),
            "low_s": float(night.low_s[at]),
            "high_s": float(night.high_s[at]),
            "limit_s": float(limit_s[at]) if np.isfinite(limit_s[at]) else None,
        }
        for at in np.argsort(-change_s)[:_MOST_VMS].tolist()
    ]
