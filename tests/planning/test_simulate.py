"""The simulated night: closed forms, conservation, caps, and a slow twin by small steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.planning.night import components
from analytics.planning.simulate import simulate
from tests.planning import plain_night
from tests.planning.nights import drawn_night, night_of


def test_one_job_takes_its_phases() -> None:
    """One job takes its phases."""
    outcome = simulate(night_of([30.0], release_s=[100.0], before_s=20, after_s=7))
    assert outcome.granted_s.item() == 100
    assert outcome.moving_s.item() == 120
    assert outcome.moved_s.item() == pytest.approx(420)
    assert outcome.finish_s.item() == pytest.approx(427)


def test_two_equal_jobs_slow_each_other() -> None:
    """Two equal jobs slow each other."""
    assert simulate(night_of([10.0, 10.0], on_volume=5)).finish_s.ravel() == pytest.approx([150, 150])
    assert simulate(night_of([10.0, 10.0], on_server=2)).finish_s.ravel() == pytest.approx([120, 120])


def test_the_longer_job_speeds_up_when_it_is_alone() -> None:
    """The longer job speeds up when it is alone."""
    # both at 15 s/GB for 10 GB, then 10 GB alone at 10 s/GB
    assert simulate(night_of([10.0, 20.0], on_volume=5)).finish_s.ravel() == pytest.approx([150, 250])


def test_a_serial_queue_adds_up() -> None:
    """A serial queue adds up."""
    outcome = simulate(night_of([1.0, 2.0, 3.0], caps=(1, 9, 9), before_s=1, after_s=1))
    assert outcome.finish_s.ravel() == pytest.approx([12, 34, 66])
    assert outcome.granted_s.ravel() == pytest.approx([0, 12, 34])


def test_a_claim_until_the_snapshot_lets_transfers_overlap() -> None:
    """A claim until the snapshot lets transfers overlap."""
    outcome = simulate(night_of([1.0, 1.0], caps=(1, 9, 9), before_s=4, until_snapshot=True))
    assert outcome.finish_s.ravel() == pytest.approx([14, 18])


def test_who_may_not_start_is_passed_over() -> None:
    """Who may not start is passed over."""
    outcome = simulate(night_of([9.0, 1.0, 1.0], volume=[0, 0, 1], caps=(1, 9, 9)))
    assert outcome.granted_s.ravel() == pytest.approx([0, 90, 0])


def test_a_guest_job_needs_no_claim_and_weighs_a_third() -> None:
    """A guest job needs no claim and weighs a third."""
    night = night_of([10.0, 10.0], on_volume=10, caps=(1, 9, 9), guest_gb=100)
    outcome = simulate(night, np.array([False, True]))
    assert outcome.granted_s.ravel() == pytest.approx([0, 0])
    # 5 s before the guest job moves, then 0.35 of a neighbour
    assert outcome.finish_s[0, 0, 0] == pytest.approx(5 + 9.5 * 13.5)


def test_a_cap_of_none_never_starts() -> None:
    """A cap of none never starts."""
    assert np.isinf(simulate(night_of([1.0], caps=(0, 1, 1))).finish_s).all()


def test_a_night_without_jobs() -> None:
    """A night without jobs."""
    assert simulate(night_of([])).finish_s.shape == (1, 1, 0)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_small_steps_say_the_same(seed: int) -> None:
    """Small steps say the same."""
    night = drawn_night(seed)
    guests = np.random.default_rng(seed).random(night.jobs) < 0.25
    fast = simulate(night, guests).finish_s.ravel()
    slow = np.array(plain_night.finishes(night, guests.tolist()))
    # a step of a quarter of a second late at each of a job's phases and of those before it in the queue
    assert np.abs(fast - slow).max() < 0.25 * 4 * night.jobs


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_caps_hold_and_work_is_conserved(seed: int) -> None:
    """Caps hold and work is conserved."""
    night = drawn_night(seed, jobs=20, scenarios=3)
    outcome = simulate(night)
    for scenario in range(3):
        granted, moving, moved, finish = (
            getattr(outcome, name)[0, scenario] for name in ("granted_s", "moving_s", "moved_s", "finish_s")
        )
        assert (granted >= night.release_s).all()
        until = moving if night.caps.volume_until_snapshot else finish
        assert _most(night.volume, granted, until) <= night.caps.volume[0]
        assert _most(night.host, granted, finish) <= night.caps.host[0]
        assert _most(night.server, granted, finish) <= night.caps.server[0]
        assert _done_gb(night, moving, moved) == pytest.approx(night.at_host.work_gb[scenario], rel=1e-6)


def _most(place: np.ndarray, start: np.ndarray, end: np.ndarray) -> int:
    """The most jobs of one place at once, looked at just after every start."""
    return max(
        int(((place == place[j]) & (start <= start[j]) & (end > start[j] + 1e-6)).sum())
        for j in range(len(start))
    )


def _done_gb(night, moving: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """GB that each job transfers between its moments, at the pace that the overlaps give."""
    edges = np.unique(np.concatenate([moving, moved]))
    done = np.zeros(night.jobs)
    for low, high in pairwise(edges):
        at_work = (moving <= low + 1e-9) & (moved >= high - 1e-9)
        for j in np.nonzero(at_work)[0]:
            others = [(at_work & (place == place[j])).sum() - 1 for place in (night.volume, night.server)]
            law = night.law
            pace = law.scan_s_per_gb[night.volume[j]]
            pace += law.volume_contention_s_per_gb[night.volume[j]] * others[0]
            pace += law.server_contention_s_per_gb[night.server[j]] * others[1]
            done[j] += (high - low) / pace
    return done


def test_rows_do_not_depend_on_each_other() -> None:
    """Rows do not depend on each other."""
    night = drawn_night(3, jobs=15, scenarios=4)
    plans = np.random.default_rng(1).random((5, 15)) < 0.3
    together = simulate(night, plans).finish_s
    for number, plan in enumerate(plans):
        for scenario in range(4):
            alone = simulate(night.part(np.arange(15), slice(scenario, scenario + 1)), plan).finish_s
            assert together[number, scenario] == pytest.approx(alone[0, 0])


def test_more_work_never_ends_a_shared_volume_earlier() -> None:
    """More work never ends a shared volume earlier."""
    night = drawn_night(5, jobs=12)
    more = night.at_host.work_gb * 1.2
    last = simulate(night).finish_s.max()
    longer = night_of(
        more[0].tolist(), release_s=night.release_s.tolist(), scan=10, on_volume=3, caps=(1, 9, 9)
    )
    shorter = night_of(
        night.at_host.work_gb[0].tolist(),
        release_s=night.release_s.tolist(),
        scan=10,
        on_volume=3,
        caps=(1, 9, 9),
    )
    assert np.isfinite(last)
    assert (simulate(longer).finish_s >= simulate(shorter).finish_s).all()


def test_components_are_what_shares_a_limit_or_slows() -> None:
    """Components are what shares a limit or slows."""
    apart = night_of([1.0] * 4, volume=[0, 0, 1, 1], server=[0, 0, 0, 0], on_volume=1)
    assert components(apart).tolist() == [0, 0, 1, 1]
    by_server = night_of([1.0] * 4, volume=[0, 0, 1, 1], server=[0, 0, 0, 0], on_volume=1, on_server=1)
    assert components(by_server).tolist() == [0, 0, 0, 0]
    assert components(night_of([1.0] * 3)).tolist() == [0, 1, 2]
