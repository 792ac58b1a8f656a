"""Small logs written for the walk over all values: what no sample shows, each kind of it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from analytics.ingest import IngestOptions
from analytics.site import Site
from tests.model.advice import write_advice, write_few_jobs
from tests.model.test_samples import GOOD

JOB_COLUMNS = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
)
VM_COLUMNS = (
    "VMName,VMId,HostName,ClusterName,VMVersion,VhdPath,VhdFormat,VhdType,MaxSizeBytes,FileSizeBytes,"
    "PassThrough"
)
LINE = "0A44\t4B18\t{stamp}\t31\tvsssnapshotrequestor.cpp(233)\t[00000003A0EABA50]\t{task}\tNORMAL\t{text}\n"
EVENT = (
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/>"
    "<EventID>{id}</EventID><TimeCreated SystemTime='{at}'/><EventRecordID>{record}</EventRecordID>"
    "<Channel>{channel}</Channel><Computer>HV01</Computer></System><EventData>{data}</EventData></Event>\n"
)
MONDAY = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
GIGABYTE = 10**9

# Names that no sample log bears, as the products and their localised consoles write them.
CATEGORIES = (
    "Recovery point",
    "Synchronization",
    "Replica creation",
    "Online recovery point",
    "84021b5e-b4dc-9b27-2b7e-3b99bb1225ff",
    "回復ポイント",
    "整合性チェック",
    "同期",
    "レプリカの作成",
    "Tape backup",
)
STATUSES = (
    "Cancelling",
    "Canceled",
    "Scheduled",
    "Completed with warnings",
    "Partially succeeded",
    "Aborted",
    "0",
    "成功",
    "実行中",
    "警告",
    "取り消し",
)
SERVER_LOGS = (
    "LAAgent",
    "DPMLA",
    "DPMUI",
    "DPMCLI",
    "DPMMAC",
    "DPMAC",
    "DPMAccessManager",
    "DpmBackup",
    "DPMWriter",
)


@dataclass(frozen=True)
class Written:
    """Logs that `write` puts into a folder, and what the user says of them."""

    write: Callable[[Path], None]
    options: IngestOptions = field(default_factory=IngestOptions)
    site: Site = field(default_factory=Site)


@dataclass(frozen=True)
class Job:
    """One line of jobs.csv: when it ran, in hours after the first window opens, and how it ended."""

    vm: str
    from_h: float
    to_h: float | None
    status: str = "Succeeded"
    category: str = "Replication"
    type: str = "Microsoft Hyper-V"
    error: int = 0
    task: str = ""


def guid(number: int) -> str:
    """A GUID that looks like one of DPM's."""
    return f"B58FB72E-8A2F-4970-843B-{number:012X}"


def moment(hours: float | None) -> str:
    """Hours after the first window opens, as our files write it."""
    return "" if hours is None else f"{MONDAY + dt.timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def write_text(path: Path, text: str) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_jobs(folder: Path, jobs: Iterable[Job]) -> None:
    """jobs.csv of a DPM server."""
    lines = [
        f"{job.task or guid(number)},{guid(1000 + number)},{job.category},{job.status},"
        rf"\Backup Using Child Partition Snapshot\{job.vm},{job.type},HV01,VMs,{moment(job.from_h)},"
        f"{moment(job.from_h)},{moment(job.to_h)},{GIGABYTE},{job.error},,,DPM01"
        for number, job in enumerate(jobs)
    ]
    write_text(folder / "DPM01" / "jobs.csv", "\n".join([JOB_COLUMNS, *lines, ""]))


def write_vms(folder: Path, versions: dict[str, str]) -> None:
    """vms.csv of a host: each VM with one disk."""
    lines = [
        rf"{vm},{guid(number)},HV01,CLU01,{version},C:\ClusterStorage\Volume1\{vm}\{vm}.vhdx,VHDX,Dynamic,"
        f"{100 * GIGABYTE},{50 * GIGABYTE},False"
        for number, (vm, version) in enumerate(versions.items())
    ]
    write_text(folder / "HV01" / "vms.csv", "\n".join([VM_COLUMNS, *lines, ""]))


def write_names(folder: Path) -> None:
    """A job of each category and one of each status."""
    jobs = [Job("VM1", 24 * day, 24 * day + 1, category=name) for day, name in enumerate(CATEGORIES)]
    jobs += [Job("VM2", 24 * day, 24 * day + 1, status=name) for day, name in enumerate(STATUSES)]
    write_jobs(folder, jobs)


def write_services(folder: Path) -> None:
    """An errlog of each service that no sample has."""
    for name in SERVER_LOGS:
        line = LINE.format(stamp="02/03\t13:00:02.747", task=guid(0), text=f"{name} has started")
        write_text(folder / "DPM01" / f"{name}Curr.errlog", line)


