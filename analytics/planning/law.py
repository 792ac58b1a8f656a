"""The law of a data move, its slope, and the robust non-negative least squares that finds its rates (model.md 2.4).

X = (overhead + scan V + sent D) (1 + (b volume_load)^p + (g server_load)^p)^(1/p) x VM's factor x e^noise.
With p = 1 the volume and the DPM server slow in turn; the greater p, the more only the slower one counts (model.md
2.2, 3). The fit is Gauss-Newton on log X: each round is one non-negative least-squares problem with as many rows as
rates. Rows are weighed by Huber; rates are shrunk towards the pooled ones (prior rows); what a VM's jobs have in common
counts once (random effect).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import erfc, exp, pi, sqrt

import numpy as np

from analytics.planning.correlated import Spreads, normal, spreads
from analytics.planning.jobs import Floats
from analytics.planning.sample import Sample, medians_by
from analytics.planning.slopes import Slopes

__all__ = [
    "MOST_POWER",
    "Fit",
    "Layout",
    "Prior",
    "delays",
    "expected",
    "fit",
    "slope",
    "solved",
    "vm_logs",
]

_HUBER = 1.345
_ROUNDS = 12
MOST_POWER = 7.0
_LEAST_S = 1.0
_LEAST_DELAY = 0.2
_WHOLE_STEPS = 3
# a step that changes no rate by more than this share of it, or of what is not known of it, is the last
_CLOSE = 0.003
_EXCHANGES = 12
_FAR_OFF = 30


@dataclass(frozen=True, slots=True)
class Layout:
    """Which rate of the vector stands for what; volumes or servers that share one have the same place."""

    volumes: int
    servers: int
    is_pooled: bool = False

    @property
    def size(self) -> int:
        """How many rates."""
        return 2 + 2 * self.own(self.volumes) + 2 * self.own(self.servers)

    def own(self, count: int) -> int:
        """How many rates of a kind."""
        return 1 if self.is_pooled else count

    def places(self) -> tuple[slice, slice, slice, slice]:
        """Where scan, sent, volume and server contention stand; overhead is the first, p - 1 the last of all."""
        ends = np.cumsum([1, *(self.own(count) for count in (self.volumes, self.servers) * 2)])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))  # type: ignore[return-value]

    def columns(self, sample: Sample) -> tuple[Floats, ...]:
        """For each row the place of its scan, sent, volume contention and server contention."""
        first = [part.start for part in self.places()]
        of = (sample.volume, sample.server, sample.volume, sample.server)
        return tuple(start + (0 if self.is_pooled else place) for start, place in zip(first, of, strict=True))


@dataclass(frozen=True, slots=True)
class Prior:
    """What is thought of the rates beforehand: normal, independent, as means and standard deviations."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """Rates found, with the rows of the last round: `weight` by Huber, `residual` with open data moves put in."""

    rates: Floats
    weight: Floats
    residual: Floats
    spreads: Spreads
    information: Floats
    """What the rows alone tell of the rates: the inverse of their covariance."""
    scale: Floats
    """Size of each rate beforehand: the prior's spreads."""


def expected(rates: Floats, layout: Layout, sample: Sample) -> tuple[Floats, Floats]:
    """Seconds alone, and the factor by which the others slow; (..., rows) where `rates` is (..., size)."""
    scan, sent, _, _ = (rates[..., place] for place in layout.columns(sample))
    alone = rates[..., :1] + scan * sample.vhd_gb + sent * sample.sent_gb
    power = 1 + rates[..., -1:]
    volume, server = delays(rates, layout, sample)
    return np.maximum(alone, _LEAST_S), (1 + volume**power + server**power) ** (1 / power)


def delays(rates: Floats, layout: Layout, sample: Sample) -> tuple[Floats, Floats]:
    """By how much the volume alone, and the DPM server alone, would slow each row, as a share; (..., rows)."""
    _, _, volume, server = (rates[..., place] for place in layout.columns(sample))
    return volume * sample.volume_load, server * sample.server_load


def slope(rates: Floats, layout: Layout, sample: Sample) -> Slopes:
    """Derivative of the log of the expected time by each rate, (rows, size): each row knows six of them."""
    alone, factor = expected(rates, layout, sample)
    power = 1 + rates[-1]
    # below that the slope vanishes, and a step would forget what the rows say of it
    volume, server = (np.maximum(part, _LEAST_DELAY) for part in delays(rates, layout, sample))
    whole = factor**power
    mixed = (volume**power * np.log(volume) + server**power * np.log(server)) / whole
    parts = (
        1 / alone,
        sample.vhd_gb / alone,
        sample.sent_gb / alone,
        sample.volume_load * volume ** (power - 1) / whole,
        sample.server_load * server ** (power - 1) / whole,
        (mixed - np.log(factor)) / power,
    )
    columns = np.zeros((len(sample), len(parts)), np.int64)
    columns[:, 1:-1] = np.transpose(np.broadcast_arrays(*layout.columns(sample), parts[0])[:-1])
    columns[:, -1] = layout.size - 1
    return Slopes(np.stack(parts, axis=1), columns, layout.size)


