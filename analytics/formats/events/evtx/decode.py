"""Binary XML of records to JSON text with the evtx library, which is never trusted to give all of them.

The library reads whole files. Intact chunks are handed to it together; from a damaged one a file of one chunk is built
in which every record that is there has a right frame, and which begins at any record: what stands before it hides
behind one empty record, because later records refer to templates and names in it. So one bad record costs only itself.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, cast

from analytics.formats.events.evtx.chunks import (
    CHUNK_BYTES,
    CHUNK_HEADER_BYTES,
    CHUNK_MAGIC,
    FILE_HEADER_BYTES,
    FILE_MAGIC,
    RECORD_FRAME_BYTES,
    RECORD_MAGIC,
    Chunk,
)

_ANSI_CODEC = "windows-1252"
_EMPTY_RECORD = 0
_TABLES_AT = 128

Record = dict[str, Any]


class Undecodable(str):
    """Why the library could not decode a record."""

    __slots__ = ()


def _file_header(count: int) -> bytes:
    header = bytearray(FILE_HEADER_BYTES)
    struct.pack_into("<8sQQQIHHHH", header, 0, FILE_MAGIC, 0, 0, 0, 128, 1, 3, FILE_HEADER_BYTES, count)
    return bytes(header)


def _records(parts: Sequence[bytes]) -> Iterator[Record]:
    from evtx import PyEvtxParser

    parser = PyEvtxParser(
        io.BytesIO(b"".join((_file_header(len(parts)), *parts))),
        number_of_threads=1,
        ansi_codec=_ANSI_CODEC,
        separate_json_attributes=True,
    )
    return cast("Iterator[Record]", parser.records_json())


def promised_ids(group: Sequence[Chunk]) -> list[int]:
    """The record ids that the headers of some chunks promise."""
    return [number for chunk in group for number in range(chunk.header.first_id, chunk.header.last_id + 1)]


def decode_intact(group: Sequence[Chunk]) -> Iterator[Record]:
    """What the library gives for chunks that look intact, to be compared with promised_ids().

    The iterator raises RuntimeError where a record cannot be decoded.
    """
    return _records([chunk.data for chunk in group])


def decode_walked(chunk: Chunk) -> list[str]:
    """The JSON text of each record in `chunk.found`, or Undecodable."""
    texts: list[str] = []
    while len(texts) < len(chunk.found):
        before = len(texts)
        texts.extend(_from(chunk, before))
        if len(texts) == before:
            texts.append(Undecodable("the library stops at it"))
    return texts


def _from(chunk: Chunk, start: int) -> Iterator[str]:
    """Texts from one record on, up to where the library gives up."""
    wanted = iter(chunk.found[start:])
    data, hidden = _one_chunk(chunk, start)
    try:
        records = _records([data])
    except RuntimeError:
        return
    if hidden:
        _next(records)
    for found in wanted:
        record = _next(records)
        if record is None or (isinstance(record, dict) and record["event_record_id"] != found.record_id):
            return
        yield record if isinstance(record, Undecodable) else record["data"]


def _next(records: Iterator[Record]) -> Record | Undecodable | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return next(records, None)
    except RuntimeError as error:
        return Undecodable(
            str(error).replace("An error occurred while trying to deserialize evtx stream.: ", "")
        )


def _one_chunk(chunk: Chunk, start: int) -> tuple[bytes, bool]:
    """The chunk with right frames from the record number `start` on; True where an empty record hides what is before.

    Sizes reach to the next record, so that damaged stretches belong to the record before them.
    """
    data = bytearray(chunk.data)
    found = chunk.found[start:]
    last = found[-1]
    end = last.offset + last.size_bytes
    struct.pack_into(
        "<8sQQQQIIII",
        data,
        0,
        CHUNK_MAGIC,
        1,
        len(found),
        found[0].record_id,
        last.record_id,
        128,
        last.offset,
        end,
        0,
    )
    data[_TABLES_AT:CHUNK_HEADER_BYTES] = bytes(CHUNK_HEADER_BYTES - _TABLES_AT)
    ends = [*(record.offset for record in found[1:]), end]
    for record, following in zip(found, ends, strict=True):
        struct.pack_into("<4sI", data, record.offset, RECORD_MAGIC, following - record.offset)
    hidden_bytes = found[0].offset - CHUNK_HEADER_BYTES
    if hidden_bytes >= RECORD_FRAME_BYTES:
        struct.pack_into("<4sIQQ", data, CHUNK_HEADER_BYTES, RECORD_MAGIC, hidden_bytes, _EMPTY_RECORD, 0)
        data[CHUNK_HEADER_BYTES + 24] = 0
    return bytes(data[:CHUNK_BYTES]), hidden_bytes >= RECORD_FRAME_BYTES
