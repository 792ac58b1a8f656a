"""Which job record a log without task GUIDs belongs to: computer, time, VM, volume, and what is nearest."""

from __future__ import annotations

import pytest

from tests.model.views import MS, S, rows_of

START, END = 10_000 * S, 11_000 * S
DISK = "C:\\ClusterStorage\\Volume1\\SQL\\Virtual Hard Disks\\sql.vhdx"
SCOPES = {"create_pit_begin": "recovery_point"}


def log(
    first_us=START, last_us=END, job="LOG-1", disk=None, volume=None, moved=True, scope="host", host="HV01"
):
    """A job of an errlog: its first and last line, and those between that name a disk or a volume."""

    def line(marker, us, **cells):
        return {"job_id": job, "marker": marker, "scope": scope, "us": us, "host": host} | cells

    lines = [line("initialize_snapshot", first_us), line("release_snapshot", last_us)]
    if volume:
        lines.append(line("add_volume", first_us, volume=volume))
    if disk:
        lines.append(line("vhd_chain", first_us, detail=disk))
    if moved:
        lines.append(line("begin_data_move", last_us))
    return lines


def record(job="REC", vm="SQL", start_us=START, end_us=END, host_key="hv01", is_online=False, is_good=True):
    """A task of the job records."""
    return {
        "job_id": job,
        "record_vm": vm,
        "started_at": start_us,
        "ended_at": end_us,
        "host_key": host_key,
        "is_online": is_online,
        "is_good": is_good,
    }


@pytest.fixture
def matches():
    """The job of each log, by the id of the log; None for one that is dropped."""

    def view(lines, records=(), vms=()):
        tasks = ("job_id", "started_at", "ended_at", "is_good")
        rows = rows_of(
            "log_matches",
            log_markers=list(lines),
            record_vms=[
                {k: v for k, v in each.items() if k == "job_id" or k not in tasks} for each in records
            ],
            job_tasks=[{k: each[k] for k in tasks} for each in records],
            vms=list(vms),
        )
        assert len({row["marks_id"] for row in rows}) == len(rows)
        assert len({row["job_id"] for row in rows}) == len(rows)
        return {row["marks_id"]: row for row in rows}

    return view


def job_of(found, log_id="LOG-1"):
    """The job that a log was given to."""
    return found[log_id]["job_id"]


class TestTime:
    @pytest.mark.parametrize(
        ("first_us", "expected"),
        [(START - 300 * S, "REC"), (START - 300 * S - 1, "LOG-1"), (START + 300 * S, "REC")],
    )
    def test_five_minutes_before_the_record_begins(self, matches, first_us, expected):
        """Clocks may differ that much; a record that begins earlier encloses the log anyway."""
        assert job_of(matches(log(first_us), [record()])) == expected

    @pytest.mark.parametrize(
        ("last_us", "expected"),
        [(END + 300 * S, "REC"), (END + 300 * S + 1, "LOG-1"), (END - 300 * S, "REC")],
    )
    def test_five_minutes_after_the_record_ends(self, matches, last_us, expected):
        """The same at the other end."""
        assert job_of(matches(log(last_us=last_us), [record()])) == expected

    def test_a_record_that_has_not_ended(self, matches):
        """It encloses whatever comes after its beginning; without a beginning it encloses nothing."""
        assert job_of(matches(log(), [record(end_us=None)])) == "REC"
        assert job_of(matches(log(), [record(start_us=None)])) == "LOG-1"


class TestNearest:
    @pytest.mark.parametrize(
        ("margin_us", "expected"), [(2 * S - MS, "LOG-1"), (2 * S, "LOG-1"), (2 * S + MS, "R1")]
    )
    @pytest.mark.parametrize("end", ["start", "end"])
    def test_two_records_equally_near(self, matches, margin_us, expected, end):
        """A log that names no VM joins a record only where it lies more than two seconds nearer than any other."""
        shift = {"start_us": START - margin_us} if end == "start" else {"end_us": END + margin_us}
        found = matches(log(), [record("R1"), record("R2", vm="WEB", **shift)])

        assert job_of(found) == expected

    def test_both_ends_count(self, matches):
        """What decides is the distance of the beginnings and that of the ends together."""
        near = record("R1", start_us=START - 3 * S, end_us=END)
        far = record("R2", start_us=START - 2 * S, end_us=END + 4 * S)

        assert job_of(matches(log(), [near, far])) == "R1"
        assert job_of(matches(log(), [near, far | {"ended_at": None}])) == "LOG-1"

    def test_a_disk_that_names_the_vm_decides(self, matches):
        """Of two records equally near it is that of the VM; of two of the VM the nearer one."""
        records = [record("R1", vm="WEB"), record("R2")]

        assert job_of(matches(log(disk=DISK), records)) == "R2"
        assert job_of(matches(log(disk=DISK), [record("R1", start_us=START - MS), record("R2")])) == "R2"
        assert job_of(matches(log(disk=DISK), [record("R1"), record("R2")])) == "R1"

    def test_of_records_equally_near_the_first(self, matches):
        """One that has not ended is as near as one that ended with the log."""
        records = [record("R1", end_us=None), record("R2")]

        assert job_of(matches(log(disk=DISK), records)) == "R1"
        assert job_of(matches(log(disk=DISK), [record("R1"), record("R2", end_us=None)])) == "R1"

    def test_one_record_is_given_away_once(self, matches):
        """Of two logs near one record the nearer one gets it; the other stays on its own."""
        found = matches([*log(), *log(START + S, job="LOG-2")], [record()])

        assert (job_of(found), job_of(found, "LOG-2")) == ("REC", "LOG-2")


