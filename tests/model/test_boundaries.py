"""Boundaries of a job: what is seen, what is inferred within which bounds, and their order."""

from __future__ import annotations

import pytest

from analytics.site import Site
from analytics.tables.vocabulary import BOUNDARIES, PHASES
from tests.model.views import MS, S, rows_of

JOB = {
    "job_id": "J",
    "marks_id": "M",
    "vm": "VM",
    "started_at": 0,
    "ended_at": 1000 * S,
    "outcome": "succeeded",
}
RECORDED = {"record_started_at": 0, "record_ended_at": 1000 * S}
WHOLE = {
    "init_us": 0,
    "add_us": 7 * S,
    "provider_us": 47 * S,
    "begin_us": 48 * S,
    "complete_us": 592 * S,
    "release_us": 600 * S,
}
REFUSED = {"init_us": 0, "add_us": 5 * S, "last_refusal_us": 100 * S, "retry_us": 180 * S}
STEPS = {
    "prebackup_begin_us": 10 * S,
    "prebackup_end_us": 20 * S,
    "initialize_begin_us": 20 * S,
    "initialize_end_us": 30 * S,
    "transfer_begin_us": 35 * S,
    "transfer_end_us": 900 * S,
    "integrity_begin_us": 900 * S,
    "uninitialize_end_us": 950 * S,
}
PLACES = {
    "start": 0,
    "add_volume": 1,
    "claim_granted": 2,
    "host_snapshot": 3,
    "begin_data_move": 4,
    "start_backup_complete": 5,
    "release_snapshot": 6,
    "end": 7,
}


@pytest.fixture
def boundaries():
    """Boundaries by name of the one job J: when, earliest, latest, evidence; checks what holds for all of them."""

    def view(marks, seen=None, job=None, site=None, steps=None, signs=()):
        marked = {"job_id": "M", "is_online": steps is not None, "first_us": 0, "last_us": 990 * S} | marks
        rows = rows_of(
            "boundaries",
            site,
            through=["online_boundaries"],
            job_base=[JOB | RECORDED | (job or {})],
            job_marks=[marked],
            online_marks=[{"job_id": "M"} | steps] if steps is not None else [],
            sightings=[{"job_id": "J"} | seen] if seen else [],
            last_signs=list(signs),
        )
        rows.sort(key=lambda row: row["place"])
        assert {row["vm"] for row in rows} == {"VM"}
        assert [row["next_place"] for row in rows] == [*(row["place"] for row in rows[1:]), None]
        assert [row["us"] for row in rows] == sorted(row["us"] for row in rows)
        assert all(row["low_us"] <= row["us"] <= (row["high_us"] or row["us"]) for row in rows)
        return {row["boundary"]: (row["us"], row["low_us"], row["high_us"], row["evidence"]) for row in rows}

    return view


def seen_at(us):
    """A boundary that was observed."""
    return (us, us, us, 3)


class TestSeen:
    def test_a_whole_log(self, boundaries):
        """Each marker is a boundary; the snapshot is taken as late as possible, at ProviderId."""
        found = boundaries(WHOLE)

        assert found == {
            "start": seen_at(0),
            "add_volume": seen_at(7 * S),
            "claim_granted": seen_at(7 * S),
            "host_snapshot": (47 * S, 7 * S, 47 * S, 1),
            "begin_data_move": seen_at(48 * S),
            "start_backup_complete": seen_at(592 * S),
            "release_snapshot": seen_at(600 * S),
            "end": seen_at(1000 * S),
        }

    def test_places_are_those_of_the_vocabulary(self):
        """Boundaries come in the order of the contract."""
        host_level = [boundary for boundary in BOUNDARIES if boundary.place < 10]

        assert {boundary.name: boundary.place for boundary in host_level} == PLACES
        assert [boundary.phase for boundary in host_level] == [*PHASES.names[:7], None]

    @pytest.mark.parametrize("name", ["add_us", "provider_us", "begin_us", "complete_us", "release_us"])
    def test_what_the_log_lacks_is_no_boundary(self, boundaries, name):
        """A marker that is missing takes its boundary with it, and no other but those inferred from it."""
        names = {
            "add_us": {"add_volume", "claim_granted"},
            "begin_us": {"begin_data_move"},
            "complete_us": {"start_backup_complete"},
            "release_us": {"release_snapshot"},
        }
        found = boundaries(WHOLE | {name: None})

        assert {*PLACES} - {*found} == names.get(name, set())

    def test_no_record_and_no_marker_at_the_ends(self, boundaries):
        """Start and end that nothing shows are the first and last trace of the job, no boundaries."""
        bare = {"record_started_at": None, "record_ended_at": None}

        assert boundaries(WHOLE | {"init_us": None}, job=bare)["start"][3] == 0
        assert boundaries(WHOLE, job=bare)["start"][3] == 3
        assert boundaries(WHOLE | {"init_us": None})["start"][3] == 3
        assert boundaries(WHOLE, job=bare)["end"][3] == 0
        assert boundaries(WHOLE)["end"][3] == 3

    def test_a_job_that_runs(self, boundaries):
        """Its last trace ends it for now; where there is none it has no length."""
        assert boundaries(WHOLE, job={"ended_at": None})["end"] == (990 * S, 990 * S, 990 * S, 0)
        assert boundaries({"last_us": None}, job={"ended_at": None})["end"] == (0, 0, 0, 0)

    def test_none_before_those_above_it(self, boundaries):
        """A marker that comes too early counts from the boundary above it on; its bounds hold both."""
        found = boundaries(WHOLE | {"begin_us": 40 * S, "complete_us": 30 * S})

        assert found["host_snapshot"] == (40 * S, 7 * S, 40 * S, 1)
        assert found["start_backup_complete"] == (40 * S, 30 * S, 40 * S, 3)
        assert found["release_snapshot"] == seen_at(600 * S)

    def test_none_after_the_end(self, boundaries):
        """A marker after the end of the record counts as the end; of a job that runs there is no such limit."""
        late = WHOLE | {"release_us": 1100 * S}

        assert boundaries(late)["release_snapshot"] == seen_at(1000 * S)
        assert boundaries(late, job={"ended_at": -S})["end"][0] == 0
        found = boundaries(late, job=RUNNING, signs=[sign("hv01", 2000)])
        assert found["release_snapshot"] == seen_at(1100 * S)


