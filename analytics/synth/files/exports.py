"""Job records in the other forms that users bring (dpm-formats.md 3 and 4), one function per form.

Labels, columns and row formats are those of the reference. What it calls unproven (the Japanese labels of
the console, a raw Get-DPMJob export) is our best guess.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from analytics.synth.estate import DOMAIN
from analytics.synth.files.cultures import local_text, us_text
from analytics.synth.files.records import (
    GROUPS,
    JOB_COLUMNS,
    STATUS,
    category,
    data_source,
    failure_of,
    iso_ms,
    job_history,
    job_row,
    to_csv,
)
from analytics.synth.files.wording import ENGLISH, JAPANESE
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs

_GIGABYTE = 2**30
_MEGABYTE = 2**20

# tbl_JM_JobDefinition.Type (dpm-formats.md 3.3)
_JOB_TYPE_GUIDS = {
    "express_full": "3D859D8C-D0BB-4142-8696-C0D215203E0D",
    "initial_replica": "3D859D8C-D0BB-4142-8696-C0D215203E0D",
    "consistency_check": "C4CAE2F7-F068-4A37-914E-9F02991868DA",
    "online": "6E7C76F4-A832-4418-A772-8E58FD7466CB",
}
_LAST_STATES = {1: "Run", 2: "Success", 3: "Failure"}
_CONSOLE_TYPES = {
    "express_full": ("Recovery point", "回復ポイント"),
    "initial_replica": ("Replica creation", "レプリカの作成"),
    "consistency_check": ("Consistency check", "整合性チェック"),
    "online": ("Online recovery point", "オンライン回復ポイント"),
}
_CONSOLE_STATUS = {
    "succeeded": ("Completed", "完了"),
    "warning": ("Completed with warnings", "完了 (警告あり)"),
    "failed": ("Failed", "失敗"),
    "cancelled": ("Canceled", "取り消し済み"),
    "running": ("In progress", "進行中"),
}
_CONSOLE_LABELS = (
    ("Type", "種類"),
    ("Status", "状態"),
    ("Description", "説明"),
    ("More information", "詳細情報"),
    ("End time", "終了時刻"),
    ("Start time", "開始時刻"),
    ("Time elapsed", "経過時間"),
    ("Data transferred", "転送されたデータ"),
    ("Cluster node", "クラスター ノード"),
    ("Recovery Point Type", "回復ポイントの種類"),
    ("Source details", "ソースの詳細"),
    ("Protection group", "保護グループ"),
)


class _Export(NamedTuple):
    """A file's name and its content, made of the jobs of one DPM server."""

    name: str
    content: Callable[[Sequence[Job], Knobs], bytes]


def _jobs_csv(jobs: Sequence[Job], knobs: Knobs) -> bytes:
    return to_csv(JOB_COLUMNS, (job_row(job, knobs) for job in jobs))


