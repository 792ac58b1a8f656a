"""Backup windows: the states of the SLA, the nights on which clocks change, windows inside one day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from uuid import UUID

import pytest

from analytics.ingest import ingest
from analytics.site import Site
from analytics.sql import open_session
from analytics.store import Store

HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer\n"
)
VMS = "VMName,VMId,HostName,ClusterName,VMVersion,VhdPath,VhdFormat,VhdType,MaxSizeBytes,FileSizeBytes,PassThrough\n"
CATEGORY = "ShadowCopy"
SUCCEEDED, FAILED, RUNNING = "Succeeded", "Failed", "InProgress"
EVERY_NIGHT = {"*": "daily"}  # what is due is told, not learned, in estates of so few nights


@pytest.fixture
def sla(tmp_path: Path):
    """Judge jobs given as (VM, status, start, end); gives reason and met per VM and night, and deadlines."""

    def judge(
        jobs: list[tuple[str, str, str, str]], site: Site, never_run: str = ""
    ) -> dict[tuple[str, str], tuple]:
        (tmp_path / "logs").mkdir()
        lines = [
            f"{UUID(int=number + 1)},,{CATEGORY},"
            f"{status},\\Backup Using Child Partition Snapshot\\{vm},Microsoft Hyper-V,"
            f"HV01,PG,{start},{start},{end},1,,,,DPM01\n"
            for number, (vm, status, start, end) in enumerate(jobs)
        ]
        (tmp_path / "logs" / "jobs.csv").write_text(
            HEADER + "".join(lines), encoding="utf-8-sig", newline="\r\n"
        )
        if never_run:
            row = f"{never_run},,HV01,,8.0,C:\\x\\{never_run}.vhdx,VHDX,Dynamic,1,1,False\n"
            (tmp_path / "logs" / "vms.csv").write_text(VMS + row, encoding="utf-8-sig", newline="\r\n")
        store = Store.create_or_open(tmp_path / "store")
        assert ingest(store, [tmp_path / "logs"]).records_rejected == 0
        with open_session(store, site, keep=False) as session:
            query = "SELECT vm, night, reason, met, epoch(deadline) AS deadline_s FROM sla"
            found = session.sql(query).to_pylist()
        return {
            (row["vm"], row["night"].isoformat()): (
                row["reason"],
                row["met"],
                datetime.fromtimestamp(row["deadline_s"], UTC).isoformat()[:16],
            )
            for row in found
        }

    return judge


def test_every_state(sla):
    """Met, late, failed, missed, running and never run are kept apart; running and unknown count for neither side."""
    found = sla(
        [
            ("met", SUCCEEDED, "2025-06-01T22:10:00Z", "2025-06-02T05:59:00Z"),
            ("late", SUCCEEDED, "2025-06-01T22:10:00Z", "2025-06-02T06:01:00Z"),
            ("failed", FAILED, "2025-06-01T22:10:00Z", "2025-06-01T23:00:00Z"),
            ("retried", FAILED, "2025-06-01T22:10:00Z", "2025-06-01T23:00:00Z"),
            ("retried", SUCCEEDED, "2025-06-02T00:10:00Z", "2025-06-02T01:00:00Z"),
            ("missed", SUCCEEDED, "2025-06-01T22:10:00Z", "2025-06-01T23:00:00Z"),
            ("met", SUCCEEDED, "2025-06-02T22:10:00Z", "2025-06-03T07:00:00Z"),
            ("missed", SUCCEEDED, "2025-06-03T22:05:00Z", "2025-06-03T22:06:00Z"),
            ("running", RUNNING, "2025-06-03T22:10:00Z", ""),
        ],
        Site(time_zone="UTC", schedules=EVERY_NIGHT),
        never_run="never",
    )
    first, second, third = "2025-06-01", "2025-06-02", "2025-06-03"

    assert found["met", first][:2] == ("met", True)
    assert found["late", first][:2] == ("late", False)
    assert found["failed", first][:2] == ("failed", False)
    assert found["retried", first][:2] == ("met", True)
    assert found["missed", second][:2] == ("missed", False)
    assert found["running", third][:2] == ("running", None)
    assert found["never", third][:2] == ("never_run", False)


@pytest.mark.parametrize(
    ("night", "start", "deadline"),
    [
        ("2025-03-29", "2025-03-29T21:30:00Z", "2025-03-30T04:00"),
        ("2025-03-28", "2025-03-28T21:30:00Z", "2025-03-29T05:00"),
        ("2025-10-25", "2025-10-25T20:30:00Z", "2025-10-26T05:00"),
        ("2025-10-26", "2025-10-26T21:30:00Z", "2025-10-27T05:00"),
    ],
)
def test_nights_on_which_clocks_change(sla, night, start, deadline):
    """In Berlin the window closes at six local time, whether the night has seven, eight or nine hours."""
    found = sla(
        [("vm", SUCCEEDED, start, f"{deadline}:00Z")], Site(time_zone="Europe/Berlin", schedules=EVERY_NIGHT)
    )

    assert found == {("vm", night): ("met", True, deadline)}


def test_a_window_inside_one_day(sla):
    """From nine to seventeen: the night has the date of that day."""
    site = Site(time_zone="Asia/Tokyo", window_start=time(9), window_end=time(17), schedules=EVERY_NIGHT)
    found = sla([("vm", SUCCEEDED, "2025-06-02T00:10:00Z", "2025-06-02T08:01:00Z")], site)

    assert found == {("vm", "2025-06-02"): ("late", False, "2025-06-02T08:00")}
