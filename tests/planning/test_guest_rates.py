"""Rates at guest level, from rates written by hand: what is fitted, what is believed, what is only a bound."""

from __future__ import annotations

from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.planning.guest_rates import GuestRates, guest_rates
from tests.planning.plain_jobs import plain_jobs

NAN = float("nan")
DRAWS = 8
NORMAL = np.array([NormalDist().inv_cdf((at + 0.5) / DRAWS) for at in range(DRAWS)])
# how much a fitted cost of changed data counts beside what scanning lets expect, if all its draws agree
SHARE = 0.45**2 / (0.45**2 + 0.25**2)


def rates_of(jobs: Any = None, volume: tuple[int, ...] = (0, 1, -1), **more: Any) -> GuestRates:
    """Of three VMs: on a volume of 10 s per GB, on one of 20, and on none that is known; a GB sent costs 30 s."""
    known = {
        "overhead_s": np.zeros(1),
        "scan_s_per_gb": np.array([[10.0, 20.0]]),
        "sent_s_per_gb": np.array([[30.0]]),
        "volume_contention": np.array([[0.5, 0.7]]),
        "server_contention": np.array([[0.2]]),
        "vm_factor": np.ones((1, 3)),
        "residual": np.zeros(20),
        "sent_bound_s_per_gb": np.array([77.0, 88.0]),
        "grade": ("A", "A"),
        "reason": ("own_fit", "own_fit"),
        "is_sent_known": np.array([True, True]),
    } | more
    nights = SimpleNamespace(volume=np.array(volume), server=np.array([0, 0, -1]))
    jobs = met(0.0) if jobs is None else jobs
    rng = np.random.default_rng(5)
    return guest_rates(jobs, SimpleNamespace(**known), nights, rng, DRAWS, np.arange(3))  # type: ignore[arg-type]


def met(share: float) -> Any:
    """Twenty jobs of three VMs on two volumes, of which such a share met another one for all of its data move."""
    place = np.arange(20)
    begin = np.where(place < round(20 * share), place // 4 * 1e4, 1e7 + place * 1e4)
    times = {"moving_s": begin, "moved_s": begin + 100, "started_s": begin, "ended_s": begin + 100}
    return plain_jobs(place % 3, volume=place % 2, volumes=("A", "B"), night=np.zeros(20, np.int64), **times)


class TestChangedData:
    def test_beside_what_scanning_lets_expect(self):
        """The fitted cost, and 2.2 times that of reading."""
        found = np.sort(np.log(rates_of().sent_s_per_gb), axis=0)
        believed = np.log(2.2) + 0.45 * NORMAL

        assert found[:, 0] == pytest.approx(SHARE * np.log(30) + (1 - SHARE) * (np.log(10) + believed))
        assert found[:, 1] == pytest.approx(SHARE * np.log(30) + (1 - SHARE) * (np.log(20) + believed))
        assert np.isnan(found[:, 2]).all()

    def test_draws_that_differ_count_less(self):
        """Their spread is added to the error of the fit."""
        sent = np.exp(np.linspace(-0.5, 0.5, 9))[:, None] * 30
        low, high = np.log(np.quantile(sent, (0.05, 0.95)))
        share = 0.45**2 / (0.45**2 + 0.25**2 + ((high - low) / 3.29) ** 2)
        draws = {"overhead_s": np.zeros(9), "vm_factor": np.ones((9, 3)), "sent_s_per_gb": sent}
        draws |= {"scan_s_per_gb": np.full((9, 2), 10.0), "server_contention": np.zeros((9, 1))}
        found = rates_of(**draws, volume_contention=np.zeros((9, 2)))
        mean = np.log(found.sent_s_per_gb[:, 0]).mean()

        # the bootstrap's eight rows are taken once each
        assert mean == pytest.approx(
            share * np.log(sent[1:]).mean() + (1 - share) * (np.log(10) + np.log(2.2)), abs=1e-6
        )

    def test_never_for_nothing(self):
        """A GB sent costs a twentieth of one that is read at least."""
        found = np.log(rates_of(sent_s_per_gb=np.array([[0.001]])).sent_s_per_gb[:, 0])

        assert found.mean() == pytest.approx(SHARE * np.log(0.05 * 10) + (1 - SHARE) * np.log(2.2 * 10))

    @pytest.mark.parametrize(
        ("change", "is_bound"),
        [
            ({}, False),
            ({"grade": ("D", "A")}, True),
            ({"grade": ("C", "A")}, False),
            ({"reason": ("no_changed_data", "own_fit")}, True),
            ({"reason": ("few_vms", "own_fit")}, False),
            ({"reason": ("few_vms", "own_fit"), "is_sent_known": np.array([False, True])}, True),
            ({"reason": ("one_vm", "own_fit"), "is_sent_known": np.array([False, True])}, True),
            ({"reason": ("few_jobs", "own_fit"), "is_sent_known": np.array([False, True])}, False),
        ],
    )
    def test_where_only_a_bound_is_known(self, change, is_bound):
        """All time charged to what was sent; then nothing is said of reading alone."""
        found = rates_of(**change)

        assert found.is_bound.tolist() == [is_bound, False, False]
        assert (found.sent_s_per_gb[:, 0] == 77.0).all() == is_bound
        assert np.isnan(found.scan_s_per_gb[0]) == is_bound
        assert found.scan_s_per_gb[1] == 20.0


class TestVms:
    def test_their_own_factors(self):
        """Those of the VM; of one without a job at host level the middle one of its volume."""
        factor = np.array([[2.0, 4.0, 9.0]])
        own = rates_of(vm_factor=factor, volume=(0, 0, 0)).scan_s_per_gb
        # the jobs of the third VM have no residual
        unseen = rates_of(
            vm_factor=factor, volume=(0, 0, 0), residual=np.where(np.arange(20) % 3 == 2, NAN, 0.0)
        )

        assert own.tolist() == [20.0, 40.0, 90.0]
        assert unseen.scan_s_per_gb.tolist() == [20.0, 40.0, 30.0]


class TestContention:
    @pytest.mark.parametrize(("share", "is_fitted"), [(0.0, False), (0.3, True)])
    def test_of_a_volume(self, share, is_fitted):
        """As fitted where one of ten jobs met another for half of its time, else as believed."""
        found = rates_of(met(share), residual=np.zeros(20)).volume_contention[:, 0]

        if is_fitted:
            assert found == pytest.approx(np.full(DRAWS, 0.5))
        else:
            assert np.sort(np.log(found)) == pytest.approx(np.log(0.6) + 0.5 * NORMAL)

    def test_of_a_server(self):
        """As fitted; of an unknown one the mean of all."""
        two = {"server_contention": np.array([[0.2, 0.6]]), "sent_s_per_gb": np.array([[30.0, 40.0]])}
        found = rates_of(**two).server_contention

        assert found[0].tolist() == pytest.approx([0.2, 0.2, 0.4])
        assert np.isnan(rates_of().volume_contention[:, 2]).all()
