"""Phases from boundaries: which stretch is a phase, how long and how sure it is, and which phases are hidden."""

from __future__ import annotations

import pytest

from tests.model.views import S, rows_of

JOB = {"job_id": "J", "vm": "VM", "level": "host", "is_good": True, "ended_at": 1000 * S}
ALL = {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 500, 6: 510, 7: 1000}
NAMES = ("prepare", "claim_wait", "snapshot", "post_snapshot", "transfer", "release", "finalize")
EXPECTED = {"prepare", "snapshot", "post_snapshot", "transfer", "release"}


def boundary(place, us, *, low_us=None, high_us=None, evidence=3, job="J"):
    """One row of boundaries, its next place left open."""
    bounds = {"low_us": us if low_us is None else low_us, "high_us": us if high_us is None else high_us}
    return {"job_id": job, "vm": "VM", "place": place, "us": us, "evidence": evidence} | bounds


@pytest.fixture
def phases():
    """Phases of the job J from its boundaries; those with a duration add up to the length of the job."""

    def view(rows, job=None):
        rows = sorted(rows, key=lambda row: row["place"])
        chained = [
            row | {"next_place": after["place"] if after else None}
            for row, after in zip(rows, [*rows[1:], None], strict=True)
        ]
        found = rows_of("phases", boundaries=chained, job_base=[JOB | (job or {})])
        timed = [row for row in found if row["duration_s"] is not None]
        assert sum(row["duration_s"] for row in timed) == (rows[-1]["us"] - rows[0]["us"]) / S
        assert {row["vm"] for row in found} == {"VM"}
        return found

    return view


def in_seconds(places, **changes):
    """Boundaries at these seconds."""
    return [boundary(place, second * S, **changes) for place, second in places.items()]


def lengths(found):
    """Phase, duration and grade of each stretch, in order of time."""
    timed = [row for row in found if row["duration_s"] is not None]
    return [
        (row["phase"], row["duration_s"], row["grade"])
        for row in sorted(timed, key=lambda r: r["started_at"])
    ]


def hidden(found):
    """The phases of which a boundary is missing."""
    rows = [row for row in found if row["grade"] == "D"]
    assert all(row[name] is None for row in rows for name in ("started_at", "ended_at", "duration_min_s"))
    return {row["phase"] for row in rows}


