"""Windows events as JSON: Get-WinEvent | ConvertTo-Json (PowerShell 5.1 and 7), evtx_dump, Winlogbeat (7+ and 6).

A file may be an array, one object per line, or objects one after the other (`Record 1` lines of evtx_dump between
them). Winlogbeat calls the texts of a payload without names param1, param2, ...; since some events name their
fields so themselves, both the name and the position are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from analytics.formats.events.json_stream import Damage, Value, values
from analytics.formats.events.labels import level_number
from analytics.formats.events.payload import Payload, add_vss, tree, unnamed, value_of
from analytics.formats.events.rows import event_row, leaves_out, utc_of
from analytics.formats.events.tree import tree_row
from analytics.formats.format import Batch, Format, Head, Reading, reject_row
from analytics.formats.reading.batching import Entry, Row, in_batches, storable
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError
from analytics.sources import Source, detect_encoding

PARAMETER = re.compile(r"param(\d{1,3})")
NO_VALUE = "System.Diagnostics.Eventing.Reader.EventProperty"

_EVTX_DUMP = re.compile(r'"Event"\s*:\s*\{[^{}]{0,200}\{?[^{}]{0,300}\}?\s*,?\s*"System"\s*:')
_POWERSHELL = (re.compile(r'"ProviderName"\s*:'), re.compile(r'"TimeCreated"\s*:'), re.compile(r'"Id"\s*:'))
_WINLOGBEAT = re.compile(r'"winlog"\s*:\s*\{|"(?:log_name|source_name)"\s*:')
_RECORD_LINE = re.compile(r"\s*Record \d+")


def recognise(head: Head) -> bool:
    """JSON that holds Event/System, or PowerShell's or Winlogbeat's names."""
    text = head.text.lstrip()
    if text[:1] not in {"{", "["} and not _RECORD_LINE.match(text):
        return False
    return bool(
        _EVTX_DUMP.search(text)
        or all(name.search(text) for name in _POWERSHELL)
        or (_WINLOGBEAT.search(text) and '"@timestamp"' in text)
    )


def read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per event; times without offset are local (Reading.time_zone)."""
    dates = date_reader(reading)
    found = values(source, reading.encoding or detect_encoding(source.head))
    entries = (_entry(value, record_no, dates, reading.host) for record_no, value in enumerate(found, 1))
    return in_batches(entries, leaves_out(reading))


def _entry(value: Value | Damage, record_no: int, dates: DateReader, host: str | None) -> Entry:
    reason = value.reason if isinstance(value, Damage) else ""
    if isinstance(value, Value):
        try:
            return "events", {"record_no": record_no, **json_row(value.content, dates, host)}
        except CellError as error:
            reason = str(error)
    excerpt = storable(value.excerpt)
    return "rejects", reject_row(reason, excerpt, record_no=record_no, byte_offset=value.byte_offset)


def json_row(content: Any, dates: DateReader, host: str | None) -> Row:
    """The row of one object; CellError where it is no event."""
    if not isinstance(content, dict):
        raise CellError("no JSON object")
    if isinstance(content.get("Event"), dict):
        row = tree_row(content["Event"])
    elif "ProviderName" in content:
        row = _powershell_row(content, dates, host)
    elif isinstance(content.get("winlog"), dict):
        row = _winlogbeat_row(content, content["winlog"], host)
    elif "source_name" in content:
        row = _winlogbeat_6_row(content, host)
    else:
        raise CellError("neither evtx_dump's Event, nor Get-WinEvent's ProviderName, nor Winlogbeat's winlog")
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


def _powershell_row(content: dict[str, Any], dates: DateReader, host: str | None) -> Row:
    message = _text(content.get("Message"))
    provider = _text(content.get("ProviderName"))
    properties = content.get("Properties")
    return event_row(
        channel=_text(content.get("LogName")),
        provider=provider,
        event_id=content.get("Id"),
        version=content.get("Version"),
        level=_level(content.get("Level"), content.get("LevelDisplayName")),
        record_id=content.get("RecordId"),
        at=_powershell_time(content.get("TimeCreated"), dates),
        computer=_text(content.get("MachineName")) or host,
        payload=_properties(properties if isinstance(properties, list) else [], provider, message),
        message=message,
    )


