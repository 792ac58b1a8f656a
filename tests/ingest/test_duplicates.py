"""Grown, rotated and copied logs: each record exactly once, whatever the order and the number of ingests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.ingest import IngestSummary, ingest
from analytics.store import Store

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
FIRST = datetime(2025, 2, 3, tzinfo=UTC)


def record(number: int, text: str = "message") -> str:
    """One line of a log; every seventh has the time of the one before it, and is equal to it."""
    at = FIRST + timedelta(seconds=number - (number % 7 == 6))
    name = number - (number % 7 == 6)
    return f"180C\t280C\t{at:%m/%d}\t{at:%H:%M:%S}.000\t09\ta.cs(1)\t\t{GUID}\tNORMAL\t{text} {name}\r\n"


def write(path: Path, begin: int, end: int, host: str | None = "HV01", text: str = "message") -> Path:
    """A log of some records, with the collection.json of its computer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(record(number, text) for number in range(begin, end)).encode("utf-16"))
    if host:
        facts = f'{{"host": "{host}", "role": "hyper-v-host", "collected_at": "2025-02-10T00:00:00Z"}}'
        (path.parent / "collection.json").write_text(facts, encoding="utf-8")
    return path


def messages(store: Store) -> list[str]:
    """The messages in the store, sorted."""
    return sorted(
        text for file in store.files("trace") for text in pq.ParquetFile(file).read()["message"].to_pylist()
    )


def expected(end: int) -> list[str]:
    """The messages of the first records, each as often as the computer wrote it."""
    return sorted(record(number).rstrip().rsplit("\t", 1)[1] for number in range(end))


def balanced(store: Store, summary: IngestSummary) -> None:
    """Books balance, in the summary and in the store."""
    rows = [row for file in store.files("sources") for row in pq.ParquetFile(file).read().to_pylist()]
    for row in rows:
        parts = ("records_stored", "records_duplicate", "records_rejected")
        assert row["records_read"] == sum(row[name] for name in parts), row
    assert sum(row["records_stored"] for row in rows if row["format"] == "dpm-errlog") == len(messages(store))
    assert summary.records_read == (
        summary.records_stored + summary.records_duplicate + summary.records_rejected
    )


@pytest.fixture
def store(tmp_path) -> Store:
    """An empty store."""
    return Store.create_or_open(tmp_path / "store")


PIECES = {"early": (0, 400), "grown": (0, 900), "rotated": (300, 700), "current": (700, 1000)}


class TestCopies:
    @pytest.mark.parametrize("order", [*itertools.permutations(PIECES)][::3])
    @pytest.mark.parametrize("at_once", [True, False])
    def test_grown_and_rotated(self, tmp_path, store, order, at_once):
        """A shorter copy, a longer one, a rotated piece and the current file, in any order: the union, once."""
        paths = []
        for place, name in enumerate(order):
            paths.append(write(tmp_path / "logs" / f"{place}" / f"{name}.errlog", *PIECES[name]).parent)
        for group in [paths] if at_once else [[path] for path in paths]:
            balanced(store, ingest(store, group))

        assert messages(store) == expected(1000)
        assert ingest(store, [tmp_path / "logs"]).records_stored == 0

    def test_the_same_twice(self, tmp_path, store):
        """A second ingest, and a copy under another name, add no row to any table."""
        folder = write(tmp_path / "logs" / "a.errlog", 0, 500).parent
        ingest(store, [folder])
        files = sorted(store.path.rglob("*.parquet"))
        write(folder / "Copy of a.errlog", 0, 500)
        second = ingest(store, [folder])

        assert second.records_stored == 0
        assert sorted(store.path.rglob("*.parquet")) == files
        assert second.exit_code == 0

    def test_two_copies_in_folders_without_a_name_of_the_computer(self, tmp_path, store):
        """A host that is only guessed from the folder does not make copies of one log two computers."""
        write(tmp_path / "monday" / "DPMRACurr.errlog", 0, 500, host=None)
        write(tmp_path / "tuesday" / "DPMRACurr.errlog", 0, 900, host=None)
        ingest(store, [tmp_path / "monday"])
        ingest(store, [tmp_path / "tuesday"])

        assert messages(store) == expected(900)

    def test_a_seam_between_chunks_of_other_records(self, tmp_path, store):
        """Two logs that share no record at all are both kept whole."""
        write(tmp_path / "logs" / "DPMRACurr.errlog", 0, 500)
        write(tmp_path / "logs" / "CBEngineCurr.errlog", 0, 500, text="other")
        ingest(store, [tmp_path / "logs"])

        assert len(messages(store)) == 1000

    def test_two_hosts_with_the_same_log(self, tmp_path, store):
        """Kept once, with a line that says whose it is taken for."""
        for host in ("HV01", "HV02"):
            write(tmp_path / host / "DPMRACurr.errlog", 0, 100, host=host)
        summary = ingest(store, [tmp_path / "HV01", tmp_path / "HV02"])

        assert messages(store) == expected(100)
        assert [problem.split(": ", 1)[1].startswith("same content as") for problem in summary.notes] == [
            True
        ]
        assert summary.exit_code == 0


