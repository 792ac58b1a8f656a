"""The law at usual loads: where contentions add up it is the law itself, draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.law import Layout
from analytics.planning.usual_law import usual_law
from tests.planning.hand import hand_sample

LAYOUT = Layout(2, 2)
SAMPLE = hand_sample(
    400,
    volume=np.arange(400) % 2,
    server=np.arange(400) // 2 % 2,
    volume_load=np.arange(400) // 4 % 5 * 0.5,
    server_load=np.arange(400) // 20 % 4 * 0.75,
)
EVEN = np.ones(400)


def rates(volume: tuple[float, float], server: tuple[float, float], power: float = 1.0) -> np.ndarray:
    """Rates with these contentions."""
    return np.array([20.0, 8.0, 9.0, 5.0, 6.0, *volume, *server, power - 1])


class TestUsualLaw:
    def test_where_it_is_exact(self):
        """With power 1 the level is 1 and the contentions are those of the law, by volume and server."""
        found = usual_law(rates((0.5, 0.8), (0.1, 0.2))[None], LAYOUT, SAMPLE, EVEN)

        assert found.level[0] == pytest.approx([1.0, 1.0], abs=0.01)
        assert found.volume_contention[0] == pytest.approx([0.5, 0.8], abs=0.02)
        assert found.server_contention[0] == pytest.approx([0.1, 0.2], abs=0.02)

    def test_draws_differ_as_their_rates(self):
        """One step from the first draw leads to each of the others."""
        found = usual_law(
            np.array([rates((0.5, 0.8), (0.1, 0.2)), rates((0.55, 0.75), (0.12, 0.17))]), LAYOUT, SAMPLE, EVEN
        )

        assert found.volume_contention[1] - found.volume_contention[0] == pytest.approx(
            [0.05, -0.05], abs=0.005
        )
        assert found.server_contention[1] - found.server_contention[0] == pytest.approx(
            [0.02, -0.03], abs=0.005
        )
        assert found.level[1] == pytest.approx(found.level[0], abs=0.005)

    def test_nothing_below_0(self):
        """A contention that one step would take below 0 is 0; a level is a fifth at least."""
        found = usual_law(
            np.array([rates((0.3, 0.3), (0.1, 0.2)), rates((0.0, 3.0), (0.0, 3.0))]), LAYOUT, SAMPLE, EVEN
        )

        assert (found.volume_contention >= 0).all()
        assert (found.level >= 0.2).all()

    def test_weight(self):
        """Rows without weight say nothing: with one load left, the law is right at that load."""
        weight = (SAMPLE.volume_load == 1.0) * (SAMPLE.server_load == 0.75) * 1.0
        found = usual_law(rates((0.9, 0.9), (0.4, 0.4), power=3)[None], LAYOUT, SAMPLE, weight)
        factor = (1 + 0.9**3 + 0.3**3) ** (1 / 3)

        for volume in range(2):
            at_load = found.level[0, volume] * (
                1 + found.volume_contention[0, volume] + 0.75 * found.server_contention[0]
            )
            assert at_load == pytest.approx([factor, factor], abs=0.01)

    def test_without_rows_it_is_as_thought_before(self):
        """No weight at all: a level of 1, a volume's contention of 0.4, a server's of 0.1."""
        found = usual_law(rates((0.9, 0.9), (0.4, 0.4))[None], LAYOUT, SAMPLE, 0 * EVEN)

        assert found.level[0] == pytest.approx([1.0, 1.0])
        assert found.volume_contention[0] == pytest.approx([0.4, 0.4])
        assert found.server_contention[0] == pytest.approx([0.1, 0.1])
