"""From the paths a user gives to the sources in them: files, folders, archives, standard input."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, cast

from analytics.errors import SourceError
from analytics.sources.compressed import CompressedStream, OpenArchives, ZipMemberStream, compression_of
from analytics.sources.source import Source, explain_os_error, folder_of

_STORE_MARK = "store.json"
_MAX_DEPTH = 3
MAX_MEMBERS = 100_000
_NESTED_ZIP_BYTES = 256 * 1024 * 1024
_SPOOL_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that gives no source, and why."""

    path: str
    reason: str


def find_sources(
    paths: Iterable[str | Path], is_known: Callable[[Source], bool] = lambda _: False
) -> Iterator[Source | Unreadable]:
    """Yield every source below the given paths, in the order of their names.

    Folders are walked, archives and compressed files are looked into (by content, never by name) without unpacking to
    disk; '-' is standard input. What cannot be read comes as Unreadable, in its place. A file that `is_known` by its
    path, size and time is no archive and is not opened.
    """
    archives = OpenArchives()
    for path in paths:
        if str(path) == "-":
            yield from _expand(_standard_input(), archives)
        else:
            for found in _walk(str(Path(path)), Path(path)):
                is_whole = isinstance(found, Unreadable) or is_known(found)
                yield from [found] if is_whole else _expand(cast(Source, found), archives)


def _walk(path: str, root: Path, folder: tuple[str, ...] | None = None) -> Iterator[Source | Unreadable]:
    """The files at a path below `root`, the folder that the user named; `folder` names those it lies in.

    Paths are text: of ten thousand files that nobody need open, Path would take most of the time.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - see above; an entry's own stat() is out of date on Windows
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        yield Unreadable(_shown(path), "no such file or folder" if missing else explain_os_error(error))
        return
    shown = Path(_shown(path)).absolute() if folder is None else None
    if stat.S_ISDIR(status.st_mode):
        inside = folder_of(shown / "file") if shown else (*(folder or ()), _name_in(_shown(path)))
        yield from _walk_folder(path, root, inside)
    elif stat.S_ISREG(status.st_mode):
        yield _file_source(path, folder_of(shown) if shown else folder or (), status)
    else:
        yield Unreadable(_shown(path), "neither a file nor a folder; a stream is read as standard input: -")


def _shown(path: str) -> str:
    """A path as messages and tables show it; bytes that are no text become question marks."""
    return path.encode("utf-8", "replace").decode("utf-8")


def _name_in(path: str) -> str:
    return path.rpartition(os.sep)[2]


def _walk_folder(path: str, root: Path, folder: tuple[str, ...]) -> Iterator[Source | Unreadable]:
    try:
        with os.scandir(path) as listing:
            entries = sorted(listing, key=lambda entry: os.path.normcase(entry.name))
    except OSError as error:
        yield Unreadable(_shown(path), explain_os_error(error))
        return
    if any(entry.name == _STORE_MARK and entry.is_file() for entry in entries):
        return
    for entry in entries:
        inner = entry.name if path == "." else entry.path
        if not (entry.is_symlink() and Path(inner).is_dir()):
            yield from _walk(inner, root, folder)
        elif not Path(inner).resolve().is_relative_to(root.resolve()):
            # what lies below the root is read in its place
            yield Unreadable(
                _shown(inner), "a link out of the folder is not followed; name where it leads as well"
            )


def _file_source(path: str, folder: tuple[str, ...], status: os.stat_result) -> Source:
    shown = _shown(path)
    return Source(
        shown,
        _name_in(shown),
        folder,
        lambda: Path(path).open("rb"),
        _moment(status),
        seekable=True,
        found_bytes=status.st_size,
    )


def _moment(status: os.stat_result) -> datetime | None:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _standard_input() -> Source:
    kept = _Kept()
    while block := sys.stdin.buffer.read(1 << 20):
        kept.spool.write(block)
    return Source("-", "-", (), lambda: cast(BinaryIO, _Rewound(kept)), datetime.now(UTC), seekable=True)


class _Kept:
    """Standard input, kept as long as a source may read it."""

    def __init__(self) -> None:
        self.spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 - closed with its last reader

    def __del__(self) -> None:
        self.spool.close()


class _Rewound(io.RawIOBase):
    """What was kept, from its beginning; closing it keeps the copy."""

    def __init__(self, kept: _Kept) -> None:
        self._owner, self._kept = kept, kept.spool
        self._kept.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._kept.seek(offset, whence)
        return int(self._kept.tell())

    def read(self, size: int = -1) -> bytes:
        return bytes(self._kept.read(size))


def _expand(source: Source, archives: OpenArchives, depth: int = 0) -> Iterator[Source | Unreadable]:
    """Look through compression and into archives."""
    try:
        compression = compression_of(source.head[:8])
        if compression is None:
            yield source
        elif depth >= _MAX_DEPTH:
            yield Unreadable(
                source.path, f"archives nested deeper than {_MAX_DEPTH}; unpack the outer ones first"
            )
        elif compression == "zip":
            yield from _members(source, archives, depth)
        else:
            yield from _expand(_decompressed(source, compression), archives, depth + 1)
    except SourceError as error:
        yield Unreadable(error.where or source.path, error.what)


def _decompressed(source: Source, compression: str) -> Source:
    name = source.name
    for ending in (".gz", ".gzip", ".bz2", ".xz", ".zst"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name

    def opener() -> BinaryIO:
        return cast(BinaryIO, CompressedStream(source.opener(), compression, source.path))

    modified = _gzip_time(source.head) if compression == "gz" else None
    return replace(
        source,
        name=name,
        opener=opener,
        seekable=False,
        modified_at=modified or source.modified_at,
        found_bytes=None,
    )


def _gzip_time(head: bytes) -> datetime | None:
    """When the packed file was last modified (RFC 1952, MTIME); None where gzip was not told."""
    seconds = int.from_bytes(head[4:8], "little")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _members(source: Source, archives: OpenArchives, depth: int) -> Iterator[Source | Unreadable]:
    seekable = source if source.seekable else _in_memory(source)
    try:
        infos = [
            info for info in archives.get(seekable.path, seekable.opener).infolist() if not info.is_dir()
        ]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Unreadable(source.path, f"damaged or truncated zip archive ({error}); copy it again")
        return
    if len(infos) > MAX_MEMBERS:
        yield Unreadable(source.path, f"more than {MAX_MEMBERS} members; unpack it first")
        return
    for info in infos:
        yield from _member(seekable, info, archives, depth)


def _in_memory(source: Source) -> Source:
    """A nested archive can be sought in only as a whole; it is read again when it is opened again."""
    return replace(source, opener=lambda: io.BytesIO(source.read(_NESTED_ZIP_BYTES)), seekable=True)


def _member(
    archive: Source, info: zipfile.ZipInfo, archives: OpenArchives, depth: int
) -> Iterator[Source | Unreadable]:
    inner = PurePosixPath(*PureWindowsPath(info.filename).parts)
    path = f"{archive.path}!{info.filename}"
    if info.flag_bits & 1:
        yield Unreadable(path, "protected by a password; unpack it first, or make the archive without one")
        return

    def opener() -> BinaryIO:
        member = archives.get(archive.path, archive.opener).open(info)
        return cast(BinaryIO, ZipMemberStream(member, info.compress_size, path))

    folder = (*archive.folder, _stem(archive.name), *folder_of(inner))
    yield from _expand(Source(path, inner.name, folder, opener, _zip_time(info)), archives, depth + 1)


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0] if "." in name else name


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Zip stores local time without a zone; as a source of the year that is near enough."""
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None
