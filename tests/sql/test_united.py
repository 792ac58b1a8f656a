"""Several stores read as one: the same answers as from one store that read all logs, each record once."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from analytics.cli import main
from analytics.errors import StoreError
from analytics.ingest import IngestOptions, ingest
from analytics.places import sample_logs_folder
from analytics.site import Site
from analytics.sql import Session, open_session
from analytics.sql.catalogue import model_queries
from analytics.store import Store, Stores
from analytics.store.derived import DERIVED as KEPT
from analytics.tables import DERIVED, INTERNAL, RAW
from tests.model.plain_estate import Estate, nightly

ESTATE = sample_logs_folder() / "estate"
HOST = "HV01"
ERRLOG = "DPMRACurr.errlog"
# what says where and when a record was read, not what it says
PLACES = {"source_id", "line_no", "record_no", "path", "read_at", "modified_at", "size_bytes", "sha256"}
JUDGED = ("jobs", "phases", "sla", "compliance", "expected_runs", "coverage", "machines", "failures")


def filled(folder: Path, *logs: Path, **options: str) -> Store:
    """A store that read these logs."""
    store = Store.create_or_open(folder)
    assert ingest(store, list(logs), IngestOptions(**options)).exit_code in {0, 4}
    return store


def told(session: Session, name: str) -> Counter[str]:
    """What the rows of a relation say, each with how often; shares and sums to nine digits."""
    rows = session.sql(f"SELECT * FROM {name}").to_pylist()
    return Counter(
        repr([_plain(value) for key, value in row.items() if key not in PLACES | {"store"}]) for row in rows
    )


def _plain(value: object) -> object:
    return float(f"{value:.9g}") if isinstance(value, float) else value  # sums depend on the order of rows


@pytest.fixture(scope="module")
def delivered(tmp_path_factory) -> Path:
    """The sample estate; `cut` is its first host as it was collected in the middle of the estate's nights."""
    folder = tmp_path_factory.mktemp("delivered")
    shutil.copytree(ESTATE / HOST, folder / "cut" / HOST)
    log = folder / "cut" / HOST / ERRLOG
    lines = log.read_bytes().decode("utf-16").splitlines(keepends=True)
    log.write_bytes("".join(lines[: len(lines) // 2]).encode("utf-16"))
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Store:
    """One store of the sample estate."""
    return filled(tmp_path_factory.mktemp("whole") / "store", ESTATE)


@pytest.fixture(scope="module")
def alone(whole) -> dict[str, Counter[str]]:
    """What each relation of that one says, but for what is said of single files and of the store."""
    left_out = {"sources", "trust", "trust_facts", "store_findings"}
    with open_session(whole, keep=False) as session:
        return {
            table.name: told(session, table.name)
            for table in (*RAW, *DERIVED, *INTERNAL)
            if table.name not in left_out
        }


class TestOneAnswer:
    @pytest.mark.parametrize("order", [("north", "south"), ("south", "north")])
    def test_of_logs_that_lie_in_both_stores(self, tmp_path, delivered, alone, order):
        """Whole files, and a log that one store has only as far as it went then: nothing counts twice."""
        filled(tmp_path / "north", ESTATE / "DPM01", ESTATE / HOST)
        filled(tmp_path / "south", delivered / "cut", ESTATE / "HV02", ESTATE / HOST / "vms.csv")

        with open_session(Stores.open(tmp_path / name for name in order), keep=False) as both:
            for name, said in alone.items():
                assert told(both, name) == said, name
            assert both.sql("SELECT count(*) AS n FROM phases").to_pylist()[0]["n"] > 0
            assert "south" in stores_of(both, "trace")

    def test_of_two_dpm_servers(self, tmp_path):
        """Two servers with VMs of their own, in a store each: jobs, nights and verdicts as in one store."""
        first = nightly("A", range(5)) + nightly("B", [0, 1, 3, 4], hours=9.0)
        second = nightly("C", range(4), server="DPM02", host="HV09", start_h=29, hours=2.0)
        for name, runs in {"one": [first, second], "DPM01": [first], "DPM02": [second]}.items():
            estate = Estate(tmp_path / name)
            for each in runs:
                estate.add(each)
        with (
            open_session(Store.open(tmp_path / "one" / "store"), Site(), keep=False) as one,
            open_session(
                Stores.open(tmp_path / name / "store" for name in ("DPM01", "DPM02")), keep=False
            ) as both,
        ):
            for name in JUDGED:
                assert told(both, name) == told(one, name), name
            missed = both.sql("SELECT DISTINCT vm FROM sla WHERE met = false").to_pylist()
            assert {row["vm"] for row in missed} >= {"B", "C"}
            assert stores_of(both, "job_records") == {"DPM01/store": 9, "DPM02/store": 4}

    def test_a_source_counts_where_least_of_it_was_left_out(self, tmp_path):
        """The first store kept phase markers alone, the second every record of the same file."""
        log = ESTATE / HOST
        few = filled(tmp_path / "few", log, trace_level="markers")
        filled(tmp_path / "all", log)
        with open_session(few) as session:
            assert session.sql("SELECT sum(records_filtered) AS n FROM sources").to_pylist()[0]["n"] > 0
        with open_session(Stores.open([tmp_path / "few", tmp_path / "all"]), keep=False) as both:
            assert set(stores_of(both, "trace")) == {"all"}


def stores_of(session: Session, table: str) -> dict[str, int]:
    """How many rows of a table come from each store."""
    found = session.sql(f"SELECT store, count(*) AS n FROM {table} GROUP BY store").to_pylist()
    return {row["store"]: row["n"] for row in found}


@pytest.fixture
def pair(tmp_path) -> list[Path]:
    """Two small stores: one of two hosts' inventories and one of a host's."""
    (tmp_path / "a").mkdir()
    filled(tmp_path / "a" / "store", ESTATE / HOST / "vms.csv")
    filled(tmp_path / "b", ESTATE / "HV02" / "vms.csv")
    return [tmp_path / "a" / "store", tmp_path / "b"]


class TestColumns:
    def test_raw_tables_say_whose_a_row_is_and_the_others_are_as_declared(self, pair):
        """`store` is the last column of raw tables; derived ones have the contract's columns."""
        with open_session(Stores.open(pair), keep=False) as both:
            for table in (*RAW, *DERIVED, *INTERNAL):
                columns = [row["column_name"] for row in both.sql(f"DESCRIBE {table.name}").to_pylist()]
                more = ["store"] if table in RAW else []
                assert columns == [*table.column_names, *more], table.name

    def test_one_store_is_as_it_was(self, pair):
        """No column is added."""
        with open_session(Store.open(pair[0]), keep=False) as one:
            for table in RAW:
                columns = [row["column_name"] for row in one.sql(f"DESCRIBE {table.name}").to_pylist()]
                assert columns == list(table.column_names)

    def test_names_are_as_short_as_they_tell_stores_apart(self, tmp_path, pair):
        """The folder's name; where two have the same one, with the folder that it lies in; quotes are text."""
        quoted = tmp_path / "it's" / "store"
        shutil.copytree(pair[1], quoted)
        assert list(Stores.open(pair).members) == ["store", "b"]
        both = Stores.open([pair[0], quoted])
        assert list(both.members) == ["a/store", "it's/store"]
        with open_session(both, keep=False) as session:
            assert set(stores_of(session, "vms")) == {"a/store", "it's/store"}


class TestKept:
    def test_copies_lie_beside_the_first_store_and_change_with_either(self, pair, monkeypatch):
        """The second question computes nothing, until one of the stores holds more."""
        from analytics.sql.engines.duckdb import DuckDB

        computed, stream = [], DuckDB.stream

        def noted(
            engine: DuckDB, text: str, parameters: dict[str, object], where: str, sink: object
        ) -> object:
            computed.append(where)
            return stream(engine, text, parameters, where, sink)

        monkeypatch.setattr(DuckDB, "stream", noted)

        def machines() -> list[str]:
            computed.clear()
            with open_session(Stores.open(pair)) as session:
                return sorted(row["vm"] for row in session.sql("SELECT vm FROM machines").to_pylist())

        before = machines()
        assert computed
        assert any((pair[0] / KEPT).iterdir())
        assert not (pair[1] / KEPT).exists()
        assert machines() == before
        assert computed == []

        Estate(pair[1].parent / "late").add(nightly("LATE", [0]))
        ingest(Store.open(pair[1]), [pair[1].parent / "late" / "export1"])
        assert machines() == sorted([*before, "LATE"])
        assert set(computed) <= model_queries().keys()

    def test_one_store_takes_no_copy_of_both(self, pair):
        """The key holds all stores: what was computed from two never answers for one."""
        with open_session(Stores.open(pair)) as session:
            together = len(session.sql("SELECT vm FROM machines"))
        with open_session(Store.open(pair[0])) as session:
            assert len(session.sql("SELECT vm FROM machines")) < together


class TestLeastComplete:
    def test_one_ingest_that_broke_off_qualifies_the_whole(self, pair):
        """Trust says so wherever it happened, and nothing where both came to their end."""

        def status() -> str:
            with open_session(Stores.open(pair), keep=False) as session:
                text = "SELECT status FROM trust WHERE \"check\" = 'ingest_complete'"
                return str(session.sql(text).to_pylist()[0]["status"])

        assert status() == "ok"
        store = Store.open(pair[1])
        with pytest.raises(KeyboardInterrupt), store.ingesting(["x"]):
            raise KeyboardInterrupt
        assert status() == "fail"


class TestCommands:
    def test_sql_and_report_read_several(self, tmp_path, pair, capsys):
        """Each with --store for each store."""
        stores = [word for path in pair for word in ("--store", str(path))]
        assert main(["sql", *stores, "--format", "csv", "SELECT DISTINCT store FROM vms ORDER BY 1"]) == 0
        assert capsys.readouterr().out.split() == ["store", "b", "store"]
        assert main(["report", *stores, "--out", str(tmp_path / "r.md"), "-q"]) == 0
        assert (tmp_path / "r.md").stat().st_size > 0

    def test_the_same_store_twice_is_refused(self, pair, capsys):
        """However it is spelled; a report written into either store, too."""
        again = os.path.join(pair[0].parent, ".", pair[0].name)  # noqa: PTH118 - pathlib drops the dot
        assert main(["sql", "--store", str(pair[0]), "--store", again, "SELECT 1"]) == 2
        assert "the same store twice" in capsys.readouterr().err
        with pytest.raises(StoreError):
            Stores.open([pair[0], pair[0]])
        stores = [word for path in pair for word in ("--store", str(path))]
        assert main(["report", *stores, "--out", str(pair[1] / "r.md")]) == 2
        assert "lies inside the store" in capsys.readouterr().err

    @pytest.mark.parametrize("command", [["ingest", "x"], ["analyze", "x"], ["check"]])
    def test_what_writes_takes_one(self, command, capsys):
        """A second --store does not silently take the place of the first."""
        assert main([*command, "--store", "a", "--store", "b"]) == 2
        error = capsys.readouterr().err
        assert "--store is given twice" in error
        assert error.count("\n") == 1
