"""Job records in the other forms that users bring."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import synth_reading as reading

from analytics.synth import Knobs, Truth, write_estate

SMALL = {"vms": 8, "nights": 2, "seed": 4, "online_share": 0.5, "failure_share": 0.4, "hostile_share": 0.4}
FILES = {
    "dpm-job-history": "DPM_Job_History.txt",
    "get-dpmjob-csv": "Get-DPMJob.csv",
    "console": "console.txt",
    "console-ja": "console-ja.txt",
    "task-trail-csv": "TaskTrail.csv",
    "log-analytics": "AddonAzureBackupJobs.csv",
    "azure-diagnostics": "AzureDiagnostics.csv",
    "cbengine-history": "DPM01_CBENGINE_online_job_history_.txt",
}


def write(folder: Path, form: str, culture: str = "ja-JP") -> tuple[bytes, Truth]:
    """The job records of a small estate in that form, and its truth."""
    truth = write_estate(folder / "out", Knobs(**SMALL, job_records=form, culture=culture))
    return (folder / "out" / "DPM01" / FILES[form]).read_bytes(), truth


@pytest.mark.parametrize("form", FILES)
def test_only_this_form_is_written(tmp_path: Path, form: str) -> None:
    """The form replaces jobs.csv; no other table of jobs stands beside it."""
    write(tmp_path, form)
    tables = {path.name for path in (tmp_path / "out" / "DPM01").iterdir() if ".errlog" not in path.name}

    assert tables == {"collection.json", FILES[form]}


def test_none_leaves_starts_and_ends_unwritten(tmp_path: Path) -> None:
    """Without job records the truth says that start and end stand nowhere."""
    truth = write_estate(tmp_path / "out", Knobs(**SMALL, job_records="none"))

    assert {b.written for b in truth.boundaries if b.boundary in {"start", "end"}} == {False}
    assert not list((tmp_path / "out").rglob("jobs.csv"))


@pytest.mark.parametrize(
    ("culture", "pattern"),
    [("ja-JP", "%Y/%m/%d %H:%M:%S"), ("en-US", "%m/%d/%Y %I:%M:%S %p"), ("de-DE", "%d.%m.%Y %H:%M:%S")],
)
def test_get_dpmjob_has_local_dates(tmp_path: Path, culture: str, pattern: str) -> None:
    """A raw export has #TYPE, an ANSI encoding and local dates of its culture, one row per job."""
    content, truth = write(tmp_path, "get-dpmjob-csv", culture)
    text = content.decode("cp932" if culture == "ja-JP" else "cp1252")
    rows = list(csv.DictReader(io.StringIO(text.partition("\r\n")[2], newline="")))
    starts = {job.dpm_job_id.lower(): datetime.fromisoformat(job.started_at) for job in truth.jobs}
    zone = ZoneInfo("Asia/Tokyo")

    assert text.startswith("#TYPE Microsoft.Internal.EnterpriseStorage.Dls.")
    assert len(rows) == len(starts)
    for row in rows:
        start = datetime.strptime(f"{row['StartTime']} +0900", f"{pattern} %z")
        assert start == starts[row["JobId"]].astimezone(zone).replace(microsecond=0)


def test_console_has_the_labels_of_the_sample(tmp_path: Path) -> None:
    """Pasted details carry the labels of sample 09, two of them without a colon, one block per job."""
    content, truth = write(tmp_path, "console")
    blocks = content.decode("utf-8-sig").strip().split("\r\n\r\n")
    failed = [block for block in blocks if "Status:    Failed" in block]

    assert len(blocks) == len(truth.jobs)
    assert len(failed) == sum(job.outcome == "failed" for job in truth.jobs) > 0
    assert all(re.search(r"\(ID \d+ Details: .*0x[0-9A-F]{8}\)", block) for block in failed)
    assert all(
        re.search(r"^Cluster node   HV0\d\.contoso\.local\r$", block, re.MULTILINE) for block in blocks
    )
    assert all(re.search(r"^Time elapsed:    \d\d:\d\d:\d\d\r$", block, re.MULTILINE) for block in failed)
    sizes = [int(size) for block in blocks for size in re.findall(r"GB \((\d+) bytes\)", block)]
    assert sizes == [job.bytes_transferred for job in truth.jobs if job.bytes_transferred]


def test_japanese_console_keeps_id_and_hresult(tmp_path: Path) -> None:
    """The Japanese form says 詳細 where the English one says Details, as in sample 17."""
    content, truth = write(tmp_path, "console-ja")
    codes = re.findall(r"\(ID (\d+) 詳細: [^\r]*(0x[0-9A-F]{8})\)?\)\r", content.decode("utf-8-sig"))

    assert codes == [(str(job.error_code), job.hresult) for job in truth.jobs if job.error_code]


def test_task_trail_is_in_utc(tmp_path: Path) -> None:
    """The DPMDB's rows have UTC times without zone, NULL for none, and states 1, 2, 3."""
    content, truth = write(tmp_path, "task-trail-csv")
    rows = {
        row["TaskID"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    }

    assert len(rows) == len(truth.jobs)
    for job in truth.jobs:
        row = rows[job.job_id]
        assert row["StartedDateTime"] == job.started_at.replace("T", " ").rstrip("Z")
        assert (row["StoppedDateTime"] == "NULL", row["ExecutionState"] == "1") == (
            (job.outcome == "running",) * 2
        )
        assert row["ErrorCode"] == str(job.error_code or "NULL")


@pytest.mark.parametrize(("form", "suffix"), [("log-analytics", ""), ("azure-diagnostics", "_g")])
def test_azure_rows_have_bytes_in_mb(tmp_path: Path, form: str, suffix: str) -> None:
    """Both tables name jobs by DPM's job id and give MB and seconds that lead back to the truth."""
    content, truth = write(tmp_path, form)
    rows = {
        row[f"JobUniqueId{suffix}"].upper(): row
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    }
    short = "_s" if suffix else ""

    assert len(rows) == len(truth.jobs)
    for job in truth.jobs:
        row = rows[job.dpm_job_id]
        if job.bytes_transferred is not None:
            assert abs(float(row[f"DataTransferredInMB{short}"]) * 2**20 - job.bytes_transferred) < 1
        assert row[f"BackupItemFriendlyName{short}"] == job.vm


def test_online_history_has_the_columns_of_the_sample(tmp_path: Path) -> None:
    """The collector's table: columns under their dashes, online jobs only, error codes in hexadecimal."""
    content, truth = write(tmp_path, "cbengine-history")
    lines = reading.decode(content).split("\r\n")
    spans = [found.span() for found in re.finditer("-+", lines[1])]
    heads = [lines[0][begin:end].strip() for begin, end in spans]
    online = {job.job_id: job for job in truth.jobs if job.kind == "online"}
    seen = [re.search(reading.G, line) for line in lines[2:-1]]

    assert heads[0] == "JobType"
    assert heads[7:] == ["DPM/CBENGINE TaskID", "DetailedErrorCode", "ErrorCode"]
    assert {found[0].upper() for found in seen if found} == set(online)
    assert sum("80780054" in line and "186c2" in line for line in lines) == sum(
        job.outcome == "failed" for job in online.values()
    )
