"""DPM errlog trace files of all services and in all forms met in practice (dpm-formats chapter 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.formats import errlog_columns as columns
from analytics.formats.errlog_lines import FIND_HEADING, SlowRecord, host_of_log, parse_line
from analytics.formats.errlog_years import first_year, year_steps
from analytics.formats.format import (
    Batch,
    Format,
    Head,
    Reading,
    batch_of,
    reject_issue,
    reject_row,
    row_schema,
)
from analytics.formats.marker_rules import marker_rules
from analytics.sources import Source, TextChunk, detect_encoding, text_chunks

MAX_RECORD_BYTES = 8 * 1024 * 1024
NO_SUCH_TIME = "no such date or time: expected MM/dd and HH:mm:ss.fff"
RECORD_IN_HEAD = re.compile(
    r"^(?:[^\n]{0,300}\.errlog[^\n:]{0,60}:)?\"?\s{0,8}(?:[0-9A-Fa-f]{1,8}\s+){0,2}"
    r"(?:\d\d/\d\d\s+\d\d:\d\d:\d\d\.\d{3}\s+[0-9A-Fa-f]{1,4}|\d{1,2}-[A-Z][a-z]{2}\s+\d{1,2}:\d\d:\d\d [AP]M)"
    r"\s+[\w.+-]+\(\d+\)\s",
    re.MULTILINE,
)


def recognise(head: Head) -> bool:
    """Whether any of the first lines begins like an errlog record."""
    return bool(RECORD_IN_HEAD.search(head.text))


@dataclass
class _Reader:
    """State between the chunks of one source: the year, the last day, and the record that may go on."""

    reading: Reading
    year: int
    rules: tuple[Any, ...]
    last_ordinal: int | None = None
    log_host: str | None = None
    carry: bytes = b""
    rejects: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Records:
    """What the lines of a chunk are.

    Slow records, for each record the last line that continues it, line and reason of the rejects, and the line on which
    the last record begins (-1 for none).
    """

    slow: list[SlowRecord]
    message_ends: dict[int, int]
    rejects: list[tuple[int, str]]
    last_start: int


def read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read an errlog into batches of trace records; lines that continue no record become rejects."""
    encoding = reading.encoding or detect_encoding(source.head)
    year, _ = first_year(source, encoding, reading)
    reader = _Reader(reading, year, marker_rules())
    previous: TextChunk | None = None
    for chunk in text_chunks(source, encoding):
        if previous is not None:
            yield from _read_chunk(reader, previous, final=False)
        previous = chunk
    if previous is not None:
        yield from _read_chunk(reader, previous, final=True)


