"""Compressed streams that give all that can be decompressed before they complain, and stop at bombs."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from analytics.errors import SourceError

MAGIC = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
BLOCK_BYTES = 256 * 1024
BOMB_FREE_BYTES = 256 * 1024 * 1024
BOMB_RATIO = 500


def compression_of(head: bytes) -> str | None:
    """Name the compression by its magic bytes: gz, bz2, xz, zst, zip or None."""
    if head.startswith(ZIP_MAGIC):
        return "zip"
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def _zstd() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gz": lambda: zlib.decompressobj(wbits=31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
    "zst": _zstd,
}


class CompressedStream(io.RawIOBase):
    """Decompresses a stream; a damaged or truncated one raises SourceError after its readable part was given."""

    def __init__(self, raw: BinaryIO, compression: str, path: str) -> None:
        self._raw, self._compression, self._path = raw, compression, path
        self._decompressor = DECOMPRESSORS[compression]()
        self._ready = b""
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
            block = self._raw.read(BLOCK_BYTES)
            if not block:
                if self._started and not self._decompressor.eof:
                    self._problem = self._damage("the archive is truncated")
                break
            self._taken += len(block)
            self._ready = self._decompress(block)
            self._given += len(self._ready)
            check_bomb(self._taken, self._given, self._path)
        return bool(self._ready)

    def _decompress(self, block: bytes) -> bytes:
        parts = []
        try:
            while block:
                if self._decompressor.eof:
                    if not block.strip(b"\0"):
                        break
                    self._decompressor = DECOMPRESSORS[self._compression]()
                self._started = True
                parts.append(self._decompressor.decompress(block))
                block = self._decompressor.unused_data if self._decompressor.eof else b""
        except Exception as error:  # noqa: BLE001 - each codec has an error class of its own
            self._problem = self._damage(f"damaged {self._compression} data: {error}")
        return b"".join(parts)

    def _damage(self, what: str) -> SourceError:
        return SourceError(what, self._path, "what came before it was used; copy the file again")


class ZipMemberStream(io.RawIOBase):
    """One member of a zip archive, with the same promises."""

    def __init__(self, member: Any, compressed_bytes: int, path: str, archive: zipfile.ZipFile) -> None:
        self._member, self._compressed, self._path, self._archive = member, compressed_bytes, path, archive
        self._given = 0
        self._problem: SourceError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; b'' at the end."""
        parts, wanted = [], size if size >= 0 else 1 << 62
        while wanted > 0 and (block := self._block(min(wanted, BLOCK_BYTES))):
            parts.append(block)
            wanted -= len(block)
        if not parts and self._problem:
            raise self._problem
        return b"".join(parts)

    def close(self) -> None:
        """Close the member and its archive."""
        self._member.close()
        self._archive.close()
        super().close()

    def _block(self, size: int) -> bytes:
        if self._problem:
            return b""
        try:
            block: bytes = self._member.read(size)
        except Exception as error:  # noqa: BLE001 - zlib.error, BadZipFile, EOFError, LZMAError, ...
            self._problem = SourceError(f"damaged zip member: {error}", self._path, "copy the archive again")
            return b""
        self._given += len(block)
        check_bomb(self._compressed, self._given, self._path)
        return block


def check_bomb(compressed_bytes: int, given_bytes: int, path: str) -> None:
    """Raise SourceError where the content is absurdly larger than the archive."""
    if given_bytes > BOMB_FREE_BYTES and given_bytes > BOMB_RATIO * compressed_bytes:
        raise SourceError(
            f"expands to more than {BOMB_RATIO} times its size",
            path,
            "if it is no decompression bomb, unpack it first",
        )
