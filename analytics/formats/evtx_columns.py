"""JSON texts of the evtx library to columns of `events`.

The texts of one kind of event differ in few places: what stands before the time and what stands between channel and
payload is looked up, not parsed, and a payload of plain names and values is taken as it stands. Whatever looks
different in any way goes through event_tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from analytics.formats.batching import Row, storable
from analytics.formats.dates import YEARS
from analytics.formats.event_payload import host_of
from analytics.formats.event_rows import MAX_SMALL, number
from analytics.formats.event_tree import attribute, text_of, tree_row
from analytics.formats.format import Batch, row_schema
from analytics.formats.values import GUID, CellError

Kind = tuple[str, int, int | None, int | None]
Place = tuple[str | None, str | None]

TIME = '"SystemTime":"'
ID = '"},"EventRecordID":'
CHANNEL = '"Channel":'
PAYLOAD = '},"EventData":'
TIME_CHARACTERS = len("2014-05-09T16:00:19.123456Z")
KNOWN_AT_MOST = 20_000
VALID_YEARS = frozenset(str(year) for year in YEARS)
NESTED = ('":{', '":[', '},"', '"Binary":', "\\r", "\\ud")

# A quote before a colon is never escaped between a name and its value, and always inside a value.
_BARE = re.compile(r'":(?<!\\":)(-?\d[^,}]*|true|false)')
_BRACED = re.compile(rf'":"\{{({GUID})\}}"')


def loads(text: str) -> Any:
    """Parsed JSON; CellError where it is broken."""
    import orjson

    try:
        return orjson.loads(text)
    except (ValueError, RecursionError) as error:
        raise CellError(f"broken JSON: {error}") from None


def kind_of(start: str) -> Kind:
    """Provider, id, version and level from what stands before the time; CellError where they are not there."""
    system = loads(start + "}}}}")["Event"]["System"]
    provider = attribute(system, "Provider", "Name")
    if not isinstance(provider, str) or not provider.strip():
        raise CellError("the event names no provider")
    return (
        provider.strip(),
        number(text_of(system.get("EventID")), "EventID", MAX_SMALL, needed=True) or 0,
        number(system.get("Version"), "Version", MAX_SMALL),
        number(system.get("Level"), "Level", MAX_SMALL),
    )


def place_of(end: str) -> Place:
    """Channel and host from the end of the System element."""
    system = loads("{" + end)
    channel, computer = system.get("Channel"), system.get("Computer")
    if not isinstance(channel, str) or not isinstance(computer, str):
        raise CellError("no text")
    return channel.strip() or None, host_of(computer.strip())


def plain_payload(text: str) -> str | None:
    """The payload's JSON in its normal form; None where it is not just names and values."""
    if text == "null":
        return "{}"
    if not text.startswith("{") or any(mark in text for mark in NESTED):
        return None
    if '":""' in text:
        text = text.replace('":""', '":null')
    if '"{' in text:
        text = _BRACED.sub(lambda found: f'":"{found[1].upper()}"', text)
    return _BARE.sub(r'":"\1"', text)


class Columns:
    """Columns of `events` that grow; `filtered` counts events of providers that are not wanted."""

    def __init__(self, providers: frozenset[str] | None = None) -> None:
        self.providers = providers
        self.filtered = 0
        self._kinds: dict[str, Kind | None] = {}
        self._places: dict[str, Place | None] = {}
        self._clear()

    def _clear(self) -> None:
        self.numbers: list[int] = []
        self.kinds: list[Kind] = []
        self.places: list[Place] = []
        self.record_ids: list[int | None] = []
        self.times: list[str] = []
        self.payloads: list[str] = []

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, texts: Iterable[str], first_number: int) -> dict[int, str]:
        """Add events; the reasons of those that are none, by their number."""
        rejected = {}
        for record_no, text in enumerate(texts, first_number):
            if not self._add_plain(text, record_no):
                try:
                    self._add_row(tree_row(loads(text).get("Event")), record_no)
                except CellError as error:
                    rejected[record_no] = str(error)
        return rejected

    def _add_plain(self, text: str, record_no: int) -> bool:
        at = text.find(TIME)
        after = at + len(TIME) + TIME_CHARACTERS
        place = text.find(CHANNEL, after)
        end = text.find(PAYLOAD, place)
        if at < 0 or place < 0 or end < 0 or not text.startswith(ID, after):
            return False
        kind = self._kind(text[:at])
        where = self._place(text[place : end + 1])
        time = text[at + len(TIME) : after]
        if kind is None or where is None or time[:4] not in VALID_YEARS or time[-1] != "Z":
            return False
        if self.providers is not None and kind[0] not in self.providers:
            self.filtered += 1
            return True
        payload = plain_payload(text[end + len(PAYLOAD) : -2])
        id_at = after + len(ID)
        record_id = text[id_at : text.find(",", id_at, id_at + 20)]
        if payload is None or not record_id.isdigit():
            return False
        self.numbers.append(record_no)
        self.kinds.append(kind)
        self.places.append(where)
        self.record_ids.append(int(record_id))
        self.times.append(time)
        self.payloads.append(payload)
        return True

    def _kind(self, start: str) -> Kind | None:
        try:
            return self._kinds[start]
        except KeyError:
            return _learn(self._kinds, start, kind_of)

    def _place(self, end: str) -> Place | None:
        try:
            return self._places[end]
        except KeyError:
            return _learn(self._places, end, place_of)

    def _add_row(self, row: Row, record_no: int) -> None:
        if self.providers is not None and row["event_provider"] not in self.providers:
            self.filtered += 1
            return
        self.numbers.append(record_no)
        self.kinds.append((storable(row["event_provider"]), row["event_id"], row["version"], row["level"]))
        self.places.append((row["channel"], row["host"]))
        self.record_ids.append(row["record_id"])
        self.times.append(row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        self.payloads.append(row["data"])

    def batch(self) -> Batch:
        """What has grown so far as a batch; the columns are empty then."""
        providers, ids, versions, levels = zip(*self.kinds, strict=True) if self.kinds else ((), (), (), ())
        channels, hosts = zip(*self.places, strict=True) if self.places else ((), ())
        values: Mapping[str, Any] = {
            "record_no": self.numbers, "host": hosts, "channel": channels, "event_provider": providers,
            "event_id": ids, "version": versions, "level": levels, "record_id": self.record_ids,
            "data": self.payloads,
        }
        arrays = {
            field.name: pa.array(values[field.name], type=field.type)
            for field in row_schema("events")
            if field.name in values
        }
        arrays["at"] = pa.array(self.times, type=pa.string()).cast(row_schema("events").field("at").type)
        arrays["message"] = pa.nulls(len(self.numbers), pa.string())
        schema = row_schema("events")
        rows = pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
        batch = Batch("events", rows, self.filtered)
        self.filtered = 0
        self._clear()
        return batch


def _learn(known: dict[str, Any], text: str, read: Any) -> Any:
    """Remember what a text says; None where it has to be read the slow way."""
    if len(known) >= KNOWN_AT_MOST:
        known.clear()
    try:
        known[text] = read(text)
    except (CellError, KeyError, TypeError, AttributeError):
        known[text] = None
    return known[text]
