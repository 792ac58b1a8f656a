"""collection.json, our own file beside the logs of one machine (contract.md section 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.reading.batching import Entry, Row, in_batches, rejected_file, storable
from analytics.formats.reading.dates import iso_utc
from analytics.formats.reading.values import CellError
from analytics.site import iana_zone
from analytics.sources import Source, detect_encoding
from analytics.sources.text import to_utf8

_ROLES = ("hyper-v-host", "dpm-server", "guest")
_LIMIT_BYTES = 1 << 20
_MOST_OBJECTS = 100
_EXAMPLE = (
    '{"host": "HV01", "role": "guest", "collected_at": "2014-05-09T00:00:00Z", "time_zone": "Asia/Tokyo"}'
)

_OBJECT = re.compile(r'\{\s*"')
_KEY = re.compile(r'[{,]\s*"(host|role|collected_at|time_zone)"\s*:')


def _recognise(head: Head) -> bool:
    """A JSON object with at least two of the four keys near its beginning, however broken behind them."""
    text = head.text[:4096].lstrip()
    return text.startswith("{") and len(set(_KEY.findall(text))) > 1


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """One row of collections for each object, mostly one, or a reject that says what is wrong with it."""
    return in_batches(_entries(source.read(), reading))


def _entries(data: bytes, reading: Reading) -> Iterator[Entry]:
    text = (
        to_utf8(data[:_LIMIT_BYTES], reading.encoding or detect_encoding(data))
        .decode("utf-8", "replace")
        .replace("\ufeff", "")
        .strip()
    )
    for _ in range(_MOST_OBJECTS):
        if not text:
            return
        try:
            stated, end = json.JSONDecoder().raw_decode(text)
            entry: Entry = ("collections", _collection_of(stated))
        except CellError as error:
            entry = rejected_file(f"{error}; expected {_EXAMPLE}", text)
        except (ValueError, RecursionError) as error:
            # what stands behind it may be whole, where two copies were joined
            following = _OBJECT.search(text, 1)
            entry = rejected_file(f"broken JSON: {error}; expected {_EXAMPLE}", text)
            end = following.start() if following else len(text)
        yield entry
        text = text[end:].strip()


def _collection_of(stated: object) -> Row:
    """Host, role, collected_at (UTC) and time zone of a collection.json; CellError where it is broken."""
    if not isinstance(stated, dict):
        raise CellError("no JSON object")
    host, role = _text(stated, "host"), _text(stated, "role")
    if not host:
        raise CellError('"host" is missing')
    if role is not None and role not in _ROLES:
        raise CellError(f"role {role[:60]!r} is none of {', '.join(_ROLES)}")
    collected_at = iso_utc(_text(stated, "collected_at") or "")
    return {
        "host": host,
        "role": role,
        "collected_at": collected_at,
        "time_zone": _zone(_text(stated, "time_zone")),
    }


def _text(stated: dict[str, Any], key: str) -> str | None:
    value = stated.get(key)
    if value is not None and not isinstance(value, str):
        raise CellError(f'"{key}" is no text')
    return storable(value or "").strip() or None


def _zone(name: str | None) -> str | None:
    """The IANA name of the zone that IANA or Windows calls so; CellError where there is none."""
    try:
        return iana_zone(name) if name else None
    except ValueError as error:
        raise CellError(f"time_zone {str(name)[:60]!r} {error} (for example Asia/Tokyo)") from None


COLLECTION_JSON = Format(
    "collection-json",
    "collection.json of the collector",
    ("collections",),
    "contract.md 3 [V]",
    _recognise,
    _read,
    order=0,
    ends=Ends.ITSELF,
)
