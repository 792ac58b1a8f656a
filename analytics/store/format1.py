"""Stores of format 1, which had no manifest: what lay in the folders was the store.

They are read as they are; the next writer completes what a killed one of that format left, and gives them a manifest.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.errors import StoreError
from analytics.store.disk import (
    file_sizes,
    is_inside,
    make_folder,
    move,
    remove,
    remove_folder,
    sha256_of,
    sync_folder,
)
from analytics.store.layout import PART_NAME, STAGING, is_partitioned
from analytics.store.manifest import Manifest, Part, publish
from analytics.tables import RAW

_COMMIT_FILE = "commit.json"
_STAGED_NAME = r"\d{1,9}\.parquet"


def as_found(store: Path) -> Manifest:
    """What lies in the folders, as a manifest without rows and checksums; its number is 0."""
    parts = [part for table in RAW for part in _parts(store, table.name)]
    return Manifest(0, {part.name: part for part in parts})


def _parts(store: Path, table: str) -> list[Part]:
    if not is_inside(store / table, store):
        return []
    folders = sorted((store / table).glob("week=*")) if is_partitioned(table) else [store / table]
    names = [
        Part(f"{folder.relative_to(store).as_posix()}/{name}", size)
        for folder in folders
        if is_inside(folder, store)
        for name, size in sorted(file_sizes(folder).items())
    ]
    return [part for part in names if PART_NAME.fullmatch(part.name)]


def migrate(store: Path) -> None:
    """Write the manifest of what lies in the folders; the caller holds the write lock.

    Raises StoreError for a part that is no Parquet file.
    """
    complete(store)
    found = as_found(store)
    publish(store, Manifest(0, {name: measured(store, part) for name, part in found.parts.items()}))


def measured(store: Path, part: Part) -> Part:
    """A part with its rows and checksum, as it lies on the disk."""
    import pyarrow.parquet as pq

    path = store / part.name
    try:
        rows = pq.read_metadata(path).num_rows
    except pa.ArrowException as error:
        raise StoreError("is no Parquet file", str(path), "move it out of the store and run again") from error
    return Part(part.name, part.size_bytes, rows, sha256_of(path))


def is_torn(store: Path) -> bool:
    """Whether a writer of format 1 was killed in the middle of a commit."""
    return any((store / STAGING).glob(f"*/{_COMMIT_FILE}"))


def complete(store: Path) -> None:
    """Carry out the commits that a killed writer had decided: move their parts into place, delete what they replace."""
    if not is_inside(store / STAGING, store):
        return
    for staged in sorted((store / STAGING).glob("*")):
        if (staged / _COMMIT_FILE).is_file() and is_inside(staged, store):
            _apply(store, staged)
        remove_folder(staged)


def _apply(store: Path, staged: Path) -> None:
    for name, target in _plan(staged)["moves"]:
        place = store / target
        make_folder(place.parent, store)
        if is_inside(place.parent, store) and (staged / name).exists():
            move(staged / name, place)
            sync_folder(place.parent)
    for target in _plan(staged)["deletes"]:
        if is_inside((store / target).parent, store):
            remove(store / target)


def _plan(staged: Path) -> Any:
    """The commit file, if every name in it is one of a part; StoreError else."""
    import re

    try:
        plan = json.loads((staged / _COMMIT_FILE).read_text(encoding="utf-8"))
        names = [*(target for _, target in plan["moves"]), *plan["deletes"]]
        sources = [name for name, _ in plan["moves"]]
        sound = all(PART_NAME.fullmatch(name) for name in names) and all(
            re.fullmatch(_STAGED_NAME, name) for name in sources
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise StoreError(
            "damaged or foreign commit file", str(staged / _COMMIT_FILE), "delete that folder and run again"
        )
    return plan
