"""Derived tables that earlier sessions computed, kept beside the raw parts; each file is only ever a copy.

A file is named after its table, the key of what it was computed from, and a seal over both and its bytes. A file
that is cut, changed, renamed or beyond a link is no copy: the table is computed again.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from analytics.store.disk import DRAFT, NewFile, file_sizes, is_inside, move, remove, sha256_of

__all__ = ["DERIVED", "Derived"]

DERIVED = "derived"
# A session may read a copy for as long as this; younger ones of other keys stay.
_GRACE_S = 86_400.0
_LETTERS = 32
_NAME = re.compile(r"(?P<table>[a-z][a-z0-9_]*)-(?P<key>[0-9a-f]{32})-(?P<seal>[0-9a-f]{32})\.parquet")


class Derived:
    """The kept tables of a store, as they lie there when the first is asked for."""

    def __init__(self, store: Path) -> None:
        self.folder = store / DERIVED
        self._store = store

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The files there when it is first asked for; none where the folder leads elsewhere or cannot be read."""
        with suppress(OSError):
            return tuple(file_sizes(self.folder)) if is_inside(self.folder, self._store) else ()
        return ()

    @cached_property
    def _copies(self) -> dict[tuple[str, str], Path]:
        """The copies by table and key."""
        found = filter(None, map(_NAME.fullmatch, self._names))
        return {(name["table"], name["key"]): self.folder / name[0] for name in found}

    @cached_property
    def own_folder(self) -> Path | None:
        """The folder, None where it or anything in it is more than plain files that lie there: no link leads out."""
        if not is_inside(self.folder, self._store):
            return None
        try:
            with os.scandir(self.folder) as entries:
                is_plain = all(entry.is_file(follow_symlinks=False) for entry in entries)
        except FileNotFoundError:
            return self.folder
        except OSError:  # a file of that name, or a folder that may not be read
            return None
        return self.folder if is_plain else None

    def paths(self) -> list[Path]:
        """All copies, of whatever key."""
        return list(self._copies.values())

    def find(self, table: str, key: str) -> Path | None:
        """The copy of a table that was computed from what `key` stands for, if it is whole."""
        path = self._copies.get((table, key[:_LETTERS]))
        try:
            if path is None or path.name != _name(table, key, sha256_of(path)):
                return None
        except OSError:
            return None
        with suppress(OSError):  # whoever clears up sees that it is in use
            os.utime(path)
        return path

    def keep(self, table: str, key: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Path:
        """Write the copy of a table, whole or not at all, and take away older ones that nobody uses.

        Gives where it lies. Raises OSError where the disk refuses.
        """
        from pyarrow import parquet

        with suppress(FileExistsError):
            self.folder.mkdir()
        if not self.folder.is_dir() or not is_inside(self.folder, self._store):
            raise NotADirectoryError(0, f"{DERIVED} is no folder of the store", str(self.folder))
        draft = self.folder / f"{uuid4().hex}{DRAFT}"
        file = NewFile(draft)
        try:
            with parquet.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
                for batch in batches:
                    writer.write_batch(batch)
            file.close()
            name = _name(table, key, file.sha256)
            move(draft, self.folder / name)
        except BaseException:
            with suppress(OSError):
                file.close()
            remove(draft)
            raise
        self._copies[table, key[:_LETTERS]] = self.folder / name
        self._tidy(table, name)
        return self.folder / name

    def _tidy(self, table: str, kept: str) -> None:
        """Take away what nobody has used for a day: copies of this table, and drafts of writers that were killed."""
        before = time.time() - _GRACE_S
        for name in self._names:
            if name != kept and (name.startswith(f"{table}-") or name.endswith(DRAFT)):
                with suppress(OSError):
                    if (self.folder / name).stat().st_mtime < before:
                        remove(self.folder / name)


def _name(table: str, key: str, sha256: str) -> str:
    seal = hashlib.sha256(f"{table} {key} {sha256}".encode()).hexdigest()
    return f"{table}-{key[:_LETTERS]}-{seal[:_LETTERS]}.parquet"
