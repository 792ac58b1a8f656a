"""Ranges from past errors: which errors count for whom, and which of them is an end."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.calibrated import errors_of

ONE = np.zeros(1, np.int64)


def one_vm(errors: np.ndarray):
    """The errors of one VM on one volume."""
    return errors_of(errors[None], np.zeros(1, np.int64), 1)


class TestSpread:
    def test_own_beside_that_of_all(self):
        """A VM's own nights beside ten of what is typical (1.4826 times the median)."""
        errors = np.array([[0.1, -0.1, 0.1, -0.1], [0.3, -0.3, np.nan, np.nan], [0.1, 0.1, 0.1, 0.1]])
        found = errors_of(errors, np.zeros(3, np.int64), 1)
        typical = 0.14826**2

        assert found.spread**2 == pytest.approx(
            [(0.04 + 10 * typical) / 14, (0.18 + 10 * typical) / 12, (0.04 + 10 * typical) / 14]
        )

    def test_far_errors_are_cut(self):
        """An error counts as three times what is typical at most."""
        found = one_vm(np.array([0.1, -0.1, 0.1, -0.1, 50.0]))

        assert found.spread[0] ** 2 == pytest.approx((0.04 + 9 * 0.14826**2 + 10 * 0.14826**2) / 15)

    def test_without_errors(self):
        """No error, a spread of 1; errors of 0 are a thousandth."""
        assert one_vm(np.array([np.nan])).spread == pytest.approx([1.0])
        assert one_vm(np.zeros(90)).spread == pytest.approx([(10e-6 / 100) ** 0.5])


class TestEnds:
    @pytest.mark.parametrize("count", [18, 19, 39])
    def test_nineteen_errors(self, count):
        """Fewer hold nothing with 95 %; of nineteen both extremes are the ends, of 39 the second ones."""
        errors = np.linspace(-1, 2, count)
        low, high = one_vm(errors).ends(ONE)

        if count < 19:
            assert np.isnan([low[0], high[0]]).all()
        else:
            place = (count + 1) // 20 - 1
            assert (low[0], high[0]) == pytest.approx((errors[place], errors[-1 - place]))

    def test_a_long_tail_is_cut_more(self):
        """Ends lie half way from equal tails to the shortest range with nine tenths; of few errors tails are equal."""
        errors = -np.log(1 - (np.arange(1000) + 0.5) / 1000)  # exponential: the shortest range begins at 0
        low, high = one_vm(errors).ends(ONE)
        middles = np.mean([-np.log(1 - np.array(tails)) for tails in ((0.05, 0.95), (0.0, 0.9))], axis=0)

        assert (low[0], high[0]) == pytest.approx(middles, rel=0.02, abs=0.01)

    @pytest.mark.parametrize(("own", "is_own"), [(99, False), (100, True)])
    def test_a_volume_of_its_own(self, own, is_own):
        """From a hundred errors on a volume its ranges are its own; a VM without a volume has those of all."""
        width = 400
        errors = np.full((2, width), np.nan)
        errors[0, :own] = np.linspace(-0.1, 0.1, own)
        errors[1] = np.linspace(-9, 9, width)
        found = errors_of(errors, np.array([0, 1]), 2)
        unit = found.ends(np.array([0]))[1][0] / found.spread[0]
        everywhere = errors_of(errors, np.array([-1, 1]), 2)

        assert (
            unit == pytest.approx(np.quantile(errors[0, :own], 0.95) / found.spread[0], rel=0.05)
        ) == is_own
        assert everywhere.ends(ONE)[1][0] / everywhere.spread[0] == pytest.approx(
            np.quantile(everywhere.pooled, 0.95), rel=0.05
        )


class TestBelow:
    def test_share(self):
        """How many of them are at most so large, of one more than there are."""
        errors = np.linspace(-1, 2, 19)
        logs = np.array([-1.5, -1.0, 2.0, 9.0, np.nan])
        found = one_vm(errors).below(np.zeros(5, np.int64), logs)

        assert found[:4] == pytest.approx([0, 1 / 20, 19 / 20, 19 / 20])
        assert np.isnan(found[4])

    def test_too_few(self):
        """Nothing calibrates it."""
        assert np.isnan(one_vm(np.linspace(-1, 2, 18)).below(ONE, np.zeros(1))).all()
