"""The views that judge one rule each, over rows of their own: every reason, every limit just below, at, just above."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, S, rows_of

NIGHT = dt.date(1970, 1, 1)
HOUR = 3600 * S
OPENS, CLOSES = 22 * HOUR, 30 * HOUR
DUE = {"vm": "A", "night": NIGHT, "has_evidence": True, "expected": True, "seen_until": 100 * HOUR}


def rule(name: str, threshold_s: float = 0, night: dt.date = NIGHT, opens: int = OPENS) -> Row:
    """One row of sla_rules."""
    times = {"opens_at": opens, "closes_at": opens + CLOSES - OPENS}
    return {"vm": "A", "night": night, "rule": name, "threshold_s": threshold_s} | times


def job(name: str, **cells: object) -> Row:
    """One row of job_base: a backup of the VM that ended well."""
    good = {
        "is_good": True,
        "owes_sla": True,
        "level": "host",
        "kind": "express_full",
        "outcome": "succeeded",
    }
    return {"job_id": name, "vm": "A", "night": NIGHT, "started_at": OPENS} | good | cells


def window(due: Row, result: Row | None = None, **given: list[Row]) -> Row:
    """The judgement of the backup window of one VM and night."""
    results = [{"vm": "A", "night": NIGHT, "job_id": "J"} | result] if result is not None else []
    (row,) = rows_of(
        "sla_windows",
        sla_rules=[rule("backup_window")],
        due_nights=[DUE | due],
        night_results=results,
        **given,
    )
    return row


class TestWindows:
    @pytest.mark.parametrize(
        ("due", "result", "expected"),
        [
            ({"has_evidence": False, "expected": None}, None, ("no_evidence", None)),
            ({"has_evidence": False, "expected": False}, None, ("not_due", None)),
            ({"expected": None}, {"finished_at": CLOSES}, ("not_established", None)),
            ({"expected": False}, {"finished_at": CLOSES}, ("not_due", None)),
            ({}, {"finished_at": CLOSES}, ("met", True)),
            ({}, {"finished_at": CLOSES + 1}, ("late", False)),
            ({"seen_until": CLOSES + 1}, {"is_running": True}, ("running_late", False)),
            ({"seen_until": CLOSES}, {"is_running": True}, ("running", None)),
            ({}, {"is_unknown": True, "attempts": 1}, ("unknown", None)),
            ({}, {"attempts": 1}, ("failed", False)),
            ({"learned_from": "inventory"}, None, ("never_run", False)),
            ({"seen_until": CLOSES}, None, ("missed", False)),
            ({"seen_until": CLOSES - 1}, None, ("unknown", None)),
        ],
    )
    def test_reasons(self, due, result, expected):
        """What was due, what came of it, and how far the logs reach decide, in this order."""
        row = window(due, result)

        assert (row["reason"], row["met"]) == expected
        assert (row["overrun_s"] is None) == (row["finished_at"] is None)  # 0 would read as in time

    @pytest.mark.parametrize(("late_us", "overrun_s"), [(-HOUR, 0), (0, 0), (1_500_000, 1.5)])
    def test_how_late(self, late_us, overrun_s):
        """From the close of the window to the end of the backup."""
        row = window({}, {"finished_at": CLOSES + late_us})

        assert (row["overrun_s"], row["deadline"].timestamp()) == (overrun_s, 30 * 3600)
        assert (row["job_id"], row["opens_at"].timestamp(), row["expected"]) == ("J", 22 * 3600, True)

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({}, "unknown"),
            ({"vm": "B"}, "missed"),
            ({"level": "guest"}, "missed"),
            ({"owes_sla": False, "kind": "other"}, "unknown"),
            ({"owes_sla": False, "kind": "online"}, "missed"),
            ({"host": "other"}, "missed"),
            ({"host": None}, "missed"),
            ({"night": NIGHT + dt.timedelta(1)}, "missed"),
        ],
    )
    def test_a_job_on_its_host_whose_vm_nobody_names(self, changed, reason):
        """It may have been this VM's."""
        unnamed = job("U", vm=None, host="hv01.contoso.local") | changed
        home = job("H", host="HV01", night=NIGHT - dt.timedelta(9))

        assert window({}, through=("perhaps_run",), job_base=[unnamed, home])["reason"] == reason

    @pytest.mark.parametrize(
        ("own", "records", "reason"),
        [
            ({}, [], "unknown"),
            ({"kind": "express_full"}, [], "missed"),
            ({"level": "guest"}, [], "missed"),
            ({}, [{"dpm_server": "dpm01"}], "missed"),
            ({}, [{"dpm_server": "dpm02"}], "unknown"),
            ({"dpm_server": None}, [{"dpm_server": "dpm02"}], "missed"),
            ({}, [{"dpm_server": "dpm01", "record_started_at": None}], "unknown"),
            ({}, [{"dpm_server": "dpm01", "night": NIGHT + dt.timedelta(1)}], "unknown"),
        ],
    )
    def test_a_job_of_its_own_that_no_record_explains(self, own, records, reason):
        """Unless the records of its DPM server of that night are there and do not know it."""
        mine = job("O", kind="other", dpm_server="DPM01.contoso.local") | own
        others = [job(f"R{n}", vm="B", record_started_at=OPENS) | each for n, each in enumerate(records)]

        assert window({}, through=("perhaps_run",), job_base=[mine, *others])["reason"] == reason

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [({}, "unknown"), ({"level": "guest", "vm": "C"}, "missed"), ({"owes_sla": False}, "missed")],
    )
    def test_a_computer_whose_name_two_vms_bear(self, changed, reason):
        """Backed up from inside, it may be either of them: none is called missed."""
        inside = job("I", vm=None, level=None, host="WEB.contoso.local") | changed
        bears = [{"vm": vm, "name_key": "web"} for vm in ("A", "B")]
        given = {"job_base": [inside], "machine_aliases": bears}

        assert window({}, through=("perhaps_run",), **given)["reason"] == reason


