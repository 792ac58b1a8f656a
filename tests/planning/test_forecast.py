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


class TestPast:
    def test_level(self):
        """The median of the nights of the last four weeks of which the length is known."""
        night = 20_000 + np.array([0, 72, 73, 98, 99, 100])
        taken_s = np.array([1.0, 2.0, 3.0, 5.0, np.nan, 10.0])

        assert list(Past(night, taken_s, taken_s).is_recent) == [False, False, True, True, True, True]
        assert Past(night, taken_s, taken_s).level_s == 5.0
        assert np.isnan(Past(night[:0], taken_s[:0], taken_s[:0]).level_s)


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

    @pytest.mark.parametrize(
        ("share", "limit_s"), [(1.0, 11_000.0), (0.5, 12_000.0), (0.9, 10_000.0), (0.9, 13_500.0)]
    )
    def test_what_grows_and_the_limit(self, share, limit_s):
        """The day is that of the law, counted from the middle of the last 28 nights; no noise, no interval."""
        found = forecast(past(), sizes(), np.full(9, share), limit_s)
        days = max(np.log1p((limit_s - 10_000) / (9_000 * share)) / 0.002, 1.0)
        breaks_on = max(20_060, int(np.ceil(20_045.5 + days)))

        assert found.breaks_on in {breaks_on, breaks_on + 1}
        assert found.high - found.low <= 1

    def test_draws_of_which_some_are_unknown(self):
        """The first draw that is known is the estimate, the others make the interval."""
        share = np.array([np.nan, 0.9, 0.45, np.nan, 0.45, 0.45])
        found = forecast(past(), sizes(), share, 12_000.0)
        far = 20_045.5 + np.log1p(2_000 / 4_050) / 0.002

        assert found.breaks_on == pytest.approx(20_045.5 + np.log1p(2_000 / 8_100) / 0.002, abs=1.5)
        assert found.low == pytest.approx(found.breaks_on, abs=1)
        # half as wide again as drawn, around the middle
        assert found.high > far + 30

    @pytest.mark.parametrize(("more_s", "reason"), [(-20, "disks_grow"), (20, "beyond_a_year")])
    def test_a_year_from_the_last_night(self, more_s, reason):
        """What breaks later than 365 days after the last night is no date."""
        days = 20_059 + 365 - 20_045.5
        limit_s = 10_000 + 8_100 * (np.exp(0.002 * days) - 1)

        assert forecast(past(), sizes(), SHARE, limit_s + more_s).reason == reason

    @pytest.mark.parametrize(
        ("days", "reason"), [([0, 7, 14], "disks_grow"), ([0, 7, 13], "few_sizes"), ([0, 14], "few_sizes")]
    )
    def test_three_sizes_of_two_weeks(self, days, reason):
        """That is the least from which growth is read."""
        day = 20_000.0 + np.array(days)

        assert forecast(past(), Sizes(day, 200 * np.exp(0.002 * day)), SHARE, 12_000.0).reason == reason

    @pytest.mark.parametrize(("growth", "reason"), [(0.9e-4, "disks_do_not_grow"), (1.1e-4, "disks_grow")])
    def test_the_least_growth(self, growth, reason):
        """Less than four per cent a year is none."""
        assert forecast(past(), sizes(growth=growth), SHARE, 10_100.0).reason == reason

    def test_growth_that_stopped(self):
        """Disks that have stood still since the middle do not grow, however much they grew before."""
        day = np.arange(60.0)
        stopped = Sizes(20_000 + day, 200 * np.exp(0.004 * np.minimum(day, 30)))
        begun = Sizes(20_000 + day, 200 * np.exp(0.004 * np.maximum(day, 30)))

        for size in (stopped, begun):
            assert forecast(past(), size, SHARE, 10_500.0).reason == "disks_do_not_grow"

    def test_many_sizes(self):
        """Hourly exports over 60 days are thinned to parts, whose medians lie on the same line."""
        day = 20_000 + np.arange(0, 60, 1 / 24)
        many = Sizes(day, 200 * np.exp(0.002 * (day - 20_000)))

        assert forecast(past(), many, SHARE, 12_000.0) == forecast(past(), sizes(), SHARE, 12_000.0)

    def test_nights_that_are_not_recent_do_not_count(self):
        """Levels and data moves of more than four weeks ago say nothing."""
        level = past()
        is_old = level.night <= level.night[-1] - 28
        other = Past(
            level.night, np.where(is_old, 50_000.0, level.taken_s), np.where(is_old, 1.0, level.transfer_s)
        )

        assert forecast(other, sizes(), SHARE, 12_000.0) == forecast(level, sizes(), SHARE, 12_000.0)

    def test_data_moves_of_which_some_are_unknown(self):
        """Those that are known count; without any the split is unknown."""
        level = past()
        some = Past(level.night, level.taken_s, np.where(level.night % 2 == 0, np.nan, level.transfer_s))
        none = Past(level.night, level.taken_s, np.where(level.night > 20_031, np.nan, level.transfer_s))

        assert (
            forecast(some, sizes(), SHARE, 12_000.0).breaks_on
            == forecast(level, sizes(), SHARE, 12_000.0).breaks_on
        )
        assert forecast(none, sizes(), SHARE, 12_000.0).reason == "split_unknown"

    def test_noise_widens_the_interval(self):
        """Nights that differ leave the date where it is, within an interval that holds the true one."""
        noise = np.exp(np.random.default_rng(4).normal(0, 0.05, 60))
        level = past()
        noisy = Past(level.night, level.taken_s * noise, level.transfer_s * noise)
        found, exact = forecast(noisy, sizes(), SHARE, 12_000.0), forecast(level, sizes(), SHARE, 12_000.0)

        assert found.low < found.breaks_on < found.high
        assert found.low <= exact.breaks_on <= found.high
        assert 10 < found.high - found.low < 120

    def test_never_before_tomorrow(self):
        """A date that the law puts into the past is the day after the last night."""
        found = forecast(past(), sizes(), SHARE, 10_000.0)

        assert (found.breaks_on, found.low, found.high) == (20_060, 20_060, 20_060)

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
