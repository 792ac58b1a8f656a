"""The views sla and night_results: when a night is met, missed or unknown, and from when on it is expected."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.model.views import Row, rows_of

NIGHT = dt.date(2025, 2, 3)
OPENS = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
CLOSES = OPENS + dt.timedelta(hours=8)
DAY, HOUR, MICROSECOND = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(microseconds=1)


def results(*jobs: Row) -> list[Row]:
    """night_results of jobs of VM1, all of one night."""
    base = {"vm": "VM1", "level": "host", "owes_sla": True, "outcome": "succeeded", "is_good": True}
    base |= {"started_at": OPENS, "ended_at": OPENS + HOUR}
    rows = [base | {"job_id": f"J{number}"} | job for number, job in enumerate(jobs)]
    nights = [{"job_id": row["job_id"], "night": NIGHT} for row in rows]
    return rows_of("night_results", job_base=rows, job_nights=nights)


FAILED: Row = {"outcome": "failed", "is_good": False}
RUNNING: Row = {"outcome": "running", "is_good": False, "ended_at": None}


class TestResults:
    @pytest.mark.parametrize(
        ("jobs", "decides"),
        [
            ([{"ended_at": OPENS + 3 * HOUR}, {"ended_at": OPENS + 2 * HOUR}], "J1"),
            ([FAILED, {"ended_at": OPENS + 9 * HOUR}], "J1"),
            ([FAILED, RUNNING], "J1"),
            ([RUNNING, {}], "J1"),
            ([FAILED, FAILED | {"started_at": OPENS + HOUR}], "J1"),
            ([FAILED, FAILED], "J0"),
        ],
    )
    def test_which_job_decides(self, jobs, decides):
        """The first that ended well, else one that runs, else the last attempt."""
        (row,) = results(*jobs)

        assert (row["job_id"], row["attempts"]) == (decides, 2)

    @pytest.mark.parametrize(
        ("job", "is_running", "is_unknown", "is_finished"),
        [
            ({}, False, False, True),
            (RUNNING, True, False, False),
            (FAILED, False, False, False),
            ({"outcome": "unknown", "is_good": False}, False, True, False),
            ({"ended_at": None}, False, True, False),
            ({"outcome": "warning"}, False, False, True),
        ],
    )
    def test_what_is_known(self, job, is_running, is_unknown, is_finished):
        """A good job without an end is as unknown as one without an outcome."""
        (row,) = results(job)

        assert (row["is_running"], row["is_unknown"]) == (is_running, is_unknown)
        assert (row["finished_at"] is not None) is is_finished

    @pytest.mark.parametrize("job", [{"owes_sla": False}, {"level": None}, {"vm": None}])
    def test_jobs_that_owe_nothing(self, job):
        """Checks, jobs of unknown level and jobs without a VM make no recovery point of a VM."""
        assert results(job) == []


def ran(day: int = 0, **more: Any) -> Row:
    """What came of VM1 on a night; it ended well after an hour."""
    row = {"vm": "VM1", "night": NIGHT + day * DAY, "attempts": 1, "finished_at": OPENS + day * DAY + HOUR}
    return row | {"is_running": False, "is_unknown": False, "job_id": f"J{day}"} | more


def verdicts(
    *results: Row, nights: int = 1, seen: dt.datetime | None = None, **given: list[Row]
) -> dict[int, Row]:
    """The rows of VM1 by day; each night has evidence, and logs reach beyond the last one."""
    days = [
        {
            "night": NIGHT + day * DAY,
            "opens_at": OPENS + day * DAY,
            "closes_at": CLOSES + day * DAY,
            "has_evidence": True,
        }
        | {"seen_until": seen or CLOSES + nights * DAY}
        for day in range(nights)
    ]
    rows = rows_of("sla", **({"nights": days, "night_results": list(results)} | given))
    return {(row["night"] - NIGHT).days: row for row in rows if row["vm"] == "VM1"}


class TestVerdicts:
    @pytest.mark.parametrize(
        ("finished_at", "reason", "overrun_s"),
        [
            (CLOSES - MICROSECOND, "met", 0.0),
            (CLOSES, "met", 0.0),
            (CLOSES + MICROSECOND, "late", 0.000001),
            (CLOSES + HOUR, "late", 3600.0),
        ],
    )
    def test_at_the_deadline(self, finished_at, reason, overrun_s):
        """A backup that ends when the window closes is in time."""
        row = verdicts(ran(finished_at=finished_at))[0]

        assert (row["reason"], row["met"], row["overrun_s"]) == (reason, reason == "met", overrun_s)
        assert (row["expected"], row["deadline"], row["job_id"]) == (True, CLOSES, "J0")

    @pytest.mark.parametrize(
        ("seen", "reason", "met"),
        [(CLOSES, "running", None), (CLOSES + MICROSECOND, "running_late", False)],
    )
    def test_while_it_runs(self, seen, reason, met):
        """A running backup is late once the window has closed."""
        row = verdicts(ran(finished_at=None, is_running=True), seen=seen)[0]

        assert (row["reason"], row["met"], row["overrun_s"]) == (reason, met, None)

    @pytest.mark.parametrize(
        ("more", "reason", "met"),
        [({"is_unknown": True}, "unknown", None), ({}, "failed", False)],
    )
    def test_without_an_end(self, more, reason, met):
        """Unknown is neither met nor missed."""
        row = verdicts(ran(finished_at=None, **more))[0]

        assert (row["reason"], row["met"], row["expected"]) == (reason, met, True)

    @pytest.mark.parametrize(
        ("nights", "days", "expected", "met"),
        [
            (3, (0,), False, None),  # ran on one of three nights
            (4, (0, 1), True, False),  # on half of four
            (5, (0, 1), False, None),  # on fewer than half of five
            (5, (0, 1, 2), True, False),
        ],
    )
    def test_half_of_the_nights(self, nights, days, expected, met):
        """A VM that runs on half of its nights is expected on all of them; else only where it ran."""
        found = verdicts(*(ran(day) for day in days), nights=nights)
        last = found[nights - 1]

        assert (last["reason"], last["expected"], last["met"]) == ("missed", expected, met)
        assert all(found[day]["expected"] for day in days)

    def test_nights_without_evidence_are_not_counted(self):
        """Of them nothing is known, and they make no VM rare."""
        nights = [
            {"night": NIGHT + day * DAY, "opens_at": OPENS + day * DAY, "closes_at": CLOSES + day * DAY}
            | {"has_evidence": day != 1, "seen_until": CLOSES + 9 * DAY}
            for day in range(3)
        ]
        found = {
            (row["night"] - NIGHT).days: row for row in rows_of("sla", nights=nights, night_results=[ran()])
        }

        assert (found[1]["reason"], found[1]["expected"], found[1]["met"]) == ("no_evidence", None, None)
        assert (found[2]["reason"], found[2]["expected"], found[2]["met"]) == ("missed", True, False)

    def test_from_the_first_job_on(self):
        """Nights before a VM's first job are not its own."""
        assert set(verdicts(ran(1), nights=3)) == {1, 2}

    @pytest.mark.parametrize(
        ("seen", "reason"), [(CLOSES + DAY - MICROSECOND, "unknown"), (CLOSES + DAY, "missed")]
    )
    def test_logs_that_end_too_early(self, seen, reason):
        """A night whose end no log has seen is not missed."""
        assert verdicts(ran(), nights=2, seen=seen)[1]["reason"] == reason

    @pytest.mark.parametrize(
        ("host", "vm", "reason"),
        [("hv01", None, "unknown"), ("hv02", None, "missed"), ("hv01", "VM2", "missed")],
    )
    def test_jobs_whose_vm_no_log_names(self, host, vm, reason):
        """They may have been this VM's, where they ran on its host."""
        jobs = [
            {"job_id": "J0", "vm": "VM1", "host": "HV01.x", "level": "host", "owes_sla": True},
            {"job_id": "J1", "vm": vm, "host": host, "level": "host", "owes_sla": True},
        ]
        nights = [{"job_id": f"J{day}", "night": NIGHT + day * DAY} for day in range(2)]

        assert verdicts(ran(), nights=2, job_base=jobs, job_nights=nights)[1]["reason"] == reason


