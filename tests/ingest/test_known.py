"""Sources whose spans overlap although no record lies in the weeks they share."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.ingest import IngestOptions, ingest
from analytics.ingest.known import Known, read_table
from analytics.store import Store

SAMPLES = Path(__file__).parents[2] / "sample_logs"
LINE = "0CF4\t1A10\t{day}\t12:00:00.000\t31\tagent.cpp(1)\t\t\tNORMAL\t{text}\n"


def test_a_log_with_a_long_pause_spans_weeks_without_a_part(tmp_path: Path):
    """A record in a week of which the store has no file is new, though another log's span covers the week."""
    logs = tmp_path / "HV01"
    logs.mkdir()
    store = Store.create_or_open(tmp_path / "store")
    (logs / "DPMRA0.errlog").write_text(
        LINE.format(day="01/05", text="a") + LINE.format(day="03/20", text="b"), "utf-8"
    )
    ingest(store, [logs])
    (logs / "DPMRA1.errlog").write_text(LINE.format(day="02/10", text="c"), "utf-8")

    summary = ingest(store, [logs])

    assert (summary.records_stored, summary.records_duplicate, summary.records_rejected) == (1, 2, 0)


def test_all_after_markers_says_what_is_missing(tmp_path: Path):
    """Who asks for all records of a file that was read for its markers only is told that some are not stored."""
    log = tmp_path / "DPMRACurr.errlog"
    log.write_text(LINE.format(day="01/05", text="noise"), "utf-8")
    store = Store.create_or_open(tmp_path / "store")
    ingest(store, [log], IngestOptions(trace_level="markers"))

    summary = ingest(store, [log])

    assert "1 records were left out" in summary.problems[0]


def test_a_format_learned_later_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file that an older version did not know is read once by the version that knows its format."""
    log = tmp_path / "DPMRACurr.errlog"
    log.write_text(LINE.format(day="01/05", text="a"), "utf-8")
    store = Store.create_or_open(tmp_path / "store")
    with monkeypatch.context() as old_version:
        old_version.setattr("analytics.ingest.plan.recognise", lambda _: None)
        ingest(store, [log])

    first, second = ingest(store, [log]), ingest(store, [log])

    assert (first.records_stored, second.records_stored, second.records_duplicate) == (1, 0, 1)


def test_relevant_events_only(tmp_path: Path):
    """Events of providers that no rule names are counted as left out, and the books still balance."""
    sample = Path(__file__).parents[2] / "sample_logs" / "events-era-b"

    everything = ingest(Store.create_or_open(tmp_path / "all"), [sample])
    relevant = ingest(
        Store.create_or_open(tmp_path / "some"), [sample], IngestOptions(events_level="relevant")
    )
    left_out = sum(source.records_filtered for source in relevant.sources)

    assert left_out > 0
    assert relevant.records_stored + left_out == everything.records_stored


def test_files_whose_samples_are_equal(tmp_path: Path):
    """Two logs that differ where no sample looks are two; a copy of either is known, whatever it is called."""
    lines = [LINE.format(day="01/05", text=f"number {number:06}") for number in range(3_000)]
    store = Store.create_or_open(tmp_path / "store")
    stored = []
    for name, changed in (("a", "x"), ("b", "y"), ("c", "y"), ("d", "x")):
        content = list(lines)
        content[1500] = LINE.format(day="01/05", text=f"{changed}umber 001500")
        log = tmp_path / f"{name}.errlog"
        log.write_bytes("".join(content).encode())
        summary = ingest(store, [log])
        stored.append((summary.records_stored, [source.status for source in summary.sources]))

    assert stored == [(3_000, ["read"]), (1, ["read"]), (0, ["known"]), (0, ["known"])]


class TestUnchangedFiles:
    """A file that keeps its path, size and time is not opened again; one that may have changed is."""

    def rewrite(self, log: Path, seconds: float) -> None:
        """Other content of the same size, and a time so far from that of the first."""
        before = log.stat()
        log.write_bytes(log.read_bytes().replace(b"begin", b"other"))
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns + int(seconds * 1e9)))

    def stored_again(self, folder: Path, age_s: float, seconds: float) -> int:
        """Records of a second ingest, after the file was rewritten; `age_s` is how old it was when it was read."""
        log = folder / "DPMRACurr.errlog"
        log.write_text(LINE.format(day="01/05", text="begin"), "utf-8")
        now = log.stat().st_mtime_ns
        os.utime(log, ns=(now, now - int(age_s * 1e9)))
        store = Store.create_or_open(folder / "store")
        ingest(store, [log])
        self.rewrite(log, seconds)
        return ingest(store, [log]).records_stored

    @pytest.mark.parametrize(
        ("age_s", "seconds", "stored"),
        [(3600, 0, 0), (3600, 0.001, 1), (0, 0, 1)],
        ids=["same time", "other time", "read when it was written"],
    )
    def test_size_and_time_are_trusted(self, tmp_path: Path, age_s: float, seconds: float, stored: int):
        """But for a file that was written within the clock's tick of being read."""
        assert self.stored_again(tmp_path, age_s, seconds) == stored

    def test_an_event_log_is_always_opened(self, tmp_path: Path):
        """Windows writes a live one in place: its size and its time stay."""
        (first, second) = sorted(SAMPLES.rglob("*.evtx"), key=lambda file: file.stat().st_size)[-2:]
        size = max(first.stat().st_size, second.stat().st_size)
        log, store = tmp_path / "VSS.evtx", Store.create_or_open(tmp_path / "store")
        stored = []
        for content in (first, second):
            log.write_bytes(content.read_bytes().ljust(size, b"\0"))
            os.utime(log, (1_700_000_000, 1_700_000_000))
            stored.append(ingest(store, [log]).records_stored)
        assert all(stored)

    def test_a_folder_of_known_files_and_one_new_one(self, tmp_path: Path):
        """What is not opened is told as before: known, all of it duplicate."""
        for number in range(3):
            log = tmp_path / f"HV{number}" / "DPMRACurr.errlog"
            log.parent.mkdir()
            log.write_text(LINE.format(day="01/05", text=f"of {number}"), "utf-8")
            os.utime(log, (1_700_000_000, 1_700_000_000))
        store = Store.create_or_open(tmp_path / "store")
        ingest(store, [tmp_path / "HV0", tmp_path / "HV1"])
        again = ingest(store, [tmp_path])
        assert [source.status for source in again.sources] == ["known", "known", "read"]
        assert (again.records_read, again.records_stored, again.records_duplicate) == (3, 1, 2)


def test_moments_of_sources_are_those_that_arrow_gives(tmp_path: Path):
    """They are read another way, without pandas."""
    store = Store.create_or_open(tmp_path / "store")
    ingest(store, [SAMPLES / "estate"])
    rows = read_table(store, "sources").to_pylist()
    known = Known(store)
    assert rows
    assert all(known.row(row["source_id"]) == row for row in rows)
    assert all(row["read_at"].utcoffset() == timedelta(0) for row in rows)
