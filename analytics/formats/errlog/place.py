"""Where the lines of an errlog chunk lie in the source, with those that the chunk before left over."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analytics.formats.errlog.columns import Positions, RawLines, find_lines
from analytics.formats.errlog.search_results import without_marks
from analytics.formats.format import reject_row
from analytics.sources import TextChunk
from analytics.sources.text import raw_length

_DOUBLED_CR = re.compile(rb"\r{2,}\n")


@dataclass(frozen=True)
class Carry:
    """The lines of the last record of a chunk, which the next chunk may continue, and their byte offsets."""

    text: bytes
    offsets: Positions


NOTHING = Carry(b"", np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Place:
    """The lines of a chunk behind those carried over; the NUL bytes of torn and preallocated files are dropped."""

    chunk: TextChunk
    carried: Carry

    @cached_property
    def has_nuls(self) -> bool:
        """Whether bytes were dropped."""
        return b"\0" in self.chunk.data

    @cached_property
    def data(self) -> bytes:
        """The lines of the chunk without NUL bytes, BOMs of joined files, doubled CR and marks in front of them."""
        data = self.chunk.data.replace(b"\0", b"").replace(codecs.BOM_UTF8, b"")
        return without_marks(_DOUBLED_CR.sub(b"\r\n", data) if b"\r\r\n" in data else data)

    @cached_property
    def lines(self) -> RawLines:
        """The lines as bytes, fields and all."""
        return find_lines(self.carried.text + self.data)

    @cached_property
    def offsets(self) -> Positions:
        """Byte offset in the source of every line."""
        return np.concatenate((self.carried.offsets, self.chunk.line_offsets()))

    @property
    def first_line(self) -> int:
        """Line number of the first line."""
        return self.chunk.first_line - len(self.carried.offsets)

    def line_no(self, index: int) -> int:
        """Line number of a line."""
        return self.first_line + index

    def text(self, index: int) -> str:
        """A line as text."""
        piece = self.lines.data[self.lines.starts[index] : self.lines.ends[index]]
        return piece.decode("utf-8", "replace")

    def reject(self, index: int, reason: str) -> dict[str, Any]:
        """A row of rejects for a line."""
        place = {"line_no": self.line_no(index), "byte_offset": int(self.offsets[index])}
        return reject_row(reason, self.text(index), **place)

    def nul_rejects(self) -> list[dict[str, Any]]:
        """Rows of rejects for the lines of the chunk that hold nothing but NUL bytes."""
        if not self.has_nuls:
            return []
        carried = len(self.carried.offsets)
        return [
            self.reject(carried + index, f"{line.count(0)} NUL bytes instead of text")
            for index, line in enumerate(self.chunk.data.split(b"\n"))
            if b"\0" in line and not line.strip(b"\0\r\t ")
        ]

    def carry_from(self, index: int) -> Carry:
        """The lines from one on, for the next chunk."""
        if index >= len(self.lines.starts):
            return NOTHING
        text = self.lines.data[int(self.lines.starts[index]) :]
        is_whole = len(self.data) == len(self.chunk.data)
        is_plain = is_whole and self.chunk.raw is None and len(text) <= len(self.chunk.data)
        if not is_plain or "offsets" in self.__dict__:
            return Carry(text, self.offsets[index:])
        width = raw_length(self.chunk.data, self.chunk.encoding) - raw_length(text, self.chunk.encoding)
        begin = self.chunk.byte_offset + width
        return Carry(text, TextChunk(text, 0, begin, self.chunk.encoding).line_offsets())
