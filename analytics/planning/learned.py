"""What guest-level backups cost beside their changed data: beliefs, and what the logs' own guest jobs make of them.

T = a + beta ratio D slow, D what the agent tracks: phi times what a compare at host level would send. A belief is
lognormal: a middle that is the same for the estate, and how VMs differ around it (reference/model.md 2.3; the priors'
spreads are split evenly between the two). Values measured on VMs turn it into a posterior, normal by normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.sample import medians_by
from analytics.planning.usual import is_guest_now

_NIGHTS = 14
_FEWEST = 3
_PRIOR_VMS = 4.0
"""How many VMs the prior's spread between VMs counts for."""
_NIGHT_SD = 0.2
_HUBER = 1.345
_FIXED_SD_S, _VM_SD = 20.0, 0.3
"""What of a data move may be fixed, and how VMs differ: errors of the load would pass for the former (assumed)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """A lognormal quantity: log of its middle with that middle's spread, spread between VMs, and what VMs show.

    `own` and `own_sd` are by VM: the VM's own log and its spread, those of any VM where the VM shows nothing.
    """

    mean: float
    sd: float
    vm_sd: float
    own: Floats
    own_sd: Floats


@dataclass(frozen=True, slots=True)
class Learned:
    """Beliefs on overhead (s), on cost per GB by that at host level, on tracked by compared GB."""

    overhead: Belief
    ratio: Belief
    phi: Belief
    guests: int
    """VMs whose guest-level jobs were seen."""
    moved: int
    """VMs whose phi was seen."""


_OVERHEAD_SD = 0.5
_RATIO = (0.0, 0.22)
_PHI = (float(np.log(1.4)), 0.22)


def learned(jobs: Jobs, expected_s_per_gb: Floats, overhead_s: float = 120.0) -> Learned:
    """Beliefs after the jobs; `expected_s_per_gb` is what a GB costs each job at host level's rate and its load.

    `overhead_s` is the middle of what is thought of the overhead beforehand.
    """
    vms = len(jobs.vms)
    overhead, ratio, error = _guest_costs(jobs, expected_s_per_gb)
    phi, phi_error = _phis(jobs)
    return Learned(
        overhead=_posterior(overhead, error, float(np.log(max(overhead_s, 1.0))), _OVERHEAD_SD),
        ratio=_posterior(ratio, error, *_RATIO),
        phi=_posterior(phi, phi_error, *_PHI),
        guests=int((~np.isnan(ratio)).sum()) if vms else 0,
        moved=int((~np.isnan(phi)).sum()),
    )


def _posterior(values: Floats, errors: Floats, mean: float, sd: float) -> Belief:
    """A belief after values (logs by VM, NaN where none) with their standard errors."""
    known = ~np.isnan(values)
    seen, squared = values[known], errors[known] ** 2
    half = sd**2 / 2
    vm_var, middle, variance = half, mean, half
    if seen.size:
        apart = np.maximum((seen - np.median(seen)) ** 2 - squared, 0.0)
        vm_var = (half * _PRIOR_VMS + apart.sum()) / (_PRIOR_VMS + max(seen.size - 1, 0))
        weight = 1 / (vm_var + squared)
        variance = 1 / (1 / half + weight.sum())
        middle = variance * (mean / half + (weight * seen).sum())
    own = np.full(len(values), middle)
    own_var = np.full(len(values), variance + vm_var)
    own_var[known] = 1 / (1 / vm_var + 1 / squared)
    own[known] = own_var[known] * (middle / vm_var + seen / squared)
    return Belief(float(middle), float(np.sqrt(variance)), float(np.sqrt(vm_var)), own, np.sqrt(own_var))


def _guest_costs(jobs: Jobs, expected_s_per_gb: Floats) -> tuple[Floats, Floats, Floats]:
    """By VM: log of the overhead in seconds, log of the cost per GB by the expected one, their standard error."""
    vms = len(jobs.vms)
    work = expected_s_per_gb * jobs.sent_gb
    is_row = jobs.is_guest & jobs.is_good & jobs.is_full & (jobs.vm >= 0) & (work > 0)
    lead_s, move_s, fixed_sd_s = _lead_and_move(jobs, is_row)
    is_row &= (lead_s + move_s > 0) & (move_s > 0)
    vm = np.where(is_row, jobs.vm, -1)
    nothing = np.full(vms, np.nan)
    if not is_row.any():
        return nothing, nothing.copy(), nothing.copy()
    fixed_s, each = _line(work[is_row], move_s[is_row], vm[is_row], fixed_sd_s)
    count = np.bincount(vm[is_row], minlength=vms)
    enough = count >= _FEWEST
    typical = medians_by(vm[is_row], np.log(move_s / (fixed_s + each * work))[is_row], vms)
    lead = medians_by(vm[is_row], lead_s[is_row], vms) + fixed_s
    with np.errstate(divide="ignore", invalid="ignore"):
        overhead = np.where(enough & (lead > 0), np.log(lead), np.nan)
        error = np.where(enough, 1.25 * _NIGHT_SD / np.sqrt(count), np.nan)
    return overhead, np.where(enough, np.log(each) + typical, np.nan), error


def _lead_and_move(jobs: Jobs, is_row: Bools) -> tuple[Floats, Floats, float]:
    """Seconds before the data move, those of it, and what part of them may be fixed.

    Where no guest job shows its data move, that is 0, the whole job, and any.
    """
    tail = jobs.ended_s - jobs.moved_s
    known = tail[~np.isnan(tail)]
    moved_s = np.where(
        np.isnan(jobs.moved_s), jobs.ended_s - (np.median(known) if known.size else 0.0), jobs.moved_s
    )
    if np.isnan(jobs.moving_s[is_row]).all():
        return np.zeros(len(jobs)), moved_s - jobs.started_s, np.inf
    return jobs.moving_s - jobs.started_s, moved_s - jobs.moving_s, _FIXED_SD_S


def _line(work: Floats, seconds: Floats, vm: Ints, fixed_sd_s: float) -> tuple[float, float]:
    """Seconds = fixed + each x work, both at least 0 and `each` positive, robust; every VM counts alike."""
    held = (_VM_SD / fixed_sd_s) ** 2
    count = np.bincount(vm)[vm]
    fixed, each = 0.0, float(np.exp(np.median(np.log(seconds / work))))
    for _ in range(10):
        scale = fixed + each * work
        apart = np.abs(np.log(seconds / scale))
        spread = max(1.4826 * float(np.median(apart)), 1e-3)
        weight = np.minimum(1.0, _HUBER * spread / np.maximum(apart, 1e-9)) / count
        fixed, each = _two_columns(1 / scale, work / scale, seconds / scale, weight, held)
    return fixed, each


def _two_columns(
    first: Floats, second: Floats, target: Floats, weight: Floats, held: float
) -> tuple[float, float]:
    """Weighted least squares on two columns; the first's coefficient at least 0, held there, the second's positive."""
    a, b, c = ((weight * x * y).sum() for x, y in ((first, first), (first, second), (second, second)))
    a += held
    p, q = (weight * first * target).sum(), (weight * second * target).sum()
    det = a * c - b * b
    if det > 1e-9 * a * c:
        fixed, each = (p * c - q * b) / det, (q * a - p * b) / det
        if fixed >= 0 and each > 0:
            return float(fixed), float(each)
    return 0.0, float(q / c)


def _phis(jobs: Jobs) -> tuple[Floats, Floats]:
    """By VM that was moved: log of GB tracked after by GB compared before, and its standard error."""
    vms = len(jobs.vms)
    phi, error = np.full(vms, np.nan), np.full(vms, np.nan)
    is_row = jobs.is_good & jobs.is_full & (jobs.sent_gb > 0)
    for vm in np.flatnonzero(is_guest_now(jobs)):
        mine = is_row & (jobs.vm == vm)
        after = np.flatnonzero(mine & jobs.is_guest)
        after = after[np.argsort(jobs.night[after], kind="stable")][:_NIGHTS]
        if not after.size:
            continue
        before = np.flatnonzero(
            mine & ~jobs.is_guest & jobs.is_compared & (jobs.night < jobs.night[after[0]])
        )
        before = before[np.argsort(jobs.night[before], kind="stable")][-_NIGHTS:]
        if min(before.size, after.size) < _FEWEST:
            continue
        sides = [np.log(jobs.sent_gb[side]) for side in (before, after)]
        phi[vm] = np.median(sides[1]) - np.median(sides[0])
        spreads = (1.4826 * np.median(np.abs(side - np.median(side))) for side in sides)
        error[vm] = max(
            sum(1.57 * s**2 / len(side) for s, side in zip(spreads, sides, strict=True)) ** 0.5, 0.05
        )
    return phi, error
