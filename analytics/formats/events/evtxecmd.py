"""The payload as EvtxECmd writes it: XML turned into JSON, attributes as `@Name`, texts as `#text`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from analytics.formats.events.payload import Payload, named, tree, unnamed, value_of

_DASHED = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2})*")
_PART = re.compile(r"([^:]{1,100}): (.*)", re.DOTALL)


def payload_of(text: str, parts: Iterable[str], provider: str | None) -> Payload:
    """The payload from the JSON of the column Payload; else from the columns PayloadData1 to 6."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = {}
    if isinstance(content, dict) and content:
        return _of_content(content, provider)
    found = [_PART.fullmatch(part) for part in parts]
    return {part[1].strip(): value_of(part[2].strip()) for part in found if part}


def _of_content(content: dict[str, Any], provider: str | None) -> Payload:
    if "EventData" in content:
        return _event_data(content["EventData"], provider)
    inside = content.get("UserData", content)
    if isinstance(inside, dict) and len(inside) == 1:
        inside = next(iter(inside.values()))
    found = _plain(inside)
    return found if isinstance(found, dict) else {} if found is None else {"1": found}


def _event_data(data: Any, provider: str | None) -> Payload:
    if not isinstance(data, dict):
        return unnamed([] if data is None else [str(data)], None, provider)
    binary = _binary(data.get("Binary"))
    entries = data.get("Data")
    if entries is None:
        found = _plain({key: value for key, value in data.items() if key != "Binary"})
        return named(found.items() if isinstance(found, dict) else (), binary, provider)
    pairs = [_pair(entry) for entry in (entries if isinstance(entries, list) else [entries])]
    return named(pairs, binary, provider)


def _pair(entry: Any) -> tuple[str | None, str | None]:
    if isinstance(entry, dict):
        return entry.get("@Name"), value_of(entry.get("#text"))
    return None, value_of(entry)


def _binary(value: Any) -> str | None:
    text = value if isinstance(value, str) else ""
    return (text.replace("-", "") if _DASHED.fullmatch(text) else text) or None


def _plain(value: Any) -> Any:
    """An element below UserData: its text, or an object of its children and attributes but namespaces."""
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if not isinstance(value, dict):
        return value_of(value)
    children = {
        key.rpartition(":")[2] if not key.startswith("@") else key: _plain(entry)
        for key, entry in value.items()
        if not key.startswith("@xmlns")
    }
    return children["#text"] if set(children) == {"#text"} else tree(children) or None
