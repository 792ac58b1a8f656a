"""Start times by which every job meets its limit, where there are any, as the simulator finds them.

A trial starts each volume's jobs one after another, a few side by side: the moments at which they would get a claim if
no more were let in are their new starts. Volumes that share nothing choose their own trial. What is found counts only
where scenarios that the search has not seen agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import ceil

import numpy as np

from analytics.planning.goal import MANY_JOBS, Clock
from analytics.planning.jobs import Bools, Floats, Ints
from analytics.planning.night import NO_CAP, Night, components
from analytics.planning.simulate import simulate

__all__ = ["Overload", "Spread", "overloads", "spread"]

_STEP_S = 300.0
_SIDE_BY_SIDE = (1, 3, 2, 4, NO_CAP, 6)
_SEARCHED = 40


@dataclass(frozen=True, slots=True)
class Overload:
    """What does not fit, however jobs are started: a VM's job alone, or all of a volume, host or server.

    `kind` is vm, volume, host or server, `place` the job or the place.
    """

    kind: str
    place: int
    work_s: float
    """How long it takes at least: a job at the wanted probability, a place in the middle of the scenarios."""
    window_s: float
    """How long there is, from the opening to the last limit, or the job's own limit."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Starts (by job), the share of fresh scenarios in which each meets, and whether that is enough for all."""

    release_s: Floats
    meets: Floats
    is_enough: bool
    overloads: tuple[Overload, ...]


def spread(
    night: Night,
    check: Night,
    is_guest: Bools,
    opens_s: float,
    close_s: Floats,
    longest_s: Floats,
    probability: float,
    clock: Clock,
    *,
    is_for_most: bool = False,
) -> Spread:
    """The starts by which most jobs meet; those of jobs that share nothing with a late one stay.

    `check` is the night in other scenarios; the limits count as the releases do. A job must finish by `close_s` and
    within `longest_s` of its start. Once time is up no more is tried; where no starts are enough for all because the
    work is too much, none are unless it `is_for_most`.
    """
    goal = _Limits(is_guest, close_s, longest_s, probability)
    searched = _SEARCHED if night.jobs <= MANY_JOBS else _SEARCHED // 4
    few = night.part(np.arange(night.jobs), slice(0, searched))
    part = components(night)
    best_s = night.release_s.copy()
    late = goal.lateness(few, best_s)
    open_ = np.isin(part, part[late > 0])
    too_much = overloads(night, is_guest, opens_s, close_s, longest_s, probability)
    if not is_for_most:
        open_ &= ~np.isin(part, part[_overloaded(night, too_much)])
    if open_.any():
        best_s[open_] = _best(
            few.part(np.flatnonzero(open_)), goal.part(open_), opens_s, best_s[open_], clock
        )
    meets = goal.meets(check, best_s)
    return Spread(best_s, meets, bool((meets >= probability - 1e-9).all()), too_much)


def overloads(
    night: Night, is_guest: Bools, opens_s: float, close_s: Floats, longest_s: Floats, probability: float
) -> tuple[Overload, ...]:
    """What takes longer than there is time: places first, the worst of each first.

    Where at most m of n jobs may hold a claim, m side by side do in a second what m jobs alone do, divided by what
    they slow each other; without a limit, n of them.
    """
    found = []
    caps, law = night.caps, night.law
    contention = np.median(np.atleast_2d(law.volume_contention_s_per_gb), axis=0)
    on_server = np.median(np.atleast_2d(law.server_contention_s_per_gb), axis=0)
    work_s = night.at_host.work_gb * night.alone_s_per_gb
    held_s = night.at_host.before_s + work_s + night.at_host.after_s
    kinds = (
        ("volume", night.volume, caps.volume, contention),
        ("host", night.host, caps.host, np.zeros(len(caps.host))),
        ("server", night.server, caps.server, on_server),
    )
    for kind, places, limits, slows in kinds:
        is_until_snapshot = kind == "volume" and caps.volume_until_snapshot
        for place in np.unique(places[~is_guest]):
            at = (places == place) & ~is_guest
            last_s = close_s[at].max()
            if not np.isfinite(last_s):
                continue
            side = min(int(limits[place]), int(at.sum()))
            counts = np.arange(1, (int(at.sum()) if is_until_snapshot else side) + 1)
            needed = work_s[:, at].sum(axis=1) * ((1 + slows[place] * (counts - 1)) / counts).min()
            if side < at.sum() and not is_until_snapshot:
                needed = np.maximum(needed, held_s[:, at].sum(axis=1) / side)
            least_s = float(np.median(needed))
            if least_s > last_s - opens_s:
                found.append(Overload(kind, int(place), least_s, float(last_s - opens_s)))
    alone_s = np.quantile(held_s, probability, axis=0)
    there_s = np.minimum(longest_s, close_s - opens_s)
    single = [
        Overload("vm", int(job), float(alone_s[job]), float(there_s[job]))
        for job in np.flatnonzero((alone_s > there_s) & ~is_guest)
    ]
    return tuple(sorted(found + single, key=lambda each: (each.kind == "vm", each.window_s / each.work_s)))


