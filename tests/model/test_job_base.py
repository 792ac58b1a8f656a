"""One attempt from its record and its log: how it ended, what it did, whose it is, when it was."""

from __future__ import annotations

import pytest

from tests.model.views import S, rows_of

RECORD = {
    "job_id": "J",
    "outcome": "succeeded",
    "kind": "express_full",
    "started_at": 100 * S,
    "ended_at": 900 * S,
}
NAMES = {"job_id": "J", "server": "HV01", "is_vm": True, "record_vm": "SQL"}
MARKS = {
    "job_id": "M",
    "host": "HV01",
    "is_online": False,
    "is_host_log": True,
    "first_us": 110 * S,
    "last_us": 800 * S,
}
MATCH = {"marks_id": "M", "job_id": "J"}
LABELS = [{"job_id": "J", "vm": "by record"}, {"job_id": "M", "vm": "by log"}]
ENDS = {"begin_us": 200 * S, "complete_us": 700 * S, "release_us": 800 * S}


@pytest.fixture
def job():
    """The one job of a record, a log, or both."""

    def view(record=None, marks=None, names=None, match=None, labels=LABELS, traces=()):
        rows = rows_of(
            "job_base",
            server_traces=list(traces),
            job_tasks=[RECORD | record] if record is not None else [],
            record_vms=[NAMES | (names or {})] if record is not None else [],
            job_marks=[MARKS | marks] if marks is not None else [],
            log_matches=[MATCH | (match or {})] if marks is not None else [],
            machine_names=labels,
        )
        (found,) = rows
        return found

    return view


def seconds(instant):
    """Seconds since 1970."""
    return None if instant is None else instant.timestamp()


class TestOutcome:
    @pytest.mark.parametrize(
        ("said", "marks", "outcome"),
        [
            ("failed", ENDS, "failed"),
            ("cancelled", ENDS, "cancelled"),
            ("succeeded", {"failed_us": S}, "succeeded"),
            ("running", {}, "running"),
            ("running", ENDS, "succeeded"),
            ("unknown", ENDS, "succeeded"),
            ("unknown", {}, "unknown"),
            ("running", {"failed_us": S, "succeeded_us": S}, "failed"),
            ("running", {"succeeded_us": S}, "succeeded"),
            ("running", {"release_us": S}, "failed"),
            ("running", {"release_us": S, "begin_us": S}, "running"),
            ("unknown", {"complete_us": S}, "unknown"),
            (None, ENDS, "succeeded"),
            (None, {"release_us": S}, "failed"),
            (None, {"begin_us": S}, "unknown"),
        ],
    )
    def test_the_record_and_then_the_log(self, job, said, marks, outcome):
        """A final word of the record counts; else the log tells the end, where it shows one."""
        found = job({"outcome": said} if said else None, marks)

        assert (found["outcome"], found["is_good"]) == (outcome, outcome == "succeeded")

    @pytest.mark.parametrize(
        ("outcome", "is_good"),
        [("succeeded", True), ("warning", True), ("failed", False), ("cancelled", False), ("running", False)],
    )
    def test_good_outcomes(self, job, outcome, is_good):
        """A recovery point came of a success and of a warning."""
        assert job({"outcome": outcome})["is_good"] is is_good


class TestKind:
    @pytest.mark.parametrize(
        ("said", "marks", "kind", "told_by", "owes_sla"),
        [
            ("express_full", {"is_online": True}, "express_full", "job_record", True),
            ("recovery_point", None, "recovery_point", "job_record", True),
            ("initial_replica", None, "initial_replica", "job_record", True),
            ("consistency_check", {"pit_us": S}, "consistency_check", "job_record", False),
            ("online", None, "online", "job_record", False),
            ("other", None, "other", None, False),
            ("other", {"is_online": True}, "online", "online_lines", False),
            ("other", {"pit_us": S}, "express_full", "create_pit", True),
            ("other", {"pit_us": S, "is_host_log": False}, "recovery_point", "create_pit", True),
            (None, {"pit_us": S}, "express_full", "create_pit", True),
            (None, ENDS, "other", None, False),
            (None, {}, "other", None, False),
        ],
    )
    def test_the_record_and_then_the_log(self, job, said, marks, kind, told_by, owes_sla):
        """What the record calls it; else what the lines of the DPM server or the online agent show, else nothing."""
        found = job({"kind": said} if said else None, marks)

        assert (found["kind"], found["kind_from"], found["owes_sla"]) == (kind, told_by, owes_sla)

    @pytest.mark.parametrize("told_by", ["server_lines", "server_log"])
    @pytest.mark.parametrize(
        ("marks", "kind"),
        [
            (ENDS, "consistency_check"),
            (ENDS | {"pit_us": S}, "express_full"),
            (ENDS | {"complete_us": None}, "other"),
            (ENDS | {"begin_us": None, "complete_us": None}, "other"),
        ],
    )
    def test_no_recovery_point_where_one_would_be_seen(self, job, told_by, marks, kind):
        """What ended well was a check; what failed or goes on may have been anything."""
        found = job(None, marks, traces=[{"job_id": "M", "server": "DPM01", "kind_from": told_by}])

        assert (found["kind"], found["owes_sla"]) == (kind, kind == "express_full")
        assert found["kind_from"] == {"consistency_check": told_by, "express_full": "create_pit"}.get(kind)
        assert found["dpm_server"] == "DPM01"