def _all_quoted(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def _get_dpmjob_csv(jobs: Sequence[Job], knobs: Knobs) -> bytes:
    """`Get-DPMJob | Export-Csv` of PowerShell 5: #TYPE line, all quoted, lists as type names, ANSI."""
    header = (
        "JobId",
        "JobCategory",
        "JobType",
        "Status",
        "HasCompleted",
        "StartTime",
        "EndTime",
        "DataSize",
        "DataSources",
        "ProtectionGroupName",
        "TaskList",
    )
    rows = (_get_dpmjob_row(job, knobs) for job in jobs)
    type_line = "#TYPE Microsoft.Internal.EnterpriseStorage.Dls.UI.ObjectModel.OMCommon.Job\r\n"
    codec = "cp932" if knobs.culture == "ja-JP" else "cp1252"
    return (type_line + _all_quoted((header, *rows))).encode(codec, errors="replace")


def _get_dpmjob_row(job: Job, knobs: Knobs) -> tuple[object, ...]:
    end_s = job.at_s("end")
    return (
        job.dpm_job_id.lower(),
        category(job),
        category(job),
        STATUS[job.outcome],
        str(end_s is not None),
        _local(job.at_s("start"), knobs),
        _local(end_s, knobs),
        job.bytes_transferred or 0,
        data_source(job)[0],
        GROUPS[job.vm.group],
        "System.Collections.Generic.List`1[Microsoft.Internal.EnterpriseStorage.Dls.UI.ObjectModel.OMCommon.Task]",
    )


def _local(at_s: float | None, knobs: Knobs) -> str:
    return "" if at_s is None else local_text(at_s, knobs.site_time_zone, knobs.culture)


def _console(jobs: Sequence[Job], knobs: Knobs, language: int) -> bytes:
    records = ("".join(f"{line}\r\n" for line in _console_lines(job, knobs, language)) for job in jobs)
    return "\r\n".join(records).encode("utf-8-sig")


def _console_lines(job: Job, knobs: Knobs, language: int) -> list[str]:
    """The details of one job as pasted from the console (sample 09): two labels have no colon."""
    values = _console_values(job, knobs, language)
    lines = []
    for labels, value in zip(_CONSOLE_LABELS, values, strict=True):
        label = labels[language]
        if labels[0] in {"Cluster node", "Recovery Point Type"}:
            lines.append(f"{label}   {value}")
        elif labels[0] == "More information":
            lines.append(label)
        elif value or labels[0] != "Description":
            lines.append(f"{label}:    {value}".rstrip())
    return lines


def _console_values(job: Job, knobs: Knobs, language: int) -> tuple[str, ...]:
    start_s, end_s = job.at_s("start"), job.at_s("end")
    failed = failure_of(job) is not None
    return (
        _CONSOLE_TYPES[job.request.kind][language],
        _CONSOLE_STATUS[job.outcome][language],
        (ENGLISH, JAPANESE)[language][job.failed_in] if failed else "",
        "",
        _local(end_s, knobs),
        _local(start_s, knobs),
        "" if start_s is None or end_s is None else _elapsed(end_s - start_s),
        _transferred(job.bytes_transferred),
        f"{job.vm.host.name}.{DOMAIN}",
        "Express Full",
        data_source(job)[0],
        GROUPS[job.vm.group],
    )


def _elapsed(duration_s: float) -> str:
    seconds = int(duration_s)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _transferred(size_bytes: int | None) -> str:
    if not size_bytes:
        return "0 MB"
    return f"{size_bytes / _GIGABYTE:.2f} GB ({size_bytes} bytes)"


def _task_trail(jobs: Sequence[Job], _: Knobs) -> bytes:
    """The documented query on tbl_TE_TaskTrail; ExecutionState 1 in progress, 2 succeeded, 3 failed."""
    header = (
        "TaskID",
        "JobID",
        "JobTypeGuid",
        "ProtectionGroup",
        "DataSourceName",
        "ServerName",
        "ExecutionState",
        "ErrorCode",
        "LastStateName",
        "CreatedDateTime",
        "StartedDateTime",
        "StoppedDateTime",
    )
    return to_csv(header, (_task_trail_row(job) for job in jobs))


def _task_trail_row(job: Job) -> tuple[object, ...]:
    failure = failure_of(job)
    state = {"running": 1, "failed": 3, "cancelled": 3}.get(job.outcome, 2)
    return (
        job.task_id,
        job.dpm_job_id,
        _JOB_TYPE_GUIDS[job.request.kind],
        GROUPS[job.vm.group],
        data_source(job)[0],
        data_source(job)[2],
        state,
        failure.code if failure else "NULL",
        _LAST_STATES[state],
        _sql_time(job.request.release_s),
        _sql_time(job.at_s("start")),
        _sql_time(job.at_s("end")),
    )


def _sql_time(at_s: float | None) -> str:
    # Management Studio prints datetime values so; NULL stands for none.
    return "NULL" if at_s is None else iso_ms(at_s).rstrip("Z").replace("T", " ")


def _log_analytics(jobs: Sequence[Job], _: Knobs) -> bytes:
    """AddonAzureBackupJobs as the portal exports it."""
    header = (
        "TimeGenerated [UTC]",
        "JobUniqueId",
        "JobOperation",
        "JobStatus",
        "JobStartDateTime [UTC]",
        "JobDurationInSecs",
        "DataTransferredInMB",
        "JobFailureCode",
        "BackupItemFriendlyName",
        "BackupManagementType",
        "BackupManagementServerUniqueId",
        "AdhocOrScheduledJob",
    )
    return to_csv(header, (_azure_row(job) for job in jobs))


def _azure_diagnostics(jobs: Sequence[Job], _: Knobs) -> bytes:
    """The legacy table: the same fields with a suffix for their type."""
    header = (
        "TimeGenerated [UTC]",
        "JobUniqueId_g",
        "JobOperation_s",
        "JobStatus_s",
        "JobStartDateTime_s",
        "JobDurationInSecs_s",
        "DataTransferredInMB_s",
        "JobFailureCode_s",
        "BackupItemFriendlyName_s",
        "BackupManagementType_s",
        "BackupManagementServerUniqueId_s",
        "AdhocOrScheduledJob_s",
        "Category",
        "EventName_s",
        "OperationName",
    )
    tail = ("AzureBackupReport", "AzureBackupCentralReport", "Job")
    return to_csv(header, ((*_azure_row(job), *tail) for job in jobs))


def _azure_row(job: Job) -> tuple[object, ...]:
    start_s, end_s, failure = job.at_s("start") or 0.0, job.at_s("end"), failure_of(job)
    status = {"succeeded": "Completed", "warning": "CompletedWithWarnings", "running": "InProgress"}
    return (
        iso_ms(start_s if end_s is None else end_s),
        job.dpm_job_id.lower(),
        {"consistency_check": "ConsistencyCheck"}.get(job.request.kind, "Backup"),
        status.get(job.outcome, job.outcome.capitalize()),
        iso_ms(start_s),
        "" if end_s is None else f"{end_s - start_s:.3f}",
        "" if job.bytes_transferred is None else f"{job.bytes_transferred / _MEGABYTE:.6f}",
        f"DPM{failure.code}" if failure else "Success",
        job.vm.name,
        "DPM",
        job.vm.host.server.name,
        "Scheduled",
    )


def _online_history(jobs: Sequence[Job], _: Knobs) -> bytes:
    """<COMPUTER>_CBENGINE_online_job_history_.txt of the SDP collector (sample 16), online jobs only."""
    header = (
        "JobType       Start (UTC Time)         End (UTC Time)           State       "
        "Data Transfer (MB)   "
        "Production Server                      Name                                   "
        "DPM/CBENGINE TaskID                    DetailedErrorCode   ErrorCode"
    )
    dashes = (11, 22, 22, 9, 18, 36, 36, 36, 17, 10)
    lines = [header, "   ".join("-" * width for width in dashes)]
    lines += [_online_row(job) for job in jobs if job.request.kind == "online"]
    return ("".join(f"{line}\r\n" for line in lines)).encode("utf-16")


def _online_row(job: Job) -> str:
    failure = failure_of(job)
    start, end = (_utc_text(job.at_s(kind)) for kind in ("start", "end"))
    megabytes = f"{(job.bytes_transferred or 0) / _MEGABYTE:,.2f}"
    codes = (failure.hresult, failure.code) if failure else (0, 0)
    return (
        f"{'CloudBackup':<11}   {start:<22}   {end:<22}   {STATUS[job.outcome]:<9}   {megabytes:>18}   "
        f"{data_source(job)[2]:<36}   {job.vm.name:<36}   {job.task_id.lower()}   "
        f"{codes[0]:17x}   {codes[1]:10x}"
    )


def _utc_text(at_s: float | None) -> str:
    return "" if at_s is None else us_text(datetime.fromtimestamp(at_s, UTC))


EXPORTS: dict[str, tuple[_Export, ...]] = {
    "jobs-csv": (_Export("jobs.csv", _jobs_csv), _Export("DPM_Job_History.txt", job_history)),
    "dpm-job-history": (_Export("DPM_Job_History.txt", job_history),),
    "get-dpmjob-csv": (_Export("Get-DPMJob.csv", _get_dpmjob_csv),),
    "console": (_Export("console.txt", lambda jobs, knobs: _console(jobs, knobs, 0)),),
    "console-ja": (_Export("console-ja.txt", lambda jobs, knobs: _console(jobs, knobs, 1)),),
    "task-trail-csv": (_Export("TaskTrail.csv", _task_trail),),
    "log-analytics": (_Export("AddonAzureBackupJobs.csv", _log_analytics),),
    "azure-diagnostics": (_Export("AzureDiagnostics.csv", _azure_diagnostics),),
    "cbengine-history": (_Export("DPM01_CBENGINE_online_job_history_.txt", _online_history),),
    "none": (),
}
