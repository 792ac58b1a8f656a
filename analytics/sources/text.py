"""Bytes of any encoding become UTF-8 chunks that end at line ends, with line numbers and byte offsets."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from analytics.errors import SourceError, UsageError
from analytics.sources.codepages import code_page_of
from analytics.sources.source import Source

__all__ = ["BOMS", "EXCERPT_CHARACTERS", "raw_length", "to_utf8"]


# Large enough to amortise some hundred array operations per chunk, small enough for the processor's cache.
_CHUNK_BYTES = 2 * 1024 * 1024
_MAX_LINE_BYTES = 1024 * 1024
EXCERPT_CHARACTERS = 200
_LINE_FEED = 10
_SEAM_BYTES = 400
_LATIN = 256
# So much text of one byte a character in UTF-16, and of two bytes in another encoding, is no accident.
_NARROW = re.compile(rb"(?:\xef\xbb\xbf)?[\t\r\n\x20-\x7e]{400}")
_WIDE = re.compile(rb"(?:\xff\xfe)?(?:[\t\r\n\x20-\x7e]\0){200}")

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Issue:
    """A stretch of text that could not be used: a reject without its source."""

    line_no: int
    byte_offset: int
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class TextChunk:
    """Whole lines as UTF-8; `first_line` counts from 1, `byte_offset` is where the chunk begins in the source.

    `terminated` is False where the source ends without a line end (one was added). `raw` holds the same lines as the
    source has them where their lengths do not follow from the text: single-byte and damaged text.
    """

    data: bytes
    first_line: int
    byte_offset: int
    encoding: str
    issues: tuple[Issue, ...] = ()
    terminated: bool = True
    raw: bytes | None = None

    def line_offsets(self) -> npt.NDArray[np.int64]:
        """Byte offset in the source of each line."""
        if not self.data:
            return np.zeros(0, dtype=np.int64)
        codes = np.frombuffer(self.data if self.raw is None else self.raw, dtype=np.uint8)
        starts = np.concatenate(([0], np.flatnonzero(codes == _LINE_FEED)[:-1] + 1))
        if self.encoding.startswith("utf-16"):
            units = ((codes & 0xC0) != 0x80).astype(np.int64) + (codes >= 0xF0)
            starts = 2 * np.concatenate(([0], np.cumsum(units)))[starts]
        return starts + self.byte_offset

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Number, byte offset in the source and UTF-8 text of each line, without its line feed."""
        texts = self.data.split(b"\n")[:-1]
        for number, (offset, text) in enumerate(zip(self.line_offsets().tolist(), texts, strict=False)):
            yield self.first_line + number, offset, text


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and what ended it: nothing where the source ends in it."""

    line_no: int
    byte_offset: int
    text: str
    line_end: str = "\n"


def settled_encoding(name: str | None, head: bytes) -> str:
    """The encoding that a user named, in the terms of this module; detected where none is named.

    Raises UsageError for an encoding in which lines do not end with the byte 0A.
    """
    if name is None:
        return detect_encoding(head)
    try:
        name = codecs.lookup(name).name
        if name in {"utf-16", "utf-8-sig"}:
            found = detect_encoding(head)
            return found if found[:5] == name[:5] else {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}[name]
        fits = name in {"utf-16-le", "utf-16-be"} or "A\n".encode(name) == b"A\n"
    except (LookupError, UnicodeError):
        fits = False
    if not fits:
        raise UsageError(f"{name!r} is no encoding of logs", "encoding", "utf-8, utf-16, cp932, cp1252, ...")
    return name


@lru_cache(maxsize=16)  # asked by recognition, reading and the account of one source after the other
def detect_encoding(head: bytes) -> str:
    """Name the encoding of a text from its first bytes: BOM, NUL pattern, mostly valid UTF-8, else a code page."""
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    begins_narrow = (
        len(head) > _SEAM_BYTES and head[:_SEAM_BYTES].isascii() and b"\0" not in head[:_SEAM_BYTES]
    )
    units = np.frombuffer(head[: len(head) // 2 * 2], dtype=np.uint8).reshape(-1, 2)
    even, odd = (units == 0).mean(axis=0).tolist() if len(units) and not begins_narrow else (0.0, 0.0)
    if _are_upper_halves(odd, even):
        return "utf-16-le"
    if _are_upper_halves(even, odd):
        return "utf-16-be"
    # what another program appended in UTF-16 says nothing of the text before it
    wide = [line for line in head.split(b"\n") if not line.isascii() and b"\0" not in line]
    intact = sum(_is_utf8(line) for line in wide)
    return "utf-8" if 2 * intact > len(wide) or not wide else code_page_of(head)


def _are_upper_halves(upper: float, lower: float) -> bool:
    """Whether so large shares of NUL bytes are those of UTF-16; a text in Cyrillic or Chinese has few, on one side."""
    return (upper > 0.4 and lower < 0.3) or (upper > 0.05 and lower < 0.02 * upper)


def _single_byte_encoding(data: bytes) -> str:
    """utf-8 where it decodes, else cp932 where non-ASCII characters come in runs as in Japanese, else cp1252."""
    if _is_utf8(data):
        return "utf-8"
    return "cp932" if _looks_japanese(data) else "cp1252"


def _is_utf8(data: bytes) -> bool:
    """Whether the bytes decode; a character that is cut at their end is none against it."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _looks_japanese(data: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(data)
    except UnicodeDecodeError:
        return False
    wide = np.array([ord(character) > 0x2000 for character in text], dtype=bool)
    neighbours = np.zeros_like(wide)
    neighbours[1:] |= wide[:-1]
    neighbours[:-1] |= wide[1:]
    return bool(wide.any() and (wide & neighbours).sum() >= 0.7 * wide.sum())


