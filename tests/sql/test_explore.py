"""Queries to start from, against counts made in another way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from analytics.ingest import ingest
from analytics.sql import Session, open_session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from tests.report.estate import session_of


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """An estate whose jobs wait for each other: in DPM's queue and for volumes."""
    folder = tmp_path_factory.mktemp("busy")
    write_estate(folder / "logs", Knobs(vms=40, nights=8, seed=1))
    store = Store.create_or_open(folder / "store")
    ingest(store, [folder / "logs"])
    with open_session(store) as opened:
        yield opened


def at_once(session: Session) -> dict[str, int]:
    """Most transfers of each volume that run at the start of one of them, itself included."""
    moves = session.sql("""
        SELECT j.volume, p.started_at, p.ended_at FROM phases AS p JOIN jobs AS j USING (job_id)
        WHERE p.phase = 'transfer' AND p.duration_s > 0 AND j.volume IS NOT NULL
    """).to_pylist()
    most: dict[str, int] = defaultdict(int)
    for one in moves:
        running = sum(
            other["volume"] == one["volume"] and other["started_at"] <= one["started_at"] < other["ended_at"]
            for other in moves
        )
        most[one["volume"]] = max(most[one["volume"]], running)
    return dict(most)


def test_volume_queues(sample_session):
    """How many transfers run at once, pair by pair; refusals and waits add up to those of the jobs."""
    rows = sample_session.run("volume_queues").to_pylist()
    jobs = sample_session.sql(
        "SELECT volume, vm, claim_refusals FROM jobs WHERE claim_refusals > 0"
    ).to_pylist()

    assert {row["volume"]: row["most_at_once"] for row in rows} == at_once(sample_session)
    assert {row["most_at_once"] for row in rows} == {1, 2}
    for row in rows:
        waiting = [job for job in jobs if job["volume"] == row["volume"]]
        assert row["waiting_jobs"] == len(waiting)
        assert row["refusals"] == sum(job["claim_refusals"] for job in waiting)
        assert row["waiting_vms"] == len({job["vm"] for job in waiting})


def test_the_log_of_a_job_names_file_and_line(sample_session):
    """Each line of a failed job stands in the file that is named, at that line."""
    failed = sample_session.sql(
        "SELECT job_id FROM jobs WHERE claim_refusals > 3 AND outcome = 'failed'"
    ).to_pylist()
    rows = sample_session.run("job_log", job_id=failed[0]["job_id"]).to_pylist()

    assert len(rows) > 5
    for row in rows:
        lines = Path(row["path"]).read_text(encoding="utf-16").split("\n")
        assert row["message"].splitlines()[0] in lines[row["line_no"] - 1]


def test_the_log_of_a_job_by_its_beginning_or_by_vm_and_night(sample_session):
    """The first characters of the id, in any case, or VM and night; without any of them nothing."""
    job = sample_session.sql(
        "SELECT job_id, vm, night FROM jobs JOIN job_nights USING (job_id) WHERE claim_refusals > 3"
    ).to_pylist()[0]
    whole = sample_session.run("job_log", job_id=job["job_id"])
    of_vm = sample_session.run("job_log", vm=job["vm"], night=job["night"])

    assert len(whole) > 5
    assert sample_session.run("job_log", job_id=job["job_id"][:8].lower()).equals(whole)
    assert set(map(str, whole.to_pylist())) <= set(map(str, of_vm.to_pylist()))
    assert len(sample_session.run("job_log")) == 0


def test_breaches(busy):
    """As many as sla has, each once; who waited names who ran longest meanwhile, who did not wait names nobody."""
    rows = busy.run("breaches").to_pylist()
    missed = busy.sql("SELECT vm, night FROM sla WHERE rule = 'backup_window' AND NOT met").to_pylist()
    longest: dict[tuple[str, str], float] = defaultdict(float)
    for one in busy.sql("SELECT job_id, holder_vm, overlap_s FROM queue_holders").to_pylist():
        longest[one["job_id"], one["holder_vm"]] += one["overlap_s"]

    assert sorted((row["vm"], row["night"]) for row in rows) == sorted(
        (row["vm"], row["night"]) for row in missed
    )
    queued = [row for row in rows if row["cause"] == "queue" and row["failed_at"] is None]
    assert len(queued) > 3
    for row in queued:
        ran = {vm: seconds for (job, vm), seconds in longest.items() if job == row["job_id"]}
        assert row["held_s"] == pytest.approx(max(ran.values()))
        assert ran[row["held_by"]] == pytest.approx(row["held_s"])
    assert any(row["cause_usual_s"] < row["cause_s"] for row in queued if row["cause_usual_s"] is not None)
    for row in rows:
        assert row["weekday"] == row["night"].strftime("%A")
        assert row["cause"] in {"queue", "claim_wait"} or row["held_by"] is None
    assert {row["night"] for row in busy.run("breaches", since=rows[0]["night"]).to_pylist()} == {
        rows[0]["night"]
    }


