"""One commit is one whole: a reader holds the parts of one commit, whatever writers do meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import StoreError
from analytics.sql import open_session
from analytics.store import Store, Transaction, compact, manifest, readers
from analytics.store.disk import file_sizes, move
from analytics.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
COUNTS = (
    "SELECT (SELECT count(*) FROM trace) AS trace,"
    " (SELECT coalesce(sum(records_stored), 0)::BIGINT FROM sources) AS s"
)


def add_night(store: Store, night: int) -> None:
    """Commit one source of three trace records."""
    first = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(hours=night)
    rows = [
        {"source_id": f"s{night}", "line_no": n, "at": first, "message": f"{night}/{n}"} for n in range(3)
    ]
    source = [{"source_id": f"s{night}", "path": "p", "format": "dpm-errlog", "records_stored": 3}]
    with store.writing(), Transaction(store) as transaction:
        transaction.append("trace", pa.RecordBatch.from_pylist(rows, schema=TABLES["trace"].schema))
        transaction.append("sources", pa.RecordBatch.from_pylist(source, schema=TABLES["sources"].schema))


def merge(store: Store) -> None:
    """Merge everything that has more than one part."""
    with store.writing():
        compact(store, max_parts=1)


def on_disk(store: Store) -> set[str]:
    """The names of all Parquet files that lie in the store."""
    return {path.relative_to(store.path).as_posix() for path in store.path.rglob("*.parquet")}


@pytest.fixture
def store(tmp_path) -> Store:
    """A store of four commits."""
    made = Store.create_or_open(tmp_path / "store")
    for night in range(4):
        add_night(made, night)
    return made


class TestReaders:
    def test_a_session_sees_one_commit(self, store):
        """What is committed, merged and removed after its opening changes nothing for a session."""
        with open_session(store) as session:
            add_night(store, 4)
            merge(store)
            add_night(store, 5)

            assert session.sql(COUNTS).to_pylist() == [{"trace": 12, "s": 12}]
        with open_session(store) as session:
            assert session.sql(COUNTS).to_pylist() == [{"trace": 18, "s": 18}]

    def test_merged_parts_go_when_nobody_reads_them(self, store):
        """They stay as long as a reader of an older commit lives, not longer; readers of newer ones keep nothing."""
        with store.snapshot() as old:
            merge(store)
            with store.snapshot() as new:
                held = {path.relative_to(store.path).as_posix() for path in old.files("trace")}
                assert len(held) == 4
                assert held <= on_disk(store)
                assert len(new.files("trace")) == 1
                old.close()
                with store.writing():
                    pass
                assert on_disk(store) == set(store.manifest().parts)
        assert list((store.path / "_readers").iterdir()) == []

    def test_a_reader_that_was_killed_keeps_nothing_for_long(self, store, monkeypatch):
        """Its lock ends with it; its mark counts for a minute, in which it could still be on its way to the lock."""
        killed = (
            "import os, sys; from analytics.store import Store\n"
            "held = Store.open(sys.argv[1]).snapshot(); os._exit(9)"
        )
        subprocess.run([sys.executable, "-c", killed, str(store.path)], cwd=ROOT, check=False)
        assert len(list((store.path / "_readers").iterdir())) == 1
        merge(store)
        assert len(on_disk(store)) == 8 + 2
        monkeypatch.setattr(readers, "YOUNG_S", 0.0)
        with store.writing():
            pass

        assert on_disk(store) == set(store.manifest().parts)
        assert list((store.path / "_readers").iterdir()) == []

    def test_a_part_that_cannot_be_removed_is_tried_again(self, store, monkeypatch):
        """On Windows an open file cannot be removed: the next writer does."""
        unlink = Path.unlink
        monkeypatch.setattr(
            Path, "unlink", lambda path, **how: refuse() if path.suffix == ".parquet" else unlink(path, **how)
        )
        merge(store)
        monkeypatch.undo()
        assert len(on_disk(store)) == 8 + 2
        with store.writing():
            pass

        assert on_disk(store) == set(store.manifest().parts)
        add_night(store, 4)
        assert store.manifest().retired == {}

    def test_a_listing_that_misses_both_manifests_is_repeated(self, store, monkeypatch):
        """The one that comes and the one that goes: a folder that changes while it is listed may show neither."""
        listings = [{}, {}]
        sizes = manifest.file_sizes
        monkeypatch.setattr(
            manifest, "file_sizes", lambda folder: listings.pop() if listings else sizes(folder)
        )
        with store.snapshot() as snapshot:
            assert len(snapshot.files("trace")) == 4
        assert listings == []

    def test_a_store_that_cannot_be_marked_is_read_all_the_same(self, store, monkeypatch):
        """A share without the right to write: no mark, the same rows."""
        monkeypatch.setattr("filelock.FileLock.acquire", refuse)
        with store.snapshot() as snapshot:
            assert len(snapshot.files("trace")) == 4

    def test_files_of_others_are_never_removed(self, store):
        """What no manifest and no staging folder of ours names stays, and is not read."""
        strangers = [
            store.path / "trace" / "week=2025-W02" / "mine.parquet",
            store.path / "vms" / f"{'a' * 16}.parquet",
        ]
        for path in strangers:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"mine")
        merge(store)

        assert [path.read_bytes() for path in strangers] == [b"mine", b"mine"]
        assert store.files("vms") == []

    def test_a_rename_waits_for_a_virus_scanner(self, store, monkeypatch):
        """Windows refuses for as long as another program has the file open."""
        refusals = [held_by_others(), held_by_others()]
        rename = Path.replace

        def replace(self: Path, target: Path) -> Path:
            if refusals:
                raise refusals.pop()
            return rename(self, target)

        monkeypatch.setattr(Path, "replace", replace)
        add_night(store, 4)

        assert refusals == []
        assert len(store.files("trace")) == 5


def refuse(*_: object, **__: object) -> None:
    """What the system says of an open file."""
    raise PermissionError(13, "Permission denied")


def held_by_others() -> OSError:
    """A sharing violation as Windows reports it."""
    error = PermissionError(
        13, "The process cannot access the file because it is being used by another process"
    )
    error.winerror = 32
    return error


@pytest.mark.parametrize(("code", "waits"), [(None, False), (5, True), (32, True), (33, True), (34, False)])
def test_who_is_waited_for(tmp_path, monkeypatch, code, waits):
    """Access denied, shared and locked are what others do; all else is an error at once."""
    error = PermissionError(13, "no")
    error.winerror = code
    refusals, rename = [error], Path.replace
    monkeypatch.setattr(
        Path,
        "replace",
        lambda self, to: (_ for _ in ()).throw(refusals.pop()) if refusals else rename(self, to),
    )
    (tmp_path / "a").write_bytes(b"x")

    if waits:
        move(tmp_path / "a", tmp_path / "b")
        assert (tmp_path / "b").read_bytes() == b"x"
    else:
        with pytest.raises(PermissionError):
            move(tmp_path / "a", tmp_path / "b")


class TestFormat1:
    def test_is_read_and_migrated(self, store):
        """Without a manifest it is read as it lies there; the next writer writes one and keeps old programs out."""
        to_format_1(store)
        with open_session(Store.open(store.path)) as session:
            before = session.sql(COUNTS).to_pylist()
        assert not (store.path / "_manifests").exists()
        add_night(Store.open(store.path), 4)

        assert before == [{"trace": 12, "s": 12}]
        assert json.loads((store.path / "store.json").read_text(encoding="utf-8"))["format"] == 2
        parts = store.manifest().parts.values()
        assert sum(part.rows for part in parts if part.table == "trace") == 15
        assert all(part.sha256 for part in parts)

    def test_a_commit_that_was_decided_is_completed(self, store):
        """A writer of format 1 that was killed between its commit file and the last move."""
        to_format_1(store)
        part = store.files("trace")[0]
        staged = store.path / "_staging" / part.stem
        staged.mkdir(parents=True)
        part.rename(staged / "0.parquet")
        plan = {"moves": [["0.parquet", part.relative_to(store.path).as_posix()]], "deletes": []}
        (staged / "commit.json").write_text(json.dumps(plan), encoding="utf-8")

        assert len(Store.open(store.path).files("trace")) == 4
        assert list((store.path / "_staging").iterdir()) == []

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            '{"moves": [["0.parquet", "../victim.parquet"]], "deletes": []}',
            '{"moves": [["../../victim", "vms/aaaaaaaaaaaaaaaa.parquet"]], "deletes": []}',
            '{"moves": [], "deletes": ["../victim"]}',
            '{"moves": [], "deletes": ["C:victim"]}',
            '{"moves": 7, "deletes": [[]]}',
            "[" * 100_000,
        ],
    )
    def test_a_foreign_commit_file_is_refused(self, store, text):
        """It ends in one line and touches nothing outside."""
        to_format_1(store)
        victim = store.path.parent / "victim"
        victim.write_text("safe", encoding="utf-8")
        staged = store.path / "_staging" / "0123456789abcdef"
        staged.mkdir(parents=True)
        (staged / "commit.json").write_text(text, encoding="utf-8")
        (staged / "0.parquet").write_bytes(b"x")
        with pytest.raises(StoreError, match="commit file"):
            Store.open(store.path)

        assert victim.read_text(encoding="utf-8") == "safe"
        assert sorted(path.name for path in store.path.parent.iterdir()) == ["store", "victim"]


def to_format_1(store: Store) -> None:
    """Take away what format 1 had not."""
    for path in (store.path / "_manifests").iterdir():
        path.unlink()
    (store.path / "_manifests").rmdir()
    (store.path / "store.json").write_text('{"format": 1}', encoding="utf-8")


def test_rows_and_checksums_are_those_of_the_files(store):
    """The manifest says what lies there."""
    for part in store.manifest().parts.values():
        path = store.path / part.name
        assert path.stat().st_size == part.size_bytes
        assert pq.read_metadata(path).num_rows == part.rows


class TestIngestState:
    def test_an_ingest_that_ended_early_leaves_a_fact(self, store):
        """Its beginning and paths stand in the store until one completes; a session can show them."""
        assert store.ingest_state() is None
        with pytest.raises(KeyError), store.ingesting(["C:/Logs", "D:/more"]):  # noqa: PT012
            assert store.ingest_state().is_running
            assert not store.ingest_state().ended_early
            raise KeyError
        with store.snapshot() as snapshot:
            assert snapshot.ingest.ended_early
            assert snapshot.ingest.paths == ("C:/Logs", "D:/more")
            assert snapshot.ingest.begun_at <= datetime.now(UTC)
        with store.ingesting(["C:/Logs"]):
            pass

        assert not store.ingest_state().ended_early
        assert store.ingest_state().ended_at >= store.ingest_state().begun_at

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"begun_at": null}', "[" * 100_000, '{"sha256": 7}'])
    def test_a_damaged_note_counts_as_not_completed(self, store, text):
        """It is no reason to refuse the records."""
        with store.ingesting(["C:/Logs"]):
            pass
        (store.path / "ingest.json").write_text(text, encoding="utf-8")
        with store.snapshot() as snapshot:
            assert snapshot.ingest.ended_early
            assert len(snapshot.files("trace")) == 4


def test_a_staging_folder_that_could_not_be_removed(tmp_path):
    """Parts of its transaction that were published and merged since stay as long as somebody reads them."""
    store = Store.create_or_open(tmp_path / "store")
    add_night(store, 0)
    add_night(store, 1)
    with store.snapshot() as held:
        merge(store)
        assert len(store.files("trace")) == 1
        for file in held.files("trace"):
            (store.path / "_staging" / file.stem[:16]).mkdir(parents=True, exist_ok=True)
        with store.writing():  # which tidies up
            assert all(file.exists() for file in held.files("trace"))


def test_a_listing_beside_one_who_adds_and_removes_files(tmp_path):
    """What goes while a folder is listed hides none of the others."""
    (tmp_path / "stays").write_bytes(b"here")
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            (tmp_path / "goes").write_bytes(b"")
            (tmp_path / "goes").unlink()

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        found = [file_sizes(tmp_path).get("stays") for _ in range(3000)]
    finally:
        done.set()
        other.join()

    assert set(found) == {4}
