"""JSON texts of the evtx library to columns of `events`.

The texts of one kind of event differ in few places: what stands before the time and what stands between channel and
payload is looked up, not parsed, and a payload of plain names and values is taken as it stands. Whatever looks
different in any way goes through event_tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.formats.events.evtx.decode import Record
from analytics.formats.events.evtx.payloads import (
    Places,
    intricate_form,
    is_intricate,
    is_nested,
    normal_forms,
    text_array,
    uneven_rows,
    with_rows,
)
from analytics.formats.events.payload import host_of
from analytics.formats.events.rows import MAX_SMALL, MAX_WHOLE, is_wanted, number, payload_json
from analytics.formats.events.tree import attribute, payload_of, text_of, tree_row
from analytics.formats.format import row_schema
from analytics.formats.reading.values import CellError

_Kind = tuple[str, int, int | None, int | None]
_Place = tuple[str | None, str | None]

_TIME = '"SystemTime":"20'  # other centuries go the slow way
_ID = 'Z"},"EventRecordID":'
_CHANNEL = '"Channel":'
_AFTER_SYSTEM = '},"'
_PLAIN = '},"EventData":{'
_REGULAR_START = '{"Event_attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"Event":{"System":{'
_XMLNS_CHARACTERS = len(_REGULAR_START)
_EARLIEST_TIME = 180  # behind the regular start and the names of the elements before the time
_KNOWN_AT_MOST = 20_000
STEP = 4_000
MAX_CHARACTERS = 256 * 1024 * 1024
_NEW, _UNWANTED = -2, -1
_UNSEEN = "what no event holds"
_KIND_COLUMNS = ("event_provider", "event_id", "version", "level")
_PLACE_COLUMNS = ("channel", "host")


def _loads(text: str) -> Any:
    """Parsed JSON; CellError where it is broken."""
    import orjson

    try:
        return orjson.loads(text)
    except (ValueError, RecursionError) as error:
        raise CellError(f"broken JSON: {error}") from None


def _kind_of(start: str) -> _Kind:
    """Provider, id, version and level from what stands before the time; CellError where they are not there."""
    system = _loads(start + "}}}}")["Event"]["System"]
    provider = attribute(system, "Provider", "Name")
    if not isinstance(provider, str) or not provider.strip():
        raise CellError("the event names no provider")
    return (
        provider.strip(),
        number(text_of(system.get("EventID")), "EventID", MAX_SMALL, needed=True) or 0,
        number(system.get("Version"), "Version", MAX_SMALL),
        number(system.get("Level"), "Level", MAX_SMALL),
    )


def _place_of(end: str) -> _Place:
    """Channel and host from the end of the System element; CellError where they are no texts."""
    system = _loads("{" + end)
    channel, computer = system.get("Channel"), system.get("Computer")
    if not isinstance(channel, str) or not isinstance(computer, str):
        raise CellError("channel and computer are no texts")
    return channel.strip() or None, host_of(computer.strip())


def _stated_id(text: str, start: int) -> int:
    """The record id behind the time; ValueError where it is no number of ours or something else stands there."""
    end = text.find(",", start + len(_ID), start + len(_ID) + 20)
    found = int(text[start + len(_ID) : end])
    if not 0 <= found <= MAX_WHOLE or not text.startswith(_ID, start):
        raise ValueError
    return found


@dataclass(slots=True)
class _Gathered:
    """Rows under way, read from records with these ids.

    `finished` holds, by row, payloads in their normal form; `rejected`, by position among the records, why a text is
    no event; `skipped` the positions of those that are no rows, `filtered` how many of them are not wanted.
    """

    ids: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    record_ids: list[int | None] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)
    finished: dict[int, str] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    filtered: int = 0


class EventTexts:
    """Texts of events to rows of `events`; remembers how kinds of events and places are written."""

    def __init__(self, providers: frozenset[str] | None = None) -> None:
        self.providers = providers
        self._kind_of_start: dict[str, int] = {}
        self._place_of_end: dict[str, int] = {}
        self._kinds: dict[_Kind, int] = {}
        self._places: dict[_Place, int] = {}

    def _forget_too_many(self) -> None:
        for known in (self._kind_of_start, self._place_of_end, self._kinds, self._places):
            if len(known) >= _KNOWN_AT_MOST:
                self._kind_of_start, self._place_of_end, self._kinds, self._places = {}, {}, {}, {}

    def gather(self, records: Iterable[Record]) -> _Gathered:
        """Rows from records; most payloads stay as the library writes them.

        Raises RuntimeError, as the library does, where templates repeat so much that they would fill the memory.
        """
        self._forget_too_many()
        rows, characters, done = _Gathered(), 0, -1
        remaining = iter(records)
        while done < len(rows.ids):
            done, before = len(rows.ids), len(rows.payloads)
            self._take(islice(remaining, STEP), rows)
            characters += sum(map(len, rows.payloads[before:]))
            if characters > MAX_CHARACTERS:
                raise RuntimeError("too much text in too few chunks")
        return rows

    def _take(self, records: Iterable[Record], rows: _Gathered) -> None:
        """One pass over some records."""
        kind_of, place_of = self._kind_of_start.get, self._place_of_end.get
        add_id, add_kind, add_place = rows.ids.append, rows.kinds.append, rows.places.append
        add_time, add_record_id, add_payload = rows.times.append, rows.record_ids.append, rows.payloads.append
        last_tail, place = _UNSEEN, _NEW
        for record in records:
            record_id = record["event_record_id"]
            add_id(record_id)
            text = record["data"]
            at = text.find(_TIME, _EARLIEST_TIME)
            kind = kind_of(text[_XMLNS_CHARACTERS:at], _NEW)
            if kind == _UNWANTED:
                self._skip(rows)
                continue
            after = at + 40  # TIME and its characters but the Z
            channel = text.find(_CHANNEL, after)
            if not text.startswith(last_tail, channel):
                last_tail = text[channel : text.find(_AFTER_SYSTEM, channel) + len(_PLAIN)]
                place, is_plain = place_of(last_tail, _NEW), last_tail.endswith(_PLAIN)
            if kind < 0 or place < 0:
                self._add_other(text, rows)
                last_tail = _UNSEEN
                continue
            try:
                # an exported log counts anew
                if record_id > MAX_WHOLE or not text.startswith(f'{_ID}{record_id},"', after):
                    record_id = _stated_id(text, after)
                end = channel + len(last_tail)
                if is_plain:
                    payload = text[end - 1 : -2]
                else:
                    rows.finished[len(rows.payloads)] = self._nested(text[end - len(_PLAIN) + 2 : -1], kind)
                    payload = "{}"
            except ValueError:
                self._add_other(text, rows)
                continue
            add_kind(kind)
            add_place(place)
            add_record_id(record_id)
            add_time(text[at + 14 : after + 1])
            add_payload(payload)

    def _skip(self, rows: _Gathered) -> None:
        rows.skipped.append(len(rows.ids) - 1)
        rows.filtered += 1

    def _add_other(self, text: str, rows: _Gathered) -> None:
        """Add an event the slow way, and remember its kind and place for the next ones where they are regular."""
        try:
            row = tree_row(_loads(text).get("Event"))
        except (CellError, AttributeError) as error:
            rows.rejected[len(rows.ids) - 1] = str(error)
            rows.skipped.append(len(rows.ids) - 1)
            return
        kind = (row["event_provider"], row["event_id"], row["version"], row["level"])
        place = (row["channel"], row["host"])
        wanted = is_wanted(kind[0], self.providers)
        if wanted:
            rows.finished[len(rows.payloads)] = row["data"]
            rows.kinds.append(self._kinds.setdefault(kind, len(self._kinds)))
            rows.places.append(self._places.setdefault(place, len(self._places)))
            rows.record_ids.append(row["record_id"])
            rows.times.append(row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            rows.payloads.append("{}")
        else:
            self._skip(rows)
        self._remember(text, kind, place, wanted)

    def _remember(self, text: str, kind: _Kind, place: _Place, wanted: bool) -> None:
        at = text.find(_TIME, _EARLIEST_TIME)
        channel = text.find(_CHANNEL, at)
        end = text.find(_AFTER_SYSTEM, channel)
        if at < 0 or channel < 0 or end < 0 or not text.startswith(_REGULAR_START):
            return
        start, tail = text[:at], text[channel : end + len(_PLAIN)]
        if _says(_kind_of, start, kind):
            number = self._kinds.setdefault(kind, len(self._kinds)) if wanted else _UNWANTED
            self._kind_of_start[start[_XMLNS_CHARACTERS:]] = number
        if _says(_place_of, text[channel : end + 1], place):
            self._place_of_end[tail] = self._places.setdefault(place, len(self._places))

    def batch(self, rows: _Gathered, numbers: Sequence[int]) -> pa.RecordBatch:
        """Rows of `events` from records with these numbers; those with a broken payload go to `rejected` instead."""
        schema, payloads = row_schema("events"), text_array(rows.payloads)
        positions = np.delete(np.arange(len(rows.ids)), rows.skipped)
        broken = self._finish(payloads, rows, positions)
        arrays = {
            "record_no": pa.array(np.asarray(numbers, np.int64)[positions]),
            "record_id": pa.array(rows.record_ids, pa.int64()),
            "at": pa.array(rows.times, pa.string()).cast(schema.field("at").type),
            "data": with_rows(normal_forms(payloads), rows.finished),
            "message": pa.nulls(len(payloads), pa.string()),
            **_taken(schema, _KIND_COLUMNS, self._kinds, rows.kinds),
            **_taken(schema, _PLACE_COLUMNS, self._places, rows.places),
        }
        batch = pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
        return batch.take([row for row in range(len(batch)) if row not in broken]) if broken else batch

    def _finish(self, payloads: pa.Array, rows: _Gathered, positions: Places) -> set[int]:
        """Bring the payloads that need a look of their own into their normal form; gives the rows that are broken."""
        broken = set()
        for row in uneven_rows(payloads):
            text = rows.payloads[row]
            if row in rows.finished:
                continue
            if not is_nested(text):
                if is_intricate(text):
                    rows.finished[row] = intricate_form(text)
                continue
            try:
                rows.finished[row] = self._nested(f'"EventData":{text}}}', rows.kinds[row])
            except CellError as error:
                rows.rejected[int(positions[row])] = str(error)
                broken.add(row)
        return broken

    def _nested(self, text: str, kind: int) -> str:
        """A payload with elements within elements, or none; CellError (a ValueError) where it is broken."""
        if text == '"EventData":null}':
            return "{}"
        provider = next(islice(self._kinds, kind, None))[0]
        return payload_json(payload_of(_loads("{" + text), provider))


def _taken(
    schema: pa.Schema, names: Sequence[str], known: Iterable[Sequence[Any]], numbers: list[int]
) -> dict[str, pa.Array]:
    """Columns of which the different combinations of values are known by number."""
    indices = pa.array(numbers, pa.int32())
    columns = list(zip(*known, strict=True)) or [()] * len(names)
    return {
        name: pa.array(column, schema.field(name).type).take(indices)
        for name, column in zip(names, columns, strict=True)
    }


def _says(read: Callable[[str], Any], text: str, expected: Any) -> bool:
    """True where a piece of an event, read by itself, says what the whole event said."""
    try:
        return bool(read(text) == expected)
    except (CellError, KeyError, TypeError, AttributeError):
        return False
