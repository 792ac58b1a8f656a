"""The way of a batch from its format to the store: plain steps, one after the other, each a function of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from analytics.formats import Batch
from analytics.ingest.keys import host_keys
from analytics.tables import TABLES

_GIVEN_BY_USER = "option"
REJECTS = "rejects"


def with_host(batch: Batch, host: str | None, host_from: str | None) -> Batch:
    """Records that do not name their computer get that of the source; one that the user names counts for all."""
    names = batch.rows.schema.names
    if host is None or "host_from" not in names:
        return batch
    rows = batch.rows
    for name, value in (("host", host), ("host_from", host_from)):
        column = rows.column(name)
        if host_from == _GIVEN_BY_USER or column.null_count == len(rows):
            filled: pa.Array = pa.repeat(pa.scalar(value, pa.string()), len(rows))
        else:
            filled = column.fill_null(value)
        rows = rows.set_column(names.index(name), name, filled)
    return replace(batch, rows=rows)


def for_store(batch: Batch, source_id: str, path: str) -> Batch:
    """Rows in the columns of the store: with their source and the keys of computers.

    These are dictionaries, since they are the same in most rows.
    """
    rows, keys = batch.rows, host_keys(batch.table, batch.rows)
    added = {"source_id": _constant(source_id, len(rows)), **keys}
    if batch.table == REJECTS:
        added["path"] = _constant(path, len(rows))
    names = TABLES[batch.table].column_names
    arrays = [added[name] if name in added else rows.column(name) for name in names]
    return replace(batch, rows=pa.RecordBatch.from_arrays(arrays, names=list(names)))


def with_last(batches: Iterable[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Each batch of records, and whether the last record of the source is its last row; rejects as they come.

    Raises what ends the stream too early after all that came before it.
    """
    waiting: Batch | None = None
    problem: Exception | None = None
    try:
        for batch in batches:
            if batch.table == REJECTS or not len(batch.rows):
                yield batch, False
                continue
            if waiting is not None:
                yield waiting, False
            waiting = batch
    except Exception as error:  # noqa: BLE001 - raised again behind the batch that waits
        problem = error
    if waiting is not None:
        yield waiting, True
    if problem is not None:
        raise problem


def _constant(value: str, length: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(length, dtype=np.int32)), pa.array([value]))
