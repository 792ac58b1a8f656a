"""Rates of guest-level data moves by VM, as far as the host jobs imply them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.normals import normals
from analytics.planning.overlap import loads
from analytics.planning.rates import Rates
from analytics.planning.usual import Usual

_SENT_BY_SCAN = (float(np.log(2.2)), 0.45)
"""A changed GB costs so much of one that is only read: it is sent and written, too (assumed; model.md 1.3: 4.1)."""
_SENT_ERROR = 0.25
"""Error of a fitted beta beside its bootstrap: 0.2 to 0.3 in simulated estates (tests.planning.accuracy_guest)."""
_CONTENTION = (float(np.log(0.6)), 0.5)
"""What a second job on a volume costs where no two were seen: 2^(1 + d) by spare throughput, less 1 (assumed)."""
_SEEN_LOAD = 0.5
_FEW_VMS = {"one_vm", "few_vms"}


@dataclass(frozen=True, slots=True)
class GuestRates:
    """By VM, (draws, vms); NaN where the VM's volume is unknown."""

    sent_s_per_gb: Floats
    """Changed data alone, at the rate of host level; all the time that a bound charges to it where `is_bound`."""
    volume_contention: Floats
    server_contention: Floats
    scan_s_per_gb: Floats
    """(vms,): the estimate, alone; NaN where it is unknown."""
    is_bound: Bools
    """(vms,)"""


def guest_rates(
    jobs: Jobs, rates: Rates, nights: Usual, rng: np.random.Generator, draws: int, turn: Ints
) -> GuestRates:
    """Rates drawn from those of the estate; beta is blended with what scanning lets expect."""
    row = _rows(rates, draws)
    volume = nights.volume
    is_bound = (volume >= 0) & np.append(~_are_split(rates), False)[volume]
    scan = _padded(rates.scan_s_per_gb)[row][:, volume]
    scan = np.where(scan > 0, scan, np.nan)
    prior = np.log(scan) + _SENT_BY_SCAN[0] + _SENT_BY_SCAN[1] * normals(rng, draws, turn)
    fitted, share = _by_server(rates, nights, row)
    sent = np.exp(share * np.log(np.maximum(fitted, 0.05 * scan)) + (1 - share) * prior)
    factor = _factors(jobs, rates, nights)
    alone = np.append(rates.scan_s_per_gb[0], np.nan)[volume] * factor[0]
    return GuestRates(
        sent_s_per_gb=np.where(
            is_bound, np.append(rates.sent_bound_s_per_gb, np.nan)[volume], sent * factor[row]
        ),
        volume_contention=_padded(_volume_contention(jobs, rates, row, rng, draws))[:, volume],
        server_contention=_padded(rates.server_contention, is_usual=True)[row][:, nights.server],
        scan_s_per_gb=np.where(is_bound, np.nan, alone),
        is_bound=is_bound,
    )


def _padded(values: Floats, *, is_usual: bool = False) -> Floats:
    """One more column, for the place -1 that is unknown: NaN, or the mean of the others."""
    last = values.mean(axis=1) if is_usual and values.shape[1] else np.full(len(values), np.nan)
    return np.column_stack([values, last])


def _are_split(rates: Rates) -> Bools:
    """By volume, whether the time of changed data can be told from that of reading, with the prior's help at least.

    A weak split is blended with the prior; no blend helps where sizes do not explain times, where no bytes were seen,
    and where too few VMs share the volume for the fit to see both.
    """
    is_hopeless = [
        grade == "D" or reason == "no_changed_data" or (reason in _FEW_VMS and not is_known)
        for grade, reason, is_known in zip(rates.grade, rates.reason, rates.is_sent_known, strict=True)
    ]
    return ~np.array(is_hopeless, bool)


def _factors(jobs: Jobs, rates: Rates, nights: Usual) -> Floats:
    """(draws, vms): factors of the VMs; of those without a job at host level the middle one of their volume."""
    is_seen = np.zeros(len(jobs.vms), bool)
    is_seen[jobs.vm[~np.isnan(rates.residual) & (jobs.vm >= 0)]] = True
    found = rates.vm_factor.copy()
    for volume in np.unique(nights.volume[is_seen]):
        here = nights.volume == volume
        found[:, here & ~is_seen] = np.median(found[:, here & is_seen], axis=1, keepdims=True)
    return found


def _rows(rates: Rates, draws: int) -> Ints:
    """The rows of the rates that the draws take: the bootstrap, not the estimate, where there is one."""
    rows = len(rates.overhead_s)
    return np.arange(draws) % (rows - 1) + 1 if rows > 1 else np.zeros(draws, np.int64)


def _by_server(rates: Rates, nights: Usual, row: Ints) -> tuple[Floats, Floats]:
    """Fitted cost of changed data, (draws, vms), and how much it counts beside the prior, (vms,)."""
    fitted = _padded(rates.sent_s_per_gb, is_usual=True)
    with np.errstate(divide="ignore"):
        low, high = np.log(np.quantile(fitted, (0.05, 0.95), axis=0))
    variance = ((high - low) / 3.29) ** 2 + _SENT_ERROR**2
    share = _SENT_BY_SCAN[1] ** 2 / (_SENT_BY_SCAN[1] ** 2 + variance)
    return fitted[row][:, nights.server], np.nan_to_num(share)[nights.server]


def _volume_contention(jobs: Jobs, rates: Rates, row: Ints, rng: np.random.Generator, draws: int) -> Floats:
    """(draws, volumes): as fitted, or as believed where hardly two jobs ever met on the volume."""
    on_volume, _ = loads(jobs)
    believed = np.exp(_CONTENTION[0] + _CONTENTION[1] * normals(rng, draws, np.zeros(1, np.int64)))
    found = rates.volume_contention[row]
    for volume in range(len(jobs.volumes)):
        seen = on_volume[(jobs.volume == volume) & ~np.isnan(on_volume)]
        if (seen > _SEEN_LOAD).mean() < 0.1 if seen.size else True:
            found[:, volume] = believed[:, 0]
    return found
