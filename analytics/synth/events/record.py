"""One Windows event as a machine logs it, independent of the file format it is exported in."""

from __future__ import annotations

from typing import NamedTuple

# FILETIME counts from 1601, in units of 100 ns.
_EPOCH_1601_US = 11_644_473_600_000_000
_EVENT_DATA, VML_EVENT_LOG = "EventData", "VmlEventLog"
EVENT_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
VML_NAMESPACE = "http://www.microsoft.com/Windows/Virtualization/Events"


class Provider(NamedTuple):
    """An event source: `guid` is lower case without braces; classic sources have none."""

    name: str
    guid: str = ""
    source_name: str = ""


class FieldSpec(NamedTuple):
    """A payload field: type as in a manifest (`UInt32`, `UnicodeString`, ...); classic inserts have no name."""

    type: str
    name: str = ""


class Kind(NamedTuple):
    """What all events of one id of one provider share; `key` names the kind in this package only.

    `shape` is `EventData` or `VmlEventLog` (UserData of Hyper-V); `qualifiers` is None except in classic events.
    """

    key: str
    provider: Provider
    event_id: int
    channel: str
    level: int = 4
    fields: tuple[FieldSpec, ...] = ()
    version: int = 0
    opcode: int = 0
    task: int = 0
    keywords: int = 0x8000000000000000
    qualifiers: int | None = None
    shape: str = _EVENT_DATA
    whole_seconds: bool = False


class WinEvent(NamedTuple):
    """One record; `at_us` is microseconds since 1970 in UTC on the clock of `computer`.

    `values` go with the fields of the kind; `binary` is the classic event's data block; `user_sid` may be empty.
    """

    kind: Kind
    at_us: int
    record_id: int
    computer: str
    values: tuple[object, ...] = ()
    binary: bytes | None = None
    pid: int = 4
    tid: int = 8
    user_sid: str = "S-1-5-18"


def filetime(at_us: int) -> int:
    """Microseconds since 1970 as FILETIME."""
    return (at_us + _EPOCH_1601_US) * 10


def fields_of(types_and_names: str) -> tuple[FieldSpec, ...]:
    """Fields from text such as `UnicodeString VhdFileName, UInt32 VhdDiskNumber`; `*` = one unnamed insert."""
    parts = [part.strip() for part in types_and_names.split(",") if part.strip()]
    return tuple(
        FieldSpec("UnicodeString") if part == "*" else FieldSpec(*part.split(" ", 1)) for part in parts
    )
