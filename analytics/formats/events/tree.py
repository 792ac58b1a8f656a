"""Events as the JSON objects of the evtx library and its evtx_dump: {"Event": {"System": ..., "EventData": ...}}.

Attributes stand beside an element as `Name_attributes` (separate attributes) or inside it as `#attributes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analytics.formats.events.payload import Payload, named, put, tree, unnamed, value_of
from analytics.formats.events.rows import event_row, utc_of
from analytics.formats.reading.batching import Row
from analytics.formats.reading.values import CellError

_ATTRIBUTES = "_attributes"
_INNER = "#attributes"
_TEXT = "#text"


def tree_row(event: Any) -> Row:
    """The row of one event; CellError where it is none."""
    system = event.get("System") if isinstance(event, dict) else None
    if not isinstance(system, dict):
        raise CellError("the record holds no System element")
    provider = attribute(system, "Provider", "Name") or attribute(system, "Provider", "EventSourceName")
    return event_row(
        channel=text_of(system.get("Channel")),
        provider=provider,
        event_id=text_of(system.get("EventID")),
        version=text_of(system.get("Version")),
        level=text_of(system.get("Level")),
        record_id=text_of(system.get("EventRecordID")),
        at=utc_of(attribute(system, "TimeCreated", "SystemTime")),
        computer=text_of(system.get("Computer")),
        payload=payload_of(event, provider),
    )


def attribute(parent: Mapping[str, Any], name: str, wanted: str) -> Any:
    """An attribute of a child in either form."""
    beside, inside = parent.get(name + _ATTRIBUTES), parent.get(name)
    if isinstance(beside, dict):
        return beside.get(wanted)
    attributes = inside.get(_INNER) if isinstance(inside, dict) else None
    return attributes.get(wanted) if isinstance(attributes, dict) else None


def text_of(value: Any) -> Any:
    """The text of an element that may have attributes."""
    return value.get(_TEXT) if isinstance(value, dict) else value


def payload_of(event: Mapping[str, Any], provider: str | None) -> Payload:
    """The payload: EventData, else UserData, else whatever else the event holds."""
    if "EventData" in event or "EventData" + _ATTRIBUTES in event:
        return _event_data(event.get("EventData"), event.get("EventData" + _ATTRIBUTES), provider)
    for name in ("UserData", "DebugData", "BinaryEventData", "ProcessingErrorData"):
        if event.get(name) is not None:
            return _user_data(event[name])
    return {}


def _event_data(content: Any, attributes: Any, provider: str | None) -> Payload:
    """The payload of EventData; names of its own attributes get an @."""
    if not isinstance(content, dict):
        payload = unnamed([] if content is None else [content], None, provider)
    elif isinstance(content.get("Data"), (dict, list)) or content.keys() <= {"Data", "Binary"}:
        payload = _positions(content, provider)
    else:
        payload = {key: tree(value) for key, value in content.items() if key not in {_INNER, "Binary"}}
        if content.get("Binary"):
            put(payload, "Binary", str(content["Binary"]).upper())
    inner = content.get(_INNER) if isinstance(content, dict) else None
    return _with_attributes(payload, attributes or inner)


def _positions(content: Mapping[str, Any], provider: str | None) -> Payload:
    data = content.get("Data")
    texts = data.get(_TEXT) if isinstance(data, dict) else data
    texts = texts if isinstance(texts, list) else [texts] if "Data" in content else []
    if not any(isinstance(text, dict) for text in texts):
        return unnamed(texts, content.get("Binary"), provider)
    pairs = [(_name(entry), text_of(entry)) for entry in texts]
    return named(pairs, content.get("Binary"), provider)


def _name(entry: Any) -> str | None:
    attributes = entry.get(_INNER) if isinstance(entry, dict) else None
    return attributes.get("Name") if isinstance(attributes, dict) else None


def _with_attributes(payload: Payload, attributes: Any) -> Payload:
    if isinstance(attributes, dict):
        for key, value in attributes.items():
            if not key.startswith("xmlns"):
                payload["@" + key] = value_of(value)
    return payload


def _user_data(content: Any) -> Payload:
    """The payload of UserData: the children of its one element."""
    if not isinstance(content, dict):
        return {"1": value_of(content)}
    names = [key for key in content if key != _INNER and not key.endswith(_ATTRIBUTES)]
    wrapper = (
        names[0] if names else next((key.removesuffix(_ATTRIBUTES) for key in content if key != _INNER), None)
    )
    if wrapper is None:
        return {}
    if len(names) > 1:
        inside = _element(content, None)
    else:
        inside = _element(content.get(wrapper), content.get(wrapper + _ATTRIBUTES))
    return inside if isinstance(inside, dict) else {"1": inside} if inside is not None else {}


def _element(value: Any, attributes: Any) -> Any:
    """An element below UserData: text, or an object of its children and @attributes."""
    if not isinstance(value, dict):
        own = _with_attributes({}, attributes)
        if not own:
            return [_element(entry, None) for entry in value] if isinstance(value, list) else value_of(value)
        return own | ({} if value_of(value) is None else {_TEXT: value_of(value)})
    payload: Payload = {}
    for key in dict.fromkeys(_child_names(value)):
        child = _element(value.get(key), value.get(key + _ATTRIBUTES))
        payload[_TEXT if key == _TEXT else key.rpartition(":")[2]] = child
    payload = _with_attributes(payload, attributes or value.get(_INNER))
    return payload[_TEXT] if set(payload) == {_TEXT} else payload or None


def _child_names(value: Mapping[str, Any]) -> Iterator[str]:
    for key in value:
        if key != _INNER:
            yield key.removesuffix(_ATTRIBUTES)
