"""Is every record there that was ever stored? Parts against the manifest, records against their source's account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import StoreError
from analytics.store import state
from analytics.store.layout import MANIFESTS
from analytics.store.losses import ACCOUNTS, accounts, known_loss, recorded, still_lost
from analytics.store.manifest import Loss, Manifest, Part
from analytics.store.rows import rows_by_source
from analytics.store.snapshot import absent, changed
from analytics.store.store import Store
from analytics.tables import RAW, TABLES

_REJECTS = "rejects"
_RECORDS = {table.name for table in RAW} - {ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Damage:
    """A file of the store that is not what was written; `rows` is what it held, None where that is not known."""

    file: str
    what: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A source whose records in the store are not those of its account.

    `path` is None where the account itself is lost. `expected` and `found` count its records and rejects; what is
    known to be lost is not expected.
    """

    source_id: str
    path: str | None
    expected: int
    found: int


@dataclass(frozen=True)
class Health:
    """What a check found.

    `suspects` are sources that lost nothing of their own, but may hold what others lost: they brought it a second time,
    when it was left out as known. `losses` are the ones that no ingest has made good yet.
    """

    parts: int
    size_bytes: int
    rows: int
    damages: tuple[Damage, ...]
    hits: tuple[Hit, ...]
    suspects: tuple[Hit, ...]
    losses: tuple[Loss, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged, and nothing that was lost waits to be read again."""
        return not (self.damages or self.hits or any(loss.records for loss in self.losses))


def examine(store: Store) -> Health:
    """Check a store down to every byte; nothing is changed, and an ingest may run meanwhile.

    Raises StoreError only where it is no store at all.
    """
    try:
        snapshot = store.unchecked_snapshot()
    except StoreError as error:
        return Health(0, 0, 0, (Damage(MANIFESTS, error.what), *_note_damage(store)), (), (), ())
    with snapshot:
        return _health(store, snapshot.manifest)


def _damaged_parts(store: Path, manifest: Manifest) -> list[tuple[Part, str]]:
    """The parts that are not what was written, each with what is wrong with it."""
    missing = absent(store, manifest)
    names = {part.name for part, _ in missing}
    present = {name: part for name, part in manifest.parts.items() if name not in names}
    return [*missing, *changed(store, Manifest(manifest.number, present))]


def _health(store: Store, manifest: Manifest) -> Health:
    damaged = _damaged_parts(store.path, manifest)
    intact = {**manifest.parts}
    damages = [Damage(part.name, what, part.rows) for part, what in damaged]
    for part, _ in damaged:
        del intact[part.name]
    counted: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for part in list(intact.values()):
        try:
            found = rows_by_source(store.path / part.name, part.table) if part.table in TABLES else Counter()
            counted[part.table == _REJECTS].update(found if part.table in _RECORDS else {})
        except StoreError as error:
            damages.append(Damage(part.name, error.what, part.rows))
            del intact[part.name]
    known = accounts(store.path, intact.values())
    hits = _hits(known, counted[False], counted[True], manifest.losses)
    return Health(
        len(manifest.parts),
        sum(part.size_bytes for part in manifest.parts.values()),
        sum(part.rows or 0 for part in manifest.parts.values()),
        (*damages, *_note_damage(store)),
        hits,
        _suspects(known, hits),
        still_lost(manifest.losses.values(), known),
    )


def _hits(
    known: Mapping[str, Mapping[str, Any]],
    stored: Mapping[str, int],
    rejected: Mapping[str, int],
    losses: Mapping[str, Loss],
) -> tuple[Hit, ...]:
    hits = []
    for source_id in sorted(known.keys() | stored.keys() | rejected.keys()):
        row = known.get(source_id)
        expected = recorded(row) - known_loss(row, losses) if row else 0
        found = stored.get(source_id, 0) + rejected.get(source_id, 0)
        if expected != found:
            hits.append(Hit(source_id, row["path"] if row else None, expected, found))
    return tuple(hits)


def _suspects(known: Mapping[str, Mapping[str, Any]], hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Sources with duplicates of the same format that cover part of the time of a source that lost records.

    Where an account is lost, nobody knows whose records it had before others: then all that have duplicates.
    """
    hit = {each.source_id for each in hits}
    lost = [known.get(source_id) for source_id in hit]
    return tuple(
        Hit(source_id, row["path"], row["records_stored"], row["records_stored"])
        for source_id, row in sorted(known.items())
        if source_id not in hit
        and row["records_duplicate"]
        and any(
            other is None or (row["format"] == other["format"] and _overlap(row, other)) for other in lost
        )
    )


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    times = (one["first_at"], one["last_at"], other["first_at"], other["last_at"])
    return None in times or (times[0] <= times[3] and times[1] >= times[2])


def _note_damage(store: Store) -> list[Damage]:
    try:
        state.read(store.path)
    except (OSError, ValueError) as error:
        return [Damage(state.INGEST_FILE, f"is damaged: {error}")]
    return []
