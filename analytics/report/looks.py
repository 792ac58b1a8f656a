"""How the columns of a table are shown: their titles in a language, and their kinds by name, unit and type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.report.contents import Figure, Listing
from analytics.report.words import Words

if TYPE_CHECKING:
    from analytics.sql.catalogue import ResultColumn

# What a name alone tells; a kind that is a table of the words file shows the word for the value.
_BY_NAME = {
    **dict.fromkeys(("vm", "waited_for"), "vm"),
    "grade": "grade",
    "cause_grade": "grade",
    "main_cause": "main_cause",
    "name": "main_cause",
    "grouped_by": "by",
    "phase": "phase",
    "state": "state",
    "status": "status",
    "kind": "kind",
    "outcome": "outcome",
    "role": "role",
    "recommendation": "recommendation",
    "reason": "reason",
    "tried_change": "tried_change",
    "rule": "rule",
    "note": "coverage_note",
    "compliance": "compliance",
    "part": "part",
    "main_phase": "phase",
    "news": "vm_change",
    "compared": "compared",
    **dict.fromkeys(("usual_on_volume", "usual_on_host"), "count"),
    **dict.fromkeys(("met_low", "met_high", "wilson_low", "wilson_high"), "share"),
    "level": "level",
    "tracking": "tracking",
    "job_cause": "job_cause",
    "forecast_verdict": "forecast_verdict",
    "forecast_reason": "forecast_reason",
    "change": "change",
    "proof_reason": "proof_reason",
    "p_meets": "share",
    "estimate_reason": "estimate_reason",
    "era": "era",
    "placement": "placement",
    "verdict": "clock_verdict",
    "cause": "explanation",
    "explanation": "explanation",
    "error_code": "code",
    "line_no": "code",
    "event_list": "items",
    "shows": "shows",
    "how": "how",
    "switch_on": "code_text",
    "excerpt": "code_text",
}
# The unit stands at the end of a name (contract.md section 5).
_BY_ENDING = {
    "_s_per_gb": "rate",
    "_s": "seconds",
    "_ms": "clock_time",
    "_bytes": "size",
    "_transferred": "size",
    "share": "share",
}
_BY_TYPE = {"DATE": "night", "TIMESTAMP WITH TIME ZONE": "moment", "BIGINT": "count"}
NUMERIC = ("seconds", "size", "count", "share", "rate", "code", "clock_time")


@dataclass(frozen=True)
class Look:
    """One column: its name in the rows, its title, and how its values are shown."""

    column: str
    title: str
    kind: str


def kind_of(column: ResultColumn) -> str:
    """How the values of a column are shown; text where nothing tells."""
    if column.name in _BY_NAME:
        return _BY_NAME[column.name]
    endings = (kind for ending, kind in _BY_ENDING.items() if column.name.endswith(ending))
    return next(endings, "") or _BY_TYPE.get(column.type, "text")


def looks(words: Words, rows: str, columns: tuple[str, ...]) -> list[Look]:
    """The looks of some columns of the result `rows`."""
    from analytics.sql.catalogue import catalogue

    declared = {column.name: column for column in catalogue()[rows].columns}
    own = words.table(f"columns.{rows}")
    titles = words.table("column")
    return [Look(name, own.get(name) or titles[name], kind_of(declared[name])) for name in columns]


def tip_looks(words: Words, figure: Figure, listings: list[Listing]) -> list[Look]:
    """What a figure's tooltip shows: VM and night first, then its own columns or those of the table with its rows."""
    same = [name for listing in listings if listing.rows == figure.rows for name in listing.columns]
    names = [name for name in (figure.tips or same) if name not in ("vm", "night", "job_id")]
    titles = words.table("column")
    return [
        Look("vm", titles["vm"], "vm"),
        Look("night", titles["night"], "night"),
        *looks(words, figure.rows, tuple(names)),
    ]
