"""Levels that changed: from which night, by how much, and what is too short, too small or too noisy."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.steps import level_steps
from tests.planning.hand import hand_sample


def steps(*volumes: list[float], jobs: int = 3) -> tuple[list[int], list[float]]:
    """Night and size of the step of each volume, for levels by night, three jobs each; NaN is a night without one."""
    nights = len(volumes[0])
    rows = [
        (volume, night, level + off)
        for volume, levels in enumerate(volumes)
        for night, level in enumerate(levels)
        for off in np.linspace(-0.3, 0.3, jobs)
    ]
    volume, night, residual = (np.array(part) for part in zip(*rows, strict=True))
    sample = hand_sample(len(rows), volume=volume, night=night, day=20_000 + np.arange(nights))
    at, size = level_steps(sample, residual)
    return at.tolist(), size.tolist()


@pytest.mark.parametrize(
    ("before", "after", "size", "is_found"),
    [
        (4, 4, 0.2, True),
        (3, 4, 0.2, False),
        (4, 3, 0.2, False),
        (4, 4, 0.149, False),
        (4, 4, 0.151, True),
        (5, 5, -0.4, True),
    ],
)
def test_a_step(before, after, size, is_found):
    """Four nights each side, and more than 0.15."""
    at, step = steps([0.1] * before + [0.1 + size] * after)

    assert at == [before if is_found else -1]
    assert step == pytest.approx([size if is_found else 0.0])


@pytest.mark.parametrize(("noise", "is_found"), [(0.024, True), (0.03, False)])
def test_nights_that_differ(noise, is_found):
    """The step stands out by more than four of its errors, which are no less than nights differ from their eves."""
    level = [noise, -noise] * 4
    at, _ = steps([night + 0.2 * (place >= 4) for place, night in enumerate(level)])

    assert at == [4 if is_found else -1]


def test_each_volume_has_its_own():
    """Steps of one are not those of another; a night without a job is none."""
    nan = float("nan")
    at, step = steps([0.0] * 4 + [nan] + [0.5] * 4, [0.0] * 9, [0.3] * 5 + [0.0] * 4)

    assert at == [5, -1, 5]
    assert step == pytest.approx([0.5, 0.0, -0.3])


def test_the_greatest_contrast():
    """Of two steps the clearer one, to within the nights that medians do not see."""
    at, step = steps([0.0] * 12 + [0.2] * 4 + [1.0] * 12)

    assert abs(at[0] - 16) <= 2
    assert step == pytest.approx([1.0])


def test_open_data_moves_say_nothing():
    """Without a closed row there is no level, and no step."""
    sample = hand_sample(8, night=np.arange(8))

    assert level_steps(sample, np.full(8, np.nan))[0].tolist() == [-1]
