"""Windows events as XML: wevtutil qe /f:xml with or without a root, Event Viewer "save as XML", Get-WinEvent ToXml().

The text is cut at `<Event` and `</Event>`, so that a broken event costs only itself and a file of one endless line is
no problem. Runs of events are parsed together, one by one where that fails. No document type, entity or include is
ever followed: what stands between events is not parsed at all, and within one an undefined entity is an error.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from analytics.errors import SourceError
from analytics.formats.events.event_head import holds_heads
from analytics.formats.events.payload import Payload, named, value_of
from analytics.formats.events.rows import event_row, leaves_out, utc_of
from analytics.formats.events.xml_text import Piece, pieces
from analytics.formats.format import Batch, Ends, Format, Head, Reading, reject_row
from analytics.formats.reading.batching import Entry, Row, in_batches
from analytics.formats.reading.values import CellError
from analytics.sources import Source, detect_encoding

_MAX_ROWS = 4_000
_RUN_PIECES = 400

_START = re.compile(r"<Event[\s>]")
_BAD_CHARACTER = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2\d|3[01]));"
)

_TAG = re.compile(r"<[^<>]{1,2000}>")
_STRAIGHT = str.maketrans("“”„«»‘’", '"""""\'\'')
_NAMESPACE = re.compile(r"""\sxmlns(?::[\w.-]{1,60})?\s?=\s?(?:"[^"<>]{0,300}"|'[^'<>]{0,300}')""")
_PREFIX = re.compile(r"(</?)[\w.-]{1,60}:(?=[\w.-])")


