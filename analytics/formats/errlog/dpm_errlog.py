"""DPM errlog trace files of all services and in all forms met in practice (dpm-formats chapter 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.formats.errlog import columns
from analytics.formats.errlog.lines import FIND_HEADING, SlowRecord, host_of_log, parse_line
from analytics.formats.errlog.marker_rules import MarkerRules, marker_rules
from analytics.formats.errlog.place import NOTHING, Carry, Place
from analytics.formats.errlog.search_results import without_marks
from analytics.formats.errlog.services import service_of
from analytics.formats.errlog.years import first_year, last_good, year_steps
from analytics.formats.format import (
    Batch,
    Format,
    Head,
    Reading,
    batch_of,
    reject_issue,
    row_schema,
)
from analytics.sources import Source, TextChunk, settled_encoding, text_chunks

_MAX_RECORD_BYTES = 8 * 1024 * 1024
_NO_SUCH_TIME = "no such date or time: expected MM/dd and HH:mm:ss.fff"
_RECORD_IN_HEAD = re.compile(
    r"^(?:[^\n]{0,300}\.errlog[^\n:]{0,60}:)?\"?\s{0,8}(?:[0-9A-Fa-f]{1,8}\s+){0,2}"
    r"(?:\d\d/\d\d\s+\d\d:\d\d:\d\d\.\d{3}\s+[0-9A-Fa-f]{1,4}|\d{1,2}-[A-Z][a-z]{2}\s+\d{1,2}:\d\d:\d\d [AP]M)"
    r"\s+[\w.+-]+\(\d+\)\s",
    re.MULTILINE,
)


def _recognise(head: Head) -> bool:
    """Whether any of the first lines begins like an errlog record, also behind what a search or a mail put there."""
    bare = without_marks(head.text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return bool(_RECORD_IN_HEAD.search(bare))


@dataclass
class _Reader:
    """State between the chunks of one source: the year, the last day, and the record that may go on."""

    reading: Reading
    year: int
    year_from: str
    rules: MarkerRules
    last_ordinal: int | None = None
    log_host: str | None = None
    carry: Carry = NOTHING
    rejects: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Records:
    """What the lines of a chunk are.

    Slow records, the records that other lines continue (ascending line indexes) and the last such line of each,
    line and reason of the rejects, the headings of `find` with the computer they name, and the line on which the
    last record begins (-1 for none).
    """

    slow: list[SlowRecord]
    owners: columns.Positions
    last_lines: columns.Positions
    rejects: list[tuple[int, str]]
    headings: list[tuple[int, str | None]]
    last_start: int

    def message_end(self, index: int) -> int:
        """The last line of the record that begins on a line."""
        place = int(np.searchsorted(self.owners, index))
        return (
            int(self.last_lines[place]) if place < len(self.owners) and self.owners[place] == index else index
        )


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read an errlog into batches of trace records; lines that continue no record become rejects."""
    encoding = settled_encoding(reading.encoding, source.head)
    reader = _Reader(reading, *first_year(source, encoding, reading), marker_rules())
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
    place = Place(chunk, reader.carry)
    reader.rejects.extend(place.nul_rejects())
    lines = place.lines
    records = _classify(reader, place, final)
    keep_line = len(lines.starts) if final or records.last_start < 0 else records.last_start
    if keep_line < len(lines.starts) and len(lines.data) - int(lines.starts[keep_line]) > _MAX_RECORD_BYTES:
        keep_line = len(lines.starts)
    keep = int(lines.starts[keep_line]) if keep_line < len(lines.starts) else len(lines.data)
    reader.carry = place.carry_from(keep_line)
    reader.rejects.extend(
        place.reject(index, why) for index, why in records.rejects if lines.starts[index] < keep
    )
    yield from _trace_batches(reader, place, records, keep)
    reader.log_host = next(
        (host for index, host in reversed(records.headings) if index < keep_line), reader.log_host
    )
    if reader.rejects:
        yield batch_of("rejects", reader.rejects)
        reader.rejects = []


def _classify(reader: _Reader, place: Place, final: bool) -> _Records:
    """Tell the lines that are no raw records: continuations, records in other forms, damaged ones, orphans."""
    lines = place.lines
    is_other = lines.ends > lines.starts
    is_other[lines.records] = False
    others = np.flatnonzero(is_other)
    unclear = columns.lines_with_clock(lines, others)
    # The record that a line belongs to: -1 for none, -2 where the line above decides.
    owner = np.full(len(lines.starts), -2, dtype=np.int64)
    owner[lines.records] = lines.records
    slow, rejects, headings = _walk(reader, place, final, others[unclear], owner)
    is_other[[index for index, _ in rejects + headings] + [record.line_index for record in slow]] = False
    loose = np.flatnonzero(is_other & (owner == -2))
    deciding = np.maximum.accumulate(np.where(owner == -2, -1, np.arange(len(owner))))[loose]
    owners = np.where(deciding < 0, -1, owner[deciding])
    rejects.extend((index, _orphan_reason(place.text(index))) for index in loose[owners < 0].tolist())
    ends = np.flatnonzero((np.diff(owners, append=-2) != 0) & (owners >= 0))
    starts = [*(record.line_index for record in slow[-1:]), *lines.records[-1:].tolist()]
    return _Records(slow, owners[ends], loose[ends], sorted(rejects), headings, max(starts, default=-1))


