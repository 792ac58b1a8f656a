"""Who held the volume or the queue, where disks lie on several volumes."""

from __future__ import annotations

import pytest

from tests.model.views import S, rows_of


def job(name, asked_s, granted_s, released_s, ends_s=None):
    """A job's row of job_base and its boundaries; it ends when it lets the volume go unless said otherwise."""
    base = {"job_id": name, "vm": name, "marks_id": f"M{name}", "dpm_server": "DPM01", "host": name}
    base |= {
        "created_at": 0,
        "queued_s": float(asked_s),
        "started_at": asked_s * S,
        "ended_at": (ends_s or released_s) * S,
    }
    places = {0: asked_s - 1, 1: asked_s, 2: granted_s, 6: released_s, 7: ends_s or released_s}
    return base, [
        {"job_id": name, "place": place, "us": second * S} for place, second in places.items() if second
    ]


def volume(name, key, refusals=0):
    """One row of job_volumes."""
    return {"job_id": f"M{name}", "volume_key": key, "claim_refusals": refusals}


def holders(view, volumes):
    """Which of the jobs that ran meanwhile held what job A waited for."""
    jobs = [job("A", 100, 300, 500), job("B", 50, 60, 250), job("C", 50, 60, 250)]
    rows = rows_of(
        view,
        job_base=[base for base, _ in jobs],
        boundaries=[row for _, rows in jobs for row in rows],
        job_volumes=volumes,
    )
    return {row["holder_job_id"]: row for row in rows if row["job_id"] == "A"}


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([volume("A", "v1", 1), volume("B", "v1")], {"B"}),
        ([volume("A", "v1"), volume("A", "v2", 1), volume("B", "v1"), volume("C", "v2")], {"C"}),
        ([volume("A", "v2", 1), volume("B", "v1"), volume("B", "v2")], {"B"}),
        ([volume("A", "v1", 1), volume("A", "v2", 1), volume("B", "v1"), volume("B", "v2")], {"B"}),
        ([volume("A", "v1"), volume("B", "v1")], set()),
    ],
)
def test_who_held_the_volume(volumes, expected):
    """One that lay on the volume that was refused, whichever of its volumes that was; each once."""
    found = holders("claim_holders", volumes)

    assert set(found) == expected
    assert {row["overlap_s"] for row in found.values()} <= {150.0}


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [
        ([volume("A", "v1"), volume("B", "v1")], {"B"}),
        ([volume("B", "v1"), volume("C", "v1")], set()),
        ([volume("A", "v1"), volume("B", "v2"), volume("C", "v2")], set()),
        ([], set()),
    ],
)
def test_what_is_shared_in_the_queue(volumes, expected):
    """A volume where both jobs lie on one, else what is wider."""
    found = holders("queue_holders", volumes)

    assert set(found) == {"B", "C"}
    assert {name for name, row in found.items() if row["shared"] == "volume"} == expected


def held_s(*holders):
    """For how long each of these jobs held the volume that A asked for at 100 s and got at 300 s."""
    jobs = [job("A", 100, 300, 500), *holders]
    rows = rows_of(
        "claim_holders",
        job_base=[base for base, _ in jobs],
        boundaries=[row for _, rows in jobs for row in rows],
        job_volumes=[volume(base["job_id"], "v1", int(base["job_id"] == "A")) for base, _ in jobs],
    )
    assert {(row["job_id"], row["vm"], row["holder_vm"] == row["holder_job_id"]) for row in rows} <= {
        ("A", "A", True)
    }
    return {row["holder_job_id"]: row["overlap_s"] for row in rows}


@pytest.mark.parametrize(
    ("granted_s", "released_s", "ends_s", "expected"),
    [
        (60, 250, 290, 150),  # until it lets the volume go, not until it ends
        (60, 100, 290, None),
        (60, 101, 290, 1),
        (60, None, 250, 150),  # it never let it go before its end
        (299, 400, 400, 1),
        (300, 400, 400, None),
        (60, 400, 400, 200),
        (150, 400, 400, 150),
    ],
)
def test_how_long_the_volume_was_held(granted_s, released_s, ends_s, expected):
    """From its own granted claim to its release, while the other waited."""
    assert held_s(job("B", 50, granted_s, released_s, ends_s)) == (
        {} if expected is None else {"B": expected}
    )


def test_jobs_without_their_rows_hold_nothing():
    """A boundary of no job, a job of no volume."""
    assert held_s() == {}


def test_one_volume_of_several_is_shared():
    """The narrowest thing that both share."""
    found = holders(
        "queue_holders", [volume("A", "v1"), volume("A", "v2"), volume("B", "v2"), volume("B", "v1")]
    )

    assert {name: row["shared"] for name, row in found.items()} == {"B": "volume", "C": "dpm_server"}
    assert {row["overlap_s"] for row in found.values()} == {50.0}