def _recognise(head: Head) -> bool:
    """An `<Event>` that holds a `<System>`, and no head of a pasted event beside it."""
    if head.data.startswith((b"ElfFile", b"{", b"[")):
        return False
    found = _START.search(head.text)
    holds_event = found is not None and "<System" in head.text[found.end() : found.end() + 1000]
    return holds_event and not holds_heads(head)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per event; times are UTC as XML has them."""
    entries = _entries(source, reading.encoding or detect_encoding(source.head))
    return in_batches(entries, leaves_out(reading), _MAX_ROWS)


def _entries(source: Source, encoding: str) -> Iterator[Entry]:
    record_no = 0
    run: list[Piece] = []
    problem: SourceError | None = None
    try:
        for piece in pieces(source, encoding):
            run.append(piece)
            if len(run) >= _RUN_PIECES:
                yield from _run_entries(run, record_no)
                record_no += sum(entry.is_event for entry in run)
                run = []
    except SourceError as error:
        problem = error
    yield from _run_entries(run, record_no)
    if problem:
        raise problem


def _run_entries(run: list[Piece], record_no: int) -> Iterator[Entry]:
    events = [piece for piece in run if piece.reason is None]
    elements = iter(_parsed(events))
    for piece in run:
        record_no += piece.is_event
        if piece.reason is not None:
            yield _reject(piece, piece.reason, record_no if piece.is_event else None)
            continue
        try:
            yield "events", {"record_no": record_no, **_xml_row(next(elements))}
        except CellError as error:
            yield _reject(piece, str(error), record_no)


def _reject(piece: Piece, reason: str, record_no: int | None) -> Entry:
    excerpt = piece.data[:400].decode("utf-8", "replace")
    return "rejects", reject_row(reason, excerpt, record_no=record_no, byte_offset=piece.byte_offset)


def _parsed(events: list[Piece]) -> list[Any]:
    """The element of each event, or why there is none."""
    from lxml import etree

    try:
        root = etree.fromstring(
            b"".join((b"<Events>", *(piece.data for piece in events), b"</Events>")), _parser()
        )
        if len(root) == len(events):
            return list(root)
    except etree.XMLSyntaxError:
        pass
    return [_parsed_alone(piece.data) for piece in events]


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _parsed_alone(data: bytes) -> Any:
    from lxml import etree

    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        text = data.decode("utf-8", "replace")
        for mend in (_with_allowed_characters, _with_plain_markup):
            text = mend(text)
            try:
                return etree.fromstring(text.encode(), _parser())
            except etree.XMLSyntaxError:
                continue
        return f"broken XML: {error.msg}"


def _with_allowed_characters(text: str) -> str:
    """Windows writes control characters that XML does not allow."""
    return _BAD_CHARACTER.sub("\ufffd", text)


def _with_plain_markup(text: str) -> str:
    """Trackers and blogs put blanks into namespaces, which then are no URI, and curl the quotes of attributes."""
    straight = _TAG.sub(lambda tag: tag[0].translate(_STRAIGHT), text)
    return _PREFIX.sub(r"\1", _NAMESPACE.sub("", straight))


def row_of_text(text: str) -> Row:
    """The row of one event that was pasted as text, also with its markup escaped; CellError where it is none."""
    if "<Event" not in text:
        text = html.unescape(text)
    start, end = text.find("<Event"), text.rfind("</Event>")
    if start < 0 or end < 0:
        raise CellError("the file ends inside this event")
    return _xml_row(_parsed_alone(text[start : end + len("</Event>")].encode("utf-8", "replace")))


def _xml_row(event: Any) -> Row:
    """The row of one `<Event>`; CellError where it lacks what every event has or is none (then its own reason)."""
    if isinstance(event, str):
        raise CellError(event)
    parts = {_local(child.tag): child for child in event}
    system = parts.get("System")
    if system is None:
        raise CellError("the event holds no System element")
    fields: dict[str, Any] = {_local(child.tag): child for child in system}
    provider = _attribute(fields.get("Provider"), "Name") or _attribute(
        fields.get("Provider"), "EventSourceName"
    )
    return event_row(
        channel=_text(fields.get("Channel")),
        provider=provider,
        event_id=_text(fields.get("EventID")),
        version=_text(fields.get("Version")),
        level=_text(fields.get("Level")),
        record_id=_text(fields.get("EventRecordID")),
        at=utc_of(_attribute(fields.get("TimeCreated"), "SystemTime")),
        computer=_text(fields.get("Computer")),
        payload=_payload(parts, provider),
        message=_message(parts.get("RenderingInfo")),
    )


@lru_cache(maxsize=10_000)
def _local(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _text(element: Any) -> str | None:
    return None if element is None or element.text is None else element.text.strip()


def _attribute(element: Any, name: str) -> str | None:
    value = None if element is None else element.get(name)
    return None if value is None else str(value)


def _message(rendering: Any) -> str | None:
    if rendering is None:
        return None
    return next((child.text for child in rendering if _local(child.tag) == "Message"), None)


def _payload(parts: dict[str, Any], provider: str | None) -> Payload:
    if (data := parts.get("EventData")) is not None:
        return _event_data(data, provider)
    names = ("UserData", "DebugData", "BinaryEventData", "ProcessingErrorData")
    content = next((parts[name] for name in names if name in parts), None)
    if content is None:
        return {}
    children = list(content)
    inside = _element(children[0] if len(children) == 1 else content)
    return inside if isinstance(inside, dict) else {} if inside is None else {"1": inside}


def _event_data(content: Any, provider: str | None) -> Payload:
    pairs: list[tuple[str | None, str | None]] = []
    binary = None
    for child in content:
        name = _local(child.tag)
        if name == "Binary":
            binary = (child.text or "").strip()
        else:
            pairs.append((child.get("Name") if name == "Data" else name, _inner_text(child)))
    if not pairs and (content.text or "").strip():
        pairs.append((None, content.text))
    return _with_attributes(named(pairs, binary, provider), content)


def _inner_text(element: Any) -> str | None:
    """The text; None for the line end and blanks that indenting writers put into an empty element."""
    text: str | None = element.text
    if text and not text.isspace():
        return text
    text = "".join(element.itertext()) if len(element) else text
    return None if not text or ("\n" in text and text.isspace()) else text


def _element(element: Any) -> Any:
    """An element below UserData: its text, or an object of its children and @attributes."""
    payload: Payload = {}
    for child in element:
        name, value = _local(child.tag), _element(child)
        if name not in payload:
            payload[name] = value
        elif isinstance(payload[name], list):
            payload[name].append(value)
        else:
            payload[name] = [payload[name], value]
    payload = _with_attributes(payload, element)
    text = value_of((element.text or "").strip() if len(element) else _inner_text(element))
    if not payload:
        return text
    return payload | ({"#text": text} if text is not None else {})


def _with_attributes(payload: Payload, element: Any) -> Payload:
    for name, value in element.attrib.items():
        payload["@" + _local(name)] = value_of(value)
    return payload


EVENTS_XML = Format(
    "events-xml",
    "Windows events as XML",
    ("events",),
    "windows-events.md 1 [V]",
    _recognise,
    _read,
    ends=Ends.ITSELF,
)
