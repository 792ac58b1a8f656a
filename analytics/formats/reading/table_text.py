"""Tables of fixed width: a header line, a line of dashes, rows whose cells stand under the dashes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from unicodedata import east_asian_width

from analytics.formats.format import Head
from analytics.formats.reading.csv_text import CsvDamage, CsvHeader, CsvItem, CsvRow, IsHeader, plain_name
from analytics.formats.reading.wrappers import bare_head, bare_lines, is_prompt
from analytics.sources import Issue, Line, Source

_FILL = "\0"
# So many blanks inside of a cell mean that the columns stand elsewhere.
_GAP = " " * 3
_RULER = re.compile(r"\s*-{2,}(?:\s+-{2,})+\s*")

_Span = tuple[int, int]


def _ruler_spans(text: str) -> list[_Span]:
    """Where the groups of a line of dashes begin and end; empty for any other line."""
    return [found.span() for found in re.finditer(r"-+", text)] if _RULER.fullmatch(text) else []


def holds_table(head: Head, is_header: IsHeader) -> bool:
    """Whether some line of dashes in a head stands under names that make a header."""
    lines = bare_head(head, lambda text: _names_a_header(text, is_header))
    found = ((above, _ruler_spans(ruler)) for above, ruler in pairwise(lines))
    return any(
        is_header(frozenset(_header_of(Line(0, 0, above), spans).names)) for above, spans in found if spans
    )


def _names_a_header(text: str, is_header: IsHeader) -> bool:
    """Whether the words of a line, or what wide gaps part, make a header."""
    parts = (re.split(gap, text.strip()[:2000]) for gap in (r"\s+", r"\s{2,}"))
    return any(is_header(frozenset(map(plain_name, names))) for names in parts)


def bare_table(source: Source, encoding: str | None, is_header: IsHeader) -> Iterator[CsvItem]:
    """The tables of a source, without what mails and consoles put around them."""
    lines = bare_lines(source, encoding, lambda text: _names_a_header(text, is_header))
    return table_rows(
        (line for line in lines if isinstance(line, Issue) or not is_prompt(line.text)), is_header
    )


def table_names(head: Head) -> list[frozenset[str]]:
    """The column names of every table that begins in a head."""
    found = ((above, _ruler_spans(ruler)) for above, ruler in pairwise(head.lines))
    return [frozenset(_header_of(Line(0, 0, above), spans).names) for above, spans in found if spans]


def _header_of(line: Line, spans: list[_Span]) -> CsvHeader:
    """The names above a line of dashes."""
    written = tuple(_slices(line.text, spans))
    return CsvHeader(line, written, tuple(plain_name(name) for name in written))


def table_rows(lines: Iterable[Line | Issue], is_header: IsHeader) -> Iterator[CsvItem]:
    """Read headers and rows; a further header with its dashes begins a new layout, other lines are damage."""
    spans: list[_Span] = []
    above: Line | None = None
    for line in lines:
        if isinstance(line, Issue):
            yield line
            continue
        new_spans = _ruler_spans(line.text)
        if above and new_spans and is_header(frozenset(_header_of(above, new_spans).names)):
            spans = new_spans
            yield _header_of(above, spans)
            above = None
            continue
        if above:
            yield _row_under(above, spans)
        above = line if line.text.strip() else None
    if above:
        yield _row_under(above, spans)


def _row_under(line: Line, spans: list[_Span]) -> CsvRow | CsvDamage:
    """The cells of a line, or why it has none."""
    if line.text.startswith("#"):
        return CsvDamage(line, "comment line")
    if not spans:
        return CsvDamage(line, "line outside a table (a header with a line of dashes under it comes first)")
    if _FILL in line.text:
        return CsvDamage(line, "NUL characters in the line (a text was expected)")
    cells = _cells_under(line.text.rstrip(), spans)
    if cells is None:
        return CsvDamage(line, "the columns do not stand under the line of dashes")
    return CsvRow(line, cells)


def _cells_under(text: str, spans: list[_Span]) -> list[str] | None:
    """The cells by character position, else by display cell, else where columns are three blanks apart.

    Windows PowerShell pads by display cells on East Asian consoles (a wide character takes two); where the
    file was written as ASCII such a character has become a question mark.
    """
    for padded in _paddings(text):
        if (starts := _starts_under(padded, spans)) is not None:
            pieces = zip(starts, [*starts[1:], None], strict=True)
            return [padded[start:end].replace(_FILL, "").strip() for start, end in pieces]
    parts = re.split(r" {3,}", text.strip())
    return [part.strip() for part in parts] if len(parts) == len(spans) else None


def _paddings(text: str) -> Iterator[str]:
    """The text as each console may have laid it out; most lines fit as they stand."""
    yield text
    if not text.isascii():
        yield _widened(text)
    if "?" in text:
        yield text.replace("?", "?" + _FILL)


def _widened(text: str) -> str:
    """The text with a filler behind every character that takes two cells."""
    return "".join(
        character + _FILL if east_asian_width(character) in "WF" else character for character in text
    )


def _slices(text: str, spans: list[_Span]) -> list[str]:
    starts = [0, *(start for start, _ in spans[1:])]
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _starts_under(text: str, spans: list[_Span]) -> list[int] | None:
    """Where each cell begins: under its first dash, or where a number ends under its last one; None where neither."""
    starts = [0]
    for start, end in spans[1:]:
        begin = start
        if (before := text[start - 1 : start]) != " " and before.strip():
            # A number that is wider than the name above it, such as 18012 under Id.
            begin = text.rfind(" ", starts[-1], start) + 1
            if begin <= starts[-1] or text[end : end + 1].strip():
                return None
        starts.append(begin)
    for place, ((start, end), begin) in enumerate(zip(spans, starts, strict=True)):
        is_last = place == len(spans) - 1
        piece = text[begin:] if is_last else text[begin : starts[place + 1]]
        if not is_last and _GAP in piece.strip():
            return None
        if piece[:1] == " " and begin == start and piece.strip() and start + len(piece.rstrip()) != end:
            return None
    return starts
