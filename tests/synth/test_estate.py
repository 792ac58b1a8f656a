"""What an estate writes, compared with its truth by reading the files again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
import synth_reading as reading

from analytics.errors import ConfigurationError
from analytics.synth import Knobs, Truth, write_estate


def digest(folder: Path) -> dict[str, str]:
    """Path -> hash of all files."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TestDeterminism:
    def test_same_knobs_same_bytes(self, tmp_path: Path) -> None:
        """The same knobs give the same files with the same bytes, logs and truth."""
        knobs = Knobs(vms=6, nights=2, seed=3, crash=True, duplicate_files=True)
        write_estate(tmp_path / "a" / "out", knobs)
        write_estate(tmp_path / "b" / "out", knobs)

        assert digest(tmp_path / "a") == digest(tmp_path / "b")

    def test_another_seed_gives_another_estate(self, tmp_path: Path) -> None:
        """Another seed changes the logs."""
        write_estate(tmp_path / "a", Knobs(vms=6, nights=2, seed=3))
        write_estate(tmp_path / "b", Knobs(vms=6, nights=2, seed=4))

        assert digest(tmp_path / "a")["DPM01/jobs.csv"] != digest(tmp_path / "b")["DPM01/jobs.csv"]

    def test_a_folder_with_files_is_refused(self, tmp_path: Path) -> None:
        """An estate is never written over another one."""
        (tmp_path / "old.txt").write_text("x", encoding="utf-8")

        with pytest.raises(ConfigurationError, match="not empty"):
            write_estate(tmp_path, Knobs(vms=1, nights=1))


class TestLayout:
    def test_every_machine_says_who_it_is(self, estate: tuple[Path, Truth]) -> None:
        """Each folder with logs or tables holds a collection.json with host, role, time and zone."""
        folder, truth = estate
        facts = {
            path.name: json.loads((path / "collection.json").read_text(encoding="utf-8-sig"))
            for path in folder.iterdir()
        }

        assert sorted(facts) == ["DPM01", "HV01", "HV02", "HV03"]
        assert {name: fact["host"] for name, fact in facts.items()} == {name: name for name in facts}
        assert {fact["role"] for name, fact in facts.items() if name.startswith("HV")} == {"hyper-v-host"}
        assert facts["DPM01"] == {
            "host": "DPM01",
            "role": "dpm-server",
            "collected_at": truth.collected_at,
            "time_zone": "Asia/Tokyo",
        }

    def test_truth_lies_beside_the_estate(self, estate: tuple[Path, Truth]) -> None:
        """The truth is a sibling folder, so nobody analyses it by mistake."""
        folder, truth = estate

        assert truth.folder == folder.parent / "out.truth"
        assert sorted(path.name for path in truth.folder.iterdir()) == [
            "boundaries.csv",
            "jobs.csv",
            "slots.csv",
        ]

    def test_modification_time_is_that_of_the_last_record(self, estate: tuple[Path, Truth]) -> None:
        """A log's modification time equals its last record's time, across New Year too."""
        folder, _ = estate
        last = {path: at for path, at, _ in reading.records(reading.errlogs(folder), 2025)}

        assert last
        for path, at in last.items():
            assert abs(path.stat().st_mtime - at.timestamp()) < 0.01

    def test_rotated_files_follow_one_another(self, estate: tuple[Path, Truth], everything: Knobs) -> None:
        """Rotated files are within their size, and their records continue in the order of time."""
        folder, _ = estate
        logs = sorted((folder / "DPM01").glob("MSDPM*.errlog"), key=lambda path: path.stat().st_mtime)
        times = [at for _, at, _ in reading.records(logs, 2025)]

        assert [path.name for path in logs][:2] == ["MSDPM0.errlog", "MSDPM1.errlog"]
        assert logs[-1].name == "MSDPMCurr.errlog"
        assert all(path.stat().st_size <= everything.rotate_bytes + 2 for path in logs)
        assert times == sorted(times)
        assert (times[0].year, times[-1].year) == (2025, 2026)


