"""Events as flat JSON objects: Get-WinEvent | ConvertTo-Json, EvtxECmd --json, NXLog and what Logstash makes of it,
Winlogbeat 6, Fluent Bit. Names of keys are those of the columns of tables, compared without case and underscores.

The computer is the one that wrote the event (Hostname, MachineName, computer_name); `host`, which pipelines set to who
sent it to them, counts only where nothing else is stated. What no column takes is the payload, unless the object
has one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.formats.events import evtxecmd
from analytics.formats.events.cells import OF_EVTXECMD, event_id_of, lost_names
from analytics.formats.events.labels import EXTRA, column_of, level_number
from analytics.formats.events.payload import Payload, add_vss, tree, unnamed, value_of
from analytics.formats.events.rows import event_row, utc_of
from analytics.formats.reading.batching import Row
from analytics.formats.reading.csv_text import plain_name
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import CellError

_PARAMETER = re.compile(r"param(\d{1,3})")
_NO_VALUE = "System.Diagnostics.Eventing.Reader.EventProperty"
_PIPELINE_TIME = "@timestamp"
_SENDER = "host"
# Keys of the values in the order of %1, %2, ... where the names of a payload are not given.
_POSITIONS = frozenset({"properties", "stringinserts", "replacementstrings"})
_OWN_PAYLOADS = ("event_data", "user_data")
_NEEDED = frozenset({"source"})
_EVIDENCE = frozenset({"log", "record_id", "record_number", "level", "level_name", "description"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _fields_of(names: Iterable[str]) -> set[str]:
    """The fields that the keys of an object name."""
    return {name for key in names if (name := column_of(key)) is not None}


def is_flat_event(names: Iterable[str]) -> bool:
    """Whether an object with these keys is an event: provider, id, time, and something more that only events have."""
    keys = set(names)
    fields = _fields_of(keys)
    has_id, has_time = fields & {"id", "instance_id"}, "date" in fields or _PIPELINE_TIME in keys
    return bool(fields >= _NEEDED and has_id and has_time and fields & _EVIDENCE)


def loses(content: Mapping[str, Any]) -> list[str]:
    """The keys that plainly hold a host, a level or a log which the row of this object would lack."""
    said = [key for key, value in content.items() if value not in (None, "", {}, [])]
    fields = _fields_of(said) | ({"computer"} if _sender_of(content) else set())
    return lost_names([key for key in said if plain_name(key) != _SENDER], fields)


def _sender_of(content: Mapping[str, Any]) -> str | None:
    """The computer that sent the event to a pipeline."""
    host = content.get(_SENDER)
    return _text(host.get("name") if isinstance(host, dict) else host)


def flat_row(content: Mapping[str, Any], dates: DateReader, host: str | None) -> Row:
    """The row of an object; CellError where it lacks what every event has."""
    values: dict[str, Any] = {}
    levels: list[str] = []
    for key, value in content.items():
        name = column_of(key)
        if name in {"level", "level_name"} and value not in (None, ""):
            levels.append(str(value))
        elif name and values.get(name) in (None, ""):
            values[name] = value
    provider, message = _text(values.get("source")), _text(values.get("description"))
    texts = {name: str(values[name]) for name in ("id", "instance_id") if values.get(name) is not None}
    record_id = values.get("record_id")
    return event_row(
        channel=_text(values.get("log")),
        provider=provider,
        event_id=event_id_of(texts),
        version=values.get("version"),
        level=level_number(*levels),
        record_id=record_id if record_id not in (None, "") else values.get("record_number"),
        at=_instant(values, content, dates),
        computer=_text(values.get("computer")) or _sender_of(content) or host,
        payload=_payload(values, content, provider, message),
        message=message or _text(values.get("map_text")),
    )


def _instant(values: Mapping[str, Any], content: Mapping[str, Any], dates: DateReader) -> datetime | None:
    """The time: text, /Date(…)/, PowerShell 5's object with a value, seconds since 1970; EvtxECmd's is UTC."""
    value = values.get("date")
    if isinstance(value, dict):
        value = value.get("value") or value.get("DateTime")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _of_epoch(value)
    if isinstance(value, str) and value.strip():
        return (DateReader(UTC) if OF_EVTXECMD & values.keys() else dates).instant(value)
    return utc_of(content.get(_PIPELINE_TIME))


def _of_epoch(number: float) -> datetime:
    """Seconds, milliseconds or microseconds since 1970, told by their size."""
    for unit in (1, 1_000, 1_000_000):
        if 0 < number < 10_000_000_000 * unit:
            return _EPOCH + timedelta(microseconds=round(number * 1_000_000 / unit))
    raise CellError(f"time {number!r} is no number of seconds since 1970")


def _payload(
    values: Mapping[str, Any], content: Mapping[str, Any], provider: str | None, message: str | None
) -> Payload:
    positions = next((value for key, value in content.items() if plain_name(key) in _POSITIONS), None)
    if OF_EVTXECMD & values.keys():
        parts = [str(value) for key, value in content.items() if column_of(key) == "payload_part" and value]
        return evtxecmd.payload_of(_text(values.get("payload")) or "", parts, provider)
    if isinstance(positions, list):
        return _of_positions(positions, provider, message)
    if any(isinstance(content.get(name), dict) for name in _OWN_PAYLOADS):
        return fields_payload(content.get("event_data"), content.get("user_data"), provider)
    taken = set(values) - set(EXTRA)
    rest = {
        key: tree(value)
        for key, value in content.items()
        if column_of(key) not in taken | {"level", "level_name"} and value not in (None, "")
    }
    if provider == "VSS":
        add_vss(rest, message, None)
    return rest


def _of_positions(properties: list[Any], provider: str | None, message: str | None) -> Payload:
    """Values of a payload without their names; PowerShell 5.1 adds an array for the Binary field."""
    found = [entry.get("Value") if isinstance(entry, dict) else entry for entry in properties]
    texts = [None if value == _NO_VALUE else value for value in found]
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


def fields_payload(event_data: Any, user_data: Any, provider: str | None) -> Payload:
    """The payload of Winlogbeat: event_data, or user_data without the name of its element."""
    if isinstance(event_data, dict) and event_data:
        payload: Payload = tree(event_data)
        positions = {key: found[1] for key in payload if (found := _PARAMETER.fullmatch(key))}
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


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
