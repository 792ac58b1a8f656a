"""What happens inside a job: one generator per kind of job, in the order of dpm-formats 2.1 and 1.7."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random

from analytics.synth.engine import Engine, Process, Transfer, combined_rate
from analytics.synth.estate import Volume
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs

_CHANGED_S_PER_BYTE = 10e-9  # beta: 10 s per GB that is sent
_TRACKED_OVER_COMPARED = 1.4  # phi: tracked blocks count although their contents did not change
_GUEST_WEIGHT = 0.35
_ENDLESS_BYTES = 1e16


@dataclass
class Site:
    """What the jobs share: the engine, the claims on volumes and the mood of each volume in each night."""

    knobs: Knobs
    engine: Engine
    claims: dict[str, Job] = field(default_factory=dict)

    def shock(self, volume: Volume, night: int) -> float:
        """How much slower than usual this volume is in this night."""
        return Random(f"{self.knobs.seed}|shock|{volume.path}|{night}").lognormvariate(0, 0.1)

    def release_claims(self, job: Job, hardware_only: bool = False) -> None:
        """Give up the job's claims, all or those on volumes with a hardware provider."""
        for volume in job.vm.volumes:
            if self.claims.get(volume.path) is job and (volume.hardware or not hardware_only):
                del self.claims[volume.path]


def life_of(job: Job, site: Site) -> Process:
    """The process that lives through this job."""
    if job.request.kind == "online":
        return _online_life(job, site)
    if job.level == "guest":
        return _guest_life(job, site)
    return _host_life(job, site)


