"""Chunks of an .evtx file that are built here byte by byte: which records are there, which are lost, and why."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from analytics.formats.events.evtx.chunks import (
    CHUNK_BYTES,
    Chunk,
    chunks,
    file_header,
    looks_intact,
    walk,
    wrong_checksum,
)

FIRST = 512
SIZE = 40  # of each record here: 24 in front, 12 of content, the size again


def record(number: int, size: int = SIZE, written: int = 1000, mark: bytes = b"**\0\0") -> bytes:
    """A record with its frame."""
    return mark + struct.pack("<IQQ", size, number, written) + b"x" * (size - 28) + struct.pack("<I", size)


def chunk_of(records: bytes, present: int = CHUNK_BYTES, **header: int) -> Chunk:
    """A chunk with these bytes behind its header, which says what they are unless told otherwise."""
    count = len(records) // SIZE
    said = {
        "first": 1,
        "last": count,
        "last_offset": FIRST + len(records) - SIZE,
        "end": FIRST + len(records),
    }
    said |= {"first_number": header.get("first", 1), "last_number": header.get("last", count)} | header
    data = bytearray(CHUNK_BYTES)
    data[:8] = b"ElfChnk\0"
    names = ("first_number", "last_number", "first", "last")
    struct.pack_into(
        "<QQQQIII", data, 8, *(said[name] for name in names), 128, said["last_offset"], said["end"]
    )
    data[FIRST : FIRST + len(records)] = records
    struct.pack_into("<I", data, 52, zlib.crc32(data[FIRST : said["end"]]))
    struct.pack_into("<I", data, 124, zlib.crc32(data[128:512], zlib.crc32(data[:120])))
    data[present:] = bytes(CHUNK_BYTES - present)
    return Chunk(0, 4096, bytes(data), present)


def found(chunk: Chunk) -> list[int]:
    """The ids of the records that a walk finds."""
    walk(chunk)
    return [each.record_id for each in chunk.found]


def lost(chunk: Chunk) -> list[tuple[int, str]]:
    """Which record behind the header, counted from 0, a walk misses, and why."""
    return [((each.offset - FIRST) // SIZE, each.reason) for each in chunk.lost]


THREE = record(1) + record(2) + record(3)
FULL = b"".join(record(number) for number in range(1, (CHUNK_BYTES - FIRST) // SIZE)) + record(
    (CHUNK_BYTES - FIRST) // SIZE, SIZE + (CHUNK_BYTES - FIRST) % SIZE
)


def test_a_whole_chunk():
    """Looks intact, and a walk finds the same; what lies behind the used area is no record."""
    chunk = chunk_of(THREE)
    assert looks_intact(chunk)
    assert (found(chunk), lost(chunk)) == ([1, 2, 3], [])
    assert [each.size_bytes for each in chunk.found] == [SIZE] * 3
    behind = chunk_of(THREE + record(9), last=3, last_offset=FIRST + 2 * SIZE, end=FIRST + 3 * SIZE)
    assert looks_intact(behind)
    assert (found(behind), lost(behind)) == ([1, 2, 3], [])


def test_a_chunk_up_to_its_last_byte():
    """Records may fill it, and the smallest record has no content."""
    last = SIZE + (CHUNK_BYTES - FIRST) % SIZE
    chunk = chunk_of(FULL, last_offset=CHUNK_BYTES - last, end=CHUNK_BYTES)
    assert looks_intact(chunk)
    assert found(chunk)[-1] == len(chunk.found) == (CHUNK_BYTES - FIRST) // SIZE
    assert lost(chunk) == []
    smallest = chunk_of(record(1, 28), last=1, last_offset=FIRST, end=FIRST + 28)
    assert (looks_intact(smallest), found(smallest)) == (True, [1])


@pytest.mark.parametrize(
    "header",
    [
        {"last": 4},
        {"last": 2},
        {"first": 4},
        {"first": 3 - 2322},
        {"last_offset": FIRST + SIZE},
        {"last_offset": FIRST - 1},
        {"last_offset": FIRST + 3 * SIZE},
        {"end": FIRST + 3 * SIZE + 1},
        {"end": FIRST + 3 * SIZE - 1},
        {"end": CHUNK_BYTES + 1},
    ],
)
def test_a_header_that_is_wrong(header):
    """It does not look intact; where it misstates an end or an id only, all records are found."""
    header = {name: value % 2**64 for name, value in header.items()}
    chunk = chunk_of(THREE, **header)
    assert not looks_intact(chunk)
    if header.get("end") != FIRST + 3 * SIZE - 1:
        assert found(chunk) == [1, 2, 3]


def test_as_many_ids_as_a_chunk_has_room_for():
    """2322 records of 28 bytes: a header may promise that many and no more."""
    most = (CHUNK_BYTES - FIRST) // 28
    for more in (0, 1):
        chunk = chunk_of(record(most), last=most, first=1 - more, last_offset=FIRST, end=FIRST + SIZE)
        assert looks_intact(chunk) is (more == 0)


@pytest.mark.parametrize(("present", "expected"), [(CHUNK_BYTES, True), (CHUNK_BYTES - 1, False)])
def test_a_cut_chunk_is_not_intact(present, expected):
    """Even where only zeros are cut off."""
    assert looks_intact(chunk_of(THREE, present)) is expected


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        (record(4), [1, 2, 3, 4]),
        (record(4) + record(5, written=1001), [1, 2, 3, 4, 5]),
        (record(4, written=999), [1, 2, 3]),
        (record(5), [1, 2, 3]),
        (record(4)[:-1] + b"x", [1, 2, 3]),
    ],
)
def test_records_behind_a_header_that_was_not_updated(following, expected):
    """They go on with the next id and were not written before the last one."""
    chunk = chunk_of(THREE + following, last=3, last_offset=FIRST + 2 * SIZE, end=FIRST + 3 * SIZE)
    assert looks_intact(chunk) is (expected == [1, 2, 3])
    assert (found(chunk), lost(chunk)) == (expected, [])


ZEROS = bytes(SIZE)
MISSING = "is promised by the chunk's header and missing"
DAMAGED = "is lost in damaged bytes"
TORN = "is torn: the sizes at its start and its end differ"


@pytest.mark.parametrize(
    ("records", "header", "ids", "gone"),
    [
        (record(1) + ZEROS + record(3), {}, [1, 3], [(1, f"record 2 {DAMAGED}")]),
        (ZEROS + record(2) + record(3), {}, [2, 3], [(0, f"record 1 {DAMAGED}")]),
        (record(1) + record(2) + ZEROS, {}, [1, 2], [(2, f"record 3 {DAMAGED}")]),
        (record(1) + ZEROS + record(4), {"last": 4}, [1, 4], [(1, f"record {n} {DAMAGED}") for n in (2, 3)]),
        (record(1) + ZEROS + record(2), {"last": 2}, [1, 2], [(1, "damaged bytes where a record was expected")]),
        (record(1) + record(3), {"last": 3}, [1, 3], [(1, "record 2 is missing before this place")]),
        (record(1) + record(3), {"last": 3, "last_number": 2}, [1, 3], []),
        (THREE, {"last": 5}, [1, 2, 3], [(3, f"record {n} {MISSING}") for n in (4, 5)]),
        (record(1) + record(2)[:-4] + b"xxxx" + record(3), {}, [1, 3], [(1, f"record 2 {TORN}")]),
        (record(1) + record(2, mark=b"xxxx") + record(3), {}, [1, 2, 3], []),
        (record(1) + record(9) + record(3), {}, [1, 3], [(1, f"record 2 {DAMAGED}")]),
        (record(1) + record(2)[:4] + bytes(4) + record(2)[8:-4] + bytes(4) + record(3), {}, [1, 2, 3], []),
        (record(1) + record(2)[:4] + b"xxxx" + record(2)[8:] + record(3), {}, [1, 2, 3], []),
        (record(1) + record(2)[:4] + bytes(4) + record(7)[8:-4] + bytes(4) + record(3), {}, [1, 3],
         [(1, f"record 2 {DAMAGED}")]),
        (record(1) + b"xxxxxxxx" + record(2)[8:] + record(3), {}, [1, 3], [(1, f"record 2 {DAMAGED}")]),
    ],
)  # fmt: skip
def test_damage(records, header, ids, gone):
    """Each record that is lost is named once, with its place and why; what can be mended is."""
    given = {"last_offset": FIRST, "end": FIRST + len(records), "last": 3} | header
    chunk = chunk_of(records, **given)
    assert not looks_intact(chunk)
    assert (found(chunk), lost(chunk)) == (ids, gone)


@pytest.mark.parametrize(
    ("present", "ids", "why"),
    [
        (FIRST + 3 * SIZE, [1, 2, 3], None),
        (FIRST + 3 * SIZE - 1, [1, 2], "record 3 is cut: the file ends at byte 4727"),
        (FIRST + 2 * SIZE, [1, 2], "record 3 is cut: the file ends at byte 4688"),
        (FIRST + 1, [], "record 1 is cut: the file ends at byte 4609; records up to 3 would follow"),
        (FIRST, [], "record 1 is cut: the file ends at byte 4608; records up to 3 would follow"),
        (FIRST - 1, [], "a chunk is cut in its header: the file ends at byte 4607"),
    ],
)
def test_a_file_that_ends_inside_a_chunk(present, ids, why):
    """What is whole is found; what would follow is said."""
    chunk = chunk_of(THREE, present)
    assert found(chunk) == ids
    assert [reason for _, reason in lost(chunk)] == ([why] if why else [])


def test_a_chunk_without_its_header():
    """Records are found by their marks; torn ones are named."""
    chunk = chunk_of(record(7) + record(8)[:-4] + b"xxxx" + record(9))
    chunk.data = b"x" * 8 + chunk.data[8:]
    assert (found(chunk), lost(chunk)) == ([7, 9], [(1, f"record 8 {TORN}")])
    empty = Chunk(0, 4096, b"x" + bytes(CHUNK_BYTES - 1), CHUNK_BYTES)
    assert found(empty) == []
    assert [(each.offset, each.record_id, each.reason) for each in empty.lost] == [
        (0, None, "a chunk without its mark (ElfChnk) and without any record")
    ]


def test_an_unused_chunk():
    """Zeros that Windows allocated hold nothing and lost nothing."""
    chunk = Chunk(0, 4096, bytes(CHUNK_BYTES), CHUNK_BYTES)
    assert chunk.is_unused
    assert (found(chunk), chunk.lost) == ([], [])


def test_checksums():
    """Of header and records, unless the file says that it has none."""
    chunk = chunk_of(THREE)
    assert wrong_checksum(chunk, 0) is None
    for place, expected in (
        (8, "header"),
        (119, "header"),
        (128, "header"),
        (511, "header"),
        (FIRST, "records"),
    ):
        data = bytearray(chunk.data)
        data[place] ^= 1
        changed = Chunk(0, 4096, bytes(data), CHUNK_BYTES)
        assert wrong_checksum(changed, 0) == expected
        assert wrong_checksum(changed, 3) == expected
        assert wrong_checksum(changed, 4) is None
    for place in (120, 123, FIRST + 3 * SIZE):
        data = bytearray(chunk.data)
        data[place] ^= 1
        assert wrong_checksum(Chunk(0, 4096, bytes(data), CHUNK_BYTES), 0) is None


def test_chunks_of_a_stream():
    """Behind the header of the file, each with its place; the last one may be cut."""
    first, second = chunks(io.BytesIO(b"a" * CHUNK_BYTES + b"b" * 100))
    assert (first.number, first.byte_offset, first.present_bytes, first.is_cut) == (
        0,
        4096,
        CHUNK_BYTES,
        False,
    )
    assert (second.number, second.byte_offset, second.present_bytes) == (1, 4096 + CHUNK_BYTES, 100)
    assert second.is_cut
    assert second.data == b"b" * 100 + bytes(CHUNK_BYTES - 100)


def test_the_header_of_a_file():
    """How many chunks it promises, and its flags; nought where it is cut."""
    head = bytearray(128)
    struct.pack_into("<H", head, 42, 7)
    struct.pack_into("<I", head, 120, 5)
    assert (file_header(bytes(head)).chunks, file_header(bytes(head)).flags) == (7, 5)
    assert (file_header(b"").chunks, file_header(b"").flags) == (0, 0)
