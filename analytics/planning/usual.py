"""What each VM's own nights show, whatever way it is backed up: where it lives, what changes, who is busy beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.planning.beside import beside
from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.sample import medians_by

_NIGHTS = 28
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Usual:
    """By VM: its place now, and its recent nights with known changed data, padded (vms, nights) with NaN at the end.

    Only nights of the way of backup that the VM has now. `is_tracked`: the bytes are those of a tracking agent or of
    RCT, not of a compare.
    """

    volume: Ints
    server: Ints
    vhd_gb: Floats
    after_s: Floats
    """Typical seconds from the end of the data move to the end."""
    is_guest: Bools
    is_tracked: Bools
    count: Ints
    sent_gb: Floats
    start_s: Floats
    """When those nights' jobs were to start."""
    at: Ints
    """The jobs they are, -1 where padded."""

    @property
    def typical_gb(self) -> Floats:
        """(vms,): middle of the changed data."""
        found = np.full(len(self.count), np.nan)
        some = self.count > 0
        found[some] = np.nanmedian(self.sent_gb[some], axis=1)
        return found

    def loads(self, jobs: Jobs, before_s: Floats, move_s: Floats) -> tuple[Floats, Floats]:
        """Load on volume and server each of those nights, if a job moved data so long after its start, for so long.

        `before_s` is (vms,), `move_s` (vms, nights); unknown loads are the VM's typical one, else 0.
        """
        begin_s, end_s = (np.full(len(jobs), np.nan) for _ in range(2))
        is_row = self.at >= 0
        begin = self.start_s + before_s[:, None]
        begin_s[self.at[is_row]] = begin[is_row]
        end_s[self.at[is_row]] = (begin + move_s)[is_row]
        on_volume, on_server = (self._by_night(load) for load in beside(jobs, begin_s, end_s))
        return on_volume, on_server

    def _by_night(self, load: Floats) -> Floats:
        found = taken(load, self.at, np.nan)
        vm = np.repeat(np.arange(len(found)), found.shape[1])
        typical = np.nan_to_num(medians_by(vm, found.ravel(), len(found)))
        return np.where(np.isnan(found), typical[:, None], found)


def usual(jobs: Jobs) -> Usual:
    """What the jobs show of each VM."""
    vms = len(jobs.vms)
    is_guest = is_guest_now(jobs)
    is_row = (jobs.vm >= 0) & jobs.is_full & jobs.is_good & (jobs.is_guest == is_guest[jobs.vm])
    last = last_of(jobs, (jobs.vm >= 0) & jobs.is_full & (jobs.is_guest == is_guest[jobs.vm]))
    is_seen = is_row & (jobs.sent_gb >= 0)
    is_compared = _last_flag(jobs, is_seen)
    is_seen &= jobs.is_compared == is_compared[jobs.vm]
    at = recent(jobs, is_seen, _NIGHTS)
    found = at >= 0
    tail = np.where(is_row, jobs.ended_s - jobs.moved_s, np.nan)
    after = medians_by(jobs.vm[jobs.vm >= 0], tail[jobs.vm >= 0], vms)
    everywhere = float(np.nanmedian(after)) if (~np.isnan(after)).any() else 0.0
    return Usual(
        volume=taken(jobs.volume, last, -1),
        server=taken(jobs.server, last, -1),
        vhd_gb=_last_value(jobs, jobs.vhd_gb),
        after_s=np.where(np.isnan(after), everywhere, after),
        is_guest=is_guest,
        is_tracked=is_guest | ~is_compared,
        count=found.sum(axis=1),
        sent_gb=taken(jobs.sent_gb, at, np.nan),
        start_s=taken(start_of(jobs), at, np.nan),
        at=at,
    )


def is_guest_now(jobs: Jobs) -> Bools:
    """(vms,): whether the VM's last good job is one at guest level."""
    last = last_of(jobs, jobs.is_good & jobs.is_full & (jobs.vm >= 0))
    return taken(jobs.is_guest, last, False)


def taken(values: NDArray[_Value], at: Ints, otherwise: float) -> NDArray[_Value]:
    """Values at these places, the other one where the place is -1."""
    return np.append(values, np.array(otherwise, values.dtype))[at]  # -1 is the last


def start_of(jobs: Jobs) -> Floats:
    """When each job was to start, else when it did."""
    return np.where(np.isnan(jobs.scheduled_s), jobs.started_s, jobs.scheduled_s)


def _order(jobs: Jobs, which: Bools) -> Ints:
    """These jobs by VM, night and end."""
    at = np.flatnonzero(which)
    return at[np.lexsort((jobs.ended_s[at], jobs.night[at], jobs.vm[at]))]


def last_of(jobs: Jobs, which: Bools) -> Ints:
    """(vms,): each VM's last of these jobs, -1 where it has none."""
    found = np.full(len(jobs.vms), -1, np.int64)
    order = _order(jobs, which)
    found[jobs.vm[order]] = order
    return found


def _last_value(jobs: Jobs, values: Floats) -> Floats:
    last = last_of(jobs, (jobs.vm >= 0) & ~np.isnan(values))
    return taken(values, last, np.nan)


def _last_flag(jobs: Jobs, which: Bools) -> Bools:
    last = last_of(jobs, which)
    return taken(jobs.is_compared, last, True)


def recent(jobs: Jobs, which: Bools, nights: int) -> Ints:
    """(vms, nights): each VM's last of these jobs, so many at most, oldest first, then -1."""
    order = _order(jobs, which)
    vm = jobs.vm[order]
    count = np.bincount(vm, minlength=len(jobs.vms))
    left = np.cumsum(count)[vm] - np.arange(len(order))
    keep = left <= nights
    place = np.minimum(count[vm], nights) - left
    found = np.full((len(count), max(1, int(min(count.max(initial=0), nights)))), -1, np.int64)
    found[vm[keep], place[keep]] = order[keep]
    return found
