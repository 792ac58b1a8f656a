"""VMs whose disks' sizes have nothing to do with how long their data moves take: what nothing says is tracked, or old.

One such VM would bend the rates of all: a disk of terabytes that is backed up in minutes is not read as a whole.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.planning.jobs import Bools
from analytics.planning.law import Fit, Layout, expected
from analytics.planning.sample import Sample, medians_by

__all__ = ["is_many", "oddest", "spread_out"]

_ODD = float(np.log(3))
_MOST_SHARE = 0.1
_FEWEST_ROWS = 3


def oddest(sample: Sample, layout: Layout, found: Fit, odd: Bools) -> Bools:
    """(vms,): `odd` and of each volume the VM that is farthest off by the fit, threefold or more."""
    alone, slowed = expected(found.rates, layout, sample)
    residual = np.where(sample.is_open, np.nan, sample.log_s - np.log(alone * slowed))
    count = np.bincount(sample.vm, ~np.isnan(residual), minlength=sample.vms)
    apart = np.nan_to_num(np.abs(medians_by(sample.vm, residual, sample.vms)))
    apart = np.where(odd | (count < _FEWEST_ROWS), 0.0, apart)
    volume = np.full(sample.vms, -1)
    volume[sample.vm] = sample.volume
    farthest = np.zeros(sample.volumes + 1)
    np.maximum.at(farthest, volume, apart)
    more: Bools = odd | ((apart > _ODD) & (apart == farthest[volume]))
    return more


def is_many(odd: Bools, sample: Sample) -> bool:
    """Whether more VMs are odd than one of ten: then the sizes are wrong, not the VMs."""
    return bool(odd.sum() > max(1.0, _MOST_SHARE * len(np.unique(sample.vm))))


def spread_out(found: Fit, kept: Bools, sample: Sample, layout: Layout) -> Fit:
    """A fit of the kept rows as one of all of them: the others have no weight."""
    alone, slowed = expected(found.rates, layout, sample)
    residual = sample.log_s - np.log(alone * slowed)
    weight = np.zeros(len(sample))
    residual[kept], weight[kept] = found.residual, found.weight
    return replace(found, residual=residual, weight=weight)
