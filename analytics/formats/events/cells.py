"""An event from named cells, whether they stand in a row, one below the other, or in an object: one place for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from analytics.formats.events import evtxecmd
from analytics.formats.events.labels import EXTRA, column_of, level_number, says_none
from analytics.formats.events.payload import Payload, add_vss
from analytics.formats.events.rows import event_row
from analytics.formats.reading.batching import Row
from analytics.formats.reading.csv_text import plain_name
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import stated_text

# What plainly names a host, a level or a log; a table that has it under a name we do not know is not ours to read.
_SIGNS = {
    "computer": re.compile(r"host|hostname|hostid|machine\w*|computer\w*|server\w*|agenthost\w*"),
    "level": re.compile(r"\w*level\w*|\w*severity\w*|entrytype"),
    "log": re.compile(r"channel\w*|log|logname|logfile\w*|eventlog\w*"),
}
_STATED_AS = {"computer": "host", "level": "level", "log": "channel"}
OF_EVTXECMD = frozenset({"payload", "payload_part", "map_text"})


def lost_names(names: Iterable[str], stated: Iterable[str]) -> list[str]:
    """The names that plainly hold a host, a level or a log none of which is among the fields that are stated."""
    plain = {plain_name(name) for name in names if column_of(name) is None}
    fields = set(stated) | ({"level"} if "level_name" in stated else set())
    lacking = [pattern for field, pattern in _SIGNS.items() if field not in fields]
    return sorted(name for name in plain if any(pattern.fullmatch(name) for pattern in lacking))


def event_of_cells(
    cells: Mapping[str, str], dates: DateReader, host: str | None, parts: Sequence[str] = ()
) -> Row:
    """The row of an event from its texts by field; CellError where it lacks what every event has.

    `host` is the computer where the cells name none; `parts` are the columns PayloadData1 to 6 of EvtxECmd.
    """
    provider = stated_text(cells.get("source", ""))
    message = (cells.get("description") or cells.get("map_text", "")).replace("\r\n", "\n").strip()
    return event_row(
        channel=stated_text(cells.get("log", "")),
        provider=provider,
        event_id=event_id_of(cells),
        version=cells.get("version", "").strip(),
        level=level_number(cells.get("level", ""), cells.get("level_name", "")),
        record_id=(cells.get("record_id") or cells.get("record_number", "")).strip(),
        at=_instant(cells, dates),
        computer=stated_text(cells.get("computer", "")) or host,
        payload=_payload(cells, parts, provider, message),
        message=message,
    )


def event_id_of(cells: Mapping[str, str]) -> str | int:
    """The event id; of Get-EventLog's InstanceId the lower half."""
    text = cells.get("id", "").strip()
    instance = cells.get("instance_id", "").strip()
    return int(instance) & 0xFFFF if not text and re.fullmatch(r"\d{1,19}", instance, re.ASCII) else text


def _instant(cells: Mapping[str, str], dates: DateReader) -> datetime | None:
    """The time; EvtxECmd writes UTC without saying so."""
    text = cells.get("date", "")
    return (DateReader(UTC) if OF_EVTXECMD & cells.keys() else dates).instant(text)


def _payload(cells: Mapping[str, str], parts: Sequence[str], provider: str | None, message: str) -> Payload:
    if OF_EVTXECMD & cells.keys():
        return evtxecmd.payload_of(cells.get("payload", ""), parts, provider)
    stated = {written: stated_text(cells.get(name, "").strip("{} ")) for name, written in EXTRA.items()}
    payload: Payload = {name: text for name, text in stated.items() if text and not _says_little(text)}
    if provider == "VSS":
        add_vss(payload, message, None)
    return payload


def _says_little(text: str) -> bool:
    """A word for "none", or the number that PowerShell gives beside the word."""
    return says_none(text) or re.fullmatch(r"-?\d{1,20}", text, re.ASCII) is not None
