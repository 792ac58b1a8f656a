"""Backup windows: the states of the SLA, the nights on which clocks change, windows inside one day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from analytics.ingest import ingest
from analytics.site import Site
from analytics.sql import open_session
from analytics.store import Store
from tests.model.views import Row, rows_of

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


MONDAY = date(2025, 2, 3)


def day(number: int) -> date:
    """The date of a night."""
    return MONDAY + timedelta(number)


def at(number: int, hour: float) -> datetime:
    """A time of a night, hours from its midnight; windows open at 22 and close at 30."""
    return datetime(2025, 2, 3, tzinfo=UTC) + timedelta(number, hours=hour)


class TestCovered:
    """The view nights: which nights there are and of which something is known."""

    def of(self, **given: list[Row]) -> dict[int, tuple[int, bool]]:
        """Jobs and evidence by night."""
        rows = rows_of("nights", Site(time_zone="UTC"), **given)
        assert all(row["opens_at"] == at((row["night"] - MONDAY).days, 22) for row in rows)
        assert all(row["closes_at"] - row["opens_at"] == timedelta(hours=8) for row in rows)
        return {(row["night"] - MONDAY).days: (row["jobs"], row["has_evidence"]) for row in rows}

    @pytest.mark.parametrize(
        ("seen", "last"),
        [
            ({}, 2),
            ({"collections": [{"collected_at": at(4, 22)}, {"collected_at": at(0, 1)}]}, 4),
            ({"collections": [{"collected_at": at(4, 22) - timedelta(seconds=1)}]}, 3),
            ({"sources": [{"last_at": at(3, 23)}, {"last_at": at(0, 1)}]}, 3),
            ({"job_base": [{"night": day(0), "started_at": at(4, 23)}]}, 4),
            ({"job_base": [{"night": day(0), "started_at": at(0, 1), "ended_at": at(3, 23)}]}, 3),
        ],
    )
    def test_until_when(self, seen, last):
        """The last window that had opened when anything spoke; gaps between are nights too."""
        jobs = [{"night": day(night), "started_at": at(night, 23)} for night in (0, 2, 2)]
        found = self.of(**seen | {"job_base": [*jobs, {"night": None}, *seen.get("job_base", [])]})

        assert sorted(found) == list(range(last + 1))
        assert [jobs for jobs, _ in found.values()][1:3] in ([0, 2], [2, 0])

    def test_the_first_night_always(self):
        """Also where its window had not opened when the logs were collected."""
        assert set(self.of(job_base=[{"night": day(0), "started_at": at(0, 20)}])) == {0}

    def test_of_which_something_is_known(self):
        """A job or any record of a log."""
        jobs = [{"night": day(night), "started_at": at(night, 23)} for night in (0, 3)]
        logs = [{"night": day(1), "host": host} for host in ("A", "B")]

        assert self.of(job_base=jobs, log_nights=logs) == {
            0: (1, True),
            1: (0, True),
            2: (0, False),
            3: (1, True),
        }


class TestNeverRun:
    """The view never_run."""

    def of(self, disks: list[Row], jobs: list[Row] = (), kind: str = "job") -> dict[str, tuple]:
        """Of each VM the night since which it is known, that of its first backup, whether its place is watched."""
        rows = rows_of(
            "never_run",
            Site(time_zone="UTC"),
            vm_disks=[
                {"vm": "A", "vhd_bytes": 1, "has_pass_through": False, "host": "HV01"} | disk
                for disk in disks
            ],
            job_base=[{"vm": "A", "owes_sla": True, "level": "host"} | job for job in jobs],
            job_records=[{"record_kind": kind}],
        )
        numbers = {row["vm"]: [row["since_night"], row["first_night"]] for row in rows}
        return {
            row["vm"]: (*(found and (found - MONDAY).days for found in numbers[row["vm"]]), row["is_watched"])
            for row in rows
        }

    @pytest.mark.parametrize(
        ("collected", "since"),
        [
            ([at(2, 22)], day(2)),
            ([at(2, 22) - timedelta(seconds=1)], day(1)),
            ([at(3, 1), at(1, 23)], day(1)),
            ([datetime(1970, 1, 1, tzinfo=UTC)], None),
        ],
    )
    def test_since_when(self, collected, since):
        """The last night that had begun by the first inventory; none where its time is not known."""
        found = self.of([{"collected_at": moment} for moment in collected])["A"]

        assert found == (since and (since - MONDAY).days, None, False)

    @pytest.mark.parametrize(
        ("job", "first"),
        [
            ({"night": day(3)}, 3),
            ({"night": day(3), "level": "guest"}, 3),
            ({"night": day(3), "owes_sla": False}, 4),
            ({"night": day(3), "level": None}, 4),
            ({"night": day(3), "vm": "B"}, 4),
        ],
    )
    def test_until_its_first_backup(self, job, first):
        """The first job that owes a recovery point, on any level."""
        assert self.of([{"collected_at": at(1, 23)}], [{"night": day(4)}, job])["A"][:2] == (1, first)

    @pytest.mark.parametrize(
        ("disks", "listed"),
        [
            ([{"vhd_bytes": None, "has_pass_through": True}], False),
            ([{"vhd_bytes": None, "has_pass_through": True}, {"vhd_bytes": None}], False),
            ([{"vhd_bytes": None}], True),
            ([{"has_pass_through": True}], True),
        ],
    )
    def test_what_host_level_could_back_up(self, disks, listed):
        """A VM with pass-through disks alone it could not."""
        assert bool(self.of([disk | {"collected_at": at(1, 23)} for disk in disks])) is listed

    @pytest.mark.parametrize(
        ("disks", "host", "watched"),
        [
            ([{}], "hv01.x", True),
            ([{}], "HV02", False),
            ([{}], None, False),
            ([{}, {"host": "HV02"}], "HV02", True),
            ([{"host": None}], "HV02", True),  # no place is told: nothing says that it is elsewhere
            ([{"cluster": "C"}, {"vm": "B", "host": "HV02", "cluster": "c.x"}], "HV02", True),
            ([{"cluster": "C"}, {"vm": "B", "host": "HV02", "cluster": "D"}], "HV02", False),
            ([{"cluster": "C"}], "C", True),
        ],
    )
    def test_whether_its_place_is_watched(self, disks, host, watched):
        """Where any job of its host or of its cluster is known."""
        assert self.of(disks, [{"vm": "Z", "host": host}])["A"][2] is watched

    def test_without_job_records(self):
        """Nothing speaks for a missing backup."""
        assert self.of([{}], kind="alert") == {}
