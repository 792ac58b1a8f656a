"""Colours, marks and widths of all figures; safe for the colour-blind (after Paul Tol and Okabe-Ito)."""

from __future__ import annotations

from typing import Any

from analytics.tables.planning_words import JOB_CAUSES
from analytics.tables.sla_words import SLA_REASONS
from analytics.tables.vocabulary import COVERAGE_STATUSES, GRADES
from analytics.tables.vocabulary import PHASES as PHASE_VALUES

__all__ = ["CAUSES", "CONFIG", "MARKED_NIGHTS", "MOST_BESIDE", "OUTCOME_MARKS", "PHASES", "nights_px"]

# up to so many nights a cell has room for a mark
MARKED_NIGHTS = 40
# the last group of the query contention_effect: so many other jobs or more
MOST_BESIDE = 5

_FONT = "Segoe UI, Yu Gothic UI, Meiryo, Hiragino Sans, Noto Sans CJK JP, Noto Sans, DejaVu Sans, sans-serif"

# in the order of the phases, then a job of which no end is seen, and what it waited in DPM before it began
PHASES: dict[str, str] = PHASE_VALUES.keyed(
    {
        "prepare": "#88ccee",
        "claim_wait": "#cc3311",
        "snapshot": "#ddaa33",
        "post_snapshot": "#aa4499",
        "transfer": "#0077bb",
        "release": "#44aa99",
        "finalize": "#117733",
        "unaccounted": "#8a8a8a",
    }
) | {"open": "#222222", "queue": "#6f7a87"}

# what a job's time went to: a phase bears its own colour
CAUSES: dict[str, str] = JOB_CAUSES.keyed(
    {
        "queue": "#332288",
        "scan": "#0077bb",
        "volume_contention": "#ee7733",
        "server_contention": "#eeb277",
        "changed_data": "#33bbcc",
        "overhead": "#88ccee",
        "unexplained": "#8a8a8a",
    }
    | {name: PHASES[name] for name in ("claim_wait", "snapshot", "post_snapshot", "release", "finalize")}
)

# state of a backup: (colour, mark in the cell)
STATES: dict[str, tuple[str, str]] = SLA_REASONS.keyed(
    {
        "met": ("#cfe6f2", ""),
        "late": ("#ee7733", ""),
        "running_late": ("#f7b48b", "»"),
        "failed": ("#a3123f", "✕"),
        "missed": ("#332288", "–"),
        "never_run": ("#0f0833", "∅"),
        "running": ("#66ccdd", "…"),
        "unknown": ("#cccccc", "?"),
        "no_evidence": ("#f4f4f4", "·"),
        "not_established": ("#e9eef2", "‥"),
        "not_due": ("#ffffff", ""),
    }
)
BRIGHT_ON_DARK = ("failed", "missed", "never_run")

# before the name of a job in the timeline; a job that ended well bears none
OUTCOME_MARKS = {"failed": "✕ ", "cancelled": "✕ ", "running": "▶ ", "unknown": "? "}

GRADE_OPACITY = GRADES.keyed({"A": 1.0, "B": 0.75, "C": 0.4, "D": 0.18})
GRADE_DASH = GRADES.keyed({"A": [1, 0], "B": [8, 2], "C": [4, 3], "D": [1, 3]})
GRADE_OUTLINE = GRADES.keyed({"A": 0.01, "B": 0.9, "C": 1.1, "D": 1.1})

COVERAGE: dict[str, str] = COVERAGE_STATUSES.keyed(
    {
        "present": "#4a90b8",
        "partial": "#e0b040",
        "missing": "#cc3311",
        "silent": "#f6e2cc",
        "quiet": "#e4e4e4",
        "unknown": "#c8c8c8",
    }
)
# status of a log: (mark in the cell, its colour)
COVERAGE_MARKS = {
    "missing": ("✕", "#ffffff"),
    "partial": ("!", "#000000"),
    "silent": ("?", "#666666"),
    "unknown": ("?", "#000000"),
}

CONFIG: dict[str, Any] = {
    "font": _FONT,
    "background": "#ffffff",
    "view": {"stroke": None},
    "mark": {"aria": False},
    "axis": {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titleColor": "#444444",
        "labelLimit": 190,
        "gridColor": "#e6e6e6",
        "domainColor": "#999999",
        "tickColor": "#999999",
    },
    "axisY": {"ticks": False, "domain": False, "labelPadding": 6},
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 260,
        "columnPadding": 14,
        "titleOrient": "left",
        "titlePadding": 10,
        "layout": {"top": {"anchor": "start", "direction": "vertical", "margin": 4}},
        "symbolType": "square",
        "symbolSize": 130,
    },
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelAnchor": "start", "title": None},
    "scale": {"bandPaddingInner": 0.12},
}


def nights_px(nights: int) -> int:
    """Width of a figure with one column per night: few nights do not become broad beams."""
    return max(90, min(900, 27 * nights))
