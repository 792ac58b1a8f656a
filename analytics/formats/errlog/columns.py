"""Raw errlog records (ten tab-separated fields, dpm-formats 1.3) as columns, without a Python loop over lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analytics.formats.errlog.marker_rules import MarkerRules

Positions = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]
_Words = npt.NDArray[np.uint64]

_TAB, _LF, _CR = 9, 10, 13
_NORMAL = int.from_bytes(b"NORMAL", "little")
_LOWER_CASE = 0x2020202020202020
DAY_US = 86_400_000_000
# Temporary arrays of this size stay in the processor's cache and in memory the allocator keeps: three times faster.
_SCAN_BYTES = 96 * 1024
_STAMP = (b"00/00\t00", b":00:00.0", b"00")


@dataclass(frozen=True)
class RawLines:
    """Where the lines of a chunk lie, which of them are raw records, and where the fields of those lie.

    `starts` and `ends` cover all lines (line end excluded); `records` holds the line indexes of the raw records,
    `tabs` the position of each of their first nine tabs, shape (9, records), `stamps` the digits of date and time,
    eight characters in each of three words, and `parens` and `file_lines` what `name.cpp(123)` ends with.
    """

    data: bytes
    bytes: npt.NDArray[np.uint8]
    starts: Positions
    ends: Positions
    records: Positions
    tabs: Positions
    stamps: tuple[_Words, _Words, _Words]
    parens: Positions
    file_lines: Positions

    def field(self, index: int) -> tuple[Positions, Positions]:
        """Begin and end of a field of every record; field 9 is the message up to the line's end."""
        begin = self.starts[self.records] if index == 0 else self.tabs[index - 1] + 1
        return begin, self.ends[self.records] if index == 9 else self.tabs[index]


def find_lines(data: bytes) -> RawLines:
    """Split a chunk that ends with a line feed, and keep the lines with the shape of a raw record."""
    codes = np.frombuffer(data, dtype=np.uint8)
    separators = _separators(codes)
    line_feeds = np.flatnonzero(codes[separators] == _LF)
    ends = separators[line_feeds]
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    first_tab = np.concatenate(([0], line_feeds[:-1] + 1)) if len(line_feeds) else line_feeds
    candidates = np.flatnonzero(line_feeds - first_tab >= 9)
    tabs = separators[first_tab[candidates] + np.arange(9)[:, None]]
    stamps = _stamps(data, tabs)
    parens, numbers = _file_lines(data, tabs[4] + 1, tabs[5])
    good = (
        _has_record_shape(codes, starts[candidates], tabs) & _are_stamps(stamps) & (codes[parens] == ord("("))
    )
    if not good.all():
        candidates, tabs, parens, numbers = candidates[good], tabs[:, good], parens[good], numbers[good]
        stamps = (stamps[0][good], stamps[1][good], stamps[2][good])
    ends = ends - (codes[np.maximum(ends - 1, 0)] == _CR) if len(ends) else ends
    return RawLines(data, codes, starts, np.maximum(ends, starts), candidates, tabs, stamps, parens, numbers)


def _separators(codes: npt.NDArray[np.uint8]) -> Positions:
    """Positions of all tabs and line feeds."""
    pieces = [
        np.flatnonzero((codes[begin : begin + _SCAN_BYTES] - _TAB) < 2) + begin
        for begin in range(0, len(codes), _SCAN_BYTES)
    ]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _has_record_shape(codes: npt.NDArray[np.uint8], starts: Positions, tabs: Positions) -> _Flags:
    """Plausible lengths of the fields, their brackets, and a capital letter at the begin of the level."""
    if tabs.shape[1] == 0:
        return np.zeros(0, dtype=bool)
    widths = np.diff(tabs, axis=0) - 1
    good: _Flags = (tabs[0] - starts <= 8) & (tabs[0] > starts) & (widths[0] >= 1) & (widths[0] <= 8)
    good &= (widths[1] == 5) & (widths[2] == 12) & (widths[3] <= 4) & (widths[4] >= 3) & (widths[7] >= 1)
    in_brackets = (codes[tabs[5] + 1] == ord("[")) & (codes[tabs[6] - 1] == ord("]"))
    good &= (widths[5] == 0) | ((widths[5] >= 10) & (widths[5] <= 18) & in_brackets)
    in_braces = (codes[tabs[6] + 1] == ord("{")) & (codes[tabs[7] - 1] == ord("}"))
    good &= (widths[6] == 0) | (widths[6] == 36) | ((widths[6] == 38) & in_braces)
    good &= (codes[tabs[5] - 1] == ord(")")) & ((codes[tabs[5] - 2] - ord("0")) < 10)
    good &= (codes[tabs[7] + 1] - ord("A")) < 26
    return good


