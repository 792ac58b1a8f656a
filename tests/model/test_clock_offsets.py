"""Clocks: offsets within bounds, jumps found, boundaries of two clocks brought onto one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from tests.model.truth import compare_phases, compare_sums
from tests.model.views import MS, S, rows_of

NIGHT = dt.date(2025, 2, 3)
WHOLE = {"vms": 6, "nights": 4, "seed": 5}


def clocks(*jobs: tuple[float, float, float, float], **more: Any) -> list[dict[str, Any]]:
    """The rows of job_clocks: each job's start and end by its record, first and last line by its host, in seconds.

    Nights are days of 100,000 s; records are precise to the millisecond where they are no whole seconds.
    """
    tables: dict[str, list[dict[str, Any]]] = {"job_base": [], "job_marks": []}
    for number, (start, end, first, last) in enumerate(jobs):
        name = f"J{number}"
        times = {"record_started_at": round(start * S), "record_ended_at": round(end * S) if end else None}
        night = NIGHT + dt.timedelta(days=int(start // 100_000))
        row = {"job_id": name, "marks_id": name, "host": "HV01.x", "dpm_server": "DPM01", "night": night}
        tables["job_base"].append(row | times | more)
        lines = {"first_us": round(first * S), "last_us": round(last * S), "is_host_log": True}
        tables["job_marks"].append({"job_id": name, "is_online": False} | lines)
    return sorted(rows_of("job_clocks", **tables), key=lambda row: row["job_id"])


def bounds(row: dict[str, Any]) -> tuple[float, float]:
    """The bounds of the offset in seconds."""
    return row["offset_low_us"] / S, row["offset_high_us"] / S


class TestJob:
    def test_all_lines_of_the_host_lie_within_the_record(self):
        """From the last line less the end to the first line less the start, a millisecond of precision allowed."""
        (row,) = clocks((0.5, 100.5, 95.5, 180.5))

        assert bounds(row) == (79.999, 95.0)
        assert row["shift_us"] == (79_999 * MS + 95_000 * MS) // 2
        assert row["evidence"] == 2

    def test_whole_seconds_may_be_up_to_a_second_later(self):
        """And whole minutes up to a minute, where both times are such."""
        assert bounds(clocks((1, 101, 11, 95))[0]) == (-7, 10)
        assert bounds(clocks((60, 180, 70, 175))[0]) == (-65, 10)
        assert bounds(clocks((61, 180, 70, 175))[0]) == (-6, 9)

    @pytest.mark.parametrize(
        ("first", "high", "shift"), [(99, 0, 0), (98.999, -1.001, -1.001), (100, 0, 0), (100.001, 0.001, 0)]
    )
    def test_a_second_before_the_start_is_no_difference(self, first, high, shift):
        """Records may be rounded; beyond that the clock of the host is behind."""
        (row,) = clocks((100, 161, first, 161 + high))

        assert bounds(row)[1] == pytest.approx(high)
        assert row["shift_us"] < 0 if shift else row["shift_us"] == 0

    def test_what_is_known_more_closely_than_the_record_is_exact(self):
        """Evidence 3: the offset lies within less than the second that the record may be off."""
        rows = clocks((1, 101, 1.25, 102), (201, 301, 210, 301.8))

        assert bounds(rows[0]) == (0, 0.25)
        assert [row["evidence"] for row in rows] == [3, 3]

    def test_without_two_computers_there_is_one_clock(self):
        """Nothing to compare where the DPM server is the host, or nothing names it."""
        assert clocks((1, 101, 11, 95), dpm_server="hv01") == []
        assert clocks((1, 101, 11, 95), dpm_server=None) == []


class TestNight:
    def test_jobs_of_a_night_narrow_each_other(self):
        """What all of them allow."""
        rows = clocks((1, 101, 11, 95), (201, 301, 205, 299), (100_001, 100_101, 100_011, 100_095))

        assert [bounds(row) for row in rows] == [(-3, 4), (-3, 4), (-7, 10)]

    def test_a_clock_that_was_set_starts_a_segment(self):
        """Where the bounds of two jobs that follow one another are disjoint."""
        rows = clocks((1, 101, 11, 95), (201, 301, 296, 385), (401, 501, 411, 495))

        assert [row["segment"] for row in rows] == [0, 1, 2]
        assert [row["shift_us"] // S for row in rows] == [0, 89, 0]

    def test_a_job_that_spans_a_jump_tells_nothing(self):
        """Its bounds are those of both sides; it starts no segment of its own."""
        rows = clocks((1, 101, 11, 95), (201, 301, 211, 390), (401, 501, 496, 585))

        assert [(row["tells"], row["segment"]) for row in rows] == [(True, 0), (False, 0), (True, 1)]
        assert bounds(rows[1])[0] <= -7
        assert bounds(rows[1])[1] >= 95

    def test_a_running_job_has_the_offset_of_its_night(self):
        """It bounds nothing itself."""
        rows = clocks((1, 101, 96, 185), (201, 0, 296, 350))

        assert (rows[1]["tells"], rows[1]["shift_us"]) == (False, rows[0]["shift_us"])

    def test_a_job_of_a_night_that_tells_nothing(self):
        """It may have any offset that the other nights of the segment allow, those of all of them together."""
        first, second = (1, 101, 11, 95), (100_001, 100_101, 100_006, 100_099)
        running = (200_001, 0, 200_020, 200_050)

        assert [bounds(row) for row in clocks(first, second, running)] == [(-7, 10), (-3, 5), (-7, 10)]
        assert [row["is_constant"] for row in clocks(first, second, running)] == [True, True, False]

    def test_a_running_job_alone(self):
        """Without another job only its first line bounds the offset, from above; 0 is always possible."""
        assert bounds(clocks((1, 0, 11, 50))[0]) == (0, 10)
        assert bounds(clocks((100, 0, 40, 50))[0]) == (-60, 0)

    def test_a_jump_between_nights(self):
        """A job that spans it may have any offset of the segments before and behind, and of its own lines."""
        before = ((1, 101, 11, 95), (201, 301, 206, 299))
        behind = ((601, 701, 696, 785), (801, 901, 896, 985))
        rows = clocks(*before, (401, 501, 406, 590), *behind)

        assert [(row["tells"], row["segment"]) for row in rows] == [
            (True, 0),
            (True, 0),
            (False, 0),
            (True, 1),
            (True, 1),
        ]
        assert bounds(rows[2]) == (-3, 95)
        assert [bounds(row) for row in (rows[0], rows[4])] == [(-3, 5), (83, 95)]
        assert [row["is_constant"] for row in rows] == [True, True, False, True, True]


class TestBoundaries:
    def test_times_of_the_host_move_onto_the_clock_of_the_server(self):
        """Phases between two lines of the host keep their length; the unknown goes to both ends."""
        job = {"job_id": "J", "marks_id": "M", "vm": "VM", "outcome": "succeeded"}
        record = {"started_at": 0, "record_started_at": 0, "ended_at": 700 * S, "record_ended_at": 700 * S}
        marks = {"add_us": 97 * S, "provider_us": 137 * S, "begin_us": 138 * S, "complete_us": 682 * S}
        rows = rows_of(
            "phases",
            through=["online_boundaries", "boundaries"],
            job_base=[job | record | {"level": "host", "is_good": True}],
            job_marks=[{"job_id": "M", "is_online": False, "release_us": 690 * S} | marks],
            job_clocks=[
                {"job_id": "J", "shift_us": 90 * S, "offset_low_us": 85 * S, "offset_high_us": 95 * S}
                | {"evidence": 2}
            ],
        )
        made = {row["phase"]: row for row in rows}
        lengths = {
            name: (row["duration_min_s"], row["duration_s"], row["duration_max_s"])
            for name, row in made.items()
        }

        assert lengths["prepare"] == (2, 7, 12)
        assert lengths["finalize"] == (95, 100, 105)
        assert lengths["transfer"] == (544, 544, 544)
        assert {name: made[name]["grade"] for name in ("prepare", "transfer", "release", "finalize")} == {
            "prepare": "B",
            "transfer": "A",
            "release": "A",
            "finalize": "B",
        }
        assert sum(row["duration_s"] for row in rows) == 700

    def test_a_clock_that_is_off_takes_no_boundary_out_of_the_job(self):
        """Lines beyond the end of the record end with it: the phases add up whatever the clock says."""
        job = {"job_id": "J", "marks_id": "M", "vm": "VM", "outcome": "succeeded", "level": "host"}
        record = {"started_at": 0, "record_started_at": 0, "ended_at": 100 * S, "record_ended_at": 100 * S}
        rows = rows_of(
            "phases",
            through=["online_boundaries", "boundaries"],
            job_base=[job | record | {"is_good": True}],
            job_marks=[{"job_id": "M", "is_online": False, "add_us": 5 * S, "release_us": 150 * S}],
        )

        assert sum(row["duration_s"] or 0 for row in rows) == 100


def on_one_clock(made, skews) -> pd.DataFrame:
    """The true boundaries with the times of the hosts on the clock of the DPM server."""
    truth, hosts = made.boundaries.copy(), made.jobs.set_index("job_id").host
    for place, row in truth.iterrows():
        if row.boundary not in ("start", "end"):
            truth.loc[place, "at"] = row["at"] - pd.Timedelta(seconds=skews(hosts.get(row.job_id), row["at"]))
    return truth


class TestEstate:
    @pytest.mark.parametrize("skew_s", [90.0, -90.0])
    def test_clocks_that_are_off(self, estate, skew_s):
        """Bounds hold the true offset; lengths, bounds and sums of phases are those of the simulation."""
        made = estate(**WHOLE, clock_skew_s=skew_s)
        true = {"HV01": skew_s, "HV02": -skew_s}
        rows = made.session.sql("SELECT * FROM clock_offsets WHERE told_by = 'job_records'").to_pylist()
        phases = made.session.sql("SELECT * FROM phases").to_pandas()
        jobs = made.session.sql("SELECT * FROM jobs").to_pandas()
        truth = on_one_clock(made, lambda host, _at: true.get(host, 0.0))
        timed = phases.merge(made.session.sql("SELECT * FROM job_clocks").to_pandas(), on="job_id")

        assert {row["a"] for row in rows} == set(true)
        assert all(row["offset_low_s"] <= true[row["a"]] <= row["offset_high_s"] for row in rows)
        assert {(row["segment"], row["is_constant"]) for row in rows} == {(0, True)}
        assert compare_sums(jobs, phases) == []
        assert compare_phases(phases[(phases.grade != "A") & phases.ended_at.notna()], truth) == []
        # a phase between two lines of the host is exact in length, and in place within the offset's bounds
        sharp = timed[(timed.grade == "A") & (timed.phase == "transfer")]
        assert len(sharp) > 5
        assert set(timed[timed.phase.isin(["prepare", "finalize"]) & timed.duration_s.notna()].grade) == {"B"}
        ends = made.jobs.set_index("job_id").ended_at
        assert not [
            row.job_id
            for row in jobs[jobs.evidence == "record+log"].itertuples()
            if ends.get(row.job_id)
            and abs((row.ended_at - pd.Timestamp(ends[row.job_id])).total_seconds()) > 1
        ]

    def test_the_length_of_a_transfer_needs_no_clock_of_the_server(self, estate):
        """It is the same whatever the clocks say."""
        lengths = []
        for skew_s in (0.0, 90.0):
            made = estate(**WHOLE, clock_skew_s=skew_s)
            query = (
                "SELECT job_id, duration_s FROM phases WHERE phase = 'transfer' AND grade = 'A' ORDER BY 1"
            )
            lengths.append(made.session.sql(query).to_pylist())

        assert lengths[0] == lengths[1] != []

    def test_a_clock_that_jumps_is_split(self, estate):
        """At noon of the middle day; before and after it the bounds hold what was true then."""
        made = estate(**WHOLE, clock_jump_s=120.0)
        rows = made.session.sql(
            "SELECT * FROM clock_offsets WHERE told_by = 'job_records' ORDER BY a, night"
        ).to_pylist()
        (trust,) = made.session.sql("SELECT * FROM trust WHERE \"check\" = 'clocks_host'").to_pylist()

        jumped = [row for row in rows if row["a"] == "HV01"]
        assert [row["segment"] for row in jumped] == sorted(row["segment"] for row in jumped)
        assert {row["segment"] for row in jumped} == {0, 1}
        assert all(
            row["offset_low_s"] <= 120.0 * row["segment"] <= row["offset_high_s"]
            for row in jumped
            if row["is_constant"]
        )
        assert {row["segment"] for row in rows if row["a"] == "HV02"} == {0}
        assert (trust["detail"], trust["status"], trust["names"]) == ("clocks_jumped", "warn", "HV01")
