"""CSV as users bring it: any delimiter, quoted line feeds, damaged rows, several exports in one file."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from analytics.formats.format import Head
from analytics.formats.reading.wrappers import bare_lines, is_dress, is_prompt, wrapper_of
from analytics.sources import Issue, Line, Source

DELIMITERS = (",", ";", "\t")
_MAX_CELL_LINES = 200
_SKIPPED = re.compile(r"\s*|#TYPE .*|sep=.|\(\d+ rows? affected\)")

# The first and the last cell of a line, whatever its delimiter.
_OUTER_CELLS = re.compile(r"([^,;\t]*+)(?:.*[,;\t])?([^,;\t]*)", re.DOTALL)

_NAME = re.compile(r"[^\W\d_][^\n]{0,60}")
_LEAST_COLUMNS = 3
_MAX_HEADER_CHARACTERS = 10_000
_TABLES_TRIED = 4

NameOf = Callable[[str], str]
IsHeader = Callable[[frozenset[str]], bool]


@dataclass(frozen=True, slots=True)
class CsvHeader:
    """A header line: the names as written and as they are looked up."""

    line: Line
    written: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record: its first line and as many cells as the header above it has."""

    line: Line
    cells: list[str]


@dataclass(frozen=True, slots=True)
class CsvDamage:
    """A line that is no record."""

    line: Line
    reason: str


CsvItem = CsvHeader | CsvRow | CsvDamage | Issue


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """A column name without case, blanks, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", "", text.strip().strip('"')).casefold()


def header_names(head: Head, name_of: NameOf = plain_name) -> frozenset[str]:
    """Column names of the first line of a head that could be a header; empty where there is none."""
    for text in head.lines[:50]:
        if not _says_nothing(text) and not text.startswith("#"):
            found = wrapper_of(text, _may_name_columns)
            bare = (found.taken_off(text) if found else None) or text
            return frozenset(_split_header(Line(1, 0, bare), name_of)[0].names)
    return frozenset()


def tables_below(head: Head) -> Iterator[Head]:
    """Heads that begin further down, with a line that looks like a header: of a table below one that is damaged."""
    lines = head.text.splitlines(keepends=True)
    found = (place for place, text in enumerate(lines) if place and _looks_like_header(text))
    for place in islice(found, _TABLES_TRIED):
        yield Head(head.name, "".join(lines[place:]).encode("utf-8", "replace"), head.columns)


def _looks_like_header(text: str) -> bool:
    if len(text) > _MAX_HEADER_CHARACTERS:
        return False
    cells = [cell.strip() for cell in _split_header(Line(0, 0, text.strip()))[0].written]
    return len(cells) >= _LEAST_COLUMNS and len(set(cells)) == len(cells) and all(map(_NAME.fullmatch, cells))


def _may_name_columns(text: str) -> bool:
    """Whether a line begins like a header, so that what stands in front of it can be taken off."""
    return text[:1].isalpha() or text[:1] == '"'


def _says_nothing(text: str) -> bool:
    """Blank lines, #TYPE, Excel's sep=, the dashes and count that sqlcmd puts around its rows, prompts, fences."""
    is_ruler = "---" in text and not text.strip("- \t,;")
    return is_ruler or is_dress(text) or is_prompt(text) or _SKIPPED.fullmatch(text) is not None


def _split_header(line: Line, name_of: NameOf = plain_name) -> tuple[CsvHeader, str]:
    """A header and its delimiter: the one that gives most columns."""
    tries = [(_split_leniently(line.text, delimiter), delimiter) for delimiter in DELIMITERS]
    cells, delimiter = max(tries, key=lambda pair: len(pair[0]))
    written = tuple(cell.strip() for cell in cells)
    return CsvHeader(line, written, tuple(name_of(cell) for cell in written)), delimiter


