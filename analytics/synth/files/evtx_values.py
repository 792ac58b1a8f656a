"""Values of Windows' binary XML: type codes and bytes (libyal, "Windows XML Event Log (EVTX) format", 4.6)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from analytics.synth.events.record import filetime

NULL_TYPE, STRING_TYPE, BINARY_TYPE, GUID_TYPE, FILETIME_TYPE, SID_TYPE, HEX64_TYPE, XML_TYPE = (
    0x00, 0x01, 0x0E, 0x0F, 0x11, 0x13, 0x15, 0x21,
)  # fmt: skip
U8_TYPE, U16_TYPE, U32_TYPE, U64_TYPE = 0x04, 0x06, 0x08, 0x0A


def wide(text: str) -> bytes:
    """UTF-16LE; a lone surrogate stays what it is, as in Windows."""
    return text.encode("utf-16-le", "surrogatepass")


def sid_bytes(sid: str) -> bytes:
    """S-1-5-18 as bytes: revision, count, authority (big endian), sub-authorities."""
    revision, authority, *subs = (int(part) for part in sid.split("-")[1:])
    return struct.pack("<BB", revision, len(subs)) + authority.to_bytes(6, "big") + struct.pack(
        f"<{len(subs)}I", *subs
    )  # fmt: skip


def moment(at_us: int) -> datetime:
    """Microseconds since 1970 as a datetime in UTC, without rounding through a float."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)


def _system_time(at_us: int) -> bytes:
    at = moment(at_us)
    weekday = at.isoweekday() % 7
    return struct.pack(
        "<8H", at.year, at.month, weekday, at.day, at.hour, at.minute, at.second, at.microsecond // 1000
    )


def _packed(layout: str) -> Callable[[Any], bytes]:
    return struct.Struct(layout).pack


# Manifest type -> code and encoder. Times are microseconds since 1970, GUIDs text, pointers numbers.
ENCODERS: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "UnicodeString": (STRING_TYPE, wide),
    "AnsiString": (0x02, lambda text: text.encode("cp1252", "replace")),
    "Int32": (0x07, _packed("<i")),
    "UInt8": (U8_TYPE, _packed("<B")),
    "UInt16": (U16_TYPE, _packed("<H")),
    "UInt32": (U32_TYPE, _packed("<I")),
    "UInt64": (U64_TYPE, _packed("<Q")),
    "Boolean": (0x0D, _packed("<I")),
    "Binary": (BINARY_TYPE, bytes),
    "GUID": (GUID_TYPE, lambda text: UUID(text).bytes_le),
    "FILETIME": (FILETIME_TYPE, lambda at_us: struct.pack("<Q", filetime(at_us))),
    "SYSTEMTIME": (0x12, _system_time),
    "SID": (SID_TYPE, sid_bytes),
    "HexInt32": (0x14, _packed("<I")),
    "HexInt64": (HEX64_TYPE, _packed("<Q")),
    "Pointer": (HEX64_TYPE, _packed("<Q")),
}
