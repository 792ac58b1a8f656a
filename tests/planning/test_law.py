"""The law of a data move in closed form: its value, its slope, its weights, and what an open data move counts as."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.correlated import Spreads
from analytics.planning.law import (
    MOST_POWER,
    Layout,
    Prior,
    delays,
    expected,
    fit,
    slope,
    solved,
    vm_logs,
)
from analytics.planning.slopes import Slopes
from tests.planning.hand import hand_sample

ONE = Layout(1, 1)
# overhead, scan, sent, contention of volume and server, power less 1
RATES = np.array([30.0, 10.0, 5.0, 0.5, 0.25, 1.0])
STIFF = np.full(6, 1e-9)
EPS = 1e-6


def loaded(rows: int = 1, **known: object):
    """Rows of 100 GB of which 10 were sent, with two others on the volume and four on the DPM server."""
    given = {"sent_gb": 10.0, "volume_load": 2.0, "server_load": 4.0}
    return hand_sample(rows, **{name: np.full(rows, value) for name, value in given.items()} | known)


class TestLayout:
    def test_places(self):
        """Overhead first, power last; between them a place for each volume and server, twice."""
        layout = Layout(2, 3)

        assert layout.size == 12
        assert [(part.start, part.stop) for part in layout.places()] == [(1, 3), (3, 6), (6, 8), (8, 11)]

    def test_pooled(self):
        """All volumes and all servers have one place each."""
        layout = Layout(2, 3, is_pooled=True)
        columns = layout.columns(hand_sample(2, volume=[0, 1], server=[2, 0]))

        assert layout.size == 6
        assert columns == (1, 2, 3, 4)

    def test_columns(self):
        """A row's rates are those of its volume and of its server."""
        columns = Layout(2, 3).columns(hand_sample(2, volume=[0, 1], server=[2, 0]))

        assert [list(column) for column in columns] == [[1, 2], [5, 3], [6, 7], [10, 8]]


class TestExpected:
    def test_closed_form(self):
        """30 + 10 x 100 + 5 x 10 s, slowed by volume and server as much: by the root of 1 + 1 + 1."""
        alone, factor = expected(RATES, ONE, loaded())

        assert alone == pytest.approx([1080.0])
        assert factor == pytest.approx([3**0.5])
        assert np.concatenate(delays(RATES, ONE, loaded())) == pytest.approx([1.0, 1.0])

    @pytest.mark.parametrize(("power", "factor"), [(1, 4.0), (3, (1 + 8 + 1) ** (1 / 3))])
    def test_power(self, power, factor):
        """With power 1 both add up; with a greater one the slower counts more."""
        rates = np.array([0.0, 1.0, 0.0, 1.0, 0.25, power - 1])

        assert expected(rates, ONE, loaded())[1] == pytest.approx([factor])

    def test_never_below_a_second(self):
        """Where all rates are 0, a data move takes a second."""
        assert expected(np.zeros(6), ONE, loaded())[0] == pytest.approx([1.0])

    def test_draws(self):
        """A row of rates gives a row of times."""
        alone, factor = expected(np.array([RATES, 2 * RATES]), ONE, loaded(3))

        assert alone.shape == factor.shape == (2, 3)
        assert alone[1] == pytest.approx(2 * alone[0])


class TestSlope:
    @pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
    def test_against_differences(self, power):
        """The slope is what the expected time changes by when a rate does."""
        layout = Layout(2, 1)
        rates = np.array([30.0, 10.0, 8.0, 5.0, 0.5, 0.4, 0.25, power - 1])
        sample = loaded(2, volume=np.array([0, 1]), volume_load=np.array([1.5, 3.0]))
        found = slope(rates, layout, sample).dense()

        for place in range(layout.size):
            step = np.zeros(layout.size)
            step[place] = EPS
            sides = [
                np.log(np.prod(expected(rates + sign * step, layout, sample), axis=0)) for sign in (1, -1)
            ]
            assert found[:, place] == pytest.approx((sides[0] - sides[1]) / (2 * EPS), abs=1e-6), place

    def test_where_nobody_slows_yet(self):
        """A contention of 0 has a slope, as if it slowed by a fifth: else no fit would ever leave 0."""
        rates = np.array([0.0, 10.0, 0.0, 0.0, 0.0, 1.0])
        found = slope(rates, ONE, loaded()).dense()

        assert found[0, 3:5] == pytest.approx([2.0 * 0.2, 4.0 * 0.2])
        assert found[0, 5] == pytest.approx(2 * 0.2**2 * np.log(0.2) / 2)


