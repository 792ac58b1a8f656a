"""Who would move data beside a job at another time, counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.planning.beside import beside
from tests.planning.plain_jobs import plain_jobs


def met(own: tuple[float, float], *others: tuple[float, float], begin_s: float, end_s: float, **more: Any):
    """Loads that the first job would meet from one moment to another; all jobs moved data at these times."""
    moving_s, moved_s = (np.array(part, float) for part in zip(own, *others, strict=True))
    known = {"started_s": moving_s, "moving_s": moving_s, "moved_s": moved_s, "ended_s": moved_s}
    jobs = plain_jobs(np.arange(len(moving_s)), **(known | more))
    nan = np.full(len(moving_s), np.nan)
    begin, end = nan.copy(), nan.copy()
    begin[0], end[0] = begin_s, end_s
    on_volume, on_server = beside(jobs, begin, end)
    return float(on_volume[0]), float(on_server[0])


def test_mean_number_of_others():
    """One for half of the time, another for a quarter."""
    assert met((0, 1), (1000, 1050), (1075, 1300), begin_s=1000, end_s=1100) == pytest.approx((0.75, 0.75))


def test_guests_weigh_less():
    """A job at guest level counts 0.35."""
    is_guest = np.array([False, True])

    assert met((0, 1), (900, 1300), begin_s=1000, end_s=1100, is_guest=is_guest) == pytest.approx(
        (0.35, 0.35)
    )


def test_another_volume():
    """It counts on the DPM server alone."""
    places = {"volume": np.array([0, 1]), "volumes": ("A", "B")}

    assert met((0, 1), (900, 1300), begin_s=1000, end_s=1100, **places) == pytest.approx((0.0, 1.0))


def test_its_own_data_move_is_none():
    """What it moves itself today is not beside it."""
    assert met((1000, 1100), (1050, 1300), begin_s=1000, end_s=1100) == pytest.approx((0.5, 0.5))
    assert met((1050, 1200), begin_s=1000, end_s=1100) == pytest.approx((0.0, 0.0))


def test_who_would_take_its_place():
    """While another job waits for the volume, that one would move data instead."""
    waits = {"asked_s": np.array([np.nan, 1000.0]), "granted_s": np.array([np.nan, 1080.0])}

    assert met((1000, 1100), (2000, 2100), begin_s=1000, end_s=1100, **waits) == pytest.approx((0.8, 0.8))


def test_two_that_wait_take_one_place():
    """However many wait, one place comes free."""
    waits = {"asked_s": np.array([np.nan, 0.0, 0.0]), "granted_s": np.array([np.nan, 1500.0, 1500.0])}

    assert met((1000, 1100), (2000, 2100), (2000, 2100), begin_s=1000, end_s=1100, **waits) == pytest.approx(
        (1, 1)
    )


def test_no_time_at_all():
    """A data move of no length is looked at for a second."""
    assert met((0, 1), (900, 1300), begin_s=1000, end_s=1000) == pytest.approx((1.0, 1.0))


def test_unknown():
    """Without a moment, or a place, nothing is known."""
    assert np.isnan(met((0, 1), (900, 1300), begin_s=np.nan, end_s=1100)).all()
    on_volume, on_server = met((0, 1), (900, 1300), begin_s=1000, end_s=1100, volume=np.array([-1, -1]))
    assert np.isnan(on_volume)
    assert on_server == pytest.approx(1.0)


def test_nobody_moves_data():
    """A place of which no data move is known has no load."""
    assert met((np.nan, np.nan), (np.nan, np.nan), begin_s=1000, end_s=1100) == pytest.approx((0.0, 0.0))
