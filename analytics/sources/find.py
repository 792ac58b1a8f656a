"""From the paths a user gives to the sources in them: files, folders, archives, standard input."""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, cast

from analytics.errors import SourceError
from analytics.sources.compressed import CompressedStream, ZipMemberStream, compression_of
from analytics.sources.source import Source, explain_os_error, folder_of

STORE_MARK = "store.json"
MAX_DEPTH = 3
MAX_MEMBERS = 100_000
NESTED_ZIP_BYTES = 256 * 1024 * 1024
SPOOL_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that gives no source, and why."""

    path: str
    reason: str


def find_sources(paths: Iterable[str | Path]) -> Iterator[Source | Unreadable]:
    """Yield every source below the given paths, in the order of their names.

    Folders are walked, archives and compressed files are looked into (by content, never by name) without unpacking to
    disk; '-' is standard input. What cannot be read comes as Unreadable, in its place.
    """
    for path in paths:
        if str(path) == "-":
            yield from _expand(_standard_input())
        else:
            for file in _walk(Path(path)):
                yield from [file] if isinstance(file, Unreadable) else _expand(_file_source(file))


def _walk(path: Path) -> Iterator[Path | Unreadable]:
    if not path.exists():
        yield Unreadable(str(path), "no such file or folder")
    elif not path.is_dir():
        yield path
    else:
        yield from _walk_folder(path)


def _walk_folder(path: Path) -> Iterator[Path | Unreadable]:
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Unreadable(str(path), explain_os_error(error))
        return
    if (path / STORE_MARK).is_file():
        return
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk_folder(entry)
        elif not entry.is_dir():
            yield entry


def _file_source(path: Path) -> Source:
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        modified = None
    folder = folder_of(path.absolute())
    return Source(str(path), path.name, folder, lambda: path.open("rb"), modified, seekable=path.is_file())


def _standard_input() -> Source:
    spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - lives as long as the source
    while block := sys.stdin.buffer.read(1 << 20):
        spool.write(block)
    return Source("-", "-", (), lambda: cast(BinaryIO, _Rewound(spool)), datetime.now(UTC), seekable=True)


class _Rewound(io.RawIOBase):
    """Standard input, kept, from its beginning; closing it keeps the copy."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept
        kept.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._kept.seek(offset, whence)
        return int(self._kept.tell())

    def read(self, size: int = -1) -> bytes:
        return bytes(self._kept.read(size))


def _expand(source: Source, depth: int = 0) -> Iterator[Source | Unreadable]:
    """Look through compression and into archives."""
    try:
        compression = compression_of(source.head[:8])
        if compression is None:
            yield source
        elif depth >= MAX_DEPTH:
            yield Unreadable(
                source.path, f"archives nested deeper than {MAX_DEPTH}; unpack the outer ones first"
            )
        elif compression == "zip":
            yield from _members(source, depth)
        else:
            yield from _expand(_decompressed(source, compression), depth + 1)
    except SourceError as error:
        yield Unreadable(error.where or source.path, error.what)


def _decompressed(source: Source, compression: str) -> Source:
    name = source.name
    for ending in (".gz", ".gzip", ".bz2", ".xz", ".zst"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name

    def opener() -> BinaryIO:
        return cast(BinaryIO, CompressedStream(source.opener(), compression, source.path))

    return replace(source, name=name, opener=opener, seekable=False)


def _members(source: Source, depth: int) -> Iterator[Source | Unreadable]:
    seekable = source if source.seekable else _in_memory(source)
    try:
        with zipfile.ZipFile(seekable.opener()) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Unreadable(source.path, f"damaged or truncated zip archive ({error}); copy it again")
        return
    if len(infos) > MAX_MEMBERS:
        yield Unreadable(source.path, f"more than {MAX_MEMBERS} members; unpack it first")
        return
    for info in infos:
        yield from _member(seekable, info, depth)


def _in_memory(source: Source) -> Source:
    data = source.read(NESTED_ZIP_BYTES)
    return replace(source, opener=lambda: io.BytesIO(data), seekable=True)


def _member(archive: Source, info: zipfile.ZipInfo, depth: int) -> Iterator[Source | Unreadable]:
    inner = PurePosixPath(*PureWindowsPath(info.filename).parts)
    path = f"{archive.path}!{info.filename}"
    if info.flag_bits & 1:
        yield Unreadable(path, "protected by a password; unpack it first, or make the archive without one")
        return

    def opener() -> BinaryIO:
        opened = zipfile.ZipFile(archive.opener())
        try:
            return cast(BinaryIO, ZipMemberStream(opened.open(info), info.compress_size, path, opened))
        except BaseException:
            opened.close()
            raise

    folder = (*archive.folder, _stem(archive.name), *folder_of(inner))
    yield from _expand(Source(path, inner.name, folder, opener, _zip_time(info)), depth + 1)


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0] if "." in name else name


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Zip stores local time without a zone; as a source of the year that is near enough."""
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None
