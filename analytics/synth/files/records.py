"""The tables beside the logs: jobs.csv, vms.csv, collection.json and DPM_Job_History.txt (contract.md 3)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from analytics.synth.estate import DOMAIN, VM, Disk, cluster_name
from analytics.synth.files.cultures import local_text
from analytics.synth.files.wording import ENGLISH, JAPANESE
from analytics.synth.job import FAILURES, Failure, Job
from analytics.synth.knobs import Knobs

JOB_COLUMNS = (
    "TaskId",
    "JobId",
    "JobCategory",
    "Status",
    "Datasource",
    "DatasourceType",
    "ProductionServerName",
    "ProtectionGroupName",
    "CreatedTime",
    "StartTime",
    "EndTime",
    "DataSizeBytes",
    "ErrorCode",
    "DetailedErrorCode",
    "ErrorText",
    "DpmServer",
)
VM_COLUMNS = (
    "VMName",
    "VMId",
    "HostName",
    "ClusterName",
    "VMVersion",
    "VhdPath",
    "VhdFormat",
    "VhdType",
    "MaxSizeBytes",
    "FileSizeBytes",
    "PassThrough",
)
_HISTORY_COLUMNS = (
    "starttime",
    "endtime",
    "Datasource",
    "ProductionServerName",
    "Jobcategory",
    "Status",
    "JobId",
    "taskid",
    "protectiongroupname",
    "errorinfo",
)

STATUS = {
    "succeeded": "Succeeded",
    "warning": "Warning",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "running": "InProgress",
}
GROUPS = ("VMs on CSV", "夜間バックアップ, Tier 2")


def iso_ms(at_s: float | None) -> str:
    """ISO 8601 in UTC with milliseconds and Z; empty where there is no time."""
    if at_s is None:
        return ""
    ms = round(at_s * 1000)
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file: UTF-8 with BOM, comma, CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def collection_json(host: str, role: str, at_s: float, knobs: Knobs) -> bytes:
    """collection.json of one machine."""
    facts = {"host": host, "role": role, "collected_at": iso_ms(at_s), "time_zone": knobs.site_time_zone}
    return (json.dumps(facts, indent=2) + "\n").encode("utf-8-sig")


def guest_computer(vm: VM) -> str:
    """The computer name of a VM that is backed up at guest level."""
    return vm.name.upper()


def category(job: Job) -> str:
    """The job's category in the enum of Get-DPMJob; Hyper-V express fulls come as either of two."""
    if job.request.kind == "express_full":
        return "ShadowCopy" if job.vm.group == 0 and job.level == "host" else "Replication"
    return {
        "consistency_check": "Validation",
        "initial_replica": "InitialReplication",
        "online": "CloudBackup",
    }[job.request.kind]


def data_source(job: Job) -> tuple[str, str, str]:
    """Datasource, its type and the production server, as DPM names them."""
    vm = job.vm
    if vm.method == "guest":
        return "C:\\", "Volume", f"{guest_computer(vm)}.{DOMAIN}"
    server = f"{vm.host.name}.{DOMAIN}"
    if vm.method == "rct":
        return vm.name, "Microsoft Hyper-V RCT", server
    return f"\\Backup Using Child Partition Snapshot\\{vm.name}", "Microsoft Hyper-V", server


def failure_of(job: Job) -> Failure | None:
    """DPM's error id and HRESULT, if the job has one."""
    return FAILURES.get(job.failed_in) if job.outcome != "running" else None


def _error_text(job: Job, language: str) -> str:
    if failure_of(job) is None:
        return ""
    japanese = language == "ja" or (language == "mixed" and int(job.task_id[0], 16) % 2 == 0)
    return (JAPANESE if japanese else ENGLISH)[job.failed_in]


def job_row(job: Job, knobs: Knobs) -> tuple[object, ...]:
    """One row of jobs.csv; PowerShell prints GUIDs in lower case."""
    failure = failure_of(job)
    return (
        job.task_id.lower(),
        job.dpm_job_id.lower(),
        category(job),
        STATUS[job.outcome],
        *data_source(job),
        GROUPS[job.vm.group],
        iso_ms(job.request.release_s),
        iso_ms(job.at_s("start")),
        iso_ms(job.at_s("end")),
        "" if job.bytes_transferred is None else job.bytes_transferred,
        failure.code if failure else "",
        f"0x{failure.hresult:08X}" if failure else "",
        _error_text(job, knobs.error_language),
        job.vm.host.server.name,
    )


def vm_rows(vm: VM, night: int) -> list[tuple[object, ...]]:
    """The rows of vms.csv for one VM as it is after so many nights."""
    return [_disk_row(vm, disk, night) for disk in vm.disks]


def _disk_row(vm: VM, disk: Disk, night: int) -> tuple[object, ...]:
    sizes: tuple[object, object] = ("", "") if disk.pass_through else (disk.max_bytes, disk.size_bytes(night))
    return (
        vm.name,
        vm.vm_id.lower(),
        vm.host.name,
        cluster_name(vm.host.cluster),
        vm.version,
        disk.path,
        disk.format,
        disk.type,
        *sizes,
        str(disk.pass_through),
    )


def job_history(jobs: Sequence[Job], knobs: Knobs) -> bytes:
    """DPM_Job_History.txt: PowerShell's `ft -AutoSize | Out-File -Encoding ascii -Width 1000`.

    Times are in the zone of the knob `history_zone` and in the form of `culture`; what is not ASCII is `?`.
    """
    zone = "UTC" if knobs.history_zone == "utc" else knobs.site_time_zone
    rows = [_history_row(job, zone, knobs.culture) for job in jobs]
    widths = [max(len(row[i]) for row in (_HISTORY_COLUMNS, *rows)) for i in range(len(_HISTORY_COLUMNS))]
    dashes = tuple("-" * len(name) for name in _HISTORY_COLUMNS)
    lines = ["", *(_history_line(row, widths) for row in (_HISTORY_COLUMNS, dashes, *rows)), "", ""]
    return "".join(line + "\r\n" for line in lines).encode("ascii", errors="replace")


def _history_line(row: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(value.ljust(width) for value, width in zip(row, widths, strict=True))[:1000].rstrip()


def _history_row(job: Job, zone: str, culture: str) -> tuple[str, ...]:
    source, _, server = data_source(job)
    start_s, end_s = job.at_s("start"), job.at_s("end")
    return (
        "Not Started" if start_s is None else local_text(start_s, zone, culture),
        "Not Completed" if end_s is None else local_text(end_s, zone, culture),
        source,
        server,
        category(job),
        STATUS[job.outcome],
        job.dpm_job_id.lower(),
        job.task_id.lower(),
        GROUPS[job.vm.group],
        _short_problem(job) if failure_of(job) else "----------",
    )


def _short_problem(job: Job) -> str:
    return ENGLISH[job.failed_in].partition(" (ID ")[0]
