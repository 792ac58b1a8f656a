"""The store: opens after whatever happened to it, holds whole files only, and never doubles or loses a record."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.cli import main
from analytics.errors import StoreError, StoreLockedError, StoreVersionError
from analytics.ingest import ingest
from analytics.store import Store, Transaction, compact
from analytics.synth import Knobs, write_estate
from analytics.tables import TABLES
from tests.store.contents import contents

ROOT = Path(__file__).resolve().parents[2]
KNOBS = Knobs(vms=3, nights=3, seed=5, duplicate_files=True, rotate_bytes=30_000, crash=True)
# Ends the process without any clean-up just before it touches the disk for the nth time.
CHILD = """
import os, sys
from analytics.cli import main
store, logs, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
EVENTS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "open"}
def watch(event, args):
    global left
    if event in EVENTS and (event != "open" or (isinstance(args[0], str) and args[1] not in ("r", "rb"))):
        if store in str(args[0]):
            left -= 1
            if left < 0:
                os._exit(9)
sys.addaudithook(watch)
sys.exit(main(["ingest", logs, "--store", store, "--quiet"]))
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    """A small estate with rotated, copied and grown files."""
    folder = tmp_path_factory.mktemp("logs") / "estate"
    write_estate(folder, KNOBS)
    return folder


@pytest.fixture(scope="module")
def undisturbed(logs, tmp_path_factory) -> dict[str, list[str]]:
    """What an ingest without any disturbance stores."""
    store = Store.create_or_open(tmp_path_factory.mktemp("undisturbed") / "store")
    ingest(store, [logs])
    return contents(store)


def rows_of(count: int, first: datetime = datetime(2025, 1, 6, tzinfo=UTC)) -> pa.RecordBatch:
    """Trace rows, one per hour."""
    rows = [
        {"source_id": "s", "line_no": n + 1, "at": first + timedelta(hours=n), "message": "m"}
        for n in range(count)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=TABLES["trace"].schema)


class TestKill:
    @pytest.mark.parametrize("moment", [0, 1, 2, 3, 5, 8, 12, 17, 23, 30, 40, 60])
    def test_at_any_moment(self, logs, undisturbed, tmp_path, moment):
        """The store opens, its files are whole, and the same command completes it to what it would have been."""
        place = tmp_path / "dpm.store"
        words = [sys.executable, "-c", CHILD, str(place), str(logs), str(moment)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False, timeout=100)
        assert done.returncode == 9 or moment > 30, done.stderr.decode()
        if (place / "store.json").exists():
            store = Store.open(place)
            sources = [
                row for file in store.files("sources") for row in pq.ParquetFile(file).read().to_pylist()
            ]
            stored = sum(row["records_stored"] for row in sources if row["format"] == "dpm-errlog")
            assert stored == sum(pq.ParquetFile(file).metadata.num_rows for file in store.files("trace"))

        assert main(["ingest", str(logs), "--store", str(place), "--quiet"]) == 0
        assert contents(Store.open(place)) == undisturbed

    def test_a_commit_that_breaks_off_is_not_seen(self, tmp_path):
        """Where the disk refuses in the middle of a commit nothing of it is visible, and the next writer clears it."""
        store = Store.create_or_open(tmp_path / "store")
        (store.path / "vms").write_text("in the way", encoding="utf-8")
        vms = pa.RecordBatch.from_pylist([{"source_id": "s", "vm": "A"}], schema=TABLES["vms"].schema)
        with pytest.raises(StoreError, match="cannot write"), Transaction(store) as transaction:  # noqa: PT012
            transaction.append("trace", rows_of(1000))
            transaction.append("vms", vms)
        moved = [*store.path.glob("trace/*/*.parquet")]

        assert moved
        assert Store.open(store.path).files("trace") == []
        with store.writing():
            assert [path for path in moved if path.exists()] == []
        assert list((store.path / "_staging").iterdir()) == []

    def test_an_error_leaves_nothing(self, tmp_path):
        """A transaction that fails while rows are gathered adds no file."""
        store = Store.create_or_open(tmp_path / "store")
        with pytest.raises(KeyError), Transaction(store) as transaction:  # noqa: PT012 - both must run inside
            transaction.append("trace", rows_of(10))
            transaction.append("no such table", rows_of(10))

        assert not [path for path in store.path.rglob("*") if path.suffix == ".parquet"]


class TestOpening:
    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "x"}', "\0" * 20])
    def test_a_damaged_store_file(self, tmp_path, text):
        """One line that says what it should hold, exit code 2."""
        (tmp_path / "store.json").write_text(text, encoding="utf-8")
        with pytest.raises(StoreError) as caught:
            Store.open(tmp_path)

        assert "store.json" in str(caught.value) or "newer" in str(caught.value)
        assert caught.value.exit_code == 2

    def test_a_newer_version(self, tmp_path, capsys):
        """The command says so and gives 2."""
        (tmp_path / "store.json").write_text('{"format": 99}', encoding="utf-8")
        with pytest.raises(StoreVersionError, match="newer version"):
            Store.create_or_open(tmp_path)

        assert main(["sql", "--store", str(tmp_path), "SELECT 1"]) == 2
        assert "newer version" in capsys.readouterr().err

    def test_a_folder_that_is_no_store(self, tmp_path):
        """Foreign files are never mixed with; a draft that a killed creation left is no obstacle."""
        (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
        with pytest.raises(StoreError, match="not empty"):
            Store.create_or_open(tmp_path)
        (tmp_path / "mine.txt").rename(tmp_path / "store.json.draft")

        assert Store.create_or_open(tmp_path).files("trace") == []

    def test_one_writer_at_a_time(self, tmp_path, logs):
        """A second process gets exit code 6 and changes nothing; readers are not kept out."""
        store = Store.create_or_open(tmp_path / "store")
        with store.writing():
            words = [sys.executable, "-m", "analytics", "ingest", str(logs), "--store", str(store.path)]
            assert subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode == 6
            assert Store.open(store.path).files("trace") == []
            with pytest.raises(StoreLockedError), store.writing():
                pass


@pytest.mark.skipif(os.name == "nt", reason="limits of file sizes are POSIX")
def test_a_full_disk(tmp_path, logs, undisturbed):
    """One line, exit code 2, what was committed stays; with space again the same command completes it."""
    place = tmp_path / "store"
    limited = (
        "import resource, sys; from analytics.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", limited, "ingest", str(logs), "--store", str(place)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False, timeout=100)

    assert done.returncode == 2, done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
    assert b"Traceback" not in done.stderr
    Store.open(place)
    assert main(["ingest", str(logs), "--store", str(place), "--quiet"]) == 0
    assert contents(Store.open(place)) == undisturbed


def test_a_year_of_nights_stays_few_files(tmp_path):
    """A transaction per night with compaction: at most nine files per week and table, and not a row less."""
    store = Store.create_or_open(tmp_path / "store")
    first = datetime(2025, 1, 6, tzinfo=UTC)
    for night in range(364):
        with store.writing():
            with Transaction(store) as transaction:
                transaction.append("trace", rows_of(3, first + timedelta(days=night)))
            compact(store, max_parts=3)
    files = store.files("trace")

    assert len(files) <= 52 * 3
    assert sum(pq.ParquetFile(file).metadata.num_rows for file in files) == 364 * 3
    assert {file.parent.name for file in files} >= {"week=2025-W02", "week=2025-W52"}
