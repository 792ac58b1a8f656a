"""How rows become visible: one new manifest.

1. Parts are written to `_staging/ID/`, synced, and known by size and SHA-256.
2. They are renamed to `TABLE/week=.../IDNNNN.parquet`, NNNN a number; the folders are synced. Nobody reads them yet.
3. The manifest of the next number is written beside its place, synced, and renamed. **Now** the commit is there, whole.
4. The manifest before it goes; parts that were merged go when no reader marks an older commit.

A writer that dies before 3 has changed nothing: the next one finds its ID in `_staging` and removes the parts of that
name. One that dies after 3 has left only rubbish. Parts that no ID and no `retired` entry names are never touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from analytics.errors import StoreError
from analytics.store.disk import is_inside, make_folder, move, remove, remove_folder, sync_folder
from analytics.store.layout import STAGING, TRANSACTION_ID
from analytics.store.manifest import Loss, Manifest, Part, newest, numbers, path_of, publish
from analytics.store.readers import oldest_read
from analytics.tables import TABLES


def commit(
    store: Path, staged: Mapping[Path, Part], dropped: set[str], losses: Mapping[str, Loss] | None = None
) -> None:
    """Move staged parts into place and publish them, in the place of those that are dropped.

    `losses` are those of the store from now on, None leaves them as they are. The caller holds the write lock.
    Raises OSError where the disk refuses; then nothing of it is visible, unless the manifest was renamed already.
    """
    before = newest(store)
    before = replace(
        before, retired={name: n for name, n in before.retired.items() if (store / name).exists()}
    )
    for path, part in staged.items():
        _make_inside(store, store / part.folder)
        move(path, store / part.name)
    for folder in {part.folder for part in staged.values()}:
        sync_folder(store / folder)
    after = before.after(staged.values(), dropped)
    publish(store, after if losses is None else replace(after, losses=losses))


def tidy(store: Path) -> None:
    """Remove what earlier writers left: parts that were never published, retired parts that nobody reads.

    The caller holds the write lock. What cannot be removed now is left for the next writer.
    """
    last = newest(store)
    for number in numbers(store):
        if number < last.number:
            remove(path_of(store, number))
    if is_inside(store / STAGING, store):
        for staged in (store / STAGING).glob("*"):
            _abandon(store, staged, last)
    _remove_retired(store, last)


def _make_inside(store: Path, folder: Path) -> None:
    make_folder(folder, store)
    if not is_inside(folder, store):
        raise StoreError("leads out of the store", str(folder), "copy the store without links")


def _abandon(store: Path, staged: Path, last: Manifest) -> None:
    """Remove what a writer of that ID left; its parts, too, where it did not come to publish them."""
    if TRANSACTION_ID.fullmatch(staged.name):
        file = f"{staged.name}*.parquet"
        for table in TABLES:
            for part in [*(store / table).glob(file), *(store / table).glob(f"*/{file}")]:
                name = part.relative_to(store).as_posix()
                is_published = name in last.parts or name in last.retired
                if not is_published and is_inside(part.parent, store):
                    remove(part)
    remove_folder(staged)


def _remove_retired(store: Path, last: Manifest) -> None:
    if not last.retired:
        return
    oldest = oldest_read(store)
    for name, number in last.retired.items():
        if (oldest is None or number < oldest) and is_inside((store / name).parent, store):
            remove(store / name)
