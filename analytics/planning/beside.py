"""Who would move data beside a job if it ran at another time: the load that a guest-level backup would meet."""

from __future__ import annotations

import numpy as np

from analytics.planning.jobs import Floats, Ints, Jobs

_GUEST_WEIGHT = 0.35


def beside(jobs: Jobs, begin_s: Floats, end_s: Floats) -> tuple[Floats, Floats]:
    """Time-average number of others that move data on the volume and on the DPM server while each job would.

    `begin_s` and `end_s` are when each job would move data instead. Guest-level jobs weigh 0.35 (reference/model.md
    2.2). The job's own data move is taken out, but for the time in which another job of the volume waits: that one
    would have taken its place. NaN where a moment or the place is unknown.
    """
    weight = np.where(jobs.is_guest, _GUEST_WEIGHT, 1.0)
    moved_s = jobs.moving_s + jobs.transfer_s
    end_s = np.maximum(end_s, begin_s + 1.0)
    waiting = _mean_count(jobs.volume, jobs.asked_s, jobs.granted_s, np.ones(len(jobs)), begin_s, end_s)
    refilled = np.where(np.isnan(waiting) | jobs.is_guest, 0.0, np.minimum(waiting, 1.0))
    own_s = np.minimum(end_s, moved_s) - np.maximum(begin_s, jobs.moving_s)
    own = np.nan_to_num(np.maximum(own_s, 0.0) / (end_s - begin_s)) * weight
    loads = (
        _mean_count(place, jobs.moving_s, moved_s, weight, begin_s, end_s)
        for place in (jobs.volume, jobs.server)
    )
    on_volume, on_server = (np.maximum(load - own * (1.0 - refilled), 0.0) for load in loads)
    return on_volume, on_server


def _mean_count(
    place: Ints, from_s: Floats, until_s: Floats, weight: Floats, begin_s: Floats, end_s: Floats
) -> Floats:
    """Mean weight of what goes on at a row's place between its two moments."""
    found = np.full(len(place), np.nan)
    is_known = (until_s > from_s) & (place >= 0)
    for which in np.unique(place[place >= 0]):
        here, rows = is_known & (place == which), place == which
        passed = [
            _weight_until(moments[rows], from_s[here], until_s[here], weight[here])
            for moments in (begin_s, end_s)
        ]
        found[rows] = (passed[1] - passed[0]) / (end_s - begin_s)[rows]
    return found


def _weight_until(moments: Floats, from_s: Floats, until_s: Floats, weight: Floats) -> Floats:
    """Sum of weight times seconds of what went on before each moment."""
    if not from_s.size:
        return np.where(np.isnan(moments), np.nan, 0.0)
    at = np.concatenate([from_s, until_s])
    order = np.argsort(at, kind="stable")
    level = np.cumsum(np.concatenate([weight, -weight])[order])
    area = np.concatenate([[0.0], np.cumsum(level[:-1] * np.diff(at[order]))])
    return np.asarray(np.interp(moments, at[order], area))
