"""The report's queries on estates of several sizes: columns as declared, numbers that add up."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

import pytest

from analytics.report import draw
from analytics.report.depths import DEPTHS
from analytics.report.sections import SECTIONS, results_of
from analytics.sql import catalogue
from tests.report.estate import FIRST_NIGHT, estate_session, session_of

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


@pytest.mark.parametrize("name", [name for name in NAMES if catalogue()[name].chart])
def test_a_notebook_can_keep_every_chart(name, session):
    """What `draw` makes can be written as JSON, so that `.save` works: days are text."""
    drawn = json.loads(draw(session, name, **bound(name)).to_json())

    assert any(rows for rows in drawn["datasets"].values())


@pytest.mark.parametrize("name", [name for name in NAMES if "until" in bound(name) and name != "checks"])
def test_nights_outside_the_period_do_not_count(name, session):
    """A period before the first night leaves no row, or only zeros and NULLs; what is checked is checked always."""
    rows = session.run(name, **bound(name, until=dt.date(2020, 1, 1))).to_pylist()

    assert not any(value for row in rows for name, value in row.items() if name != "other_jobs")


def test_every_query_is_part_of_the_report():
    """No query of queries/report/ is forgotten, none is missing."""
    of_depths = (part for depth in DEPTHS.values() for part in depth.sections)
    assert sorted(results_of((*SECTIONS, *of_depths))) == NAMES


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
    assert key["due"] == key["met"] + key["missed"] + key["running"] + key["unknown"]


def test_groups_hosts_and_causes_add_up_to_the_key_figures(session):
    """Each missed backup belongs to one group, one host and one cause; what is due to one group and one host."""
    groups = session.run("sla_groups", **bound("sla_groups")).to_pylist()
    key = session.run("key_figures", **bound("key_figures")).to_pylist()[0]

    for kind in ("protection_group", "host", "cause"):
        rows = [row for row in groups if row["grouped_by"] == kind]
        assert sum(row["missed"] for row in rows) == key["missed"]
        assert kind == "cause" or sum(row["due"] for row in rows) == key["due"]
    assert {row["name"] for row in groups if row["grouped_by"] == "host"} == {"HV01", "HV02", "HV03", "HV04"}


def test_vms_that_no_job_protects_are_a_group_of_their_own():
    """One night with a backup, and a VM belongs to its host again."""
    night = dt.date(2025, 11, 3)
    rows = {
        "jobs": [
            {"job_id": "A", "vm": "A", "host": "HV01", "started_at": dt.datetime(2025, 11, 3, tzinfo=dt.UTC)}
        ],
        "sla": [
            {
                "vm": vm,
                "night": night + dt.timedelta(days=day),
                "rule": "backup_window",
                "expected": True,
                "met": met,
            }
            | {"reason": "met" if met else "never_run", "cause": None if met else "never_run"}
            for vm, day, met in (("A", 0, False), ("A", 1, True), ("B", 0, False), ("B", 1, False))
        ],
    }
    session = session_of(rows)
    hosts = [
        row
        for row in session.run("sla_groups", **bound("sla_groups")).to_pylist()
        if row["grouped_by"] == "host"
    ]
    cells = session.run("sla_heatmap", **bound("sla_heatmap")).to_pylist()
    offenders = session.run("offenders", **bound("offenders")).to_pylist()

    assert {(row["name"], row["vms"]) for row in hosts} == {("HV01", 1), ("never_run", 1)}
    assert {row["vm"] for row in cells if row["never_ran"]} == {"B"}
    assert {row["vm"] for row in offenders if row["never_ran"]} == {"B"}


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


def at(hour, minute=0):
    """A moment of the night of 2025-11-03 in Tokyo."""
    return dt.datetime(2025, 11, 3, 13, 0, tzinfo=dt.UTC) + dt.timedelta(hours=hour, minutes=minute)


def one_job(**more):
    """A job of an hour from 22:00, of 3.6 GB, sent in its second half."""
    job = {"job_id": "A", "vm": "A", "started_at": at(0), "ended_at": at(1), "duration_s": 3600.0}
    job |= {"outcome": "succeeded", "bytes_transferred": 3_600_000_000}
    transfer = {"job_id": "A", "vm": "A", "phase": "transfer", "grade": "A", "started_at": at(0, 30)}
    transfer |= {"ended_at": at(1), "duration_s": 1800.0}
    return {
        "jobs": [job | more],
        "job_nights": [{"job_id": "A", "night": dt.date(2025, 11, 3)}],
        "phases": [transfer],
    }


def test_the_queue_stands_before_the_job_and_is_no_part_of_it():
    """Without a wait of a second there is none, nor where no record says when DPM created the job."""
    rows = session_of(one_job(queued_s=600.0)).run("night_timeline", **bound("night_timeline")).to_pylist()
    queue, transfer = sorted(rows, key=lambda row: row["from_ms"])

    assert (queue["phase"], queue["phase_s"], queue["to_ms"]) == ("queue", 600, 22 * 3_600_000)
    assert (transfer["phase"], transfer["row_from_ms"]) == ("transfer", transfer["from_ms"])
    for queued_s in (0.5, None):
        other = session_of(one_job(queued_s=queued_s))
        phases = other.run("night_timeline", **bound("night_timeline")).column("phase").to_pylist()
        assert phases == ["transfer"]


def test_who_held_the_volume_stands_beside_the_wait():
    """Of several the one that held it longest; nobody beside other phases, nor where none is known."""
    wait = {
        "job_id": "A",
        "vm": "A",
        "phase": "claim_wait",
        "grade": "B",
        "started_at": at(0),
        "duration_s": 60.0,
    }
    rows = one_job()
    rows["phases"].append(wait)
    held = [
        {"job_id": "A", "vm": "A", "holder_job_id": name, "holder_vm": name, "overlap_s": overlap_s}
        for name, overlap_s in (("B", 20.0), ("C", 40.0))
    ]

    for holders, shown in ((held, "C"), ([], None)):
        session = session_of(rows | {"claim_holders": holders})
        made = session.run("night_timeline", **bound("night_timeline")).to_pylist()
        assert {row["phase"]: row["waited_for"] for row in made} == {"claim_wait": shown, "transfer": None}


def test_a_queue_s_holder_is_the_job_after_whose_end_it_began():
    """The last to end before, on the same DPM server; nobody where that was over a minute ago, or before the wait."""

    def shown(ended_s, queued_s, dpm_server="DPM01"):
        before = {"job_id": "B", "vm": "B", "dpm_server": "DPM01", "started_at": at(0)}
        before |= {"ended_at": at(1) - dt.timedelta(seconds=ended_s), "duration_s": 3600.0 - ended_s}
        rows = one_job(started_at=at(1), ended_at=at(2), queued_s=queued_s, dpm_server=dpm_server)
        rows["jobs"].append(before)
        rows["job_nights"].append({"job_id": "B", "night": dt.date(2025, 11, 3)})
        made = session_of(rows).run("night_timeline", **bound("night_timeline")).to_pylist()
        return [row["waited_for"] for row in made if row["phase"] == "queue"]

    assert shown(5, 600.0) == ["B"]
    assert shown(61, 600.0) == [None]
    assert shown(5, 4.0) == [None]
    assert shown(5, 600.0, "DPM02") == [None]


def test_the_load_spreads_jobs_and_bytes_over_quarters_of_an_hour():
    """The bytes over the transfer alone; together they are those of the job."""
    rows = session_of(one_job()).run("night_load", **bound("night_load")).to_pylist()

    assert [row["from_ms"] // 900_000 for row in rows] == [88, 89, 90, 91]
    assert [row["running"] for row in rows] == [1, 1, 1, 1]
    assert [row["rate_bytes"] for row in rows] == [0, 0, 2_000_000, 2_000_000]
    unknown = session_of(one_job(bytes_transferred=None)).run("night_load", **bound("night_load"))
    assert set(unknown.column("rate_bytes").to_pylist()) == {None}


def test_a_week_stands_beside_the_one_before():
    """Medians and misses of each; nights further back do not count, nor a VM without a backup in one of the two."""
    last = dt.date(2025, 11, 20)
    rows = {"sla": [], "jobs": []}
    for vm, back, duration_s, met in (
        *(("A", nights, 600.0 if nights < 7 else 400.0, nights != 2) for nights in range(14)),
        ("A", 14, 9000.0, False),
        ("B", 3, 100.0, True),
    ):
        night = last - dt.timedelta(days=back)
        job = {
            "job_id": f"{vm}{back}",
            "vm": vm,
            "duration_s": duration_s,
            "bytes_transferred": int(duration_s),
        }
        rows["jobs"].append(job)
        rows["sla"].append(
            {
                "vm": vm,
                "night": night,
                "rule": "backup_window",
                "expected": True,
                "met": met,
                "job_id": job["job_id"],
            }
        )
    session = session_of(rows)
    weeks = [
        session.run("vm_weeks", **(bound("vm_weeks") | given)).to_pylist()
        for given in ({}, {"since": last - dt.timedelta(days=6), "until": last})
    ]

    assert weeks[0] == weeks[1]
    assert weeks[0] == [
        {
            "vm": "A",
            "missed": 1,
            "missed_before": 0,
            "week_median_s": 600,
            "before_median_s": 400,
            "more_s": 200,
        }
        | {"week_bytes": 600, "before_bytes": 400}
    ]


def test_a_missed_backup_leads_to_its_lines():
    """File, line and text of each record that marks a step; nothing for a backup in time."""
    marker = {
        "job_id": "A",
        "marker": "begin_data_move",
        "at": at(0, 30),
        "host": "HV01",
        "source_id": "s",
        "line_no": 7,
    }
    line = {"source_id": "s", "line_no": 7, "host": "HV01", "at": at(0, 30), "message": "BeginDataMove"}
    verdict = {
        "vm": "A",
        "night": dt.date(2025, 11, 3),
        "rule": "backup_window",
        "expected": True,
        "job_id": "A",
    }
    rows = one_job() | {
        "markers": [marker],
        "trace": [line],
        "sources": [{"source_id": "s", "path": "D.errlog"}],
    }

    for met in (False, True):
        session = session_of(rows | {"sla": [verdict | {"met": met, "reason": "met" if met else "late"}]})
        made = session.run("missed_records", **bound("missed_records")).to_pylist()
        shown = [(row["vm"], row["step"], row["path"], row["line_no"], row["text"]) for row in made]
        assert shown == ([] if met else [("A", "begin_data_move", "D.errlog", 7, "BeginDataMove")])


def night_with_a_repeated_attempt():
    """On one night a VM fails after 10 minutes and succeeds in 60; the next night it takes 30."""
    start = dt.datetime(2025, 11, 3, 14, 0, tzinfo=dt.UTC)
    cases = [("A", 0, 0, 600.0, "failed"), ("B", 0, 1, 3600.0, "succeeded"), ("C", 1, 0, 1800.0, "succeeded")]
    rows = {"jobs": [], "job_nights": [], "phases": []}
    for name, day, hours, length_s, outcome in cases:
        at = start + dt.timedelta(days=day, hours=hours)
        job = {"job_id": name, "vm": "VM1", "level": "host", "kind": "express_full", "outcome": outcome}
        end = at + dt.timedelta(seconds=length_s)
        rows["jobs"].append(job | {"started_at": at, "ended_at": end, "duration_s": length_s})
        rows["job_nights"].append({"job_id": name, "night": dt.date(2025, 11, 3 + day)})
        length = {"duration_s": length_s, "duration_min_s": length_s - 60, "duration_max_s": length_s + 60}
        rows["phases"].append({"job_id": name, "vm": "VM1", "phase": "post_snapshot", "grade": "B"} | length)
    return session_of(rows)


def test_a_repeated_attempt_is_a_job_of_its_own():
    """The median of a night's jobs is no sum of them: (10 min, 60 min) has the median 35 min."""
    rows = night_with_a_repeated_attempt().run("night_shares", **bound("night_shares")).to_pylist()

    assert [(row["night"].day, row["jobs"], row["total_s"], row["share"]) for row in rows] == [
        (3, 2, 4200.0, 1.0),
        (4, 1, 1800.0, 1.0),
    ]
    assert [row["job_median_s"] for row in rows] == [2100.0, 1800.0]
    assert rows[0]["job_p90_s"] == pytest.approx(3300.0)


