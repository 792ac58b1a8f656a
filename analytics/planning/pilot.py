"""Which few VMs to move to guest level first, so that the estimates of all others rest on what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.guest import GuestTimes
from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.learned import Belief
from analytics.planning.usual import Usual, usual

_FEWEST, _MOST, _VMS_EACH = 3, 5, 5
_NIGHTS = 14
_MEASURED_SD = 0.1
"""Error of what two weeks of nights of one VM show (log)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """How far off a belief may be for a VM not seen (90 %, a factor): now, and after the pilot."""

    what: str
    now: float
    then: float


@dataclass(frozen=True, slots=True)
class Pilot:
    """VMs to move first, in that order; `grade` is what guest-level estimates of the others can reach by it.

    `reason` is `pilot`, or why there is none: `guest_jobs_seen`, `too_few_vms`.
    """

    vms: Ints
    reason: str
    grade: str
    nights: int
    known: tuple[_Known, ...]


def pilot(jobs: Jobs, times: GuestTimes, host_s: Floats, can_move: Bools) -> Pilot:
    """Three to five VMs: much to gain, unlike each other in size, share of changed data and volume.

    `host_s` (vms,) is how long each takes at host level now; `can_move` (vms,) who may be moved at all.
    """
    if times.known.guests >= _FEWEST:
        return _none("guest_jobs_seen", "A" if times.known.guests >= 10 else "B")
    nights = usual(jobs)
    gain = host_s - np.where(times.is_bound, times.high_s, np.nan_to_num(times.p50_s, nan=np.inf))
    able = np.flatnonzero(can_move & ~nights.is_guest & (gain > 0))
    if len(able) < _FEWEST:
        return _none("too_few_vms", "C")
    count = int(np.clip(len(able) // _VMS_EACH, _FEWEST, _MOST))
    chosen = _unlike(_traits(nights, able), nights.volume[able], gain[able], count)
    known = times.known
    beliefs = (("overhead", known.overhead), ("cost_per_gb", known.ratio), ("tracked_by_compared", known.phi))
    return Pilot(
        able[chosen], "pilot", "B", _NIGHTS, tuple(_after(what, belief, count) for what, belief in beliefs)
    )


def _none(reason: str, grade: str) -> Pilot:
    return Pilot(np.zeros(0, np.int64), reason, grade, 0, ())


def _after(what: str, belief: Belief, count: int) -> _Known:
    """The belief on a VM not seen, before and after so many others were measured."""
    then = 1 / (1 / belief.sd**2 + count / (belief.vm_sd**2 + _MEASURED_SD**2))
    now_sd, then_sd = np.sqrt(np.array([belief.sd**2, then]) + belief.vm_sd**2)
    return _Known(what, float(np.exp(1.645 * now_sd)), float(np.exp(1.645 * then_sd)))


def _traits(nights: Usual, able: Ints) -> Floats:
    """(able, 2): log size and log share of changed data, in units of their spread; unknown ones are typical."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.column_stack([nights.vhd_gb, nights.typical_gb / nights.vhd_gb])[able])
    logs[~np.isfinite(logs)] = np.nan
    some = ~np.isnan(logs).all(axis=0)
    middle, spread = np.zeros(2), np.ones(2)
    middle[some] = np.nanmedian(logs[:, some], axis=0)
    spread[some] = np.maximum(np.nanstd(logs[:, some], axis=0), 1e-6)
    return np.nan_to_num((logs - middle) / spread)


def _unlike(traits: Floats, volume: Ints, gain: Floats, count: int) -> list[int]:
    """The largest gain first, then who has both much to gain and little in common with those before."""
    chosen = [int(gain.argmax())]
    while len(chosen) < count:
        apart = np.linalg.norm(traits[:, None] - traits[chosen], axis=2)
        apart += volume[:, None] != volume[chosen]
        score = gain / gain.max() + apart.min(axis=1) / 2
        score[chosen] = -np.inf
        chosen.append(int(score.argmax()))
    return chosen
