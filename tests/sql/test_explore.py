"""Queries to start from, against counts made in another way."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from analytics.ingest import ingest
from analytics.sql import Session, open_session
from analytics.store import Store
from analytics.synth import Knobs, write_estate


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
    queued = [row for row in rows if row["cause"] == "queue"]
    assert len(queued) > 3
    for row in queued:
        ran = {vm: seconds for (job, vm), seconds in longest.items() if job == row["job_id"]}
        assert row["held_s"] == pytest.approx(max(ran.values()))
        assert ran[row["held_by"]] == pytest.approx(row["held_s"])
    usual = {
        (row["job_id"], row["part"]): row["usual_s"]
        for row in busy.sql("SELECT job_id, part, usual_s FROM usual_parts").to_pylist()
    }
    compared = [row for row in queued if row["cause_usual_s"] is not None]
    assert compared
    assert all(
        row["cause_usual_s"] == pytest.approx(usual[row["job_id"], "queue"], abs=1e-5) for row in compared
    )
    for row in rows:
        assert row["weekday"] == row["night"].strftime("%A")
        assert row["cause"] in {"queue", "claim_wait"} or row["held_by"] is None
    assert {row["night"] for row in busy.run("breaches", since=rows[0]["night"]).to_pylist()} == {
        rows[0]["night"]
    }
