"""XML cut into events: the same pieces and places however little is read at a time, in every encoding."""

from __future__ import annotations

import io

import pytest

from analytics.errors import SourceError
from analytics.formats.events import xml_text
from analytics.formats.events.xml_text import pieces
from analytics.sources import Source

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932")
A, B = "<Event>経</Event>", "<Event a='1'>理</Event>"
STRAY = "text that is no event"
ENDS_INSIDE = "the file ends inside this event"


class Dripping(io.BytesIO):
    """A file of which each read gives a few bytes."""

    def read(self, _size=-1):
        """Three bytes, or what is left."""
        return super().read(3)


class Broken(io.BytesIO):
    """A file that breaks behind its last byte."""

    def read(self, size=-1):
        """The bytes; SourceError behind them."""
        if block := super().read(size):
            return block
        raise SourceError("is damaged", "sample", "copy it again")


def cut(text, encoding="utf-8", kind=io.BytesIO):
    """Text, place in characters and reason of each piece."""
    data = text.encode(encoding)
    found = pieces(Source("sample", "sample", (), lambda: kind(data)), encoding)
    return [
        (each.data.decode(), len(data[: each.byte_offset].decode(encoding)), each.reason, each.is_event)
        for each in found
    ]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A}{B}", [(A, None), (B, None)]),
        (f"<?xml version='1.0'?>\n<Events>{A},\n{B}</Events>\n", [(A, None), (B, None)]),
        (f"{A}経{B}", [(A, None), ("経", STRAY), (B, None)]),
        (f"経</Event>{A}", [("経</Event>", "the end of an event without its start"), (A, None)]),
        (f"<Event>経{A}", [("<Event>経", "an event without its end"), (A, None)]),
        (f"{A} <Event>理", [(A, None), ("<Event>理", ENDS_INSIDE)]),
        (f"{A}理<Event>理", [(A, None), ("理", STRAY), ("<Event>理", ENDS_INSIDE)]),
        (f"{A}理", [(A, None), ("理", STRAY)]),
        ("", []),
    ],
)
def test_pieces_and_their_places(text, expected, kind, encoding):
    """Events, what stands between them, and what a cut leaves."""
    places, behind = [], 0
    for piece, _ in expected:
        places.append(text.index(piece, behind))
        behind = places[-1] + len(piece)

    assert cut(text, encoding, kind) == [
        (piece, place, reason, reason not in {STRAY, "the end of an event without its start"})
        for (piece, reason), place in zip(expected, places, strict=True)
    ]


@pytest.mark.parametrize(
    ("encoding", "bom"), [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
def test_behind_a_byte_order_mark(encoding, bom):
    """It counts among the bytes."""
    data = bom + A.encode(encoding)
    (piece,) = pieces(Source("sample", "sample", (), lambda: io.BytesIO(data)), encoding)
    assert (piece.data.decode(), piece.byte_offset) == (A, len(bom))


@pytest.mark.parametrize(
    ("more", "expected"), [(0, [None]), (1, ["an event of more than 0 MiB or text that is none"])]
)
def test_an_event_that_is_too_large(monkeypatch, more, expected):
    """Nothing grows without end: what is larger than allowed costs only itself."""
    monkeypatch.setattr(xml_text, "_MAX_EVENT_BYTES", 40)
    text = f"<Event>{'x' * (33 + more)}"  # what lies there when the next block is asked for

    class Twice(io.BytesIO):
        """The event comes in two blocks."""

        def read(self, _size=-1):
            """The text up to the end tag, then that."""
            return super().read(40 + more)

    assert [reason for _, _, reason, is_event in cut(f"{text}</Event>", kind=Twice) if is_event][
        :1
    ] == expected


def test_a_source_that_breaks():
    """What was read comes first, the event under way among it."""
    found = []
    stream = pieces(Source("sample", "sample", (), lambda: Broken(f"{A}<Event>x".encode())), "utf-8")
    with pytest.raises(SourceError, match="is damaged"):
        found.extend(_kept(stream, found))
    assert [(piece.data.decode(), piece.reason) for piece in found] == [(A, None), ("<Event>x", ENDS_INSIDE)]


def _kept(stream, found):
    """Keep each piece at once, since the last step raises."""
    for piece in stream:
        found.append(piece)
    return ()