def write_years(folder: Path) -> None:
    """The year from the stamp of a crash file, and from the job record with the same task GUID, as is the host."""
    line = LINE.format(stamp="06/01\t20:55:45.000", task="", text="Crash")
    write_text(folder / "a" / "MSDPMCurr.errlog.2016-06-01_20-55-45.Crash", line)
    line = LINE.format(stamp="02/03\t22:00:02.000", task=guid(1), text="Something happened")
    write_text(folder / "b" / "DPMRACurr.errlog", line)
    write_jobs(folder, [Job("VM1", 0, 1, task=guid(1))])


def write_folder(folder: Path) -> None:
    """The worked example of the contract: the VM's name stands in the path of its disk alone."""
    write_text(folder / "log.txt", GOOD)


def write_nights(folder: Path) -> None:
    """Every way in which a night can end, and VMs that are late although changes are tracked."""
    jobs = [Job("Waits", 24 * night, 24 * night + 1) for night in range(4)]
    jobs += [Job("Runs", 0, None, "InProgress"), Job("Begun", 144.5, None, "InProgress")]
    for night in range(4):
        jobs.append(
            Job("Rct", 24 * night, 24 * night + 11, type="Microsoft Hyper-V RCT", error=30135 * (night == 1))
        )
        jobs.append(Job("Tracks", 24 * night, 24 * night + 10))
    jobs.append(Job("Rct", 12, 13, category="Validation", type="Microsoft Hyper-V RCT"))
    write_jobs(folder, jobs)
    write_vms(
        folder, {"Rct": "8.0", "Tracks": "8.0", "Waits": "5.0", "Runs": "5.0", "Begun": "5.0", "Never": "5.0"}
    )


def write_losses(folder: Path) -> None:
    """Change tracking that an event says is lost, in a log with missing record ids."""
    write_vms(folder, {"Rct": "8.0"})
    write_jobs(
        folder, [Job("Rct", 24 * night, 24 * night + 1, type="Microsoft Hyper-V RCT") for night in range(2)]
    )
    path = r"<Data Name='VhdFileName'>C:\ClusterStorage\Volume1\Rct\Rct.vhdx</Data>"
    channel = {"provider": "Microsoft-Windows-VHDMP", "channel": "Microsoft-Windows-VHDMP-Operational"}
    events = [EVENT.format(**channel, id=9, at=moment(1.5), record=7, data=path)]
    events += [
        EVENT.format(**channel, id=1, at=moment(1.5 + n), record=7 + 2 * n, data=path) for n in range(1, 4)
    ]
    write_text(folder / "HV01" / "vhdmp.xml", "".join(events))


def write_checks(folder: Path) -> None:
    """A backup and a check without records; the DPM server's log shows the recovery point of the backup alone."""
    steps = (
        ("vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::InitializeSnapshotCreation"),
        ("datasetfixupsubtaskbase.cpp", "CDatasetFixupSubTaskBase::BeginDataMove"),
        ("vsssnapshotrequestor.cpp", "CVssSnapshotRequestor::StartBackupComplete"),
        ("freesnapshotsubtask.cpp", "CFreeSnapshotSubTask: ReleaseSnapshot"),
    )

    def line(number: int, clock: str, file: str, text: str) -> str:
        written = LINE.format(stamp=f"02/03\t{clock}.000", task=guid(number), text=text)
        return written.replace("vsssnapshotrequestor.cpp", file)

    host = [
        line(number, f"{22 + number}:0{minute}:00", *step)
        for number in (0, 1)
        for minute, step in enumerate(steps)
    ]
    server = [
        line(0, "22:04:00", "storagemanager.cs", "==>CreatePIT("),
        line(2, "23:59:59", "service.cs", "is alive"),
        line(2, "01:00:00", "service.cs", "is alive").replace("02/03", "02/04"),
    ]
    write_text(folder / "HV01" / "DPMRACurr.errlog", "".join(host))
    write_text(folder / "DPM01" / "MSDPMCurr.errlog", "".join(server))


def write_one_job(folder: Path) -> None:
    """A job, of which the site file says the rest."""
    write_jobs(folder, [Job("VM1", 0, 1)])


WRITTEN = {
    "names": Written(write_names),
    "services": Written(write_services),
    "years": Written(write_years),
    "folder": Written(write_folder, IngestOptions(host="N1", year=2011)),
    "nights": Written(write_nights),
    "losses": Written(write_losses),
    "advice": Written(write_advice, IngestOptions(year=2025)),
    "few jobs": Written(write_few_jobs, IngestOptions(year=2025)),
    "checks": Written(write_checks, IngestOptions(year=2025)),
    "site": Written(write_one_job, site=Site(tracking="change_tracking")),
}
