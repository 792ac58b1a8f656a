"""The tables beside the logs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import synth_reading as reading

from analytics.synth import Knobs, Truth, write_estate
from analytics.synth.names import HOSTILE_NAMES, folder_name

JOB_HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,"
    "CreatedTime,StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
)
VM_HEADER = (
    "VMName,VMId,HostName,ClusterName,VMVersion,VhdPath,VhdFormat,VhdType,"
    "MaxSizeBytes,FileSizeBytes,PassThrough"
)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """An estate with many failures and hostile names."""
    folder = tmp_path_factory.mktemp("records") / "out"
    knobs = Knobs(
        vms=24,
        nights=3,
        seed=9,
        hostile_share=0.9,
        failure_share=0.3,
        rct_share=0.2,
        guest_share=0.05,
        never_run_share=0.05,
        pass_through_share=0.3,
        online_share=0.3,
        error_language="mixed",
    )
    return folder, write_estate(folder, knobs)


def test_headers_are_those_of_the_contract(estate: tuple[Path, Truth]) -> None:
    """jobs.csv and vms.csv have the contract's header, a byte order mark and CRLF."""
    for name, header in (("DPM01/jobs.csv", JOB_HEADER), ("HV01/vms.csv", VM_HEADER)):
        content = (estate[0] / name).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf" + header.encode("ascii") + b"\r\n")


def test_job_records_equal_the_truth(estate: tuple[Path, Truth]) -> None:
    """Each job of the truth has exactly one record with the same task, times, bytes and error."""
    folder, truth = estate
    rows = {row["TaskId"].upper(): row for row in reading.table(folder / "DPM01" / "jobs.csv")}

    assert len(rows) == len(truth.jobs) == len(reading.table(folder / "DPM01" / "jobs.csv"))
    for job in truth.jobs:
        row = rows[job.job_id]
        assert (row["CreatedTime"], row["StartTime"], row["EndTime"]) == (
            job.created_at,
            job.started_at,
            job.ended_at,
        )
        assert row["DataSizeBytes"] == ("" if job.bytes_transferred is None else str(job.bytes_transferred))
        assert (row["ErrorCode"], row["DetailedErrorCode"]) == (str(job.error_code or ""), job.hresult)
        assert f"(ID {job.error_code} " in row["ErrorText"] if job.error_code else row["ErrorText"] == ""
        assert (row["Status"] == "InProgress") == (job.outcome == "running")


def test_data_sources_name_the_vm(estate: tuple[Path, Truth]) -> None:
    """VSS, RCT and guest jobs name their VM in the way DPM does, hostile names included."""
    folder, truth = estate
    rows = {row["TaskId"].upper(): row for row in reading.table(folder / "DPM01" / "jobs.csv")}
    shapes = set()
    for job in truth.jobs:
        row = rows[job.job_id]
        shapes.add(row["DatasourceType"])
        if row["DatasourceType"] == "Microsoft Hyper-V":
            assert row["Datasource"] == "\\Backup Using Child Partition Snapshot\\" + job.vm
        elif row["DatasourceType"] == "Microsoft Hyper-V RCT":
            assert row["Datasource"] == job.vm
            assert job.tracking in {"rct", "block_compare", "unknown"}
        else:
            assert (row["Datasource"], row["DatasourceType"]) == ("C:\\", "Volume")
            assert row["ProductionServerName"] == f"{job.vm.upper()}.contoso.local"

    assert shapes == {"Microsoft Hyper-V", "Microsoft Hyper-V RCT", "Volume"}


def test_hostile_names_survive(estate: tuple[Path, Truth]) -> None:
    """All hostile names come back from vms.csv as they are; their folders are allowed ones."""
    rows = [row for path in estate[0].glob("HV*/vms.csv") for row in reading.table(path)]

    assert set(HOSTILE_NAMES) <= {row["VMName"] for row in rows}
    assert all(not re.search(r'[<>"/|?*]', row["VhdPath"]) for row in rows)
    assert all(
        row["VhdPath"].split("\\")[3] == folder_name(row["VMName"])
        for row in rows
        if row["VhdPath"][0] == "C"
    )


def test_unprotected_vms_and_disks_are_listed(estate: tuple[Path, Truth]) -> None:
    """A VM without jobs stands in vms.csv only; pass-through disks have no size."""
    folder, truth = estate
    rows = [row for path in folder.glob("HV*/vms.csv") for row in reading.table(path)]
    protected = {job.vm for job in truth.jobs}

    assert {row["VMName"] for row in rows} - protected == {
        slot.vm for slot in truth.slots if slot.reason == "never"
    }
    assert len({row["VMName"] for row in rows}) == 24
    assert {(row["FileSizeBytes"] == "", row["PassThrough"]) for row in rows} == {
        (True, "True"),
        (False, "False"),
    }
    assert all(
        row["HostName"] == path.parent.name
        for path in folder.glob("HV*/vms.csv")
        for row in reading.table(path)
    )


def test_sizes_add_up(estate: tuple[Path, Truth]) -> None:
    """On the last night a job's VHD bytes are the file sizes of its VM's disks in vms.csv."""
    folder, truth = estate
    sizes: dict[str, int] = {}
    for path in folder.glob("HV*/vms.csv"):
        for row in reading.table(path):
            sizes[row["VMName"]] = sizes.get(row["VMName"], 0) + int(row["FileSizeBytes"] or 0)
    last = [job for job in truth.jobs if job.night == "2025-02-05"]

    assert last
    assert all(job.vhd_bytes == sizes[job.vm] for job in last)


def test_history_is_a_fixed_width_table(estate: tuple[Path, Truth]) -> None:
    """DPM_Job_History.txt is ASCII; the dashes line gives the columns, one row per job."""
    folder, truth = estate
    lines = (folder / "DPM01" / "DPM_Job_History.txt").read_bytes().decode("ascii").split("\r\n")
    starts = [found.start() for found in re.finditer("-+", lines[2])]
    cut = [
        [line[begin:end].strip() for begin, end in zip(starts, [*starts[1:], None], strict=True)]
        for line in lines[1:]
        if line
    ]
    running = [row for row in cut if row[1] == "Not Completed"]

    assert cut[0] == [
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
    ]
    assert {row[7].upper() for row in cut[2:]} == {job.job_id for job in truth.jobs}
    assert all(re.fullmatch(r"2025/02/\d\d \d+:\d\d:\d\d", row[0]) for row in cut[2:])
    assert len(running) == sum(job.outcome == "running" for job in truth.jobs) == 1
