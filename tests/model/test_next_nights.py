"""The view next_nights: on which of the seven nights after the last one each VM is due, and until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.site import Site
from tests.model.views import Row, rows_of

LAST = dt.date(2025, 3, 2)  # a Sunday; the nights that are asked for are Monday 3 to Sunday 9
WINDOW: Row = {
    "vm": "A",
    "night": LAST,
    "rule": "backup_window",
    "window_start_s": 79_200,
    "window_end_s": 21_600,
}


def back(days: int) -> dt.date:
    """So many days before the last night."""
    return LAST - dt.timedelta(days=days)


def next_of(
    runs: dict[int, int], rules: list[Row] | None = None, dark: tuple[int, ...] = (), **plan: Any
) -> Row | None:
    """The row of A: `runs` has the attempts of each night that is known, by how many days before the last one it lies.

    Mondays lie 6, 13, 20, ... days back, Tuesdays 5, 12, ..., Saturdays 1, 8, ...
    """
    rows = rows_of(
        "next_nights",
        Site(time_zone="UTC"),
        nights=[{"night": back(day)} for day in (0, 9)],
        due_nights=[{"vm": "A", "night": back(day), "has_evidence": day not in dark} for day in runs],
        night_results=[{"vm": "A", "night": back(day), "attempts": count} for day, count in runs.items()],
        machine_schedules=[{"vm": "A", **plan}] if plan else [],
        sla_rules=[WINDOW] if rules is None else rules,
    )
    assert len(rows) <= 1
    return rows[0] if rows else None


def ahead(*args: Any, **plan: Any) -> int | None:
    """How many days after the last night it is due; None where it is not."""
    row = next_of(*args, **plan)
    return row and (row["night"] - LAST).days


class TestLearned:
    @pytest.mark.parametrize(
        ("runs", "days"),
        [
            ({6: 1, 13: 1}, 1),
            ({6: 1, 13: 0}, 1),
            ({6: 0, 13: 0}, None),
            ({6: 1, 13: 0, 20: 0}, None),
            ({6: 1, 13: 1, 20: 0, 27: 0}, 1),
            ({6: 3, 13: 0, 20: 0}, None),  # three attempts of one night are one run
            ({5: 1, 12: 1}, 2),
            ({1: 1, 8: 1}, 6),
            ({0: 1, 7: 1}, 7),
        ],
    )
    def test_half_of_the_same_weekday(self, runs, days):
        """Of at least two nights of that day of the week; where two of a kind did not run, the others are not due."""
        off = {4: 0, 11: 0, 2: 0, 9: 0, 3: 0, 10: 0}
        others = {
            day: 0 for day in (5, 12, 6, 13, 0, 7, 1, 8) if not any((day - own) % 7 == 0 for own in runs)
        }

        assert ahead(off | others | runs) == days

    @pytest.mark.parametrize(
        ("runs", "days"),
        [
            ({6: 1}, None),  # one night alone tells nothing
            ({6: 1, 5: 1}, 1),
            ({6: 1, 5: 0}, 1),
            ({6: 0, 5: 0}, None),
            ({5: 1, 4: 1, 3: 0, 2: 0}, 1),
            ({5: 1, 4: 0, 3: 0}, None),
            ({1: 1, 0: 0}, 6),
            ({1: 1, 6: 1}, None),  # a working day and one of the weekend
        ],
    )
    def test_else_of_the_same_kind_of_day(self, runs, days):
        """Working days, or days of the weekend, where fewer than two of the day itself are known."""
        assert ahead(runs) == days

    @pytest.mark.parametrize(("first", "days"), [(55, 1), (62, None)])
    def test_eight_weeks(self, first, days):
        """Those before say nothing: the Monday 56 days before the next one still counts."""
        assert ahead({first: 1, 6: 1}) == days

    def test_without_evidence_a_night_says_nothing(self):
        """Neither that it ran nor that it did not."""
        assert ahead({6: 1, 13: 1}, dark=(13,)) is None
        assert ahead({6: 1, 13: 1, 20: 0, 27: 0, 34: 0}, dark=(34,)) == 1

    def test_nights_of_which_no_result_is_known(self):
        """It did not run."""
        rows = rows_of(
            "next_nights",
            Site(time_zone="UTC"),
            nights=[{"night": LAST}],
            due_nights=[{"vm": "A", "night": back(day), "has_evidence": True} for day in (6, 13)],
            night_results=[{"vm": "B", "night": back(day), "attempts": 1} for day in (6, 13)],
            sla_rules=[WINDOW],
        )

        assert rows == []


class TestSite:
    NEVER = dict.fromkeys(range(20), 0)
    ALWAYS = dict.fromkeys(range(20), 1)

    @pytest.mark.parametrize(
        ("schedule", "days"),
        [("daily", 1), ("weekdays", 1), ("weekly:wed", 3), ("weekly:sun", 7), ("weekly:xxx", None)],
    )
    def test_a_schedule_comes_first(self, schedule, days):
        """Whatever was learned."""
        assert ahead(self.NEVER, schedule=schedule) == days
        assert ahead(self.ALWAYS, schedule=schedule) == days

    def test_working_days(self):
        """Not those of the weekend, which the site may name."""
        given = {
            "nights": [{"night": LAST}],
            "due_nights": [{"vm": "A", "night": back(day), "has_evidence": True} for day in range(9)],
            "machine_schedules": [{"vm": "A", "schedule": "weekdays"}],
            "sla_rules": [WINDOW],
        }
        (row,) = rows_of("next_nights", Site(time_zone="UTC", weekend=("mon", "tue")), **given)

        assert (row["night"] - LAST).days == 3

    @pytest.mark.parametrize(("until", "days"), [(-1, None), (0, None), (2, None), (3, 3), (9, 3)])
    def test_the_end_of_its_protection(self, until, days):
        """The last night on which it is due."""
        assert ahead(self.NEVER, schedule="weekly:wed", protected_until=back(-until)) == days
        assert ahead(self.ALWAYS, protected_until=back(-until)) == (1 if until >= 1 else None)


class TestRules:
    RUNS = {6: 1, 13: 1}  # noqa: RUF012

    def test_the_window(self):
        """It opens that evening and closes the next morning."""
        row = next_of(self.RUNS)

        assert row is not None
        assert row["opens_at"] == dt.datetime(2025, 3, 3, 22, tzinfo=dt.UTC)
        assert row["closes_at"] == dt.datetime(2025, 3, 4, 6, tzinfo=dt.UTC)
        assert row["max_duration_s"] is None

    def test_the_longest_duration(self):
        """Where a rule sets one; those of other nights, VMs and rules do not."""
        longest = WINDOW | {"rule": "max_duration", "threshold_s": 3600.0, "window_start_s": None}
        others = [
            longest | {"night": back(9), "threshold_s": 9.0},
            longest | {"vm": "B", "threshold_s": 8.0},
            longest | {"rule": "rpo_disk", "threshold_s": 7.0},
        ]
        row = next_of(self.RUNS, [WINDOW, longest, *others])

        assert row is not None
        assert row["max_duration_s"] == 3600.0
        assert row["opens_at"].hour == 22

    def test_without_a_rule_nothing_is_due(self):
        """Of the last night."""
        assert next_of(self.RUNS, [WINDOW | {"night": back(9)}]) is None
        assert next_of(self.RUNS, [WINDOW | {"vm": "B"}]) is None