def raw_length(utf8: bytes, encoding: str) -> int:
    """How many bytes a piece of decoded text took in the source."""
    if encoding == "utf-8":
        return len(utf8)
    if encoding.startswith("utf-16") and utf8.isascii():
        return 2 * len(utf8)
    if encoding.startswith("utf-16"):
        data = np.frombuffer(utf8, dtype=np.uint8)
        return 2 * int(len(data) - ((data & 0xC0) == 0x80).sum() + (data >= 0xF0).sum())
    return len(utf8) if utf8.isascii() else len(utf8.decode("utf-8", "replace").encode(encoding, "replace"))


def to_utf8(data: bytes, encoding: str) -> bytes:
    """Transcode a block; characters that the encoding does not know become U+FFFD."""
    if encoding == "utf-8":
        return _checked_utf8(data)
    if encoding == "utf-16-le" and len(data) % 2 == 0:
        units = np.frombuffer(data, dtype="<u2")
        if len(units) == 0 or units.max() < 128:
            return units.astype(np.uint8).tobytes()
    elif data.isascii() and not encoding.startswith("utf-16"):
        return data
    return data.decode(encoding, "replace").encode("utf-8")


def _checked_utf8(data: bytes) -> bytes:
    if data.isascii():
        return data
    try:
        data.decode("utf-8")
        return data
    except UnicodeDecodeError:
        return b"\n".join(_line_to_utf8(line) for line in data.split(b"\n"))


def _line_to_utf8(line: bytes) -> bytes:
    return line.decode(_single_byte_encoding(line), "replace").encode("utf-8")