class TestStretches:
    def test_from_each_boundary_to_the_next(self, phases):
        """With all boundaries there are all phases, in their order, and nothing is hidden."""
        found = phases(in_seconds(ALL))

        assert lengths(found) == [
            (name, float(ALL[place + 1] - ALL[place]), "A") for place, name in enumerate(NAMES)
        ]
        assert hidden(found) == set()

    @pytest.mark.parametrize("missing", [1, 2, 3, 4, 5, 6])
    def test_a_gap_is_unaccounted(self, phases, missing):
        """Without a boundary the time on both its sides is one stretch that no phase claims."""
        found = phases(in_seconds({place: second for place, second in ALL.items() if place != missing}))

        gap = float(ALL[missing + 1] - ALL[missing - 1])
        assert ("unaccounted", gap, "A") in lengths(found)
        assert {name for name, _, _ in lengths(found)} == {*NAMES} - {
            NAMES[missing - 1],
            NAMES[missing],
        } | {"unaccounted"}
        assert hidden(found) == {NAMES[missing - 1], NAMES[missing]} & EXPECTED

    @pytest.mark.parametrize(("place", "phase"), [(0, "prepare"), (7, "finalize")])
    def test_a_mere_trace_is_no_boundary(self, phases, place, phase):
        """Where nothing shows the start or the end, the time up to there is unaccounted, at grade A all the same."""
        rows = in_seconds(ALL)
        rows[place]["evidence"] = 0
        found = phases(rows)

        assert phase not in [name for name, _, _ in lengths(found)]
        assert ("unaccounted", float(ALL[place or 1] - ALL[(place or 1) - 1]), "A") in lengths(found)
        assert hidden(found) == {phase} & EXPECTED

    @pytest.mark.parametrize(("us", "there"), [(20 * S, False), (20 * S + 1, True)])
    def test_a_claim_granted_at_once_is_no_wait(self, phases, us, there):
        """A wait of nothing is left out, unless the claim was refused."""
        rows = [boundary(place, second * S) for place, second in ALL.items() if place not in {1, 2}]
        seen = phases([*rows, boundary(1, 20 * S), boundary(2, us)])
        refused = phases([*rows, boundary(1, 20 * S), boundary(2, us, evidence=2)])

        assert ("claim_wait" in [name for name, _, _ in lengths(seen)]) is there
        assert "claim_wait" in [name for name, _, _ in lengths(refused)]

    @pytest.mark.parametrize(("us", "there"), [(20 * S, False), (20 * S + 1, True)])
    def test_a_gap_of_nothing_is_left_out(self, phases, us, there):
        """Between two boundaries at the same moment nothing is unaccounted."""
        rows = [boundary(place, second * S) for place, second in ALL.items() if place > 3]
        found = phases([boundary(0, 20 * S), boundary(2, us), *rows])

        assert [name for name, length, _ in lengths(found)].count("unaccounted") == (2 if there else 1)

    def test_a_phase_of_nothing_stays(self, phases):
        """A phase without length is one."""
        found = phases([*in_seconds({0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 500, 6: 500, 7: 500})])

        assert lengths(found).count(("snapshot", 0.0, "A")) == 1
        assert hidden(found) == set()


class TestBounds:
    @pytest.mark.parametrize(("evidence", "grade"), [(3, "A"), (2, "B"), (1, "C")])
    def test_the_weaker_evidence_counts(self, phases, evidence, grade):
        """The phases on both sides of a boundary bear its grade."""
        rows = in_seconds(ALL)
        rows[3] |= {"low_us": 22 * S, "high_us": 35 * S, "evidence": evidence}
        found = {row["phase"]: row for row in phases(rows)}

        assert found["snapshot"]["grade"] == found["post_snapshot"]["grade"] == grade
        assert {found[name]["grade"] for name in ("claim_wait", "transfer")} == {"A"}
        assert [found["snapshot"][f"duration_{name}s"] for name in ("min_", "", "max_")] == [2, 10, 15]
        assert [found["post_snapshot"][f"duration_{name}s"] for name in ("min_", "", "max_")] == [5, 10, 18]

    def test_bounds_hold_the_length_and_are_not_negative(self, phases):
        """Where the bounds of two boundaries overlap a phase may have had no length."""
        rows = in_seconds(ALL)
        rows[2] |= {"low_us": 20 * S, "high_us": 28 * S, "evidence": 2}
        rows[3] |= {"low_us": 25 * S, "high_us": 30 * S, "evidence": 1}
        found = {row["phase"]: row for row in phases(rows)}

        assert [found["snapshot"][f"duration_{name}s"] for name in ("min_", "", "max_")] == [0, 10, 10]

    def test_bounds_of_what_is_unaccounted(self, phases):
        """It is the rest, and has no bounds of its own."""
        rows = [row for row in in_seconds(ALL) if row["place"] != 3]
        rows[2] |= {"low_us": 15 * S, "evidence": 2}
        found = {row["phase"]: row for row in phases(rows)}

        assert [found["unaccounted"][f"duration_{name}s"] for name in ("min_", "", "max_")] == [20, 20, 20]


