"""The report's queries on estates of several sizes: columns as declared, numbers that add up."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from analytics.report.sections import RESULTS
from analytics.sql import catalogue
from tests.report.estate import estate_session, session_of

NAMES = sorted(name for name, query in catalogue().items() if query.folder == "report")


def bound(name, **given):
    """All parameters of a query, NULL where none is given."""
    return {parameter.name: given.get(parameter.name) for parameter in catalogue()[name].parameters}


@pytest.fixture(scope="module")
def session():
    """Forty VMs, ten nights, hostile names among them."""
    return estate_session(40, 10)


@pytest.mark.parametrize("name", NAMES)
class TestEveryQuery:
    def test_columns_are_as_declared(self, name, session):
        """Names and types of the result are those of the header, with rows and without."""
        declared = [(column.name, column.type) for column in catalogue()[name].columns]

        for tables in (session, session_of({})):
            relation = tables.connection.sql(catalogue()[name].sql, params=bound(name))
            assert declared == [
                (column, str(kind)) for column, kind in zip(relation.columns, relation.types, strict=True)
            ]


@pytest.mark.parametrize("name", [name for name in NAMES if "until" in bound(name)])
def test_nights_outside_the_period_do_not_count(name, session):
    """A period before the first night leaves no row, or only zeros and NULLs."""
    rows = session.run(name, **bound(name, until=dt.date(2020, 1, 1))).to_pylist()

    assert not any(value for row in rows for value in row.values())


def test_every_query_is_part_of_the_report():
    """No query of queries/report/ is forgotten, none is missing."""
    assert sorted(RESULTS) == NAMES


def test_one_night_is_a_period(session):
    """Since and until are both inclusive."""
    night = dt.date(2025, 11, 5)

    rows = session.run("sla_heatmap", since=night, until=night).to_pylist()

    assert {row["night"] for row in rows} == {night}
    assert len(rows) == 40


def test_heatmap_agrees_with_the_key_figures(session):
    """What is missed in the heatmap is what the verdict counts."""
    cells = session.run("sla_heatmap", **bound("sla_heatmap")).to_pylist()
    key = session.run("key_figures", **bound("key_figures")).to_pylist()[0]
    causes = session.run("breach_causes", **bound("breach_causes")).to_pylist()
    missed = sum(cell["state"] in ("late", "failed", "missed") for cell in cells)

    assert missed > 0
    assert missed == key["missed"] == sum(row["breaches"] for row in causes)
    assert key["due"] == key["met"] + key["missed"] + key["unknown"]


def test_shares_of_a_vm_add_up_to_one(session):
    """The phases of a VM make up its whole time."""
    shares = {}
    for row in session.run("phase_shares", **bound("phase_shares")).to_pylist():
        shares[row["vm"]] = shares.get(row["vm"], 0) + row["share"]

    assert len(shares) == 40
    assert all(share == pytest.approx(1, abs=1e-6) for share in shares.values())


def test_timeline_shows_local_time_of_the_site(session):
    """A job that starts at 22:10 in Tokyo lies 22 h 10 min after the night's midnight, and its phases adjoin."""
    rows = session.run("night_timeline", **bound("night_timeline")).to_pylist()
    started = session.connection.sql("SELECT min(epoch(started_at)) FROM jobs").fetchall()[0][0]
    tokyo = dt.datetime.fromtimestamp(started, dt.timezone(dt.timedelta(hours=9)))
    first = min(row["from_ms"] for row in rows if row["night"] == tokyo.date())

    assert first == pytest.approx((tokyo.hour * 3600 + tokyo.minute * 60 + tokyo.second) * 1000, abs=1000)
    by_job = {}
    for row in rows:
        by_job.setdefault(row["job_id"], []).append(row)
    for parts in by_job.values():
        assert all(abs(a["to_ms"] - b["from_ms"]) <= 1 for a, b in pairwise(parts))


def test_jobs_without_phases_are_unaccounted_and_running_ones_open():
    """A job without a phase is one grey bar at grade D; one without an end is only a mark at its start."""
    start = dt.datetime(2025, 11, 3, 14, 0, tzinfo=dt.UTC)
    done = {
        "job_id": "A",
        "started_at": start,
        "ended_at": start + dt.timedelta(hours=1),
        "duration_s": 3600.0,
    }
    rows = {
        "jobs": [done | {"outcome": "succeeded"}, {"job_id": "B", "started_at": start, "outcome": "running"}]
    }
    rows["job_nights"] = [{"job_id": job, "night": dt.date(2025, 11, 3)} for job in "AB"]

    made = {
        row["job_id"]: row
        for row in session_of(rows).run("night_timeline", **bound("night_timeline")).to_pylist()
    }

    assert (made["A"]["phase"], made["A"]["grade"], made["A"]["to_ms"] - made["A"]["from_ms"]) == (
        "unaccounted",
        "D",
        3600000,
    )
    assert (made["B"]["phase"], made["B"]["to_ms"] - made["B"]["from_ms"]) == ("open", 0)