class TestClaim:
    @pytest.mark.parametrize(
        ("next_us", "granted_us"),
        [
            (280 * S - MS, 280 * S - MS),
            (280 * S, 280 * S),
            (280 * S + MS, 280 * S),
            (100 * S - MS, 100 * S),
            (100 * S, 100 * S),
        ],
    )
    @pytest.mark.parametrize(
        "marker", ["provider_us", "chain_us", "begin_us", "complete_us", "release_us", "t2_us", "mount_us"]
    )
    def test_granted_after_the_usual_wait(self, boundaries, marker, next_us, granted_us):
        """The last refusal plus the wait, at most the next marker, whichever that is, and never before the refusal."""
        is_event = marker in {"t2_us", "mount_us"}
        seen = (
            {marker: next_us} | ({"t2_latest_us": next_us} if marker == "t2_us" else {}) if is_event else None
        )
        found = boundaries(REFUSED | ({} if is_event else {marker: next_us}), seen)

        assert found["claim_granted"] == (granted_us, 100 * S, max(next_us, 100 * S), 2)
        assert found["add_volume"] == seen_at(5 * S)

    def test_the_end_limits_it_too(self, boundaries):
        """Without any marker behind the refusals the end of the job is the limit."""
        found = boundaries(REFUSED, job={"ended_at": 250 * S, "record_ended_at": 250 * S})

        assert found["claim_granted"] == (250 * S, 100 * S, 250 * S, 2)
        assert "host_snapshot" not in found

    @pytest.mark.parametrize(
        ("site", "wait_s"), [(None, 180), (Site(time_zone="UTC", retry_wait_s=60.5), 60.5)]
    )
    def test_one_refusal_waits_as_the_site_says(self, boundaries, site, wait_s):
        """Where no wait was seen, that of the site file counts: 180 s unless it says another."""
        found = boundaries(REFUSED | {"retry_us": None, "provider_us": 900 * S}, site=site)

        assert found["claim_granted"] == ((100 + wait_s) * S, 100 * S, 900 * S, 2)

    def test_a_claim_without_its_volume(self, boundaries):
        """Refusals alone show when the claim was granted."""
        found = boundaries(REFUSED | {"add_us": None, "provider_us": 900 * S})

        assert "add_volume" not in found
        assert found["claim_granted"] == (280 * S, 100 * S, 900 * S, 2)
        assert found["host_snapshot"] == (900 * S, 100 * S, 900 * S, 1)


