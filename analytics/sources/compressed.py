"""Compressed streams that give all that can be decompressed before they complain, and stop at bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO

from analytics.errors import SourceError

_MAGIC = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_BLOCK_BYTES = 256 * 1024
_PIECE_BYTES = 1024 * 1024
_ZSTANDARD_SLICE_BYTES = 256
_OPEN_ARCHIVES = 4
BOMB_FREE_BYTES = 256 * 1024 * 1024
BOMB_RATIO = 500


def compression_of(head: bytes) -> str | None:
    """Name the compression by its magic bytes: gz, bz2, xz, zst, zip or None."""
    if head.startswith(_ZIP_MAGIC):
        return "zip"
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


class _Gzip:
    """zlib with the interface of bz2 and lzma: output in pieces of limited size."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._is_full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not (self._is_full or self._inner.unconsumed_tail)

    def decompress(self, data: bytes, limit: int) -> bytes:
        output = self._inner.decompress(self._inner.unconsumed_tail + data, limit)
        self._is_full = len(output) >= limit
        return output


class _Zstandard:
    """The same for zstandard, which knows no limit: its input comes in slices, 8 MiB of output each at worst."""

    def __init__(self) -> None:
        import zstandard

        self._inner = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + bytes(self._waiting)

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, limit: int) -> bytes:
        self._waiting = memoryview(bytes(self._waiting) + data) if data else self._waiting
        parts, given = [], 0
        while self._waiting and given < limit and not self.eof:
            parts.append(self._inner.decompress(self._waiting[:_ZSTANDARD_SLICE_BYTES]))
            self._waiting = self._waiting[_ZSTANDARD_SLICE_BYTES:]
            given += len(parts[-1])
        return b"".join(parts)


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gz": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
    "zst": _Zstandard,
}


class CompressedStream(io.RawIOBase):
    """Decompresses a stream; a damaged or truncated one raises SourceError after its readable part was given."""

    def __init__(self, raw: BinaryIO, compression: str, path: str) -> None:
        self._raw, self._compression, self._path = raw, compression, path
        self._decompressor = _DECOMPRESSORS[compression]()
        self._input = self._ready = b""
        self._started = False
        self._taken = self._given = 0
        self._problem: SourceError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; b'' at the end."""
        parts, wanted = [], size if size >= 0 else 1 << 62
        while wanted > 0 and (self._ready or self._fill()):
            parts.append(self._ready[:wanted])
            self._ready = self._ready[wanted:]
            wanted -= len(parts[-1])
        if not parts and self._problem:
            raise self._problem
        return b"".join(parts)

    def close(self) -> None:
        """Close the stream below too."""
        self._raw.close()
        super().close()

    def _fill(self) -> bool:
        while not self._ready and self._problem is None:
            try:
                if not self._take_input():
                    break
                self._ready = self._decompressor.decompress(self._input, _PIECE_BYTES)
                self._input, self._started = b"", True
                self._given += len(self._ready)
                _check_bomb(self._taken, self._given, self._path)
            except SourceError as error:
                self._problem = error
            except Exception as error:  # noqa: BLE001 - each codec has an error class of its own
                self._problem = self._damage(f"damaged {self._compression} data: {error}")
        return bool(self._ready)

    def _take_input(self) -> bool:
        """Make sure that there is something to decompress; False at the end."""
        if self._decompressor.eof:
            self._input = self._decompressor.unused_data
            self._decompressor, self._started = _DECOMPRESSORS[self._compression](), False
        while not self._started or self._decompressor.needs_input:
            if not self._started:
                self._input = self._input.lstrip(b"\0")  # tapes and tar pad the end of a member
            if self._input:
                break
            self._input = self._raw.read(_BLOCK_BYTES)
            self._taken += len(self._input)
            if not self._input:
                if self._started:
                    self._problem = self._damage("the archive is truncated")
                return False
        return True

    def _damage(self, what: str) -> SourceError:
        return SourceError(what, self._path, "what came before it was used; copy the file again")


class ZipMemberStream(io.RawIOBase):
    """One member of a zip archive, with the same promises."""

    def __init__(self, member: Any, compressed_bytes: int, path: str) -> None:
        self._member, self._compressed, self._path = member, compressed_bytes, path
        self._given = 0
        self._problem: SourceError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; b'' at the end."""
        parts, wanted = [], size if size >= 0 else 1 << 62
        while wanted > 0 and (block := self._block(min(wanted, _BLOCK_BYTES))):
            parts.append(block)
            wanted -= len(block)
        if not parts and self._problem:
            raise self._problem
        return b"".join(parts)

    def close(self) -> None:
        """Close the member; its archive stays open for the next one."""
        self._member.close()
        super().close()

    def _block(self, size: int) -> bytes:
        if self._problem:
            return b""
        try:
            block: bytes = self._member.read(size)
            self._given += len(block)
            _check_bomb(self._compressed, self._given, self._path)
        except SourceError as error:
            self._problem = error
            return b""
        except Exception as error:  # noqa: BLE001 - zlib.error, BadZipFile, EOFError, LZMAError, ...
            self._problem = SourceError(f"damaged zip member: {error}", self._path, "copy the archive again")
            return b""
        return block


class OpenArchives:
    """The zip archives that were read last, kept open: their directory is read once, not once per member."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[zipfile.ZipFile, BinaryIO]] = OrderedDict()

    def get(self, path: str, opener: Callable[[], BinaryIO]) -> zipfile.ZipFile:
        """The archive at a path, opened where it is not open."""
        if path not in self._open:
            stream = opener()
            try:
                self._open[path] = (zipfile.ZipFile(stream), stream)
            except BaseException:
                stream.close()
                raise
            if len(self._open) > _OPEN_ARCHIVES:
                self._close(next(iter(self._open)))
        self._open.move_to_end(path)
        return self._open[path][0]

    def _close(self, path: str) -> None:
        archive, stream = self._open.pop(path)
        archive.close()
        stream.close()

    def __del__(self) -> None:
        for path in list(self._open):
            self._close(path)


def _check_bomb(compressed_bytes: int, given_bytes: int, path: str) -> None:
    """Raise SourceError where the content is absurdly larger than the archive."""
    if given_bytes > BOMB_FREE_BYTES and given_bytes > BOMB_RATIO * compressed_bytes:
        raise SourceError(
            f"expands to more than {BOMB_RATIO} times its size",
            path,
            "if it is no decompression bomb, unpack it first",
        )