def _walk(
    reader: _Reader, place: Place, final: bool, unclear: columns.Positions, owner: columns.Positions
) -> tuple[list[SlowRecord], list[tuple[int, str]], list[tuple[int, str | None]]]:
    """Look at the lines that may be records in another form; notes in `owner` which lines begin or end a record."""
    slow: list[SlowRecord] = []
    rejects: list[tuple[int, str]] = []
    headings: list[tuple[int, str | None]] = []
    host = reader.log_host
    last = len(owner) - 1 if final and not place.chunk.terminated else -1
    for index in [
        *unclear.tolist(),
        *([last] if last >= 0 and last not in unclear[-1:] and owner[last] == -2 else []),
    ]:
        text = place.text(index)
        parsed = parse_line(text, index)
        if isinstance(parsed, SlowRecord):
            slow.append(replace(parsed, host=parsed.host or host))
            owner[index] = index
        elif parsed is not None:
            rejects.append((index, parsed))
            owner[index] = -1
        elif FIND_HEADING.match(text):
            host, owner[index] = host_of_log(text.lstrip("- ")), -1
            headings.append((index, host))
        elif index == last:
            rejects.append((index, "cut record at the end of the file"))
    return slow, rejects, headings


def _orphan_reason(text: str) -> str:
    return "comment line" if text.startswith("#") else "text that belongs to no record"


def _trace_batches(reader: _Reader, place: Place, records: _Records, keep: int) -> Iterator[Batch]:
    lines = place.lines
    fast = lines.records[lines.starts[lines.records] < keep]
    slow = [record for record in records.slow if lines.starts[record.line_index] < keep]
    if len(fast):
        yield from _fast_batch(reader, place, records, len(fast), slow)
    elif slow:
        none = np.zeros(0, dtype=np.int64)
        yield from _slow_batch(reader, place, records, slow, _years(reader, place, none, none, slow)[1])


def _years(reader: _Reader, place: Place, month: Any, day: Any, slow: list[SlowRecord]) -> tuple[Any, Any]:
    """Years of the raw and of the slow records, which share one sequence of lines."""
    ordinals = np.concatenate([month * 31 + day, [r.month * 31 + r.day for r in slow]]).astype(np.int64)
    is_date = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    is_date = np.concatenate([is_date, np.ones(len(slow), dtype=bool)])
    order = np.arange(len(ordinals))
    if slow:
        line_indexes = np.concatenate([place.lines.records[: len(month)], [r.line_index for r in slow]])
        order = np.argsort(line_indexes, kind="stable")
    if not is_date.all():
        ordinals[order] = last_good(ordinals[order], is_date[order], reader.last_ordinal)
    before = ordinals[order[:1]] if reader.last_ordinal is None else np.array([reader.last_ordinal])
    steps = year_steps(np.concatenate([before, ordinals[order]]))[1:]
    years = np.empty(len(ordinals), dtype=np.int64)
    years[order] = reader.year + np.cumsum(steps)
    if is_date.any():
        reader.year, reader.last_ordinal = int(years[order[-1]]), int(ordinals[order[-1]])
    return years[: len(month)], years[len(month) :]


def _fast_batch(
    reader: _Reader, place: Place, records: _Records, count: int, slow: list[SlowRecord]
) -> Iterator[Batch]:
    lines = place.lines
    month, day = (part[:count] for part in columns.month_and_day(lines))
    years, slow_years = _years(reader, place, month, day, slow)
    at, good = _timestamps(years, month, day, columns.time_of_day_us(lines)[:count])
    reader.rejects.extend(
        place.reject(index, _NO_SUCH_TIME) for index in lines.records[:count][~good].tolist()
    )
    selected = good.copy()
    if reader.reading.trace_level == "markers":
        selected &= columns.wanted_records(lines, reader.rules)[:count]
    yield _columns_batch(
        reader, place, records, np.flatnonzero(selected), at, int(good.sum() - selected.sum())
    )
    if slow:
        yield from _slow_batch(reader, place, records, slow, slow_years)


