"""What a Hyper-V host logs about one job, in each era (windows-events.md 0.6 and 3).

Era A: t1, host freeze, t2, thaw, mount and revert of each VHD inside of DoSnapshotSet, ProviderId.
Era B: no mount on the host; the auto-recovery disk is added to the guest. Era C: checkpoint and RCT.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from analytics.synth.estate import Disk, new_guid
from analytics.synth.events.guest import Tracing
from analytics.synth.events.tale import (
    DPMRA,
    LOWER,
    OBSERVES,
    UPPER,
    Numbering,
    Snapshot,
    Tale,
    fqdn,
    guest_volumes,
    host_volumes,
    snapshots_of,
    tell_arrival,
    tell_audit,
    tell_deletion,
    tell_flush,
    tell_revert,
    told,
)
from analytics.synth.job import Job
from analytics.synth.truth import granted_claim

_MOUNT_PLACES = 64  # disk numbers and pointers are used again after so many mounts
_GATHERING = (
    "\n\nOperation:\n   Gathering Writer Data\n\nContext:\n   Writer Class Id: "
    "{e8132975-6f93-4464-a53e-1050253ae220}\n   Writer Name: System Writer\n"
)
_NO_VM = "00000000-0000-0000-0000-000000000000"


class Stage(NamedTuple):
    """What the host's story needs besides the job: numbers of its machine and the zone of its clock."""

    numbers: Numbering
    tracing: Tracing
    seed: int
    ordinal: int
    local_of: Callable[[float], int]


class Mount(NamedTuple):
    """A virtual disk as VHDMP sees it: path, disk number, pointers."""

    path: str
    disk_number: int
    virtual_disk: int
    handle: int

    @property
    def surfaced(self) -> tuple[object, ...]:
        """The fields of events 1, 2, 17 and 18."""
        return self.path, self.disk_number, self.virtual_disk


def tell_host(job: Job, stage: Stage, end_s: float) -> Tale:
    """The host's part in one job; `end_s` is when the logs were collected."""
    tale, rng = Tale(job), Random(f"{stage.seed}|host tale|{job.task_id}")
    _tell_session(tale, job, end_s, rng)
    _tell_claims(tale, job)
    t2_s = job.at_s("t2")
    if t2_s is None:
        return tale
    snapshots = snapshots_of(host_volumes(job.vm), job.task_id, stage.numbers, rng)
    _tell_commit(tale, job, t2_s, snapshots, stage)
    provider_s = job.at_s("provider_id")
    if provider_s is not None:
        _tell_post_snapshot(tale, job, (t2_s, provider_s), snapshots, stage, rng)
        _tell_transfer(tale, job, snapshots, rng)
    release_s = job.at_s("release_snapshot")
    if release_s is not None:
        if stage.tracing.volsnap_analytic:
            tell_deletion(tale, release_s, "release_snapshot", snapshots)
        _tell_merge(tale, job, release_s, rng)
    return tale


def _tell_session(tale: Tale, job: Job, end_s: float, rng: Random) -> None:
    begin_s = job.at_s("init")
    if begin_s is not None:
        done_s = job.at_s("release_snapshot")
        if rng.random() < 0.2:
            # noise of GatherWriterMetadata: a writer's account may not call back (windows-events.md 2.3)
            tale.tell(
                begin_s + rng.uniform(0.5, 2.0), "vss_8194", "0x80070005, Access is denied.\r\n", _GATHERING,
                boundary="init", relation=UPPER, binary=b"",
            )  # fmt: skip
        tale.session(begin_s + 0.2, done_s or end_s, "release_snapshot" if done_s else "")


def _resource_name(volume_path: str) -> str:
    """The cluster's name of a volume's disk."""
    return f"Cluster Disk {volume_path.rstrip(chr(92)).rpartition('Volume')[2]}"


def csv_names(volume_path: str) -> tuple[str, str]:
    """Volume and resource as clustering events name them."""
    return volume_path.rstrip("\\").rpartition("\\")[2], _resource_name(volume_path)


def _tell_claims(tale: Tale, job: Job) -> None:
    """Cluster shared volumes of 2008 R2 say when their backup mode goes on and off."""
    if job.vm.era != "A":
        return
    last, grants = granted_claim(job), [event for event in job.events if event.kind == "claim_granted"]
    release_s = job.at_s("release_snapshot")
    for volume, event in zip(job.vm.volumes, grants, strict=False):
        relation = OBSERVES if event is last else ""
        boundary = "claim_granted" if event is last else ""
        names = csv_names(volume.path)
        tale.tell(event.at_s, "cluster_5140", *names, 30, boundary=boundary, relation=relation)
        tale.tell(
            event.at_s + 0.08, "cluster_5136", *names, boundary=boundary, relation=UPPER if boundary else ""
        )
        off_s = job.at_s("t2") if volume.hardware else release_s
        if off_s is not None:
            ended = "t2" if volume.hardware else "release_snapshot"
            tale.tell(off_s + 0.1, "cluster_5137", *names, boundary=ended, relation=UPPER)
            tale.tell(off_s + 0.15, "cluster_5141", *names, boundary=ended, relation=UPPER)


