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


def write_for(place: Path, seconds: float) -> None:
    """Ingest deliveries and merge their parts, until the time is over."""
    end = time.monotonic() + seconds
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            delivery = Path(folder) / f"{number}"
            write_delivery(delivery, number)
            store = Store.create_or_open(place)
            ingest(store, [delivery], IngestOptions(year=2025))
            with store.writing():
                compact(store, max_parts=PARTS_AT_MOST)
            number += 1


def read_for(place: Path, seconds: float, seed: int = 1) -> Counter[str]:
    """Read beside a writer in a process of its own; counts reads and what was wrong with them."""
    found: Counter[str] = Counter()
    chance = random.Random(seed)
    words = [sys.executable, "-m", "tests.store.readers", "--write", str(place), "--seconds", str(seconds)]
    with subprocess.Popen(words, cwd=ROOT) as writer:
        last = 0
        while writer.poll() is None:
            last = _read(place, chance, found, last)
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
    options = parser.parse_args()
    if options.write:
        write_for(Path(options.write), options.seconds)
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = read_for(Path(folder) / "store", options.seconds, options.seed)
    print(dict(+found))
    return int(bool(set(+found) - {"reads", "records"}))


if __name__ == "__main__":
    sys.exit(main())