def _file_lines(data: bytes, begins: Positions, ends: Positions) -> tuple[Positions, Positions]:
    """Position of the opening parenthesis in `name.cpp(123)` and the number behind it (at most seven digits)."""
    word = _eight_bytes(data, np.maximum(ends - 9, 0))
    value, factor, position = np.zeros(len(ends), dtype=np.int64), 1, ends - 2
    is_open = np.ones(len(ends), dtype=bool)
    for _ in range(7):
        digit = (word >> np.uint64(56)) - np.uint64(ord("0"))
        is_open = is_open & (digit < 10) & (position > begins)
        if not is_open.any():
            break
        value += np.where(is_open, digit.astype(np.int64) * factor, 0)
        position = position - is_open
        word, factor = word << np.uint64(8), factor * 10
    return np.maximum(position, begins), value


def _stamps(data: bytes, tabs: Positions) -> tuple[_Words, _Words, _Words]:
    """What date and time of every record differ in from `00/00 00:00:00.000`: the digits, if it is one."""
    first, second, third = (int.from_bytes(text, "little") for text in _STAMP)
    begin = tabs[1] + 1
    return (
        _eight_bytes(data, begin) ^ np.uint64(first),
        _eight_bytes(data, begin + 8) ^ np.uint64(second),
        (_eight_bytes(data, begin + 16) & np.uint64(0xFFFF)) ^ np.uint64(third),
    )


def _are_stamps(stamps: tuple[_Words, _Words, _Words]) -> _Flags:
    """Whether every digit is below 10 and every sign is the expected one (its difference is 0)."""
    good = np.ones(len(stamps[0]), dtype=bool)
    for word, text in zip(stamps, _STAMP, strict=True):
        digits = bytes(0x06 if code == ord("0") else 0 for code in text)
        allowed = bytes(0xF0 if code == ord("0") else 0xFF for code in text)
        # Adding 6 carries a digit above 9 into the upper half of its byte, which must stay empty.
        sixes, upper = (np.uint64(int.from_bytes(mask, "little")) for mask in (digits, allowed))
        good &= ((word | (word + sixes)) & upper) == 0
    return good


def _two_digits(word: _Words, place: int) -> Positions:
    """The number that the digits at a place of a stamp word and the next one make."""
    tens, ones = word >> np.uint64(8 * place), word >> np.uint64(8 * place + 8)
    return ((tens & np.uint64(15)) * np.uint64(10) + (ones & np.uint64(15))).astype(np.int64)


def month_and_day(lines: RawLines) -> tuple[Positions, Positions]:
    """Month and day of every record."""
    return _two_digits(lines.stamps[0], 0), _two_digits(lines.stamps[0], 3)


def time_of_day_us(lines: RawLines) -> Positions:
    """Microseconds since midnight of every record; DAY_US or more where the clock reads nonsense."""
    date, time, rest = lines.stamps
    hour, minute, second = _two_digits(date, 6), _two_digits(time, 1), _two_digits(time, 4)
    milliseconds = (time >> np.uint64(56)).astype(np.int64) * 100 + _two_digits(rest, 0)
    value = (((hour * 60 + minute) * 60 + second) * 1000 + milliseconds) * 1000
    return np.where((minute < 60) & (second < 60), value, DAY_US)


def strings(data: bytes, begins: Positions, ends: Positions) -> pa.StringArray:
    """The pieces of UTF-8 data between begins and ends (ascending, not overlapping); empty ones become NULL."""
    if len(begins) == 0:
        return pa.array([], type=pa.string())
    edges = np.empty(2 * len(begins), dtype=np.int32)
    edges[0::2], edges[1::2] = begins, ends
    pieces = pa.StringArray.from_buffers(len(edges) - 1, pa.py_buffer(edges), pa.py_buffer(data))
    wanted = np.arange(0, len(edges), 2, dtype=np.int32)
    empty = begins == ends
    return pieces.take(pa.array(wanted, mask=empty) if empty.any() else pa.array(wanted))


