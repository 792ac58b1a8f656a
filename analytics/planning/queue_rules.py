"""How many jobs may hold a claim at once, and until when, as the logs of an estate show it (model.md 3.1).

A limit is taken to be known only where it binds: where jobs waited while the claims of a place were at the most that
was ever seen there, and no other place of theirs was. Where nobody waited, no limit is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.night import NO_CAP, Caps

__all__ = ["QueueRules", "asked_at", "inferred"]

# A limit is believed when it was seen on so many nights.
_NIGHTS = 3
# Below this nobody waits: the grant itself takes time.
_WAIT_S = 20.0
# Ends and grants of one moment may be logged in either order.
_SLACK_S = 2.0
_LOOKS = 12
_SHARE_OF_WAITS = 0.02


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What the logs show of the queue.

    The arrays of `caps` are by volume, host and DPM server of the Jobs, each with one more at the end, NO_CAP, for a
    place that the log does not name. `explained` is the share of all waiting during which one of a job's places was at
    its limit, and `in_order` the share of neighbours in a queue that were let in as they came; NaN where nobody waited.
    """

    caps: Caps
    explained: float
    in_order: float
    waited_s: float


def asked_at(jobs: Jobs) -> Floats:
    """When each job began to wait for its claim: when it was scheduled, else when it started or asked."""
    return np.fmin(np.fmin(jobs.scheduled_s, jobs.started_s), jobs.asked_s)


def inferred(jobs: Jobs) -> QueueRules:
    """The limits and the claim rule that explain most of the waiting."""
    held = [_judged(jobs, until_snapshot) for until_snapshot in (False, True)]
    # a claim that ends with the snapshot must explain clearly more: both look alike where few wait
    is_better = held[1].explained > held[0].explained + 0.1 and bool((held[1].caps.volume < NO_CAP).any())
    return held[1] if is_better else held[0]


def _judged(jobs: Jobs, until_snapshot: bool) -> QueueRules:
    granted_s = np.where(np.isnan(jobs.granted_s), jobs.started_s, jobs.granted_s)
    finished_s = np.where(np.isnan(jobs.released_s), jobs.ended_s, jobs.released_s)
    snapped_s = np.where(np.isnan(jobs.snapshot_s), jobs.moving_s, jobs.snapshot_s)
    snapped_s = np.where(np.isnan(snapped_s), granted_s, snapped_s)
    asked_s = asked_at(jobs)
    places = (jobs.volume, jobs.host, jobs.server)
    labels = (jobs.volumes, jobs.hosts, jobs.servers)
    ends = (snapped_s if until_snapshot else finished_s, finished_s, finished_s)
    holds = ~jobs.is_guest & ~np.isnan(granted_s) & ~np.isnan(finished_s)
    counts = [
        _Counts(place[known], granted_s[known], end[known], len(label))
        for place, label, end in zip(places, labels, ends, strict=True)
        for known in [holds & (place >= 0) & ~np.isnan(end)]
    ]
    most = [
        _most(count, place, granted_s, jobs.night, holds) for count, place in zip(counts, places, strict=True)
    ]
    waits = np.flatnonzero(holds & ~np.isnan(jobs.granted_s) & (granted_s - asked_s > _WAIT_S))
    full = _full(counts, places, most, asked_s, granted_s, waits)
    # a refused claim is the volume's; only before the job started may its host or DPM server have kept it waiting
    full[1:] &= ~jobs.is_refused[waits, None] | (
        _moments(asked_s, granted_s, waits) < jobs.started_s[waits, None]
    )
    length_s = (granted_s - asked_s)[waits]
    at = [place[waits] for place in places]
    binds = _binding(full, at, jobs.night[waits], length_s, [len(limit) for limit in most])
    caps = [np.where(kept, limit, NO_CAP) for kept, limit in zip(binds, most, strict=True)]
    limited = np.array([kept[place] for kept, place in zip(binds, at, strict=True)])
    waited_s = float(length_s.sum())
    told = (full & limited[:, :, None]).any(axis=0).mean(axis=1)
    return QueueRules(
        Caps(caps[0], caps[1], caps[2], volume_until_snapshot=until_snapshot),
        float((told * length_s).sum() / waited_s) if waited_s else float("nan"),
        _in_order(jobs, asked_s, granted_s, waits),
        waited_s,
    )


class _Counts:
    """How many claims each place holds at a moment."""

    def __init__(self, place: Ints, start_s: Floats, end_s: Floats, places: int) -> None:
        self.first_s = float(start_s.min(initial=np.inf)) if len(start_s) else 0.0
        self.span_s = float(np.nanmax(end_s, initial=self.first_s) - self.first_s) + 10 * _SLACK_S
        self.places = places
        self.starts = np.sort(self._key(place, start_s))
        self.ends = np.sort(self._key(place, np.maximum(end_s - _SLACK_S, start_s)))

    def _key(self, place: Ints, moment_s: Floats) -> Floats:
        return np.asarray(place * self.span_s + np.clip(moment_s - self.first_s, 0, self.span_s - _SLACK_S))

    def at(self, place: Ints, moment_s: Floats) -> Ints:
        """Claims that were granted by then and have not ended; shapes of the two broadcast."""
        key = self._key(place, moment_s)
        found = np.searchsorted(self.starts, key, side="right") - np.searchsorted(
            self.ends, key, side="right"
        )
        return found.astype(np.int64)


