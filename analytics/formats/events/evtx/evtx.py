"""Windows event logs, binary (.evtx): every physical record becomes a row, or a reject that says where and why.

A file that was open, that was damaged or cut is the normal case. Record numbers count the physical records from 1,
lost ones included; `record_id` is what the event itself states (exported logs count their records anew).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from typing import BinaryIO

import pyarrow as pa

from analytics.errors import SourceError
from analytics.formats.events.evtx.chunks import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    FILE_MAGIC,
    Chunk,
    Lost,
    chunks,
    file_header,
    looks_intact,
    walk,
    wrong_checksum,
)
from analytics.formats.events.evtx.decode import (
    Record,
    Undecodable,
    decode_intact,
    decode_walked,
    promised_ids,
)
from analytics.formats.events.evtx.texts import EventTexts
from analytics.formats.events.rows import wanted_providers
from analytics.formats.format import Batch, Ends, Format, Head, Reading, batch_of, reject_row
from analytics.formats.reading.batching import Row
from analytics.sources import Source

_GROUP_CHUNKS = 128
_BATCH_BYTES = 2 * 1024 * 1024
_MAX_REJECTS = 20_000


def _recognise(head: Head) -> bool:
    """The file's mark."""
    return head.data.startswith(FILE_MAGIC)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read all records; raises SourceError after what a broken stream gave before its end."""
    reader = _Reader(EventTexts(wanted_providers(reading)))
    with source.open() as raw:
        stream = _Readable(raw)
        head = stream.read(FILE_HEADER_BYTES)
        header = file_header(head)
        if len(head) < FILE_HEADER_BYTES and not stream.problem:
            reader.reject_cut_header(len(head))
        physical = chunks(stream)
        while group := list(islice(physical, _GROUP_CHUNKS)):
            reader.take(group, header.flags)
            if reader.waiting_bytes >= _BATCH_BYTES or len(reader.rejects) >= _MAX_REJECTS:
                yield from reader.batches()
        reader.close(header.chunks)
        yield from reader.batches()
        if stream.problem:
            raise stream.problem


class _Readable:
    """A stream that ends where it breaks; `problem` says why."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.problem: SourceError | None = None

    def read(self, count: int) -> bytes:
        """As many bytes as asked for, fewer at the end."""
        parts = []
        while count > 0 and (part := self._part(count)):
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _part(self, count: int) -> bytes:
        try:
            return self._stream.read(count)
        except SourceError as error:
            self.problem = error
            return b""


