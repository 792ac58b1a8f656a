"""Dates on which a rule breaks: where disks grow, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.forecast import Past, Sizes, forecast
from tests.planning.accuracy_forecast import score

SHARE = np.full(50, 0.9)


def past(nights: int = 60, level_s: float = 10_000.0) -> Past:
    """Nights that all take the same."""
    night = 20_000 + np.arange(nights)
    return Past(night, np.full(nights, level_s), np.full(nights, level_s * 0.9))


def sizes(days: int = 60, growth: float = 0.002, every: int = 1) -> Sizes:
    """Disks of 200 GB that grow evenly."""
    day = np.arange(0, days, every).astype(float)
    return Sizes(20_000 + day, 200 * np.exp(growth * day))


class TestForecast:
    def test_closed_form(self):
        """The level + transfer x share x (e^(growth t) - 1) = limit."""
        found = forecast(past(), sizes(), SHARE, 12_000.0)

        days = np.log1p(2_000 / (9_000 * 0.9)) / 0.002
        assert (found.verdict, found.reason) == ("trend", "disks_grow")
        assert found.breaks_on == pytest.approx(20_000 + 45.5 + days, abs=1.5)
        assert found.low <= found.breaks_on <= found.high

    @pytest.mark.parametrize(
        ("changes", "verdict", "reason"),
        [
            ({"past": past(6)}, "not_enough_data", "few_nights"),
            ({"past": past(0)}, "not_enough_data", "few_nights"),
            ({"limit_s": 9_999.0}, "no_trend", "broken_already"),
            ({"sizes": sizes(60, every=40)}, "not_enough_data", "few_sizes"),
            ({"sizes": sizes(13)}, "not_enough_data", "few_sizes"),
            ({"scan_share": np.full(50, np.nan)}, "not_enough_data", "split_unknown"),
            ({"sizes": sizes(growth=0.0)}, "no_trend", "disks_do_not_grow"),
            ({"sizes": sizes(growth=-0.002)}, "no_trend", "disks_do_not_grow"),
            ({"limit_s": 30_000.0}, "no_trend", "beyond_a_year"),
        ],
    )
    def test_no_date(self, changes, verdict, reason):
        """Each reason why no date is said, one change away from the estate that has one."""
        given = {"past": past(), "sizes": sizes(), "scan_share": SHARE, "limit_s": 12_000.0} | changes
        found = forecast(**given)

        assert (found.verdict, found.reason) == (verdict, reason)
        assert found.breaks_on is None
        assert found.low is None

    @pytest.mark.parametrize(
        ("first", "reason"), [(71, "few_nights"), (72, "few_nights"), (73, "disks_grow")]
    )
    def test_four_weeks_up_to_the_last_night(self, first, reason):
        """The seventh night must lie in the 28 days that end with the last one."""
        night = 20_000 + np.array([first, 95, 96, 97, 98, 99, 100])
        seven = Past(night, np.full(7, 10_000.0), np.full(7, 9_000.0))

        assert forecast(seven, sizes(100), SHARE, 12_000.0).reason == reason

    def test_enlarged_once(self):
        """A disk that was doubled in the middle does not grow."""
        size = sizes(growth=0.0)
        once = Sizes(size.day, np.where(size.day < 20_030, size.gb, 2 * size.gb))

        assert forecast(past(), once, SHARE, 12_000.0).reason == "disks_do_not_grow"

    def test_slower_is_no_growth(self):
        """Times that rise while the disks stay are no trend: an environment that changed looks like that."""
        before = past()
        slower = Past(before.night, before.taken_s * np.linspace(0.8, 1.1, 60), before.transfer_s)

        assert forecast(slower, sizes(growth=0.0), SHARE, 12_000.0).reason == "disks_do_not_grow"

    def test_same_input_same_dates(self):
        """Draws are fixed."""
        assert forecast(past(), sizes(), SHARE, 12_000.0) == forecast(past(), sizes(), SHARE, 12_000.0)


@pytest.mark.parametrize("has_step", [False, True])
def test_accuracy(has_step):
    """Issue 11: median error at most 30 days, false alarms at most 8 %, also with level steps."""
    found = score(150, nights=90, has_step=has_step)

    assert np.median(found.errors) <= 30
    assert found.alarms <= 0.08 * found.still
    assert np.mean(found.covered) >= 0.8
    assert found.missed <= 0.1 * len(found.errors)
