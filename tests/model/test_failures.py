"""Jobs that failed: which events stand beside them, what explains them, in which phase they ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.model.views import Row, rows_of

START = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
END = START + dt.timedelta(minutes=10)


def job(job_id: str = "J1", **more: Any) -> Row:
    """A job that failed."""
    row = {"job_id": job_id, "marks_id": job_id, "vm": "VM1", "host": "HV01.x", "dpm_server": "DPM01.x"}
    return row | {"outcome": "failed", "started_at": START, "ended_at": END, "claim_refusals": 0} | more


def failing(at: dt.datetime = START, **more: Any) -> Row:
    """A failure event of HV01."""
    row = {
        "gives": "failure",
        "at": at,
        "us": round(at.timestamp() * 10**6),
        "host": "HV01",
        "host_key": "hv01",
    }
    row |= {"computer_role": "hyper-v-host", "event_provider": "VSS", "event_id": 12289, "source_id": "S"}
    return row | {"record_no": 1} | more


ALIASES = [
    {"vm": "VM1", "name_key": "vm1", "is_sole": True},
    {"vm": "VM2", "name_key": "vm2", "is_sole": True},
]


def beside(
    *hits: Row, jobs: list[Row] | None = None, aliases: list[Row] | None = None
) -> list[tuple[str, int]]:
    """Job and distance of the events that stand beside a failed job."""
    rows = rows_of(
        "failure_events", job_base=jobs or [job()], event_hits=list(hits), machine_aliases=aliases or ALIASES
    )
    return sorted((row["job_id"], row["distance"]) for row in rows)


SECONDS = dt.timedelta(seconds=1)


class TestEvents:
    @pytest.mark.parametrize(
        ("at", "counts"),
        [
            (START - SECONDS, False),
            (START, True),
            (END + 5 * SECONDS, True),
            (END + 5 * SECONDS + dt.timedelta(microseconds=1), False),
        ],
    )
    def test_while_it_ran_and_five_seconds_on(self, at, counts):
        """Windows logs on when DPM has already ended the job."""
        assert bool(beside(failing(at))) is counts

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({}, [("J1", 2)]),
            ({"event_vm": "vm1"}, [("J1", 0)]),
            ({"event_vm": "VM2"}, []),
            ({"host_key": "hv02"}, []),
            ({"host_key": "vm1", "computer_role": "guest", "guest_vm": "vm1"}, [("J1", 1)]),
            ({"host_key": "vm2", "computer_role": "guest", "guest_vm": "vm2"}, []),
            ({"host_key": "hv01", "computer_role": "guest", "guest_vm": "vm2"}, []),
            ({"host_key": "dpm01", "computer_role": "dpm-server"}, [("J1", 2)]),
            ({"host_key": "dpm01", "computer_role": "hyper-v-host"}, []),
            ({"gives": "session"}, []),
        ],
    )
    def test_whose_events(self, more, expected):
        """Those of its host, its guest and its DPM server that name no other VM."""
        assert beside(failing(**more)) == expected

    @pytest.mark.parametrize(
        ("outcome", "counts"), [("failed", 1), ("cancelled", 1), ("succeeded", 0), ("running", 0)]
    )
    def test_of_which_jobs(self, outcome, counts):
        """Jobs that ended without a recovery point."""
        assert len(beside(failing(), jobs=[job(outcome=outcome)])) == counts

    def test_names_of_two_machines(self):
        """An event on its own host means the job's machine; a guest of that name may be the other one."""
        alias = {"vm": "VM1", "name_key": "twin", "is_sole": False}
        on_host, in_guest = (
            {"event_vm": "TWIN"},
            {"host_key": "twin", "computer_role": "guest", "guest_vm": "twin"},
        )

        assert beside(failing(**on_host), aliases=[alias]) == [("J1", 0)]
        assert beside(failing(**in_guest), aliases=[alias]) == []
        assert beside(failing(**in_guest), aliases=[alias | {"is_sole": True}]) == [("J1", 1)]

    def test_two_failed_jobs_share_a_host(self):
        """An event that names none of two VMs is given to neither; one that names a VM is given to it."""
        jobs = [job(), job("J2", vm="VM2")]

        assert beside(failing(), jobs=jobs) == []
        assert beside(failing(event_vm="VM2"), jobs=jobs) == [("J2", 0)]