def _timestamps(year: Any, month: Any, day: Any, time_us: Any) -> tuple[Any, Any]:
    """Microseconds since 1970 of naive dates and times, and which of them exist."""
    # Calendar arithmetic is slow: once per run of records of the same day.
    date = (year * 16 + month) * 32 + day
    begins = np.flatnonzero(np.diff(date, prepend=date[:1] - 1))
    lengths = np.diff(begins, append=len(date))
    first = ((year[begins] - 1970) * 12 + np.clip(month[begins], 1, 12) - 1).astype("datetime64[M]")
    days = ((first + np.timedelta64(1, "M")).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(
        np.int64
    )
    midnight = (first.astype("datetime64[D]").astype(np.int64) + day[begins] - 1) * columns.DAY_US
    exists = (month[begins] >= 1) & (month[begins] <= 12) & (day[begins] >= 1) & (day[begins] <= days)
    return np.repeat(midnight, lengths) + time_us, np.repeat(exists, lengths) & (time_us < columns.DAY_US)


def _columns_batch(
    reader: _Reader, place: Place, records: _Records, chosen: Any, at: Any, filtered: int
) -> Batch:
    lines = place.lines
    spans = [
        tuple(edge[chosen] for edge in (begin[: len(at)], end[: len(at)]))
        for begin, end in map(lines.field, range(10))
    ]
    object_begin, object_end = spans[6]
    has_object = object_end > object_begin
    task_begin, task_end = spans[7]
    braces = task_end - task_begin == 38
    record_lines = lines.records[chosen]
    message_begin, message_end = spans[9]
    message_end, multi_line = _with_continuations(lines, record_lines, message_end, records)
    text = lines.data
    arrays = {
        "line_no": pa.array(record_lines + place.first_line),
        **_hosts(reader, records, record_lines),
        "at": _instants(at[chosen], reader.reading.errlog_time_zone),
        "pid": columns.strings(text, *spans[0]),
        "tid": columns.strings(text, *spans[1]),
        "component": columns.strings(text, *spans[4]),
        "file": columns.strings(text, spans[5][0], lines.parens[chosen]),
        "file_line": pa.array(lines.file_lines[chosen].astype(np.int32)),
        "object": columns.strings(text, object_begin + has_object, object_end - has_object),
        "task_id": _upper(columns.strings(text, task_begin + braces, task_end - braces)),
        "level": columns.strings(text, *spans[8]),
        "message": _messages(columns.strings(text, message_begin, message_end), multi_line),
    }
    schema = row_schema("trace")
    rows = pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
    return Batch("trace", rows, filtered, reader.year_from)


def _hosts(reader: _Reader, records: _Records, record_lines: columns.Positions) -> dict[str, pa.Array]:
    """The computer that the heading of `find` above each record names."""
    if not records.headings and reader.log_host is None:
        none = pa.nulls(len(record_lines), pa.string())
        return {"host": none, "host_from": none}
    names = pa.array([reader.log_host, *(host for _, host in records.headings)], pa.string())
    above = np.searchsorted(np.array([index for index, _ in records.headings], dtype=np.int64), record_lines)
    hosts = names.take(pa.array(above))
    found = hosts.is_valid().to_pylist()
    return {
        "host": hosts,
        "host_from": pa.array(["findstr" if each else None for each in found], pa.string()),
    }


def _with_continuations(
    lines: columns.RawLines, record_lines: Any, ends: Any, records: _Records
) -> tuple[Any, Any]:
    """Ends of the messages with their continuation lines, and which of the records have some."""
    if not len(records.owners) or not len(record_lines):
        return ends, np.zeros(0, dtype=np.int64)
    places = np.minimum(np.searchsorted(record_lines, records.owners), len(record_lines) - 1)
    found = record_lines[places] == records.owners
    ends = ends.copy()
    ends[places[found]] = lines.ends[records.last_lines[found]]
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
    reader: _Reader, place: Place, records: _Records, slow: list[SlowRecord], years: Any
) -> Iterator[Batch]:
    values = np.array([(record.month, record.day, record.time_us) for record in slow], dtype=np.int64).T
    at, good = _timestamps(years, values[0], values[1], values[2])
    chosen = [record for record, exists in zip(slow, good.tolist(), strict=True) if exists]
    lost = [record.line_index for record, exists in zip(slow, good.tolist(), strict=True) if not exists]
    reader.rejects.extend(place.reject(index, _NO_SUCH_TIME) for index in lost)
    rows = [_slow_row(place, records, record) for record in chosen]
    kept = [
        index
        for index, row in enumerate(rows)
        if reader.reading.trace_level == "all" or _is_wanted(row, reader.rules)
    ]
    batch = batch_of("trace", [rows[index] for index in kept])
    column = batch.rows.schema.get_field_index("at")
    at_kept = _instants(at[good][np.array(kept, dtype=np.int64)], reader.reading.errlog_time_zone)
    rows_kept = batch.rows.set_column(column, "at", at_kept)
    yield Batch("trace", rows_kept, len(rows) - len(kept), reader.year_from)


def _slow_row(place: Place, records: _Records, record: SlowRecord) -> dict[str, Any]:
    host = record.host
    last = records.message_end(record.line_index)
    more = [place.text(index) for index in range(record.line_index + 1, last + 1)]
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


def _is_wanted(row: dict[str, Any], rules: MarkerRules) -> bool:
    return bool(row["level"] != "NORMAL" or rules.find(row["file"], row["message"]))


ERRLOG = Format(
    name="dpm-errlog",
    title="DPM and MABS trace logs (*.errlog): MSDPM, DPMRA, CBEngine and the other services",
    tables=("trace",),
    evidence="[V] dpm-formats 1.3, 1.7 (samples 01-06)",
    recognise=_recognise,
    read=_read,
    service=service_of,
    order=2,
)
