"""VMs whose disks' sizes have nothing to do with how long their data moves take: what nothing says is tracked, or old.

One such VM would bend the rates of all: a disk of terabytes that is backed up in minutes is not read as a whole.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints
from analytics.planning.law import Fit, Layout, expected
from analytics.planning.sample import Sample, medians_by

__all__ = ["hidden", "is_many", "oddest", "spread_out"]

_ODD = float(np.log(3))
_MOST_SHARE = 0.1
_FEWEST_ROWS = 3
_FEWEST_BESIDE = 2


def oddest(sample: Sample, layout: Layout, found: Fit, odd: Bools) -> Bools:
    """(vms,): `odd` and of each volume the VM that is farthest off by the fit, threefold or more."""
    apart = np.where(odd, 0.0, np.abs(_offs(sample, layout, found.rates)))
    more: Bools = odd | _farthest(sample, np.nan_to_num(apart))
    return more


def hidden(sample: Sample, pooled: Floats) -> Bools:
    """(vms,): of each volume the VM that is threefold or more off by the `pooled` rates, beside the volume's others.

    The rates of a volume of few VMs bend to a large one, whose own residual shows nothing then.
    """
    off = _offs(sample, Layout(sample.volumes, sample.servers, is_pooled=True), pooled)
    volume = _volume_of(sample)
    apart = np.zeros(sample.vms)
    for place in range(sample.volumes):
        here = np.flatnonzero((volume == place) & ~np.isnan(off))
        if len(here) > _FEWEST_BESIDE:
            others = [np.median(np.delete(off[here], number)) for number in range(len(here))]
            apart[here] = np.abs(off[here] - others)
    return _farthest(sample, apart)


def _offs(sample: Sample, layout: Layout, rates: Floats) -> Floats:
    """(vms,): log of what each VM's jobs take by what is expected, in the middle; NaN where hardly any are seen."""
    alone, slowed = expected(rates, layout, sample)
    residual = np.where(sample.is_open, np.nan, sample.log_s - np.log(alone * slowed))
    count = np.bincount(sample.vm, ~np.isnan(residual), minlength=sample.vms)
    return np.where(count < _FEWEST_ROWS, np.nan, medians_by(sample.vm, residual, sample.vms))


def _farthest(sample: Sample, apart: Floats) -> Bools:
    """(vms,): of each volume the VM that is farthest off, where that is threefold or more."""
    volume = _volume_of(sample)
    farthest = np.zeros(sample.volumes + 1)
    np.maximum.at(farthest, volume, apart)
    return np.asarray((apart > _ODD) & (apart == farthest[volume]))


def _volume_of(sample: Sample) -> Ints:
    volume = np.full(sample.vms, -1)
    volume[sample.vm] = sample.volume
    return volume


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
