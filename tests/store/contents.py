"""What a store holds, in a form that can be compared."""

from __future__ import annotations

import json

import pyarrow.parquet as pq

from analytics.store import Store
from analytics.tables import RAW


def contents(store: Store) -> dict[str, list[str]]:
    """The rows of all tables in a canonical order, without the time of reading."""
    found = {}
    for table in RAW:
        rows = [row for file in store.files(table.name) for row in pq.ParquetFile(file).read().to_pylist()]
        found[table.name] = sorted(json.dumps({**row, "read_at": None}, default=str) for row in rows)
    return found