def _read_chunk(reader: _Reader, chunk: TextChunk, final: bool) -> Iterator[Batch]:
    """Give the records of a chunk but the last, which the next chunk may continue."""
    reader.rejects.extend(reject_issue(issue) for issue in chunk.issues)
    first_line = chunk.first_line - reader.carry.count(b"\n")
    text = _without_nuls(reader, chunk, first_line)
    lines = columns.find_lines(text)
    place = _Place(chunk, first_line, len(reader.carry), lines)
    records = _classify(reader, place, final)
    keep = len(text) if final or records.last_start < 0 else int(lines.starts[records.last_start])
    if len(text) - keep > MAX_RECORD_BYTES:
        keep = len(text)
    reader.carry = text[keep:]
    reader.rejects.extend(
        place.reject(index, why) for index, why in records.rejects if lines.starts[index] < keep
    )
    yield from _trace_batches(reader, place, records, keep)
    if reader.rejects:
        yield batch_of("rejects", reader.rejects)
        reader.rejects = []


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the lines of a text lie in the source."""

    chunk: TextChunk
    first_line: int
    carried: int
    lines: columns.RawLines

    def line_no(self, index: int) -> int:
        return self.first_line + index

    def byte_offset(self, index: int) -> int:
        position = int(self.lines.starts[index]) - self.carried
        return self.chunk.offset_of(position) if position >= 0 else self.chunk.byte_offset + position

    def reject(self, index: int, reason: str) -> dict[str, Any]:
        return reject_row(
            reason, self.text(index), line_no=self.line_no(index), byte_offset=self.byte_offset(index)
        )

    def text(self, index: int) -> str:
        piece = self.lines.data[self.lines.starts[index] : self.lines.ends[index]]
        return piece.decode("utf-8", "replace")


def _without_nuls(reader: _Reader, chunk: TextChunk, first_line: int) -> bytes:
    """Drop NUL bytes, which preallocated or torn files hold; a line of nothing else is a reject."""
    text = reader.carry + chunk.data
    if b"\0" not in text:
        return text
    kept = []
    for index, line in enumerate(text.split(b"\n")):
        cleaned = line.replace(b"\0", b"")
        if cleaned != line and not cleaned.strip():
            row = reject_row(
                f"{len(line)} NUL bytes instead of text",
                line_no=first_line + index,
                byte_offset=chunk.byte_offset,
            )
            reader.rejects.append(row)
        kept.append(cleaned)
    return b"\n".join(kept)


def _classify(reader: _Reader, place: _Place, final: bool) -> _Records:
    """Walk the lines that are no raw records: continuations, records in other forms, damaged ones."""
    lines = place.lines
    is_record = np.zeros(len(lines.starts), dtype=bool)
    is_record[lines.records] = True
    slow: list[SlowRecord] = []
    ends: dict[int, int] = {}
    rejects: list[tuple[int, str]] = []
    owner, at_line = None, -2
    for index in np.flatnonzero(~is_record & (lines.ends > lines.starts)).tolist():
        if index > 0 and is_record[index - 1]:
            owner = index - 1
        elif at_line != index - 1 and (before := _record_before(is_record, index, at_line)) is not None:
            owner = before
        at_line = index
        text = place.text(index)
        parsed = parse_line(text, index)
        cut = final and index == len(lines.starts) - 1 and not place.chunk.terminated
        if isinstance(parsed, SlowRecord):
            slow.append(parsed)
            owner = index
        elif parsed is None and FIND_HEADING.match(text):
            reader.log_host, owner = host_of_log(text.lstrip("- ")), None
        elif parsed is None and owner is not None and not cut:
            ends[owner] = index
        else:
            reason = parsed or ("cut record at the end of the file" if cut else _orphan_reason(text))
            rejects.append((index, reason))
            owner = None if isinstance(parsed, str) else owner
    starts = [*(record.line_index for record in slow[-1:]), *lines.records[-1:].tolist()]
    return _Records(slow, ends, rejects, max(starts, default=-1))


def _record_before(is_record: Any, index: int, at_line: int) -> int | None:
    """The nearest raw record above a line, if it is nearer than the line that was looked at last."""
    above = np.flatnonzero(is_record[max(at_line, 0) : index])
    return int(above[-1]) + max(at_line, 0) if len(above) else None


def _orphan_reason(text: str) -> str:
    return "comment line" if text.startswith("#") else "text that belongs to no record"


def _trace_batches(reader: _Reader, place: _Place, records: _Records, keep: int) -> Iterator[Batch]:
    lines = place.lines
    fast = lines.records[lines.starts[lines.records] < keep]
    slow = [record for record in records.slow if lines.starts[record.line_index] < keep]
    if len(fast):
        yield from _fast_batch(reader, place, records, len(fast), slow)
    elif slow:
        yield from _slow_batch(reader, place, records, slow, _years(reader, place, 0, slow)[1])


def _years(reader: _Reader, place: _Place, fast_count: int, slow: list[SlowRecord]) -> tuple[Any, Any]:
    """Years of the fast and of the slow records, which share one sequence of lines."""
    month, day = columns.month_and_day(place.lines)
    ordinals = np.concatenate([(month * 31 + day)[:fast_count], [r.month * 31 + r.day for r in slow]]).astype(
        np.int64
    )
    line_indexes = np.concatenate([place.lines.records[:fast_count], [r.line_index for r in slow]])
    order = np.argsort(line_indexes, kind="stable")
    before = ordinals[order[:1]] if reader.last_ordinal is None else np.array([reader.last_ordinal])
    steps = year_steps(np.concatenate([before, ordinals[order]]))[1:]
    years = np.empty(len(ordinals), dtype=np.int64)
    years[order] = reader.year + np.cumsum(steps)
    reader.year, reader.last_ordinal = int(years[order[-1]]), int(ordinals[order[-1]])
    return years[:fast_count], years[fast_count:]


def _fast_batch(
    reader: _Reader, place: _Place, records: _Records, count: int, slow: list[SlowRecord]
) -> Iterator[Batch]:
    lines = place.lines
    years, slow_years = _years(reader, place, count, slow)
    month, day = columns.month_and_day(lines)
    at, good = timestamps(years, month[:count], day[:count], columns.time_of_day_us(lines)[:count])
    reader.rejects.extend(
        place.reject(index, NO_SUCH_TIME) for index in lines.records[:count][~good].tolist()
    )
    selected = good.copy()
    if reader.reading.trace_level == "markers":
        selected &= columns.wanted_records(lines, reader.rules)[:count]
    yield _columns_batch(
        reader, place, records, np.flatnonzero(selected), at, int(good.sum() - selected.sum())
    )
    if slow:
        yield from _slow_batch(reader, place, records, slow, slow_years)


def timestamps(year: Any, month: Any, day: Any, time_us: Any) -> tuple[Any, Any]:
    """Microseconds since 1970 of naive dates and times, and which of them exist."""
    first = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = (first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")
    exists = (
        (month >= 1)
        & (month <= 12)
        & (day >= 1)
        & (day <= days.astype(np.int64))
        & (time_us < columns.DAY_US)
    )
    return (first.astype("datetime64[D]").astype(np.int64) + day - 1) * columns.DAY_US + time_us, exists


def _columns_batch(
    reader: _Reader, place: _Place, records: _Records, chosen: Any, at: Any, filtered: int
) -> Batch:
    lines = place.lines
    spans = [
        tuple(edge[chosen] for edge in (begin[: len(at)], end[: len(at)]))
        for begin, end in map(lines.field, range(10))
    ]
    source_begin, source_end = spans[5]
    paren, file_line = _file_and_line(lines, source_begin, source_end)
    object_begin, object_end = spans[6]
    has_object = object_end > object_begin
    task_begin, task_end = spans[7]
    braces = task_end - task_begin == 38
    record_lines = lines.records[chosen]
    message_begin, message_end = spans[9]
    message_end, multi_line = _with_continuations(lines, record_lines, message_end, records.message_ends)
    text = lines.data
    arrays = {
        "line_no": pa.array(record_lines + place.first_line),
        "host": pa.nulls(len(chosen), pa.string()),
        "host_from": pa.nulls(len(chosen), pa.string()),
        "at": _instants(at[chosen], reader.reading.errlog_time_zone),
        "pid": columns.strings(text, *spans[0]),
        "tid": columns.strings(text, *spans[1]),
        "component": columns.strings(text, *spans[4]),
        "file": columns.strings(text, source_begin, paren),
        "file_line": pa.array(file_line, type=pa.int32()),
        "object": columns.strings(text, object_begin + has_object, object_end - has_object),
        "task_id": _upper(columns.strings(text, task_begin + braces, task_end - braces)),
        "level": columns.strings(text, *spans[8]),
        "message": _messages(columns.strings(text, message_begin, message_end), multi_line),
    }
    schema = row_schema("trace")
    return Batch(
        "trace", pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema), filtered
    )


def _file_and_line(lines: columns.RawLines, begin: Any, end: Any) -> tuple[Any, Any]:
    """Position of the opening parenthesis in `name.cpp(123)` and the number behind it."""
    value, factor, position = np.zeros(len(end), dtype=np.int64), 1, end - 2
    open_digits = np.ones(len(end), dtype=bool)
    for _ in range(7):
        digit = lines.bytes[np.maximum(position, 0)] - ord("0")
        open_digits &= (digit < 10) & (position > begin)
        value += np.where(open_digits, digit.astype(np.int64) * factor, 0)
        position = position - open_digits
        factor *= 10
    return np.maximum(position, begin), value


def _with_continuations(
    lines: columns.RawLines, record_lines: Any, ends: Any, continued: dict[int, int]
) -> tuple[Any, Any]:
    if not continued:
        return ends, np.zeros(0, dtype=np.int64)
    owners = np.fromiter(continued.keys(), dtype=np.int64, count=len(continued))
    last_lines = np.fromiter(continued.values(), dtype=np.int64, count=len(continued))
    places = np.searchsorted(record_lines, owners)
    found = (
        (places < len(record_lines)) & (record_lines[np.minimum(places, len(record_lines) - 1)] == owners)
        if len(record_lines)
        else owners < 0
    )
    ends = ends.copy()
    ends[places[found]] = lines.ends[last_lines[found]]
    return ends, places[found]


def _messages(messages: pa.StringArray, multi_line: Any) -> pa.StringArray:
    """Messages are never NULL; those of several lines get plain line feeds."""
    import pyarrow.compute as pc

    if messages.null_count:
        messages = pc.fill_null(messages, "")
    if len(multi_line) and pc.any(pc.match_substring(messages.take(pa.array(multi_line)), "\r")).as_py():
        messages = pc.replace_substring(messages, "\r\n", "\n")
    return messages


def _upper(task_ids: pa.StringArray) -> pa.StringArray:
    import pyarrow.compute as pc

    return pc.ascii_upper(task_ids)


def _instants(at_us: Any, zone: str) -> pa.Array:
    import pyarrow.compute as pc

    if zone == "UTC":
        return pa.array(at_us, type=pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    naive = pa.array(at_us, type=pa.int64()).cast(pa.timestamp("us"))
    local = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="latest")
    return local.cast(pa.timestamp("us", tz="UTC"))


def _slow_batch(
    reader: _Reader, place: _Place, records: _Records, slow: list[SlowRecord], years: Any
) -> Iterator[Batch]:
    values = np.array([(record.month, record.day, record.time_us) for record in slow], dtype=np.int64).T
    at, good = timestamps(years, values[0], values[1], values[2])
    chosen = [record for record, exists in zip(slow, good.tolist(), strict=True) if exists]
    lost = [record.line_index for record, exists in zip(slow, good.tolist(), strict=True) if not exists]
    reader.rejects.extend(place.reject(index, NO_SUCH_TIME) for index in lost)
    rows = [_slow_row(reader, place, records, record) for record in chosen]
    kept = [
        index
        for index, row in enumerate(rows)
        if reader.reading.trace_level == "all" or _is_wanted(row, reader.rules)
    ]
    batch = batch_of("trace", [rows[index] for index in kept])
    column = batch.rows.schema.get_field_index("at")
    at_kept = _instants(at[good][np.array(kept, dtype=np.int64)], reader.reading.errlog_time_zone)
    yield Batch("trace", batch.rows.set_column(column, "at", at_kept), len(rows) - len(kept))


def _slow_row(reader: _Reader, place: _Place, records: _Records, record: SlowRecord) -> dict[str, Any]:
    host = record.host or reader.log_host
    last = records.message_ends.get(record.line_index)
    more = [place.text(index) for index in range(record.line_index + 1, last + 1)] if last else []
    names = ("pid", "tid", "component", "file", "object", "level")
    return {
        **{name: record.fields.get(name) for name in names},
        "line_no": place.line_no(record.line_index),
        "host": host,
        "host_from": "findstr" if host else None,
        "file_line": int(record.fields["file_line"] or 0),
        "task_id": task.upper() if (task := record.fields.get("task_id")) else None,
        "message": "\n".join([record.message, *more]),
    }


def _is_wanted(row: dict[str, Any], rules: tuple[Any, ...]) -> bool:
    if row["level"] != "NORMAL":
        return True
    file, message = row["file"].lower(), row["message"]
    return any((not rule.file or rule.file == file) and rule.text in message for rule in rules)


ERRLOG = Format(
    name="dpm-errlog",
    title="DPM and MABS trace logs (*.errlog): MSDPM, DPMRA, CBEngine and the other services",
    tables=("trace",),
    evidence="[V] dpm-formats 1.3, 1.7 (samples 01-06)",
    recognise=recognise,
    read=read,
)