class TestTruth:
    def test_every_written_boundary_is_in_the_log(self, estate: tuple[Path, Truth]) -> None:
        """A boundary said to be written stands in the log at that very millisecond."""
        folder, truth = estate
        seen = {(marker.task, marker.kind, marker.at) for marker in reading.markers(folder)}
        known = {kind for kind, _, _ in reading.MARKERS}
        written = {b[:3] for b in truth.boundaries if b.written and b.boundary in known}

        assert len(written) > 500
        assert written - seen == set()

    def test_missing_markers_are_missing(self, estate: tuple[Path, Truth]) -> None:
        """A boundary said not to be written has no line of its kind for its task."""
        folder, truth = estate
        seen = {(marker.task, marker.kind) for marker in reading.markers(folder)}
        known = {kind for kind, _, _ in reading.MARKERS}
        unwritten = {b[:2] for b in truth.boundaries if not b.written and b.boundary in known}

        assert len(unwritten) > 20
        assert unwritten & seen == set()

    def test_no_marker_without_truth(self, estate: tuple[Path, Truth]) -> None:
        """Each marker in the log belongs to a job of the truth and to a moment of it."""
        folder, truth = estate
        known = {b[:3] for b in truth.boundaries}
        several = {"add_volume", "refusal", "vhd_chain"}
        strangers = [
            marker
            for marker in reading.markers(folder)
            if marker[:3] not in known and marker.kind not in several
        ]

        assert strangers == []

    def test_refusals_are_counted(self, estate: tuple[Path, Truth], everything: Knobs) -> None:
        """A job's number of refused claims is the number of csvapi warnings of its task."""
        folder, truth = estate
        counted = Counter(marker.task for marker in reading.markers(folder) if marker.kind == "refusal")

        assert {job.job_id: job.claim_refusals for job in truth.jobs if job.claim_refusals} == counted
        assert 3 <= max(counted.values()) <= 2 * everything.claim_attempts

    def test_retries_are_three_minutes_apart(self, estate: tuple[Path, Truth]) -> None:
        """Refusals of one claim follow one another after 180 to 181 seconds."""
        folder, _ = estate
        times = defaultdict(list)
        for marker in reading.markers(folder):
            if marker.kind == "refusal":
                times[marker.task, marker.message].append(seconds(marker.at))
        gaps = [after - before for series in times.values() for before, after in pairwise(series)]

        assert gaps
        assert all(180 <= gap < 181.1 for gap in gaps)

    def test_every_disk_is_listed(self, estate: tuple[Path, Truth]) -> None:
        """A job that reached its snapshot lists every disk of its VM, as vms.csv has them."""
        folder, truth = estate
        disks = defaultdict(set)
        for path in folder.glob("HV*/vms.csv"):
            for row in reading.table(path):
                if row["PassThrough"] == "False":
                    disks[row["VMName"]].add(row["VhdPath"])
        listed = defaultdict(set)
        for marker in reading.markers(folder):
            if marker.kind == "vhd_chain":
                listed[marker.task].add(marker.message.split(" : ", 1)[1])
        vm_of = {job.job_id: job.vm for job in truth.jobs}

        assert len(listed) > 50
        assert all(disks[vm_of[task]] == paths for task, paths in listed.items())

    def test_threads_are_not_shared(self, estate: tuple[Path, Truth]) -> None:
        """While a job is at work on a thread of a host, no other job writes markers on that thread."""
        folder, _ = estate
        spans = defaultdict(dict)
        for marker in reading.markers(folder):
            if marker.thread.startswith("HV"):
                first, last = spans[marker.thread].get(marker.task, (marker.at, marker.at))
                spans[marker.thread][marker.task] = min(first, marker.at), max(last, marker.at)

        for jobs in spans.values():
            ordered = sorted(jobs.values())
            assert all(before[1] <= after[0] for before, after in pairwise(ordered))
        assert max(len(jobs) for jobs in spans.values()) > 1

    def test_jobs_run_at_the_same_time_in_one_file(
        self, estate: tuple[Path, Truth], everything: Knobs
    ) -> None:
        """Lines of several jobs are interleaved in one host's log, as many as the host has slots."""
        folder, _ = estate
        open_jobs: dict[str, set[str]] = defaultdict(set)
        most = 0
        for marker in reading.markers(folder):
            host = marker.thread.partition("/")[0]
            if marker.kind == "init":
                open_jobs[host].add(marker.task)
            if marker.kind == "release_snapshot":
                open_jobs[host].discard(marker.task)
            if host.startswith("HV") and len(open_jobs[host]) > most:
                most = len(open_jobs[host])

        assert most >= everything.slots_per_host


