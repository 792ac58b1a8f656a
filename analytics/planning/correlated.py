"""What rows share: the residuals of a VM, and those of a volume's night, have something in common that counts once.

A night on which a volume is slow makes all its jobs longer, and so makes more of them run at once: rows that did not
share that would take it for contention. Both shares are taken off in turn, in part, as for random effects.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analytics.planning.jobs import Floats, Ints
from analytics.planning.sample import Sample, medians_by
from analytics.planning.slopes import Slopes

_FEWEST_OF_NIGHT = 3


class Spreads(NamedTuple):
    """Standard deviations of log residuals."""

    sd: float
    """Of the nights of a VM."""
    vm: float
    """Of VMs beyond that."""
    night: float
    """Of that within `sd` which all jobs of a volume's night have in common."""

    @property
    def job(self) -> float:
        """What single jobs differ by."""
        return float(np.sqrt(max(self.sd**2 - self.night**2, (self.sd / 2) ** 2)))


def spreads(sample: Sample, residual: Floats) -> Spreads:
    """Robust spreads, within limits."""
    middle = medians_by(sample.vm, residual, sample.vms)
    count = np.bincount(sample.vm, minlength=sample.vms)
    several = count[sample.vm] > 1
    within = residual - middle[sample.vm]
    sd = 1.4826 * float(np.median(np.abs(within[several]))) if several.any() else 0.2
    sd = min(max(sd, 0.02), 1.0)
    known = middle[count > 0]
    apart = _mad(known) if known.size > 3 else 0.1
    share = 1.57 * sd**2 * float(np.mean(1 / count[count > 0]))
    vm_sd = float(np.sqrt(min(max(apart**2 - share, 0.03**2), 0.5**2)))
    return Spreads(sd, vm_sd, min(spread_parts(sample, within)[0], sd))


def spread_parts(sample: Sample, residual: Floats) -> tuple[float, float]:
    """Spread by night and volume, and that of single jobs, both robust."""
    cell, cells = cells_of(sample)
    middle = medians_by(cell, residual, cells)
    count = np.bincount(cell[~np.isnan(residual)], minlength=cells)
    several = count >= _FEWEST_OF_NIGHT
    if not several.any():
        return 0.0, _mad(residual)
    rest = (residual - middle[cell])[several[cell]]
    job_sd = _mad(rest) * float(np.sqrt(np.mean(count[several] / (count[several] - 1))))
    common = _mad(middle[several]) ** 2 - 1.57 * job_sd**2 * float(np.mean(1 / count[several]))
    return float(np.sqrt(max(common, 0.0))), job_sd


def _mad(values: Floats) -> float:
    """Robust spread of what is known, NaN where nothing is."""
    known = values[~np.isnan(values)]
    return 1.4826 * float(np.median(np.abs(known - np.median(known)))) if known.size else float("nan")


def cells_of(sample: Sample) -> tuple[Ints, int]:
    """Of each row its volume's night, those of a volume side by side, and how many there are."""
    nights = len(sample.day)
    return sample.volume * nights + sample.night, sample.volumes * nights


class _Shared(NamedTuple):
    """What is taken off rows, their target as one more column, so that they are independent, and what that leaves."""

    by_night: Floats
    """(volumes' nights, size + 1): off each row of a volume's night."""
    by_vm: Floats
    """(vms, size + 1): off each row of a VM beside that."""
    less: Floats
    """(size + 1, size + 1): how much smaller that makes the products of the weighed rows."""


def shared(sample: Sample, gradient: Slopes, target: Floats, weight: Floats, found: Spreads) -> _Shared:
    """For rows of unit spread that are counted by `weight`."""
    cell, cells = cells_of(sample)
    night_sums, night_total = _sums(gradient, target, weight, cell, cells)
    vm_sums, vm_total = _sums(gradient, target, weight, sample.vm, sample.vms)
    night_share, vm_share = (
        _share(total, sd / found.job) for total, sd in ((night_total, found.night), (vm_total, found.vm))
    )
    by_night = night_sums * (night_share / np.maximum(night_total, 1e-12))[:, None]
    if found.night > 0:
        vm_sums = vm_sums - _of_vms(sample, weight, by_night)
    by_vm = vm_sums * (vm_share / np.maximum(vm_total, 1e-12))[:, None]
    # what rows less a share of their means give is what rows give less what the means give so often
    less = by_night.T @ (night_sums * (2 - night_share)[:, None]) + by_vm.T @ (
        vm_sums * (2 - vm_share)[:, None]
    )
    return _Shared(by_night, by_vm, less)


def _sums(
    gradient: Slopes, target: Floats, weight: Floats, group: Ints, groups: int
) -> tuple[Floats, Floats]:
    """Weighed sums of rows with their target, and of the weights, by group."""
    sums = np.bincount(group, weight * target, minlength=groups)
    total = np.asarray(np.bincount(group, weight, minlength=groups), np.float64)
    return np.column_stack([gradient.by_group(group, groups, weight), sums]), total


def _share(total: Floats, ratio: float) -> Floats:
    """Which share of the mean of a group is taken off each of its rows."""
    return np.asarray(1 - 1 / np.sqrt(1 + total * ratio**2))


def _of_vms(sample: Sample, weight: Floats, by_night: Floats) -> Floats:
    """(vms, size + 1): weighed sums by VM of what is taken off the rows for their volume's night."""
    nights = len(sample.day)
    pairs, pair = np.unique(sample.volume * sample.vms + sample.vm, return_inverse=True)
    counts = np.bincount(pair * nights + sample.night, weight, minlength=len(pairs) * nights)
    counts, found = counts.reshape(len(pairs), nights), np.zeros((sample.vms, by_night.shape[1]))
    ends = np.searchsorted(pairs, np.arange(sample.volumes + 1) * sample.vms)
    for volume in range(sample.volumes):
        some = slice(ends[volume], ends[volume + 1])
        # a VM is once among the pairs of a volume
        found[pairs[some] % sample.vms] += counts[some] @ by_night[volume * nights : (volume + 1) * nights]
    return found


def normal(
    sample: Sample, gradient: Slopes, target: Floats, weight: Floats, found: Spreads
) -> tuple[Floats, Floats]:
    """Normal equations of correlated rows, (size, size) and (size,)."""
    less = shared(sample, gradient, target, weight, found).less
    gram = gradient.gram(weight) - less[:-1, :-1]
    moment = gradient.pulled(weight * target) - less[:-1, -1]
    return gram / found.job**2, moment / found.job**2
