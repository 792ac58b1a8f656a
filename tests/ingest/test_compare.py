"""Rows against rows that are held: how often equal ones count, and what a cut left of one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.formats.format import row_schema
from analytics.ingest.compare import Comparer, Given, Held
from analytics.tables import TABLES

ANALYTICS = Path(__file__).parents[2] / "analytics"
AT = datetime(2025, 2, 3, 20, tzinfo=UTC)
RECORD = {"at": AT, "pid": "1", "file": "a.cpp", "file_line": 7, "level": "NORMAL", "message": "begin\nmore"}
EVENT = {"event_provider": "VSS", "event_id": 8224, "data": '{"1": "one", "2": "two"}', "message": "text"}

VM = {"vm": "A", "host": "HV01", "vhd_path": "C:\\a.vhdx", "file_size_bytes": 1}


def incoming(table: str, *rows: dict[str, Any]) -> pa.RecordBatch:
    """Rows as a format gives them, in the order of the source."""
    place = "line_no" if table == "trace" else "record_no"
    numbered = [{place: number, **row} for number, row in enumerate(rows, 1)]
    return pa.RecordBatch.from_pylist(numbered, schema=row_schema(table))


def held(table: str, *rows: dict[str, Any], source_id: str = "old") -> pa.RecordBatch:
    """Rows as the store has them."""
    return pa.RecordBatch.from_pylist(
        [{"source_id": source_id, **row} for row in rows], schema=TABLES[table].schema
    )


def between(table: str, *batches: pa.RecordBatch, files: tuple[Path, ...] = ()) -> Held:
    """Rows of the source `old` around the time of the records."""
    around = timedelta(seconds=1)
    return Held(table, "new", files, batches, ["old"], AT - around, AT + around)


class TestEqual:
    def test_equal_rows_count_as_often_as_they_occur(self) -> None:
        """Two are held: of three, the last one is new."""
        same = [RECORD] * 3
        new = Comparer().new_among(incoming("trace", *same), between("trace", held("trace", RECORD, RECORD)))
        assert new.column("line_no").to_pylist() == [3]

    @pytest.mark.parametrize(
        ("change", "asks"), [({"pid": "2"}, False), ({}, True), ({"host": "X", "host_from": "folder"}, True)]
    )
    def test_a_column_without_a_common_value_needs_no_query(self, change: dict[str, Any], asks: bool) -> None:
        """A host alone is not enough: one that is guessed counts as unknown."""
        comparer = Comparer()
        new = comparer.new_among(incoming("trace", RECORD | change), between("trace", held("trace", RECORD)))
        assert (len(new), comparer._connection is not None) == (0 if asks else 1, asks)
        comparer.close()

    def test_files_and_rows_in_memory_count_together(self, tmp_path: Path) -> None:
        """A record that is committed and one that is staged are two."""
        pq.write_table(pa.Table.from_batches([held("trace", RECORD)]), tmp_path / "part.parquet")
        there = between("trace", held("trace", RECORD), files=(tmp_path / "part.parquet",))
        assert len(Comparer().new_among(incoming("trace", *[RECORD] * 3), there)) == 1

    @pytest.mark.parametrize(
        ("change", "is_new"),
        [
            ({"host": "X", "host_from": "folder"}, False),
            ({"host": "X", "host_from": "collection"}, True),
            ({"message": "begin"}, True),
            ({"at": AT + timedelta(milliseconds=1)}, True),
        ],
    )
    def test_what_makes_a_record_another_one(self, change: dict[str, Any], is_new: bool) -> None:
        """Every column but places and a guessed computer."""
        new = Comparer().new_among(
            incoming("trace", {**RECORD, **change}), between("trace", held("trace", RECORD))
        )
        assert bool(len(new)) is is_new

    def test_only_the_named_sources_count(self) -> None:
        """The same record of a source that does not count is none."""
        other = held("trace", RECORD, source_id="other")
        assert len(Comparer().new_among(incoming("trace", RECORD), between("trace", other))) == 1

    def test_records_without_a_time(self) -> None:
        """They are compared with all of their table that have none, but for the source's own."""
        there = Held("events", "new", batches=[held("events", EVENT), held("events", {**EVENT, "at": AT})])
        assert len(Comparer().new_among(incoming("events", EVENT, EVENT), there)) == 1
        own = Held("events", "old", batches=[held("events", EVENT)])
        assert len(Comparer().new_among(incoming("events", EVENT), own)) == 1

    def test_a_connection_serves_again_and_again(self) -> None:
        """No result stays open, with many rows held and few or many incoming."""
        comparer, many = Comparer(), [{**RECORD, "message": str(number)} for number in range(20_000)]
        there = between("trace", held("trace", *many))
        for rows in ([RECORD], many, [RECORD, *many], many[:1]):
            new = comparer.new_among(incoming("trace", *rows), there)
            assert len(new) == (RECORD in rows)
            assert comparer.counts_at_least(there, 20_000)
            assert not comparer.counts_at_least(there, 20_001)
        comparer.close()
        assert len(comparer.new_among(incoming("trace", *many), there)) == 0


