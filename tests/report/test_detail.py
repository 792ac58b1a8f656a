"""Which nights of a long report are drawn job by job."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.report import detail
from analytics.report.detail import drawn_nights, drawn_periods


def nights(*jobs, missed=None):
    """Rows of night_summary: so many jobs on each of some nights, a backup missed on the one with that number."""
    first = dt.date(2025, 2, 3)
    return [
        {
            "night": first + dt.timedelta(days=day),
            "jobs": count,
            "missed": int(day == missed),
            "overrun_s": None,
        }
        for day, count in enumerate(jobs)
    ]


def days(periods):
    """Periods by the numbers of their nights."""
    return [tuple((night - dt.date(2025, 2, 3)).days for night in period) for period in periods]


@pytest.fixture(autouse=True)
def _at_most_ten(monkeypatch):
    monkeypatch.setattr(detail, "JOBS_AT_MOST", 10)


@pytest.mark.parametrize(
    ("jobs", "missed", "periods"),
    [
        ((5, 5), None, []),
        ((), None, []),
        ((1, 5, 5), 2, [(1, 2)]),
        ((1, 5, 5), 0, []),
        ((5, 1, 5, 5), 0, [(0, 0), (2, 3)]),
        ((1, 99), 1, [(1, 1)]),
        ((99, 0, 5, 5), 3, [(1, 3)]),
    ],
)
def test_the_newest_and_the_worst(jobs, missed, periods):
    """As many as the limit allows, at least one, and the worst wherever it is."""
    assert days(drawn_periods(nights(*jobs, missed=missed))) == periods


def test_rows_keep_their_order():
    """Whatever that is."""
    rows = nights(9, 5, 5, missed=2)[::-1]
    assert drawn_nights(rows) == rows[:2]
