"""Readers' marks: which commits are being read, so that no writer removes their parts.

A mark is a file `_readers/NUMBER-ID.lock` that its reader holds locked: the lock ends with the process, however it
ends. A reader marks the newest commit and looks again whether it still is the newest; only then it counts on its parts.
A writer publishes a commit before it looks for marks. So one of the two always sees the other.
"""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path
from typing import Any

from analytics.store.disk import is_inside, remove
from analytics.store.layout import READERS

_FILE_NAME = re.compile(r"(\d{8})-[0-9a-f]{16}\.lock")
# A mark is locked an instant after it is made; so a young one counts even where nobody holds its lock.
YOUNG_S = 60.0
_PROBE_S = 1.0


class Mark:
    """The mark of one reader; `lift` takes it away."""

    def __init__(self, lock: Any, path: Path) -> None:
        self._lock, self._path = lock, path

    def lift(self) -> None:
        """Take the mark away."""
        self._lock.release()
        remove(self._path)


def place_mark(store: Path, number: int) -> Mark | None:
    """Mark a commit as being read; None where the store is read-only for us, or its file system knows no locks."""
    from filelock import FileLock, Timeout

    folder = store / READERS
    path = folder / f"{number:08d}-{uuid.uuid4().hex[:16]}.lock"
    try:
        folder.mkdir(exist_ok=True)
        if not is_inside(folder, store):
            return None
        lock = FileLock(path)
        lock.acquire(timeout=_PROBE_S)  # a writer that looks for marks holds it for a moment
    except (OSError, Timeout, NotImplementedError):
        return None
    return Mark(lock, path)


def oldest_read(store: Path) -> int | None:
    """The lowest number of a commit that is being read, None where nobody reads; removes the marks of the dead.

    Only a writer asks.
    """
    folder = store / READERS
    if not folder.is_dir() or not is_inside(folder, store):
        return None
    marks = ((_FILE_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return min((int(match[1]) for match, path in marks if match and _is_alive(path)), default=None)


def _is_alive(path: Path) -> bool:
    from filelock import FileLock, Timeout

    try:
        is_young = time.time() - path.stat().st_mtime < YOUNG_S
        lock = FileLock(path)
        lock.acquire(timeout=0)
    except FileNotFoundError:
        return False
    except (OSError, Timeout, NotImplementedError):
        return True
    lock.release()
    return is_young or not remove(path)