class TestWho:
    @pytest.mark.parametrize(
        ("names", "match", "marks", "expected"),
        [
            ({}, {"disk_vm": "Disk", "disk_vm_from": "vms"}, {}, ("by record", "job_record", "host")),
            ({"record_vm": None}, {"disk_vm": "Disk", "disk_vm_from": "vms"}, {}, ("by log", "vms", "host")),
            (
                {"record_vm": None},
                {"disk_vm": "Disk", "disk_vm_from": "vhd_folder"},
                {},
                ("by log", "vhd_folder", "host"),
            ),
            (
                {"record_vm": None, "is_vm": False, "guest_vm": "HV01"},
                {"disk_vm": "Disk", "disk_vm_from": "vhd_folder"},
                {"is_host_log": False},
                ("by record", "guest", "guest"),
            ),
            ({"record_vm": None, "is_vm": False, "guest_vm": "HV01"}, {}, {}, (None, None, "host")),
            ({"record_vm": None, "is_vm": False}, {}, {"is_host_log": False}, (None, None, None)),
        ],
    )
    def test_the_vm(self, job, names, match, marks, expected):
        """Record, owner of the disk, its folder where the log is a host's, the computer itself, in this order."""
        found = job({}, marks, names, match)

        assert (found["vm"], found["vm_from"], found["level"]) == expected

    def test_a_name_that_means_no_machine(self, job):
        """A computer that bears the name of two: its backup is one of a guest, but nothing tells of which."""
        names = {"record_vm": None, "is_vm": False, "guest_vm": "TWIN", "server": "TWIN"}
        found = job({}, None, names, labels=[])

        assert (found["vm"], found["vm_from"], found["level"], found["host"]) == (None, None, "guest", "TWIN")

    @pytest.mark.parametrize(
        ("record", "marks", "names", "host"),
        [
            ({}, {"host": "HV02"}, {}, "HV02"),
            ({}, {"host": None, "server_host": "DPM01"}, {}, "HV01"),
            ({"kind": "online"}, {"host": None, "server_host": "DPM01"}, {}, "DPM01"),
            ({}, {"host": None, "server_host": "DPM01"}, {"server": None}, "DPM01"),
            ({}, {"is_host_log": False}, {"is_vm": False, "guest_vm": "G", "server": "G"}, "G"),
            ({}, None, {}, "HV01"),
        ],
    )
    def test_the_computer_whose_agent_worked(self, job, record, marks, names, host):
        """That of the log, or of the record; the guest for its own backup, the DPM server for the cloud."""
        assert job(record, marks, names)["host"] == host

    def test_the_dpm_server(self, job):
        """That of the record, else that whose log tells of it."""
        assert job({"dpm_server": "DPM02"}, {"server_host": "DPM01"})["dpm_server"] == "DPM02"
        assert job({}, {"server_host": "DPM01"})["dpm_server"] == "DPM01"

    @pytest.mark.parametrize(("flags", "kind"), [(None, None), ("0", "software"), ("1", "hardware")])
    def test_the_provider(self, job, flags, kind):
        """0 is the provider of Windows."""
        assert job({}, {"provider_flags": flags})["provider_kind"] == kind

    def test_the_error(self, job):
        """That of the record; of the log only where there is no record."""
        assert job({"hresult": None}, {"hresult": "0x8007173d"})["hresult"] is None
        assert job(None, {"hresult": "0x8007173d"})["hresult"] == "0x8007173d"

    @pytest.mark.parametrize(
        ("record", "marks", "evidence", "job_id", "marks_id"),
        [
            ({}, {}, "record+log", "J", "M"),
            ({}, None, "record", "J", "J"),
            ({}, {"first_us": None, "pit_us": S}, "record", "J", "M"),
            (None, {}, "log", "J", "M"),
        ],
    )
    def test_what_is_known_of_it(self, job, record, marks, evidence, job_id, marks_id):
        """Record and log; a recovery point in the server's log alone is not the log of the job."""
        found = job(record, marks)

        assert (found["evidence"], found["job_id"], found["marks_id"]) == (evidence, job_id, marks_id)


class TestTimes:
    @pytest.mark.parametrize(
        ("record", "marks", "started_s", "ended_s"),
        [
            ({}, {}, 100, 900),
            ({}, {"first_us": 99 * S, "last_us": 901 * S}, 99, 901),
            # the host's clock is off: the record counts
            ({}, {"first_us": 99 * S - 1, "last_us": 901 * S + 1}, 100, 900),
            ({}, {"first_us": 90 * S, "last_us": 950 * S}, 100, 900),
            ({}, {"pit_us": 50 * S}, 100, 900),
            ({"started_at": None}, {"pit_us": 50 * S}, 50, 900),
            ({"started_at": None}, {"first_us": None, "last_us": None, "pit_us": 50 * S}, 50, 900),
            ({"ended_at": None}, {}, 100, None),
            ({"ended_at": None}, {"release_us": 800 * S}, 100, 800),
            ({"ended_at": None}, {"succeeded_us": 800 * S}, 100, 800),
            ({"ended_at": None}, {"failed_us": 800 * S}, 100, 800),
            ({"started_at": None, "ended_at": None}, {}, 110, 800),
            ({"outcome": "running"}, {}, 100, None),
            (None, {}, 110, 800),
        ],
    )
    def test_start_and_end(self, job, record, marks, started_s, ended_s):
        """The earliest and the latest that record and log know; no end where neither shows one."""
        found = job(record, marks)

        assert (seconds(found["started_at"]), seconds(found["ended_at"])) == (started_s, ended_s)
        assert found["duration_s"] == (None if ended_s is None else ended_s - started_s)
        assert seconds(found["record_started_at"]) == (
            None if record is None or record.get("started_at", 1) is None else 100
        )

    @pytest.mark.parametrize(
        ("created_s", "queued_s"), [(None, None), (40, 60.0), (100, 0.0), (100.000001, None)]
    )
    def test_the_queue(self, job, created_s, queued_s):
        """From the creation of the task to its start; never less than nothing."""
        found = job({"created_at": None if created_s is None else round(created_s * S)})

        assert found["queued_s"] == queued_s
