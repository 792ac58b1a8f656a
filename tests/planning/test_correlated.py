"""Rows that share something: VMs of their own speed, nights on which a volume is slow."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from analytics.planning.correlated import Spreads, cells_of, normal, shared, spreads
from analytics.planning.slopes import Slopes
from tests.planning.hand import hand_sample


def rows_of(values: np.ndarray) -> Slopes:
    """Rows that know every column."""
    return Slopes(values, np.broadcast_to(np.arange(values.shape[1]), values.shape), values.shape[1])


class TestNormal:
    def test_same_as_correlated_rows(self):
        """Rows of a VM that share an effect: the normal equations are those of generalised least squares."""
        rng = np.random.default_rng(1)
        columns, sd, vm_sd = rng.normal(size=(5, 3)), 0.2, 0.5
        vm = np.array([0, 0, 0, 1, 1])
        gram, moment = normal(
            hand_sample(5, vm=vm), rows_of(columns[:, :2]), columns[:, 2], np.ones(5), Spreads(sd, vm_sd, 0)
        )
        covariance = sd**2 * np.eye(5) + (vm[:, None] == vm) * vm_sd**2
        whole = columns.T @ np.linalg.solve(covariance, columns)

        assert gram == pytest.approx(whole[:2, :2])
        assert moment == pytest.approx(whole[:2, 2])

    def test_weight_0_does_not_count(self):
        """An outlier without weight leaves no trace."""
        gradient, target = np.array([[1.0], [3.0], [70.0]]), np.array([2.0, 5.0, -900.0])
        without = normal(hand_sample(2), rows_of(gradient[:2]), target[:2], np.ones(2), Spreads(0.3, 0.3, 0))
        found = normal(
            hand_sample(3), rows_of(gradient), target, np.array([1.0, 1.0, 0.0]), Spreads(0.3, 0.3, 0)
        )

        assert found[0] == pytest.approx(without[0])
        assert found[1] == pytest.approx(without[1])

    def test_same_as_rows_of_one_night(self):
        """Rows of a volume's night that share an effect; another volume's night of that date is another one."""
        rng = np.random.default_rng(2)
        columns, found = rng.normal(size=(6, 3)), Spreads(0.5, 0.0, 0.4)
        volume, night = np.array([0, 0, 0, 1, 1, 0]), np.array([0, 0, 0, 0, 0, 1])
        sample = hand_sample(6, vm=np.arange(6), volume=volume, night=night)
        gram, moment = normal(sample, rows_of(columns[:, :2]), columns[:, 2], np.ones(6), found)
        cell = 2 * volume + night
        covariance = 0.3**2 * np.eye(6) + (cell[:, None] == cell) * 0.4**2
        whole = columns.T @ np.linalg.solve(covariance, columns)

        assert gram == pytest.approx(whole[:2, :2])
        assert moment == pytest.approx(whole[:2, 2])

    def test_both_as_the_rows_without_their_shares(self):
        """The products are those of the rows less what is taken off each, where VMs are on two volumes, too."""
        rng = np.random.default_rng(3)
        columns, weight = rng.normal(size=(12, 4)), rng.uniform(0.2, 1, 12)
        vm, volume, night = np.arange(12) % 4, rng.integers(0, 2, 12), np.arange(12) // 4
        sample = hand_sample(12, vm=vm, volume=volume, night=night)
        off = shared(sample, rows_of(columns[:, :3]), columns[:, 3], weight, Spreads(0.5, 0.3, 0.4))
        rest = columns - off.by_night[cells_of(sample)[0]] - off.by_vm[vm]

        whole, left = (rows.T @ (rows * weight[:, None]) for rows in (columns, rest))
        assert whole - off.less == pytest.approx(left)


class TestSpreads:
    @pytest.mark.parametrize(("common", "nearly"), [(0.0, 0.0), (0.2, 0.2)])
    def test_what_a_night_shares(self, common, nearly):
        """What all jobs of a volume's night have in common is told from what single jobs differ by."""
        rng = np.random.default_rng(4)
        vm, night = np.repeat(np.arange(20), 40), np.tile(np.arange(40), 20)
        shock = [NormalDist(0, common or 1e-9).inv_cdf((at + 0.5) / 40) for at in range(40)]
        residual = rng.normal(0, 0.1, 800) + np.array(shock)[night]
        found = spreads(hand_sample(800, vm=vm, night=night), residual)

        assert found.night == pytest.approx(nearly, abs=0.05)
        assert found.job == pytest.approx(0.1, abs=0.02)

    def test_nights_of_two_jobs_share_nothing(self):
        """Two jobs a night do not show what is common to them."""
        rng = np.random.default_rng(4)
        vm, night = np.repeat(np.arange(2), 40), np.tile(np.arange(40), 2)
        residual = 0.2 * rng.normal(size=40)[night]

        assert spreads(hand_sample(80, vm=vm, night=night), residual).night == 0
