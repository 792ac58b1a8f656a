"""The law at usual loads: contention of volume and DPM server added up, as the simulator of nights takes it.

A stand-in for the sharper law that is fitted: per draw, the level, volume contention and server contention that come
nearest to its slowing factor over the loads that occur. Away from them it is off: at load 0 by the level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Floats
from analytics.planning.law import Layout, Prior, expected, solved
from analytics.planning.sample import Sample
from analytics.planning.slopes import Slopes

__all__ = ["UsualLaw", "usual_law"]

_ROUNDS = 6
_LEAST_LEVEL = 0.2
_SD = 0.05


@dataclass(frozen=True, slots=True)
class UsualLaw:
    """Factor = level (1 + volume_contention volume_load + server_contention server_load); (draws, …)."""

    level: Floats
    volume_contention: Floats
    server_contention: Floats


def usual_law(rates: Floats, layout: Layout, sample: Sample, weight: Floats) -> UsualLaw:
    """The law at usual loads for each row of `rates`; rows of the sample count by `weight`."""
    target = np.log(expected(rates, layout, sample)[1])
    prior = _prior(sample)
    found = prior.mean
    weight = weight / _SD**2
    for _ in range(_ROUNDS):
        value, gradient = _slope(found, sample)
        moment = gradient.pulled(weight * (target[0] - value + gradient @ found))
        found = solved(gradient.gram(weight), moment, prior)
    value, gradient = _slope(found, sample)
    inverse = np.linalg.inv(gradient.gram(weight) + np.diag(prior.sd**-2))
    moved = np.array([gradient.pulled(weight * row) for row in target - target[0]]) @ inverse
    level, volume, server = np.split(
        np.maximum(found + moved, 0.0), [sample.volumes, 2 * sample.volumes], axis=1
    )
    return UsualLaw(np.maximum(level, _LEAST_LEVEL), volume, server)


def _prior(sample: Sample) -> Prior:
    sizes = [sample.volumes, sample.volumes, sample.servers]
    return Prior(np.repeat([1.0, 0.4, 0.1], sizes), np.repeat([0.3, 0.6, 0.3], sizes))


def _slope(found: Floats, sample: Sample) -> tuple[Floats, Slopes]:
    """Log of the factor for each row, and its derivative by each of level, volume and server contention."""
    level, volume, server = np.split(found, [sample.volumes, 2 * sample.volumes])
    level = np.maximum(level, _LEAST_LEVEL)[sample.volume]
    slowed = 1 + volume[sample.volume] * sample.volume_load + server[sample.server] * sample.server_load
    parts = (1 / level, sample.volume_load / slowed, sample.server_load / slowed)
    columns = (sample.volume, sample.volumes + sample.volume, 2 * sample.volumes + sample.server)
    gradient = Slopes(np.stack(parts, axis=1), np.stack(columns, axis=1), len(found))
    return np.log(level * slowed), gradient
