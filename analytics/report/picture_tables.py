"""Tables of a section as drawings, so that fonts of any script are found like in the figures."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from analytics.report.contents import Listing, Report
from analytics.report.looks import NUMERIC, Look, looks
from analytics.report.words.numbers import one_line
from analytics.widths import display_width

__all__ = ["tables_of"]

_WIDTH_PX, _LEFT_PX = 1130, -170
_ROWS_PER_PAGE = 45
_LINE_PX = 17
_WIDEST, _GAP = 44, 2  # characters
_LARGEST_PX, _PX_PER_CHARACTER = 11, 0.6


def tables_of(listing: Listing, report: Report, most_rows: int | None = None) -> list[Any]:
    """Title and rows of one table, a drawing per page; none without rows, of more than `most_rows` the first."""
    found = report.results[listing.rows].rows
    rows = found[:most_rows]
    columns = looks(report.words, listing.rows, listing.columns)
    cells = [
        [one_line(report.words.shown(row[look.column], look.kind), _WIDEST) for look in columns]
        for row in rows
    ]
    title = report.listing_title(listing.rows)
    if len(rows) < len(found):
        title += report.words.text("page.picture_rest", shown=len(rows), rows=len(found))
    starts = range(0, len(cells), _ROWS_PER_PAGE)
    return [_table(title, columns, cells, cells[start : start + _ROWS_PER_PAGE]) for start in starts]


def _table(title: str, columns: list[Look], every: list[list[str]], shown: list[list[str]]) -> Any:
    """One page of a table; its columns are as wide as in all pages."""
    import altair as alt
    import pandas as pd

    heads = [look.title for look in columns]
    widths = [max(map(display_width, column)) + _GAP for column in zip(heads, *every, strict=True)]
    size_px = min(_LARGEST_PX, _WIDTH_PX / sum(widths) / _PX_PER_CHARACTER)
    ends = [end * size_px * _PX_PER_CHARACTER for end in accumulate(widths)]
    places = [
        (end - _GAP * size_px * _PX_PER_CHARACTER if look.kind in NUMERIC else begin, look.kind in NUMERIC)
        for begin, end, look in zip([0.0, *ends], ends, columns, strict=False)
    ]
    frame = pd.DataFrame(
        {
            "text": text,
            "x": _LEFT_PX + x,
            "below": place * _LINE_PX,
            "is_right": is_right,
            "is_head": not place,
        }
        for place, row in enumerate([heads, *shown])
        for text, (x, is_right) in zip(row, places, strict=True)
    )
    height = (len(shown) + 1) * _LINE_PX
    layers = [
        alt.Chart(frame[(frame.is_right == is_right) & (frame.is_head == is_head)])
        .mark_text(
            align="right" if is_right else "left",
            fontSize=size_px,
            fontWeight="bold" if is_head else "normal",
        )
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 960], nice=False, zero=False)),
            y=alt.Y("below:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
            text="text:N",
        )
        for is_right in (False, True)
        for is_head in (False, True)
    ]
    heading = {"text": title, "anchor": "start", "fontSize": 13, "offset": 10, "dx": _LEFT_PX}
    return alt.layer(*layers).properties(width=960, height=height, title=heading)