class TestOrder:
    FULL = (
        "start",
        "init",
        "add_volume",
        "claim_granted",
        "t1",
        "t2",
        "provider_id",
        "begin_data_move",
        "start_backup_complete",
        "release_snapshot",
        "create_pit_begin",
        "create_pit_end",
        "end",
    )

    def test_boundaries_follow_one_another(self, tmp_path: Path) -> None:
        """Without clock error the boundaries of a successful job come in the contract's order."""
        truth = write_estate(tmp_path / "out", Knobs(vms=20, nights=4, seed=2, collision_share=0.6))
        times = defaultdict(dict)
        for boundary in truth.boundaries:
            times[boundary.job_id][boundary.boundary] = boundary.at
        good = [job for job in truth.jobs if job.outcome == "succeeded" and job.volume]

        assert len(good) > 40
        for job in good:
            made = job.kind != "consistency_check"  # which makes no recovery point
            full = [name for name in self.FULL if made or not name.startswith("create_pit")]
            order = [times[job.job_id][name] for name in full]
            assert order == sorted(order)
            assert times[job.job_id]["t1"] < times[job.job_id]["t2"] < times[job.job_id]["provider_id"]
            assert times[job.job_id]["start"] == job.started_at
            assert times[job.job_id]["end"] == job.ended_at

    def test_a_claim_is_exclusive(self, tmp_path: Path) -> None:
        """With software providers two jobs never hold one volume at the same time."""
        truth = write_estate(
            tmp_path / "out", Knobs(vms=20, nights=4, seed=2, collision_share=0.8, hardware_share=0.0)
        )
        times = defaultdict(dict)
        for boundary in truth.boundaries:
            times[boundary.job_id][boundary.boundary] = boundary.at
        held = defaultdict(list)
        for job in truth.jobs:
            if "t1" in times[job.job_id]:
                until = times[job.job_id].get("release_snapshot", "9")
                held[job.volume].append((times[job.job_id]["claim_granted"], until))

        assert sum(job.claim_refusals > 0 for job in truth.jobs) > 5
        for spans in held.values():
            spans.sort()
            assert all(before[1] <= after[0] for before, after in pairwise(spans))

    def test_a_failed_claim_has_no_snapshot(self, estate: tuple[Path, Truth]) -> None:
        """A job that failed in the claim has refusals, a release, no grant and no later boundary."""
        _, truth = estate
        names = defaultdict(set)
        for boundary in truth.boundaries:
            names[boundary.job_id].add(boundary.boundary)
        failed = [job for job in truth.jobs if job.failed_in == "claim"]

        assert failed
        for job in failed:
            assert job.claim_refusals
            assert job.error_code == 32612
            assert "release_snapshot" in names[job.job_id]
            assert not {"claim_granted", "t1", "t2", "provider_id", "begin_data_move"} & names[job.job_id]

    def test_clock_error_shifts_the_hosts_only(self, tmp_path: Path) -> None:
        """A clock error moves a host's markers by just that and leaves the job records alone."""
        true = write_estate(tmp_path / "a", Knobs(vms=4, nights=1, seed=5, hosts=2))
        skewed = write_estate(tmp_path / "b", Knobs(vms=4, nights=1, seed=5, hosts=2, clock_skew_s=30))
        host = {job.job_id: job.host for job in true.jobs}
        shifts = {
            (
                boundary.boundary in {"start", "end"},
                host[boundary.job_id],
                round(seconds(late.at) - seconds(boundary.at)),
            )
            for boundary, late in zip(true.boundaries, skewed.boundaries, strict=True)
            if boundary.boundary in {"start", "end", "init", "t2", "release_snapshot"}
        }

        assert {shift for is_record, _, shift in shifts if is_record} == {0}
        assert {(name, shift) for is_record, name, shift in shifts if not is_record} == {
            ("HV01", 30),
            ("HV02", -30),
        }


def seconds(text: str) -> float:
    """Seconds since 1970 of an ISO time."""
    return datetime.fromisoformat(text).timestamp()
