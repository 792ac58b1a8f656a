"""A log that is being written while it is read, again and again."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from analytics.ingest import IngestOptions, ingest
from analytics.ingest.known import read_table
from analytics.store import Store

RECORD = "180C\t280C\t06/01\t20:54:{:02d}.{:03d}\t09\tAppAssert.cs(130)\t\t\tWARNING\tnumber {}\r\n"
LEAST = 3_000
ROUNDS = 5


def test_a_log_that_is_written_while_it_is_read(tmp_path: Path) -> None:
    """Its writer breaks off anywhere, in records and in characters: in the end each record is there once."""
    log = tmp_path / "HV01" / "DPMRACurr.errlog"
    log.parent.mkdir()
    written, done = [0], threading.Event()

    def write() -> None:
        with log.open("ab", buffering=0) as file:
            while not done.is_set() or written[0] < LEAST:
                numbers = range(written[0], written[0] + 50)
                data = "".join(RECORD.format(n // 1000 % 60, n % 1000, n) for n in numbers).encode(
                    "utf-16-le"
                )
                file.write(data[: len(data) // 2 - 3])
                time.sleep(0.001)
                file.write(data[len(data) // 2 - 3 :])
                written[0] += 50
                time.sleep(0.01)

    log.write_bytes(b"\xff\xfe")
    store = Store.create_or_open(tmp_path / "store")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [ingest(store, [log.parent], IngestOptions(year=2025)).records_stored for _ in range(ROUNDS)]
    finally:
        done.set()
        writer.join()
    ingest(store, [log.parent], IngestOptions(year=2025))

    messages = read_table(store, "trace", ["message"]).column("message").to_pylist()
    assert sorted(messages) == sorted(f"number {number}" for number in range(written[0]))
    assert sum(count > 0 for count in counts) > 1
