"""Small deliveries of logs, one after the other, as many as are wanted."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

FIRST = datetime(2025, 1, 6, 3)  # noqa: DTZ001 - errlogs carry UTC without saying so
RECORD = "0B3C\t11D8\t{at:%m/%d}\t{at:%H:%M:%S}.123\t31\tfsmvolume.cpp(1001)\t[0000000000A1B2C0]\t\tNORMAL\t{text}\r\n"
JOBS_HEAD = "TaskId,JobId,JobCategory,Status,Datasource,ProductionServerName,StartTime,EndTime,DpmServer\r\n"
JOB = "{task},{task},Backup,Succeeded,VM{number},HV01,{at:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},DPM01\r\n"
TASK = "{:08X}-0000-4000-8000-000000000000"


def write_log(path: Path, at: datetime, records: int) -> None:
    """A small errlog: a record per second from `at` on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [RECORD.format(at=at + timedelta(seconds=n), text=f"made {at} {n}") for n in range(records)]
    path.write_bytes("".join(lines).encode("utf-8"))


def write_delivery(folder: Path, number: int, records: int = 20) -> None:
    """Delivery `number`: an errlog and job records of one night; four nights share a week."""
    at = FIRST + timedelta(days=2 * (number % 150), seconds=60 * (number // 150))
    write_log(folder / "HV01" / "DPMRACurr.errlog", at, records)
    jobs = [JOB.format(task=TASK.format(number), number=number, at=at, end=at + timedelta(minutes=5))]
    (folder / "DPM01").mkdir(parents=True, exist_ok=True)
    (folder / "DPM01" / "jobs.csv").write_bytes(("".join([JOBS_HEAD, *jobs])).encode("utf-8"))