def _host_life(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    clock("start")
    yield rng.uniform(0.1, 0.6)
    clock("mount_storage_begin")
    yield rng.uniform(0.5, 3)
    clock("mount_storage_end")
    yield rng.uniform(0.3, 2)
    clock("init")
    yield rng.uniform(3, 9)
    yield from _agent_work(job, site)
    site.release_claims(job)
    clock("release_snapshot")
    yield rng.uniform(0.5, 3)
    yield from _server_end(job, site)


def _agent_work(job: Job, site: Site) -> Process:
    """Claim, snapshot, data move; returns early where the job fails."""
    clock, rng = _clock(job, site), job.rng
    granted = yield from _claim_volumes(job, site)
    if not granted:
        job.failed_in, job.bytes_transferred = "claim", 0
        yield rng.uniform(0.5, 2.5)
        return
    if job.fate == "snapshot":
        job.failed_in, job.bytes_transferred = "snapshot", 0
        yield rng.uniform(15, 70)
        clock("snapshot_failed")
        yield rng.uniform(0.5, 3)
        return
    yield from _snapshot(job, site)
    yield from _move_data(job, site)
    yield rng.uniform(1, 4) + rng.expovariate(0.25)


def _claim_volumes(job: Job, site: Site) -> Generator[float | Transfer, None, bool]:
    clock, rng = _clock(job, site), job.rng
    for number, volume in enumerate(job.vm.volumes):
        if number:
            yield rng.uniform(0.2, 2)
        clock("add_volume", volume.path)
        refused = 0
        while _is_claimed(volume, job, site):
            yield rng.uniform(0.002, 0.03)
            clock("refusal", volume.path)
            refused += 1
            if refused == (
                min(5, site.knobs.claim_attempts) if job.fate == "claim" else site.knobs.claim_attempts
            ):
                return False
            yield site.knobs.claim_retry_s + rng.uniform(0, 1)
        site.claims[volume.path] = job
        clock("claim_granted", "refused" if refused else "")
    return True


def _is_claimed(volume: Volume, job: Job, site: Site) -> bool:
    # A job that is fated to fail here meets a claim of another product, which the logs of DPM do not show.
    return job.fate == "claim" or site.claims.get(volume.path, job) is not job


def _snapshot(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    yield 4 + 10 * rng.lognormvariate(0, 0.5)
    clock("t1")
    yield 0.2 + 3 * rng.lognormvariate(0, 0.7)
    clock("t2")
    site.release_claims(job, hardware_only=True)
    yield rng.uniform(60, 600) if job.vm.slow_post else 0.2 + 2 * rng.lognormvariate(0, 0.9)
    for volume in job.vm.volumes:
        clock("provider_id", volume.path)
    yield rng.uniform(0.05, 0.9)
    for disk in job.vm.backed_up:
        clock("vhd_chain", disk.path)
        yield rng.uniform(0.001, 0.006)


def _move_data(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    clock("begin_data_move")
    scanned, sent = _volume_of_work(job)
    solo = combined_rate(job.vm.volumes[0], job.vm.host.server, 1, 1)
    work = (scanned + _CHANGED_S_PER_BYTE * solo * sent) * _noise(job, site)
    done = rng.uniform(0.1, 0.9) if job.fate in ("transfer", "cancelled") else 1.0
    yield rng.uniform(2, 12)
    yield Transfer(
        _ENDLESS_BYTES if job.request.endless else work * done, job.vm.volumes[0], job.vm.host.server
    )
    job.bytes_transferred = int(sent * done)
    if done < 1:
        job.failed_in = job.fate
        clock("transfer_failed")
    else:
        job.failed_in = "warning" if job.fate == "warning" else ""
        clock("start_backup_complete")


def _volume_of_work(job: Job) -> tuple[int, int]:
    """Bytes scanned on the volume and bytes sent to the DPM server."""
    vhd_bytes = job.vm.vhd_bytes(job.request.night_index)
    changed = min(vhd_bytes, int(vhd_bytes * job.vm.churn_share * job.rng.lognormvariate(0, 0.35)))
    if job.request.kind == "initial_replica":
        return vhd_bytes, vhd_bytes
    if job.request.kind == "consistency_check":
        return vhd_bytes, changed // 10
    if job.vm.tracked:
        return 0, min(vhd_bytes, int(changed * _TRACKED_OVER_COMPARED))
    return vhd_bytes, changed


def _noise(job: Job, site: Site) -> float:
    late = job.rng.uniform(1.5, 3.5) if job.rng.random() < site.knobs.outlier_share else 1.0
    return late * job.rng.lognormvariate(0, 0.12) * site.shock(job.vm.volumes[0], job.request.night_index)


_RECOVERY_POINT_STEPS = (
    ("create_pit_begin", 0.5, 12),
    ("create_pit_end", 0.2, 2),
    ("pit_size_begin", 0.05, 1),
)


def _server_end(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    # A check brings the replica up to date and makes no recovery point (inferred: no line of one is published).
    makes_point = job.request.kind != "consistency_check"
    if job.failed_in in ("", "warning"):
        for kind, shortest_s, longest_s in _RECOVERY_POINT_STEPS:
            if makes_point:
                clock(kind)
            yield rng.uniform(shortest_s, longest_s)
        if makes_point:
            clock("pit_size_end")
    yield rng.uniform(0.1, 1)
    clock("unmount_storage_begin")
    yield rng.uniform(0.2, 2)
    clock("unmount_storage_end")
    yield rng.uniform(0.1, 1)
    clock("end")


def _guest_life(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    clock("start")
    yield 120 * rng.lognormvariate(0, 0.5)
    _, sent = _volume_of_work(job)
    server, volume = job.vm.host.server, job.vm.volumes[0]
    work = _CHANGED_S_PER_BYTE * combined_rate(volume, server, 1, 1) * sent * _noise(job, site)
    yield Transfer(work, volume, server, _GUEST_WEIGHT)
    yield rng.uniform(2, 10)
    # The agent in the guest claims no volume of the host; its jobs fail only in the transfer.
    job.failed_in = "transfer" if job.fate in ("claim", "snapshot") else job.fate.replace("ok", "")
    job.bytes_transferred = sent if job.failed_in in ("", "warning") else sent // 2
    clock("end")


_ONLINE_STEPS = (
    ("prebackup_started", 5, 40),
    ("prebackup_finished", 0, 0.02),
    ("adjust_started", 0, 0.02),
    ("adjust_finished", 0, 0.02),
    ("initialize_storage_started", 20, 180),
    ("initialize_storage_finished", 0, 0.5),
)


def _online_life(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    clock("start")
    yield rng.uniform(0.5, 5)
    for kind, shortest_s, longest_s in _ONLINE_STEPS:
        clock(kind)
        yield rng.uniform(shortest_s, longest_s)
    clock("data_transfer_started")
    _, sent = _volume_of_work(job)
    # The line to the vault is slow and nothing else uses it: 20 to 60 MB/s.
    part = rng.uniform(0.1, 0.9) if job.fate in ("transfer", "claim", "snapshot") else 1.0
    yield 60 + part * sent / rng.uniform(20e6, 60e6)
    job.bytes_transferred = int(sent * part)
    if part < 1:
        job.failed_in = "online"
        clock("online_failed")
    else:
        yield from _online_end(job, site)
    yield rng.uniform(0.5, 4)
    clock("uninitialize_started")
    yield rng.uniform(10, 160)
    clock("uninitialize_finished")
    yield rng.uniform(0.5, 4)
    clock("end")


def _online_end(job: Job, site: Site) -> Process:
    clock, rng = _clock(job, site), job.rng
    clock("data_transfer_finished")
    yield rng.uniform(0, 0.5)
    clock("integrity_storage_started")
    yield rng.uniform(0, 0.5)
    clock("integrity_storage_finished")
    clock("integrity_check_started")
    yield rng.uniform(30, 900)
    clock("integrity_check_finished")
    clock("online_succeeded")


class _Clock:
    """Writes down what happens now."""

    def __init__(self, job: Job, engine: Engine) -> None:
        self._job, self._engine = job, engine

    def __call__(self, kind: str, detail: str = "") -> None:
        self._job.log(kind, self._engine.now_s, detail)


def _clock(job: Job, site: Site) -> _Clock:
    return _Clock(job, site.engine)