class TestDurations:
    def judged(self, due: Row, **cells: object) -> Row:
        """The judgement of one job that may take 100 s."""
        (row,) = rows_of(
            "sla_durations",
            sla_rules=[rule("max_duration", 100)],
            due_nights=[DUE | due],
            night_results=[{"vm": "A", "night": NIGHT, "job_id": "J"}],
            job_base=[job("J", **cells)],
        )
        return row

    @pytest.mark.parametrize(
        ("due", "cells", "reason", "met"),
        [
            ({"has_evidence": False, "expected": None}, {"duration_s": 1}, "no_evidence", None),
            ({"has_evidence": False, "expected": False}, {"duration_s": 1}, "not_due", None),
            ({"expected": None}, {"duration_s": 1}, "not_established", None),
            ({"expected": False}, {"duration_s": 1}, "not_due", None),
            ({}, {"duration_s": 100}, "met", True),
            ({}, {"duration_s": 100.1}, "late", False),
            ({}, {"is_good": False, "outcome": "failed", "duration_s": 1}, "failed", None),
            ({}, {"is_good": False, "outcome": "cancelled", "duration_s": 200}, "failed", None),
            ({}, {"is_good": False, "outcome": "unknown", "duration_s": 1}, "unknown", None),
            ({}, {"is_good": False, "outcome": "running"}, "running_late", False),
            (
                {"seen_until": OPENS + 100 * S},
                {"is_good": False, "outcome": "running"},
                "running",
                None,
            ),
            (
                {"seen_until": OPENS + 100 * S + 1},
                {"is_good": False, "outcome": "running"},
                "running_late",
                False,
            ),
        ],
    )
    def test_reasons(self, due, cells, reason, met):
        """A failed job is no matter of length; a running one is late once its time is over."""
        row = self.judged(due, **cells)

        assert (row["reason"], row["met"]) == (reason, met)

    def test_times(self):
        """The time runs from the start of the job."""
        late = self.judged({}, duration_s=130.0, ended_at=OPENS + 130 * S)
        failed = self.judged({}, is_good=False, outcome="failed", duration_s=130.0, ended_at=OPENS + 130 * S)

        assert (late["overrun_s"], late["deadline"].timestamp()) == (30, 22 * 3600 + 100)
        assert (late["finished_at"].timestamp(), late["opens_at"].timestamp()) == (22 * 3600 + 130, 22 * 3600)
        assert (failed["overrun_s"], failed["finished_at"]) == (None, None)
        assert self.judged({}, duration_s=1)["overrun_s"] == 0


