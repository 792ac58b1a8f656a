"""The store's only hand on the disk: durable writing, moving with patience, removing without haste.

Every write, sync, rename, mkdir and unlink of a store goes through here, so that a test can make any of them fail.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path

from analytics.errors import StoreError

DRAFT = ".draft"
_BUFFER_BYTES = 128 * 1024
# Windows refuses to rename what a virus scanner, an indexer or a reader has open: access denied, shared, locked.
_HELD_BY_OTHERS = {5, 32, 33}
_PATIENCE_S = 10.0
# What a file system says that cannot sync a folder at all; anything else is a failing disk.
_NO_FOLDER_SYNC = {
    errno.EINVAL,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EBADF,
    errno.EACCES,
    errno.EPERM,
}


class NewFile:
    """A file that is being written, with its size and SHA-256; `finish` makes it durable.

    It has the methods that a Parquet writer asks of a file.
    """

    def __init__(self, path: Path) -> None:
        self._file = BufferedWriter(FileIO(path, "x"), _BUFFER_BYTES)
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._file.closed

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far, hexadecimal."""
        return self._digest.hexdigest()

    def write(self, data: bytes | memoryview) -> int:
        """Write all of it."""
        written = self._file.write(data)
        self._digest.update(data)
        self.size_bytes += written
        return written

    def tell(self) -> int:
        """Where the next byte goes."""
        return self.size_bytes

    def flush(self) -> None:
        """Hand over to the system."""
        self._file.flush()

    def finish(self) -> None:
        """Flush, sync and close."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self.close()

    def close(self) -> None:
        """Close without any promise."""
        self._file.close()


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all; an older one is replaced."""
    draft = path.with_name(path.name + DRAFT)
    draft.unlink(missing_ok=True)  # never through a link that lies there
    file = NewFile(draft)
    try:
        file.write(text.encode("utf-8"))
    except BaseException:
        file.close()
        raise
    file.finish()
    move(draft, path)
    sync_folder(path.parent)


def write_synced(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def move(source: Path, target: Path) -> None:
    """Rename, replacing what is there; waits for whoever holds one of them open (Windows)."""
    deadline = time.monotonic() + _PATIENCE_S
    pause_s = 0.002
    while True:
        try:
            source.replace(target)
            return
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD_BY_OTHERS or time.monotonic() > deadline:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 0.25)


def make_folder(folder: Path, root: Path) -> None:
    """Make a folder below `root` and make its name durable in the folders above it."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for parent in folder.parents:
        sync_folder(parent)
        if parent == root:
            return


def remove(path: Path) -> bool:
    """Remove a file where the system lets us; tells whether it is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:  # somebody holds it open: the next writer tries again
        return False
    return True


def remove_folder(folder: Path) -> None:
    """Remove a folder with what is in it, as far as the system lets us."""
    shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable where the system can (Windows does so by itself)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def is_inside(folder: Path, root: Path) -> bool:
    """Whether a folder really lies where its name says: no link or junction on the way leads out of `root`."""
    named = os.path.join(os.path.realpath(root), os.path.relpath(folder, root))  # noqa: PTH118 - pairs with realpath
    return os.path.normcase(os.path.realpath(folder)) == os.path.normcase(os.path.normpath(named))


def is_own_file(path: Path) -> bool:
    """Whether a name is free or that of a plain file which has no other: what is written there goes nowhere else."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1


def file_sizes(folder: Path) -> dict[str, int]:
    """Name and size of the plain files in a folder; links are no plain files. Empty where there is no folder."""
    found: dict[str, int] = {}
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # removed since it was listed: the others are still there
                if entry.is_file(follow_symlinks=False):
                    found[entry.name] = entry.stat(follow_symlinks=False).st_size
    return found


def file_size(path: Path) -> int | None:
    """Size of a plain file; None where there is none, or a link."""
    with suppress(FileNotFoundError, NotADirectoryError):
        found = path.lstat()
        return found.st_size if stat.S_ISREG(found.st_mode) else None
    return None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_errors(doing: str, place: Path, remedy: str = "") -> Iterator[None]:
    """Turn what the disk refuses into a StoreError."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT} or "No space left" in str(error)
        what = "the disk is full" if full else f"cannot {doing}: {error.strerror or error}"
        raise StoreError(what, str(place), remedy) from error
