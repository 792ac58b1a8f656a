"""Ranges that past errors calibrate: conformal, asymmetric, by volume where enough are known (model.md 2.4, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints

_ENOUGH = 100
_OUTSIDE = 0.05
"""Share of the errors beyond each end."""
_FEWEST = 19
"""With fewer errors no end holds with 95 %."""


_VM_NIGHTS = 10.0
"""How many nights the spread of all counts for beside a VM's own."""
_FAR = 3.0
_AS_SHORT = 1.01


@dataclass(frozen=True, slots=True)
class Errors:
    """Sorted logs of observed by expected in units of each VM's own spread: those of each volume, and of all."""

    volume: Ints
    """(vms,)"""
    spread: Floats
    """(vms,)"""
    pooled: Floats
    by_volume: tuple[Floats, ...]

    def _of(self, vm: int) -> Floats:
        """Those that calibrate this VM's ranges, its volume's if they are enough; empty where all are too few."""
        volume = int(self.volume[vm])
        own = self.by_volume[volume] if volume >= 0 else self.pooled[:0]
        if own.size >= _ENOUGH:
            return own
        return self.pooled if self.pooled.size >= _FEWEST else self.pooled[:0]

    def ends(self, vms: Ints) -> tuple[Floats, Floats]:
        """Lower and upper end of the 90 % range of these VMs (log), NaN where nothing calibrates it."""
        found = np.array([_ends(self._of(int(vm))) for vm in vms]).reshape(-1, 2) * self.spread[vms, None]
        return found[:, 0], found[:, 1]

    def below(self, vms: Ints, logs: Floats) -> Floats:
        """Share of errors at most so large, NaN where nothing calibrates it; never quite 1."""
        found = np.full(len(logs), np.nan)
        for place, (vm, log) in enumerate(zip(vms, logs / self.spread[vms], strict=True)):
            errors = self._of(int(vm))
            if errors.size and not np.isnan(log):
                found[place] = np.searchsorted(errors, log, side="right") / (errors.size + 1)
        return found


def errors_of(errors: Floats, volume: Ints, volumes: int) -> Errors:
    """From errors (vms, nights), NaN where unknown, and each VM's volume."""
    known = ~np.isnan(errors)
    spread = _spreads(errors, known)
    unit = errors / spread[:, None]
    of = np.broadcast_to(volume[:, None], errors.shape)
    by_volume = tuple(np.sort(unit[known & (of == place)]) for place in range(volumes))
    return Errors(volume, spread, np.sort(unit[known]), by_volume)


def _spreads(errors: Floats, known: Bools) -> Floats:
    """Spread of each VM's errors, far ones cut, shrunk towards that of all."""
    sizes = np.abs(errors[known])
    typical = max(1.4826 * float(np.median(sizes)), 1e-3) if sizes.size else 1.0
    own = np.where(known, np.minimum(np.abs(errors), _FAR * typical), 0.0) ** 2
    return np.asarray(np.sqrt((own.sum(axis=1) + _VM_NIGHTS * typical**2) / (known.sum(axis=1) + _VM_NIGHTS)))


def _ends(errors: Floats) -> tuple[float, float]:
    """Half way from the ends with 5 % beyond each to those of the shortest range that holds 90 %, of enough errors.

    Data moves have a long right tail: equal tails alone would be wide, the shortest range alone too narrow for other
    nights than those it was chosen by.
    """
    count = errors.size
    if not count:
        return np.nan, np.nan
    high = min(ceil((count + 1) * (1 - _OUTSIDE)), count) - 1
    low = max(floor((count + 1) * _OUTSIDE), 1) - 1
    ends = float(errors[low]), float(errors[high])
    if count < _ENOUGH:
        return ends
    held = ceil((count + 1) * (1 - 2 * _OUTSIDE))
    widths = errors[held - 1 :] - errors[: count - held + 1]
    # of those that are as short the one whose tails are most equal
    short = np.flatnonzero(widths <= _AS_SHORT * widths.min())
    first = int(short[np.abs(short - low).argmin()])
    return (ends[0] + float(errors[first])) / 2, (ends[1] + float(errors[first + held - 1])) / 2
