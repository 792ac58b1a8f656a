"""Readers beside a running ingest: `python -m tests.store.readers --seconds 120`.

An own process ingests one small delivery after the other, which merges parts all the time. This one opens sessions and
asks whether the records are those that the sources account for: a session that saw tables of two commits, or lost a
part that it holds, would show here.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from analytics.errors import StoreError
from analytics.ingest import IngestOptions, ingest
from analytics.sql import open_session
from analytics.store import Store, compact
from tests.store.deliveries import write_delivery

ROOT = Path(__file__).resolve().parents[2]
RECORDS = " + ".join(
    f"(SELECT count(*) FROM {table})" for table in ("trace", "job_records", "vms", "collections", "events")
)
COUNTS = f"SELECT ({RECORDS})::BIGINT, (SELECT coalesce(sum(records_stored), 0) FROM sources)::BIGINT"
PARTS_AT_MOST = 2
HELD_S = 0.5
NOTHING_WRONG = {"reads", "grown", "records"}


def write_until(place: Path, stop: Path) -> None:
    """Ingest deliveries and merge their parts, until there is a file `stop`."""
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        while not stop.exists():
            delivery = Path(folder) / f"{number}"
            write_delivery(delivery, number)
            store = Store.create_or_open(place)
            ingest(store, [delivery], IngestOptions(year=2025))
            with store.writing():
                compact(store, max_parts=PARTS_AT_MOST)
            number += 1


def read_beside(
    place: Path, seconds: float | None = None, reads: int | None = None, seed: int = 1
) -> Counter[str]:
    """Read beside a writer in a process of its own, for some time or so often that the records grew; counts reads and
    what was wrong with them.
    """
    found: Counter[str] = Counter()
    chance = random.Random(seed)
    stop = place.with_name("stop")
    words = [sys.executable, "-m", "tests.store.readers", "--write", str(place), "--stop", str(stop)]
    begun, last = time.monotonic(), 0
    with subprocess.Popen(words, cwd=ROOT) as writer:
        while writer.poll() is None and not stop.exists():
            before = last
            last = _read(place, chance, found, last)
            found["grown"] += last > before
            is_long = seconds is not None and time.monotonic() - begun > seconds
            if is_long or (reads is not None and found["grown"] >= reads):
                stop.touch()
        writer.wait()
        found["writer failed"] += writer.returncode != 0
    found["records"] = last
    return found


def _read(place: Path, chance: random.Random, found: Counter[str], last: int) -> int:
    if not (place / "store.json").exists():
        return last
    try:
        with open_session(Store.open(place)) as session:
            records, accounted = counts(session)
            found["half state"] += records != accounted
            found["went back"] += records < last
            if chance.random() < HELD_S:
                time.sleep(chance.random() * HELD_S)
                found["changed under a session"] += counts(session) != (records, accounted)
    except StoreError as error:
        found[f"error: {error}"] += 1
        return last
    found["reads"] += 1
    return records


def counts(session: object) -> tuple[int, int]:
    """Records in the store, and records that its sources account for."""
    row = session.sql(COUNTS).to_pylist()[0]
    return tuple(row.values())


def main() -> int:
    """Read the options; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", metavar="STORE", help="be the writer")
    parser.add_argument("--stop", metavar="FILE", help="write until there is such a file")
    options = parser.parse_args()
    if options.write:
        write_until(Path(options.write), Path(options.stop))
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = read_beside(Path(folder) / "store", options.seconds, seed=options.seed)
    print(dict(+found))
    return int(bool(set(+found) - NOTHING_WRONG))


if __name__ == "__main__":
    sys.exit(main())
