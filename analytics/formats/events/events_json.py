"""Windows events as JSON: Get-WinEvent | ConvertTo-Json, evtx_dump, EvtxECmd, Winlogbeat, NXLog, also via Logstash.

A file may be an array, one object per line, or objects one after the other (`Record 1` lines of evtx_dump between
them), also copied from a console with its prompt. Winlogbeat calls the texts of a payload without names param1, param2,
...; since some events name their fields so themselves, both the name and the position are given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from analytics.formats.events.flat import fields_payload, flat_row, is_flat_event, loses
from analytics.formats.events.json_stream import Damage, Value, from_first_object, values, without_prompt
from analytics.formats.events.labels import level_number
from analytics.formats.events.rows import event_row, leaves_out, utc_of
from analytics.formats.events.tree import tree_row
from analytics.formats.format import Batch, Ends, Format, Head, Reading, reject_row
from analytics.formats.reading.batching import Entry, Row, in_batches, storable
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError
from analytics.sources import Source, detect_encoding

_KEYS_LOOKED_AT = 200

_EVTX_DUMP = re.compile(r'"Event"\s*:\s*\{[^{}]{0,200}\{?[^{}]{0,300}\}?\s*,?\s*"System"\s*:')
_WINLOGBEAT = re.compile(r'"winlog"\s*:\s*\{')
_KEY = re.compile(r'"([^"\\]{1,60})"\s{0,4}:')
_RECORD_LINE = re.compile(r"\s*Record \d+")


def _recognise(head: Head) -> bool:
    """JSON that holds Event/System, Winlogbeat's winlog, or the names that flat objects of events have.

    Objects that plainly name a host, a level or a log under a key that we do not know are not claimed.
    """
    text = from_first_object(without_prompt(head.text).lstrip())
    if text[:1] not in {"{", "["} and not _RECORD_LINE.match(text):
        return False
    if _EVTX_DUMP.search(text) or (_WINLOGBEAT.search(text) and '"@timestamp"' in text):
        return True
    keys = dict.fromkeys(_KEY.findall(text[:16_384]))
    return is_flat_event(list(keys)[:_KEYS_LOOKED_AT]) and not loses(_first_object(text))


def _first_object(text: str) -> dict[str, Any]:
    """The first object of a text; {} where it goes on behind its end."""
    try:
        content, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
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
    elif isinstance(content.get("winlog"), dict):
        row = _winlogbeat_row(content, content["winlog"], host)
    elif is_flat_event(content) or "ProviderName" in content:
        row = flat_row(content, dates, host)
    else:
        raise CellError("neither evtx_dump's Event, nor Get-WinEvent's ProviderName, nor Winlogbeat's winlog")
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


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
        payload=fields_payload(winlog.get("event_data"), winlog.get("user_data"), provider),
        message=_text(content.get("message")),
    )


def _event_id(value: Any, content: dict[str, Any]) -> Any:
    event = content.get("event")
    return value if value is not None else event.get("code") if isinstance(event, dict) else None


def _level(value: Any, name: Any) -> int | None:
    return level_number(*(str(text) for text in (value, name) if text is not None))


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


EVENTS_JSON = Format(
    "events-json",
    "Windows events as JSON (PowerShell, evtx_dump, EvtxECmd, Winlogbeat, NXLog)",
    ("events",),
    "windows-events.md 1 [I], cases 9 to 12 [V]",
    _recognise,
    _read,
    ends=Ends.ITSELF,
)
