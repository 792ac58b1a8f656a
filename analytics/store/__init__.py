"""The store: a folder of plain Parquet files, written atomically, that any tool can read."""

from __future__ import annotations

from analytics.store.compact import compact
from analytics.store.removal import Removal
from analytics.store.snapshot import Snapshot
from analytics.store.store import Store
from analytics.store.transaction import StagedRows, Transaction

__all__ = ["Removal", "Snapshot", "StagedRows", "Store", "Transaction", "compact"]
