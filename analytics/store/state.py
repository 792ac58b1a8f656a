"""Whether the last ingest came to its end: `ingest.json`, written when one begins and again when it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.store.disk import write_whole
from analytics.store.sealed import seal, unseal

INGEST_FILE = "ingest.json"
_LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class IngestState:
    """The last ingest: when it began and ended (UTC), and the paths it was given.

    `ended_at` is None while it runs, and for ever where it was killed or ended in an error: then records that it
    should have read may be missing, until an ingest completes. `begun_at` is None where the note of it is damaged.
    """

    begun_at: datetime | None
    ended_at: datetime | None
    paths: tuple[str, ...]
    is_running: bool = False

    @property
    def ended_early(self) -> bool:
        """Whether it neither completed nor runs any more."""
        return self.ended_at is None and not self.is_running


def begin(store: Path, paths: Iterable[str | Path]) -> IngestState:
    """Note that an ingest begins; the caller holds the write lock."""
    state = IngestState(datetime.now(UTC), None, tuple(str(path) for path in paths))
    _write(store, state)
    return state


def complete(store: Path, begun: IngestState) -> None:
    """Note that it came to its end."""
    _write(store, IngestState(begun.begun_at, datetime.now(UTC), begun.paths))


def note_unknown(store: Path) -> None:
    """Note, in the place of a damaged note, that nobody knows whether the last ingest completed."""
    _write(store, IngestState(None, None, ()))


def read(store: Path) -> IngestState | None:
    """The last ingest as noted; None where none is known. ValueError for a damaged or foreign file."""
    path = store / INGEST_FILE
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_BYTES:
        raise ValueError("too large")
    return _state(unseal(path.read_bytes()))


def _write(store: Path, state: IngestState) -> None:
    body = {
        "begun_at": state.begun_at.isoformat() if state.begun_at else None,
        "ended_at": state.ended_at.isoformat() if state.ended_at else None,
        "paths": list(state.paths),
    }
    write_whole(store / INGEST_FILE, seal(body))


def _state(body: dict[str, Any]) -> IngestState:
    try:
        paths = tuple(body["paths"])
        if not all(isinstance(path, str) for path in paths):
            raise ValueError("a path is none")
        ended_at = datetime.fromisoformat(body["ended_at"]) if body["ended_at"] is not None else None
        begun_at = datetime.fromisoformat(body["begun_at"]) if body["begun_at"] is not None else None
        return IngestState(begun_at, ended_at, paths)
    except (KeyError, TypeError) as error:
        raise ValueError("a field is missing or of another type") from error
