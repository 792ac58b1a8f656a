"""Colours, words and marks of all figures; safe for the colour-blind (after Paul Tol and Okabe-Ito)."""

from __future__ import annotations

from typing import Any

FONT = "Segoe UI, Yu Gothic UI, Meiryo, Hiragino Sans, Noto Sans CJK JP, Noto Sans, DejaVu Sans, sans-serif"

PHASES: dict[str, str] = {
    "prepare": "#88ccee",
    "claim_wait": "#cc3311",
    "snapshot": "#ddaa33",
    "post_snapshot": "#aa4499",
    "transfer": "#0077bb",
    "release": "#44aa99",
    "finalize": "#117733",
    "unaccounted": "#8a8a8a",
    "open": "#222222",
}

PHASE_WORDS: dict[str, str] = {
    "prepare": "prepare",
    "claim_wait": "waiting for the volume",
    "snapshot": "snapshot",
    "post_snapshot": "post-snapshot",
    "transfer": "transfer",
    "release": "release",
    "finalize": "finalize",
    "unaccounted": "unaccounted",
    "open": "no end seen",
}

# state: (colour, mark in the cell, words)
STATES: dict[str, tuple[str, str, str]] = {
    "met": ("#cfe6f2", "", "met"),
    "late": ("#ee7733", "", "late (time past the deadline)"),
    "running_late": ("#f7b48b", "»", "still running at the deadline"),
    "failed": ("#a3123f", "✕", "failed"),
    "missed": ("#332288", "–", "did not run"),
    "never_run": ("#0f0833", "∅", "never ran"),
    "running": ("#66ccdd", "…", "running"),
    "unknown": ("#cccccc", "?", "unknown"),
    "no_evidence": ("#f4f4f4", "·", "no evidence in the logs"),
    "not_expected": ("#ffffff", "", "not due"),
}
BRIGHT_ON_DARK = ("failed", "missed", "never_run")

GRADES: dict[str, str] = {
    "A": "A observed",
    "B": "B inferred within bounds",
    "C": "C only bounds known",
    "D": "D no evidence",
}
GRADE_OPACITY = [1.0, 0.75, 0.4, 0.18]
GRADE_DASH = [[1, 0], [8, 2], [4, 3], [1, 3]]
GRADE_OUTLINE = [0.01, 0.9, 1.1, 1.1]

COVERAGE: dict[str, tuple[str, str]] = {
    "present": ("#4a90b8", "present"),
    "partial": ("#e0b040", "with gaps, or wrapped"),
    "missing": ("#cc3311", "missing: jobs ran, no such log"),
    "silent": ("#f6e2cc", "no record: nothing happened, or not that far"),
    "quiet": ("#e4e4e4", "quiet: nothing to log"),
}

CONFIG: dict[str, Any] = {
    "font": FONT,
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


def words_expression(words: dict[str, str]) -> str:
    """A Vega expression that turns a label's value into its words."""
    pairs = ", ".join(f"'{name}': '{text}'" for name, text in words.items())
    return f"({{{pairs}}})[datum.value] || datum.value"