class TestAges:
    def judged(
        self, jobs: list[Row], due: Row | None = None, name: str = "rpo_disk", **given: list[Row]
    ) -> Row:
        """The judgement of a recovery point that may be 10 h old when the window closes."""
        (row,) = rows_of(
            "sla_ages",
            sla_rules=[rule(name, 36_000)],
            due_nights=[DUE | (due or {})],
            job_base=jobs,
            **given,
        )
        return row

    @pytest.mark.parametrize(
        ("taken", "reason", "overrun_s"),
        [(20 * HOUR, "met", 0), (20 * HOUR - S, "late", 1), (19 * HOUR, "late", 3600)],
    )
    def test_the_limit(self, taken, reason, overrun_s):
        """The age is measured at the close of the window."""
        row = self.judged([job("J", started_at=taken, ended_at=taken + HOUR)])

        assert (row["reason"], row["overrun_s"], row["met"]) == (reason, overrun_s, reason == "met")
        assert (row["finished_at"].timestamp(), row["job_id"]) == (taken / S, "J")

    def test_the_newest_that_has_ended_counts(self):
        """Not one that ends after the close; its snapshot counts, as events, else the log, else its start show it."""
        jobs = [
            job("old", started_at=5 * HOUR, ended_at=6 * HOUR),
            job("new", started_at=23 * HOUR, ended_at=CLOSES, marks_id="M"),
            job("open", started_at=24 * HOUR, ended_at=CLOSES + 1),
        ]
        marks = [{"job_id": "M", "provider_us": 25 * HOUR}]
        seen = [{"job_id": "new", "t2_us": 26 * HOUR}]

        assert self.judged(jobs)["finished_at"].timestamp() == 23 * 3600
        assert self.judged(jobs, job_marks=marks)["finished_at"].timestamp() == 25 * 3600
        assert self.judged(jobs, job_marks=marks, sightings=seen)["finished_at"].timestamp() == 26 * 3600

    @pytest.mark.parametrize(
        ("cells", "name", "found"),
        [
            ({}, "rpo_disk", True),
            ({}, "rpo_cloud", False),
            ({"kind": "online", "owes_sla": False}, "rpo_cloud", True),
            ({"kind": "online", "owes_sla": False}, "rpo_disk", False),
            ({"kind": "consistency_check", "owes_sla": False}, "rpo_disk", False),
            ({"is_good": False}, "rpo_disk", False),
            ({"vm": "B"}, "rpo_disk", False),
        ],
    )
    def test_what_is_a_recovery_point(self, cells, name, found):
        """Good jobs that owe one are on disk, online ones in the cloud."""
        row = self.judged([job("J", ended_at=23 * HOUR) | cells], name=name)

        assert row["reason"] == ("met" if found else "not_established")
        assert (row["expected"], row["met"]) == ((True, True) if found else (None, None))

    @pytest.mark.parametrize(
        ("low_s", "high_s", "reason", "taken_h"),
        [
            (
                80,
                100,
                "met",
                24 - 90 / 3600,
            ),  # the host is ahead: the point is older than it looks, and just in time
            (80, 102, "unknown", 24 - 91 / 3600),  # what is not known of its clock decides
            (101, 103, "late", 24 - 102 / 3600),
            (None, None, "met", 24.0),
        ],
    )
    def test_the_clock_of_the_host(self, low_s, high_s, reason, taken_h):
        """A snapshot by the host's clock is carried to the DPM server's; the limit is 6 h 100 s."""
        shift = None if low_s is None else (low_s + high_s) * 500_000
        clock = {"job_id": "J", "shift_us": shift}
        clock |= {
            "offset_low_us": low_s and low_s * 1_000_000,
            "offset_high_us": high_s and high_s * 1_000_000,
        }
        (row,) = rows_of(
            "sla_ages",
            sla_rules=[rule("rpo_disk", 6 * 3600 + 100)],
            due_nights=[DUE],
            job_base=[job("J", ended_at=25 * HOUR, marks_id="J")],
            job_marks=[{"job_id": "J", "provider_us": 24 * HOUR}],
            job_clocks=[clock] if low_s else [],
        )

        assert (row["reason"], row["finished_at"].timestamp() / 3600) == (reason, pytest.approx(taken_h))

    def test_a_dark_night_since_the_newest_point(self):
        """A backup that nothing shows may have made a newer one; a night before it changes nothing."""
        nights = [NIGHT - dt.timedelta(1), NIGHT]
        due = [DUE | {"night": night, "has_evidence": night == NIGHT} for night in nights]
        ends = [{"night": night, "closes_at": CLOSES - 24 * HOUR * (night != NIGHT)} for night in nights]
        for taken, reason in ((0, "no_evidence"), (7 * HOUR, "late")):
            (row,) = [
                row
                for row in rows_of(
                    "sla_ages",
                    sla_rules=[rule("rpo_disk", 6 * 3600)],
                    due_nights=due,
                    nights=ends,
                    job_base=[job("J", started_at=taken, ended_at=taken + 1)],
                )
                if row["night"] == NIGHT
            ]
            assert row["reason"] == reason

    def test_a_vm_that_was_never_backed_up(self):
        """It has no recovery point on disk, and that is a breach; of the cloud nothing is said."""
        due = {"learned_from": "inventory"}

        assert self.judged([], due)["reason"] == "never_run"
        assert self.judged([], due, name="rpo_cloud")["reason"] == "not_established"
        assert self.judged([])["reason"] == "not_established"

    @pytest.mark.parametrize(
        ("due", "taken", "reason"),
        [
            ({"learned_from": "site", "expected": False}, 0, "not_due"),
            ({"learned_from": "same_weekday", "expected": False}, 0, "late"),
            ({"has_evidence": False}, 0, "no_evidence"),
            ({"has_evidence": False}, OPENS, "met"),
            ({"seen_until": CLOSES}, 0, "late"),
            ({"seen_until": CLOSES - 1}, 0, "no_evidence"),
        ],
    )
    def test_what_is_known(self, due, taken, reason):
        """Nobody is called late by logs that end before the close."""
        assert self.judged([job("J", started_at=taken, ended_at=taken + 1)], due)["reason"] == reason


