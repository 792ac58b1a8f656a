"""The tables of measured figures: what was printed stands as it is, the verdict follows from its numbers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_TARGET = re.compile(r"(?P<sign>>=|<=|<|>) ?(?P<limit>\d[\d.,]*)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}


def renewed_verdicts(text: str) -> str:
    """The text with the last column of each table that ends in `target | verdict` renewed: met or MISSED.

    A row is judged by its ratio, or where it has none by its first figure, in the unit of the target; without a target
    it has no verdict.
    """
    lines: list[str] = []
    heads: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        heads = (heads or cells) if cells else []
        is_row = heads[-2:] == ["target", "verdict"] and len(cells) == len(heads) and cells != heads
        verdict = _verdict(dict(zip(heads, cells, strict=True))) if is_row else None
        lines.append(f"| {' | '.join([*cells[:-1], verdict])} |" if verdict else line)
    return "\n".join(lines) + "\n"


def _verdict(row: dict[str, str]) -> str | None:
    """None where the row has no target, or no number to compare with it."""
    target = _TARGET.match(row["target"])
    measured = _NUMBER.search(row.get("ratio") or list(row.values())[1])
    if not target or not measured:
        return None
    holds = _HOLDS[target["sign"]](_number(measured[0]), _number(target["limit"]))
    return "met" if holds else "MISSED"


def _number(text: str) -> float:
    return float(text.replace(",", "").rstrip("."))