@dataclass(slots=True)
class _Decoder:
    """Cuts decoded blocks at line ends and keeps count of lines and offsets.

    Where lines end with CR alone (`has_cr`) each becomes a line feed, which is as long.
    """

    encoding: str
    has_cr: bool = False
    carry: bytes = b""
    pending: bytes = b""
    raw_position: int = 0
    line_no: int = 1
    skipping: bool = False
    issues: list[Issue] = field(default_factory=list)

    def follower(self) -> _Decoder:
        """The decoder of what follows in an encoding of the other width."""
        encoding = "utf-8" if self.encoding.startswith("utf-16") else "utf-16-le"
        return _Decoder(encoding, self.has_cr, raw_position=self.raw_position, line_no=self.line_no)

    def feed(self, block: bytes) -> TextChunk | None:
        """Take a block of the source, give back the whole lines seen so far."""
        if self.has_cr and not self.encoding.startswith("utf-16"):
            block = block.replace(b"\r", b"\n")
        raw = self.pending + block
        usable = self._whole_characters(raw)
        self.pending = raw[usable:]
        text_start = self.raw_position - raw_length(self.carry, self.encoding)
        text = self.carry + self._with_line_feeds(to_utf8(raw[:usable], self.encoding))
        self.raw_position += usable
        cut = text.rfind(b"\n") + 1
        self.carry = text[cut:]
        return self._chunk(text[:cut], text_start, self._irregular(raw[:usable], text))

    def _with_line_feeds(self, text: bytes) -> bytes:
        return text.replace(b"\r", b"\n") if self.has_cr else text

    def _irregular(self, raw: bytes, text: bytes) -> bytes | None:
        """The raw lines, where their lengths do not follow from the text."""
        return None if self.encoding.startswith("utf-16") or raw == text else raw

    def finish(self) -> TextChunk | None:
        """Give back the last line where it lacks its end."""
        text_start = self.raw_position - raw_length(self.carry, self.encoding)
        raw = None
        if not self.encoding.startswith("utf-16"):
            self.carry, text_start = to_utf8(self.pending, self.encoding), self.raw_position
            self.raw_position += len(self.pending)
            raw, self.pending = self._irregular(self.pending + b"\n", self.carry + b"\n"), b""
        text, self.carry = self.carry, b""
        unterminated = bool(text)
        if self.pending:
            reason = f"the source ends inside a {self.encoding} character"
            self.issues.append(Issue(self.line_no, self.raw_position, reason, self.pending.hex(" ")))
        if text and len(text) <= _MAX_LINE_BYTES and not self.skipping:
            text += b"\n"
        chunk = self._chunk(text, text_start, raw, final=True)
        return replace(chunk, terminated=not unterminated) if chunk else None

    def _whole_characters(self, raw: bytes) -> int:
        if self.encoding.startswith("utf-16"):
            usable = len(raw) // 2 * 2
            lead = raw[usable - 1 if self.encoding == "utf-16-le" else usable - 2] if usable else 0
            return usable - 2 if 0xD8 <= lead < 0xDC else usable
        return raw.rfind(b"\n") + 1 or (len(raw) if len(raw) > _MAX_LINE_BYTES else 0)

    def _chunk(self, text: bytes, start: int, raw: bytes | None, final: bool = False) -> TextChunk | None:
        if self.skipping and text:
            end = text.find(b"\n") + 1 or len(text)
            raw_end = raw.find(b"\n") + 1 if raw is not None else raw_length(text[:end], self.encoding)
            start += raw_end
            text, raw = text[end:], raw[raw_end:] if raw is not None else None
            self.line_no += 1
            self.skipping = False
        self._skip_overlong(text, start, raw)
        if final and len(text) > _MAX_LINE_BYTES:
            self._reject_overlong(self.line_no, text, start)
            text = b""
        if not text and not self.issues:
            return None
        chunk = TextChunk(text, self.line_no, start, self.encoding, tuple(self.issues), raw=raw)
        self.issues.clear()
        self.line_no += text.count(b"\n")
        return chunk

    def _skip_overlong(self, text: bytes, start: int, raw: bytes | None) -> None:
        """Drop the line under way where it has become too long."""
        if len(self.carry) > _MAX_LINE_BYTES:
            length = raw.rfind(b"\n") + 1 if raw is not None else raw_length(text, self.encoding)
            self._reject_overlong(self.line_no + text.count(b"\n"), self.carry, start + length)
            self.carry, self.skipping = b"", True

    def _reject_overlong(self, line_no: int, line: bytes, offset: int) -> None:
        if not self.skipping:
            excerpt = line[:EXCERPT_CHARACTERS].decode("utf-8", "replace")
            self.issues.append(Issue(line_no, offset, f"line longer than {_MAX_LINE_BYTES} bytes", excerpt))


