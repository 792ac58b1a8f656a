"""Levels that changed: nights from which data moves of a volume take another time than the rates say (model.md 2.6)."""

from __future__ import annotations

from bisect import insort
from math import sqrt

import numpy as np

from analytics.planning.jobs import Floats, Ints
from analytics.planning.sample import Sample, medians_by

__all__ = ["level_steps"]

_LEAST_NIGHTS = 4
_LEAST_STEP = 0.15
_LEAST_CONTRAST = 4.0


def level_steps(sample: Sample, residual: Floats) -> tuple[Ints, Floats]:
    """By volume the night (place in `sample.day`) from which another level holds, -1 where none, and the step (log).

    The split of a volume's nights with the greatest difference of medians by its error, where that is above 4 and
    the difference above 0.15; the error is no less than nights differ from their eves on all volumes. `residual` has
    a value per row, NaN where open.
    """
    nights = len(sample.day)
    cell = sample.volume * nights + sample.night
    levels = medians_by(cell, residual, sample.volumes * nights).reshape(sample.volumes, nights)
    known = [np.flatnonzero(~np.isnan(row)) for row in levels]
    moves = np.concatenate([np.diff(row[seen]) for row, seen in zip(levels, known, strict=True)])
    usual = 1.4826 * float(np.median(np.abs(moves))) / np.sqrt(2) if moves.size else 0.0
    found = [_step(seen, row, usual) for row, seen in zip(levels, known, strict=True)]
    return np.array([night for night, _ in found], dtype=np.int64), np.array([step for _, step in found])


def _step(nights: Ints, levels: Floats, usual: float) -> tuple[int, float]:
    levels, least_sd = levels[nights], max(usual, 0.02)
    until, since = _middles(levels), _middles(levels[::-1])
    best = (0.0, -1, 0.0)
    for split in range(_LEAST_NIGHTS, len(nights) - _LEAST_NIGHTS + 1):
        before, after = levels[:split], levels[split:]
        middles = until[split - 1], since[len(after) - 1]
        step = middles[1] - middles[0]
        by_count = 1.2533 * sqrt(1 / len(before) + 1 / len(after))
        if abs(step) <= max(_LEAST_STEP, _LEAST_CONTRAST * by_count * least_sd):
            continue
        rest = np.abs(np.concatenate([before - middles[0], after - middles[1]]))
        contrast = abs(step) / (by_count * max(1.4826 * _middles(rest)[-1], least_sd))
        best = max(best, (contrast, int(nights[split]), step))
    return best[1:] if best[0] > _LEAST_CONTRAST else (-1, 0.0)


def _middles(values: Floats) -> list[float]:
    """The median of the first, of the first two, ...; of a few values faster than numpy's."""
    ordered: list[float] = []
    found = []
    for value in values.tolist():
        insort(ordered, value)
        found.append((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)
    return found
