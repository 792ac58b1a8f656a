r"""The chunks of an .evtx file as they lie on disk: which records are there, which are damaged, which are missing.

A chunk is 64 KiB: a header of 512 bytes (record ids, end of the used area, checksums), then records one after the
other (`**\0\0`, size, id, FILETIME, binary XML, size again). What lies behind the used area are leftovers of an
earlier use of the chunk, not records. Layout: [MS-EVEN6] 2.2.17 as documented by libyal (libevtx, "Windows XML Event
Log (EVTX) format"). Nothing here decodes binary XML.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
RECORD_MAGIC = b"**\0\0"
FILE_HEADER_BYTES = 4096
CHUNK_BYTES = 65536
CHUNK_HEADER_BYTES = 512
RECORD_FRAME_BYTES = 28
_MAX_RECORDS = (CHUNK_BYTES - CHUNK_HEADER_BYTES) // RECORD_FRAME_BYTES
_NO_CHECKSUMS = 4
_TORN = "is torn: the sizes at its start and its end differ"

_HEADER = struct.Struct("<QQQQIIII")
_RECORD = struct.Struct("<4sIQQ")
_SIZE = struct.Struct("<I")
_BLANK_CHUNK = bytes(CHUNK_BYTES)


class _Readable(Protocol):
    """What gives as many bytes as asked for, fewer only at its end."""

    def read(self, count: int, /) -> bytes:
        """The next bytes."""
        ...


@dataclass(frozen=True, slots=True)
class _ChunkHeader:
    """Ids of the first and the last record, where the last one begins and where the used area ends."""

    first_id: int
    last_id: int
    last_offset: int
    end: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A record that is completely there; `size_bytes` is what its frame should say."""

    offset: int
    size_bytes: int
    record_id: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A record of which only part is there, or nothing but its number; `record_id` None where even that is unknown."""

    offset: int
    record_id: int | None
    reason: str


@dataclass(slots=True)
class Chunk:
    """One chunk: `data` is always 64 KiB, `present_bytes` of it come from the file at `byte_offset`."""

    number: int
    byte_offset: int
    data: bytes
    present_bytes: int
    found: list[_Found] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    @property
    def header(self) -> _ChunkHeader:
        """What the chunk says of itself."""
        _, _, first_id, last_id, _, last_offset, end, _ = _HEADER.unpack_from(self.data, 8)
        return _ChunkHeader(first_id, last_id, last_offset, end)

    @property
    def has_magic(self) -> bool:
        """False for unused or overwritten chunks."""
        return self.data.startswith(CHUNK_MAGIC) and self.present_bytes >= CHUNK_HEADER_BYTES

    @property
    def is_cut(self) -> bool:
        """True where the file ends inside this chunk."""
        return self.present_bytes < CHUNK_BYTES

    @property
    def is_unused(self) -> bool:
        """True for the zeros that Windows allocates in advance."""
        return self.data == _BLANK_CHUNK


@dataclass(frozen=True, slots=True)
class _FileHeader:
    """What the file says of itself: how many chunks it has (often wrong while it was open) and its flags."""

    chunks: int
    flags: int


def file_header(head: bytes) -> _FileHeader:
    """Read the first bytes of a file; zeros where they are cut."""
    head = head.ljust(128, b"\0")
    return _FileHeader(struct.unpack_from("<H", head, 42)[0], struct.unpack_from("<I", head, 120)[0])


def chunks(stream: _Readable) -> Iterator[Chunk]:
    """The physical chunks behind the file header; the last one may be cut."""
    number, offset = 0, FILE_HEADER_BYTES
    while data := stream.read(CHUNK_BYTES):
        yield Chunk(number, offset, data.ljust(CHUNK_BYTES, b"\0"), len(data))
        number, offset = number + 1, offset + len(data)


def looks_intact(chunk: Chunk) -> bool:
    """True where header, last record and end of the used area agree; the records in between are not walked."""
    if not chunk.has_magic or chunk.is_cut:
        return False
    header = chunk.header
    if not CHUNK_HEADER_BYTES <= header.last_offset < header.end <= CHUNK_BYTES:
        return False
    last = _found(chunk.data, header.last_offset, header.end)
    return (
        last is not None
        and last.record_id == header.last_id
        and last.offset + last.size_bytes == header.end
        and header.end - header.last_offset == last.size_bytes
        and 0 <= header.last_id - header.first_id < _MAX_RECORDS
        and not _continues(chunk.data, last)
    )


def _found(data: bytes, offset: int, limit: int) -> _Found | None:
    """The record at an offset, where its frame is whole and lies below the limit."""
    if offset + RECORD_FRAME_BYTES > limit:
        return None
    magic, size, record_id, _ = _RECORD.unpack_from(data, offset)
    if magic != RECORD_MAGIC or size < RECORD_FRAME_BYTES or offset + size > limit:
        return None
    return _Found(offset, size, record_id) if _SIZE.unpack_from(data, offset + size - 4)[0] == size else None


def _continues(data: bytes, last: _Found) -> bool:
    """True where a later record with the next id follows the last one: the header was not updated any more."""
    following = _found(data, last.offset + last.size_bytes, CHUNK_BYTES)
    return (
        following is not None
        and following.record_id == last.record_id + 1
        and _written(data, following) >= _written(data, last)
    )


def _written(data: bytes, record: _Found) -> int:
    filetime: int = _RECORD.unpack_from(data, record.offset)[3]
    return filetime


def walk(chunk: Chunk) -> None:
    """Fill `found` and `lost`: every whole record, every broken one, every number of which nothing is left."""
    chunk.found.clear()
    chunk.lost.clear()
    if not chunk.has_magic:
        _walk_without_header(chunk)
        return
    header = chunk.header
    end = header.end if CHUNK_HEADER_BYTES < header.end <= CHUNK_BYTES else CHUNK_BYTES
    limit = min(end, chunk.present_bytes)
    offset, ids = CHUNK_HEADER_BYTES, _ids(chunk.data, header, limit)
    while offset < limit:
        following = None
        record = _found(chunk.data, offset, limit)
        if record is None or record.record_id not in ids:
            following = _next_record(chunk.data, offset + 1, limit, ids)
            next_offset = following.offset if following else end
            record = _repaired(chunk.data, offset, next_offset, ids.start) if next_offset <= limit else None
        if record is not None:
            _skip_ids(chunk, record, ids)
            chunk.found.append(record)
            offset, ids = record.offset + record.size_bytes, range(record.record_id + 1, ids.stop)
        elif following is not None:
            _damage(chunk, offset, range(ids.start, following.record_id))
            offset, ids = following.offset, range(following.record_id, ids.stop)
        else:
            break
    _finish(chunk, offset, limit, ids)


def _ids(data: bytes, header: _ChunkHeader, limit: int) -> range:
    """The ids that records of a chunk may have; they rise. A header that the first record denies counts for nothing."""
    ids = range(header.first_id, header.last_id + 1)
    first = _found(data, CHUNK_HEADER_BYTES, limit)
    if first is not None and (first.record_id not in ids or header.last_id - header.first_id >= _MAX_RECORDS):
        return range(first.record_id, first.record_id + _MAX_RECORDS)
    return ids


def _next_record(data: bytes, start: int, limit: int, ids: range) -> _Found | None:
    """The next whole record from `start` on, found by its mark."""
    place = data.find(RECORD_MAGIC, start, limit)
    while place >= 0:
        record = _found(data, place, limit)
        if record is not None and record.record_id in ids:
            return record
        place = data.find(RECORD_MAGIC, place + 1, limit)
    return None


def _repaired(data: bytes, offset: int, end: int, expected: int) -> _Found | None:
    """A record whose mark or sizes were overwritten while its id and its neighbour are whole.

    A right first size with a wrong one at the end is the trace of a torn write: its text may be cut, so it stays lost.
    """
    if end - offset < RECORD_FRAME_BYTES:
        return None
    magic, size, record_id, _ = _RECORD.unpack_from(data, offset)
    closing = _SIZE.unpack_from(data, end - 4)[0]
    without_sizes = magic == RECORD_MAGIC and size == closing == 0
    closed = closing == end - offset and (magic == RECORD_MAGIC or size == closing)
    return (
        _Found(offset, end - offset, record_id)
        if record_id == expected and (closed or without_sizes)
        else None
    )


def _skip_ids(chunk: Chunk, record: _Found, ids: range) -> None:
    """Ids that a whole record jumps over count as lost where the chunk promises ids without gaps."""
    first_number, last_number, first_id, last_id = struct.unpack_from("<QQQQ", chunk.data, 8)
    if last_number - first_number == last_id - first_id:
        for number in range(ids.start, record.record_id)[:_MAX_RECORDS]:
            chunk.lost.append(Lost(record.offset, number, f"record {number} is missing before this place"))


def _damage(chunk: Chunk, offset: int, ids: range) -> None:
    """The records of a damaged stretch, one by one; at least one."""
    torn = _torn_id(chunk.data, offset)
    for number in ids[:_MAX_RECORDS]:
        what = _TORN if number == torn else "is lost in damaged bytes"
        chunk.lost.append(Lost(offset, number, f"record {number} {what}"))
    if not ids:
        chunk.lost.append(Lost(offset, None, "damaged bytes where a record was expected"))


def _torn_id(data: bytes, offset: int) -> int | None:
    if offset + RECORD_FRAME_BYTES > CHUNK_BYTES or not data.startswith(RECORD_MAGIC, offset):
        return None
    record_id: int = _RECORD.unpack_from(data, offset)[2]
    return record_id


def _finish(chunk: Chunk, offset: int, limit: int, ids: range) -> None:
    """What the header promises behind the last whole record, and whole records that it does not know of."""
    promised = range(ids.start, min(ids.stop, chunk.header.last_id + 1))
    if chunk.is_cut and (offset < limit or promised):
        behind = f"; records up to {promised[-1]} would follow" if promised[1:2] else ""
        chunk.lost.append(
            Lost(offset, ids.start, f"record {ids.start} is cut: the file ends at byte {_end(chunk)}{behind}")
        )
    elif offset < limit:
        _damage(chunk, offset, promised)
    elif promised:
        for number in promised[:_MAX_RECORDS]:
            chunk.lost.append(
                Lost(offset, number, f"record {number} is promised by the chunk's header and missing")
            )
    elif chunk.found and not chunk.is_cut:
        _append_unknown(chunk)


def _end(chunk: Chunk) -> int:
    return chunk.byte_offset + chunk.present_bytes


def _append_unknown(chunk: Chunk) -> None:
    last = chunk.found[-1]
    while _continues(chunk.data, last):
        following = _found(chunk.data, last.offset + last.size_bytes, CHUNK_BYTES)
        assert following is not None
        chunk.found.append(following)
        last = following


def _walk_without_header(chunk: Chunk) -> None:
    """Records of a chunk whose header is overwritten or cut are found by their marks."""
    if chunk.is_unused:
        return
    if chunk.present_bytes < CHUNK_HEADER_BYTES:
        chunk.lost.append(Lost(0, None, f"a chunk is cut in its header: the file ends at byte {_end(chunk)}"))
        return
    place = chunk.data.find(RECORD_MAGIC)
    while place >= 0:
        record = _found(chunk.data, place, chunk.present_bytes)
        if record is not None:
            chunk.found.append(record)
        else:
            number = _torn_id(chunk.data, place)
            chunk.lost.append(Lost(place, number, f"record {number} {_TORN}"))
        place = chunk.data.find(RECORD_MAGIC, place + (record.size_bytes if record else 1))
    if not chunk.found and not chunk.lost:
        chunk.lost.append(Lost(0, None, "a chunk without its mark (ElfChnk) and without any record"))


def wrong_checksum(chunk: Chunk, flags: int) -> str | None:
    """Which checksum of a whole chunk is wrong; None where they are right or the file has none."""
    if flags & _NO_CHECKSUMS or not chunk.has_magic or chunk.is_cut:
        return None
    stated = _SIZE.unpack_from(chunk.data, 124)[0]
    view = memoryview(chunk.data)
    if zlib.crc32(view[128:512], zlib.crc32(view[:120])) != stated:
        return "header"
    end, records = _HEADER.unpack_from(chunk.data, 8)[6:]
    return "records" if zlib.crc32(view[CHUNK_HEADER_BYTES:end]) != records else None
