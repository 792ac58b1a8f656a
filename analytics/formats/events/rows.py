"""Rows of `events`: what their columns accept, and which providers are relevant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from analytics.formats.events.payload import Payload, host_of
from analytics.formats.format import Reading
from analytics.formats.reading.batching import Row
from analytics.formats.reading.dates import YEARS
from analytics.formats.reading.values import CellError
from analytics.places import rules_folder
from analytics.tables.rules import read_rules

MAX_SMALL = 2**31 - 1
MAX_WHOLE = 2**63 - 1
_RELEVANT = "relevant"


@cache
def ruled_providers() -> frozenset[str]:
    """The providers that queries/model/rules/events.csv names, case-folded."""
    rules = read_rules(rules_folder(), "event_rules")
    return frozenset(rule.cells["event_provider"].casefold() for rule in rules)


def wanted_providers(reading: Reading) -> frozenset[str] | None:
    """The providers to keep, in case-folded form; None for all."""
    return ruled_providers() if reading.events_level == _RELEVANT else None


def leaves_out(reading: Reading) -> Callable[[str, Row], bool] | None:
    """Tells the events of providers that are not wanted (Windows writes both volsnap and Volsnap); None for none."""
    providers = wanted_providers(reading)
    if providers is None:
        return None
    return lambda table, row: table == "events" and not is_wanted(row["event_provider"], providers)


def is_wanted(provider: str | None, providers: frozenset[str] | None) -> bool:
    """Whether a provider is kept, also an unknown one; a rule for SQLAgent* means the agents of all instances."""
    name = (provider or "").casefold()
    return providers is None or not name or name in providers or f"{name.partition('$')[0]}*" in providers


def payload_json(payload: Payload) -> str:
    """The payload as JSON text."""
    import orjson

    try:
        return orjson.dumps(payload).decode()
    except TypeError:  # lone surrogates, numbers beyond 64 bits
        import json

        return json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace").decode()


def event_row(
    *,
    channel: Any,
    provider: Any,
    event_id: Any,
    version: Any,
    level: Any,
    record_id: Any,
    at: datetime | None,
    computer: Any,
    payload: Payload,
    message: str | None = None,
) -> Row:
    """A row; CellError where the event lacks its provider, id or time, or holds an impossible number."""
    name = _text(provider)
    if name is None:
        raise CellError("the event names no provider")
    if at is None:
        raise CellError("the event has no time (TimeCreated)")
    return {
        "host": host_of(_text(computer)),
        "channel": _text(channel),
        "event_provider": name,
        "event_id": number(event_id, "EventID", MAX_SMALL, needed=True),
        "version": number(version, "Version", MAX_SMALL),
        "level": number(level, "Level", MAX_SMALL),
        "record_id": number(record_id, "EventRecordID", MAX_WHOLE),
        "at": at,
        "data": payload_json(payload),
        "message": message or None,
    }


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def number(value: Any, name: str, most: int, needed: bool = False) -> int | None:
    """A whole number from 0 to `most`; None where it is missing and not needed; CellError otherwise."""
    if value is None or value == "":
        if needed:
            raise CellError(f"{name} is missing")
        return None
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        raise CellError(f"{name}: {str(value)[:60]!r} is no whole number") from None
    if not 0 <= found <= most:
        raise CellError(f"{name}: {found} lies outside 0 to {most}")
    return found


def utc_of(text: Any) -> datetime | None:
    """The instant of a SystemTime, UTC where no offset is written; None where it is missing or not set (1601).

    Raises CellError for anything else that is no time.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text).strip().replace(" UTC", "Z"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError(
            f"time {str(text)[:60]!r} is not ISO 8601 (such as 2014-05-09T16:00:19.123456Z)"
        ) from None
    if moment.year == 1601:
        return None
    if moment.year not in YEARS:
        raise CellError(f"time {str(text)[:60]!r} lies outside the years {YEARS.start} to {YEARS.stop - 1}")
    return moment
