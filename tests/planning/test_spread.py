"""Start times: found where there are any, and never told where the simulator does not meet with them."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.advice_trials import Limits, alternatives
from analytics.planning.goal import Clock, Goal
from analytics.planning.night import Night
from analytics.planning.spread import Spread, overloads, spread
from tests.planning.nights import night_of

_HOUR = 3600.0


def _night(hours: list[float], release_h: list[float], seed: int, on_volume: float = 1.0) -> Night:
    """Jobs of one volume that slow each other down as much as they would gain side by side, with a little noise."""
    noise = np.exp(np.random.default_rng(seed).normal(0, 0.03, (40, len(hours))))
    return night_of(
        [hour * _HOUR for hour in hours],
        release_s=[hour * _HOUR for hour in release_h],
        scan=1.0,
        on_volume=on_volume,
        noise=noise,
    )


def _spread(
    hours: list[float],
    release_h: list[float],
    close_h: float,
    longest_h: float = np.inf,
    is_for_most: bool = False,
) -> Spread:
    jobs = len(hours)
    return spread(
        _night(hours, release_h, 1),
        _night(hours, release_h, 2),
        np.zeros(jobs, bool),
        0.0,
        np.full(jobs, close_h * _HOUR),
        np.full(jobs, longest_h * _HOUR),
        0.9,
        Clock(60),
        is_for_most=is_for_most,
    )


def test_jobs_that_slow_each_other_are_started_one_after_another() -> None:
    """Three jobs of an hour at once take three each; one after another they keep a limit of an hour and a half."""
    found = _spread([1, 1, 1], [0, 0, 0], close_h=8, longest_h=1.5)

    assert found.is_enough
    assert np.diff(np.sort(found.release_s)).min() > 0.8 * _HOUR


def test_late_starts_move_forward() -> None:
    """Jobs that start too late to be done in time start at the opening."""
    found = _spread([1, 1], [0, 4], close_h=4.5)

    assert found.is_enough
    assert found.release_s[1] < 3.4 * _HOUR


def test_no_schedule_fits_what_is_too_much() -> None:
    """Nine hours of work in a window of eight: its work is said, no starts are."""
    found = _spread([3, 3, 3], [0, 0, 0], close_h=8)

    assert not found.is_enough
    assert [load.kind for load in found.overloads] == ["volume"]
    assert found.overloads[0].work_s == pytest.approx(9 * _HOUR, rel=0.05)
    assert found.overloads[0].window_s == 8 * _HOUR


@pytest.mark.parametrize(("is_for_most", "met"), [(False, 0), (True, 2)])
def test_where_not_all_fit_most_may(is_for_most: bool, met: int) -> None:
    """Of three jobs that are too much for a window two are in time one after another; asked for, they are told."""
    found = _spread([3, 3, 3], [0, 0, 0], close_h=8, is_for_most=is_for_most)

    assert not found.is_enough
    assert (found.meets >= 0.9).sum() == met


def test_what_fits_is_not_called_too_much() -> None:
    """Seven hours of work fit, and so do nine that three may do side by side without slowing each other."""
    close_s = np.full(3, 8 * _HOUR)
    none = np.zeros(3, bool)
    assert overloads(_night([2, 2, 3], [0, 0, 0], 1), none, 0.0, close_s, close_s, 0.9) == ()
    assert overloads(_night([3, 3, 3], [0, 0, 0], 1, on_volume=0.0), none, 0.0, close_s, close_s, 0.9) == ()


def test_one_job_that_alone_is_too_long() -> None:
    """A job that takes longer than its limit even alone is late whatever its start."""
    found = _spread([2, 1], [0, 0], close_h=8, longest_h=1.5)

    assert not found.is_enough
    assert [(load.kind, load.place) for load in found.overloads] == [("vm", 0)]
    assert found.overloads[0].work_s == pytest.approx(2 * _HOUR, rel=0.1)


def test_those_in_time_keep_their_starts() -> None:
    """Where nobody is late nothing moves."""
    found = _spread([1, 1], [0, 2], close_h=8)

    assert found.is_enough
    assert found.release_s.tolist() == [0, 2 * _HOUR]


def _goal(release_h: list[float], close_h: float, longest_h: float) -> tuple[Goal, Night]:
    jobs = len(release_h)
    night, check = (_night([1] * jobs, release_h, seed) for seed in (1, 2))
    limit_s = np.minimum(close_h * _HOUR, night.release_s + longest_h * _HOUR)
    return Goal(night, limit_s, 0.9, np.ones(jobs), *np.zeros((3, jobs), bool)), check


@pytest.mark.parametrize(("close_h", "longest_h", "enough"), [(8, 1.5, True), (8, 0.5, False), (2, 9, False)])
def test_an_alternative_is_enough_only_where_it_is(close_h: float, longest_h: float, enough: bool) -> None:
    """Spreading is called enough where there are starts that do, not where a job alone or all in all are too long."""
    goal, check = _goal([0, 0, 0], close_h, longest_h)
    limits = Limits(0.0, np.full(3, close_h * _HOUR), np.full(3, longest_h * _HOUR))
    found = alternatives(goal, check, limits, Clock(60))

    assert [each.is_enough for each in found if each.kind == "spread"] == [enough]


def test_a_limit_on_the_volume_is_tried() -> None:
    """Where jobs that slow each other are late only because of it, one at a time is enough."""
    goal, check = _goal([0, 0, 0], 8, 9)
    # at once all three take three hours; one after another the first two are done in two
    goal = Goal(
        goal.night, np.array([2.3, 2.3, 8]) * _HOUR, 0.9, goal.cost, goal.must, goal.never, goal.is_guest
    )
    found = alternatives(goal, check, Limits(0.0, goal.limit_s, np.full(3, np.inf)), Clock(60))
    caps = [each for each in found if each.kind == "volume_caps"]

    assert [(each.is_enough, each.caps) for each in caps] == [(True, ((0, 1),))]


def test_nothing_is_tried_where_nobody_is_late() -> None:
    """Where all meet there is nothing to name."""
    goal, check = _goal([0, 2, 4], 8, 9)

    assert alternatives(goal, check, Limits(0.0, goal.limit_s, np.full(3, np.inf)), Clock(60)) == ()


@pytest.mark.parametrize("is_for_most", [True, False])
def test_what_most_gain_by_other_starts(is_for_most: bool) -> None:
    """Nine hours of work in eight: asked for, the starts by which two of three are in time; not enough either way."""
    night, check = (_night([3, 3, 3], [0, 0, 0], seed) for seed in (1, 2))
    limit_s = np.full(3, 8 * _HOUR)
    goal = Goal(night, limit_s, 0.9, np.ones(3), *np.zeros((3, 3), bool))
    limits = Limits(0.0, limit_s, np.full(3, np.inf))
    found = alternatives(goal, check, limits, Clock(60), is_for_most=is_for_most)
    spread_out = next(each for each in found if each.kind == "spread")

    assert [load.kind for load in spread_out.overloads] == ["volume"]
    assert not spread_out.is_enough
    assert spread_out.meets_share == pytest.approx(2 / 3 if is_for_most else 0)
