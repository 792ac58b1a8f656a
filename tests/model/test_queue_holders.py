"""The view queue_holders: who ran while a job waited in DPM's queue, what both share, and for how long."""

from __future__ import annotations

import pytest

from tests.model.views import Row, S, rows_of


def job(name: str, created_s: int, started_s: int, ended_s: int, **more: object) -> Row:
    """A job of job_base."""
    row: Row = {
        "job_id": name,
        "vm": f"VM-{name}",
        "marks_id": f"M{name}",
        "dpm_server": "DPM01",
        "host": f"H{name}",
    }
    row |= {"created_at": created_s * S, "started_at": started_s * S, "ended_at": ended_s * S}
    return row | {"queued_s": float(started_s - created_s)} | more


WAITS = job("A", 100, 300, 500)


def held(*jobs: Row, volumes: tuple[tuple[str, str], ...] = ()) -> dict[tuple[str, str], tuple[str, float]]:
    """What both share, and the seconds, by who waited and who held."""
    lying = [{"job_id": f"M{name}", "volume_key": volume} for name, volume in volumes]
    rows = rows_of("queue_holders", job_base=list(jobs), job_volumes=lying)
    assert len({(row["job_id"], row["holder_job_id"]) for row in rows}) == len(rows)
    assert {row["holder_vm"] == f"VM-{row['holder_job_id']}" for row in rows} <= {True}
    return {(row["job_id"], row["holder_job_id"]): (row["shared"], row["overlap_s"]) for row in rows}


@pytest.mark.parametrize(
    ("started_s", "ended_s", "overlap_s"),
    [
        (50, 400, 200.0),
        (50, 250, 150.0),
        (200, 250, 50.0),
        (200, 400, 100.0),
        (50, 100, None),
        (50, 101, 1.0),
        (300, 400, None),
        (299, 400, 1.0),
    ],
)
def test_how_long_it_ran_meanwhile(started_s, ended_s, overlap_s):
    """From its start to its end, as far as the other waited: from its creation to its start."""
    found = held(WAITS, job("B", started_s, started_s, ended_s))

    assert found == ({} if overlap_s is None else {("A", "B"): ("dpm_server", overlap_s)})


@pytest.mark.parametrize(("queued_s", "is_asked"), [(59.9, False), (60.0, True)])
def test_waits_of_a_minute(queued_s, is_asked):
    """Shorter ones are not asked for."""
    assert bool(held(WAITS | {"queued_s": queued_s}, job("B", 50, 50, 400))) == is_asked


@pytest.mark.parametrize(
    ("same", "shared"),
    [
        ({}, "dpm_server"),
        ({"protection_group": "PG"}, "protection_group"),
        ({"host": "HA.contoso.local"}, "host"),
        ({"host": "ha", "protection_group": "PG"}, "host"),
        ({"protection_group": None, "host": None}, "dpm_server"),
    ],
)
def test_what_both_share(same, shared):
    """The narrowest thing; what nothing names is not shared."""
    other = job("B", 50, 50, 400, protection_group="X") | same
    waits = WAITS | {"protection_group": None if same.get("protection_group", "PG") is None else "PG"}

    assert held(waits, other) == {("A", "B"): (shared, 200.0)}


@pytest.mark.parametrize("server", ["DPM02", None])
def test_another_server_holds_nothing(server):
    """Each DPM server has its own queue; a job whose server nothing names is in none."""
    assert held(WAITS, job("B", 50, 50, 400, dpm_server=server)) == {}


def test_nobody_holds_what_it_waits_for_itself():
    """Nor does another VM that runs beside it on no volume of its own."""
    volumes = (("A", "v1"), ("A", "v2"), ("B", "v2"), ("C", "v3"), ("D", "v1"))
    jobs = [job(name, 50, 50, 400) for name in "BC"]

    assert held(WAITS, *jobs, volumes=volumes) == {
        ("A", "B"): ("volume", 200.0),
        ("A", "C"): ("dpm_server", 200.0),
    }


def test_whose_volumes_count():
    """Those of the two jobs, not those of a third that lies beside each of them."""
    volumes = (("B", "v1"), ("C", "v1"), ("C", "v2"))
    jobs = [job(name, 50, 50, 400) for name in "BC"]

    assert {shared for shared, _ in held(WAITS, *jobs, volumes=volumes).values()} == {"dpm_server"}
    assert {shared for shared, _ in held(WAITS, *jobs, volumes=(("A", "v9"), *volumes)).values()} == {
        "dpm_server"
    }
