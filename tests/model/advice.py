"""An estate whose transfers take exactly 30 s per GB read and 10 s per GB sent, a VM per reason of candidates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

READ_S, SENT_S, GB = 30, 10, 10**9
NIGHTS = 4
MONDAY = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
VOLUMES = r"C:\ClusterStorage" + "\\"
JOB_COLUMNS = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
)
VM_COLUMNS = (
    "VMName,VMId,HostName,ClusterName,VMVersion,VhdPath,VhdFormat,VhdType,MaxSizeBytes,FileSizeBytes,"
    "PassThrough"
)
LINE = "0A44\t4B18\t{at:%m/%d\t%H:%M:%S}.000\t31\t{file}\t[00000003A0EABA50]\t{task}\tNORMAL\t{text}\n"
SNAPSHOT = "vsssnapshotrequestor.cpp(233)"


@dataclass(frozen=True)
class Machine:
    """One VM: what is known of its disk, what its backups send, and when they begin, hours after the window opens."""

    name: str
    why: str
    size_gb: int | None = 1000
    sent_gb: int | None = 10
    version: str = "4.0"
    host: str = "HV01"
    volume: str = "Volume1"
    format: str = "VHDX"
    type: str = "Microsoft Hyper-V"
    pass_through: bool = False
    starts_h: float = 0.0
    waits_h: float = 0.0
    queued_h: float = 0.0
    nights: int = NIGHTS
    failed: tuple[int, ...] = ()
    checked: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Its volume."""
        return rf"{VOLUMES}{self.volume}" + "\\"

    @property
    def transfer_s(self) -> int:
        """What the law says; sizes that no log states are as usual."""
        return READ_S * (self.size_gb or 1000) + SENT_S * (self.sent_gb or 10)


RCT = {"version": "9.0", "host": "HV02", "type": "Microsoft Hyper-V RCT"}
MACHINES = (
    Machine("Scans", "scan_dominates"),
    Machine("Passes", "scan_dominates", version="5.0", host="HV02", pass_through=True),
    Machine("Grown", "scan_dominates", 1200, 20),
    Machine("Old", "old_vm_version", 1100, 30, version="5.0", host="HV02"),
    Machine("Vhd", "vhd_format", 1050, 15, version="8.0", host="HV02", format="VHD"),
    Machine("Lost", "tracking_lost", checked=(1,), **RCT),
    Machine("Works", "plan_needed", **RCT),
    Machine("Meets", "tracking_meets", 100, **RCT),
    Machine("Waits", "not_simulated", 400, volume="Volume2", waits_h=5),
    # sends more than those of its size, so that it stands behind those whom its earlier start would make wait
    Machine("Begins", "starts_late", 300, 45, starts_h=6),
    Machine("Queued", "not_simulated", 300, starts_h=6, queued_h=6),
    Machine("Sends", "cannot_meet", 10, 3000),
    Machine("Bare", "no_disk_size", None),
    Machine("Mute", "no_bytes_sent", sent_gb=None),
    Machine("New", "few_transfers", nights=2),
    Machine("Fails", "failed_not_late", 100, failed=(1, 2)),
    Machine("Fits", "meets_window", 50, 40),
)


def write_advice(folder: Path) -> None:
    """The whole estate, and a VM that is backed up by an agent inside it."""
    _write(
        folder,
        MACHINES,
        [f"{_guid(9999)},,Replication,Succeeded,C:\\,Volume,Guest,VMs,{{0}},{{0}},{{1}},1,,,,DPM01"],
    )


def write_few_jobs(folder: Path) -> None:
    """Seven transfers are too few to fit a rate."""
    _write(
        folder,
        [replace(MACHINES[0], name=f"Few{number}", why="few_jobs", nights=3 + number) for number in (0, 1)],
        [],
    )


def _write(folder: Path, machines: tuple[Machine, ...] | list[Machine], guests: list[str]) -> None:
    jobs, lines = [], {"HV01": [], "HV02": []}
    for number, machine in enumerate(machines):
        for night in range(machine.nights):
            task = _guid(100 * number + night)
            begun, ended, written = _job(machine, night, task)
            jobs.append(_record(machine, task, begun, ended, night in machine.failed))
            lines[machine.host] += written
        jobs += [_check(machine, 100 * number + 50 + night, night) for night in machine.checked]
    jobs += [line.format(_stamp(MONDAY), _stamp(MONDAY + dt.timedelta(hours=1))) for line in guests]
    disks = [_disk(number, machine) for number, machine in enumerate(machines) if machine.size_gb]
    disks += (
        [f"Guest,{_guid(9998)},HV01,,4.0,{VOLUMES}Volume1\\Guest\\Guest.vhdx,VHDX,Dynamic,1,1,False"]
        if guests
        else []
    )
    _write_text(folder / "DPM01" / "jobs.csv", "\n".join([JOB_COLUMNS, *jobs, ""]))
    _write_text(folder / "DPM01" / "vms.csv", "\n".join([VM_COLUMNS, *disks, ""]))
    for host in sorted({machine.host for machine in machines}):
        ordered = sorted(lines[host], key=lambda line: line.split("\t")[2:4])
        _write_text(folder / host / "DPMRACurr.errlog", "".join(ordered))