NIGHT, START = dt.date(2025, 2, 4), dt.datetime(2025, 2, 4, 22, tzinfo=dt.UTC)


def breach(
    cause: str, holder: str = "B", failed: str = "J", more_s: dict[str, float | None] | None = None
) -> dict[str, Any]:
    """The row of VM A, whose job J was late, held up by job H of the night before; F is another attempt.

    `more_s` is by how much parts of the night exceed their usual time.
    """
    hours = {"F": 1, "J": 4, "H": 9}
    jobs = [
        {"job_id": name, "vm": "A", "ended_at": START + dt.timedelta(hours=after), "hresult": "0x80042306"}
        for name, after in hours.items()
    ]
    held = {"job_id": failed, "holder_vm": holder, "holder_job_id": "H", "overlap_s": 60.0}
    late = {
        "vm": "A",
        "night": NIGHT,
        "rule": "backup_window",
        "met": False,
        "reason": "late",
        "cause": cause,
    }
    part = {"vm": "A", "night": NIGHT, "rule": "backup_window"}
    session = session_of(
        {
            "sla": [late | {"job_id": "J"}],
            "sla_parts": [part | {"cause": name, "more_s": more} for name, more in (more_s or {}).items()],
            "jobs": jobs,
            "night_results": [{"vm": "A", "night": NIGHT, "job_id": "J", "first_job_id": failed}],
            "queue_holders": [held],
            "claim_holders": [held | {"job_id": "J"}],
            "job_nights": [{"job_id": "H", "night": NIGHT - dt.timedelta(days=1)}],
        }
    )
    (row,) = session.run("breaches", since=None, until=None).to_pylist()
    return row


def test_a_job_that_its_own_of_the_night_before_held():
    """Its name stands with the night of that job, so that it does not read as held by itself."""
    assert (breach("claim_wait", "A")["held_by"], breach("claim_wait", "A")["held_night"]) == (
        "A",
        NIGHT - dt.timedelta(days=1),
    )
    assert breach("transfer")["held_night"] is None


def test_what_differed_from_the_usual_job():
    """The part that exceeds its usual time most, beside the cause; nothing where none does or nothing is usual."""
    told = breach("transfer", more_s={"queue": 3000.0, "transfer": 100.0})

    assert (told["cause"], told["differs"], told["differs_by_s"]) == ("transfer", "queue", 3000.0)
    assert breach("transfer", more_s={"queue": None, "transfer": -5.0})["differs"] is None


def test_a_first_attempt_that_failed():
    """When it failed and by what, and who held that one up; nothing where the first one ended well."""
    told, untold = breach("queue", failed="F"), breach("queue")

    assert (told["failed_at"], told["failed_error"]) == (START + dt.timedelta(hours=1), "0x80042306")
    assert told["held_by"] == untold["held_by"] == "B"
    assert (untold["failed_at"], untold["failed_error"]) == (None, None)


def test_the_usual_of_a_night_is_that_of_the_job_that_decides_it(sample_session):
    """Not of the attempts that failed before it."""
    (retried,) = sample_session.sql("""
        SELECT vm, night, job_id FROM night_results
        WHERE first_job_id <> job_id AND finished_at IS NOT NULL AND job_id IN (SELECT job_id FROM usual_jobs)
        ORDER BY vm, night LIMIT 1
    """).to_pylist()
    rows = sample_session.run("usual", vm=retried["vm"], night=retried["night"]).to_pylist()

    assert {(row["job_id"], row["outcome"]) for row in rows} <= {(retried["job_id"], "succeeded")}
    assert rows
