"""Several stores that are read as one, in practice one per DPM server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import StoreError
from analytics.store.derived import Derived
from analytics.store.manifest import Loss
from analytics.store.snapshot import Snapshot
from analytics.store.state import IngestState
from analytics.store.store import Store

__all__ = ["Snapshots", "Stores"]


@dataclass(frozen=True)
class Stores:
    """Stores by the name that the column `store` gives them; they are only read."""

    members: Mapping[str, Store]

    @classmethod
    def open(cls, paths: Iterable[str | Path]) -> Stores:
        """Open existing stores, each by the name of its folder, or as much of its path as tells it from the others.

        Raises StoreError where one is none or is named twice, StoreVersionError where a newer version wrote it.
        """
        stores = [Store.open(path) for path in paths]
        folders = [store.path.resolve() for store in stores]
        for number, folder in enumerate(folders):
            if any(folder.samefile(other) for other in folders[:number]):
                raise StoreError("the same store twice", str(stores[number].path), "name each store once")
        return cls(dict(zip(_names(folders), stores, strict=True)))

    def snapshot(self) -> Snapshots:
        """The parts of the last commit of each, which stay until it is closed; errors as of Store.snapshot."""
        with ExitStack() as opened:
            members = {name: opened.enter_context(store.snapshot()) for name, store in self.members.items()}
            opened.pop_all()  # from here on whoever has the snapshots closes them
        return Snapshots(members)


class Snapshots:
    """The parts of one commit of each store; what is computed from all of them is kept beside the first."""

    def __init__(self, members: Mapping[str, Snapshot]) -> None:
        self.members = members

    @property
    def derived(self) -> Derived:
        """The kept tables of the first store."""
        return next(iter(self.members.values())).derived

    @property
    def ingest(self) -> IngestState | None:
        """The last ingest of the store that is least complete; None where one notes none."""
        return max((parts.ingest for parts in self.members.values()), key=_incompleteness)

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a raw table in all stores."""
        return [file for parts in self.members.values() for file in parts.files(table)]

    def state(self, table: str) -> str:
        """A digest of a raw table's parts in all stores, in their order."""
        return hashlib.sha256("\n".join(p.state(table) for p in self.members.values()).encode()).hexdigest()

    def losses(self) -> tuple[Loss, ...]:
        """What any of the stores has lost and not read again."""
        return tuple(loss for parts in self.members.values() for loss in parts.losses())

    def close(self) -> None:
        """Let go of all parts."""
        for parts in self.members.values():
            parts.close()


def _incompleteness(last: IngestState | None) -> int:
    if last is None:
        return 2
    return 3 if last.ended_early else int(last.is_running)


def _names(folders: list[Path]) -> list[str]:
    """The shortest ends of the paths that tell all of them apart, with forward slashes."""
    longest = max(len(folder.parts) for folder in folders)
    for length in range(1, longest + 1):
        names = ["/".join(folder.parts[-length:]) for folder in folders]
        if len(set(names)) == len(names):
            return names
    return list(map(str, folders))