def _powershell_time(value: Any, dates: DateReader) -> datetime | None:
    """/Date(…)/ of 5.1, ISO of 7, or 5.1's object with a value and a display hint."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("DateTime")
    return dates.instant(value) if isinstance(value, str) else None


def _properties(properties: list[Any], provider: str | None, message: str | None) -> Payload:
    """Get-WinEvent gives the values of a payload without their names; 5.1 adds an array for its Binary field."""
    found = [entry.get("Value") if isinstance(entry, dict) else entry for entry in properties]
    texts = [None if value == NO_VALUE else value for value in found]
    binary = None
    last = texts[-1] if texts else None
    if isinstance(last, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in last):
        binary = bytes(last).hex().upper()
        texts.pop()
    if all(text is None for text in texts):
        payload: Payload = {}
        if provider == "VSS":
            add_vss(payload, message, binary)
        return payload
    plain = [value_of(tree(text)) if not isinstance(text, (dict, list)) else str(text) for text in texts]
    return unnamed(plain, binary, provider)


def _winlogbeat_row(content: dict[str, Any], winlog: dict[str, Any], host: str | None) -> Row:
    log = content.get("log")
    provider = _text(winlog.get("provider_name"))
    return event_row(
        channel=_text(winlog.get("channel")),
        provider=provider,
        event_id=_event_id(winlog.get("event_id"), content),
        version=winlog.get("version"),
        level=_level(winlog.get("level"), log.get("level") if isinstance(log, dict) else None),
        record_id=winlog.get("record_id"),
        at=utc_of(content.get("@timestamp")),
        computer=_text(winlog.get("computer_name")) or host,
        payload=_fields(winlog.get("event_data"), winlog.get("user_data"), provider),
        message=_text(content.get("message")),
    )


def _winlogbeat_6_row(content: dict[str, Any], host: str | None) -> Row:
    provider = _text(content.get("source_name"))
    return event_row(
        channel=_text(content.get("log_name")),
        provider=provider,
        event_id=content.get("event_id"),
        version=content.get("version"),
        level=_level(content.get("level"), None),
        record_id=content.get("record_number"),
        at=utc_of(content.get("@timestamp")),
        computer=_text(content.get("computer_name")) or host,
        payload=_fields(content.get("event_data"), content.get("user_data"), provider),
        message=_text(content.get("message")),
    )


def _event_id(value: Any, content: dict[str, Any]) -> Any:
    event = content.get("event")
    return value if value is not None else event.get("code") if isinstance(event, dict) else None


def _fields(event_data: Any, user_data: Any, provider: str | None) -> Payload:
    """The payload of Winlogbeat: event_data, or user_data without the name of its element."""
    if isinstance(event_data, dict) and event_data:
        payload: Payload = tree(event_data)
        positions = {key: found[1] for key in payload if (found := PARAMETER.fullmatch(key))}
        payload |= {position: payload[key] for key, position in positions.items()}
        if provider == "VSS":
            texts = [payload[key] for key in positions]
            add_vss(
                payload,
                texts[-1] if texts and isinstance(texts[-1], str) else None,
                _text(payload.get("Binary")),
            )
        return payload
    if isinstance(user_data, dict):
        return {key: tree(value) for key, value in user_data.items() if key != "xml_name"}
    return {}


def _level(value: Any, name: Any) -> int | None:
    return level_number(*(str(text) for text in (value, name) if text is not None))


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


EVENTS_JSON = Format(
    "events-json",
    "Windows events as JSON (PowerShell, evtx_dump, Winlogbeat)",
    ("events",),
    "windows-events.md 1 [I]",
    recognise,
    read,
)