def lines_with_clock(lines: RawLines, indexes: Positions) -> _Flags:
    """Which of these lines may be records in another form or damaged ones: those with `:` three characters apart.

    Lines that begin with eight dashes (headings of `find`) or with two short fields and tabs count too.
    """
    begins, ends = lines.starts[indexes], lines.ends[indexes]
    text = strings(lines.data, begins, ends)
    if len(text) == 0:
        return np.zeros(0, dtype=bool)
    _, edges, letters = text.buffers()
    offsets = np.frombuffer(edges, dtype=np.int32)[: len(text) + 1]
    colons = np.flatnonzero(np.frombuffer(letters, dtype=np.uint8)[: offsets[-1]] == ord(":"))
    clocks = colons[:-1][np.diff(colons) == 3] if len(colons) else colons
    found = np.zeros(len(indexes), dtype=bool)
    found[np.searchsorted(offsets, clocks, side="right") - 1] = True
    heads = _eight_bytes(lines.data, begins)
    found |= heads == np.uint64(int.from_bytes(b"-" * 8, "little"))
    found |= (heads >> np.uint64(32)) & np.uint64(0xFF) == _TAB
    return found


def wanted_records(lines: RawLines, rules: MarkerRules) -> _Flags:
    """Which records are above NORMAL or markers, as rules.find has it."""
    begin, end = lines.field(8)
    chosen: _Flags = (end - begin != 6) | (
        (_eight_bytes(lines.data, begin) & np.uint64(0xFFFFFFFFFFFF)) != _NORMAL
    )
    chosen[_markers(lines, np.flatnonzero(_are_near(lines, rules) & ~chosen), rules)] = True
    return chosen


def _are_near(lines: RawLines, rules: MarkerRules) -> _Flags:
    """Which records begin with the first letters of a rule, in their source file or in their message."""
    file_keys = {_key(rule.file) for rule in rules if rule.file}
    text_keys = {_key(rule.text.lower()) for rule in rules if not rule.file}
    return _begins_with(lines, lines.field(5)[0], file_keys) | _begins_with(
        lines, lines.field(9)[0], text_keys
    )


def _markers(lines: RawLines, records: Positions, rules: MarkerRules) -> Positions:
    """Those of the records that are markers: per source file one pattern of all its rules."""
    import pyarrow.compute as pc

    files = strings(lines.data, lines.field(5)[0][records], lines.parens[records]).dictionary_encode()
    messages = strings(lines.data, *(edge[records] for edge in lines.field(9)))
    places = files.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found = np.zeros(len(records), dtype=bool)
    for place, file in enumerate(files.dictionary.to_pylist()):
        if texts := "|".join(
            ("^" if rule.is_prefix else "") + _escaped(rule.text) for rule in rules.of(file)
        ):
            there = np.flatnonzero(places == place)
            holds = pc.match_substring_regex(messages.take(pa.array(there)), texts)
            found[there] = pc.fill_null(holds, False).to_numpy(zero_copy_only=False)
    return records[found]


def _escaped(text: str) -> str:
    """A literal for RE2."""
    return "".join(
        letter if letter.isalnum() or letter == " " else f"\\x{{{ord(letter):x}}}" for letter in text
    )


def _key(text: str) -> int:
    return int.from_bytes(text.encode()[:8].ljust(8, b"\0"), "little") | _LOWER_CASE


def _begins_with(lines: RawLines, begin: Positions, keys: set[int]) -> _Flags:
    found = np.zeros(len(begin), dtype=bool)
    if keys:
        heads = _eight_bytes(lines.data, begin) | np.uint64(_LOWER_CASE)
        for key in keys:
            found |= heads == np.uint64(key)
    return found


def _eight_bytes(data: bytes, begin: Positions) -> _Words:
    """Eight bytes from each position as one number; those beyond the end of the chunk are 0."""
    view: _Words = np.ndarray((max(len(data) - 7, 0),), dtype="<u8", buffer=data, strides=(1,))
    if len(view) == 0:
        return np.zeros(len(begin), dtype=np.uint64)
    over = np.maximum(begin - (len(view) - 1), 0)
    words: _Words = view[begin - over]
    return words >> (over * 8).astype(np.uint64) if over.any() else words
