"""What is missing or changed is found, named, and mended without losing or doubling a record."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.cli import main
from analytics.ingest import ingest
from analytics.sql import open_session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from analytics.tables import RAW

ROOT = Path(__file__).resolve().parents[2]
KNOBS = Knobs(vms=3, nights=3, seed=5, duplicate_files=True, rotate_bytes=30_000)
PLACE = {"source_id", "line_no", "record_no", "path", "host_from"}


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    """A small estate with rotated and copied logs."""
    folder = tmp_path_factory.mktemp("logs") / "estate"
    write_estate(folder, KNOBS)
    return folder


@pytest.fixture(scope="module")
def sound(logs, tmp_path_factory) -> Path:
    """A store of two commits that nothing happened to."""
    store = Store.create_or_open(tmp_path_factory.mktemp("sound") / "store")
    first, *others = sorted(logs.iterdir())
    ingest(store, [first])
    ingest(store, others)
    return store.path


@pytest.fixture
def store(sound, tmp_path) -> Store:
    """A copy of it to be damaged."""
    return Store.open(shutil.copytree(sound, tmp_path / "store"))


def records(store: Store) -> dict[str, Counter[str]]:
    """The records of each table, wherever they were read."""
    tables = [table.name for table in RAW if table.name not in {"sources", "rejects"}]
    found = {name: [row for file in store.files(name) for row in rows_of(file)] for name in tables}
    return {name: Counter(map(plain_row, rows)) for name, rows in found.items()}


def rows_of(file: Path) -> list[dict[str, object]]:
    """The rows of a part."""
    return pq.ParquetFile(file).read().to_pylist()


def plain_row(row: dict[str, object]) -> str:
    """A record without the place where it was read."""
    return json.dumps(
        {key: value for key, value in row.items() if key not in PLACE}, default=str, sort_keys=True
    )


def largest(store: Store, table: str) -> Path:
    """The largest part of a table."""
    return max(store.files(table), key=lambda file: file.stat().st_size)


def delete(file: Path) -> None:
    """Somebody deletes it."""
    file.unlink()


def cut(file: Path) -> None:
    """A copy that broke off."""
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    """One bit in the middle, and the time of the file as it was."""
    times = file.stat()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def exchange(file: Path) -> None:
    """Another sound Parquet file in its place."""
    table = pq.ParquetFile(file).read()
    pq.write_table(table.slice(0, len(table) - 1), file)


DAMAGES = pytest.mark.parametrize("damage", [delete, cut, flip, exchange])


@DAMAGES
class TestDamage:
    def test_nothing_reads_it(self, store, logs, damage, tmp_path, capsys):
        """sql, report and ingest end in one line that names the file, exit code 2 (cases sec-04, sec-05)."""
        part = largest(store, "trace")
        damage(part)
        place = str(store.path)
        commands = [
            ["sql", "--store", place, "SELECT count(*) FROM vms"],
            ["report", "--store", place, "--out", str(tmp_path / "report.json")],
            ["ingest", str(logs), "--store", place],
        ]
        for command in commands:
            assert main(command) == 2
            error = capsys.readouterr().err
            assert part.name in error
            assert "check --store" in error
            assert len(error.splitlines()) == 1

    @pytest.mark.parametrize("table", ["trace", "job_records", "vms", "collections", "sources"])
    def test_is_found_and_mended(self, store, sound, logs, damage, table, capsys):
        """Check names the part and its sources; --mend and the same ingest bring every record back, none twice."""
        part = largest(store, table)
        damage(part)
        place = str(store.path)
        assert main(["check", "--store", place, "--json"]) == 2
        found = json.loads(capsys.readouterr().out)["found"]
        assert [each["file"] for each in found["damages"]] == [part.relative_to(store.path).as_posix()]
        assert found["hits"]

        assert main(["check", "--store", place, "--mend", "--quiet"]) == 2
        with open_session(store) as session:
            session.sql("SELECT count(*) FROM jobs")
        assert main(["ingest", str(logs), "--store", place, "--quiet"]) == 0
        assert main(["check", "--store", place]) == 0, capsys.readouterr().out
        assert records(store) == records(Store.open(sound))


class TestMend:
    def test_what_is_left_of_a_log_that_is_gone_is_kept(self, store, sound, capsys):
        """Without its log a source keeps its other records, and the store says how many it lacks."""
        delete(largest(store, "trace"))
        place = str(store.path)
        main(["check", "--store", place, "--mend", "--quiet"])
        whole, left = records(Store.open(sound)), records(store)
        capsys.readouterr()
        assert main(["check", "--store", place, "--json"]) == 2
        losses = json.loads(capsys.readouterr().out)["left"]["losses"]

        assert left["trace"] < whole["trace"]
        assert sum(loss["records"] for loss in losses) == (whole["trace"] - left["trace"]).total()
        assert left["job_records"] == whole["job_records"]

    def test_a_copy_that_grew_brings_it_back(self, tmp_path, capsys):
        """The usual night: the log that was read first is gone, its longer copy left those records out as known."""
        log = tmp_path / "HV01" / "DPMRACurr.errlog"
        sample = ROOT / "sample_logs" / "estate" / "HV01" / "DPMRACurr.errlog"
        lines = [
            f"{line}\r\n" for line in sample.read_bytes().decode("utf-16").splitlines() if line[4:5] == "\t"
        ]
        log.parent.mkdir()
        store = Store.create_or_open(tmp_path / "store")
        for count in (len(lines) // 3, 2 * len(lines) // 3, len(lines)):
            log.write_bytes("".join(lines[:count]).encode("utf-16"))
            assert main(["ingest", str(log), "--year", "2025", "--store", str(store.path), "--quiet"]) == 0
        before = records(store)
        delete(min(store.files("trace"), key=lambda file: file.stat().st_mtime_ns))

        assert main(["check", "--store", str(store.path), "--mend", "--quiet"]) == 2
        assert records(store) != before
        assert main(["ingest", str(log), "--year", "2025", "--store", str(store.path), "--quiet"]) == 0
        assert records(store) == before
        assert main(["check", "--store", str(store.path)]) == 0, capsys.readouterr().out

    def test_what_is_taken_out_is_kept_aside(self, store):
        """The damaged part, and parts that are written anew without records whose account is lost."""
        part, account = largest(store, "trace"), largest(store, "sources")
        flip(part)
        flip(account)
        main(["check", "--store", str(store.path), "--mend", "--quiet"])
        aside = {path.name for path in (store.path / "_damaged").rglob("*.parquet")}

        assert {part.name, account.name} <= aside
        assert not part.exists()


class TestAccounts:
    @pytest.mark.parametrize(
        "case", ["sec-01-jobs-all-duplicates", "sec-02-partial-last-line", "sec-03-undated-events-grown"]
    )
    def test_balance_when_copies_grow(self, shared, tmp_path, case, capsys):
        """What a longer copy adds, takes back or leaves out: the account of each source stays true."""
        store = Store.create_or_open(tmp_path / "store")
        for folder in sorted(path for path in (shared / "cases" / case).iterdir() if path.is_dir()):
            ingest(store, [folder])

        assert main(["check", "--store", str(store.path)]) == 0, capsys.readouterr().out

    @pytest.mark.parametrize("name", ["estate", "errlog-only", "events-era-c"])
    def test_balance_for_samples(self, tmp_path, name, capsys):
        """Stored records and rejects of every source are in the store, no more and no less."""
        store = Store.create_or_open(tmp_path / "store")
        ingest(store, [ROOT / "sample_logs" / name])

        assert main(["check", "--store", str(store.path)]) == 0, capsys.readouterr().out
