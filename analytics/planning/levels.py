"""How long each VM's data move typically takes: its own recent nights, shrunk towards what the rates imply.

A night on which all jobs of a volume were slow says little of each VM, so what the jobs of a volume shared in a night
is taken off first; disks that grew count at their size now. All in logs of seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.rates import Rates
from analytics.planning.sample import medians_by
from analytics.planning.usual import is_guest_now, last_of, recent, start_of, taken

_NIGHTS = 28
_HUBER = 1.345
_ROUNDS = 8
_PRIOR_NIGHTS = 2.0
"""How many nights of its own what the rates imply counts for."""
_SHOCK_JOBS = 2.0
"""How many jobs without a shared shock are thought beside those of a volume and night."""


@dataclass(frozen=True, slots=True)
class Nights:
    """Each VM's recent good nights of the way of backup that it has now; (vms, nights), oldest first, NaN padded."""

    volume: Ints
    """(vms,)"""
    night: Ints
    """Day number, -1 where padded."""
    log_s: Floats
    """Log of the length of the data move."""
    calm: Floats
    """The same without what the volume's jobs shared that night, at the VM's size now."""
    implied: Floats
    """The same as the rates imply, NaN where they do not."""
    lead_s: Floats
    """From the start to the data move."""
    tail_s: Floats
    """From the data move to the end."""
    start_s: Floats

    @property
    def is_known(self) -> Bools:
        """Whether there is a night."""
        return ~np.isnan(self.log_s)


def nights_of(jobs: Jobs, rates: Rates) -> Nights:
    """Nights of `completed` jobs that `rates` were fitted on; those before the volume's level changed are left out."""
    known = jobs.vm >= 0
    is_guest = is_guest_now(jobs)
    is_row = (
        known & jobs.is_good & jobs.is_full & (jobs.transfer_s > 0) & (jobs.is_guest == is_guest[jobs.vm])
    )
    is_compared = taken(jobs.is_compared, last_of(jobs, is_row), True)
    is_row &= jobs.is_compared == is_compared[jobs.vm]
    since = np.append(rates.changed_on, -1)[jobs.volume]
    is_row &= jobs.is_guest | (jobs.night >= since)
    at = recent(jobs, is_row, _NIGHTS)
    log_s = np.log(np.where(is_row, jobs.transfer_s, 1.0))
    implied = log_s - rates.residual - np.log(np.append(rates.vm_factor[0], 1.0))[jobs.vm]
    implied = np.where(_do_fit(jobs, rates), implied, np.nan)
    grown = _grown(jobs, rates)
    calm = log_s + grown - _shocks(jobs, rates)
    last = last_of(jobs, is_row)
    return Nights(
        volume=taken(jobs.volume, last, -1),
        night=taken(jobs.night, at, -1),
        log_s=taken(log_s, at, np.nan),
        calm=taken(calm, at, np.nan),
        implied=taken(implied + grown, at, np.nan),
        lead_s=taken(jobs.moving_s - start_of(jobs), at, np.nan),
        tail_s=taken(jobs.ended_s - jobs.moving_s - jobs.transfer_s, at, np.nan),
        start_s=taken(start_of(jobs), at, np.nan),
    )


def _shocks(jobs: Jobs, rates: Rates) -> Floats:
    """By job what the jobs of its volume and night shared (log), shrunk; 0 where nothing tells."""
    cells = np.unique(jobs.night * (len(jobs.volumes) + 1) + jobs.volume, return_inverse=True)[1]
    count = np.bincount(cells, ~np.isnan(rates.residual))
    middle = np.nan_to_num(medians_by(cells, rates.residual, len(count)))
    return np.asarray((middle * count / (count + _SHOCK_JOBS))[cells])


def _grown(jobs: Jobs, rates: Rates) -> Floats:
    """By job how much longer its data move would take at the VM's last size (log); 0 where sizes explain nothing."""
    sizes = taken(jobs.vhd_gb, last_of(jobs, (jobs.vm >= 0) & (jobs.vhd_gb > 0)), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = rates.overhead_s[0] + np.append(rates.sent_s_per_gb[0], np.nan)[jobs.server] * jobs.sent_gb
        scan = np.append(rates.scan_s_per_gb[0], np.nan)[jobs.volume]
        grown = np.log((rest + scan * sizes[jobs.vm]) / (rest + scan * jobs.vhd_gb))
    return np.where(_do_fit(jobs, rates) & ~jobs.is_guest & np.isfinite(grown), grown, 0.0)


def _do_fit(jobs: Jobs, rates: Rates) -> Bools:
    """By job whether the rates of its volume say anything."""
    return np.array([*(grade != "D" for grade in rates.grade), False], bool)[jobs.volume]


def levels(nights: Nights, keep: Bools) -> Floats:
    """(vms,): each VM's level by these of its nights (vms, nights), NaN where it has none."""
    count = (keep & nights.is_known & ~np.isnan(nights.implied)).sum(axis=1)
    own, implied, apart = (
        _robust_means(np.where(keep, part, np.nan))
        for part in (nights.calm, nights.implied, nights.calm - nights.implied)
    )
    return np.where(count > 0, implied + apart * count / (count + _PRIOR_NIGHTS), own)


def middles(values: Floats, keep: Bools) -> Floats:
    """(vms,): medians of the kept values, NaN where there is none."""
    vm = np.repeat(np.arange(len(values)), values.shape[1])
    return medians_by(vm, np.where(keep, values, np.nan).ravel(), len(values))


def _robust_means(values: Floats) -> Floats:
    """Huber's mean of each row, its spread that of all rows."""
    found = middles(values, np.ones(values.shape, bool))
    apart = np.abs(values - found[:, None])
    known = apart[~np.isnan(apart) & (apart > 0)]
    spread = 1.4826 * float(np.median(known)) if known.size else 1.0
    for _ in range(_ROUNDS):
        weight = np.minimum(1.0, _HUBER * spread / np.maximum(np.abs(values - found[:, None]), 1e-12))
        found = _means(values, weight)
    return found


def _means(values: Floats, weight: Floats | None = None) -> Floats:
    """Weighted mean of each row's known values, NaN where there is none."""
    weights = np.where(np.isnan(values), 0.0, 1.0 if weight is None else weight)
    total = weights.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, (np.nan_to_num(values) * weights).sum(axis=1) / total, np.nan)
