"""Making a damaged store whole again, in two steps that lose nothing.

`mend` takes damaged parts out of the store and notes which sources lost records by that; it needs no logs. From then
on the store can be read, and says what it lacks. `forget` is what the next ingest does with such a source when it meets
the same content again: it takes out what is left of it, so that it can be read anew. Whatever leaves the store is kept
in its folder `_damaged`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import StoreError
from analytics.store import format1, state
from analytics.store.check import Health, examine
from analytics.store.disk import disk_errors, is_inside, make_folder, move
from analytics.store.layout import MANIFESTS, STAGING, transaction_of
from analytics.store.losses import accounts, known_loss, recorded, still_lost
from analytics.store.manifest import LAST_NUMBER, Loss, Manifest, Part, newest_number, path_of, publish
from analytics.store.removal import Removal
from analytics.store.rows import rows_by_source
from analytics.store.store import Store
from analytics.store.transaction import Transaction
from analytics.tables import RAW

_DAMAGED = "_damaged"
_AGAIN = "mend that and run again"


def mend(store: Store) -> Health:
    """Take damaged parts out of the store and note what is lost with them; gives what was found.

    Records whose account is lost (a part of `sources`) go, too: without it a copy of their log would double them.
    Raises StoreLockedError while another process writes.
    """
    with store.locked(), disk_errors("mend", store.path, _AGAIN):
        now = datetime.now(UTC)
        aside = store.path / _DAMAGED / now.strftime("%Y%m%dT%H%M%S")
        if _lacks_manifest(store):
            _rebuild(store, aside)
        health = examine(store)
        if health.damages or health.hits:
            _take_out(store, health, aside, now)
    return health


def forget(store: Store, source_ids: Collection[str]) -> None:
    """Take out what is left of sources that lost records, for they are at hand and will be read again.

    Others of `source_ids` stay. The caller holds the write lock.
    """
    manifest = store.manifest()
    known = accounts(store.path, manifest.parts.values())
    lost = {loss.source_id: loss for loss in still_lost(manifest.losses.values(), known)}
    met = lost.keys() & set(source_ids)
    if not met:
        return
    rows = {source_id: known[source_id] for source_id in met & known.keys()}
    whole = {source_id: replace(lost[source_id], records=recorded(row)) for source_id, row in rows.items()}
    with Transaction(store) as transaction:
        _take_back(transaction, met)
        transaction.note_losses({**manifest.losses, **whole}.values())


def _take_out(store: Store, health: Health, aside: Path, now: datetime) -> None:
    manifest = store.manifest()
    damaged = [manifest.parts[damage.file] for damage in health.damages if damage.file in manifest.parts]
    intact = [part for part in manifest.parts.values() if part not in damaged]
    known = accounts(store.path, intact)
    orphans = {hit.source_id: hit.found for hit in health.hits if hit.path is None}
    losses = {
        hit.source_id: hit.expected - hit.found + known_loss(known[hit.source_id], manifest.losses)
        for hit in health.hits
        if hit.path is not None and hit.found < hit.expected
    }
    for part in damaged:
        _put_aside(store.path, part.name, aside)
    for part in intact if orphans else []:
        if not rows_by_source(store.path / part.name, part.table).keys().isdisjoint(orphans):
            _copy_aside(store.path, part.name, aside)
    with Transaction(store) as transaction:
        transaction.replace([store.path / part.name for part in damaged])
        noted = {**{suspect.source_id: 0 for suspect in health.suspects}, **losses}
        new = [_loss(known[source_id], records, now) for source_id, records in noted.items()]
        unnamed = [Loss(source_id, "", "", records, now) for source_id, records in orphans.items()]
        transaction.note_losses([*manifest.losses.values(), *new, *unnamed])
    with Transaction(store) as transaction:  # reads all parts, so it comes when the damaged ones are out
        _take_back(transaction, orphans)
    if any(damage.file == state.INGEST_FILE for damage in health.damages):
        state.note_unknown(store.path)


def _loss(row: Mapping[str, Any], records: int, now: datetime) -> Loss:
    names = ("source_id", "path", "sha256", "first_at", "last_at")
    source_id, path, sha256, first_at, last_at = (row[name] for name in names)
    return Loss(source_id, path or "", sha256 or "", records, now, first_at, last_at)


def _take_back(transaction: Transaction, source_ids: Collection[str]) -> None:
    transaction.remove([Removal(table.name, source_id) for table in RAW for source_id in sorted(source_ids)])


def _lacks_manifest(store: Store) -> bool:
    if newest_number(store.path) is None:
        return True
    try:
        store.manifest()
    except StoreError:
        return True
    return False


def _rebuild(store: Store, aside: Path) -> None:
    """Write a manifest of what lies in the folders; put aside what is no Parquet file or was no part any more."""
    last = newest_number(store.path)
    gone = _unpublished(store.path) | (set() if last is None else _retired(path_of(store.path, last)))
    parts = {}
    for name, part in format1.as_found(store.path).parts.items():
        measured = None if {name, transaction_of(name)} & gone else _measured(store.path, part)
        if measured:
            parts[name] = measured
        else:
            _put_aside(store.path, name, aside)
    if last is not None:
        _put_aside(store.path, path_of(store.path, last).relative_to(store.path).as_posix(), aside)
    make_folder(store.path / MANIFESTS, store.path)
    publish(store.path, Manifest(0 if last is None else min(last, LAST_NUMBER - 1) + 1, parts))


def _measured(store: Path, part: Part) -> Part | None:
    try:
        return format1.measured(store, part)
    except StoreError:
        return None


def _unpublished(store: Path) -> set[str]:
    """The ids of transactions that may have broken off."""
    folder = store / STAGING
    return {path.name for path in folder.glob("*")} if is_inside(folder, store) else set()


def _retired(manifest: Path) -> set[str]:
    """The names that a damaged manifest retires, as far as it can be read at all."""
    try:
        return set(json.loads(manifest.read_bytes())["retired"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return set()


def _put_aside(store: Path, name: str, aside: Path) -> None:
    """Move a file out of the store, into its folder of damaged ones."""
    if (store / name).is_file() and is_inside((store / name).parent, store):
        make_folder((aside / name).parent, store)
        move(store / name, aside / name)


def _copy_aside(store: Path, name: str, aside: Path) -> None:
    make_folder((aside / name).parent, store)
    shutil.copy2(store / name, aside / name)