class TestVmLogs:
    def test_shrunk_by_how_much_vms_differ(self):
        """Three equal nights count three quarters where VMs differ as nights do; unknown rows do not count."""
        sample = hand_sample(6, vm=[0, 0, 0, 1, 1, 3])
        residual = np.array([0.4, 0.4, 0.4, 0.4, np.nan, np.nan])

        assert vm_logs(sample, residual, Spreads(0.3, 0.3, 0)) == pytest.approx([0.3, 0.2, 0.0, 0.0])
        assert vm_logs(sample, residual, Spreads(0.3, 0.15, 0))[1] == pytest.approx(0.4 / 5)

    def test_vms_always_differ_a_little(self):
        """VMs that look equal differ by two per cent at least."""
        sample = hand_sample(1)

        assert vm_logs(sample, np.array([0.4]), Spreads(0.02, 0.0, 0)) == pytest.approx([0.2])
        assert vm_logs(sample, np.array([0.4]), Spreads(0.03, 0.03, 0)) == pytest.approx([0.2])


class TestSlopes:
    def test_as_the_dense_matrix(self):
        """Products and sums are those of the matrix with its zeros."""
        rng = np.random.default_rng(3)
        columns = np.array([[0, 2], [3, 1], [2, 0], [4, 3]])
        rows, weight = Slopes(rng.normal(size=(4, 2)), columns, 5), rng.uniform(size=4)
        whole, group = rows.dense(), np.array([0, 2, 0, 2])

        assert np.count_nonzero(whole) == 8
        assert rows @ np.arange(5.0) == pytest.approx(whole @ np.arange(5.0))
        assert rows.pulled(weight) == pytest.approx(weight @ whole)
        assert rows.gram(weight) == pytest.approx((whole * weight[:, None]).T @ whole)
        by_group = [(whole * weight[:, None])[group == place].sum(axis=0) for place in range(3)]
        assert rows.by_group(group, 3, weight) == pytest.approx(np.array(by_group))
        assert rows[np.array([1, 3])].dense() == pytest.approx(whole[[1, 3]])


class TestSolved:
    def test_between_rows_and_prior(self):
        """Precisions add up: rows that say 4 with precision 3, a prior of 2 with spread a half."""
        found = solved(np.diag([3.0]), np.array([12.0]), Prior(np.array([2.0]), np.array([0.5])))

        assert found == pytest.approx([(12 + 2 * 4) / (3 + 4)])

    def test_never_negative(self):
        """What would be negative is 0, and the others are what is best beside that."""
        gram = np.array([[2.0, 1.0], [1.0, 2.0]])
        prior = Prior(np.zeros(2), np.full(2, 1e6))

        assert solved(gram, np.array([-3.0, 4.0]), prior) == pytest.approx([0.0, 2.0], abs=1e-6)


def one_round(log_noise: list[list[float]], **known: object):
    """A round of the fit whose rates cannot move: a row of noise per VM."""
    rows = sum(map(len, log_noise))
    sample = hand_sample(
        rows, vm=np.repeat(range(len(log_noise)), [len(part) for part in log_noise]), **known
    )
    seconds = np.prod(expected(RATES, ONE, sample), axis=0)
    sample = replace(sample, log_s=np.log(seconds) + np.concatenate(log_noise))
    return fit(sample, ONE, Prior(RATES, STIFF), RATES, rounds=1)


def spread_vms(middles: list[float], apart: float) -> list[list[float]]:
    """VMs with these typical nights, and one as far below as one is above."""
    return [[middle - apart, middle, middle + apart] for middle in middles]


