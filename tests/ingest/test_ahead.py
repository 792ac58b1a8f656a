"""Logs that other processes read ahead come out as if this one had read them."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.formats import Reading
from analytics.formats.aside import read_aside, take_over
from analytics.ingest import IngestOptions, ahead, ingest
from analytics.ingest.known import read_table
from analytics.store import Store

XML = (
    "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='VSS'/><EventID>8224</EventID><TimeCreated SystemTime='2025-02-03T20:00:00.000000Z'/>"
    "<Channel>Application</Channel><Computer>HV01</Computer></System><EventData/></Event>"
    "<Event><System/></Event>"
)
SAMPLES = Path(__file__).parents[2] / "sample_logs"
LOST_COLUMNS = {"source_id", "read_at"}


@pytest.fixture(autouse=True)
def _however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is worth a process."""
    monkeypatch.setattr(ahead, "WORTH_BYTES", 0)
    monkeypatch.setattr(ahead, "LEAST_BYTES", 0)


@pytest.fixture
def logs(tmp_path: Path, shared: Path) -> Path:
    """Logs of several kinds: whole, damaged, the same twice, XML that ends early, compressed."""
    folder, real = tmp_path / "logs", shared / "samples" / "evtx"
    for host in ("HV01", "HV02"):
        (folder / host).mkdir(parents=True)
    for host, name in (
        ("HV01", "server2022-Application.evtx"),
        ("HV01", "sample_with_a_bad_chunk_magic.evtx"),
        ("HV02", "server2022-Application.evtx"),
        ("HV02", "sample-with-zero-data-size-event.evtx"),
    ):
        shutil.copy(real / name, folder / host / name)
    (folder / "HV02" / "early-end.xml").write_text(XML, encoding="utf-8")
    packed = (real / "server2022-Microsoft-Windows-Ntfs-Operational.evtx").read_bytes()
    (folder / "HV02" / "ntfs.evtx.gz").write_bytes(gzip.compress(packed))
    return folder


def content(store: Store) -> dict[str, pa.Table]:
    """What a store holds, sorted, without what differs from run to run."""
    tables = {}
    for name in ("sources", "events", "rejects"):
        table = read_table(store, name)
        table = table.select([column for column in table.column_names if column not in LOST_COLUMNS])
        tables[name] = table.sort_by([(column, "ascending") for column in table.column_names])
    return tables


@pytest.mark.parametrize("level", ["all", "relevant"])
def test_same_store(level: str, logs: Path, tmp_path: Path) -> None:
    """Rows, rejects, counts and problems are the same; nothing is left behind."""
    results = []
    for processes in (1, 3):
        store = Store.create_or_open(tmp_path / f"store{processes}")
        options = IngestOptions(events_level=level, processes=processes)
        summary = ingest(store, [logs], options)
        results.append(
            (content(store), sorted(summary.problems), [(s.path, s.status) for s in summary.sources])
        )
        assert not list((store.path / "_staging").glob("*"))
    assert results[0] == results[1]
    assert results[0][0]["rejects"].num_rows > 0


def test_every_part_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    """Errlogs and job records of several computers: the same files in the same order, but for when they were read."""
    written = []
    for processes in (1, 2):
        store = Store.create_or_open(tmp_path / f"store{processes}")
        ingest(store, [SAMPLES / "estate"], IngestOptions(processes=processes))
        parts = [
            file
            for table in ("trace", "job_records", "vms", "rejects")
            for file in sorted(store.files(table))
        ]
        # a part's name begins with its commit
        written.append([(part.parent.name, part.name[16:], part.read_bytes()) for part in parts])
    assert written[0] == written[1]
    assert {folder for folder, _, _ in written[0]} > {"job_records", "vms"}


def test_processes_are_used(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four plain event logs are new; the compressed one and, the second time, all of them are not sent away."""
    taken: list[str] = []

    def noted(aside: ahead.Aside, path: str) -> object:
        taken.append(Path(path).name)
        return take_over(aside, path)

    monkeypatch.setattr(ahead, "take_over", noted)
    store = Store.create_or_open(tmp_path / "store")
    ingest(store, [logs], IngestOptions(processes=2))
    assert sorted(taken) == [
        "early-end.xml",
        "sample-with-zero-data-size-event.evtx",
        "sample_with_a_bad_chunk_magic.evtx",
        "server2022-Application.evtx",
    ]
    taken.clear()
    ingest(store, [logs], IngestOptions(processes=2))
    assert taken == []


def test_failed_process(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process cannot write what it read, the file is read here."""
    sent = ahead.ProcessPoolExecutor.submit

    def elsewhere(pool: object, job: object, path: str, name: str, reading: Reading, folder: str) -> object:
        return sent(pool, job, path, name, reading, f"{folder}/missing")

    monkeypatch.setattr(ahead.ProcessPoolExecutor, "submit", elsewhere)
    summary = ingest(Store.create_or_open(tmp_path / "store"), [logs], IngestOptions(processes=2))
    assert summary.records_stored > 800


def test_a_broken_stream_says_why(tmp_path: Path) -> None:
    """What stands before the end of the input is kept, and the reason comes last."""
    path = tmp_path / "early-end.xml"
    path.write_text(XML, encoding="utf-8")
    aside = read_aside(str(path), "events-xml", Reading(), str(tmp_path))
    batches = list(take_over(aside, str(path)))
    assert {batch.table: len(batch.rows) for batch in batches} == {"events": 1, "rejects": 1}
    assert not list(tmp_path.glob("*.arrows"))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """A path that holds nothing any more is left to the caller, who says so."""
    with pytest.raises(LookupError):
        read_aside(str(tmp_path / "gone.evtx"), "evtx", Reading(), str(tmp_path))
