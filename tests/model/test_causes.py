"""The views sla_parts and sla over rows of their own: parts of a late night, its cause, and how sure that is."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, S, rows_of

NIGHT = dt.date(2025, 2, 3)
OPENS = round(dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC).timestamp()) * S
KEY = {"vm": "A", "night": NIGHT}
ENDS = {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 500, 6: 510, 7: 1000}  # seconds of each boundary


def boundaries(ends: dict[int, float], **cells: Row) -> list[Row]:
    """Boundaries of job J at these seconds; cells of single ones by `b` and their place, in seconds too."""
    rows = []
    for place, after in zip(ends, [*list(ends)[1:], None], strict=True):
        us = OPENS + round(ends[place] * S)
        row = {
            "job_id": "J",
            "place": place,
            "next_place": after,
            "us": us,
            "low_us": us,
            "high_us": us,
            "evidence": 3,
        }
        more = cells.get(f"b{place}", {})
        rows.append(
            row | {name: OPENS + cell * S if name.endswith("_us") else cell for name, cell in more.items()}
        )
    return rows


def cause(
    overrun_s: float, ends: dict[int, float] | None = None, job: Row | None = None, **cells: Row
) -> tuple:
    """Cause, seconds and grade of a night that was late by that much; of the job only its phases matter."""
    created = OPENS if job is None or "created_s" not in job else OPENS + job["created_s"] * S
    base = {"job_id": "J", "vm": "A", "created_at": created, "started_at": created, "queued_s": 0.0}
    due = {"created_at": OPENS + (job or {}).get("first_s", 0) * S}
    late = KEY | {
        "rule": "backup_window",
        "reason": "late",
        "overrun_s": overrun_s,
        "opens_at": OPENS,
        "job_id": "J",
    }
    rows = rows_of(
        "sla",
        through=("sla_parts",),
        sla_windows=[late],
        sla_judged=[late | {"met": False}],
        night_results=[KEY | {"first_job_id": "F", "first_due_at": due["created_at"]}],
        job_base=[
            base | {k: v for k, v in (job or {}).items() if not k.endswith("_s") or k == "queued_s"},
            due | {"job_id": "F", "started_at": due["created_at"], "queued_s": 0.0},
        ],
        boundaries=boundaries(ends or ENDS, **cells),
    )
    ((found),) = rows
    return found["cause"], found["cause_s"], found["cause_grade"]


class TestParts:
    @pytest.mark.parametrize(
        ("changed", "expected"),
        [
            (
                {0: 0, 1: 990, 7: 1000},
                ("unknown", 1000),
            ),  # prepare is no cause; behind a gap nothing is known
            ({0: 0, 1: 10, 2: 900, 3: 910, 4: 920, 5: 930, 6: 940, 7: 950}, ("claim_wait", 890)),
            ({0: 0, 1: 10, 2: 20, 3: 910, 4: 920, 5: 930, 6: 940, 7: 950}, ("snapshot", 890)),
            ({0: 0, 1: 10, 2: 20, 3: 30, 4: 920, 5: 930, 6: 940, 7: 950}, ("post_snapshot", 890)),
            ({0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 930, 6: 940, 7: 950}, ("transfer", 890)),
            (
                {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 50, 6: 940, 7: 970},
                ("finalize", 920),
            ),  # with the release
            ({10: 0, 15: 10, 16: 900, 19: 990}, ("transfer", 890)),
        ],
    )
    def test_phases(self, changed, expected):
        """The longest phase; release and finalize are one."""
        assert cause(100, changed)[:2] == expected

    def test_what_nothing_shows(self):
        """From a mere trace on, the time has no cause, and the grade is D."""
        assert cause(100, {0: 0, 1: 10, 2: 20, 3: 900, 7: 950}, b2={"evidence": 0}) == ("unknown", 940, "D")

    @pytest.mark.parametrize(
        ("job", "expected"),
        [
            ({"queued_s": 499.0}, ("finalize", 500)),
            ({"queued_s": 600.0}, ("queue", 600)),
            ({"created_s": 600, "first_s": 600}, ("late_start", 600)),
            ({"created_s": 600, "first_s": 0}, ("failed", 600)),
            ({"created_s": 1300, "first_s": 700}, ("late_start", 700)),
            ({"created_s": 1300, "first_s": 600}, ("failed", 700)),
            ({"created_s": 600, "first_s": 700}, ("late_start", 600)),
        ],
    )
    def test_before_it_began(self, job, expected):
        """Planned late, failed attempts before it, the queue: each from one moment to the next."""
        assert cause(100, job=job)[:2] == expected

    @pytest.mark.parametrize(
        ("overrun_s", "job", "cause_of"),
        [
            (600, {"created_s": 600, "first_s": 600}, "late_start"),
            (600, {"queued_s": 600.0}, "queue"),
            (600, {"created_s": 600, "first_s": 0}, "failed"),
        ],
    )
    def test_what_just_suffices(self, overrun_s, job, cause_of):
        """Their lengths are known, so that one as long as the overrun is sure."""
        assert cause(overrun_s, job=job) == (cause_of, 600, "A")
        assert cause(overrun_s + 1, job=job) == (cause_of, 600, "D")

    @pytest.mark.parametrize(("name", "grade"), [("created_at", "A"), ("started_at", "B")])
    def test_a_start_that_nobody_planned(self, name, grade):
        """Where the record does not say when it was created, its start counts, less surely."""
        job = {"first_s": 700, "created_at": None, "started_at": OPENS + 700 * S}
        job |= {name: OPENS + 700 * S}

        assert cause(100, job=job) == ("late_start", 700, grade)


class TestCause:
    @pytest.mark.parametrize(
        ("overrun_s", "expected"),
        [
            (
                460,
                ("transfer", 460, "A"),
            ),  # the one that suffices is taken before the longest, of which nothing is known
            (460.1, ("unknown", 510, "D")),
            (100, ("transfer", 460, "A")),
        ],
    )
    def test_what_suffices_comes_first(self, overrun_s, expected):
        """At least as long as the overrun; what has no name never comes first."""
        assert cause(overrun_s, {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 500, 7: 1000}) == expected

    @pytest.mark.parametrize(("overrun_s", "grade"), [(500, "A"), (500.1, "D")])
    def test_the_longest_of_those_that_do(self, overrun_s, grade):
        """Of several; where none does, the longest at grade D."""
        assert cause(overrun_s) == ("finalize", 500, grade)

    def test_equal_lengths(self):
        """The names decide, so that the same logs give the same cause."""
        assert cause(1, {0: 0, 1: 0, 2: 0, 3: 50, 4: 100, 5: 150, 6: 150, 7: 150})[0] == "post_snapshot"

    @pytest.mark.parametrize(
        ("evidence", "low_s", "overrun_s", "grade"),
        [
            (3, 500, 100, "A"),
            (2, 500, 100, "B"),
            (1, 500, 100, "C"),
            (2, 140, 100, "B"),  # its shortest length still suffices
            (2, 139, 100, "C"),
            (1, 139, 100, "C"),
            (2, 30, 0, "B"),
        ],
    )
    def test_how_sure_a_phase_is(self, evidence, low_s, overrun_s, grade):
        """The weaker end counts; where only the longest possible length suffices it is C at best."""
        end = {"evidence": evidence, "low_us": low_s}

        assert cause(overrun_s, {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 500}, b5=end) == (
            "transfer",
            460,
            grade,
        )


ONE_NIGHT = {"vm": "A", "rule": "backup_window", "opens_at": OPENS, "deadline": OPENS + 20_000 * S}


def night(name: str, after_s: int, transfer_s: int, **times: Row) -> dict[str, list[Row]]:
    """A night so many weeks before whose first attempt is due so long after the opening, and whose job is named so."""
    begins = OPENS + (after_s + times.get("failed_s", 0)) * S
    ends = {0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 40 + transfer_s, 6: 45 + transfer_s, 7: 50 + transfer_s}
    rows = boundaries({place: at + (begins - OPENS) / S for place, at in ends.items()})
    day = NIGHT - dt.timedelta(days=7 * times.get("weeks", 1))
    ended = times.get("ended_s", 19_000)
    judged = ONE_NIGHT | {"night": day, "job_id": name, "reason": "met", "finished_at": OPENS + ended * S}
    jobs = [
        {"job_id": name, "created_at": at, "started_at": at, "queued_s": times.get("queued_s", 0.0)}
        for name, at in ((f"{name}1", OPENS + after_s * S), (name, begins))
    ]
    return {
        "sla_windows": [judged],
        "night_results": [
            {"vm": "A", "night": day, "first_due_at": OPENS + after_s * S, "first_job_id": f"{name}1"}
        ],
        "job_base": jobs,
        "boundaries": [row | {"job_id": name} for row in rows],
        "usual_jobs": [{"job_id": "J", "usual_job_id": name, "usual_night": day}],
    }


def against(
    *usual: dict[str, list[Row]], now: dict[str, list[Row]], overrun_s: float = 1800.0
) -> dict[str, Row]:
    """The parts of a night that missed its window by so much, beside the usual ones."""
    given: dict[str, list[Row]] = {}
    for one in (now, *usual):
        for name, rows in one.items():
            given.setdefault(name, []).extend(rows)
    given["sla_windows"][0] |= {"reason": "late", "overrun_s": overrun_s}
    given["usual_jobs"] = [row for row in given["usual_jobs"] if row["usual_job_id"] != "J"]
    judged = [given["sla_windows"][0] | {"met": False}]
    (told,) = rows_of("sla", through=("sla_parts",), sla_judged=judged, **given)
    parts = {row["cause"]: row for row in rows_of("sla_parts", **given)}
    more = [row for row in parts.values() if row["more_s"] is not None and row["more_s"] > 0]
    differs = max(more, key=lambda row: row["more_s"])["cause"] if more else None
    return parts | {"told": told["cause"], "differs": differs}


NOW = night("J", 0, 14_400, weeks=0, queued_s=3600.0)


class TestAgainstTheUsual:
    """The window was missed by half an hour: an hour in the queue and four of transfer would each suffice."""

    @pytest.mark.parametrize(
        ("transfer_s", "queued_s", "ended_s", "expected"),
        [
            (14_400, 60.0, 19_000, "queue"),  # the transfer is as ever
            (10_000, 3600.0, 19_000, "transfer"),  # the queue is
            (14_400, 60.0, 20_900, "queue"),  # usually half as late: that is a difference
            (14_400, 60.0, 20_901, None),  # or later: that is none
            (15_000, 5000.0, 19_000, None),  # both shorter than usual
            (14_300, None, 19_000, "transfer"),  # of the usual queue nothing is known
        ],
    )
    def test_what_made_the_difference(self, transfer_s, queued_s, ended_s, expected):
        """The part that exceeds its usual length most, where the usual job is not as late; the cause is the longest."""
        usual = [
            night(name, 0, transfer_s, weeks=weeks, queued_s=queued_s, ended_s=ended_s)
            for name, weeks in (("P", 1), ("Q", 2))
        ]

        assert (found := against(*usual, now=NOW))["differs"] == expected
        assert found["told"] == "transfer"
        assert against(*usual[:1], now=NOW)["differs"] is None  # one night is no usual one

    def test_the_usual_length_is_a_median(self):
        """A part that a job does not have took it no time; release and finalize are one."""
        usual = [night(name, 0, 100 * weeks, weeks=weeks) for name, weeks in (("P", 1), ("Q", 2), ("R", 4))]
        parts = against(*usual, now=NOW)

        assert {name: parts[name]["usual_s"] for name in ("transfer", "queue", "finalize")} == {
            "transfer": 200.0, "queue": 0.0, "finalize": 10.0,
        }  # fmt: skip
        assert (parts["transfer"]["more_s"], parts["queue"]["more_s"]) == (14_200, 3600)
        assert against(*usual[:1], now=NOW)["queue"]["usual_s"] is None

    @pytest.mark.parametrize(("failed_s", "expected"), [(0, "failed"), (7200, "queue")])
    def test_an_attempt_that_failed_before(self, failed_s, expected):
        """It took the window's time, unless that is so every night."""
        now = night("J", 0, 14_400, weeks=0, queued_s=3600.0, failed_s=7200)
        usual = [night(name, 0, 14_400, weeks=n, failed_s=failed_s) for name, n in (("P", 1), ("Q", 2))]

        assert against(*usual, now=now)["differs"] == expected

    @pytest.mark.parametrize(("after_s", "expected"), [(0, "late_start"), (7200, "queue")])
    def test_a_start_that_is_always_late(self, after_s, expected):
        """Where each night begins so late that is no difference."""
        now = night("J", 7200, 14_400, weeks=0, queued_s=3600.0)
        usual = [night(name, after_s, 14_400, weeks=n) for name, n in (("P", 1), ("Q", 2))]

        assert against(*usual, now=now)["differs"] == expected


