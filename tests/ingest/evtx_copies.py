"""Copies of one .evtx as they are made while Windows writes it: built from a whole log, by the layout alone."""

from __future__ import annotations

import struct
import zlib

FILE_HEADER, CHUNK, CHUNK_HEADER = 4096, 65536, 512
STRINGS, TEMPLATES = range(128, 384, 4), range(384, 512, 4)
IS_DIRTY = 1


def places(data: bytes) -> list[tuple[int, int, int]]:
    """Start of the chunk, offset in it, and size of every record of an undamaged log."""
    found = []
    for start in range(FILE_HEADER, len(data), CHUNK):
        place, end = CHUNK_HEADER, struct.unpack_from("<I", data, start + 48)[0]
        while data.startswith(b"ElfChnk\0", start) and place < end:
            size = struct.unpack_from("<I", data, start + place + 4)[0]
            found.append((start, place, size))
            place += size
    return found


def exported(data: bytes, records: int) -> bytes:
    """The log as it was exported when it held its first records only: whole in itself, other chunks not there."""
    start, place, size = places(data)[records - 1]
    chunk = _as_it_was(data[start : start + CHUNK], place, place + size)
    return _with_header(data[:start] + chunk, (start - FILE_HEADER) // CHUNK + 1, records + 1, flags=0)


def copied_live(data: bytes, records: int, flushed: int) -> bytes:
    """The file copied while it was written: dirty, the counts of the file those of its creation, the header of the
    last chunk that of the record `flushed`, zeros up to the size that Windows allocated.
    """
    early = bytearray(exported(data, records))
    start, place, size = places(data)[records - 1]
    last = max(flushed, next(n for n, each in enumerate(places(data), 1) if each[0] == start))
    _, known, known_size = places(data)[last - 1]
    whole = data[start : start + CHUNK]
    header = _as_it_was(whole, known, known + known_size)[:CHUNK_HEADER]
    early[start : start + CHUNK] = header + whole[CHUNK_HEADER : place + size].ljust(
        CHUNK - CHUNK_HEADER, b"\0"
    )
    return _with_header(bytes(early) + bytes(2 * CHUNK), 1, 1, flags=IS_DIRTY)


def torn(data: bytes, records: int) -> bytes:
    """The same, with the last record half written."""
    start, place, size = places(data)[records - 1]
    live = bytearray(copied_live(data, records, records - 1))
    live[start + place + size // 2 : start + CHUNK] = bytes(CHUNK - place - size // 2)
    return bytes(live)


def wrapped(data: bytes, chunks: int) -> bytes:
    """The log after its oldest chunks were overwritten: exported without them."""
    rest = data[FILE_HEADER + chunks * CHUNK : places(data)[-1][0] + CHUNK]
    return _with_header(data[:FILE_HEADER] + rest, len(rest) // CHUNK, len(places(data)) + 1, flags=0)


def _as_it_was(chunk: bytes, last: int, end: int) -> bytes:
    """A chunk when the record at `last` was its newest one and its used area ended at `end`."""
    was = bytearray(chunk[:end].ljust(CHUNK, b"\0"))
    first_number, _, first_id = struct.unpack_from("<QQQ", chunk, 8)
    last_id = struct.unpack_from("<Q", chunk, last + 8)[0]
    struct.pack_into("<QQQQ", was, 8, first_number, first_number + last_id - first_id, first_id, last_id)
    struct.pack_into("<III", was, 44, last, end, zlib.crc32(was[CHUNK_HEADER:end]))
    for slot in (*STRINGS, *TEMPLATES):  # names and templates that came later were not yet in their chains
        place = struct.unpack_from("<I", chunk, slot)[0]
        while place >= end:
            place = struct.unpack_from("<I", chunk, place)[0]
        struct.pack_into("<I", was, slot, place)
    struct.pack_into("<I", was, 124, zlib.crc32(was[128:512], zlib.crc32(was[:120])))
    return bytes(was)


def _with_header(data: bytes, chunks: int, next_id: int, flags: int) -> bytes:
    header = bytearray(data[:FILE_HEADER])
    struct.pack_into("<QQQ", header, 8, 0, chunks - 1, next_id)
    struct.pack_into("<H", header, 42, chunks)
    struct.pack_into("<I", header, 120, flags)
    struct.pack_into("<I", header, 124, zlib.crc32(header[:120]))
    return bytes(header) + data[FILE_HEADER:]