def _tell_commit(tale: Tale, job: Job, t2_s: float, snapshots: list[Snapshot], stage: Stage) -> None:
    computer, gap_s = fqdn(job.vm.host.name), t2_s - (job.at_s("t1") or t2_s - 1)
    if job.vm.era != "A":
        for disk in job.vm.backed_up:
            _tell_checkpoint(tale, disk, t2_s - gap_s * 0.5, job.task_id)
    if stage.tracing.volsnap_analytic:
        tell_flush(tale, t2_s, "t2", snapshots, gap_s * 0.2)
    tell_audit(tale, t2_s, "t2", snapshots, computer, DPMRA, stage.tracing.audit_8222)
    tell_arrival(tale, t2_s, "t2", snapshots, job.vm.era != "A")


def _tell_checkpoint(tale: Tale, disk: Disk, at_s: float, task_id: str) -> None:
    target = f"{disk.path.rpartition('.')[0]}_{task_id}.avhdx"
    tale.tell(at_s, "vhdmp_50", "Create", disk.path, target, boundary="t2", relation=LOWER)
    tale.tell(at_s + 0.03, "vhdmp_51", "Create", target, 0, boundary="t2", relation=LOWER)


def shadow_path(disk: Disk, snapshot: Snapshot, form: int) -> str:
    """A virtual disk inside the shadow copy of its volume, in one of the forms that were seen."""
    inside = disk.path[len(disk.volume.path) :]
    # The volume GUID of a shadow copy is a new one; its shadow copy id serves here.
    roots = (
        f"\\\\?\\Volume{{{snapshot.shadow_id}}}", snapshot.device, f"\\\\?\\GLOBALROOT{snapshot.device}"
    )  # fmt: skip
    return f"{roots[form]}\\{inside}"


def _mounts_of(job: Job, snapshots: list[Snapshot], stage: Stage, rng: Random) -> list[Mount]:
    """The disks of a VM as they are mounted from the shadow copies of their volumes."""
    form = rng.randrange(3)
    mounts = []
    for place, disk in enumerate(job.vm.backed_up):
        snapshot = snapshots[job.vm.volumes.index(disk.volume)]
        slot = (stage.ordinal * 4 + place) % _MOUNT_PLACES
        pointer = 0xFFFFB503_1D000040 + slot * 0x1000
        path = shadow_path(disk, snapshot, form)
        mounts.append(Mount(path, 6 + slot, pointer, 0xFFFFB503_00000000 + rng.randrange(1 << 28) * 16))
    return mounts


def handle_values(mount: Mount, vm_id: str = _NO_VM, *, read_only: bool = True) -> tuple[object, ...]:
    """The fields of event 12, a handle that was opened."""
    kind = 3 if mount.path.lower().endswith("x") else 2
    return (
        0, mount.path, vm_id, kind, 2, 0, 0xD0000 if read_only else 0x3F0000, 0, False, read_only, mount.handle,
        mount.virtual_disk, mount.handle + 0x400,
    )  # fmt: skip


def _tell_post_snapshot(
    tale: Tale, job: Job, span: tuple[float, float], snapshots: list[Snapshot], stage: Stage, rng: Random
) -> None:
    mounts = _mounts_of(job, snapshots, stage, rng)
    inner = guest_volumes(job.vm, stage.seed)
    for place, mount in enumerate(mounts):
        begin, width = 0.08 + 0.84 * place / len(mounts), 0.84 / len(mounts) * 0.95
        at = _part(span, begin, width)
        if job.vm.era == "A":
            tell_mount(tale, at, mount)
            _tell_discovery(tale, at, job, stage, (inner[place].guid, new_guid(rng).lower()))
            if stage.tracing.volsnap_analytic:
                tell_revert(tale, at(0.4), at(0.8), inner[place], new_guid(rng).lower())
            tell_unmount(tale, at, mount)
        elif job.vm.era == "B":
            _tell_hot_add(tale, at, mount._replace(path=_recovery_path(job.vm.backed_up[place])), job)


def _part(span: tuple[float, float], begin: float, width: float) -> Callable[[float], float]:
    start_s, length_s = span[0], span[1] - span[0]
    return lambda share: start_s + length_s * (begin + width * share)


def tell_mount(tale: Tale, at: Callable[[float], float], mount: Mount) -> None:
    """A virtual disk is opened and comes online on the host."""
    tale.tell(at(0.0), "vhdmp_12", *handle_values(mount, read_only=False), boundary="t2", relation=UPPER)
    tale.tell(at(0.03), "vhdmp_25", mount.path, mount.virtual_disk, boundary="t2", relation=UPPER)
    tale.tell(at(0.12), "vhdmp_1", *mount.surfaced, boundary="t2", relation=UPPER)