def text_chunks(
    source: Source, encoding: str | None = None, size_bytes: int = _CHUNK_BYTES
) -> Iterator[TextChunk]:
    """Read a source as UTF-8 chunks of whole lines; memory stays near `size_bytes` whatever the source's size.

    Lines longer than 1 MiB and a last character that was cut become issues of the chunk they would have stood in.
    """
    settled = settled_encoding(encoding, source.head)
    decoder = _Decoder(settled, _ends_with_cr(source.head, settled))
    with source.open() as stream:
        bom = next((bom for bom, name in BOMS if name == settled and source.head.startswith(bom)), b"")
        decoder.raw_position = len(_next_block(stream, len(bom), decoder)) if bom else 0
        held = b""
        while block := _joined(held, read := _next_block(stream, size_bytes, decoder)):
            while (seam := _seam(block, decoder)) is not None:
                yield from filter(None, (decoder.feed(block[:seam]), decoder.finish()))
                decoder, block = decoder.follower(), block[seam:]
            block, held = _cut_before_seam(block, decoder) if read else (block, b"")
            if block and (chunk := decoder.feed(block)):
                yield chunk
    if chunk := decoder.finish():
        yield chunk


def _seam(block: bytes, decoder: _Decoder) -> int | None:
    """Where a block goes on in an encoding of another width: a console appended to a log that an editor wrote."""
    is_wide = decoder.encoding.startswith("utf-16")
    if not (_may_be_narrow(block) if is_wide else b"\0" in block):
        return None
    found = (_NARROW if is_wide else _WIDE).search(block)
    if found is None:
        return None
    # no character of two bytes is torn in two
    return found.start() + (is_wide and (found.start() + len(decoder.pending)) % 2)


def _joined(held: bytes, read: bytes) -> bytes:
    return held + read if held else read  # a block is large: it is copied only where it must be


def _cut_before_seam(block: bytes, decoder: _Decoder) -> tuple[bytes, bytes]:
    """A block, and its end where that may be the beginning of another encoding, which the next block tells."""
    tail = block[-_SEAM_BYTES:]
    is_told = b"\0" in tail[-8:] if decoder.encoding.startswith("utf-16") else b"\0" not in tail
    return (block, b"") if is_told else (block[: -len(tail)], tail)


def _may_be_narrow(block: bytes) -> bool:
    """Whether a stretch of a block has no NUL, as all of UTF-16 has but that of Asian languages; this is fast."""
    for units in ("<u2", ">u2"):
        if np.frombuffer(block[: len(block) // 2 * 2], dtype=units).max(initial=0) < _LATIN:
            return False
    stripe = _SEAM_BYTES // 2
    bytes_ = np.frombuffer(block, dtype=np.uint8)
    stripes = bytes_[: len(bytes_) // stripe * stripe].reshape(-1, stripe)
    return not (stripes == 0).any(axis=1).all()


def _ends_with_cr(head: bytes, encoding: str) -> bool:
    """Whether the lines of a text end with CR alone, as some editors and transfers leave them; one may be cut CR LF."""
    text = to_utf8(head[: len(head) // 2 * 2] if encoding.startswith("utf-16") else head, encoding)
    return b"\n" not in text and text.count(b"\r") > 1


def _next_block(stream: BinaryIO, size_bytes: int, decoder: _Decoder) -> bytes:
    """The next block; damage ends the text with an issue, and what came before it counts."""
    try:
        return stream.read(size_bytes)
    except SourceError as error:
        decoder.issues.append(Issue(decoder.line_no, decoder.raw_position, error.what, ""))
        return b""


def text_lines(source: Source, encoding: str | None = None) -> Iterator[Line | Issue]:
    """Read a source line by line; what could not be read comes as Issue.

    A BOM in the middle, left by joining files, is dropped.
    """
    for chunk in text_chunks(source, encoding):
        yield from chunk.issues
        last = chunk.first_line + chunk.data.count(b"\n") - 1 if not chunk.terminated else None
        for number, offset, line in chunk.lines():
            text = line.decode("utf-8", "replace").removeprefix("\ufeff")
            bare = text.removesuffix("\r")
            line_end = "\n" if len(bare) == len(text) else "\r\n"
            yield Line(number, offset, bare, line_end if number != last else "")