class TestHidden:
    @pytest.mark.parametrize(
        ("known", "is_good", "expected"),
        [
            ({0: 0, 7: 1000}, True, EXPECTED),
            ({0: 0, 7: 1000}, False, set()),
            ({0: 0, 4: 40, 7: 1000}, False, {"prepare", "snapshot", "post_snapshot"}),
            ({0: 0, 5: 500, 7: 1000}, False, EXPECTED - {"release"}),
            ({0: 0, 6: 510, 7: 1000}, False, set()),
            ({0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 7: 1000}, False, set()),
            ({0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 7: 1000}, True, {"transfer", "release"}),
            ({0: 0, 1: 10, 2: 20, 4: 40, 5: 500, 7: 1000}, False, {"snapshot", "post_snapshot"}),
        ],
    )
    def test_what_must_have_been(self, phases, known, is_good, expected):
        """A good backup had all phases; one that moved data had those before, one that moved all the transfer too."""
        assert hidden(phases(in_seconds(known), {"is_good": is_good})) == expected

    @pytest.mark.parametrize("change", [{"level": "guest"}, {"level": None}, {"ended_at": None}])
    def test_only_of_backups_of_a_host_that_ended(self, phases, change):
        """Nothing is expected of other levels, nor of a job that runs."""
        assert hidden(phases(in_seconds({0: 0, 7: 1000}), change)) == set()

    def test_online_jobs_hide_nothing(self, phases):
        """The steps of the online agent are its phases; what lies between them is unaccounted."""
        found = phases(in_seconds({10: 0, 11: 5, 12: 10, 15: 10, 16: 800, 17: 810, 18: 900, 19: 1000}))

        assert lengths(found) == [
            ("unaccounted", 5.0, "A"),
            ("snapshot", 5.0, "A"),
            ("transfer", 790.0, "A"),
            ("unaccounted", 10.0, "A"),
            ("finalize", 90.0, "A"),
            ("unaccounted", 100.0, "A"),
        ]
        assert hidden(found) == set()


class TestRunning:
    @pytest.fixture
    def open_phases(self):
        """Phases of a running job: whatever was seen, and the time until which it is seen to run."""

        def view(places, evidence=1, start_evidence=3):
            rows = in_seconds(places)
            rows[0]["evidence"] = start_evidence
            last = max(places)
            end = boundary(19 if last > 9 else 7, 1000 * S, evidence=evidence) | {"high_us": None}
            follows = [*sorted(places)[1:], end["place"], None]
            chained = [row | {"next_place": after} for row, after in zip([*rows, end], follows, strict=True)]
            job = JOB | {"ended_at": None, "is_good": False}
            found = rows_of("phases", boundaries=chained, job_base=[job])
            return sorted(found, key=lambda row: row["started_at"])

        return view

    @pytest.mark.parametrize(
        ("places", "phase"),
        [
            ({0: 0}, "prepare"),
            ({0: 0, 1: 10}, "claim_wait"),
            ({0: 0, 1: 10, 2: 10}, "snapshot"),
            ({0: 0, 1: 10, 2: 20, 3: 30}, "post_snapshot"),
            ({0: 0, 4: 30}, "transfer"),
            ({0: 0, 5: 30}, "release"),
            ({0: 0, 6: 30}, "finalize"),
            ({10: 0, 11: 10}, "snapshot"),
            ({10: 0, 15: 10}, "transfer"),
            ({10: 0, 15: 10, 16: 20}, "unaccounted"),
        ],
    )
    def test_what_it_began_last_still_lasts(self, open_phases, places, phase):
        """No end, no length, no longest length; at least as long as it is seen to run."""
        *_, last = open_phases(places)

        assert (last["phase"], last["grade"]) == (phase, "C")
        assert last["duration_min_s"] == 1000 - max(places.values())
        assert [last[name] for name in ("ended_at", "duration_s", "duration_max_s")] == [None] * 3

    def test_without_a_log_nobody_knows_what_it_does(self, open_phases):
        """Its time is unaccounted."""
        (only,) = open_phases({0: 0}, evidence=0)

        assert (only["phase"], only["grade"], only["duration_min_s"]) == ("unaccounted", "C", 1000)
        assert only["ended_at"] is None
