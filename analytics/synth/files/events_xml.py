"""Events as XML text, as `wevtutil qe LOG /f:xml /e:Events` prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from analytics.synth.events.record import EVENT_NAMESPACE, VML_EVENT_LOG, VML_NAMESPACE, FieldSpec, WinEvent
from analytics.synth.files.evtx_values import moment

_OPEN, _CLOSE = b"<Events>\r\n", b"</Events>\r\n"


def _braced(guid: str) -> str:
    return "{" + guid.lower() + "}"


def _time_text(at_us: int) -> str:
    """2025-02-03T13:00:00.123456000Z: nine digits, the last two of which say nothing."""
    return f"{moment(at_us):%Y-%m-%dT%H:%M:%S.%f}000Z"


def _millis_text(at_us: int) -> str:
    at = moment(at_us)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


_TEXT_OF: dict[str, Callable[[Any], str]] = {
    "Boolean": lambda value: "true" if value else "false",
    "Binary": lambda value: value.hex().upper(),
    "GUID": _braced,
    "FILETIME": _time_text,
    "SYSTEMTIME": _millis_text,
    "HexInt32": lambda value: f"0x{value:x}",
    "HexInt64": lambda value: f"0x{value:x}",
    "Pointer": lambda value: f"0x{value:x}",
}


def _field_text(spec: FieldSpec, value: object) -> str:
    """A value as text: numbers in decimal, pointers and hexadecimal types with 0x, GUIDs in braces."""
    return _TEXT_OF.get(spec.type, str)(value)


def xml_of(event: WinEvent) -> str:
    """One event on one line (line feeds inside of values stay)."""
    return f"<Event xmlns={quoteattr(EVENT_NAMESPACE)}>{_system(event)}{_payload(event)}</Event>"


def write_xml(path: Path, events: Iterable[WinEvent], *, size_bytes: int | None = None) -> int:
    """Write an `<Events>` document, UTF-8 without BOM and CRLF between events; return the number of events.

    `size_bytes` is the size that the file must not exceed, later events are left out.
    """
    count, left = 0, (size_bytes or 0) - len(_OPEN) - len(_CLOSE)
    with path.open("wb") as file:
        file.write(_OPEN)
        for event in events:
            line = (xml_of(event) + "\r\n").encode("utf-8", "surrogatepass")
            left -= len(line)
            if size_bytes is not None and left < 0:
                break
            file.write(line)
            count += 1
        file.write(_CLOSE)
    return count


def _system(event: WinEvent) -> str:
    kind, provider = event.kind, event.kind.provider
    guid = f" Guid='{_braced(provider.guid)}'" if provider.guid else ""
    source = f" EventSourceName={quoteattr(provider.source_name)}" if provider.source_name else ""
    qualifiers = "" if kind.qualifiers is None else f" Qualifiers='{kind.qualifiers}'"
    user = f" UserID='{event.user_sid}'" if event.user_sid else ""
    return (
        f"<System><Provider Name={quoteattr(provider.name)}{guid}{source}/>"
        f"<EventID{qualifiers}>{kind.event_id}</EventID><Version>{kind.version}</Version>"
        f"<Level>{kind.level}</Level><Task>{kind.task}</Task><Opcode>{kind.opcode}</Opcode>"
        f"<Keywords>0x{kind.keywords:x}</Keywords><TimeCreated SystemTime='{_time_text(event.at_us)}'/>"
        f"<EventRecordID>{event.record_id}</EventRecordID><Correlation/>"
        f"<Execution ProcessID='{event.pid}' ThreadID='{event.tid}'/><Channel>{escape(kind.channel)}</Channel>"
        f"<Computer>{escape(event.computer)}</Computer><Security{user}/></System>"
    )


def _payload(event: WinEvent) -> str:
    pairs = [
        (spec.name, escape(_field_text(spec, value)))
        for spec, value in zip(event.kind.fields, event.values, strict=True)
    ]
    if event.kind.shape == VML_EVENT_LOG:
        body = "".join(f"<{name}>{text}</{name}>" for name, text in pairs)
        return f"<UserData><VmlEventLog xmlns='{VML_NAMESPACE}'>{body}</VmlEventLog></UserData>"
    data = "".join(f"<Data{_name(name)}>{text}</Data>" for name, text in pairs)
    binary = "" if event.binary is None else f"<Binary>{event.binary.hex().upper()}</Binary>"
    return f"<EventData>{data}{binary}</EventData>"


def _name(name: str) -> str:
    return f" Name={quoteattr(name)}" if name else ""
