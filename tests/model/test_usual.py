"""A job against its own normal: which jobs it is compared with, what these took, and who ran beside it."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, S, rows_of

MONDAY = dt.date(2025, 3, 31)


def nights_before(
    *days: int, vm: str = "A", level: str = "host", good: bool = True
) -> tuple[list[Row], list[Row]]:
    """Jobs and results of the nights so many days before, named after the number."""
    base, results = [], []
    for day in days:
        name, night = f"{vm}{day}", MONDAY - dt.timedelta(days=day)
        base.append({"job_id": name, "vm": vm, "night": night, "level": level, "owes_sla": True})
        results.append({"vm": vm, "night": night, "job_id": name, "finished_at": S if good else None})
    return base, results


def compared(*parts: tuple[list[Row], list[Row]], job: str = "A0") -> tuple[list[str], set[bool]]:
    """What a job is compared with, and whether by its weekday."""
    base, results = ([row for part in parts for row in part[place]] for place in (0, 1))
    rows = [
        row for row in rows_of("usual_jobs", job_base=base, night_results=results) if row["job_id"] == job
    ]
    return sorted((row["usual_job_id"] for row in rows), key=lambda name: int(name[1:])), {
        row["is_weekday"] for row in rows
    }


class TestUsualJobs:
    @pytest.mark.parametrize(
        ("days", "expected", "is_weekday"),
        [
            ((0, 1, 2, 7, 14, 21, 28, 35), ["A7", "A14", "A21", "A28"], True),
            ((0, 1, 2, 7, 14), ["A7", "A14"], True),
            ((0, 1, 2, 3, 5, 7, 63), ["A1", "A2", "A3", "A5"], False),
            ((0, 1), ["A1"], False),
            ((0, 7, 56), ["A7", "A56"], True),
            ((0, 1, 57, 58), ["A1"], False),
        ],
    )
    def test_weekday_first(self, days, expected, is_weekday):
        """The last four on that day of the week within eight weeks, of fewer than two the last four of any day."""
        assert compared(nights_before(*days)) == (expected, {is_weekday})

    def test_a_first_job_has_none(self):
        """Nothing came before."""
        assert compared(nights_before(0)) == ([], set())

    @pytest.mark.parametrize("odd", [{"good": False}, {"level": "guest"}, {"vm": "B"}])
    def test_what_is_no_normal(self, odd):
        """A failed night, a backup at another level, another VM."""
        assert compared(nights_before(0, 14), nights_before(7, **odd)) == (["A14"], {False})

    def test_a_failed_job_has_a_normal(self):
        """It is compared with those that ended well."""
        assert compared(nights_before(7, 14), nights_before(0, good=False)) == (["A7", "A14"], {True})

    def test_a_second_attempt_has_the_same(self):
        """All jobs of the night."""
        base, results = nights_before(0, 7, 14)
        again = base[0] | {"job_id": "A-2"}

        assert compared((base, results), ([again], []), job="A-2") == (["A7", "A14"], {True})


def moved(name: str, start: int, end: int, volume: str | None = "V", host: str = "h") -> Row:
    """A job that ran between these seconds."""
    return {"job_id": name, "volume": volume, "host": host, "started_at": start * S, "ended_at": end * S}


class TestCompany:
    def test_who_overlaps(self):
        """Those that ran at some moment meanwhile; one that begins as it ends is not beside it."""
        rows = [
            moved("A", 10, 20),
            moved("B", 0, 10),
            moved("C", 20, 30),
            moved("D", 5, 11),
            moved("E", 19, 40),
        ]
        rows += [moved("F", 0, 100, "W"), moved("G", 12, 13, None), moved("H", 0, 99, "V", "other")]
        found = {
            row["job_id"]: (row["on_volume"], row["on_host"]) for row in rows_of("job_company", job_base=rows)
        }

        assert found["A"] == (3, 4)  # D, E, H; D, E, F, G
        assert found["G"] == (None, 2)
        assert found["F"] == (0, 6)

    def test_a_job_without_length(self):
        """It was beside nobody."""
        assert rows_of("job_company", job_base=[moved("A", 10, 10)]) == []


def parts_of(
    phases: list[tuple[str, str, float | None]], queued: dict[str, float] | None = None
) -> dict[str, Row]:
    """Parts of job N, which is compared with P and Q; all lengths by job and phase."""
    jobs = [{"job_id": name, "duration_s": 100.0, "queued_s": (queued or {}).get(name)} for name in "NPQ"]
    rows = [
        {"job_id": job, "phase": phase, "duration_s": length, "grade": "A"} for job, phase, length in phases
    ]
    usual = [{"job_id": "N", "usual_job_id": name, "is_weekday": True} for name in "PQ"]
    found = rows_of("usual_parts", job_base=jobs, phases=rows, usual_jobs=usual)
    return {row["part"]: row for row in found if row["job_id"] == "N"}


class TestParts:
    def test_medians_phase_by_phase(self):
        """And by how much it is more now."""
        row = parts_of([("N", "transfer", 90.0), ("P", "transfer", 40.0), ("Q", "transfer", 60.0)])[
            "transfer"
        ]

        assert [row[name] for name in ("now_s", "usual_s", "more_s")] == [90.0, 50.0, 40.0]

    def test_a_phase_that_is_not_there_took_no_time(self):
        """Now, or before; but one that no log shows is not known."""
        found = parts_of(
            [("N", "claim_wait", 60.0), ("P", "release", 8.0), ("Q", "release", 8.0), ("N", "snapshot", None)]
        )

        assert (found["claim_wait"]["usual_s"], found["claim_wait"]["more_s"]) == (0.0, 60.0)
        assert (found["release"]["now_s"], found["release"]["more_s"]) == (0.0, -8.0)
        assert (found["snapshot"]["now_s"], found["snapshot"]["more_s"]) == (None, None)

    def test_the_queue_is_known_where_a_record_says_it(self):
        """Without a record it is not nothing."""
        assert "queue" not in parts_of([])
        assert parts_of([], {"N": 9.0})["queue"]["usual_s"] is None
        assert parts_of([], {"N": 9.0, "P": 3.0})["queue"]["more_s"] == 6.0
        assert parts_of([], {"P": 3.0})["queue"]["now_s"] is None

    def test_the_whole(self):
        """Its own length against theirs."""
        assert parts_of([])["job"]["more_s"] == 0.0


def test_what_a_job_usually_does():
    """Medians of bytes, sizes and company, of what is known."""
    usual = [{"job_id": "N", "usual_job_id": name, "is_weekday": False} for name in "PQR"]
    (row,) = rows_of(
        "usual_work",
        usual_jobs=usual,
        job_base=[
            {"job_id": name, "bytes_transferred": sent}
            for name, sent in zip("PQR", (10, 30, None), strict=True)
        ],
        job_tracking=[{"job_id": name, "vhd_bytes": 7} for name in "PQR"],
        job_company=[
            {"job_id": name, "on_volume": 1, "on_host": beside}
            for name, beside in zip("PQ", (0, 4), strict=True)
        ],
    )

    assert row == {
        "job_id": "N",
        "nights": 3,
        "is_weekday": False,
        "usual_bytes": 20.0,
        "usual_vhd_bytes": 7.0,
    } | {"usual_on_volume": 1.0, "usual_on_host": 2.0}


def missed_nights(*met: bool | None) -> list[Row]:
    """The nights of a VM that kept its window, missed it, or of which that is not known, a day each."""
    nights = [MONDAY + dt.timedelta(days=day) for day in range(len(met))]
    rows = [{"vm": "A", "night": night, "rule": "backup_window", "expected": True} for night in nights]
    sla = [row | {"met": kept} for row, kept in zip(rows, met, strict=True)]
    sla += [
        row | {"night": MONDAY - dt.timedelta(days=1), "expected": False, "met": False} for row in rows[:1]
    ]
    return sorted(rows_of("missed_nights", sla_windows=sla), key=lambda row: row["night"])


class TestMissedNights:
    def test_changes(self):
        """Against the last night on which it was due; what is not known is no change for the better."""
        found = [
            row["change"] for row in missed_nights(False, False, True, True, False, None, False, None, True)
        ]

        assert found == ["new", "still", "resolved", None, "new", None, "new", None, None]

    def test_a_vm_that_never_ran(self):
        """It is no news that it misses the first night that is known to be due, but it is that it still does."""
        row = {"vm": "A", "rule": "backup_window", "expected": True, "met": False, "reason": "never_run"}
        sla = [row | {"night": MONDAY}, row | {"night": MONDAY + dt.timedelta(days=1)}]

        assert [found["change"] for found in rows_of("missed_nights", sla_windows=sla)] == [None, "still"]
        first = {"reason": "missed"}
        assert [found["change"] for found in rows_of("missed_nights", sla_windows=[sla[0] | first])] == [
            "new"
        ]

    def test_fourteen_nights(self):
        """Of this one and the thirteen before; unknown ones are due and not missed."""
        last = missed_nights(False, *[True] * 10, None, False, False, False)[-1]

        assert (last["missed_14"], last["due_14"]) == (3, 14)
