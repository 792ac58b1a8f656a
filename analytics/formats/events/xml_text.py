"""A stream of XML cut into events, as UTF-8, with the byte offset of each in the source."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.errors import SourceError
from analytics.sources import Source
from analytics.sources.text import BOMS, raw_length

_BLOCK_BYTES = 1 << 20
_MAX_EVENT_BYTES = 8 << 20

_START = re.compile(rb"<Event(?=[\s>])")
_END = b"</Event>"
# What belongs to a layout: declarations, comments, the root, evtx_dump's "Record 1"; also quote marks and prompts. What
# was taken is never tried otherwise (possessive), so that no text takes more than one pass.
_BETWEEN = re.compile(
    rb"(?:[\s,>]++|&gt;|<\?(?>.*?\?>)|<!(?:--(?>.*?-->)|DOCTYPE[^<>\[]{0,200}+>)|</?Events[^<>]{0,500}+>|\xef\xbb\xbf"
    rb"|Record \d{1,19}+(?=\s)|(?:PS )?[A-Za-z]:\\[^<>|\n]{0,260}>[^<\n]{0,2000}+|`{3,}+\w*)*+",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """An event, or text that belongs to none; `reason` says what is wrong with it."""

    data: bytes
    byte_offset: int
    reason: str | None = None
    is_event: bool = True


def pieces(source: Source, encoding: str) -> Iterator[Piece]:
    """The events of a source in their order; text between them and a cut end are pieces with a reason.

    Raises SourceError after the pieces that a broken stream gave before its end.
    """
    text, offset = b"", 0
    for block, raw_offset, problem in _utf8_blocks(source, encoding):
        if not text:
            offset = raw_offset
        text += block
        used = 0
        for piece, end in _cut(text):
            offset += raw_length(text[used : piece.byte_offset], encoding)
            yield _at(piece, offset)
            offset += raw_length(text[piece.byte_offset : end], encoding)
            used = end
        text = text[used:]
        if len(text) > _MAX_EVENT_BYTES:
            yield Piece(
                text, offset, f"an event of more than {_MAX_EVENT_BYTES >> 20} MiB or text that is none"
            )
            offset, text = offset + raw_length(text, encoding), b""
        if problem:
            yield from _last(text, offset, encoding)
            raise problem
    yield from _last(text, offset, encoding)


def _at(piece: Piece, offset: int) -> Piece:
    return Piece(piece.data, offset, piece.reason, piece.is_event)


def _last(text: bytes, offset: int, encoding: str) -> Iterator[Piece]:
    if _BETWEEN.fullmatch(text):
        return
    start = _START.search(text)
    if start is None:
        yield Piece(text, offset, "text that is no event", is_event=False)
        return
    if not _BETWEEN.fullmatch(text, 0, start.start()):
        yield Piece(text[: start.start()], offset, "text that is no event", is_event=False)
    place = offset + raw_length(text[: start.start()], encoding)
    yield Piece(text[start.start() :], place, "the file ends inside this event")


def _cut(text: bytes) -> Iterator[tuple[Piece, int]]:
    """Complete events with their offset in the text and where each ends; stray text only where an event follows."""
    used = 0
    while (end := text.find(_END, used)) >= 0:
        stop = end + len(_END)
        start = _START.search(text, used, end)
        if start is None:
            yield Piece(text[used:stop], used, "the end of an event without its start", is_event=False), stop
            used = stop
            continue
        if not _BETWEEN.fullmatch(text, used, start.start()):
            yield (
                Piece(text[used : start.start()], used, "text that is no event", is_event=False),
                start.start(),
            )
        begin = start.start()
        while (inner := _START.search(text, begin + 6, end)) is not None:
            yield Piece(text[begin : inner.start()], begin, "an event without its end"), inner.start()
            begin = inner.start()
        yield Piece(text[begin:stop], begin), stop
        used = stop


def _utf8_blocks(source: Source, encoding: str) -> Iterator[tuple[bytes, int, SourceError | None]]:
    """Blocks as UTF-8 with their offset in the source; a stream that breaks gives its error with an empty block."""
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
    with source.open() as stream:
        offset, first = 0, True
        while True:
            try:
                block = stream.read(_BLOCK_BYTES)
            except SourceError as error:
                yield b"", offset, error
                return
            if not block:
                break
            if first:
                bom = next((bom for bom, name in BOMS if name == encoding and block.startswith(bom)), b"")
                block, offset, first = block[len(bom) :], len(bom), False
            # a character that the last block cut begins there
            start = offset - (len(decoder.getstate()[0]) if decoder else 0)
            yield decoder.decode(block).encode("utf-8", "replace") if decoder else block, start, None
            offset += len(block)
        if decoder is not None and (rest := decoder.decode(b"", final=True)):
            yield rest.encode("utf-8", "replace"), offset, None