class TestFit:
    @pytest.mark.parametrize(
        ("noise", "sd", "vm_sd"),
        [
            (
                spread_vms([-0.4, -0.2, 0, 0.2, 0.4], 0.1),
                0.14826,
                (0.29652**2 - 1.57 * 0.14826**2 / 3) ** 0.5,
            ),
            # three VMs do not show how VMs differ, four do
            (spread_vms([-0.4, 0, 0.4], 0.1), 0.14826, 0.03),
            (spread_vms([-0.4, -0.4, 0.4, 0.4], 0.1), 0.14826, 0.5),
            (spread_vms([0.1] * 3, 0.001), 0.02, (0.1**2 - 1.57 * 0.02**2 / 3) ** 0.5),
            (spread_vms([0, 0, 0, 0], 3.0), 1.0, 0.03),
            # one night each: nothing shows how a VM's nights differ
            ([[-0.4], [-0.2], [0.0], [0.2], [0.4]], 0.2, (0.29652**2 - 1.57 * 0.04) ** 0.5),
        ],
    )
    def test_spreads(self, noise, sd, vm_sd):
        """The spread of a VM's nights, and that of VMs beyond it, robust and within limits."""
        found = one_round(noise)

        assert found.spreads.sd == pytest.approx(sd)
        assert found.spreads.vm == pytest.approx(vm_sd)

    def test_weights(self):
        """What lies farther off than 1.345 spreads counts as much less; what lies nearer counts whole."""
        found = one_round([[0.0] * 3 + [-0.1, 0.1, 0.1, -0.1, 1.0, -2.0]])

        assert found.spreads.sd == pytest.approx(0.14826)
        assert found.weight[:7] == pytest.approx(np.ones(7))
        assert found.weight[7:] == pytest.approx(1.345 * 0.14826 / np.array([1.0, 2.0]))

    @pytest.mark.parametrize(
        ("deviate", "ratio"), [(0.0, 0.797885), (2.0, 2.373216), (-2.0, 0.055248), (40.0, 40.025)]
    )
    def test_open_data_moves(self, deviate, ratio):
        """One that did not end counts with the mean of what is left above how long it lasted (inverse Mills)."""
        noise = [[0.0] * 9, [0.0] * 8 + [deviate * 0.02]]
        is_open = np.arange(18) == 17
        found = one_round(noise, is_open=is_open)

        assert found.spreads.sd == pytest.approx(0.02)
        assert found.residual[17] == pytest.approx(0.02 * ratio, rel=1e-4)
        assert found.residual[:17] == pytest.approx(np.zeros(17), abs=1e-7)

    def test_rates_come_back(self):
        """Without noise the true rates, from a start that is far off."""
        rng = np.random.default_rng(2)
        rows = 400
        known = {
            "vhd_gb": rng.uniform(20, 400, rows),
            "sent_gb": rng.uniform(1, 200, rows),
            "volume_load": rng.uniform(0, 4, rows),
            "server_load": rng.uniform(0, 4, rows),
            "vm": np.arange(rows) % 20,
        }
        sample = hand_sample(rows, **known)
        sample = replace(sample, log_s=np.log(np.prod(expected(RATES, ONE, sample), axis=0)))
        start = np.array([10.0, 5.0, 2.0, 0.2, 0.2, 0.5])
        found = fit(sample, ONE, Prior(start, np.array([1e3, 1e3, 1e3, 1e2, 1e2, 1e1])), start, rounds=30)

        assert found.rates == pytest.approx(RATES, rel=0.01)
        assert found.residual == pytest.approx(np.zeros(rows), abs=1e-3)

    def test_the_power_has_a_limit(self):
        """Beyond 7 only the slower counts: no fit goes farther."""
        prior = Prior(np.append(RATES[:5], 50.0), STIFF)
        found = fit(replace(loaded(3), log_s=np.full(3, 7.0)), ONE, prior, RATES, rounds=2)

        assert found.rates[-1] == pytest.approx(MOST_POWER - 1)