class _Reader:
    """Chunks to rows and rejects, with one count of physical records."""

    def __init__(self, events: EventTexts) -> None:
        self.events = events
        self.rows: list[pa.RecordBatch] = []
        self.waiting_bytes = 0
        self.filtered = 0
        self.rejects: list[Row] = []
        self.records = 0
        self.physical_chunks = 0
        self.end = FILE_HEADER_BYTES

    def take(self, group: list[Chunk], flags: int) -> None:
        """Read a run of chunks: all at once where they are intact, else chunk by chunk."""
        self.physical_chunks += sum(not chunk.is_unused for chunk in group)
        self.end = group[-1].byte_offset + group[-1].present_bytes
        if all(looks_intact(chunk) for chunk in group) and self._take_intact(group, flags):
            return
        for chunk in group:
            if not (looks_intact(chunk) and self._take_intact([chunk], flags)):
                self._take_walked(chunk, flags)

    def _take_intact(self, group: list[Chunk], flags: int) -> bool:
        promised, start = promised_ids(group), self.records
        try:
            gathered = self.events.gather(decode_intact(group))
        except RuntimeError:  # a bad record
            return False
        if gathered.ids != promised:
            return False
        # what is no event may show only where its row is made
        rows = self.events.batch(gathered, range(start + 1, start + len(promised) + 1))
        places = _places_of(group) if gathered.rejected else []
        if gathered.rejected and len(places) != len(promised):
            return False  # records that lie in one another: only a walk tells where each is
        self.records += len(promised)
        self._keep(rows, gathered.filtered)
        if gathered.rejected:
            self._reject_undecoded(places, start, gathered.rejected)
        for chunk in group:
            self._report_checksum(chunk, flags)
        return True

    def _keep(self, rows: pa.RecordBatch, filtered: int) -> None:
        self.rows.append(rows)
        self.waiting_bytes += rows.nbytes
        self.filtered += filtered

    def _reject_undecoded(
        self, places: list[tuple[Chunk, int]], start: int, rejected: dict[int, str]
    ) -> None:
        for position, reason in rejected.items():
            chunk, offset = places[position]
            self._reject(chunk, offset, reason, start + position + 1)

    def _take_walked(self, chunk: Chunk, flags: int) -> None:
        walk(chunk)
        before = len(self.rejects)
        decoded = zip((found.offset for found in chunk.found), decode_walked(chunk), strict=True)
        entries: list[tuple[int, str | Lost]] = [*decoded, *((lost.offset, lost) for lost in chunk.lost)]
        records: dict[int, Record] = {}
        for offset, entry in sorted(entries, key=itemgetter(0)):
            self.records += 1
            if isinstance(entry, Lost):
                self._reject(chunk, offset, entry.reason, self.records)
            elif isinstance(entry, Undecodable):
                self._reject(chunk, offset, f"the record cannot be decoded: {entry}", self.records)
            else:
                records[self.records] = {"event_record_id": offset, "data": entry}
        numbers = list(records)
        gathered = self.events.gather(records.values())
        self._keep(self.events.batch(gathered, numbers), gathered.filtered)
        for position, reason in gathered.rejected.items():
            record_no = numbers[position]
            self._reject(chunk, records[record_no]["event_record_id"], reason, record_no)
        if len(self.rejects) == before:
            self._report_checksum(chunk, flags)

    def _report_checksum(self, chunk: Chunk, flags: int) -> None:
        wrong = wrong_checksum(chunk, flags)
        if wrong:
            self._reject(
                chunk, 0, f"the checksum of the {wrong} of chunk {chunk.number} is wrong; its records stay"
            )

    def _reject(self, chunk: Chunk, offset: int, reason: str, record_no: int | None = None) -> None:
        excerpt = chunk.data[offset : offset + 64].hex(" ")
        place = chunk.byte_offset + offset
        self.rejects.append(reject_row(reason, excerpt, record_no=record_no, byte_offset=place))

    def reject_cut_header(self, size_bytes: int) -> None:
        """Say that the file ends before its first chunk could begin."""
        self.end = size_bytes
        self.rejects.append(reject_row("the file ends inside its header", byte_offset=size_bytes))

    def close(self, promised_chunks: int) -> None:
        """Compare with what the file says of itself, which may be too little while it was open."""
        if promised_chunks > self.physical_chunks:
            is_cut = self.end < FILE_HEADER_BYTES + promised_chunks * CHUNK_BYTES
            why = "its end is missing" if is_cut else "the others hold zeros"
            reason = f"the file promises {promised_chunks} chunks and has {self.physical_chunks}: {why}"
            self.rejects.append(reject_row(reason, byte_offset=self.end))

    def batches(self) -> Iterator[Batch]:
        """What has been read since the last call."""
        if self.rows:
            yield Batch(
                "events", self.rows[0] if len(self.rows) == 1 else pa.concat_batches(self.rows), self.filtered
            )
            self.rows, self.waiting_bytes, self.filtered = [], 0, 0
        if self.rejects:
            yield batch_of("rejects", self.rejects)
            self.rejects = []


def _places_of(group: list[Chunk]) -> list[tuple[Chunk, int]]:
    """Where each record of intact chunks lies."""
    places: list[tuple[Chunk, int]] = []
    for chunk in group:
        walk(chunk)
        places.extend((chunk, found.offset) for found in chunk.found)
    return places


EVTX = Format(
    "evtx",
    "Windows event logs (.evtx)",
    ("events",),
    "windows-events.md 1 [V]",
    _recognise,
    _read,
    ends=Ends.ITSELF,
)
