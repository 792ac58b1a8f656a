"""The law at usual loads: contention of volume and DPM server added up, as the simulator of nights takes it.

A stand-in for the sharper law that is fitted: per draw, the level, volume contention and server contention that come
nearest to its slowing factor over the loads that occur. Away from them it is off: at load 0 by the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.planning.jobs import Floats
from analytics.planning.law import Layout, Prior, expected, solved
from analytics.planning.sample import Sample

if TYPE_CHECKING:
    from scipy.sparse import csr_array

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
    for _ in range(_ROUNDS):
        value, gradient = _slope(found, sample)
        rows = _by_row(gradient, weight / _SD**2)
        found = solved((gradient.T @ rows).toarray(), rows.T @ (target[0] - value + gradient @ found), prior)
    value, gradient = _slope(found, sample)
    rows = _by_row(gradient, weight / _SD**2)
    inverse = np.linalg.inv((gradient.T @ rows).toarray() + np.diag(prior.sd**-2))
    moved = (target - target[0]) @ rows @ inverse
    level, volume, server = np.split(
        np.maximum(found + moved, 0.0), [sample.volumes, 2 * sample.volumes], axis=1
    )
    return UsualLaw(np.maximum(level, _LEAST_LEVEL), volume, server)


def _prior(sample: Sample) -> Prior:
    sizes = [sample.volumes, sample.volumes, sample.servers]
    return Prior(np.repeat([1.0, 0.4, 0.1], sizes), np.repeat([0.3, 0.6, 0.3], sizes))


def _by_row(gradient: csr_array, factor: Floats) -> csr_array:
    """Each row times its factor."""
    from scipy.sparse import csr_array

    row, ends = np.arange(len(factor)), np.arange(len(factor) + 1)
    return csr_array((factor, row, ends), (len(factor), len(factor))) @ gradient


def _slope(found: Floats, sample: Sample) -> tuple[Floats, csr_array]:
    """Log of the factor for each row, and its derivative by each of level, volume and server contention."""
    from scipy.sparse import csr_array

    level, volume, server = np.split(found, [sample.volumes, 2 * sample.volumes])
    level = np.maximum(level, _LEAST_LEVEL)[sample.volume]
    slowed = 1 + volume[sample.volume] * sample.volume_load + server[sample.server] * sample.server_load
    parts = (1 / level, sample.volume_load / slowed, sample.server_load / slowed)
    columns = (sample.volume, sample.volumes + sample.volume, 2 * sample.volumes + sample.server)
    ends = np.arange(0, 3 * len(sample) + 1, 3)
    gradient = csr_array(
        (np.stack(parts, axis=1).ravel(), np.stack(columns, axis=1).ravel(), ends), (len(sample), len(found))
    )
    return np.log(level * slowed), gradient