def test_a_duration_has_phases_alone():
    """Neither queue nor start."""
    late = KEY | {"rule": "max_duration", "reason": "late", "overrun_s": 10.0, "job_id": "J"}
    job = {"job_id": "J", "queued_s": 9999.0, "created_at": OPENS - S, "started_at": OPENS}
    met = late | {"vm": "B", "reason": "met"}
    (row,) = rows_of(
        "sla",
        through=("sla_parts",),
        sla_durations=[late, met],
        sla_judged=[late | {"met": False}],
        job_base=[job],
        boundaries=boundaries(ENDS),
        night_results=[KEY],
    )

    assert (row["rule"], row["cause"], row["cause_s"], row["cause_grade"]) == (
        "max_duration",
        "finalize",
        500,
        "A",
    )


class TestCloud:
    def of(self, jobs: list[Row], rule: str = "rpo_cloud", reason: str = "late") -> list[tuple[str, str]]:
        """Cause and grade of a point in the cloud, taken at 10 s, that was too old at 100 s."""
        age = KEY | {"rule": rule, "reason": reason, "job_id": "P", "deadline": OPENS + 100 * S}
        base = {"vm": "A", "kind": "online"}
        point = base | {"job_id": "P", "started_at": OPENS + 10 * S, "outcome": "succeeded"}
        rows = [base | {"job_id": f"J{n}", "started_at": OPENS + 50 * S} | job for n, job in enumerate(jobs)]
        found = rows_of("sla", sla_judged=[age | {"met": reason == "met"}], job_base=[point, *rows])
        assert all(row["cause_s"] is None for row in found)
        return [(row["cause"], row["cause_grade"]) for row in found]

    @pytest.mark.parametrize(
        ("jobs", "expected"),
        [
            ([], ("not_started", "A")),
            ([{"outcome": "failed"}], ("failed", "A")),
            ([{"outcome": "cancelled"}], ("failed", "A")),
            ([{"outcome": "running"}], ("running", "A")),
            ([{"outcome": "succeeded"}], ("unknown", "D")),
            ([{"outcome": "failed", "vm": "B"}], ("not_started", "A")),
            ([{"outcome": "failed", "kind": "express_full"}], ("not_started", "A")),
            ([{"outcome": "failed", "started_at": OPENS + 10 * S}], ("not_started", "A")),
            ([{"outcome": "failed", "started_at": OPENS + 10 * S + 1}], ("failed", "A")),
            ([{"outcome": "failed", "started_at": OPENS + 100 * S}], ("failed", "A")),
            ([{"outcome": "failed", "started_at": OPENS + 100 * S + 1}], ("not_started", "A")),
            ([{"outcome": "failed"}, {"outcome": "running", "started_at": OPENS + 60 * S}], ("running", "A")),
        ],
    )
    def test_the_last_job_since(self, jobs, expected):
        """Begun after the point and by the deadline."""
        assert self.of(jobs) == [expected]

    @pytest.mark.parametrize(
        ("rule", "reason", "expected"),
        [("rpo_disk", "late", ("unknown", "D")), ("rpo_cloud", "met", (None, None))],
    )
    def test_no_other(self, rule, reason, expected):
        """Points on disk have the cause of their backup, and what was kept has none."""
        assert self.of([], rule, reason) == [expected]


