"""The payload of a Windows event as one JSON shape, the same from .evtx, XML, CSV and JSON.

An object without levels: field -> text, or null where the field is empty.

- `EventData` with names: the names as keys; a repeated name gets `_1`, `_2`, ...
- `EventData` without names (VSS, ESENT, SQL, ...): the position from "1", so that `data->>'2'` is %2 of the message.
- `Binary` below either: upper-case hexadecimal digits.
- `UserData` (Hyper-V): the children of its one element by local name (`VmName`, `VmId`, `Parameter0`, ...).
  Only children with children of their own stay objects.
- Attributes but namespaces: `@name`, as in `@Name` of EventData.
- Provider VSS: `Operation` is the list of lines of that block and `Context` the list of [key, value] in their order,
  duplicates kept; the first value of each key also stands beside them (`data->>'Writer Name'`). The `Binary` field
  adds `Code`, `Call`, `PID`, `TID` (decimal without zeros), `CMD` and `User` of the process that logged the event.
- An event without payload: {}.

Values are text as the Event Viewer shows it, with these normal forms: a GUID in braces loses them and is upper case,
line ends are line feeds, times of fields have microseconds. Shapes: windows-events.md section 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from analytics.formats.reading.values import GUID

Payload = dict[str, Any]
_Pair = tuple[str | None, str | None]

# English and, unverified, Japanese and German as VSS writes them; other languages go by the order of the blocks.
_BLOCKS = {
    "operation": "Operation",
    "操作": "Operation",
    "vorgang": "Operation",
    "context": "Context",
    "コンテキスト": "Context",
    "kontext": "Context",
}
_BINARY_KEYS = ("Code", "Call", "PID", "TID", "CMD", "User")

_BRACED = re.compile(rf"\{{({GUID})\}}")
_LONG_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})\d{1,3}Z")
_BLOCK_TITLE = re.compile(r"(\S[^\n:：]{0,60})[:：]\s*")
_CONTEXT_LINE = re.compile(r"\s+([^:：]{1,100})[:：](?:\s+(.*))?")
_BINARY_PART = re.compile(r"- (Code|Call|PID|TID|CMD|User): ")


def named(pairs: Iterable[_Pair], binary: str | None = None, provider: str | None = None) -> Payload:
    """The payload of EventData: its Data elements as (name, text) in their order, and its Binary."""
    payload: Payload = {}
    for position, (name, text) in enumerate(pairs, 1):
        put(payload, name or str(position), value_of(text))
    return _with_binary(payload, binary, provider)


def unnamed(texts: Iterable[str | None], binary: str | None, provider: str | None) -> Payload:
    """The payload of EventData whose Data elements have no names."""
    payload: Payload = {str(position): value_of(text) for position, text in enumerate(texts, 1)}
    return _with_binary(payload, binary, provider)


def _with_binary(payload: Payload, binary: str | None, provider: str | None) -> Payload:
    """Add the Binary field and, for VSS, what its last text and that field hold."""
    if provider == "VSS":
        add_vss(
            payload,
            next((text for text in reversed(payload.values()) if isinstance(text, str)), None),
            binary,
        )
    if binary:
        put(payload, "Binary", binary.upper())
    return payload


def put(payload: Payload, name: str, value: Any) -> None:
    """Add a field; a name that is there already gets the next free _1, _2, ..."""
    key, copy = name, 0
    while key in payload:
        copy += 1
        key = f"{name}_{copy}"
    payload[key] = value


def value_of(value: Any) -> str | None:
    """The normal form of a value; None where it is empty."""
    if value is None or value == "":
        return None
    if value.__class__ is str:
        return _normal(value)
    return str(value).lower() if isinstance(value, bool) else _normal(str(value))


def _normal(text: str) -> str:
    if text[0] == "{" and (braced := _BRACED.fullmatch(text)):
        return braced[1].upper()
    if len(text) in {28, 29, 30} and (time := _LONG_TIME.fullmatch(text)):
        return f"{time[1]}Z"
    return text.replace("\r\n", "\n") if "\r" in text else text


def tree(value: Any) -> Any:
    """The normal form of nested objects and lists."""
    if isinstance(value, dict):
        return {str(key): tree(entry) for key, entry in value.items()}
    return [tree(entry) for entry in value] if isinstance(value, list) else value_of(value)


def add_vss(payload: Payload, block: str | None, binary: str | None) -> None:
    """Add what VSS writes behind its messages: the Operation/Context block and the Binary field."""
    operation, context = operation_and_context((block or "").replace("\r", ""))
    if operation:
        payload["Operation"] = operation
    if context:
        payload["Context"] = [list(pair) for pair in context]
    for key, value in [*context, *_process_of(binary or "").items()]:
        payload.setdefault(key, value)


def operation_and_context(text: str) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The lines of the Operation block and the pairs of the Context block, both empty where there is none."""
    blocks: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n"):
        if title := _BLOCK_TITLE.fullmatch(line):
            fallback = "Context" if "Operation" in blocks else "Operation"
            current = blocks.setdefault(_BLOCKS.get(title[1].strip().casefold(), fallback), [])
        elif line.strip() and line[0].isspace():
            current.append(line)
    pairs = [_CONTEXT_LINE.fullmatch(line) for line in blocks.get("Context", ())]
    context = [(pair[1].strip(), value_of((pair[2] or "").strip())) for pair in pairs if pair]
    return [line.strip() for line in blocks.get("Operation", ())], context


def _process_of(binary: str) -> dict[str, str | None]:
    """The parts of the VSS Binary field, `- Code: ...- Call: ...- PID: ...`; {} for anything else."""
    try:
        text = bytes.fromhex(binary).decode("latin-1").rstrip("\0 ")
    except ValueError:
        return {}
    parts = _BINARY_PART.split(text)
    if parts[0].strip():
        return {}
    values = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {key: _process_value(key, values[key].strip()) for key in _BINARY_KEYS if key in values}


def _process_value(key: str, text: str) -> str | None:
    return str(int(text)) if key in {"PID", "TID"} and text.isascii() and text.isdigit() else text or None


def host_of(computer: str | None) -> str | None:
    """The short name of a computer, as written; addresses stay whole."""
    if not computer:
        return None
    short = computer.split(".", 1)[0]
    return computer if not short or short.isdigit() or ":" in computer else short