def explained(*events: Row, **more: Any) -> Row:
    """The failure of one job, beside these events."""
    rows = [
        {"job_id": "J1", "at": START, "host": "HV01", "source_id": "S", "record_no": n} | event
        for n, event in enumerate(events)
    ]
    (row,) = rows_of("failures", job_base=[job(**more)], failure_events=rows)
    return row


class TestExplanation:
    @pytest.mark.parametrize(
        ("events", "more", "by"),
        [
            ([], {}, None),
            ([], {"error_code": 30112}, "error/30112"),
            ([], {"hresult": "0x80042314"}, "hresult/0x80042314"),
            ([], {"error_code": 32612, "hresult": "0x8007173d"}, "error/32612"),
            ([], {"error_code": 99999, "hresult": "0x8007173d"}, "hresult/0x8007173d"),
            ([{"event": "vss/12289", "distance": 2}], {"error_code": 30112}, "event/VSS/12289"),
            ([{"event": "Other/1", "distance": 0}], {"error_code": 30112}, "error/30112"),
            (
                [{"event": "VSS/12289", "distance": 2}, {"event": "ESENT/2002", "distance": 1}],
                {},
                "event/ESENT/2002",
            ),
            (
                [{"event": "ESENT/2002", "distance": 1}, {"event": "VSS/8229", "distance": 0}],
                {},
                "event/VSS/8229",
            ),
            (
                [{"event": "VSS/8229", "distance": 2, "at": END}, {"event": "VSS/12289", "distance": 2}],
                {},
                "event/VSS/12289",
            ),
        ],
    )
    def test_what_explains_it(self, events, more, by):
        """The nearest event that has an explanation, the first of equal ones; else the error id, else the HRESULT."""
        row = explained(*events, **more)

        assert row["explained_by"] == by
        assert (row["explanation"] is None, row["explanation_source"] is None) == (by is None, by is None)

    @pytest.mark.parametrize(
        ("outcome", "rows"),
        [("failed", 1), ("cancelled", 1), ("warning", 0), ("succeeded", 0), ("running", 0), ("unknown", 0)],
    )
    def test_of_which_jobs(self, outcome, rows):
        """One row for each job that ended without a recovery point, with its night."""
        night = {"job_id": "J1", "night": START.date()}
        found = rows_of("failures", job_base=[job(outcome=outcome)], job_nights=[night])

        assert [(row["outcome"], row["night"]) for row in found] == [(outcome, START.date())] * rows

    def test_the_events_in_their_order(self):
        """Time, computer, provider/id and operation of each."""
        row = explained({"event": "VSS/8229", "operation": "PostSnapshot Event"}, {"event": "VSS/12289"})

        assert row["events"] == 2
        assert row["event_list"] == (
            "2025-02-03 22:00:00+00 HV01 VSS/8229 PostSnapshot Event; 2025-02-03 22:00:00+00 HV01 VSS/12289"
        )


class TestPhase:
    @pytest.mark.parametrize(
        ("places", "more", "phase"),
        [
            ((), {}, None),
            ((0, 7), {}, None),
            ((0, 7), {"init_us": 1}, "prepare"),
            ((0, 1, 2, 7), {}, "snapshot"),
            ((0, 1, 2, 7), {"claim_refusals": 5}, "claim_wait"),
            ((0, 2, 7), {"claim_refusals": 5}, "claim_wait"),
            ((0, 1, 2, 6, 7), {"claim_refusals": 5}, "claim_wait"),
            ((0, 1, 2, 3, 7), {"claim_refusals": 5}, "post_snapshot"),
            ((0, 1, 2, 3, 7), {}, "post_snapshot"),
            ((0, 1, 2, 3, 4, 6, 7), {}, "transfer"),
            ((0, 1, 2, 3, 4, 5, 7), {}, "release"),
            ((0, 1, 2, 3, 4, 5, 6, 7), {}, "finalize"),
            ((10, 11, 12, 19), {}, None),
        ],
    )
    def test_where_it_ended(self, places, more, phase):
        """In the phase that begins at the last boundary; a snapshot is let go after a failure too."""
        boundaries = [{"job_id": "J1", "place": place, "us": place} for place in places]
        marks = [{"job_id": "J1", "init_us": more.pop("init_us", None)}]
        (row,) = rows_of("failures", job_base=[job(**more)], boundaries=boundaries, job_marks=marks)

        assert row["phase"] == phase
