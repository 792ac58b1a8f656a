"""Raw errlog records (ten tab-separated fields, dpm-formats 1.3) as columns, without a Python loop over lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analytics.formats.marker_rules import MarkerRule

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

TAB, LF, CR = 9, 10, 13
NORMAL = int.from_bytes(b"NORMAL", "little")
LOWER_CASE = 0x2020202020202020
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class RawLines:
    """Where the lines of a chunk lie, which of them are raw records, and where the fields of those lie.

    `starts` and `ends` cover all lines (line end excluded); `records` holds the line indexes of the raw records and
    `tabs` the position of each of their first nine tabs, shape (9, records).
    """

    data: bytes
    bytes: npt.NDArray[np.uint8]
    starts: Positions
    ends: Positions
    records: Positions
    tabs: Positions

    def field(self, index: int) -> tuple[Positions, Positions]:
        """Begin and end of a field of every record; field 9 is the message up to the line's end."""
        begin = self.starts[self.records] if index == 0 else self.tabs[index - 1] + 1
        return begin, self.ends[self.records] if index == 9 else self.tabs[index]


def find_lines(data: bytes) -> RawLines:
    """Split a chunk that ends with a line feed, and keep the lines with the shape of a raw record."""
    codes = np.frombuffer(data, dtype=np.uint8)
    separators = np.flatnonzero((codes - TAB) < 2)
    line_feeds = np.flatnonzero(codes[separators] == LF)
    ends = separators[line_feeds]
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    first_tab = np.concatenate(([0], line_feeds[:-1] + 1)) if len(line_feeds) else line_feeds
    candidates = np.flatnonzero(line_feeds - first_tab >= 9)
    tabs = separators[first_tab[candidates] + np.arange(9)[:, None]]
    good = _has_record_shape(codes, starts[candidates], tabs)
    ends = ends - (codes[np.maximum(ends - 1, 0)] == CR) if len(ends) else ends
    return RawLines(data, codes, starts, np.maximum(ends, starts), candidates[good], tabs[:, good])


def _has_record_shape(codes: npt.NDArray[np.uint8], starts: Positions, tabs: Positions) -> Flags:
    """Date and time at their places, and plausible lengths of the fields around them."""
    if tabs.shape[1] == 0:
        return np.zeros(0, dtype=bool)
    date, time = tabs[1], tabs[2]
    widths = np.diff(tabs, axis=0) - 1
    good = (tabs[0] - starts <= 8) & (tabs[0] > starts) & (widths[0] >= 1) & (widths[0] <= 8)
    good &= (widths[1] == 5) & (widths[2] == 12) & (widths[3] <= 4) & (widths[4] >= 3) & (widths[7] >= 1)
    good &= (widths[5] == 0) | ((widths[5] >= 10) & (widths[5] <= 18))
    good &= (widths[6] == 0) | (widths[6] == 36) | (widths[6] == 38)
    good &= codes[tabs[5] - 1] == ord(")")
    for position, sign in ((date + 3, "/"), (time + 3, ":"), (time + 6, ":"), (time + 9, ".")):
        good &= codes[np.minimum(position, len(codes) - 1)] == ord(sign)
    level = codes[tabs[7] + 1]
    good &= (level >= ord("A")) & (level <= ord("Z"))
    return (
        good
        & _all_digits(codes, date, (1, 2, 4, 5))
        & _all_digits(codes, time, (1, 2, 4, 5, 7, 8, 10, 11, 12))
    )


def _all_digits(codes: npt.NDArray[np.uint8], begin: Positions, offsets: tuple[int, ...]) -> Flags:
    good = np.ones(len(begin), dtype=bool)
    for offset in offsets:
        good &= (codes[np.minimum(begin + offset, len(codes) - 1)] - ord("0")) < 10
    return good


def number_at(codes: npt.NDArray[np.uint8], begin: Positions, digits: int) -> Positions:
    """The decimal number of a fixed number of digits at each position."""
    value = np.zeros(len(begin), dtype=np.int64)
    for offset in range(digits):
        value = value * 10 + (codes[begin + offset] - ord("0"))
    return value


def month_and_day(lines: RawLines) -> tuple[Positions, Positions]:
    """Month and day of every record."""
    begin, _ = lines.field(2)
    return number_at(lines.bytes, begin, 2), number_at(lines.bytes, begin + 3, 2)


def time_of_day_us(lines: RawLines) -> Positions:
    """Microseconds since midnight of every record; DAY_US or more where the clock reads nonsense."""
    begin, _ = lines.field(3)
    hour, minute, second = (number_at(lines.bytes, begin + offset, 2) for offset in (0, 3, 6))
    milliseconds = number_at(lines.bytes, begin + 9, 3)
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
    return pieces.take(pa.array(wanted, mask=begins == ends))


def wanted_records(lines: RawLines, rules: tuple[MarkerRule, ...]) -> Flags:
    """Which records are above NORMAL or may be markers; a cheap test that errs on the side of keeping."""
    begin, end = lines.field(8)
    above_normal = (end - begin != 6) | ((_eight_bytes(lines, begin) & 0xFFFFFFFFFFFF) != NORMAL)
    file_keys = {_key(rule.file) for rule in rules if rule.file}
    text_keys = {_key(rule.text.lower()) for rule in rules if not rule.file}
    file_begin, message_begin = lines.field(5)[0], lines.field(9)[0]
    return (
        above_normal
        | _begins_with(lines, file_begin, file_keys)
        | _begins_with(lines, message_begin, text_keys)
    )


def _key(text: str) -> int:
    return int.from_bytes(text.encode()[:8].ljust(8, b"\0"), "little") | LOWER_CASE


def _begins_with(lines: RawLines, begin: Positions, keys: set[int]) -> Flags:
    found = np.zeros(len(begin), dtype=bool)
    if keys:
        heads = _eight_bytes(lines, begin) | np.uint64(LOWER_CASE)
        for key in keys:
            found |= heads == np.uint64(key)
    return found


def _eight_bytes(lines: RawLines, begin: Positions) -> npt.NDArray[np.uint64]:
    """Eight bytes from each position as one number; positions near the end of the chunk are moved back."""
    view = np.ndarray((max(len(lines.data) - 7, 0),), dtype="<u8", buffer=lines.data, strides=(1,))
    if len(view) == 0:
        return np.zeros(len(begin), dtype=np.uint64)
    over = np.maximum(begin - (len(view) - 1), 0)
    return view[begin - over] >> (over * 8).astype(np.uint64)