def _job(machine: Machine, night: int, task: str) -> tuple[dt.datetime, dt.datetime, list[str]]:
    """Begin and end of one backup, and its lines in the errlog of its host."""
    begun = MONDAY + dt.timedelta(days=night, hours=machine.starts_h)
    moving = begun + dt.timedelta(seconds=60 + 3600 * machine.waits_h)
    moved = moving + dt.timedelta(seconds=60 if night in machine.failed else machine.transfer_s)
    ended = moved + dt.timedelta(seconds=20)

    def said(at: dt.datetime, file: str, text: str) -> str:
        return LINE.format(at=at, file=file, task=task, text=text)

    def all_said() -> Iterator[str]:
        yield said(begun, SNAPSHOT, "CVssSnapshotRequestor::InitializeSnapshotCreation")
        marked = f"CVssSnapshotRequestor: AddVolumeForSnapshot - Marked volume {machine.path} to be snapshot"
        yield said(begun + dt.timedelta(seconds=10), SNAPSHOT, marked)
        refusal = (
            f"Failed: Hr: = [0x8007173d] : ClusterPrepareSharedVolumeForBackup for {machine.path} failed"
        )
        for minutes in range(0, round(60 * machine.waits_h), 3):
            yield said(begun + dt.timedelta(minutes=minutes, seconds=10), "csvapi.cpp(400)", refusal)
        provider = r"ProviderId:[{B5946137-7B9F-4925-AF80-51ABD60B20D5}], h/w provider:[0], volume:[\\?\Volume{GUID}\]"
        yield said(moving - dt.timedelta(seconds=5), SNAPSHOT, f"CVssSnapshotRequestor:: {provider}")
        begin = "CDatasetFixupSubTaskBase::BeginDataMove"
        yield said(moving, "datasetfixupsubtaskbase.cpp(227)", begin)
        if night not in machine.failed:
            yield said(moved, SNAPSHOT, "CVssSnapshotRequestor::StartBackupComplete")
        yield said(
            moved + dt.timedelta(seconds=8),
            "freesnapshotsubtask.cpp(671)",
            "CFreeSnapshotSubTask: ReleaseSnapshot",
        )

    return begun, ended, list(all_said())


def _record(machine: Machine, task: str, begun: dt.datetime, ended: dt.datetime, is_failed: bool) -> str:
    sent = "" if machine.sent_gb is None else machine.sent_gb * GB
    status, error = ("Failed", 104) if is_failed else ("Succeeded", "")
    return (
        rf"{task},,Replication,{status},\Backup Using Child Partition Snapshot\{machine.name},{machine.type},"
        f"{machine.host},VMs,{_stamp(begun - dt.timedelta(hours=machine.queued_h))},{_stamp(begun)},{_stamp(ended)},"
        f"{sent},{error},,,DPM01"
    )


def _check(machine: Machine, number: int, night: int) -> str:
    begun = MONDAY + dt.timedelta(days=night, hours=14)
    return (
        rf"{_guid(number)},,Validation,Succeeded,\Backup Using Child Partition Snapshot\{machine.name},{machine.type},"
        f"{machine.host},VMs,{_stamp(begun)},{_stamp(begun)},{_stamp(begun + dt.timedelta(hours=1))},1,,,,DPM01"
    )


def _disk(number: int, machine: Machine) -> str:
    size = (machine.size_gb or 0) * GB
    ending = machine.format.lower()
    whole = (
        rf"{machine.path}{machine.name}\{machine.name}.{ending},{machine.format},Fixed,{size},{size},False"
    )
    line = f"{machine.name},{_guid(number)},{machine.host},,{machine.version}"
    through = f"\n{line},PhysicalDrive3,,,{size},,True" if machine.pass_through else ""
    return f"{line},{whole}{through}"


def _guid(number: int) -> str:
    return f"B58FB72E-8A2F-4970-843B-{number:012X}"


def _stamp(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