class TestInventory:
    @pytest.mark.parametrize(
        ("vms", "given", "expected"),
        [
            ([{"vm": "VM1"}], {"job_records": [{}]}, ("never_run", True, False)),
            ([{"vm": "vm1"}], {"job_records": [{}]}, None),
            ([{"vm": "VM1"}], {}, None),
            ([{"vm": "VM1", "pass_through": True}], {"job_records": [{}]}, None),
            ([{"vm": "VM1"}], {"job_records": [{}], "excluded_vms": [{"vm": "VM1"}]}, None),
        ],
    )
    def test_who_was_never_backed_up(self, vms, given, expected):
        """A VM of the inventory without a job, where job records are known at all; the site file may leave it out."""
        found = verdicts(ran(vm="VM2"), vms=vms, **given)
        row = found.get(0)

        assert (row and (row["reason"], row["expected"], row["met"])) == expected

    def test_names_in_other_letters(self):
        """An inventory that writes a name otherwise makes no second VM."""
        rows = rows_of(
            "sla",
            nights=[
                {
                    "night": NIGHT,
                    "opens_at": OPENS,
                    "closes_at": CLOSES,
                    "has_evidence": True,
                    "seen_until": CLOSES,
                }
            ],
            night_results=[ran()],
            vms=[{"vm": "vm1"}],
            job_records=[{}],
        )

        assert [row["vm"] for row in rows] == ["VM1"]

    def test_a_vm_that_the_site_leaves_out(self):
        """It has no verdict although it ran."""
        assert verdicts(ran(), excluded_vms=[{"vm": "VM1"}]) == {}
