"""What a transaction shows of itself before it is committed, and how rows leave the store again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.store import Removal, Store, Transaction, compact
from analytics.store import transaction as module
from analytics.store.layout import holds_ends, weeks_between
from analytics.tables import TABLES

FIRST = datetime(2025, 2, 3, tzinfo=UTC)  # a Monday: week 6
SCHEMA = TABLES["trace"].schema


def rows(source_id: str, lines: range, at: datetime | None = FIRST) -> pa.RecordBatch:
    """Records of one source, a second apart, or without a time."""
    made = [
        {"source_id": source_id, "line_no": line, "at": at and at + timedelta(seconds=line)} for line in lines
    ]
    return pa.RecordBatch.from_pylist(made, schema=SCHEMA)


def dictionary_rows(source_id: str, lines: range) -> pa.RecordBatch:
    """The same with the source as a dictionary, as ingest writes it."""
    batch = rows(source_id, lines)
    return batch.set_column(0, "source_id", batch.column("source_id").dictionary_encode())


def stored(store: Store) -> list[tuple[str, int]]:
    """Source and line of all records of the store."""
    tables = [pq.ParquetFile(file).read(columns=["source_id", "line_no"]) for file in store.files("trace")]
    return sorted((row["source_id"], row["line_no"]) for table in tables for row in table.to_pylist())


@pytest.fixture(params=["in memory", "on disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store; rows of a transaction stay in memory, or go into row groups at once."""
    if request.param == "on disk":
        monkeypatch.setattr(module, "ROW_GROUP_BYTES", 1)
    return Store.create_or_open(tmp_path / "store")


def test_staged_rows_can_be_read(store: Store) -> None:
    """All rows so far, of the weeks that are asked for; those that come later are stored as well."""
    with Transaction(store) as transaction:
        transaction.append("trace", dictionary_rows("a", range(5)))
        transaction.append("trace", rows("b", range(3), at=FIRST + timedelta(days=7)))
        found = transaction.staged("trace", ["2025-W06"])
        lines = [line for file in found.files for line in pq.ParquetFile(file).read()["line_no"].to_pylist()]
        lines += [line for batch in found.batches for line in batch.column("line_no").to_pylist()]
        assert sorted(lines) == [0, 1, 2, 3, 4]
        transaction.append("trace", dictionary_rows("a", range(5, 7)))
    assert stored(store) == [("a", line) for line in range(7)] + [("b", line) for line in range(3)]


def test_rows_are_taken_back(store: Store) -> None:
    """Some lines of one source leave, stored or staged; other sources, weeks and lines stay."""
    with Transaction(store) as transaction:
        transaction.append("trace", dictionary_rows("a", range(10)))
        transaction.append("trace", dictionary_rows("b", range(10)))
        transaction.append("trace", rows("u", range(2), at=None))
    before = store.files("trace")
    with Transaction(store) as transaction:
        transaction.append("trace", dictionary_rows("c", range(3)))
        weeks = weeks_between(FIRST, FIRST)
        removals = [Removal("trace", source, frozenset({1, 2}), weeks) for source in ("a", "c", "none")]
        assert transaction.remove(removals) == [2, 2, 0]
        transaction.append("trace", dictionary_rows("c", range(1, 2)))
    kept = [("a", 0), *(("a", line) for line in range(3, 10)), *(("b", line) for line in range(10))]
    assert stored(store) == [*kept, ("c", 0), ("c", 1), ("u", 0), ("u", 1)]
    untouched = [file for file in before if file.parent.name == "week=undated"]
    assert set(untouched) <= set(store.files("trace"))


def test_all_rows_of_a_source_are_taken_back(store: Store) -> None:
    """Without places, a source leaves as a whole, wherever its rows lie; a part of its own goes."""
    with Transaction(store) as transaction:
        transaction.append("trace", rows("a", range(4)))
        transaction.append("trace", rows("a", range(2), at=None))
    with Transaction(store) as transaction:
        assert transaction.remove([Removal("trace", "a")]) == [6]
    assert store.files("trace") == []


def test_nothing_to_take_back_writes_nothing(store: Store) -> None:
    """A removal that meets no row leaves all parts as they are."""
    with Transaction(store) as transaction:
        transaction.append("trace", rows("a", range(4)))
    before = store.files("trace")
    with Transaction(store) as transaction:
        assert transaction.remove([Removal("trace", "b")]) == [0]
        assert transaction.remove([Removal("trace", "a", frozenset({77}))]) == [0]
    assert store.files("trace") == before


def test_rows_can_be_taken_back_in_two_steps(store: Store) -> None:
    """What a first removal wrote anew is found by a second one."""
    with Transaction(store) as transaction:
        transaction.append("trace", rows("a", range(4)))
    with Transaction(store) as transaction:
        assert transaction.remove([Removal("trace", "a", frozenset({0}))]) == [1]
        assert transaction.remove([Removal("trace", "a", frozenset({0, 1}))]) == [1]
    assert stored(store) == [("a", 2), ("a", 3)]


def test_ends_of_logs_lie_apart(store: Store) -> None:
    """Taking back the end of a log leaves the parts of all other records alone, also after they were merged."""
    for number in range(10):
        with Transaction(store) as transaction:
            transaction.append("trace", dictionary_rows(f"s{number}", range(5)))
            transaction.append("trace", dictionary_rows(f"s{number}", range(5, 6)), is_end=True)
    compact(store)
    assert sorted(holds_ends(file) for file in store.files("trace")) == [False, True]
    before = {file for file in store.files("trace") if not holds_ends(file)}
    with Transaction(store) as transaction:
        assert transaction.remove([Removal("trace", "s3", frozenset({5, 6}))]) == [1]
    assert {file for file in store.files("trace") if not holds_ends(file)} == before
    assert len(stored(store)) == 59