class TestSnapshot:
    @pytest.mark.parametrize(
        ("seen", "expected"),
        [
            ({"t2_us": 20 * S, "t2_latest_us": 20 * S}, (20 * S, 20 * S, 20 * S, 3)),
            ({"t2_us": 20 * S, "t2_latest_us": 21 * S}, (20 * S, 20 * S, 21 * S, 2)),
            ({"t2_us": 46 * S + 1, "t2_latest_us": 48 * S}, (46 * S + 1, 46 * S + 1, 47 * S, 2)),
            ({"t2_near_us": 20 * S}, (20 * S, 7 * S, 47 * S, 2)),
            ({"t2_near_us": 20 * S, "mount_us": 19 * S}, (19 * S, 7 * S, 19 * S, 2)),
            ({"t2_near_us": 20 * S, "mount_us": 21 * S}, (20 * S, 7 * S, 21 * S, 2)),
            ({"mount_us": 20 * S}, (20 * S, 7 * S, 20 * S, 2)),
            ({"t2_before_us": 46 * S - 1}, (47 * S - 1, 7 * S, 47 * S - 1, 1)),
            ({"t2_before_us": 46 * S}, (47 * S, 7 * S, 47 * S, 1)),
            ({"t2_before_us": 46 * S + 1}, (47 * S, 7 * S, 47 * S, 1)),
            ({"t2_us": 20 * S, "t2_latest_us": 20 * S, "mount_us": 30 * S}, (20 * S, 20 * S, 20 * S, 3)),
        ],
    )
    def test_the_best_evidence_counts(self, boundaries, seen, expected):
        """Observed, near, mounted, at latest before an event of whole seconds, else at ProviderId."""
        assert boundaries(WHOLE, seen)["host_snapshot"] == expected

    def test_without_provider(self, boundaries):
        """Data that moves shows that there was a snapshot; the granted claim is its earliest time."""
        found = boundaries(WHOLE | {"provider_us": None})

        assert found["host_snapshot"] == (48 * S, 7 * S, 48 * S, 1)
        assert "host_snapshot" not in boundaries(WHOLE | {"provider_us": None, "begin_us": None})

    def test_without_any_claim(self, boundaries):
        """It lies behind the start of the job."""
        found = boundaries(WHOLE | {"add_us": None})

        assert found["host_snapshot"] == (47 * S, 0, 47 * S, 1)

    def test_an_event_before_the_granted_claim(self, boundaries):
        """The snapshot cannot precede the claim: what only follows it says nothing then."""
        found = boundaries(REFUSED | {"provider_us": 900 * S}, {"t2_before_us": 200 * S})

        assert found["claim_granted"][0] == 280 * S
        assert found["host_snapshot"] == (280 * S, 100 * S, 280 * S, 1)


class TestOnline:
    def test_each_step_has_its_ends(self, boundaries):
        """Eight moments between start and end, all of them observed."""
        found = boundaries({}, steps=STEPS)

        seen = [0, 10, 20, 20, 30, 35, 900, 900, 950, 1000]
        assert list(found.values()) == [seen_at(second * S) for second in seen]
        assert [*found][::9] == ["online_start", "online_end"]

    @pytest.mark.parametrize(
        ("begin_us", "end_us", "is_known"),
        [(35 * S, 35 * S, True), (35 * S, 35 * S - 1, False), (None, 40 * S, False), (35 * S, None, False)],
    )
    def test_a_step_counts_with_both_ends(self, boundaries, begin_us, end_us, is_known):
        """A step without its beginning or its end, or that ends before it begins, is no step."""
        found = boundaries({}, steps=STEPS | {"transfer_begin_us": begin_us, "transfer_end_us": end_us})

        assert ("transfer_begin" in found, "transfer_end" in found) == (is_known, is_known)
        assert len(found) == (10 if is_known else 8)


RUNNING = {
    "outcome": "running",
    "ended_at": None,
    "record_ended_at": None,
    "host": "HV01.x",
    "dpm_server": "DPM01",
}


def sign(computer_key, second):
    """One row of last_signs."""
    return {"computer_key": computer_key, "seen_until": second * S}


class TestRunning:
    @pytest.mark.parametrize(
        ("signs", "second"),
        [
            ([], 990),
            ([sign("hv01", 2000), sign("dpm01", 1500)], 2000),
            ([sign("hv01", 1500), sign("dpm01", 2000)], 2000),
            ([sign("hv01", 10), sign("hv02", 5000)], 990),
        ],
    )
    def test_until_when_it_is_seen_to_run(self, boundaries, signs, second):
        """The last sign of its host or DPM server, or its own last line: not its end, so nothing is the latest."""
        found = boundaries({"init_us": 0, "add_us": 7 * S, "begin_us": 48 * S}, job=RUNNING, signs=signs)

        assert found["end"] == (second * S, second * S, None, 1)

    def test_a_log_that_does_not_show_it(self, boundaries):
        """The host's log says nothing of a job that it does not have."""
        signs = [sign("hv01", 2000), sign("dpm01", 1500)]
        found = boundaries({"first_us": None, "last_us": None}, job=RUNNING, signs=signs)

        assert found == {"start": seen_at(0), "end": (1500 * S, 1500 * S, None, 0)}

    @pytest.mark.parametrize(("marks", "granted"), [({}, False), ({"provider_us": 200 * S}, True)])
    def test_a_claim_that_is_still_refused(self, boundaries, marks, granted):
        """It is granted once anything follows."""
        found = boundaries(REFUSED | marks, job=RUNNING, signs=[sign("hv01", 2000)])

        assert ("claim_granted" in found) is granted

    def test_a_step_of_the_online_agent(self, boundaries):
        """A step that has begun counts without its end; that of the job is not known."""
        steps = {name: us for name, us in STEPS.items() if us <= 35 * S}
        found = boundaries({}, job=RUNNING, steps=steps, signs=[sign("hv01", 2000)])

        assert list(found)[-2:] == ["transfer_begin", "online_end"]
        assert found["online_end"] == (2000 * S, 2000 * S, None, 1)
