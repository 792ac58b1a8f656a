"""Bytes of any encoding become UTF-8 chunks that end at line ends, with line numbers and byte offsets."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np

from analytics.errors import SourceError
from analytics.sources.source import Source

CHUNK_BYTES = 4 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
EXCERPT_CHARACTERS = 200

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

    `terminated` is False where the source ends without a line end (one was added).
    """

    data: bytes
    first_line: int
    byte_offset: int
    encoding: str
    issues: tuple[Issue, ...] = ()
    terminated: bool = True

    def offset_of(self, position: int) -> int:
        """Byte offset in the source of a position in `data`."""
        return self.byte_offset + raw_length(self.data[:position], self.encoding)


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end."""

    line_no: int
    byte_offset: int
    text: str


def detect_encoding(head: bytes) -> str:
    """Name the encoding of a text from its first bytes: BOM, NUL pattern, valid UTF-8, else cp932 or cp1252."""
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    units = np.frombuffer(head[: len(head) // 2 * 2], dtype=np.uint8).reshape(-1, 2)
    if len(units) and (units[:, 1] == 0).mean() > 0.4 and (units[:, 0] == 0).mean() < 0.3:
        return "utf-16-le"
    if len(units) and (units[:, 0] == 0).mean() > 0.4 and (units[:, 1] == 0).mean() < 0.3:
        return "utf-16-be"
    return single_byte_encoding(head)


def single_byte_encoding(data: bytes) -> str:
    """utf-8 where it decodes, else cp932 where non-ASCII characters come in runs as in Japanese, else cp1252."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        return "utf-8"
    except UnicodeDecodeError:
        return "cp932" if _looks_japanese(data) else "cp1252"


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
    if encoding.startswith("utf-16"):
        data = np.frombuffer(utf8, dtype=np.uint8)
        return 2 * int(len(data) - ((data & 0xC0) == 0x80).sum() + (data >= 0xF0).sum())
    return len(utf8) if utf8.isascii() else len(utf8.decode("utf-8", "replace").encode(encoding, "replace"))


def to_utf8(data: bytes, encoding: str) -> bytes:
    """Transcode a block; characters that the encoding does not know become U+FFFD."""
    if encoding == "utf-8":
        return _checked_utf8(data)
    if encoding == "utf-16-le":
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
    return line.decode(single_byte_encoding(line), "replace").encode("utf-8")


@dataclass(slots=True)
class _Decoder:
    """Cuts decoded blocks at line ends and keeps count of lines and offsets."""

    encoding: str
    carry: bytes = b""
    pending: bytes = b""
    raw_position: int = 0
    line_no: int = 1
    skipping: bool = False
    issues: list[Issue] = field(default_factory=list)

    def feed(self, block: bytes) -> TextChunk | None:
        """Take a block of the source, give back the whole lines seen so far."""
        raw = self.pending + block
        usable = self._whole_characters(raw)
        self.pending = raw[usable:]
        text_start = self.raw_position - raw_length(self.carry, self.encoding)
        text = self.carry + to_utf8(raw[:usable], self.encoding)
        self.raw_position += usable
        cut = text.rfind(b"\n") + 1
        self.carry = text[cut:]
        return self._chunk(text[:cut], text_start)

    def finish(self) -> TextChunk | None:
        """Give back the last line where it lacks its end."""
        if not self.encoding.startswith("utf-16"):
            self.carry, self.pending = to_utf8(self.pending, self.encoding), b""
            self.raw_position += raw_length(self.carry, self.encoding)
        text_start = self.raw_position - raw_length(self.carry, self.encoding)
        text, self.carry = self.carry, b""
        unterminated = bool(text)
        if self.pending:
            reason = f"the source ends inside a {self.encoding} character"
            self.issues.append(Issue(self.line_no, self.raw_position, reason, self.pending.hex(" ")))
        if text and len(text) <= MAX_LINE_BYTES and not self.skipping:
            text += b"\n"
        chunk = self._chunk(text, text_start, final=True)
        return replace(chunk, terminated=not unterminated) if chunk else None

    def _whole_characters(self, raw: bytes) -> int:
        if self.encoding.startswith("utf-16"):
            usable = len(raw) // 2 * 2
            lead = raw[usable - 1 if self.encoding == "utf-16-le" else usable - 2] if usable else 0
            return usable - 2 if 0xD8 <= lead < 0xDC else usable
        return raw.rfind(b"\n") + 1 or (len(raw) if len(raw) > MAX_LINE_BYTES else 0)

    def _chunk(self, text: bytes, start: int, final: bool = False) -> TextChunk | None:
        text, start = self._without_overlong_lines(text, start, final)
        if not text and not self.issues:
            return None
        chunk = TextChunk(text, self.line_no, start, self.encoding, tuple(self.issues))
        self.issues.clear()
        self.line_no += text.count(b"\n")
        return chunk

    def _without_overlong_lines(self, text: bytes, start: int, final: bool) -> tuple[bytes, int]:
        if self.skipping and text:
            end = text.find(b"\n") + 1
            start += raw_length(text[:end], self.encoding)
            text = text[end:]
            self.line_no += 1
            self.skipping = False
        if len(self.carry) > MAX_LINE_BYTES:
            self._reject_overlong(
                self.line_no + text.count(b"\n"), self.carry, start + raw_length(text, self.encoding)
            )
            self.carry, self.skipping = b"", True
        if final and len(text) > MAX_LINE_BYTES and b"\n" not in text:
            self._reject_overlong(self.line_no, text, start)
            text = b""
        return text, start

    def _reject_overlong(self, line_no: int, line: bytes, offset: int) -> None:
        if not self.skipping:
            excerpt = line[:EXCERPT_CHARACTERS].decode("utf-8", "replace")
            self.issues.append(Issue(line_no, offset, f"line longer than {MAX_LINE_BYTES} bytes", excerpt))


def text_chunks(
    source: Source, encoding: str | None = None, size_bytes: int = CHUNK_BYTES
) -> Iterator[TextChunk]:
    """Read a source as UTF-8 chunks of whole lines; memory stays near `size_bytes` whatever the source's size.

    Lines longer than 1 MiB and a last character that was cut become issues of the chunk they would have stood in.
    """
    encoding = encoding or detect_encoding(source.head)
    decoder = _Decoder(encoding)
    with source.open() as stream:
        while block := _next_block(stream, size_bytes, decoder):
            if decoder.raw_position == 0:
                bom = next((bom for bom, name in BOMS if name == encoding and block.startswith(bom)), b"")
                decoder.raw_position, block = len(bom), block[len(bom) :]
            if chunk := decoder.feed(block):
                yield chunk
    if chunk := decoder.finish():
        yield chunk


def _next_block(stream: BinaryIO, size_bytes: int, decoder: _Decoder) -> bytes:
    """The next block; damage ends the text with an issue, and what came before it counts."""
    try:
        return stream.read(size_bytes)
    except SourceError as error:
        decoder.issues.append(Issue(decoder.line_no, decoder.raw_position, error.what, ""))
        return b""


def text_lines(source: Source, encoding: str | None = None) -> Iterator[Line | Issue]:
    """Read a small source line by line; what could not be read comes as Issue."""
    for chunk in text_chunks(source, encoding):
        yield from chunk.issues
        offset = chunk.byte_offset
        for number, raw in enumerate(chunk.data.split(b"\n")[:-1]):
            yield Line(chunk.first_line + number, offset, raw.removesuffix(b"\r").decode("utf-8", "replace"))
            offset += raw_length(raw + b"\n", chunk.encoding)