class TestNothingNew:
    def test_a_dense_log_beside_a_sparse_one(self, tmp_path, store):
        """Two services write at the same times, one far less: both are kept whole (an open result broke this)."""
        lines = [record(number, "sparse") for number in range(0, 20_000, 500)]
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs" / "CBEngineCurr.errlog").write_bytes("".join(lines).encode("utf-16"))
        ingest(store, [tmp_path / "logs"])
        write(tmp_path / "logs" / "DPMRACurr.errlog", 0, 20_000, host=None)
        ingest(store, [tmp_path / "logs"])

        assert len(messages(store)) == 20_000 + len(lines)

    def test_tables_read_again_in_another_form(self, tmp_path, store):
        """A blank line at the end makes another file with the same records: all duplicates, none stored, no error."""
        tables = {
            "jobs.csv": f"TaskId,JobCategory,Status,StartTime,EndTime\n{GUID},Replication,Succeeded,"
            "2025-02-03T00:00:00Z,2025-02-03T01:00:00Z\n",
            "vms.csv": "VMName,VhdPath,FileSizeBytes\nVM01,C:\\VM01.vhd,100\n",
            "collection.json": '{"host": "HV01", "role": "hyper-v-host"}',
        }
        for folder, end in (("a", ""), ("b", "\n")):
            (tmp_path / folder).mkdir()
            for name, text in tables.items():
                (tmp_path / folder / name).write_text(text + end, encoding="utf-8")
        assert ingest(store, [tmp_path / "a"]).exit_code == 0
        again = ingest(store, [tmp_path / "b"])

        assert again.exit_code == 0
        assert (again.records_stored, again.records_duplicate) == (0, 3)
        rows = [row for file in store.files("job_records") for row in pq.ParquetFile(file).read().to_pylist()]
        assert len(rows) == 1


class TestYearFromJobRecords:
    @pytest.mark.parametrize("form", ["jobs", "trail"])
    def test_any_kind_of_job_record_gives_the_year(self, tmp_path, store, form):
        """The job record with the same task GUID may come from any export, in the same ingest."""
        path = write(tmp_path / "logs" / "DPMRACurr.errlog", 0, 10, host=None)
        header = "TaskId,JobId,JobCategory,Status,Datasource,StartTime,EndTime"
        row = f"{GUID},,FullBackup,Succeeded,x,2012-02-03T00:00:00Z,2012-02-03T01:00:00Z"
        if form == "trail":
            header = "TaskID,JobID,VerbID,StartedDateTime,StoppedDateTime,ExecutionState,LastStateName"
            row = f"{GUID},{GUID},x,2012-02-03 00:00:00,2012-02-03 01:00:00,Succeeded,x"
        (path.parent / "export.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
        ingest(store, [path.parent])

        rows = [row for file in store.files("trace") for row in pq.ParquetFile(file).read().to_pylist()]
        job_rows = [
            row for file in store.files("job_records") for row in pq.ParquetFile(file).read().to_pylist()
        ]
        assert job_rows
        assert {row["at"].year for row in rows} == {2012}
