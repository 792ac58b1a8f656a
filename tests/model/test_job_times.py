"""The view job_times: moments and sizes of each attempt, and which of them planning may compare."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.model.views import Row, S, rows_of

JOB: Row = {"job_id": "J", "vm": "A", "night": dt.date(2025, 2, 3), "level": "host", "kind": "express_full"}
JOB |= {
    "owes_sla": True,
    "is_good": True,
    "outcome": "succeeded",
    "host": "HV01.contoso.local",
    "dpm_server": "DPM01",
}
NAMES = (
    "started_us",
    "asked_us",
    "granted_us",
    "snapshot_us",
    "moving_us",
    "moved_us",
    "released_us",
    "ended_us",
)


def times(
    job: Row | None = None, tracking: Row | None = None, places: tuple[int, ...] = tuple(range(8))
) -> list[Row]:
    """The rows of the view for one job; boundary n lies n + 1 hours after 1970."""
    boundaries = [{"job_id": "J", "place": place, "us": (place + 1) * 3600 * S} for place in places]
    given = {
        "job_base": [JOB | (job or {})],
        "job_tracking": [{"job_id": "J", "tracking": "rct"} | (tracking or {})],
    }
    return rows_of("job_times", boundaries=boundaries, **given)


def one(*args: Any, **more: Any) -> Row:
    """The one row."""
    (row,) = times(*args, **more)
    return row


def test_moments():
    """One per boundary; what is not known is missing."""
    assert [one()[name] // S // 3600 for name in NAMES] == list(range(1, 9))
    assert [one(places=(0, 7))[name] is None for name in NAMES] == [False, *[True] * 6, False]
    assert (one()["host_key"], one()["dpm_server_key"]) == ("hv01", "dpm01")


@pytest.mark.parametrize(("queued_s", "before_s"), [(None, 0), (0.0, 0), (90.5, 90.5), (-60.0, 0)])
def test_when_it_was_scheduled(queued_s, before_s):
    """As long before its start as it was queued; clocks that differ make no negative wait."""
    row = one({"queued_s": queued_s})

    assert (row["started_us"] - row["scheduled_us"]) / S == before_s


def test_the_online_agent():
    """Its boundaries are others: such a job has none of these."""
    assert times(places=(10, 11, 19)) == []
    assert one(places=(0, 10, 19))["ended_us"] is None


@pytest.mark.parametrize("missing", ["vm", "night", "level"])
def test_which_jobs(missing):
    """Those of a known VM, night and level that have begun."""
    assert times({missing: None}) == []
    assert times(places=(1, 7)) == []


@pytest.mark.parametrize(("newest", "is_read"), [(59_972, True), (59_973, False)])
def test_old_nights_of_large_estates_are_left_out(newest, is_read):
    """The last 28 nights, and older ones as long as no more than 60,000 jobs are read in all."""
    nights = [dt.date(2025, 3, 1) - dt.timedelta(days=back) for back in range(29)]
    jobs = [JOB | {"job_id": f"N{number}", "night": nights[0]} for number in range(newest)]
    jobs += [JOB | {"job_id": str(back), "night": night} for back, night in enumerate(nights) if back]
    boundaries = [{"job_id": name, "place": 0, "us": 0} for name in ("N0", "27", "28")]
    tracking = [{"job_id": job["job_id"], "tracking": "rct"} for job in jobs]
    found = rows_of("job_times", job_base=jobs, boundaries=boundaries, job_tracking=tracking)

    assert {row["job_id"] for row in found} == {"N0", "27"} | ({"28"} if is_read else set())


@pytest.mark.parametrize(
    ("change", "is_full"),
    [
        ({}, True),
        ({"kind": "initial_replica"}, False),
        ({"owes_sla": False}, False),
        ({"kind": "recovery_point"}, True),
    ],
)
def test_what_makes_the_nightly_recovery_point(change, is_full):
    """Neither a check nor a first copy."""
    assert one(change)["is_full"] is is_full


@pytest.mark.parametrize(
    ("tracking", "is_compared"),
    [
        ({"tracking": "rct", "tracking_from": "data_source_type"}, False),
        ({"tracking": "change_tracking", "tracking_from": "site"}, False),
        ({"tracking": "change_tracking", "tracking_from": "era"}, True),
        ({"tracking": "rct", "tracking_from": "era"}, True),
        ({"tracking": "rct", "tracking_from": "event"}, False),
        ({"tracking": "block_compare"}, True),
        ({"tracking": "unknown"}, True),
        ({"tracking": None}, True),
    ],
)
def test_what_counts_as_compared(tracking, is_compared):
    """Where whole disks are read, and where only the era speaks for tracking."""
    assert one(tracking=tracking)["is_compared"] is is_compared


@pytest.mark.parametrize(("refusals", "is_refused"), [(0, False), (1, True)])
def test_refused(refusals, is_refused):
    """Once is enough."""
    assert one({"claim_refusals": refusals})["is_refused"] is is_refused


def test_what_it_is():
    """Level, end, sizes."""
    row = one({"level": "guest", "is_good": False, "bytes_transferred": 7}, {"vhd_bytes": 9})
    running = one({"outcome": "running"})

    assert (row["is_guest"], row["is_good"], row["is_running"]) == (True, False, False)
    assert (row["bytes_transferred"], row["vhd_bytes"]) == (7, 9)
    assert (running["is_guest"], running["is_running"]) == (False, True)