def _split_leniently(text: str, delimiter: str) -> list[str]:
    if len(text) > 100_000:
        return []
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def csv_rows(
    source: Source, encoding: str | None, known: frozenset[str], name_of: NameOf = plain_name
) -> Iterator[CsvItem]:
    """Read the headers and records of a CSV; a header has two `known` names at least, after `name_of`.

    A header line in the middle (joined exports) counts from there, also below one that is damaged. A row that is
    ragged, holds NUL or has a quote that never closes is damage of its own line only.
    """
    lines = _Lookahead(bare_lines(source, encoding, lambda text: len(_names(text, name_of) & known) > 1))
    header, delimiter = None, ","
    while (line := lines.next()) is not None:
        if isinstance(line, Issue):
            yield line
        elif _says_nothing(line.text):
            continue
        elif header is None or may_be_header(line.text, known.union(header.names), name_of):
            found, found_delimiter = _split_header(line, name_of)
            if _is_header(found.names, known, header):
                header, delimiter = found, found_delimiter
                yield header
            elif header is None:
                yield CsvDamage(
                    line, "comment line" if line.text.startswith("#") else "line before the header"
                )
            else:
                yield _record(line, lines, header, delimiter)
        else:
            yield _record(line, lines, header, delimiter)


def _names(text: str, name_of: NameOf) -> frozenset[str]:
    return frozenset(_split_header(Line(0, 0, text), name_of)[0].names)


def may_be_header(text: str, names: Collection[str], name_of: NameOf) -> bool:
    """Whether a line begins or ends with one of some names: cheap, since it is asked of every row."""
    found = _OUTER_CELLS.match(text)
    return found is not None and any(cell and name_of(cell) in names for cell in found.groups())


def _is_header(names: tuple[str, ...], known: frozenset[str], above: CsvHeader | None) -> bool:
    """Whether a line is a header: a first one by two known names; below another one it repeats that one's first name,
    or consists of names by half.
    """
    if len(known.intersection(names)) < 2:
        return False
    return (
        above is None
        or names[0] in above.names
        or 2 * sum(name in known or name in above.names for name in names) >= len(names)
    )


class _Lookahead:
    """Lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterator[Line | Issue]) -> None:
        self._lines = lines
        self._waiting: deque[Line | Issue] = deque()

    def next(self) -> Line | Issue | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)

    def peek(self, position: int) -> Line | Issue | None:
        while len(self._waiting) <= position:
            line = next(self._lines, None)
            if line is None:
                return None
            self._waiting.append(line)
        return self._waiting[position]

    def drop(self, count: int) -> None:
        for _ in range(count):
            self._waiting.popleft()


def _record(line: Line, lines: _Lookahead, header: CsvHeader, delimiter: str) -> CsvRow | CsvDamage:
    if "\0" in line.text:
        return CsvDamage(line, "NUL characters in the line (a text was expected)")
    parts = [line]
    cells, open_quote = record_cells(parts, delimiter)
    while open_quote and len(parts) < _MAX_CELL_LINES:
        following = lines.peek(len(parts) - 1)
        if not isinstance(following, Line) or "\0" in following.text or following.text == header.line.text:
            break
        parts.append(following)
        if '"' in following.text:
            cells, open_quote = record_cells(parts, delimiter)
    if open_quote or (cells is None and len(parts) > 1):
        return CsvDamage(line, "a quote is opened and never closed")
    if cells is None:
        return CsvDamage(line, 'the quoting is broken (a quote inside a cell is written as "")')
    return _fitted(parts, lines, header, cells)


def _fitted(parts: list[Line], lines: _Lookahead, header: CsvHeader, cells: list[str]) -> CsvRow | CsvDamage:
    line, width = parts[0], len(header.names)
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if len(cells) == width:
        lines.drop(len(parts) - 1)
        return CsvRow(line, cells)
    if len(parts) > 1:
        return CsvDamage(line, "a quote is opened and never closed")
    return CsvDamage(line, f"{len(cells)} cells where the header has {width}")


def record_cells(parts: list[Line], delimiter: str) -> tuple[list[str] | None, bool]:
    """The cells of a record and whether a quote is still open; no cells where the quoting is wrong.

    Line ends inside a cell stay as they are.
    """
    if len(parts) == 1 and '"' not in parts[0].text:
        return parts[0].text.split(delimiter), False
    texts = [part.text + part.line_end for part in parts]
    try:
        rows = list(csv.reader(texts, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return None, "unexpected end" in str(error)
    return (rows[0], False) if len(rows) == 1 else (None, False)
