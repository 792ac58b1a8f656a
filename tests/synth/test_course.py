"""What happens in an estate: variety, reruns, the window, the collection, copies of logs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
import synth_reading as reading

from analytics.synth import Knobs, Truth, write_estate


class TestVariety:
    def test_all_kinds_and_outcomes_occur(self, estate: tuple[Path, Truth]) -> None:
        """The estate with all knobs turned has every kind, level, tracking, outcome and place of failure."""
        _, truth = estate

        assert {job.kind for job in truth.jobs} == {
            "express_full",
            "consistency_check",
            "initial_replica",
            "online",
        }
        assert {job.level for job in truth.jobs} == {"host", "guest"}
        assert {job.tracking for job in truth.jobs} == {"block_compare", "rct", "change_tracking", "unknown"}
        assert {job.outcome for job in truth.jobs} == {
            "succeeded",
            "warning",
            "failed",
            "cancelled",
            "running",
        }
        assert {"claim", "snapshot", "transfer"} <= {job.failed_in for job in truth.jobs}
        assert {job.provider_kind for job in truth.jobs} == {"software", "hardware", ""}
        assert {slot.reason for slot in truth.slots} >= {"", "missed", "never", "not yet protected"}

    def test_a_failed_claim_is_tried_again(self, estate: tuple[Path, Truth]) -> None:
        """DPM starts a job once more an hour after its claim failed: a new task for the same VM and night."""
        _, truth = estate
        first = {
            (job.vm, job.night): job for job in truth.jobs if job.failed_in == "claim" and job.attempt == 0
        }
        again = [job for job in truth.jobs if job.attempt == 1 and (job.vm, job.night) in first]

        assert again
        for job in again:
            failed = first[job.vm, job.night]
            assert job.job_id != failed.job_id
            assert seconds(job.created_at) - seconds(failed.ended_at) == pytest.approx(3600, abs=0.01)

    def test_one_backup_of_a_vm_at_a_time(self, tmp_path: Path) -> None:
        """A second run waits until the first one has ended."""
        slow = Knobs(vms=6, nights=2, seed=3, twice_vms=6, vhd_median_bytes=1_500_000_000_000, rct_share=0.0)
        truth = write_estate(tmp_path / "out", slow)
        spans: dict[str, list[tuple[float, float]]] = {}
        for job in truth.jobs:
            if job.kind != "online" and job.ended_at:
                spans.setdefault(job.vm, []).append((seconds(job.started_at), seconds(job.ended_at)))

        assert any(len(times) > 2 for times in spans.values())
        for times in map(sorted, spans.values()):
            assert all(after[0] >= before[1] for before, after in pairwise(times))

    def test_default_estate_breaks_some_windows(self, tmp_path: Path) -> None:
        """In a default estate most VM-nights meet 22:00-06:00, and some VMs break it night after night."""
        truth = write_estate(tmp_path / "out", Knobs(nights=10))
        late = Counter(slot.vm for slot in truth.slots if slot.expected)
        slots = sum(late.values())
        for vm, _ in {
            (job.vm, job.night)
            for job in truth.jobs
            if job.kind in {"express_full", "initial_replica"}
            and job.outcome in {"succeeded", "warning"}
            and seconds(job.ended_at) <= seconds(f"{job.night}T21:00:00.000Z")
        }:
            late[vm] -= 1

        assert 0.02 < sum(late.values()) / slots < 0.15
        assert 2 <= sum(misses >= 4 for misses in late.values()) <= 15

    def test_nothing_is_written_after_the_collection(self, tmp_path: Path) -> None:
        """Logs collected in the night hold no later record, and what then ran has no end."""
        truth = write_estate(tmp_path / "out", Knobs(vms=20, nights=2, seed=1, collected="22:40"))
        running = [job for job in truth.jobs if job.outcome == "running"]

        assert len(running) > 2
        assert all(job.ended_at == "" for job in running)
        assert max(marker.at for marker in reading.markers(tmp_path / "out")) <= truth.collected_at
        assert truth.collected_at == "2025-02-04T13:40:00.000Z"


class TestCopies:
    def test_crash_copy_ends_with_the_crash(self, estate: tuple[Path, Truth]) -> None:
        """The .Crash file's name holds the UTC second of its last record; the log has all of it too."""
        folder, _ = estate
        crash = next((folder / "DPM01").glob("*.Crash"))
        lines = reading.lines_of(crash)
        found = reading.RAW.match(lines[-1])
        kept = [
            line
            for path in reading.errlogs(folder)
            if path.stem.startswith("MSDPM")
            for line in reading.lines_of(path)
        ]
        year, clock = crash.name.removeprefix("MSDPMCurr.errlog.").removesuffix(".Crash").split("_")

        assert found is not None
        assert found["level"] == "CRITICAL"
        assert f"{year[:4]}-{found['md'].replace('/', '-')}" == year
        assert found["time"][:8] == clock.replace("-", ":")
        start = kept.index(lines[0])
        assert kept[start : start + len(lines)] == lines

    def test_earlier_copies_hold_nothing_new(self, estate: tuple[Path, Truth]) -> None:
        """The earlier copy is the beginning of the current log; the copy of a rotated log equals it."""
        folder, _ = estate
        earlier = folder / "HV01" / "DPMRA-earlier-copy"
        current = (folder / "HV01" / "DPMRACurr.errlog").read_bytes()
        copied = next(earlier.glob("Copy of *"))

        assert current.startswith((earlier / "DPMRACurr.errlog").read_bytes())
        assert len(current) > (earlier / "DPMRACurr.errlog").stat().st_size > 100
        assert copied.read_bytes() == (folder / "HV01" / copied.name.removeprefix("Copy of ")).read_bytes()
        facts = json.loads((earlier / "collection.json").read_text(encoding="utf-8-sig"))
        assert facts["host"] == "HV01"


def seconds(text: str) -> float:
    """Seconds since 1970 of an ISO time."""
    return datetime.fromisoformat(text).timestamp()