def test_each_job_shows_its_own_bounds():
    """One row per job and phase, the longest first within its night."""
    rows = night_with_a_repeated_attempt().run("snapshot_jobs", **bound("snapshot_jobs")).to_pylist()

    assert [(row["night"].day, row["median_s"], row["low_s"], row["high_s"]) for row in rows] == [
        (3, 3600.0, 3540.0, 3660.0),
        (3, 600.0, 540.0, 660.0),
        (4, 1800.0, 1740.0, 1860.0),
    ]
    assert all((row["least_s"], row["most_s"]) == (row["low_s"], row["high_s"]) for row in rows)


def test_rows_of_the_timeline_know_their_span():
    """All jobs of a VM on one night stand in one row, from the first begin to the last end."""
    rows = night_with_a_repeated_attempt().run("night_timeline", **bound("night_timeline")).to_pylist()
    first, second, other = sorted(rows, key=lambda row: row["job_id"])
    hour = 3_600_000

    assert (first["row_from_ms"], first["row_to_ms"]) == (23 * hour, 25 * hour)
    assert (second["row_from_ms"], second["row_to_ms"]) == (23 * hour, 25 * hour)
    assert (other["row_from_ms"], other["row_to_ms"]) == (23 * hour, 23 * hour + hour // 2)


def test_jobs_beside_are_counted_over_the_data_move():
    """Alone is 0; two that ran together are beside one another; a tracked one is beside others, but not judged."""
    us, gb = 60_000_000, 1_000_000_000

    def move(name, volume, begin, end, is_compared=True):
        row = {"job_id": name, "vm": name, "volume": volume, "night": FIRST_NIGHT, "vhd_bytes": 60 * gb}
        row |= {"is_full": True, "is_guest": False, "is_compared": is_compared}
        return row | {"moving_us": begin * us, "moved_us": end * us}

    alone, together = move("A", "V", 0, 10), [move("B", "W", 0, 20), move("C", "W", 0, 20)]
    beside_tracked = [move("D", "X", 0, 20), move("E", "X", 0, 20, is_compared=False)]
    session = session_of({"job_times": [alone, *together, *beside_tracked]})
    rows = session.run("contention_effect", **bound("contention_effect")).to_pylist()

    assert [(row["beside"], row["jobs"], row["median_s_per_gb"]) for row in rows] == [
        (0, 1, 10.0),
        (1, 3, 20.0),
    ]


@pytest.mark.parametrize(
    ("causes", "recommendation"),
    [
        (("failed", "failed", "not_started"), "see_both"),
        (("not_started", "not_started", "failed"), "see_both"),
        (("not_started", "failed", "failed"), "see_failures"),
        (("not_started", "never_run", "not_started"), "check_schedule"),
        (("transfer", "transfer", "failed"), "not_enough_data"),
    ],
)
def test_what_to_do_does_not_pass_over_the_last_miss(causes, recommendation):
    """Where most nights call for one look and the last one for the other, both are named."""
    base = {"vm": "A", "rule": "backup_window", "expected": True, "met": False, "reason": "failed"}
    rows = [
        base | {"night": FIRST_NIGHT + dt.timedelta(days=n), "cause": cause} for n, cause in enumerate(causes)
    ]
    (row,) = session_of({"sla": rows}).run("offenders", **bound("offenders")).to_pylist()

    assert (row["main_cause"], row["recommendation"]) == (max(causes, key=causes.count), recommendation)