def _most(counts: _Counts, place: Ints, granted_s: Floats, night: Ints, holds: Bools) -> Ints:
    """By place, the claims at once that were seen on enough nights; 0 where there are fewer nights."""
    known = holds & (place >= 0)
    at, nights = place[known], night[known]
    seen = counts.at(at, granted_s[known])
    order = np.lexsort((-seen, nights, at))
    at, nights, seen = at[order], nights[order], seen[order]
    is_first = np.append(True, (at[1:] != at[:-1]) | (nights[1:] != nights[:-1]))[: len(at)]
    at, seen = at[is_first], seen[is_first]
    order = np.lexsort((-seen, at))
    at, seen = at[order], seen[order]
    turn = np.arange(len(at)) - np.searchsorted(at, at)
    most = np.zeros(counts.places + 1, np.int64)
    most[at[turn == _NIGHTS - 1]] = seen[turn == _NIGHTS - 1]
    return most


def _full(
    counts: list[_Counts],
    places: tuple[Ints, ...],
    most: list[Ints],
    asked_s: Floats,
    granted_s: Floats,
    waits: Ints,
) -> Bools:
    """(kinds of place, waits, looks): whether a waiting job's place was at its most, at moments of the wait."""
    moments = _moments(asked_s, granted_s, waits)
    full = []
    for count, place, limit in zip(counts, places, most, strict=True):
        at = place[waits, None]
        full.append((at >= 0) & (limit[at] > 0) & (count.at(at, moments) >= limit[at]))
    return np.array(full)


def _moments(asked_s: Floats, granted_s: Floats, waits: Ints) -> Floats:
    """(waits, looks): moments spread over each wait."""
    shares = (np.arange(_LOOKS) + 0.5) / _LOOKS
    return np.asarray(asked_s[waits, None] + shares * (granted_s - asked_s)[waits, None])


def _binding(full: Bools, at: list[Ints], night: Ints, length_s: Floats, counts: list[int]) -> list[Bools]:
    """By place, whether it alone makes jobs wait on enough nights.

    All places are suspected first; the one that is least needed to explain the waiting goes, until each is needed:
    where all hosts of a DPM server are full it runs most jobs, too, but they explain it.
    """
    # a place that was never full explains nothing, and leaves the others as they are
    kept = [
        np.append(_by_place(place, each.any(axis=1).astype(float), count)[:-1] > 0, False)
        for each, place, count in zip(full, at, counts, strict=True)
    ]
    waited_s = [_by_place(place, length_s, count) for place, count in zip(at, counts, strict=True)]
    while True:
        active = full & np.array([each[place] for each, place in zip(kept, at, strict=True)])[:, :, None]
        alone = active & (active.sum(axis=0) == 1)
        share = [
            _needed(alone[kind].mean(axis=1) * length_s, at[kind], night, waited_s[kind])
            for kind in range(len(kept))
        ]
        least = [np.where(each, needed, np.inf) for each, needed in zip(kept, share, strict=True)]
        # of those that are needed as little the DPM server goes first
        kind = min(range(len(kept)), key=lambda one: (least[one].min(initial=np.inf), -one))
        place = int(least[kind].argmin())
        if least[kind][place] > _SHARE_OF_WAITS:
            return kept
        kept[kind][place] = False


def _needed(alone_s: Floats, place: Ints, night: Ints, waited_s: Floats) -> Floats:
    """Share of each place's waiting that it alone explains; 0 where it does on too few nights."""
    found = _by_place(place, alone_s, len(waited_s)) / np.maximum(waited_s, 1.0)
    has = (alone_s > _WAIT_S) & (place >= 0)
    days, of = np.unique(night[has], return_inverse=True)
    each = np.bincount(place[has] * len(days) + of, minlength=len(waited_s) * len(days))
    nights = (each.reshape(len(waited_s), -1) > 0).sum(axis=1) if len(days) else np.zeros(len(waited_s))
    return np.where(nights >= _NIGHTS, found, 0.0)


def _by_place(place: Ints, seconds: Floats, count: int) -> Floats:
    known = place >= 0
    return np.asarray(np.bincount(place[known], seconds[known], minlength=count), dtype=np.float64)


def _in_order(jobs: Jobs, asked_s: Floats, granted_s: Floats, waits: Ints) -> float:
    """Of neighbours in one queue (volume, host, server, night), how many were let in as they came."""
    if len(waits) < 2:
        return float("nan")
    keys = [part[waits] for part in (jobs.volume, jobs.host, jobs.server, jobs.night)]
    order = np.lexsort((asked_s[waits], *keys))
    same = np.all([key[order][1:] == key[order][:-1] for key in keys], axis=0)
    first, second = waits[order][:-1][same], waits[order][1:][same]
    if not len(first):
        return float("nan")
    return float((granted_s[first] <= granted_s[second] + _SLACK_S).mean())
