"""What a reader holds: the parts of one commit, whole, whatever an ingest does meanwhile."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Self

from analytics.errors import StoreError
from analytics.store.disk import disk_errors, file_sizes, is_inside
from analytics.store.manifest import MENDS, Manifest, Part
from analytics.store.readers import Mark


class Snapshot:
    """The parts of one commit. They stay until `close`, or until the process ends."""

    def __init__(self, store: Path, manifest: Manifest, mark: Mark | None) -> None:
        self.manifest = manifest
        self._store, self._mark = store, mark

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a raw table."""
        return [self._store / part.name for part in self.manifest.of(table)]

    def close(self) -> None:
        """Let go of the parts."""
        if self._mark:
            self._mark.lift()
            self._mark = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def require_present(store: Path, manifest: Manifest) -> None:
    """Check cheaply that every part is there in its size: one listing per folder, nothing is read.

    Raises StoreError that names the first part that is not.
    """
    for part, what in absent(store, manifest):
        raise StoreError(what, str(store / part.name), MENDS)


def absent(store: Path, manifest: Manifest) -> list[tuple[Part, str]]:
    """The parts that are missing, cut or beyond a link, each with what is wrong."""
    by_folder: dict[str, list[Part]] = defaultdict(list)
    for part in manifest.parts.values():
        by_folder[part.folder].append(part)
    found = []
    with disk_errors("read", store):
        for folder, parts in sorted(by_folder.items()):
            sizes = file_sizes(store / folder) if is_inside(store / folder, store) else {}
            found += [(part, what) for part in parts if (what := _absence(part, sizes))]
    return found


def _absence(part: Part, sizes: dict[str, int]) -> str:
    size_bytes = sizes.get(part.name.rpartition("/")[2])
    if size_bytes is None:
        return "is missing"
    if size_bytes != part.size_bytes:
        return f"has {size_bytes:,} bytes instead of {part.size_bytes:,}"
    return ""
