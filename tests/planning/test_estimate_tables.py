"""The tables that rest on rates, from simulated logs by name."""

from __future__ import annotations

import pytest

from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.site import Site
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from analytics.tables.planned import PLANNED
from tests.model.plain_estate import Estate as Plain


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Twelve VMs, nine nights."""
    folder = tmp_path_factory.mktemp("estate")
    write_estate(folder / "logs", Knobs(vms=12, nights=9, seed=5))
    store = Store.create_or_open(folder / "store")
    ingest(store, [folder / "logs"])
    with open_session(store, Site(time_zone="Asia/Tokyo")) as opened:
        yield opened


def test_causes_add_up(session):
    """To the time in DPM's queue and the duration, to the millisecond."""
    rows = session.sql("""
        SELECT
            j.job_id, coalesce(max(greatest(j.queued_s, 0)), 0) + max(j.duration_s) AS whole_s,
            sum(c.duration_s) AS causes_s
        FROM job_causes AS c JOIN jobs AS j USING (job_id) WHERE j.duration_s IS NOT NULL GROUP BY j.job_id
    """).to_pylist()

    assert len(rows) > 50
    assert max(abs(row["whole_s"] - row["causes_s"]) for row in rows) < 0.002


def test_phases_are_as_sure_as_the_log_is_of_them(session):
    """Where only bounds are known the ends are those; the grade is that of the phase."""
    rows = session.sql("""
        SELECT c.*, p.duration_min_s AS least_s, p.duration_max_s AS most_s, p.grade AS seen
        FROM job_causes AS c JOIN phases AS p ON p.job_id = c.job_id AND p.phase = c.cause
    """).to_pylist()

    assert {"A", "C"} <= {row["seen"] for row in rows}
    assert all(row["grade"] == row["seen"] for row in rows)
    assert all(row["low_s"] - 1e-3 <= (row["least_s"] or row["low_s"]) for row in rows)
    assert all(row["most_s"] is None or row["high_s"] >= row["most_s"] - 1e-3 for row in rows)
    assert any(row["low_s"] < row["duration_s"] for row in rows if row["seen"] == "C")


def test_waits_name_their_holders(session):
    """Whoever waited for a claim waited for a job that there is; other causes name nobody."""
    rows = session.sql("SELECT DISTINCT cause FROM job_causes WHERE waited_for IS NOT NULL").to_pylist()

    assert {row["cause"] for row in rows} <= {"claim_wait"}


@pytest.mark.parametrize("table", PLANNED, ids=lambda table: table.name)
def test_no_jobs(table, tmp_path):
    """A store without jobs has the tables, empty."""
    with open_session(Plain(tmp_path).store, Site(time_zone="UTC")) as opened:
        assert opened.sql(f"FROM {table.name}").num_rows == 0


def test_next_night(session):
    """A row per VM that is due, its range around its middle, after the last night."""
    rows = session.sql("FROM predictions").to_pylist()

    assert len(rows) >= 9
    assert all(
        row["low_s"] <= row["transfer_p50_s"] <= row["high_s"] for row in rows if row["low_s"] is not None
    )
    assert all(0 <= row["p_meets"] <= 1 for row in rows if row["p_meets"] is not None)


def test_upper_end_is_never_the_middle(session):
    """An estimate of a guest-level backup has a range."""
    rows = session.sql("FROM guest_estimates WHERE guest_p50_s IS NOT NULL").to_pylist()

    assert rows
    assert all(row["guest_low_s"] < row["guest_p50_s"] < row["guest_high_s"] for row in rows)
    assert {row["grade"] for row in rows} <= {"B", "C", "D"}