class TestGiven:
    """What small tables are compared with: never sure of what a query would call equal."""

    @pytest.mark.parametrize(
        ("change", "lacks"),
        [
            ({}, False),
            ({"host": "HV02"}, True),
            ({"vhd_path": None}, True),
            ({"file_size_bytes": 2}, True),
        ],
    )
    def test_agrees_with_the_query(self, change: dict[str, Any], lacks: bool) -> None:
        """Sure exactly where the query finds no equal row."""
        given, there = Given(), held("vms", VM)
        given.add("vms", there)
        rows = incoming("vms", VM | change)
        assert given.lacks("vms", rows) is lacks
        assert bool(len(Comparer().new_among(rows, Held("vms", "new", batches=[there])))) is lacks

    def test_hosts_that_are_guessed_are_equal(self) -> None:
        """Two folders tell no two computers apart."""
        guessed = {**RECORD, "at": None, "host_from": "folder"}
        given = Given()
        given.add("trace", held("trace", guessed | {"host": "HV01"}))
        assert not given.lacks("trace", incoming("trace", guessed | {"host": "HV02"}))
        sure = guessed | {"host": "HV02", "host_from": "collection"}
        assert given.lacks("trace", incoming("trace", sure))

    def test_large_batches_are_left_to_the_query(self) -> None:
        """Nothing is sure of a table that was given one, nor of one that comes."""
        many = [VM | {"file_size_bytes": number} for number in range(1_001)]
        given = Given()
        assert given.lacks("vms", incoming("vms", VM))
        assert not given.lacks("vms", incoming("vms", *many))
        given.add("vms", held("vms", *many))
        assert not given.lacks("vms", incoming("vms", VM | {"vm": "other"}))
        assert given.lacks("job_records", incoming("job_records", {"task_id": "1"}))

    def test_of_a_table_with_times_only_rows_without(self) -> None:
        """Those with a time are found by it."""
        given = Given()
        given.add("events", held("events", EVENT, {**EVENT, "at": AT, "message": "dated"}))
        assert not given.lacks("events", incoming("events", EVENT))
        assert given.lacks("events", incoming("events", {**EVENT, "at": AT, "message": "dated"}))


class TestCut:
    @pytest.mark.parametrize(
        ("cut", "line_end", "is_cut"),
        [
            ({"message": "beg"}, "", True),
            ({"message": "beg\ufffd"}, "", True),
            ({"level": "NORM", "message": ""}, "", True),
            ({"message": "begin"}, "\n", True),
            ({"message": "beg"}, "\n", False),
            ({"message": "begin\nmore"}, "", False),
            ({"message": "other"}, "", False),
            ({"message": "beg", "pid": "2"}, "", False),
            ({"message": "begin\nmore and more"}, "", False),
        ],
    )
    def test_a_record_of_a_log(self, cut: dict[str, Any], line_end: str, is_cut: bool) -> None:
        """Text that goes on where the cut is, at a line's end only with a line feed; all else is equal."""
        row = incoming("trace", {**RECORD, **cut})
        assert Comparer().begins_one_of(row, between("trace", held("trace", RECORD)), line_end) is is_cut

    @pytest.mark.parametrize(
        ("cut", "is_cut"),
        [
            ({"event_id": 82, "data": "{}", "message": None}, True),
            ({"data": '{"1": "o"}', "message": None, "host": "X"}, True),
            ({"event_id": 83, "data": "{}", "message": None}, False),
        ],
    )
    def test_an_event(self, cut: dict[str, Any], is_cut: bool) -> None:
        """Numbers and payloads may be cut, what stood below may be missing."""
        there = Held("events", "new", batches=[held("events", EVENT)])
        assert Comparer().begins_one_of(incoming("events", {**EVENT, **cut}), there, "") is is_cut


def test_no_result_is_fetched_in_part() -> None:
    """A result of DuckDB that is not drained refuses the next register (2.0.1): whoever asks takes all."""
    partly = re.compile(r"\.(?:fetchone|fetchmany|fetch_record_batch|fetch_arrow_reader)\(")
    found = [path for path in ANALYTICS.rglob("*.py") if partly.search(path.read_text("utf-8"))]
    assert found == []
