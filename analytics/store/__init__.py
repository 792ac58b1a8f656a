"""The store: a folder of plain Parquet files, written atomically, that any tool can read."""

from __future__ import annotations

from analytics.store.check import Damage, Health, Hit, examine
from analytics.store.compact import compact
from analytics.store.disk import move, write_synced
from analytics.store.manifest import Loss
from analytics.store.mend import forget, mend
from analytics.store.removal import Removal
from analytics.store.snapshot import Snapshot
from analytics.store.state import IngestState
from analytics.store.store import Store
from analytics.store.stores import Snapshots, Stores
from analytics.store.transaction import StagedRows, Transaction

__all__ = [
    "Damage",
    "Health",
    "Hit",
    "IngestState",
    "Loss",
    "Removal",
    "Snapshot",
    "Snapshots",
    "StagedRows",
    "Store",
    "Stores",
    "Transaction",
    "compact",
    "examine",
    "forget",
    "mend",
    "move",
    "write_synced",
]
