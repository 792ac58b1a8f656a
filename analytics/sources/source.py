"""One readable stream of bytes and what identifies its content."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import BinaryIO

from analytics.errors import SourceError

_SAMPLE_BYTES = 64 * 1024
_SAMPLE_EVERY = 1024 * 1024
_SMALL_SAMPLE_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a content without keeping it.

    `head` and `tail` hold up to 64 KiB, `samples` 4 KiB from every MiB in between; `sha256` is None where only the
    samples were read (plain files; `Source.sha256` reads the rest).
    """

    size_bytes: int
    head: bytes
    samples: tuple[bytes, ...]
    tail: bytes
    sha256: str | None

    @property
    def source_id(self) -> str:
        """16 hexadecimal digits; equal contents have equal ids."""
        digest = hashlib.sha256(str(self.size_bytes).encode())
        for part in (self.head, *self.samples, self.tail):
            digest.update(part)
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Prefix:
    """The first bytes of a content: their SHA-256 and how many line feeds are among them (in UTF-16 a few too many)."""

    sha256: str
    line_feeds: int


@dataclass(frozen=True)
class Source:
    """A file, an archive member or a stream that can be opened again and again.

    `path` is what messages show (`archive.zip!member` inside archives), `folder` the chain of folders it lies in,
    nearest last. `opener` returns a binary stream of the decompressed content. `modified_at` is UTC or None,
    `found_bytes` the size of a plain file when it was found.
    """

    path: str
    name: str
    folder: tuple[str, ...]
    opener: Callable[[], BinaryIO]
    modified_at: datetime | None = None
    seekable: bool = False
    found_bytes: int | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the content; errors of the operating system or the archive become SourceError."""
        try:
            with self.opener() as stream:
                yield stream
        except SourceError:
            raise
        except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
            raise SourceError(explain_os_error(error), self.path) from error
        except Exception as error:
            if type(error).__module__.split(".")[0] in {
                "zlib",
                "zipfile",
                "lzma",
                "_lzma",
                "zstandard",
                "zstd",
            }:
                raise SourceError(f"damaged archive: {error}", self.path, "copy it again") from error
            raise

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """Size, samples and (for streams that cannot seek) SHA-256 of the content."""
        with self.open() as stream:
            return _sampled(stream) if self.seekable else _streamed(stream)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB, or what of them can be read; SourceError where that is nothing."""
        with self.open() as stream:
            return _readable_part(stream, _SAMPLE_BYTES)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the whole content."""
        known = self.fingerprint.sha256
        if known is not None:
            return known
        with self.open() as stream:
            digest = hashlib.sha256()
            while block := stream.read(_SAMPLE_EVERY):
                digest.update(block)
            return digest.hexdigest()

    def prefixes(self, sizes: Iterable[int]) -> dict[int, _Prefix]:
        """What the first bytes of the content are, for each of these sizes that it has."""
        found: dict[int, _Prefix] = {}
        wanted = deque(sorted(size for size in set(sizes) if size <= self.fingerprint.size_bytes))
        digest, position, line_feeds = hashlib.sha256(), 0, 0
        with self.open() as stream:
            while wanted:
                piece = stream.read(min(_SAMPLE_EVERY, wanted[0] - position))
                digest.update(piece)
                position, line_feeds = position + len(piece), line_feeds + piece.count(b"\n")
                if position == wanted[0]:
                    found[wanted.popleft()] = _Prefix(digest.hexdigest(), line_feeds)
                elif not piece:
                    break
        return found

    def read(self, limit_bytes: int = 1 << 29) -> bytes:
        """The whole content of a small source; SourceError beyond `limit_bytes`."""
        with self.open() as stream:
            data = stream.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            raise SourceError(f"larger than {limit_bytes >> 20} MiB", self.path, "split the export")
        return data


def explain_os_error(error: BaseException) -> str:
    """The operating system's words without the path, which the message names anyway."""
    if isinstance(error, PermissionError):
        return "no permission to read"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def folder_of(path: PurePath) -> tuple[str, ...]:
    """Names of the folders above a path, nearest last."""
    return tuple(part for part in path.parent.parts if part not in {path.anchor, ".", ".."})


def _read_fully(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count > 0 and (part := stream.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _readable_part(stream: BinaryIO, count: int) -> bytes:
    """The next bytes; damage behind some of them counts as the end here, reading the text reports it."""
    parts = []
    try:
        while count > 0 and (part := stream.read(count)):
            parts.append(part)
            count -= len(part)
    except SourceError:
        if not parts:
            raise
    return b"".join(parts)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while block := _readable_part(stream, _SAMPLE_EVERY):
            yield block
    except SourceError:
        return


def _sampled(stream: BinaryIO) -> Fingerprint:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = _read_fully(stream, _SAMPLE_BYTES)
    samples = []
    for offset in range(_SAMPLE_EVERY, size - _SAMPLE_BYTES, _SAMPLE_EVERY):
        stream.seek(offset)
        samples.append(_read_fully(stream, _SMALL_SAMPLE_BYTES))
    stream.seek(max(0, size - _SAMPLE_BYTES))
    return Fingerprint(size, head, tuple(samples), _read_fully(stream, _SAMPLE_BYTES), None)


def _streamed(stream: BinaryIO) -> Fingerprint:
    digest, size, head, tail, samples = hashlib.sha256(), 0, b"", b"", []
    for block in _blocks(stream):
        if size == 0:
            head = block[:_SAMPLE_BYTES]
        else:
            samples.append(block[:_SMALL_SAMPLE_BYTES])
        digest.update(block)
        size += len(block)
        tail = (tail + block)[-_SAMPLE_BYTES:]
    return Fingerprint(size, head, tuple(samples), tail, digest.hexdigest())
