"""What a reader holds: the parts of one commit, whole, whatever an ingest does meanwhile."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Self

from analytics.errors import StoreError
from analytics.store.derived import Derived
from analytics.store.disk import disk_errors, file_size, file_sizes, is_inside, sha256_of
from analytics.store.losses import ACCOUNTS, accounts, still_lost
from analytics.store.manifest import Loss, Manifest, Part, mended_by
from analytics.store.readers import Mark
from analytics.store.state import IngestState

_HASHED_AT_ONCE = 4


class Snapshot:
    """The parts of one commit. They stay until `close`, or until the process ends.

    `ingest` is the last ingest that began before it was opened, None where none is known. `members` is empty: see
    Snapshots for several stores.
    """

    members: Mapping[str, Snapshot] = MappingProxyType({})

    def __init__(
        self, store: Path, manifest: Manifest, ingest: IngestState | None, mark: Mark | None
    ) -> None:
        self.manifest, self.ingest = manifest, ingest
        self.derived = Derived(store)
        self._store, self._mark = store, mark

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a raw table."""
        return [self._store / part.name for part in self.manifest.of(table)]

    def state(self, table: str) -> str:
        """A digest of a raw table's parts: equal where the table holds the same."""
        listing = "\n".join(
            f"{part.name} {part.size_bytes} {part.sha256}"
            for part in sorted(self.manifest.of(table), key=lambda part: part.name)
        )
        return hashlib.sha256(listing.encode("utf-8")).hexdigest()

    def losses(self) -> tuple[Loss, ...]:
        """What was lost with damaged parts and no ingest has made good yet."""
        if not self.manifest.losses:
            return ()
        return still_lost(self.manifest.losses.values(), accounts(self._store, self.manifest.of(ACCOUNTS)))

    def close(self) -> None:
        """Let go of the parts."""
        if self._mark:
            self._mark.lift()
            self._mark = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def require_whole(store: Path, manifest: Manifest) -> None:
    """Check that every part is what was written: first where it lies and its size, then every byte.

    Raises StoreError that names the first part that is not.
    """
    for part, what in absent(store, manifest) or changed(store, manifest):
        raise StoreError(what, str(store / part.name), mended_by(store))


def absent(store: Path, manifest: Manifest) -> list[tuple[Part, str]]:
    """The parts that are missing, cut or beyond a link, each with what is wrong; nothing is read."""
    by_folder: dict[str, list[Part]] = defaultdict(list)
    for part in manifest.parts.values():
        by_folder[part.folder].append(part)
    found = []
    with disk_errors("read", store):
        for folder, parts in sorted(by_folder.items()):
            is_ours = is_inside(store / folder, store)
            sizes = file_sizes(store / folder) if is_ours else {}
            for part in parts:
                size_bytes = sizes.get(part.name.rpartition("/")[2])
                if size_bytes is None and is_ours:  # a listing may miss what others change meanwhile
                    size_bytes = file_size(store / part.name)
                if what := _absence(part, size_bytes):
                    found.append((part, what))
    return found


def changed(store: Path, manifest: Manifest) -> list[tuple[Part, str]]:
    """The parts that lie there in their size and have other bytes, or cannot be read, each with what is wrong."""
    parts = [part for part in manifest.parts.values() if part.sha256]
    # DuckDB checks no page checksums, and another program may have changed a part since: so all of it is read
    with ThreadPoolExecutor(_HASHED_AT_ONCE) as hashers:
        found = zip(parts, hashers.map(lambda part: _change(store, part), parts), strict=True)
        return [(part, what) for part, what in found if what]


def _absence(part: Part, size_bytes: int | None) -> str:
    if size_bytes is None:
        return "is missing"
    if size_bytes != part.size_bytes:
        return f"has {size_bytes:,} bytes instead of {part.size_bytes:,}"
    return ""


def _change(store: Path, part: Part) -> str:
    try:
        return "" if sha256_of(store / part.name) == part.sha256 else "was changed after it was written"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
