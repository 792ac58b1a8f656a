"""How well the simulator tells again the nights that were: before it is believed of nights that never were.

Past nights are run with the observed releases and what the rates expect of each job; the error is that of a job's time
from its release to its end (reference/model.md 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, chosen, completed
from analytics.planning.night import Caps, Form, Law, Night
from analytics.planning.queue_rules import asked_at
from analytics.planning.sample import medians_by
from analytics.planning.scenarios import Model, slowed
from analytics.planning.simulate import simulate

__all__ = ["Reproduction", "reproduced"]

_ACCEPTED = 0.25
_NIGHTS = 14
_FEWEST_NIGHTS = 3
_FEWEST_JOBS = 9


@dataclass(frozen=True, slots=True)
class Reproduction:
    """Median share by which simulated times differ from those observed, NaN where nothing could be compared.

    `reason` is empty where it is accepted, else too_few_nights, too_few_jobs or too_far_off.
    """

    finish_error_median: float
    nights: int
    jobs: int
    reason: str

    @property
    def accepted(self) -> bool:
        """Whether what-ifs may be told."""
        return not self.reason


def reproduced(model: Model) -> Reproduction:
    """The last nights again, each job released as it was."""
    jobs = model.jobs
    recent = np.unique(jobs.night)[-_NIGHTS:]
    taken = np.isin(jobs.night, recent) & (jobs.vm >= 0) & ~np.isnan(asked_at(jobs)) & ~np.isnan(jobs.ended_s)
    night, ends = _as_they_were(model, taken)
    if not night.jobs:
        return Reproduction(float("nan"), 0, 0, "too_few_nights")
    finish_s = simulate(night, ends.is_guest).finish_s[0, 0]
    off = np.abs(finish_s - ends.ended_s) / np.maximum(ends.ended_s - night.release_s, 1.0)
    off = off[ends.is_compared & np.isfinite(off)]
    nights = len(np.unique(ends.night[ends.is_compared]))
    error = float(np.median(off)) if off.size else float("nan")
    return Reproduction(error, nights, int(off.size), _reason(error, nights, off.size))


def _reason(error: float, nights: int, jobs: int) -> str:
    if nights < _FEWEST_NIGHTS:
        return "too_few_nights"
    if jobs < _FEWEST_JOBS:
        return "too_few_jobs"
    return "" if error <= _ACCEPTED else "too_far_off"


@dataclass(frozen=True, slots=True)
class _Ends:
    """What the jobs of a simulated past were; `is_compared`: whether its end is one to compare with."""

    ended_s: Floats
    night: Ints
    is_guest: Bools
    is_compared: Bools


def _as_they_were(model: Model, taken: Bools) -> tuple[Night, _Ends]:
    """All these nights side by side, each with places of its own."""
    alone_s = _alone_s(model)
    filled = completed(model.jobs)
    begun = np.where(np.isnan(filled.granted_s), filled.started_s, filled.granted_s)
    before = np.where(filled.is_guest, filled.moving_s - filled.started_s, filled.moving_s - begun)
    usual_before = medians_by(filled.vm, np.where(taken, before, np.nan), len(filled.vms))
    usual_before = np.where(np.isnan(usual_before), model.before_s, usual_before)[filled.vm]
    known = taken & ~np.isnan(alone_s)
    jobs = chosen(filled, known)
    which = np.unique(jobs.night, return_inverse=True)[1]
    counts = [len(jobs.volumes) + 1, len(jobs.hosts) + 1, len(jobs.servers) + 1]
    local = [
        np.where(place < 0, count - 1, place)
        for place, count in zip((jobs.volume, jobs.host, jobs.server), counts, strict=True)
    ]
    nights = int(which.max(initial=-1)) + 1
    volume, host, server = (which * count + place for place, count in zip(local, counts, strict=True))
    caps, rates = model.rules.caps, model.rates
    law = Law(
        np.ones(nights * counts[0]),
        np.tile(np.append(np.nan_to_num(rates.volume_contention[0]), 0.0), nights),
        np.tile(np.append(np.nan_to_num(rates.server_contention[0]), 0.0), nights),
    )
    form = Form(
        np.nan_to_num(np.where(jobs.is_good, usual_before[known], np.maximum(before[known], 0)))[None],
        alone_s[known][None],
        np.where(jobs.is_good, model.usual.after_s[jobs.vm], 0.0)[None],
    )
    all_caps = Caps(
        np.tile(caps.volume, nights), np.tile(caps.host, nights), np.tile(caps.server, nights),
        caps.volume_until_snapshot,
    )  # fmt: skip
    release_s = asked_at(jobs)
    night = Night(release_s, volume, host, server, form, form, law, all_caps)
    ends = _Ends(jobs.ended_s, jobs.night, jobs.is_guest, jobs.is_good & ~jobs.is_running)
    return night, ends


def _alone_s(model: Model) -> Floats:
    """What each job's data move takes alone: as expected of a good one, at most as long as it went on of another.

    Rates speak of whole disks read at host level; of others the VM's own jobs made that way do. NaN where none does.
    """
    filled = completed(model.jobs)
    rates, vm = model.rates, np.maximum(filled.vm, 0)
    is_host = ~filled.is_guest
    vhd_gb = np.where(np.isnan(filled.vhd_gb), model.usual.vhd_gb[vm], filled.vhd_gb)
    sent_gb = np.where(np.isnan(filled.sent_gb), model.typical_gb[vm], filled.sent_gb)
    scan = np.append(rates.scan_s_per_gb[0], np.nan)[filled.volume]
    sent = np.append(rates.sent_s_per_gb[0], np.nan)[filled.server]
    expected = (rates.overhead_s[0] + scan * vhd_gb + sent * sent_gb) * rates.vm_factor[0][vm]
    observed = filled.transfer_s / slowed(rates, filled)
    good = np.where(filled.is_good & (filled.vm >= 0), observed, np.nan)
    is_read = is_host & filled.is_compared
    for way in (is_read, is_host & ~is_read, ~is_host):
        own = medians_by(vm, np.where(way & filled.is_full, good, np.nan), len(filled.vms))[vm]
        expected = np.where(way & (np.isnan(expected) | ~is_read), own, expected)
    return np.asarray(np.where(filled.is_good, expected, np.fmin(observed, expected)))
