"""Event logs that Windows goes on writing: each copy adds what is new, nothing is lost, nothing is doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.ingest import ingest
from analytics.ingest.known import read_table
from analytics.store import Store
from tests.ingest import evtx_copies
from tests.ingest.test_growth import check_books, content, copies

MANY_CHUNKS = "server2022-System.evtx"  # 681 records in 5 chunks of the 16 that Windows allocated
ONE_CHUNK = "server2022-Microsoft-Windows-Ntfs-Operational.evtx"


@pytest.fixture
def log(request: pytest.FixtureRequest, shared: Path) -> bytes:
    """A real log without any damage."""
    name = getattr(request, "param", MANY_CHUNKS)
    return (shared / "samples" / "evtx" / name).read_bytes()


def some(log: bytes) -> list[int]:
    """Numbers of records: the first one of the second chunk, else one in the middle; and the last but one."""
    places = evtx_copies.places(log)
    first = sum(start == places[0][0] for start, *_ in places)
    return [first + 1 if first < len(places) else first // 2, len(places) - 1]


def alone(folder: Path, data: bytes) -> list[dict[str, Any]]:
    """What a log says that is read into an empty store."""
    store = Store.create_or_open(folder / "store")
    ingest(store, list(copies(folder / "logs", "System.evtx", [data])))
    return content(store)


# Copies of a log that had so many records, each with how many records at its end cannot be read.
KINDS = {
    "exported": (evtx_copies.exported, 0),
    "live": (lambda log, number: evtx_copies.copied_live(log, number, number), 0),
    "live, the header of its chunk not written": (
        lambda log, number: evtx_copies.copied_live(log, number, number - 3),
        0,
    ),
    "live, its last record half written": (evtx_copies.torn, 1),
    "cut in its last record": (
        lambda log, number: evtx_copies.exported(log, number)[: _end(log, number) - 20],
        1,
    ),
}


def _end(log: bytes, number: int) -> int:
    start, place, size = evtx_copies.places(log)[number - 1]
    return start + place + size


@pytest.mark.parametrize("log", [MANY_CHUNKS, ONE_CHUNK], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_an_early_copy_and_a_late_one(kind: str, log: bytes, tmp_path: Path) -> None:
    """The early copy gives what is whole in it; the late one adds the others, in either order."""
    due = alone(tmp_path / "alone", log)
    for number in some(log):
        make, unread = KINDS[kind]
        early, readable = make(log, number), number - unread
        store = Store.create_or_open(tmp_path / str(number) / "store")
        first, second = copies(tmp_path / str(number) / "logs", "System.evtx", [early, log])
        check_books(store, ingest(store, [first]))
        assert len(content(store)) == readable, number
        summary = ingest(store, [second])
        check_books(store, summary)
        assert content(store) == due, number
        assert (summary.records_stored, summary.records_duplicate) == (len(due) - readable, readable), number

    late_first = Store.create_or_open(tmp_path / "late first")
    for path in (second, first):
        check_books(late_first, ingest(late_first, [path]))
    assert content(late_first) == due


def test_a_log_that_wrapped(log: bytes, tmp_path: Path) -> None:
    """A later copy without the oldest records takes none of them away."""
    due = alone(tmp_path / "alone", log)
    half = len(due) // 2
    pieces = [evtx_copies.exported(log, half), evtx_copies.wrapped(log, 1)]
    store = Store.create_or_open(tmp_path / "store")
    for path in copies(tmp_path / "logs", "System.evtx", pieces):
        check_books(store, ingest(store, [path]))
    assert content(store) == due
    assert read_table(store, "rejects").num_rows == 0