def _best(night: Night, goal: _Limits, opens_s: float, starts_s: Floats, clock: Clock) -> Floats:
    """Of the trials the starts by which each part of a night is least late; those that it has where none is better."""
    part, late = components(night), goal.lateness(night, starts_s)
    best_s = starts_s
    for release_s in _trials(night, goal.is_guest, opens_s, goal.close_s):
        found = goal.lateness(night, release_s)
        is_better = _by_part(part, found) < _by_part(part, late) - 1e-6
        best_s, late = np.where(is_better, release_s, best_s), np.where(is_better, found, late)
        if not late.any() or clock.is_up():
            break
    return best_s


def _overloaded(night: Night, too_much: tuple[Overload, ...]) -> Bools:
    """Whose volume, host or server has more work than time: no start helps those that share it."""
    found = np.zeros(night.jobs, bool)
    for load in too_much:
        if load.kind != "vm":
            found |= getattr(night, load.kind) == load.place
    return found


@dataclass(frozen=True, slots=True)
class _Limits:
    is_guest: Bools
    close_s: Floats
    longest_s: Floats
    probability: float

    def part(self, which: Bools) -> _Limits:
        return _Limits(self.is_guest[which], self.close_s[which], self.longest_s[which], self.probability)

    def finish_s(self, night: Night, release_s: Floats) -> Floats:
        return np.asarray(simulate(replace(night, release_s=release_s), self.is_guest).finish_s[0])

    def limit_s(self, release_s: Floats) -> Floats:
        return np.minimum(self.close_s, release_s + self.longest_s)

    def lateness(self, night: Night, release_s: Floats) -> Floats:
        """By how much each job is late at the wanted probability, 0 where it is not."""
        finish_s = self.finish_s(night, release_s)
        order = max(ceil(self.probability * len(finish_s) - 1e-9), 1) - 1
        at = np.partition(finish_s, order, axis=0)[order]
        limit_s = self.limit_s(release_s)
        return np.where(np.isfinite(limit_s), np.maximum(at - limit_s, 0.0), 0.0)

    def meets(self, night: Night, release_s: Floats) -> Floats:
        return np.asarray((self.finish_s(night, release_s) <= self.limit_s(release_s)).mean(axis=0))


def _by_part(part: Ints, late_s: Floats) -> Floats:
    """Total lateness of each job's component; how many are late counts first."""
    total = np.bincount(part, late_s + 1e6 * (late_s > 0))
    return np.asarray(total[part])


def _trials(night: Night, is_guest: Bools, opens_s: float, close_s: Floats) -> Iterator[Floats]:
    """Starts to try, rounded down to five minutes."""
    work_s = (night.at_host.work_gb * night.alone_s_per_gb).mean(axis=0)
    orders = (np.lexsort((-work_s, close_s)), np.lexsort((work_s, close_s)))
    yield np.full(night.jobs, opens_s)
    is_large = night.jobs > MANY_JOBS
    sides, shares = (_SIDE_BY_SIDE[::2], (0.8,)) if is_large else (_SIDE_BY_SIDE, (0.5, 0.8))
    for (side, order), share in product(product(sides, orders), shares):
        granted_s = _granted(night, is_guest, order, side, opens_s, share)
        yield opens_s + np.floor((granted_s - opens_s) / _STEP_S) * _STEP_S


def _granted(night: Night, is_guest: Bools, order: Ints, side: int, opens_s: float, share: float) -> Floats:
    """When each job would get its claim if all waited from the opening on, and so many were let in at once."""
    few = night.part(order)
    caps = replace(few.caps, volume=np.minimum(few.caps.volume, side))
    few = replace(few, release_s=np.full(few.jobs, opens_s), caps=caps)
    found = np.empty(night.jobs)
    found[order] = np.quantile(simulate(few, is_guest[order]).granted_s[0], share, axis=0)
    return found
