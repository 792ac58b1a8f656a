"""Random numbers that do not depend on how things are called: the same input in another order gives the same draws."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from analytics.planning.jobs import Floats, Ints, Jobs
from analytics.planning.sample import medians_by


def shares(rng: np.random.Generator, draws: int, columns: Ints) -> Floats:
    """(draws, columns) numbers between 0 and 1, each column all the middles of `draws` equal parts in its own order.

    `columns` says which of the generator's columns stands where, so that who comes first does not matter.
    """
    middles = (np.arange(draws) + 0.5) / draws
    found = rng.permuted(np.tile(middles, (len(columns), 1)), axis=1).T
    return np.asarray(found[:, columns])


def normals(rng: np.random.Generator, draws: int, columns: Ints) -> Floats:
    """The same as standard normal numbers."""
    inverse = np.array([NormalDist().inv_cdf((at + 0.5) / draws) for at in range(draws)])
    return inverse[(shares(rng, draws, columns) * draws).astype(np.int64)]


def turns(jobs: Jobs) -> Ints:
    """Of each VM its place among all by what its jobs look like, not by its name."""
    vms = len(jobs.vms)
    known = jobs.vm >= 0
    vm = jobs.vm[known]
    counts = np.bincount(vm, minlength=vms)
    sent, size = (np.nan_to_num(medians_by(vm, values[known], vms)) for values in (jobs.sent_gb, jobs.vhd_gb))
    place = np.empty(vms, np.int64)
    place[np.lexsort((size, sent, counts))] = np.arange(vms)
    return place