def sla(*rows: Row, **causes: Row) -> dict[int, tuple]:
    """Cause, seconds and grade by night; rows are those of the window unless they say otherwise."""
    base = {"vm": "A", "rule": "backup_window", "met": False}
    judged = [
        base | row | {"night": NIGHT + dt.timedelta(row.get("n", place))} for place, row in enumerate(rows)
    ]
    told = [
        base | {"overrun_s": 1.0} | cells | {"night": NIGHT + dt.timedelta(int(name[1:]))}
        for name, cells in causes.items()
    ]
    parts = [{k: v for k, v in row.items() if k != "met"} for row in told]
    found = rows_of(
        "sla", sla_judged=[{k: v for k, v in row.items() if k != "n"} for row in judged], sla_parts=parts
    )
    return {
        ((row["night"] - NIGHT).days, row["rule"]): (row["cause"], row["cause_s"], row["cause_grade"])
        for row in found
    }


class TestOneCause:
    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            ({"met": True, "reason": "met"}, (None, None, None)),
            ({"met": None, "reason": "running"}, (None, None, None)),
            ({"reason": "missed"}, ("not_started", None, "A")),
            ({"reason": "running_late"}, ("running", None, "A")),
            ({"reason": "failed"}, ("failed", None, "A")),
            ({"reason": "never_run"}, ("never_run", None, "A")),
            ({"reason": "late"}, ("unknown", None, "D")),
        ],
    )
    def test_by_the_reason(self, row, expected):
        """A breach without a finished backup has the cause that its reason names."""
        assert sla(row)[0, "backup_window"] == expected

    def test_a_late_one_has_that_of_its_parts(self):
        """Of its own night, rule and VM; what was kept has none."""
        part = {"cause": "queue", "part_s": 9.0, "part_min_s": 9.0, "grade": "B"}
        late, kept = {"reason": "late"}, {"met": True, "reason": "met"}

        assert sla(late, late, n0=part) == {
            (0, "backup_window"): ("queue", 9, "B"), (1, "backup_window"): ("unknown", None, "D"),
        }  # fmt: skip
        assert sla(kept, n0=part)[0, "backup_window"] == (None, None, None)
        assert sla(late, n0=part | {"rule": "max_duration"})[0, "backup_window"] == ("unknown", None, "D")
        assert sla(late, n0=part | {"vm": "B"})[0, "backup_window"] == ("unknown", None, "D")

    @pytest.mark.parametrize(
        ("windows", "expected"),
        [
            ([{"reason": "failed"}], ("failed", None, "B")),
            ([{"reason": "failed"}, {"met": None, "reason": "unknown"}], ("failed", None, "B")),
            ([{"reason": "failed"}, {"met": True, "reason": "met"}], ("unknown", None, "D")),
            ([{"reason": "late"}], ("unknown", None, "D")),
            ([{"met": True, "reason": "met"}, {"reason": "missed"}], ("not_started", None, "B")),
            ([], ("unknown", None, "D")),
        ],
    )
    def test_an_old_point_on_disk(self, windows, expected):
        """The cause of the last night that was due, less surely; where that was kept nothing tells why."""
        last = max(len(windows) - 1, 0)
        age = {"rule": "rpo_disk", "reason": "late", "n": last}

        assert sla(*windows, age)[last, "rpo_disk"] == expected
        assert sla(*windows, age | {"rule": "rpo_cloud"})[last, "rpo_cloud"] == ("unknown", None, "D")
        assert sla(*windows, age | {"met": True, "reason": "met"})[last, "rpo_disk"] == (None, None, None)
        assert sla(*windows, age | {"vm": "B"})[last, "rpo_disk"] == ("unknown", None, "D")
