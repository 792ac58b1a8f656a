"""Rows of text as a table that fits the width of a terminal, wide (Japanese) characters counted as two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.widths import character_width, display_width

_GAP = "  "
_SMALLEST = 12  # names of VMs, hosts and volumes can be told apart
_CUT = "…"
_PATH = re.compile(r"(?:[A-Za-z]:)?\\\S|\S+[\\/]\S+$")


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A heading and its cells; `numeric` ones stand to the right, `whole` ones are never cut."""

    heading: str
    cells: Sequence[str]
    numeric: bool = False
    whole: bool = False

    @property
    def widest(self) -> int:
        """Columns of the terminal that the widest cell takes."""
        return max(map(display_width, (self.heading, *self.cells)))

    @property
    def smallest(self) -> int:
        """Columns of the terminal that it needs at least."""
        return (
            self.widest
            if self.numeric or self.whole
            else min(self.widest, max(_SMALLEST, display_width(self.heading)))
        )


def cut(text: str, columns: int) -> str:
    """The text within so many columns of the terminal; … stands where something was left out.

    A path keeps its end, which tells it apart: the volume, the file.
    """
    if display_width(text) <= columns:
        return text
    room = columns - display_width(_CUT)
    if _PATH.match(text):
        return _CUT + _fitting(text[::-1], room)[::-1]
    return _fitting(text, room) + _CUT


def _fitting(text: str, columns: int) -> str:
    kept, used = [], 0
    for character in text:
        used += character_width(character)
        if used > columns:
            break
        kept.append(character)
    return "".join(kept)


def grid(columns: Sequence[GridColumn], total: int) -> tuple[list[str], list[str]]:
    """Lines of the table within `total` columns of the terminal, and headings that found no room."""
    shown = _that_fit(columns, total)
    widths = _widths(columns[:shown], total)
    lines = [_line([column.heading for column in columns[:shown]], columns, widths)]
    lines.append(_GAP.join("-" * width for width in widths))
    rows = zip(*(column.cells for column in columns[:shown]), strict=True)
    lines.extend(_line(row, columns, widths) for row in rows)
    return lines, [column.heading for column in columns[shown:]]


def upright(columns: Sequence[GridColumn], total: int) -> list[str]:
    """Few rows of many columns: a line per value, `total` columns wide, a blank line between rows."""
    heading_width = max(display_width(column.heading) for column in columns)
    lines: list[str] = []
    for row in range(len(columns[0].cells)):
        lines.extend([""] if lines else [])
        for column in columns:
            filler = " " * (heading_width - display_width(column.heading))
            lines.append(cut(f"{column.heading}{filler}{_GAP}{column.cells[row]}", total))
    return lines


def _that_fit(columns: Sequence[GridColumn], total: int) -> int:
    used = -len(_GAP)
    for index, column in enumerate(columns):
        used += column.smallest + len(_GAP)
        if used > total:
            return max(1, index)
    return len(columns)


def _widths(columns: Sequence[GridColumn], total: int) -> list[int]:
    """Give every column what it needs, then share out the rest from the narrow ones up."""
    widths = [column.smallest for column in columns]
    spare = total - sum(widths) - len(_GAP) * (len(columns) - 1)
    waiting = sorted(range(len(columns)), key=lambda index: columns[index].widest - widths[index])
    for position, index in enumerate(waiting):
        share = max(0, spare) // (len(waiting) - position)
        gain = min(columns[index].widest - widths[index], share)
        widths[index] += gain
        spare -= gain
    return [min(width, total) for width in widths]


def _line(cells: Sequence[str], columns: Sequence[GridColumn], widths: Sequence[int]) -> str:
    parts = []
    for cell, column, width in zip(cells, columns, widths, strict=False):
        text = cut(cell, width)
        filler = " " * (width - display_width(text))
        parts.append(filler + text if column.numeric else text + filler)
    return _GAP.join(parts).rstrip()
