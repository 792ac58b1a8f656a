"""Who held the volume or the queue, where disks lie on several volumes."""

from __future__ import annotations

import pytest

from tests.model.views import S, rows_of


def job(name, asked_s, granted_s, released_s):
    """A job's row of job_base and its boundaries."""
    base = {"job_id": name, "vm": name, "marks_id": f"M{name}", "dpm_server": "DPM01", "host": name}
    base |= {
        "created_at": 0,
        "queued_s": float(asked_s),
        "started_at": asked_s * S,
        "ended_at": released_s * S,
    }
    places = {1: asked_s, 2: granted_s, 6: released_s}
    return base, [{"job_id": name, "place": place, "us": second * S} for place, second in places.items()]


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


def test_one_volume_of_several_is_shared():
    """The narrowest thing that both share."""
    found = holders(
        "queue_holders", [volume("A", "v1"), volume("A", "v2"), volume("B", "v2"), volume("B", "v1")]
    )

    assert {name: row["shared"] for name, row in found.items()} == {"B": "volume", "C": "dpm_server"}