def fit(sample: Sample, layout: Layout, prior: Prior, start: Floats, rounds: int = _ROUNDS) -> Fit:
    """Rates by Gauss-Newton from `start`; open data moves count with what they are expected to reach (EM)."""
    rates, apart = start, Spreads(0.3, 0.3, 0.0)
    for done in range(rounds):
        residual, factor = _residuals(sample, layout, rates, apart)
        apart = spreads(sample, residual)
        weight = _huber(residual - factor[sample.vm], apart.sd)
        gradient = slope(rates, layout, sample)
        information, moment = normal(sample, gradient, residual + gradient @ rates, weight, apart)
        found = solved(information, moment, prior)
        is_there = (np.abs(found - rates) <= _CLOSE * np.minimum(prior.sd, np.abs(found))).all()
        rates = found if done < _WHOLE_STEPS else (rates + found) / 2
        rates[-1] = min(rates[-1], MOST_POWER - 1)
        if is_there:
            break
    residual, _ = _residuals(sample, layout, rates, apart)
    return Fit(rates, weight, residual, apart, information, prior.sd)


def _residuals(sample: Sample, layout: Layout, rates: Floats, apart: Spreads) -> tuple[Floats, Floats]:
    """Log of observed by expected, what an open one is expected to reach put in, and the typical one of each VM."""
    alone, slowed = expected(rates, layout, sample)
    residual = sample.log_s - np.log(alone * slowed)
    factor = vm_logs(sample, np.where(sample.is_open, np.nan, residual), apart)
    deviate = (residual - factor[sample.vm])[sample.is_open] / apart.sd
    put_in = residual.copy()
    put_in[sample.is_open] = factor[sample.vm][sample.is_open] + apart.sd * np.array(
        [_mills(x) for x in deviate]
    )
    return put_in, factor


def _mills(deviate: float) -> float:
    """Mean of what lies above a standard normal deviate (inverse Mills ratio)."""
    if deviate > _FAR_OFF:  # where both terms of the quotient vanish
        return deviate + 1 / deviate
    return sqrt(2 / pi) * exp(-(deviate**2) / 2) / erfc(deviate / sqrt(2))


def vm_logs(sample: Sample, residual: Floats, apart: Spreads) -> Floats:
    """Typical log residual of each VM, shrunk by how much VMs differ; 0 where it has none."""
    count = np.bincount(sample.vm, ~np.isnan(residual), minlength=sample.vms)
    typical = np.nan_to_num(medians_by(sample.vm, residual, sample.vms))
    return typical * count / (count + apart.sd**2 / max(apart.vm, 0.02) ** 2)


def _huber(residual: Floats, sd: float) -> Floats:
    return np.minimum(1.0, _HUBER * sd / np.maximum(np.abs(residual), 1e-12))


def solved(gram: Floats, moment: Floats, prior: Prior) -> Floats:
    """Non-negative rates that minimise r'(gram)r - 2 moment'r plus the prior."""
    # in units of the prior's spread all columns are of one size
    scaled = gram * prior.sd * prior.sd[:, None] + np.eye(len(gram))
    return np.asarray(_not_negative(scaled, moment * prior.sd + prior.mean / prior.sd) * prior.sd)


def _not_negative(matrix: Floats, right: Floats) -> Floats:
    """What minimises x'(matrix)x / 2 - right'x with x >= 0, by exchanging all wrong signs at once.

    Where that goes on for long, the method that always ends does it.
    """
    free = np.ones(len(right), bool)
    for _ in range(_EXCHANGES):
        found = np.zeros(len(right))
        found[free] = np.linalg.solve(matrix[np.ix_(free, free)], right[free])
        is_wrong = np.where(free, found < 0, matrix @ found - right < -1e-9 * np.abs(right).max())
        if not is_wrong.any():
            return found
        free ^= is_wrong
    from scipy.linalg import solve_triangular  # seldom needed, and long to import
    from scipy.optimize import nnls

    root = np.linalg.cholesky(matrix).T
    return np.asarray(nnls(root, solve_triangular(root, right, trans="T"))[0])