class TestWho:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({}, "REC"),
            ({"host_key": "hv02"}, "LOG-1"),
            ({"host_key": None}, "LOG-1"),
            ({"is_online": True}, "LOG-1"),
        ],
    )
    def test_the_computer_whose_log_it_is(self, matches, change, expected):
        """Only records of that computer count, and not those of jobs to the cloud."""
        assert job_of(matches(log(host="HV01.contoso.local"), [record() | change])) == expected

    def test_jobs_to_the_cloud(self, matches):
        """The log of the online agent lies on the DPM server, and needs no data to have moved."""
        lines = log(scope="online", host="DPM01", moved=False)

        assert job_of(matches(lines, [record(host_key="dpm01", is_online=True)])) == "REC"
        assert job_of(matches(lines, [record(host_key="dpm01")])) == "LOG-1"

    @pytest.mark.parametrize(
        ("moved", "is_good", "expected"),
        [(True, True, "REC"), (True, False, "REC"), (False, False, "REC"), (False, True, "LOG-1")],
    )
    def test_a_good_backup_moved_data(self, matches, moved, is_good, expected):
        """A log that shows no data moving is not that of a record that ended well."""
        assert job_of(matches(log(moved=moved), [record(is_good=is_good)])) == expected

    @pytest.mark.parametrize(("vm", "expected"), [("sql", "REC"), ("WEB", "LOG-1"), (None, "REC")])
    def test_the_vm_of_the_disk(self, matches, vm, expected):
        """A disk that names another VM than the record keeps them apart; case does not count."""
        found = matches(log(disk=DISK), [record(vm=vm)])

        assert job_of(found) == expected
        assert (found["LOG-1"]["disk_vm"], found["LOG-1"]["disk_vm_from"]) == ("SQL", "vhd_folder")

    def test_the_owner_of_the_disk_knows_better_than_its_folder(self, matches):
        """The inventory says whose disk it is."""
        inventory = [{"vm": "Renamed", "vhd_path": DISK.upper()}]
        found = matches(log(disk=DISK), [record(vm="Renamed")], inventory)

        assert job_of(found) == "REC"
        assert (found["LOG-1"]["disk_vm"], found["LOG-1"]["disk_vm_from"]) == ("Renamed", "vms")
        assert job_of(matches(log(disk=DISK), [record(vm="SQL")], inventory)) == "LOG-1"

    @pytest.mark.parametrize(
        ("disk", "folder"),
        [
            (DISK, "SQL"),
            ("C:\\ClusterStorage\\Volume1\\SQL\\sql.vhdx", "SQL"),
            ("D:\\VMs\\SQL 01\\sql.vhd", "SQL 01"),
            ("sql.vhd", None),
        ],
    )
    def test_the_folder_of_a_disk(self, matches, disk, folder):
        """The folder that holds it, or that which holds `Virtual Hard Disks`."""
        assert matches(log(disk=disk))["LOG-1"]["disk_vm"] == folder

    @pytest.mark.parametrize(
        ("volume", "expected"),
        [
            ("c:\\clusterstorage\\volume1\\", "REC"),
            ("C:\\ClusterStorage\\Volume2\\", "LOG-1"),
            ("D:\\", "REC"),
            ("E:\\", "LOG-1"),
            (None, "REC"),
        ],
    )
    def test_the_volumes_of_the_vm(self, matches, volume, expected):
        """A volume on which the VM has no disk keeps them apart; a VM without disks is known nowhere."""
        inventory = [{"vm": "sql", "vhd_path": DISK}, {"vm": "SQL", "vhd_path": "D:\\sql.vhdx"}]

        assert job_of(matches(log(volume=volume), [record()], inventory)) == expected
        assert job_of(matches(log(volume=volume), [record()])) == "REC"

    def test_the_volumes_of_another_vm(self, matches):
        """That others have disks there brings no record near."""
        others = [{"vm": "web", "vhd_path": "E:\\web.vhdx"}, {"vm": "sql", "vhd_path": "D:\\sql.vhdx"}]

        assert job_of(matches(log(volume="E:\\"), [record()], others)) == "LOG-1"
        assert job_of(matches(log(volume="E:\\"), [record(vm="WEB")], others)) == "REC"


class TestOwnLog:
    def test_a_guid_names_both(self, matches):
        """A log with GUIDs is its own job, whatever records lie near."""
        found = matches(log(job="GUID"), [record(), record("GUID", start_us=0, end_us=1)])

        assert job_of(found, "GUID") == "GUID"

    def test_a_record_with_a_log_of_its_own_is_taken(self, matches):
        """No other log joins it."""
        found = matches([*log(), *log(job="REC")], [record()])

        assert (job_of(found), job_of(found, "REC")) == ("LOG-1", "REC")

    def test_a_recovery_point_is_no_log_of_its_own(self, matches):
        """What the DPM server wrote under the GUID of the record gives way to the log of the agent."""
        point = {
            "job_id": "REC",
            "marker": "create_pit_begin",
            "scope": "recovery_point",
            "us": END,
            "host": "DPM01",
        }
        found = matches([*log(), point], [record()])

        assert {name: row["job_id"] for name, row in found.items()} == {"LOG-1": "REC"}
        assert job_of(matches([point], [record()]), "REC") == "REC"
