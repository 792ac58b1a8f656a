"""Which sources lack records that were lost with a damaged part, by the manifest and their accounts in `sources`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.store.manifest import Loss, Part
from analytics.store.rows import batches_of

ACCOUNTS = "sources"
_ACCOUNT_COLUMNS = (
    "source_id", "path", "format", "host", "sha256", "records_stored", "records_duplicate", "records_rejected",
    "first_at", "last_at", "read_at",
)  # fmt: skip


def accounts(store: Path, parts: Iterable[Part]) -> dict[str, dict[str, Any]]:
    """The account of each source, by source_id."""
    return {
        row["source_id"]: row
        for part in parts
        if part.table == ACCOUNTS
        for batch in batches_of(store / part.name, ACCOUNTS, _ACCOUNT_COLUMNS)
        for row in batch.to_pylist()
    }


def still_lost(losses: Iterable[Loss], known: Mapping[str, Mapping[str, Any]]) -> tuple[Loss, ...]:
    """The losses that no source has made good that was read since: the same content, or a copy that grew."""
    rows = list(known.values())
    return tuple(loss for loss in losses if not any(_makes_good(row, loss) for row in rows))


def _makes_good(row: Mapping[str, Any], loss: Loss) -> bool:
    if row["read_at"] is None or row["read_at"] <= loss.lost_at:
        return False
    is_grown = row["path"] == loss.path and _covers(row, loss.first_at, loss.last_at)
    return row["source_id"] == loss.source_id or row["sha256"] == loss.sha256 or is_grown


def _covers(row: Mapping[str, Any], first_at: datetime | None, last_at: datetime | None) -> bool:
    known = None not in {row["first_at"], row["last_at"], first_at, last_at}
    return known and row["first_at"] <= first_at and row["last_at"] >= last_at


def recorded(row: Mapping[str, Any]) -> int:
    """How many rows a source brought by its account: records and rejects."""
    return (row["records_stored"] or 0) + (row["records_rejected"] or 0)


def known_loss(row: Mapping[str, Any], losses: Mapping[str, Loss]) -> int:
    """How many records of an account are known to be lost since it was written."""
    loss = losses.get(row["source_id"])
    return loss.records if loss and (row["read_at"] is None or row["read_at"] <= loss.lost_at) else 0
