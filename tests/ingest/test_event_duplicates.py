"""Event logs are compared with logs of the same computer and channel only, and never twice stored."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from analytics.ingest import ingest
from analytics.store import Store, Transaction

EVENT = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='VSS'/>"
    "<EventID>8224</EventID><TimeCreated SystemTime='2025-02-03T20:{minute:02}:00.000000Z'/>"
    "<EventRecordID>{number}</EventRecordID><Channel>{channel}</Channel><Computer>HV01</Computer></System>"
    "<EventData/></Event>\n"
)


def write(path: Path, channel: str, numbers: range, packed: bool = False) -> None:
    """A log with these record ids, one event per minute."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(EVENT.format(minute=number, number=number, channel=channel) for number in numbers)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[Transaction]:
    """The transactions of an ingest, as they are begun."""
    begun: list[Transaction] = []
    enter = Transaction.__enter__

    def noted(self: Transaction) -> Transaction:
        begun.append(self)
        return enter(self)

    monkeypatch.setattr(Transaction, "__enter__", noted)
    return begun


def test_other_channels_do_not_wait_for_each_other(tmp_path: Path, commits: list[Transaction]) -> None:
    """Logs of ten channels over the same time need one commit."""
    for number in range(10):
        write(tmp_path / "HV01" / f"log{number}.xml", f"Channel{number}", range(1, 20))
    summary = ingest(Store.create_or_open(tmp_path / "store"), [tmp_path / "HV01"])
    assert (summary.records_stored, summary.records_duplicate) == (190, 0)
    assert len(commits) == 1


def test_overlapping_copies_are_stored_once(tmp_path: Path, commits: list[Transaction]) -> None:
    """In one run and in the next, whatever lies between the copies."""
    store = Store.create_or_open(tmp_path / "store")
    write(tmp_path / "HV01" / "a.xml", "System", range(1, 11))
    write(tmp_path / "HV01" / "b.xml", "Application", range(1, 11))
    write(tmp_path / "HV01" / "c.xml", "System", range(6, 16))
    first = ingest(store, [tmp_path / "HV01"])
    assert (first.records_stored, first.records_duplicate) == (25, 5)
    assert len(commits) == 1

    write(tmp_path / "HV01" / "d.xml", "System", range(1, 21))
    second = ingest(store, [tmp_path / "HV01" / "d.xml"])
    assert (second.records_stored, second.records_duplicate) == (5, 15)


def test_a_file_of_two_channels(tmp_path: Path) -> None:
    """Forwarded events: each is compared with the log it comes from."""
    store = Store.create_or_open(tmp_path / "store")
    write(tmp_path / "HV01" / "a.xml", "System", range(1, 11))
    write(tmp_path / "HV01" / "b.xml", "Application", range(1, 11))
    both = (tmp_path / "HV01" / "a.xml").read_bytes() + (tmp_path / "HV01" / "b.xml").read_bytes()
    (tmp_path / "HV01" / "c.xml").write_bytes(both)
    summary = ingest(store, [tmp_path / "HV01"])
    assert (summary.records_stored, summary.records_duplicate) == (20, 20)


def test_a_broken_stream_keeps_what_it_gave(tmp_path: Path) -> None:
    """Also where it is read before the commit that it has to wait for."""
    write(tmp_path / "HV01" / "a.xml", "System", range(1, 11))
    write(tmp_path / "HV01" / "b.xml.gz", "System", range(6, 56), packed=True)
    packed = (tmp_path / "HV01" / "b.xml.gz").read_bytes()
    (tmp_path / "HV01" / "b.xml.gz").write_bytes(packed[:-20])
    summary = ingest(Store.create_or_open(tmp_path / "store"), [tmp_path / "HV01"])
    assert summary.records_duplicate == 5
    assert summary.records_stored > 10
    assert summary.records_rejected >= 1


def test_events_know_their_computer(tmp_path: Path) -> None:
    """A copy in a folder of any name and one with a collection.json are the same log."""
    store = Store.create_or_open(tmp_path / "store")
    write(tmp_path / "download" / "a.xml", "System", range(1, 6))
    write(tmp_path / "HV01" / "b.xml", "System", range(1, 11))
    stated = {"host": "HV01", "role": "hyper-v-host", "collected_at": "2025-02-04T00:00:00Z"}
    (tmp_path / "HV01" / "collection.json").write_text(json.dumps(stated | {"time_zone": "UTC"}), "utf-8")
    ingest(store, [tmp_path / "download"])
    second = ingest(store, [tmp_path / "HV01" / "b.xml"])
    assert (second.records_stored, second.records_duplicate) == (5, 5)
    both = ingest(
        Store.create_or_open(tmp_path / "other"), [tmp_path / "download", tmp_path / "HV01" / "b.xml"]
    )
    assert (both.records_stored, both.records_duplicate) == (10, 5)
