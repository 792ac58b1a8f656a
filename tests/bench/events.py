"""Speed and memory of reading event logs: `python -m tests.bench.events [--mb 100] [--rounds 5]`.

The .evtx file holds the intact chunks of the real samples again and again; the XML file is what the evtx library
renders of it. Floors and candidates take turns in one process; times are CPU seconds of all threads, medians.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from analytics.formats import Format, Reading, by_name
from analytics.formats.events.evtx.chunks import Chunk, chunks, looks_intact
from analytics.formats.events.evtx.decode import decode_intact, promised_ids
from analytics.formats.format import batch_of, row_schema
from analytics.sources import Source
from tests.shared import SHARED

SAMPLES = SHARED / "samples" / "evtx"
TARGETS = {"evtx, all": 2.4, "evtx, relevant": 1.8, "xml, all": 2.0}
MEMORY_MB = 400
REPEATED = ["host", "channel", "event_provider", "event_id", "version", "level"]
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def sample_chunks() -> list[bytes]:
    """The intact chunks of the real samples."""
    found: list[bytes] = []
    for path in sorted(SAMPLES.glob("*.evtx")):
        with path.open("rb") as stream:
            stream.seek(4096)
            found += [chunk.data for chunk in chunks(stream) if looks_intact(chunk) and is_decoded(chunk)]
    return found


def is_decoded(chunk: Chunk) -> bool:
    """True where the library gives all records of a chunk."""
    try:
        return [record["event_record_id"] for record in decode_intact([chunk])] == promised_ids([chunk])
    except RuntimeError:
        return False


def write_evtx(path: Path, mb: int) -> None:
    """A valid log of that size."""
    parts = sample_chunks()
    header = (SAMPLES / "system.evtx").read_bytes()[:4096]
    with path.open("wb") as out:
        out.write(header)
        for number in range(mb * 1_000_000 // 65536 + 1):
            out.write(parts[number % len(parts)])


def write_xml(evtx_path: Path, path: Path, mb: int) -> None:
    """The same events as XML below one root, without characters that stop the floor, up to that size."""
    from evtx import PyEvtxParser

    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write("<Events>\n")
        for record in PyEvtxParser(str(evtx_path)).records():
            if not FORBIDDEN.search(record["data"]):
                out.write(record["data"].split("?>", 1)[1])
            if out.tell() > mb * 1_000_000:
                break
        out.write("\n</Events>\n")


def evtx_floor(path: Path) -> None:
    """Every record as JSON text, thrown away."""
    from evtx import PyEvtxParser

    for _ in PyEvtxParser(str(path), separate_json_attributes=True).records_json():
        pass


def xml_floor(path: Path) -> None:
    """Bare iterparse over all elements, cleared after each event."""
    from lxml import etree

    for _, element in etree.iterparse(str(path)):
        if element.tag.endswith("}Event"):
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def to_parquet(entry: Format, path: Path, level: str = "all") -> int:
    """Read a log and write its events as Parquet; gives the number of rows."""
    source = Source(str(path), path.name, (), lambda: path.open("rb"), None, seekable=True)
    rows = 0
    schema, out = row_schema("events"), path.with_suffix(".parquet")
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=REPEATED) as writer:
        for batch in entry.read(source, Reading(events_level=level)):
            if batch.table == "events" and len(batch.rows):
                writer.write_batch(batch.rows)
                rows += len(batch.rows)
    return rows


def cpu_s(job: Callable[[], object]) -> float:
    """CPU seconds of a job, all threads."""
    start = time.process_time()
    job()
    return time.process_time() - start


def measure(
    name: str, floor: Callable[[], object], job: Callable[[], object], rounds: int, mb: float
) -> bool:
    """Floor and candidate in turns; prints one line, gives whether the target is met."""
    pairs = [(cpu_s(floor), cpu_s(job)) for _ in range(rounds)]
    floor_s, job_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(candidate / bare for bare, candidate in pairs)
    met = statistics.median(ratios) <= TARGETS[name]
    print(
        f"{name:16} floor {floor_s:6.2f} s ({mb / floor_s:5.0f} MB/s)  ours {job_s:6.2f} s ({mb / job_s:5.0f} MB/s)"
        f"  ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        f"  target <= {TARGETS[name]}  {'met' if met else 'MISSED'}"
    )
    return met


def peak_mb(path: Path, name: str) -> float:
    """Peak memory of a process of its own that reads one file."""
    code = (
        "import resource, sys; from pathlib import Path; from tests.bench.events import to_parquet;"
        "from analytics.formats import by_name; to_parquet(by_name(sys.argv[2]), Path(sys.argv[1]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), name], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def write_estate(folder: Path, log: Path, files: int) -> None:
    """The same chunks in another order as the logs of several hosts."""
    data = log.read_bytes()
    header, body = data[:4096], data[4096:]
    for number in range(files):
        host = folder / f"HV{number:02}"
        host.mkdir(parents=True)
        turn = number * 65536
        (host / "bench.evtx").write_bytes(header + body[turn:] + body[:turn])
        stated = {"host": host.name, "role": "hyper-v-host", "collected_at": "2026-01-01T00:00:00.000Z"}
        (host / "collection.json").write_text(json.dumps({**stated, "time_zone": "UTC"}), "utf-8")


def wall_s(logs: Path, store: Path, processes: int) -> float:
    """Seconds that an ingest into a new store takes in a process of its own."""
    code = (
        "import sys, time; from analytics.ingest import IngestOptions, ingest; from analytics.store import Store;"
        "start = time.perf_counter();"
        "ingest(Store.create_or_open(sys.argv[2]), [sys.argv[1]], IngestOptions(processes=int(sys.argv[3])));"
        "print(time.perf_counter() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(logs), str(store), str(processes)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure_processes(folder: Path, log: Path, rounds: int, files: int = 4) -> None:
    """Several files with one and with two processes; prints the ratio of the times."""
    logs = folder / "estate"
    write_estate(logs, log, files)
    ratios = []
    for turn in range(rounds):
        one, two = (wall_s(logs, folder / f"store-{turn}-{count}", count) for count in (1, 2))
        ratios.append(one / two)
    print(
        f"{files} files in a store   one process {one:.1f} s, two {two:.1f} s,"
        f" {statistics.median(ratios):.2f} times faster ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main(mb: int, rounds: int) -> int:
    """Measure everything; exit code 1 where a target is missed."""
    evtx, xml = by_name("evtx"), by_name("events-xml")
    assert evtx is not None
    assert xml is not None
    batch_of("rejects", [{"reason": "warm up: the first array of a process imports pandas"}])
    with tempfile.TemporaryDirectory() as folder:
        log, text = Path(folder, "bench.evtx"), Path(folder, "bench.xml")
        write_evtx(log, mb)
        write_xml(log, text, mb)
        log_mb, text_mb = log.stat().st_size / 1e6, text.stat().st_size / 1e6
        print(f".evtx {log_mb:.0f} MB, XML {text_mb:.0f} MB, {rounds} rounds, CPU time of all threads")
        met = [
            measure("evtx, all", lambda: evtx_floor(log), lambda: to_parquet(evtx, log), rounds, log_mb),
            measure(
                "evtx, relevant",
                lambda: evtx_floor(log),
                lambda: to_parquet(evtx, log, "relevant"),
                rounds,
                log_mb,
            ),
            measure("xml, all", lambda: xml_floor(text), lambda: to_parquet(xml, text), rounds, text_mb),
        ]
        for path, name in ((log, "evtx"), (text, "events-xml")):
            peak = peak_mb(path, name)
            met.append(peak < MEMORY_MB)
            print(
                f"peak memory {name:11} {peak:.0f} MB  target < {MEMORY_MB}  {'met' if met[-1] else 'MISSED'}"
            )
        measure_processes(Path(folder), log, min(rounds, 3))
    return 0 if all(met) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    sys.exit(main(arguments.mb, arguments.rounds))
