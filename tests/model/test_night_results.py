"""The view night_results: what came of the backups of a VM and night."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, rows_of

NIGHT = dt.date(2025, 2, 3)
OPENS = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
CLOSES = OPENS + dt.timedelta(hours=8)
DAY, HOUR, MICROSECOND = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(microseconds=1)


def results(*jobs: Row) -> list[Row]:
    """night_results of jobs of VM1, all of one night."""
    base = {"vm": "VM1", "level": "host", "owes_sla": True, "outcome": "succeeded", "is_good": True}
    base |= {"night": NIGHT, "started_at": OPENS, "ended_at": OPENS + HOUR}
    rows = [base | {"job_id": f"J{number}"} | job for number, job in enumerate(jobs)]
    return rows_of("night_results", job_base=rows)


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
