"""Writes binary Windows event logs (.evtx): file header, chunks with checksums, names, templates, records.

Layout: libyal, "Windows XML Event Log (EVTX) format". The encoding is the one Windows uses itself: one template
for the System part of all records, whose last value holds the payload as a template of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from hashlib import md5
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID
from zlib import crc32

from analytics.synth.events.record import (
    EVENT_NAMESPACE,
    VML_EVENT_LOG,
    VML_NAMESPACE,
    FieldSpec,
    WinEvent,
    filetime,
)
from analytics.synth.files.evtx_values import (
    BINARY_TYPE,
    ENCODERS,
    FILETIME_TYPE,
    GUID_TYPE,
    HEX64_TYPE,
    NULL_TYPE,
    SID_TYPE,
    STRING_TYPE,
    U8_TYPE,
    U16_TYPE,
    U32_TYPE,
    U64_TYPE,
    XML_TYPE,
    sid_bytes,
    wide,
)

CHUNK_BYTES, _FIRST_RECORD, _FILE_HEADER_BYTES = 65536, 512, 4096
_NAME_TABLE, _NAME_BUCKETS, _TEMPLATE_TABLE, _TEMPLATE_BUCKETS = 128, 64, 384, 32
_FRAGMENT = b"\x0f\x01\x01\x00"
_END_OF_FRAGMENT, _CLOSE_START, _CLOSE_EMPTY, _END_ELEMENT = b"\x00", b"\x02", b"\x03", b"\x04"
_PROVIDER, _GUID, _SOURCE, _PAYLOAD = 14, 15, 17, 18  # places of values in the System template
_Value = tuple[int, bytes]
_NO_VALUE: _Value = (NULL_TYPE, b"")


class _Sub(NamedTuple):
    """A place in a template that each record fills; an optional one vanishes when it is empty."""

    number: int
    type: int
    optional: bool = True


class _Node(NamedTuple):
    """An element of a template: attributes and either text, a substitution or children."""

    name: str
    attributes: tuple[tuple[str, str | _Sub], ...] = ()
    content: tuple[str | _Sub | _Node, ...] = ()


def write_evtx(
    path: Path, events: Iterable[WinEvent], *, dirty: bool = False, size_bytes: int | None = None
) -> int:
    """Write the events in the order given and return their number; record ids must be ascending.

    `dirty` sets the flag of a log that was copied while it was open; `size_bytes` is the size that the file must
    not exceed, later events are left out. Raises `ValueError` for an event that
    does not fit into a chunk and `OSError` where the file cannot be written.
    """
    with path.open("wb") as file:
        return _write_file(file, events, dirty, size_bytes)


def _write_file(file: BinaryIO, events: Iterable[WinEvent], dirty: bool, size_bytes: int | None) -> int:
    file.write(bytes(_FILE_HEADER_BYTES))
    count = chunks = last_id = 0
    chunk = _Chunk(1)
    for event in events:
        if not chunk.add(event):
            if size_bytes is not None and _FILE_HEADER_BYTES + CHUNK_BYTES * (chunks + 2) > size_bytes:
                break
            file.write(chunk.finished())
            chunks += 1
            chunk = _Chunk(count + 1)
            if not chunk.add(event):
                raise ValueError(f"event {event.record_id} of {event.kind.key} is larger than a chunk")
        count, last_id = count + 1, event.record_id
    file.write(chunk.finished())
    file.seek(0)
    file.write(_file_header(chunks + 1, last_id + 1, dirty))
    return count


def _file_header(chunks: int, next_record_id: int, dirty: bool) -> bytes:
    head = struct.pack(
        "<8sQQQIHHHH",
        b"ElfFile\0",
        0,
        chunks - 1,
        next_record_id,
        128,
        1,
        3,
        _FILE_HEADER_BYTES,
        chunks & 0xFFFF,
    ).ljust(120, b"\0")
    return head + struct.pack("<II", int(dirty), crc32(head))


def name_hash(name: str) -> int:
    """The hash that stands beside a name: multiply by 65599 and add each character."""
    value = 0
    for character in name:
        value = (value * 65599 + ord(character)) & 0xFFFFFFFF
    return value & 0xFFFF


class _Chunk:
    """64 KiB of records with their own names and templates; offsets count from its first byte."""

    def __init__(self, first_number: int) -> None:
        self._data = bytearray(_FIRST_RECORD)
        self._names: dict[str, int] = {}
        self._templates: dict[object, int] = {}
        self._first_number, self._count = first_number, 0
        self._first_id = self._last_id = self._last_offset = 0

    def add(self, event: WinEvent) -> bool:
        """Append a record; False, and nothing changed, when there is no room for it."""
        before, names, templates = len(self._data), len(self._names), len(self._templates)
        tables = bytes(self._data[_NAME_TABLE:_FIRST_RECORD])
        self._record(event)
        if len(self._data) > CHUNK_BYTES:
            del self._data[before:]
            self._data[_NAME_TABLE:_FIRST_RECORD] = tables
            for known, size in ((self._names, names), (self._templates, templates)):
                while len(known) > size:
                    known.popitem()
            return False
        if not self._count:
            self._first_id = event.record_id
        self._count, self._last_id, self._last_offset = self._count + 1, event.record_id, before
        return True

    def finished(self) -> bytes:
        """The chunk with its header and checksums, padded to its full size."""
        data, end = self._data, len(self._data)
        # Windows writes -1 for the last record of a chunk that holds none.
        last_number = self._first_number + self._count - 1 if self._count else 0xFFFFFFFFFFFFFFFF
        struct.pack_into(
            "<8sQQQQIIII", data, 0, b"ElfChnk\0", self._first_number, last_number, self._first_id,
            self._last_id if self._count else 0xFFFFFFFFFFFFFFFF, 128, self._last_offset, end,
            crc32(data[_FIRST_RECORD:end]),
        )  # fmt: skip
        struct.pack_into("<II", data, 120, 1, crc32(data[_NAME_TABLE:_FIRST_RECORD], crc32(data[:120])))
        return bytes(data).ljust(CHUNK_BYTES, b"\0")

    def _record(self, event: WinEvent) -> None:
        data, start = self._data, len(self._data)
        data += struct.pack("<4sIQQ", b"**\0\0", 0, event.record_id, filetime(event.at_us)) + _FRAGMENT
        self._instance(event.computer, _system_values(event), event)
        data += _END_OF_FRAGMENT
        data += bytes(-(len(data) - start + 4) % 8)
        size = struct.pack("<I", len(data) - start + 4)
        data += size
        data[start + 4 : start + 8] = size

    def _instance(self, key: object, values: list[_Value], event: WinEvent, payload: bool = False) -> None:
        """A template instance: its definition where it is new, then the values."""
        data = self._data
        guid = UUID(md5(repr(key).encode(), usedforsecurity=False).hexdigest()).bytes_le
        data += b"\x0c\x01" + guid[:4]
        known = self._templates.get(key)
        data += struct.pack("<I", len(data) + 4 if known is None else known)
        if known is None:
            self._templates[key] = len(data)
            self._define(guid, _payload_tree(event) if payload else _system_tree(event.computer))
        data += struct.pack("<I", len(values))
        sizes = len(data)
        data += b"".join(struct.pack("<HBB", len(value), code, 0) for code, value in values)
        data += b"".join(value for _, value in values)
        if not payload:
            begin = len(data)
            data += _FRAGMENT
            self._instance(_payload_key(event), _payload_values(event), event, payload=True)
            data += _END_OF_FRAGMENT
            struct.pack_into("<H", data, sizes + 4 * _PAYLOAD, len(data) - begin)

    def _define(self, guid: bytes, tree: _Node) -> None:
        data, start = self._data, len(self._data)
        bucket = _TEMPLATE_TABLE + 4 * (guid[0] % _TEMPLATE_BUCKETS)
        data += data[bucket : bucket + 4] + guid + bytes(4) + _FRAGMENT
        struct.pack_into("<I", data, bucket, start)
        self._element(tree)
        data += _END_OF_FRAGMENT
        struct.pack_into("<I", data, start + 20, len(data) - start - 24)

    def _element(self, node: _Node) -> None:
        data = self._data
        data += (b"\x41" if node.attributes else b"\x01") + b"\xff\xff"
        size_at = len(data)
        data += bytes(4)
        self._name(node.name)
        if node.attributes:
            self._attributes(node.attributes)
        if node.content:
            data += _CLOSE_START
            for part in node.content:
                self._element(part) if isinstance(part, _Node) else self._text(part)
            data += _END_ELEMENT
        else:
            data += _CLOSE_EMPTY
        struct.pack_into("<I", data, size_at, len(data) - size_at - 4)

    def _attributes(self, attributes: tuple[tuple[str, str | _Sub], ...]) -> None:
        data, size_at = self._data, len(self._data)
        data += bytes(4)
        for place, (name, value) in enumerate(attributes):
            data += b"\x46" if place < len(attributes) - 1 else b"\x06"
            self._name(name)
            self._text(value)
        struct.pack_into("<I", data, size_at, len(data) - size_at - 4)

    def _text(self, part: str | _Sub) -> None:
        if isinstance(part, str):
            self._data += b"\x05\x01" + struct.pack("<H", len(wide(part)) // 2) + wide(part)
        else:
            self._data += struct.pack("<BHB", 0x0E if part.optional else 0x0D, part.number, part.type)

    def _name(self, name: str) -> None:
        data, known = self._data, self._names.get(name)
        data += struct.pack("<I", len(data) + 4 if known is None else known)
        if known is not None:
            return
        start, hashed = len(data), name_hash(name)
        bucket = _NAME_TABLE + 4 * (hashed % _NAME_BUCKETS)
        data += data[bucket : bucket + 4] + struct.pack("<HH", hashed, len(name)) + wide(name) + b"\0\0"
        struct.pack_into("<I", data, bucket, start)
        self._names[name] = start


def _system_tree(computer: str) -> _Node:
    def value(name: str, number: int, code: int) -> _Node:
        return _Node(name, (), (_Sub(number, code),))

    system = (
        _Node(
            "Provider",
            (
                ("Name", _Sub(_PROVIDER, STRING_TYPE)),
                ("Guid", _Sub(_GUID, GUID_TYPE)),
                ("EventSourceName", _Sub(_SOURCE, STRING_TYPE)),
            ),
        ),
        _Node("EventID", (("Qualifiers", _Sub(4, U16_TYPE)),), (_Sub(3, U16_TYPE),)),
        value("Version", 11, U8_TYPE),
        value("Level", 0, U8_TYPE),
        value("Task", 2, U16_TYPE),
        value("Opcode", 1, U8_TYPE),
        value("Keywords", 5, HEX64_TYPE),
        _Node("TimeCreated", (("SystemTime", _Sub(6, FILETIME_TYPE)),)),
        value("EventRecordID", 10, U64_TYPE),
        _Node(
            "Correlation", (("ActivityID", _Sub(7, GUID_TYPE)), ("RelatedActivityID", _Sub(13, GUID_TYPE)))
        ),
        _Node("Execution", (("ProcessID", _Sub(8, U32_TYPE)), ("ThreadID", _Sub(9, U32_TYPE)))),
        value("Channel", 16, STRING_TYPE),
        _Node("Computer", (), (computer,)),
        _Node("Security", (("UserID", _Sub(12, SID_TYPE)),)),
    )
    root = ((("xmlns", EVENT_NAMESPACE),), (_Node("System", (), system), _Sub(_PAYLOAD, XML_TYPE)))
    return _Node("Event", *root)


def _text_or_none(text: str) -> _Value:
    return (STRING_TYPE, wide(text)) if text else _NO_VALUE


def _system_values(event: WinEvent) -> list[_Value]:
    kind, pack = event.kind, struct.pack
    guid = (GUID_TYPE, UUID(kind.provider.guid).bytes_le) if kind.provider.guid else _NO_VALUE
    return [
        (U8_TYPE, pack("<B", kind.level)),
        (U8_TYPE, pack("<B", kind.opcode)),
        (U16_TYPE, pack("<H", kind.task)),
        (U16_TYPE, pack("<H", kind.event_id)),
        _NO_VALUE if kind.qualifiers is None else (U16_TYPE, pack("<H", kind.qualifiers)),
        (HEX64_TYPE, pack("<Q", kind.keywords)),
        (FILETIME_TYPE, pack("<Q", filetime(event.at_us))),
        _NO_VALUE,
        (U32_TYPE, pack("<I", event.pid)),
        (U32_TYPE, pack("<I", event.tid)),
        (U64_TYPE, pack("<Q", event.record_id)),
        (U8_TYPE, pack("<B", kind.version)),
        (SID_TYPE, sid_bytes(event.user_sid)) if event.user_sid else _NO_VALUE,
        _NO_VALUE,
        _text_or_none(kind.provider.name),
        guid,
        _text_or_none(kind.channel),
        _text_or_none(kind.provider.source_name),
        (XML_TYPE, b""),
    ]


def _payload_key(event: WinEvent) -> object:
    return event.kind.shape, event.kind.fields, event.binary is not None


def _payload_tree(event: WinEvent) -> _Node:
    kind = event.kind
    if kind.shape == VML_EVENT_LOG:
        values = tuple(
            _Node(spec.name, (), (_Sub(number, ENCODERS[spec.type][0], optional=False),))
            for number, spec in enumerate(kind.fields)
        )
        return _Node("UserData", (), (_Node(VML_EVENT_LOG, (("xmlns", VML_NAMESPACE),), values),))
    data = [_data_node(number, spec) for number, spec in enumerate(kind.fields)]
    if event.binary is not None:
        data.append(_Node("Binary", (), (_Sub(len(data), BINARY_TYPE),)))
    return _Node("EventData", (), tuple(data))


def _data_node(number: int, spec: FieldSpec) -> _Node:
    attributes = (("Name", spec.name),) if spec.name else ()
    return _Node("Data", attributes, (_Sub(number, ENCODERS[spec.type][0], optional=False),))


def _payload_values(event: WinEvent) -> list[_Value]:
    encoded = (
        (ENCODERS[spec.type][0], ENCODERS[spec.type][1](value))
        for spec, value in zip(event.kind.fields, event.values, strict=True)
    )
    binary = () if event.binary is None else ((BINARY_TYPE, event.binary),)
    values = list(chain(encoded, binary))
    if sum(len(value) for _, value in values) > CHUNK_BYTES - _FIRST_RECORD:
        raise ValueError(f"event {event.record_id} of {event.kind.key} is larger than a chunk")
    return values
