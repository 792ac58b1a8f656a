"""A disk that fails: the nth write, sync, rename, mkdir or unlink below a folder is refused."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from analytics.store import disk

# What pathlib and shutil call in the end, so that nothing gets past.
NAMED = ("replace", "rename", "mkdir", "unlink", "remove", "rmdir")


class BadDisk:
    """Refuses the operation number `fails_at` (from 0) below `place`, and all later ones where `for_good`.

    `operations` lists what was asked for.
    """

    def __init__(self, place: Path, fails_at: int, for_good: bool = False) -> None:
        self.place, self.fails_at, self.for_good = str(place), fails_at, for_good
        self.operations: list[str] = []

    @property
    def is_refused(self) -> bool:
        """Whether an operation was refused."""
        return len(self.operations) > self.fails_at

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between the program and the disk."""
        for name in NAMED:
            patch.setattr(os, name, self._named(name, getattr(os, name)))
        patch.setattr(os, "fsync", self._sync(os.fsync))
        patch.setattr(disk, "FileIO", self._file_class())

    def _named(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: Any, *others: Any, **how: Any) -> Any:
            if self.place in str(path) or "dir_fd" in how:
                self._count(name)
            return call(path, *others, **how)

        return ask

    def _sync(self, call: Callable[[int], None]) -> Callable[[int], None]:
        def ask(handle: int) -> None:
            self._count("fsync")
            call(handle)

        return ask

    def _file_class(self) -> type[FileIO]:
        bad = self

        class BadFile(FileIO):
            """A file whose writes are asked for first."""

            def write(self, data: Any) -> int | None:
                bad._count("write")
                return super().write(data)

        return BadFile

    def _count(self, name: str) -> None:
        self.operations.append(name)
        number = len(self.operations) - 1
        if number == self.fails_at or (self.for_good and number > self.fails_at):
            self.refuse()

    def refuse(self) -> None:
        """What a refused operation meets: the error of a broken disk."""
        raise OSError(errno.EIO, "Input/output error")
