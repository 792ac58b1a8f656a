"""The report as an Excel workbook: the first screen, then each table on a sheet of its own, as numbers and dates."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from analytics.harmless import visible
from analytics.report.contents import Report, Row
from analytics.report.looks import NUMERIC, Look, looks
from analytics.report.words import Words
from analytics.widths import display_width

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_MOST_ROWS = 1_048_575  # what a sheet holds below its head
_MOST_CHARACTERS = 32_767
_WIDEST = 60
_DAY_S = 86_400
_DAY_MS = _DAY_S * 1000
_FORMS = {
    "seconds": "[h]:mm:ss",
    "clock_time": "[h]:mm:ss",
    "signed": '#,##0.000" s"',
    "size": '[>=1000000000]#,##0.0,,," GB";[>=1000000]#,##0.0,," MB";#,##0" B"',
    "count": "#,##0",
    "share": "0.0%",
    "rate": "0.0",
    "code": "0",
}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "remove_timezone": True,
}


def workbook(report: Report) -> bytes:
    """The file; sheets bear the names of the queries, by which `dpm-analytics sql` gives the same rows."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        styles = _Styles(book, report.words)
        book.set_properties({"title": report.verdict, "comments": f"dpm-analytics {report.version}"})
        tables = _tables(report)
        _write_front(book.add_worksheet("report"), report, tables, styles)
        for name, (_, columns) in tables.items():
            _write_table(book.add_worksheet(name[:31]), report.results[name].rows, columns, styles)
    return stream.getvalue()


def _tables(report: Report) -> dict[str, tuple[str, list[Look]]]:
    """Title and columns of each table with rows, in the order of the sections; figures that no table shows, too."""
    words, found = report.words, dict[str, tuple[str, list[Look]]]()
    for section in report.sections:
        for figure in section.figures:
            if figure.tips:
                names = tuple(dict.fromkeys([*_keys_of(report, figure.rows), *figure.tips]))
                found[figure.rows] = (words.text(f"figure.{figure.chart}"), looks(words, figure.rows, names))
        for listing in section.listings:
            title = report.listing_title(listing.rows)
            found[listing.rows] = (title, looks(words, listing.rows, listing.columns))
    return {name: table for name, table in found.items() if report.results[name].table.num_rows}


def _keys_of(report: Report, rows: str) -> list[str]:
    """VM and night, where a result has them."""
    return [name for name in ("vm", "night") if name in report.results[rows].table.column_names]


class _Styles:
    """The cell formats of one workbook."""

    def __init__(self, book: Workbook, words: Words) -> None:
        dates = words.table("date")
        self.words = words
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.title = book.add_format({"bold": True, "font_size": 14, "text_wrap": True})
        self.text = book.add_format({"valign": "top"})
        self.long = book.add_format({"valign": "top", "text_wrap": True})
        # Excel shows the cell as text even after someone edits it
        self.quoted = book.add_format({"valign": "top", "quote_prefix": True})
        forms = _FORMS | {"night": dates["excel_day"], "moment": dates["excel_moment"]}
        self.values = {
            kind: book.add_format({"num_format": form, "valign": "top"}) for kind, form in forms.items()
        }


def _write_front(
    sheet: Worksheet, report: Report, tables: dict[str, tuple[str, list[Look]]], styles: _Styles
) -> None:
    """What the first screen says, and which sheet holds what."""
    say = report.words.text
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 60, styles.long)
    source = say(
        "page.source_picture",
        depth=report.depth,
        period=report.period,
        window=report.window,
        zone=report.time_zone,
    )
    made = say("page.made", made=report.made, version=report.version)
    lines: list[tuple[str, ...]] = [
        (text,) for text in (report.trust, report.verdict, report.remarks, *report.changes) if text
    ]
    lines += [(source,), (made,), ()]
    lines += [(fact.label, fact.value, fact.detail) for fact in report.facts]
    lines += [(), *((check.title, check.said, check.to_do) for check in report.checks), ()]
    for place, cells in enumerate(lines):
        for column, text in enumerate(cells):
            style = styles.title if cells == (report.verdict,) else styles.long if column else styles.text
            sheet.write_string(place, column, _text(text), style)
    for place, (name, (title, _)) in enumerate(tables.items(), len(lines)):
        sheet.write_url(place, 0, f"internal:'{name[:31]}'!A1", string=name)
        sheet.write_string(place, 1, title, styles.long)


def _write_table(sheet: Worksheet, rows: list[Row], columns: list[Look], styles: _Styles) -> None:
    """One table: a frozen head with filters, a row per row, columns as wide as what is in them."""
    shown = rows[:_MOST_ROWS]
    for place, look in enumerate(columns):
        sheet.write_string(0, place, look.title, styles.head)
        values = [row[look.column] for row in shown]
        kind = _kind_of(look, values)
        widest = max(
            (_write_cell(sheet, (at, place), value, kind, styles) for at, value in enumerate(values, 1))
        )
        sheet.set_column(place, place, min(_WIDEST, max(widest, min(18, display_width(look.title)), 6) + 2))
    sheet.freeze_panes(1, 1 if columns[0].column in ("vm", "night") else 0)
    sheet.autofilter(0, 0, len(shown), len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _kind_of(look: Look, values: Iterable[Any]) -> str:
    """The kind of a column; lengths that may be negative, which Excel has no clock for, as numbers of seconds."""
    negative = look.kind in ("seconds", "clock_time") and any(
        value is not None and value < 0 for value in values
    )
    return "signed" if negative else look.kind


def _write_cell(sheet: Worksheet, at: tuple[int, int], value: Any, kind: str, styles: _Styles) -> int:
    """Write one value as what it is, and say how wide it will be; what is missing stays empty."""
    if value is None:
        return 0
    if isinstance(value, dt.datetime):
        sheet.write_datetime(*at, value, styles.values["moment"])
        return 19
    if isinstance(value, dt.date):
        sheet.write_datetime(*at, dt.datetime.combine(value, dt.time()), styles.values["night"])
        return 17
    if kind in (*NUMERIC, "signed") and isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(*at, _number(value, kind), styles.values[kind])
        return 12
    text = _text(styles.words.shown(value, kind if styles.words.table(kind) else ""))
    starts_formula = text[:1] in "=+-@＝＋－＠" and text
    sheet.write_string(*at, text, styles.quoted if starts_formula else styles.text)
    return display_width(text)


def _number(value: float, kind: str) -> float:
    """Lengths in days, of which Excel's clock counts; others as they are."""
    return value / {"seconds": _DAY_S, "clock_time": _DAY_MS}.get(kind, 1)


def _text(text: str) -> str:
    """A text that Excel takes: no control characters, and not longer than a cell."""
    return "\n".join(map(visible, text.split("\n")))[:_MOST_CHARACTERS]
