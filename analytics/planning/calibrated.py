"""Ranges that past errors calibrate: conformal, asymmetric, by volume where enough are known (model.md 2.4, 6)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from analytics.planning.jobs import Floats, Ints

_ENOUGH = 100
_OUTSIDE = 0.05
"""Share of the errors beyond each end."""
_FEWEST = 19
"""With fewer errors no end holds with 95 %."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Sorted logs of observed by expected: by volume those of the volume where they are enough, else those of all."""

    pooled: Floats
    by_volume: tuple[Floats, ...]

    def of(self, volume: int) -> Floats:
        """Those that calibrate this volume's ranges; empty where they are too few."""
        own = self.by_volume[volume] if 0 <= volume < len(self.by_volume) else self.pooled[:0]
        if own.size >= _ENOUGH:
            return own
        return self.pooled if self.pooled.size >= _FEWEST else self.pooled[:0]

    def ends(self, volumes: Ints) -> tuple[Floats, Floats]:
        """Lower and upper end of the 90 % range (log), NaN where nothing calibrates it."""
        found = np.array([_ends(self.of(int(volume))) for volume in volumes]).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def below(self, volumes: Ints, logs: Floats) -> Floats:
        """Share of errors at most so large, NaN where nothing calibrates it; never quite 1."""
        found = np.full(len(logs), np.nan)
        for place, (volume, log) in enumerate(zip(volumes, logs, strict=True)):
            errors = self.of(int(volume))
            if errors.size and not np.isnan(log):
                found[place] = np.searchsorted(errors, log, side="right") / (errors.size + 1)
        return found


def errors_of(errors: Floats, volume: Ints, volumes: int) -> Errors:
    """From errors (vms, nights), NaN where unknown, and each VM's volume."""
    known = ~np.isnan(errors)
    of = np.broadcast_to(volume[:, None], errors.shape)
    return Errors(
        np.sort(errors[known]),
        tuple(np.sort(errors[known & (of == place)]) for place in range(volumes)),
    )


def _ends(errors: Floats) -> tuple[float, float]:
    if not errors.size:
        return np.nan, np.nan
    high = ceil((errors.size + 1) * (1 - _OUTSIDE))
    low = floor((errors.size + 1) * _OUTSIDE)
    return float(errors[max(low, 1) - 1]), float(errors[min(high, errors.size) - 1])