class TestPeriods:
    """DPM's own SLA: every 24 hours a recovery point."""

    def judged(self, ends: list[int], due: Row | None = None, hours: int = 24, **cells: object) -> Row:
        """The judgement of one night whose period begins with its window."""
        jobs = [job(f"J{n}", ended_at=end) | cells for n, end in enumerate(ends)]
        (row,) = rows_of(
            "sla_periods",
            sla_rules=[rule("dpm_sla", hours * 3600)],
            due_nights=[DUE | (due or {})],
            job_base=jobs,
        )
        return row

    @pytest.mark.parametrize(
        ("ends", "reason"),
        [
            ([OPENS], "met"),
            ([OPENS - 1], "missed"),
            ([OPENS + 24 * HOUR - 1], "met"),
            ([OPENS + 24 * HOUR], "late"),
            ([], "missed"),
        ],
    )
    def test_a_point_must_come_within_the_period(self, ends, reason):
        """From its begin on, before its end."""
        row = self.judged(ends)

        assert (row["reason"], row["met"], row["expected"]) == (reason, reason == "met", True)
        assert row["deadline"].timestamp() == 46 * 3600

    def test_each_period_of_a_night_needs_one(self):
        """Twelve hours: two periods until the next window, the later point is told."""
        both, one = self.judged([23 * HOUR, 40 * HOUR], hours=12), self.judged([23 * HOUR], hours=12)

        assert (both["reason"], both["finished_at"].timestamp(), both["job_id"]) == ("met", 40 * 3600, "J1")
        assert (one["reason"], one["deadline"].timestamp()) == ("missed", 46 * 3600)

    def test_a_night_that_is_over_in_part(self):
        """One of its two periods lacks its point: missed where the logs reach that one's end, else not yet known."""
        seen = [self.judged([23 * HOUR], {"seen_until": until}, hours=12) for until in (45 * HOUR, 46 * HOUR)]
        first = self.judged([40 * HOUR], {"seen_until": 34 * HOUR}, hours=12)

        assert [row["reason"] for row in seen] == ["unknown", "missed"]
        assert (first["reason"], first["opens_at"].timestamp()) == ("late", 22 * 3600)

    def test_the_first_point_of_a_period_is_told(self):
        """Later ones of the same period change nothing."""
        row = self.judged([25 * HOUR, 24 * HOUR])

        assert (row["finished_at"].timestamp(), row["job_id"]) == (24 * 3600, "J1")

    @pytest.mark.parametrize(
        ("ends", "finished"),
        [([2, 1], 1), ([1, 2], 1), ([25, 26], 25), ([26, 25, 23], 23), ([], None)],
    )
    def test_when_it_was_finished(self, ends, finished):
        """With the first recovery point of the period, or of a late one with the first behind it."""
        row = self.judged([OPENS + hour * HOUR for hour in ends])
        found = row["finished_at"]

        assert (found and found.timestamp() * 1e6) == (finished and OPENS + finished * HOUR)
        assert row["overrun_s"] == (None if finished is None else max(0, finished - 24) * 3600)

    @pytest.mark.parametrize(
        ("started", "reason"), [(OPENS + 24 * HOUR - 1, "late"), (OPENS + 24 * HOUR, "missed")]
    )
    def test_a_job_belongs_to_the_period_in_which_it_starts(self, started, reason):
        """What starts when the period has ended is of the next one."""
        assert self.judged([OPENS + 25 * HOUR], started_at=started)["reason"] == reason

    @pytest.mark.parametrize(
        ("jobs", "expected"),
        [
            ({"bad": {"is_good": False}, "good": {"ended_at": OPENS + 9 * HOUR}}, "good"),
            (
                {"a": {"is_good": False}, "run": {"is_good": False, "outcome": "running", "ended_at": None}},
                "run",
            ),
            ({"b": {"ended_at": OPENS + 2 * HOUR}, "a": {"ended_at": OPENS + 3 * HOUR}}, "b"),
            ({"b": {"started_at": OPENS - 2}, "a": {"started_at": OPENS - 1}}, "b"),
            ({"b": {}, "a": {}}, "a"),
        ],
    )
    def test_the_job_that_is_named(self, jobs, expected):
        """A good one, else one that runs; the first to end, to start, by its id."""
        rows = rows_of(
            "sla_periods",
            sla_rules=[rule("dpm_sla", 24 * 3600)],
            due_nights=[DUE],
            job_base=[
                job(name, **{"started_at": OPENS, "ended_at": OPENS + HOUR} | cells)
                for name, cells in jobs.items()
            ],
        )
        assert [row["job_id"] for row in rows] == [expected]

    def test_periods_run_on_over_nights(self):
        """Thirty hours: the second period begins six hours into the next night's day."""
        nights = [rule("dpm_sla", 108_000, NIGHT + dt.timedelta(n), OPENS + 24 * n * HOUR) for n in range(2)]
        rows = rows_of(
            "sla_periods",
            sla_rules=nights,
            due_nights=[DUE | {"night": row["night"], "seen_until": 200 * HOUR} for row in nights],
            job_base=[job("J", ended_at=OPENS + 31 * HOUR)],
        )
        found = {row["night"].day: (row["deadline"].timestamp() / 3600, row["reason"]) for row in rows}

        assert found == {1: (52, "late"), 2: (82, "met")}

    @pytest.mark.parametrize(
        ("due", "reason", "expected"),
        [
            ({"learned_from": "site", "expected": False}, "not_due", False),
            ({"learned_from": "same_weekday", "expected": False}, "missed", True),
            ({"learned_from": "site"}, "missed", True),
            ({"has_evidence": False}, "no_evidence", None),
            ({"seen_until": OPENS + 24 * HOUR}, "missed", True),
            ({"seen_until": OPENS + 24 * HOUR - 1}, "unknown", True),
        ],
    )
    def test_what_is_known(self, due, reason, expected):
        """Only the end of protection lets a period be; logs must reach its end."""
        row = self.judged([], due)

        assert (row["reason"], row["expected"]) == (reason, expected)
        assert row["met"] is (False if reason == "missed" else None)

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ({"is_good": False}, "failed"),
            ({"owes_sla": False}, "missed"),
            ({"level": None}, "missed"),
            ({"vm": "B"}, "missed"),
            ({"is_good": False, "outcome": "unknown"}, "unknown"),
        ],
    )
    def test_what_is_no_recovery_point(self, cells, reason):
        """Failed jobs, checks, what ran on no known level, other VMs."""
        assert self.judged([OPENS], **cells)["reason"] == reason

    @pytest.mark.parametrize(
        ("seen", "reason", "met"), [(46 * HOUR - 1, "running", None), (46 * HOUR, "running_late", False)]
    )
    def test_a_backup_that_still_runs(self, seen, reason, met):
        """The period is open with it, and broken when it ends; without a job an open period is unknown."""
        row = self.judged([None], {"seen_until": seen}, is_good=False, outcome="running")
        none = self.judged([], {"seen_until": seen})

        assert (row["reason"], row["met"], row["job_id"]) == (reason, met, "J0")
        assert none["reason"] == ("missed" if met is False else "unknown")

    def test_a_night_on_which_one_may_have_run(self):
        """Nothing is missed then, as for the backup window."""
        perhaps = [{"vm": "A", "night": NIGHT}]
        given = {"sla_rules": [rule("dpm_sla", 24 * 3600)], "due_nights": [DUE]}

        assert rows_of("sla_periods", **given, perhaps_run=perhaps)[0]["reason"] == "unknown"
        assert rows_of("sla_periods", **given)[0]["reason"] == "missed"


class TestExpectedRuns:
    @pytest.mark.parametrize(
        ("due", "reason"),
        [
            ({}, "due"),
            ({"expected": False}, "not_due"),
            ({"expected": False, "has_evidence": False}, "not_due"),
            ({"expected": None}, "not_established"),
            ({"expected": None, "has_evidence": False}, "no_evidence"),
            ({"has_evidence": False}, "due"),
        ],
    )
    def test_reasons(self, due, reason):
        """What follows from evidence and from what was learned."""
        (row,) = rows_of("expected_runs", due_nights=[DUE | {"learned_from": "same_weekday"} | due])

        assert (row["reason"], row["learned_from"]) == (reason, "same_weekday")

    def test_never_run_and_left_out(self):
        """The inventory's VMs without a run are due; what the site leaves out has no row."""
        never = [DUE | {"vm": name, "learned_from": "inventory"} for name in ("B", "C")]
        rows = rows_of("expected_runs", due_nights=[DUE, *never], excluded_vms=[{"vm": "C"}])

        assert {(row["vm"], row["reason"], row["learned_from"], row["expected"]) for row in rows} == {
            ("A", "due", None, True),
            ("B", "never_run", "inventory", True),
        }
