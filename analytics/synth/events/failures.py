"""Why jobs fail, as the event logs of host and guest tell it (windows-events.md 2.2 to 2.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

from analytics.synth.events.host import csv_names, shadow_path
from analytics.synth.events.tale import EXPLAINS, UPPER, Numbering, Tale, host_volumes, snapshots_of
from analytics.synth.job import Event, Job

_HYPER_V_WRITER, _HYPER_V_WRITER_ID = "Microsoft Hyper-V VSS Writer", "{66841cd4-6ded-4f4b-8f17-fd23f8ddc3de}"
_SQL_WRITER, _SQL_WRITER_ID = "SqlServerWriter", "{a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}"
_RETRYABLE = "0x800423f3, The writer experienced a transient error.  If the backup process is retried,\r\n"
_ASYNCHRONOUS = "Executing Asynchronous Operation"
_TIMEOUT = "0x800423f2, The writer's timeout expired between the Freeze and Thaw events.\r\n"


class _Mode(NamedTuple):
    """A way to fail: the phase of contract.md 6 in which it happens, and how far the snapshots got."""

    name: str
    phase: str
    has_t1: bool
    has_t2: bool


_MODES = {
    "A": (
        _Mode("mount", "post_snapshot", has_t1=True, has_t2=True),
        _Mode("revert", "post_snapshot", has_t1=True, has_t2=True),
        _Mode("guest_freeze", "snapshot", has_t1=False, has_t2=False),
        _Mode("commit_timeout", "snapshot", has_t1=True, has_t2=False),
    ),
    "B": (
        _Mode("no_scsi", "snapshot", has_t1=False, has_t2=False),
        _Mode("guest_requester", "snapshot", has_t1=False, has_t2=False),
        _Mode("commit_timeout", "snapshot", has_t1=True, has_t2=False),
        _Mode("auto_recovery", "post_snapshot", has_t1=True, has_t2=True),
        _Mode("guest_freeze", "snapshot", has_t1=False, has_t2=False),
    ),
    "C": (
        _Mode("checkpoint", "snapshot", has_t1=False, has_t2=False),
        _Mode("guest_requester", "snapshot", has_t1=False, has_t2=False),
        _Mode("guest_freeze", "snapshot", has_t1=False, has_t2=False),
    ),
}
_TRANSFER_MODES = ("diff_area", "io_failure", "cluster")


class Failure(NamedTuple):
    """Why one job failed: a row of failures.csv in the truth."""

    job_id: str
    vm: str
    phase: str
    mode: str


def draw_failures(jobs: Iterable[Job], seed: int) -> dict[str, Failure]:
    """Choose how each failed job fails; a snapshot that fails late gets its moments t1 and t2."""
    return {failure.job_id: failure for job in jobs for failure in _drawn(job, seed)}


def _drawn(job: Job, seed: int) -> list[Failure]:
    rng = Random(f"{seed}|failure|{job.task_id}")
    if job.at_s("transfer_failed") is not None and job.failed_in == "transfer":
        return [Failure(job.task_id, job.vm.name, "transfer", rng.choice(_TRANSFER_MODES))]
    failed_s = job.at_s("snapshot_failed")
    if failed_s is None:
        return [Failure(job.task_id, job.vm.name, "claim_wait", "claim")] if job.failed_in == "claim" else []
    mode = rng.choice(_MODES[job.vm.era])
    _insert_snapshots(job, mode, failed_s, rng)
    return [Failure(job.task_id, job.vm.name, mode.phase, mode.name)]


def _insert_snapshots(job: Job, mode: _Mode, failed_s: float, rng: Random) -> None:
    place = next(i for i, event in enumerate(job.events) if event.kind == "snapshot_failed")
    granted_s = job.events[place - 1].at_s
    t1_s = granted_s + (failed_s - granted_s) * rng.uniform(0.35, 0.5)
    moments = [Event("t1", t1_s)] if mode.has_t1 else []
    if mode.has_t2:
        moments.append(Event("t2", t1_s + rng.uniform(0.6, 3.0)))
    job.events[place:place] = moments


def _block(operation: str, *context: str) -> str:
    """The Operation and Context text that VSS appends as its last insert."""
    operations = "".join(f"   {line}\n" for line in operation.split("|"))
    facts = "".join(f"   {line}\n" for line in context)
    return f"\n\nOperation:\n{operations}" + (f"\nContext:\n{facts}" if facts else "")


def _writer_context(name: str, writer_id: str, pid: int) -> tuple[str, ...]:
    """The Context lines of a writer; keys repeat in real logs."""
    return (
        "Execution Context: Writer",
        f"Writer Class Id: {writer_id}",
        f"Writer Name: {name}",
        f"Writer Instance ID: {{{pid:08x}-5a1b-4f0c-9c38-2b7c3f4d5e6f}}",
        f"Process ID: {pid}",
    )


def vss_binary(code: str, pid: int, command: str) -> bytes:
    """The Binary field of VSS: who logged it."""
    return (
        f"- Code: {code}- Call: {code}- PID:  {pid:08d}- TID:  {pid + 8:08d}- CMD:  {command}   "
        "- User: Name: NT AUTHORITY\\SYSTEM, SID:S-1-5-18 "
    ).encode("ascii")


_VMMS_COMMAND, _SQL_COMMAND = (
    "C:\\Windows\\system32\\vmms.exe",
    "C:\\Program Files\\Microsoft SQL Server\\sqlwriter.exe",
)
VSSVC_COMMAND = "C:\\Windows\\system32\\vssvc.exe"


def tell_host_failure(job: Job, failure: Failure, numbers: Numbering, seed: int, host_era: str) -> Tale:
    """What the host logs about a failure; every event explains the moment at which the job failed."""
    tale, rng = Tale(job), Random(f"{seed}|host failure|{job.task_id}")
    at_s = job.at_s("snapshot_failed") or job.at_s("transfer_failed")
    teller = _HOST_TELLERS.get(failure.mode)
    if at_s is not None and teller:
        teller(_Explaining(tale, at_s, rng, host_era), job, numbers)
    return tale


def tell_guest_failure(job: Job, failure: Failure, seed: int) -> Tale:
    """What the guest logs about a failure."""
    tale, rng = Tale(job), Random(f"{seed}|guest failure|{job.task_id}")
    at_s = job.at_s("snapshot_failed")
    if at_s is not None:
        guest = _Explaining(tale, at_s, rng, job.vm.era)
        if failure.mode == "guest_freeze":
            _tell_guest_freeze(guest, job)
        elif failure.mode == "guest_requester":
            guest(3.0, f"icsvc_{rng.choice((1, 2, 3, 4))}", 0x42306)
        elif failure.mode == "auto_recovery":
            _tell_guest_recovery(guest)
    return tale


class _Explaining:
    """Tells events that explain the failure of a job shortly before it is noticed."""

    def __init__(self, tale: Tale, at_s: float, rng: Random, machine_era: str) -> None:
        self.tale, self.at_s, self.machine_era = tale, at_s, machine_era
        self.pid = rng.randrange(200, 3000) * 4

    def __call__(self, before_s: float, kind: str, *values: object, binary: bytes | None = None) -> None:
        boundary = "snapshot_failed" if kind not in _OF_TRANSFER else "transfer_failed"
        self.tale.tell(
            self.at_s - before_s, kind, *values, binary=binary, boundary=boundary, relation=EXPLAINS
        )

    def vss(self, before_s: float, event_id: int, *values: object, code: str, command: str) -> None:
        """A VSS event; the last value is its block."""
        self(before_s, f"vss_{event_id}", *values, binary=vss_binary(code, self.pid, command))


_OF_TRANSFER = frozenset({
    "volsnap_25", "volsnap_named_25", "volsnap_14", "volsnap_named_14", "vhdmp_11", "cluster_5156", "cluster_5120",
})  # fmt: skip


def _identity(job: Job) -> tuple[str, str]:
    return job.vm.name, job.vm.vm_id.upper()


def _writer_rejects(explain: _Explaining, before_s: float, operation: str, reason: str) -> None:
    context = _writer_context(_HYPER_V_WRITER, _HYPER_V_WRITER_ID, explain.pid)
    explain.vss(
        before_s, 8229, reason, _block(operation, *context), code="WRTWRTIC00004923", command=_VMMS_COMMAND
    )


def _mounted_path(job: Job, numbers: Numbering) -> str:
    disk = job.vm.backed_up[0]
    snapshot = snapshots_of(host_volumes(job.vm), job.task_id, numbers, Random(0))[0]
    return shadow_path(disk, snapshot, 1)


def _tell_mount(explain: _Explaining, job: Job, numbers: Numbering) -> None:
    path, pointer = _mounted_path(job, numbers), 0xFFFFB503_20000040
    explain.tale.tell(
        explain.at_s - 2.4, "vhdmp_25", path, pointer, boundary="t2" if job.at_s("t2") else "", relation=UPPER
    )
    explain(2.2, "vhdmp_3", path, 0xC03A001A, pointer)
    explain(1.9, "vmms_10111", *_identity(job), path)
    operation = f"Exposing Recovered Volumes|Locating shadow-copy LUNs|PostSnapshot Event|{_ASYNCHRONOUS}"
    context = ("Device: \\\\?\\Volume{00000000-0000-0000-0000-000000000000}", "Current State: DoSnapshotSet")
    explain.vss(
        1.6, 12289, "Unexpected error DeviceIoControl", "0x80070001, Incorrect function.\r\n",
        _block(operation, *context), code="INCICHLH00000235", command=VSSVC_COMMAND,
    )  # fmt: skip
    _writer_rejects(explain, 1.2, "PostSnapshot Event", _RETRYABLE)


def _tell_revert(explain: _Explaining, job: Job, numbers: Numbering) -> None:
    explain(2.0, "vmms_10103", *_identity(job), _mounted_path(job, numbers))
    explain(1.8, "vmms_10104", *_identity(job))
    _writer_rejects(explain, 1.2, "PostSnapshot Event", _RETRYABLE)


def _tell_host_freeze(explain: _Explaining, job: Job, _: Numbering) -> None:
    explain(2.0, "vmms_10102" if job.vm.era == "A" else "vmms_10150", *_backup_error(job))
    if job.vm.era == "C":
        explain(1.8, "vmms_18012", *_identity(job))
    _writer_rejects(explain, 1.2, "PrepareForSnapshot Event", _RETRYABLE)


def _backup_error(job: Job) -> tuple[str, ...]:
    return _identity(job) + (() if job.vm.era == "A" else ("%%2147754994", "0x800423F2"))


def _tell_commit_timeout(explain: _Explaining, job: Job, _: Numbering) -> None:
    volume, set_id = host_volumes(job.vm)[0], f"{{{job.dpm_job_id.lower()}}}"
    if explain.machine_era == "C":
        explain(1.6, "volsnap_named_8", "\\Device\\HarddiskVolume7", volume.name, 0, 12, 4, 880, binary=b"")
    else:
        explain(1.6, "volsnap_8", "\\Device\\HarddiskVolume7", volume.name, binary=b"")
    explain(1.4, "cluster_5217", *csv_names(job.vm.volumes[0].path), set_id, "0x80042306")
    explain.vss(
        1.2, 12310, f"Volume name: {volume.name}",
        _block(f"Committing shadow copies|{_ASYNCHRONOUS}", "Current State: DoSnapshotSet"),
        code="CORSNPTC00000582", command=VSSVC_COMMAND,
    )  # fmt: skip


def _tell_no_scsi(explain: _Explaining, job: Job, _: Numbering) -> None:
    explain(2.0, "vmms_10103_no_scsi", *_identity(job))
    _writer_rejects(explain, 1.2, "PrepareForSnapshot Event", _RETRYABLE)


def _tell_auto_recovery(explain: _Explaining, job: Job, _: Numbering) -> None:
    explain(2.0, "vmms_10150", *_backup_error(job))
    _writer_rejects(explain, 1.2, "PostSnapshot Event", _RETRYABLE)


def _tell_checkpoint(explain: _Explaining, job: Job, _: Numbering) -> None:
    explain(2.4, "worker_3280", *_identity(job), "%%2147942432", "0x80070020")
    explain(2.0, "vmms_18012", *_identity(job))
    explain(1.9, "vmms_10150", *_identity(job), "%%2147942432", "0x80070020")


def _tell_guest_freeze(explain: _Explaining, job: Job) -> None:
    volume = f"\\\\?\\Volume{{{job.vm.vm_id.lower()}}}\\"
    times = ("0x00000000", "0x80042313", "0x00000000", "0x00000000")
    explain.vss(
        4.0, 12298, volume, "1", *times, _block(_ASYNCHRONOUS, "Current State: flush-and-hold writes"),
        code="CORLOVLC00001025", command=VSSVC_COMMAND,
    )  # fmt: skip
    context = _writer_context(_SQL_WRITER, _SQL_WRITER_ID, explain.pid)
    explain.vss(
        3.5, 8229, _TIMEOUT, _block("Freeze Event", *context), code="WRTWRTIC00004923", command=_SQL_COMMAND
    )
    if job.vm.era != "A":
        explain(3.0, "icsvc_23", _SQL_WRITER, 9, 0x423F2)


def _tell_guest_recovery(explain: _Explaining) -> None:
    explain(4.2, "icsvc_5", "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume9")
    explain(4.0, "icsvc_6")
    explain(3.8, "icsvc_7")
    lun = ("{3b0c4c8a-0a36-4b0c-8d5d-6d1b5d4f7c11}", "Msft    ", "Virtual Disk    ", *("",) * 9)
    explain.vss(
        3.4, 12363, *lun, _block("Exposing Recovered Volumes|PostSnapshot Event"), code="INCICHLH00000461",
        command=VSSVC_COMMAND,
    )  # fmt: skip


def _volsnap(explain: _Explaining, job: Job, event_id: int) -> None:
    device = "\\Device\\HarddiskVolumeShadowCopy1"
    if explain.machine_era == "C":
        explain(
            3.0,
            f"volsnap_named_{event_id}",
            device,
            job.vm.volumes[0].path,
            0xC000009A,
            55,
            9,
            1201,
            binary=b"",
        )
    else:
        explain(3.0, f"volsnap_{event_id}", device, job.vm.volumes[0].path, binary=b"")


def _tell_diff_area(explain: _Explaining, job: Job, numbers: Numbering) -> None:
    _volsnap(explain, job, 25)
    path = job.vm.backed_up[0].path if job.vm.era == "C" else _mounted_path(job, numbers)
    explain(2.6, "vhdmp_11", 1, path, 0xC00000B5)


def _tell_io_failure(explain: _Explaining, job: Job, _: Numbering) -> None:
    _volsnap(explain, job, 14)
    explain(2.5, "cluster_5156", *csv_names(job.vm.volumes[0].path), "STATUS_IO_DEVICE_ERROR(c0000185)")


def _tell_cluster(explain: _Explaining, job: Job, _: Numbering) -> None:
    explain(
        2.5, "cluster_5120", *csv_names(job.vm.volumes[0].path), "STATUS_CONNECTION_DISCONNECTED(c000020c)"
    )


_HOST_TELLERS: dict[str, Callable[[_Explaining, Job, Numbering], None]] = {
    "mount": _tell_mount,
    "revert": _tell_revert,
    "guest_freeze": _tell_host_freeze,
    "guest_requester": _tell_host_freeze,
    "commit_timeout": _tell_commit_timeout,
    "no_scsi": _tell_no_scsi,
    "auto_recovery": _tell_auto_recovery,
    "checkpoint": _tell_checkpoint,
    "diff_area": _tell_diff_area,
    "io_failure": _tell_io_failure,
    "cluster": _tell_cluster,
}
