"""JSON texts of the evtx library to columns of `events`.

The texts of one kind of event differ in few places: what stands before the time and what stands between channel and
payload is looked up, not parsed, and a payload of plain names and values is taken as it stands. Whatever looks
different in any way goes through event_tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from analytics.formats.event_payload import host_of
from analytics.formats.event_rows import MAX_SMALL, is_wanted, number, payload_json
from analytics.formats.event_tree import attribute, payload_of, text_of, tree_row
from analytics.formats.format import Batch, row_schema
from analytics.formats.values import GUID, CellError

Kind = tuple[str, int, int | None, int | None]
Place = tuple[str | None, str | None]

TIME = '"SystemTime":"20'  # other centuries go the slow way
ID = 'Z"},"EventRecordID":'
CHANNEL = '"Channel":'
AFTER_SYSTEM = '},"'
PLAIN = 'EventData":{'
REGULAR_START = '{"Event_attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"Event":{"System":{'
XMLNS_CHARACTERS = len(REGULAR_START)
EARLIEST_TIME = 180  # behind the regular start and the names of the elements before the time
KNOWN_AT_MOST = 20_000
NEW, UNWANTED = -2, -1
UNSEEN = "what no event holds"
KIND_COLUMNS = ("event_provider", "event_id", "version", "level")
PLACE_COLUMNS = ("channel", "host")

# The quote of a name is never escaped, a quote within a value always is.
_BARE = re.compile(r'":(?<!\\":)(-?\d[^,}\n]*|true|false|"")')
_BRACED = re.compile(rf'":"\{{({GUID})\}}"')
_LINE_END = re.compile(r"\\r\\n")


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
    """Channel and host from the end of the System element; CellError where they are no texts."""
    system = loads("{" + end)
    channel, computer = system.get("Channel"), system.get("Computer")
    if not isinstance(channel, str) or not isinstance(computer, str):
        raise CellError("channel and computer are no texts")
    return channel.strip() or None, host_of(computer.strip())


def normal_forms(payloads: list[str]) -> list[str]:
    """Payloads in their normal form (event_payload): all at once, since JSON texts hold no line feeds."""
    if not payloads:
        return []
    text = "\n".join(payloads)
    parts = _BARE.split(text)
    parts[1::2] = ['":null' if value == '""' else f'":"{value}"' for value in parts[1::2]]
    text = "".join(parts).replace(',"Binary":null}', "}")
    if '":"{' in text:
        text = _BRACED.sub(lambda found: f'":"{found[1].upper()}"', text)
    if "\\r\\n" in text:
        text = _LINE_END.sub(_line_feed, text) if "\\\\r\\n" in text else text.replace("\\r\\n", "\\n")
    return text.split("\n")


def _line_feed(found: re.Match[str]) -> str:
    """Only an odd number of backslashes makes this a carriage return; after an even one it is a plain r."""
    before = found.string[max(0, found.start() - 100) : found.start()]
    return found[0] if (len(before) - len(before.rstrip("\\"))) % 2 else "\\n"


class Columns:
    """Columns of `events` that grow; `filtered` counts events of providers that are not wanted."""

    def __init__(self, providers: frozenset[str] | None = None) -> None:
        self.providers = providers
        self.filtered = 0
        self._clear()

    def _clear(self) -> None:
        self._kind_of_start: dict[str, int] = {}
        self._place_of_end: dict[str, int] = {}
        self._kinds: dict[Kind, int] = {}
        self._places: dict[Place, int] = {}
        self._numbers: list[int] = []
        self._kind: list[int] = []
        self._place: list[int] = []
        self._record_ids: list[int | None] = []
        self._times: list[str] = []
        self._payloads: list[str] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def add(
        self, records: Iterable[dict[str, Any]], first_number: int, promised: list[int]
    ) -> dict[int, str]:
        """Add events as the library gives them; the reasons of those that are none, by their number.

        Raises RuntimeError where they are not the promised ones; back_to() then forgets them.
        """
        rejected: dict[int, str] = {}
        payloads: list[str] = []
        kinds, places = self._kind_of_start, self._place_of_end
        add_number, add_kind, add_place = self._numbers.append, self._kind.append, self._place.append
        add_time, add_record_id, add_payload = self._times.append, self._record_ids.append, payloads.append
        last_tail, place = UNSEEN, NEW
        record_no = first_number - 1
        seen: list[int] = []
        add_seen = seen.append
        for record in records:
            record_no += 1
            add_seen(record["event_record_id"])
            text = record["data"]
            at = text.find(TIME, EARLIEST_TIME)
            kind = kinds.get(text[XMLNS_CHARACTERS:at], NEW)
            if kind == UNWANTED:
                self.filtered += 1
                continue
            after = at + 40  # TIME and its characters but the Z
            channel = text.find(CHANNEL, after)
            if not text.startswith(last_tail, channel):
                last_tail = text[channel : text.find(AFTER_SYSTEM, channel) + 3]
                place = places.get(last_tail, NEW)
            if kind < 0 or place < 0 or not text.startswith(ID, after):
                self._add_other(text, record_no, payloads, rejected)
                last_tail = UNSEEN
                continue
            end = channel + len(last_tail)
            payload = text[end + 11 : -2]
            try:
                record_id = int(text[after + 20 : text.find(",", after + 20, after + 39)])
                if (
                    '":{' in payload
                    or '":[' in payload
                    or '},"' in payload
                    or not text.startswith(PLAIN, end)
                ):
                    payload = self._nested(text[end - 1 : -1], kind)
            except ValueError:
                self._add_other(text, record_no, payloads, rejected)
                continue
            add_number(record_no)
            add_kind(kind)
            add_place(place)
            add_record_id(record_id)
            add_time(text[at + 14 : after + 1])
            add_payload(payload)
        if seen != promised:
            raise RuntimeError(f"{len(seen)} records, not the {len(promised)} that the chunks promise")
        self._payloads += normal_forms(payloads)
        return rejected

    def _nested(self, text: str, kind: int) -> str:
        """A payload with elements within elements, or none; CellError (a ValueError) where it is broken."""
        if text == '"EventData":null}':
            return "{}"
        return payload_json(payload_of(loads("{" + text), self._provider_of(kind)))

    def mark(self) -> tuple[int, int]:
        """Where the columns are now, for back_to()."""
        return len(self._numbers), self.filtered

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget what was added since; payloads of the run that failed were not added yet."""
        length, self.filtered = mark
        columns: tuple[list[Any], ...] = (
            self._numbers,
            self._kind,
            self._place,
            self._record_ids,
            self._times,
        )
        for column in (*columns, self._payloads):
            del column[length:]

    def _add_other(self, text: str, record_no: int, payloads: list[str], rejected: dict[int, str]) -> None:
        """Add an event the slow way, and remember its kind and place for the next ones where they are regular."""
        try:
            row = tree_row(loads(text).get("Event"))
        except (CellError, AttributeError) as error:
            rejected[record_no] = str(error)
            return
        kind = (row["event_provider"], row["event_id"], row["version"], row["level"])
        place = (row["channel"], row["host"])
        wanted = is_wanted(kind[0], self.providers)
        if wanted:
            self._numbers.append(record_no)
            self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))
            self._place.append(self._places.setdefault(place, len(self._places)))
            self._record_ids.append(row["record_id"])
            self._times.append(row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
            payloads.append(row["data"])
        else:
            self.filtered += 1
        self._remember(text, kind, place, wanted)

    def _remember(self, text: str, kind: Kind, place: Place, wanted: bool) -> None:
        at = text.find(TIME, EARLIEST_TIME)
        channel = text.find(CHANNEL, at)
        end = text.find(AFTER_SYSTEM, channel)
        if at < 0 or channel < 0 or end < 0 or not text.startswith(REGULAR_START):
            return
        _bound(self._kind_of_start)
        _bound(self._place_of_end)
        start, tail = text[:at], text[channel : end + 3]
        if _says(kind_of, start, kind):
            number = self._kinds.setdefault(kind, len(self._kinds)) if wanted else UNWANTED
            self._kind_of_start[start[XMLNS_CHARACTERS:]] = number
        if _says(place_of, tail[:-2], place):
            self._place_of_end[tail] = self._places.setdefault(place, len(self._places))

    def _provider_of(self, kind: int) -> str:
        return next(islice(self._kinds, kind, None))[0]

    def batch(self) -> Batch:
        """What has grown so far as a batch; the columns are empty then."""
        schema = row_schema("events")
        arrays = {
            "record_no": pa.array(self._numbers, pa.int64()),
            "record_id": pa.array(self._record_ids, pa.int64()),
            "at": pa.array(self._times, pa.string()).cast(schema.field("at").type),
            "data": pa.array(self._payloads, pa.string()),
            "message": pa.nulls(len(self), pa.string()),
            **_taken(schema, KIND_COLUMNS, self._kinds, self._kind),
            **_taken(schema, PLACE_COLUMNS, self._places, self._place),
        }
        rows = pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
        batch = Batch("events", rows, self.filtered)
        self.filtered = 0
        self._clear()
        return batch


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


def _bound(known: dict[str, int]) -> None:
    if len(known) >= KNOWN_AT_MOST:
        known.clear()


def _says(read: Callable[[str], Any], text: str, expected: Any) -> bool:
    """True where a piece of an event, read by itself, says what the whole event said."""
    try:
        return bool(read(text) == expected)
    except (CellError, KeyError, TypeError, AttributeError):
        return False