def tell_unmount(tale: Tale, at: Callable[[float], float], mount: Mount) -> None:
    """The virtual disk goes away again."""
    end = told("provider_id", LOWER)
    tale.tell(at(0.88), "vhdmp_26", mount.virtual_disk, **end)
    tale.tell(at(0.95), "vhdmp_2", *mount.surfaced, **end)
    tale.tell(at(0.99), "vhdmp_14", mount.handle, mount.virtual_disk, **end)


def _tell_discovery(
    tale: Tale, at: Callable[[float], float], job: Job, stage: Stage, ids: tuple[str, str]
) -> None:
    """The driver finds the in-guest snapshot on the mounted volume; 106 names its commit time, local and whole ms."""
    guid, shadow_id = ids
    line, found = (0x1, 38_529, 124), told("t2", UPPER)
    for share, number, facts in (
        (0.14, 100, ()), (0.17, 101, ()), (0.19, 110, ()), (0.22, 111, (1,)), (0.24, 103, ())
    ):  # fmt: skip
        tale.tell(at(share), f"snapshot_{number}", guid, *facts, *line, **found)
    t1_s = job.at_s("t1")
    if t1_s is not None:
        commit_us = stage.local_of(t1_s)
        tale.tell(at(0.28), "snapshot_106", guid, shadow_id, False, True, commit_us, *line, **found)
    tale.tell(at(0.3), "snapshot_104", guid, 1, 0, 1, *line, **found)
    for share, number in ((0.84, 114), (0.85, 115), (0.9, 116), (0.91, 117)):
        tale.tell(at(share), f"snapshot_{number}", guid, *line, boundary="provider_id", relation=LOWER)


def _recovery_path(disk: Disk) -> str:
    return f"{disk.path.rpartition('.')[0]}-AutoRecovery.avhdx"


def _tell_hot_add(tale: Tale, at: Callable[[float], float], mount: Mount, job: Job) -> None:
    tale.tell(
        at(0.05),
        "vhdmp_12",
        *handle_values(mount, job.vm.vm_id.lower(), read_only=False),
        boundary="t2",
        relation=UPPER,
    )
    tale.tell(at(0.1), "vhdmp_17", *mount.surfaced, boundary="t2", relation=UPPER)
    tale.tell(at(0.9), "vhdmp_18", *mount.surfaced, boundary="provider_id", relation=LOWER)
    tale.tell(at(0.95), "vhdmp_14", mount.handle, mount.virtual_disk, boundary="provider_id", relation=LOWER)


def _tell_transfer(tale: Tale, job: Job, snapshots: list[Snapshot], rng: Random) -> None:
    """The agent opens each disk to read it, and closes it; with RCT it reads the live disk."""
    move_s = job.at_s("begin_data_move")
    if move_s is None:
        return
    ended_s = job.at_s("start_backup_complete") or job.at_s("transfer_failed")
    for disk in job.vm.backed_up:
        snapshot = snapshots[job.vm.volumes.index(disk.volume)]
        path = disk.path if job.vm.era == "C" else shadow_path(disk, snapshot, 2)
        pointers = [0xFFFFC100_00000000 + rng.randrange(1 << 28) * 16 for _ in range(2)]
        mount = Mount(path, 0, pointers[0], pointers[1])
        opened = told("begin_data_move", UPPER)
        tale.tell(move_s + rng.uniform(0.05, 0.5), "vhdmp_12", *handle_values(mount), **opened)
        if ended_s is not None:
            boundary = "start_backup_complete" if job.at_s("start_backup_complete") else "transfer_failed"
            tale.tell(
                ended_s - rng.uniform(0.02, 0.2), "vhdmp_14", mount.handle, mount.virtual_disk, boundary=boundary,
                relation=LOWER,
            )  # fmt: skip


def _tell_merge(tale: Tale, job: Job, release_s: float, rng: Random) -> None:
    """From 2012 R2 on the checkpoint's disks are merged when the backup has been read."""
    complete_s = job.at_s("start_backup_complete")
    if job.vm.era == "A" or complete_s is None:
        return
    identity, end = (
        (job.vm.name, job.vm.vm_id.upper()),
        told("start_backup_complete", UPPER),
    )
    tale.tell(complete_s + rng.uniform(0.1, 0.4), "vmms_19070", *identity, **end)
    merged_s = release_s + rng.uniform(1, 90)
    if job.failed_in == "warning":
        tale.tell(merged_s, "vmms_19100", *identity, "%%2147942432", "0x80070020", **end)
    else:
        tale.tell(merged_s, "vmms_19080", *identity, **end)
