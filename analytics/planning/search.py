"""Moves that reach a goal, found by trying: largest first on each late volume, then what is not needed goes back.

Every volume tries something in the same simulation, so that the number of simulations grows with what has to be moved
on one volume, not with their number (reference/model.md 3.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from analytics.planning.goal import Clock, Goal, judge
from analytics.planning.night import Bools, Floats, Ints

__all__ = ["added", "is_reached", "reduced", "swapped"]

_ADDED_SHARE = 0.3
_SINGLE_JOBS = 120
_SWAP_PLANS = 24


def is_reached(goal: Goal, moved: Bools) -> bool:
    """Whether every job meets its limit often enough."""
    return not judge(goal, moved).violated(goal.probability).any()


def added(goal: Goal, moved: Bools, clock: Clock) -> Bools:
    """Move more, the largest of each volume that is late first, until the goal is reached or nothing is left to move.

    Where the jobs of a volume are late and none of it is left, those of its host or DPM server are next.
    """
    moved = moved | goal.must
    value = worth(goal)
    while not clock.is_up():
        violated = judge(goal, moved).violated(goal.probability)[0]
        clock.tell("late", int(violated.sum()))
        if not violated.any():
            break
        free = ~moved & ~goal.never
        chosen = np.zeros_like(moved)
        for places in (goal.night.volume, goal.night.host, goal.night.server):
            wanting = violated & ~_has(places, chosen)
            chosen |= _largest(places, wanting, free & ~chosen, value)
            # the other volumes of a host are to blame only where its own can do no more
            violated = violated & ~_has(places, chosen)
            if not violated.any():
                break
        if not chosen.any():
            break
        moved = moved | chosen
    return moved


def worth(goal: Goal) -> Floats:
    """What a move takes off its volume per cost: seconds of transfer alone."""
    night = goal.night
    own = night.at_host.work_gb.mean(axis=0) - 0.35 * night.at_guest.work_gb.mean(axis=0)
    found: Floats = own * night.alone_s_per_gb / goal.cost
    return found


def _has(places: Ints, chosen: Bools) -> Bools:
    """Of each job, whether one of its place is chosen."""
    found: Bools = np.bincount(places, weights=chosen, minlength=int(places.max()) + 1)[places] > 0
    return found


def _largest(places: Ints, violated: Bools, free: Bools, value: Floats) -> Bools:
    """On each place with late jobs the largest free ones, a part of as many as are late."""
    late = np.bincount(places, weights=violated, minlength=int(places.max()) + 1)
    order = np.lexsort((np.arange(len(value)), -value, ~free, places))
    counts = np.bincount(places, minlength=len(late))
    turn = np.empty(len(value), np.int64)
    turn[order] = np.arange(len(value)) - np.repeat(np.cumsum(counts) - counts, counts)
    quota = np.where(late > 0, np.maximum(1, np.floor(late * _ADDED_SHARE)), 0)
    chosen: Bools = free & (turn < quota[places])
    return chosen


def reduced(goal: Goal, moved: Bools, clock: Clock) -> Bools:
    """Take back moves that are not needed: in blocks that are halved, all volumes at once, the smallest first.

    `moved` must reach the goal; so does the result.
    """
    value = worth(goal)
    block = np.full(int(goal.night.volume.max()) + 1, _ADDED_SHARE)
    kept = goal.must.copy()
    while not clock.is_up():
        open_ = moved & ~kept
        if not open_.any():
            break
        trial = _smallest(goal.night.volume, open_, value, block)
        good = _sound(goal, moved, trial)
        clock.tell("moves", int((moved & ~good).sum()))
        refused = trial & ~good
        moved = moved & ~good
        counts = np.bincount(goal.night.volume, weights=trial, minlength=len(block))
        # a single move that is needed stays; a block of several is halved
        kept |= refused & (counts[goal.night.volume] <= 1)
        block = np.where(_by_place(goal.night.volume, refused, len(block)), block / 2, block)
    return moved


def _by_place(places: Ints, chosen: Bools, count: int) -> Bools:
    found: Bools = np.bincount(places, weights=chosen, minlength=count) > 0
    return found


def _smallest(places: Ints, open_: Bools, value: Floats, share: Floats) -> Bools:
    order = np.lexsort((np.arange(len(value)), value, ~open_, places))
    counts = np.bincount(places, minlength=len(share))
    turn = np.empty(len(value), np.int64)
    turn[order] = np.arange(len(value)) - np.repeat(np.cumsum(counts) - counts, counts)
    several = np.bincount(places, weights=open_, minlength=len(share))
    chosen: Bools = open_ & (turn < np.maximum(1, np.floor(several * share))[places])
    return chosen


def _sound(goal: Goal, moved: Bools, trial: Bools) -> Bools:
    """The part of a trial that can be taken back: volumes that become late keep theirs, then hosts, then everybody."""
    places = (goal.night.volume, goal.night.host, goal.night.server)
    while trial.any():
        violated = judge(goal, moved & ~trial).violated(goal.probability)[0]
        if not violated.any():
            return trial
        touched = next((found for place in places if (found := trial & _has(place, violated)).any()), trial)
        trial = trial & ~touched
    return trial


def swapped(goal: Goal, moved: Bools, clock: Clock) -> Bools:
    """Cheaper moves for dearer ones, two for one and one for one, while time remains; all of a size tried at once."""
    if goal.night.jobs > _SINGLE_JOBS:
        return moved
    improved = True
    while improved and not clock.is_up():
        improved = False
        for plan in _swaps(goal, moved):
            if clock.is_up():
                break
            reached = ~judge(goal, plan).violated(goal.probability).any(axis=1)
            if reached.any():
                costs = np.where(reached, (plan * goal.cost).sum(axis=1), np.inf)
                moved = plan[int(costs.argmin())]
                improved = True
                break
        clock.tell("moves", int(moved.sum()))
    return moved


def _swaps(goal: Goal, moved: Bools) -> Iterator[Bools]:
    """Batches of cheaper plans: single moves back, then two of them for another one, then one for a cheaper one."""
    value = worth(goal)
    out = [int(job) for job in np.nonzero(moved & ~goal.must)[0]]
    free = [int(job) for job in np.argsort(-value, kind="stable") if not moved[job] and not goal.never[job]]
    changes: list[tuple[list[int], list[int]]] = [([job], []) for job in out]
    changes += [(list(pair), [new]) for new in free for pair in combinations(out, 2)]
    changes += [([job], [new]) for new in free for job in out]
    batch = []
    for outs, ins in changes:
        if goal.cost[ins].sum() >= goal.cost[outs].sum() - 1e-9:
            continue
        plan = moved.copy()
        plan[outs], plan[ins] = False, True
        batch.append(plan)
        if len(batch) == _SWAP_PLANS:
            yield np.array(batch)
            batch = []
    if batch:
        yield np.array(batch)
