"""How many other jobs move data beside a job: its load on the volume and on the DPM server (model.md 2.2)."""

from __future__ import annotations

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs

__all__ = ["GUEST_WEIGHT", "loads"]

GUEST_WEIGHT = 0.35
"""What a job at guest level counts where one at host level counts 1 (assumed, model.md 2.2)."""


def loads(jobs: Jobs) -> tuple[Floats, Floats]:
    """Time-average number of other jobs moving data on a job's volume, and on its DPM server, during its own data move.

    Guest-level jobs count 0.35. NaN where the job's data move, or its volume or server, is unknown.
    """
    begin, end = jobs.moving_s, jobs.moving_s + jobs.transfer_s
    is_known = end > begin
    weight = np.where(jobs.is_guest, GUEST_WEIGHT, 1.0)
    return tuple(_load(place, begin, end, weight, is_known) for place in (jobs.volume, jobs.server))  # type: ignore[return-value]


def _load(place: Ints, begin: Floats, end: Floats, weight: Floats, is_known: Bools) -> Floats:
    found = np.full(len(place), np.nan)
    order = np.argsort(place, kind="stable")
    order = order[is_known[order] & (place[order] >= 0)]
    for at in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
        if at.size:
            found[at] = _together(begin[at], end[at], weight[at])
    return found


def _together(begin: Floats, end: Floats, weight: Floats) -> Floats:
    """Mean weight of the others while each of these runs: what all have done until its end, less until its begin."""
    origin = begin.min()
    begin, end = begin - origin, end - origin
    done = (
        _done(end, begin, weight)
        - _done(end, end, weight)
        - _done(begin, begin, weight)
        + _done(begin, end, weight)
    )
    return np.maximum(done / (end - begin) - weight, 0.0)


def _done(until: Floats, since: Floats, weight: Floats) -> Floats:
    """Sum over all `since` of weight x time passed from it until each of `until`."""
    order = np.argsort(since)
    counted = np.append(0.0, np.cumsum(weight[order]))
    moments = np.append(0.0, np.cumsum(weight[order] * since[order]))
    place = np.searchsorted(since[order], until)
    passed: Floats = counted[place] * until - moments[place]
    return passed
