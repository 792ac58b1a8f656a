"""Merging many small parts into one, so that a year of nightly ingests stays a few hundred files."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from analytics.store.layout import holds_ends
from analytics.store.rows import batches_of
from analytics.store.store import Store
from analytics.store.transaction import Transaction
from analytics.tables import RAW

_MAX_PARTS = 8


def compact(store: Store, max_parts: int = _MAX_PARTS) -> int:
    """Merge the parts of every partition that has more than `max_parts`; gives the number of parts merged.

    The caller holds the write lock. Partitions are merged one transaction each.
    """
    merged = 0
    for table in RAW:
        for files in _partitions(store, table.name).values():
            if len(files) > max_parts:
                _merge(store, table.name, files)
                merged += len(files)
    return merged


def _partitions(store: Store, table: str) -> dict[tuple[Path, bool], list[Path]]:
    groups: dict[tuple[Path, bool], list[Path]] = defaultdict(list)
    for file in store.files(table):
        groups[file.parent, holds_ends(file)].append(file)
    return groups


def _merge(store: Store, table: str, files: list[Path]) -> None:
    with Transaction(store) as transaction:
        for file in files:
            # page checksums are checked: a changed bit must not come out of this with a new checksum
            for batch in batches_of(file, table):
                transaction.append(table, batch, is_end=holds_ends(file))
        transaction.replace(files)
