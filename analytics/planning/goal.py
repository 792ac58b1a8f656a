"""What a plan must reach, and how far a set of moves is from it, by simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from time import monotonic

import numpy as np

from analytics.planning.night import Bools, Caps, Floats, Ints, Night
from analytics.planning.simulate import simulate

__all__ = ["MANY_JOBS", "Clock", "Goal", "Judgement", "judge"]

MANY_JOBS = 300
"""Of a night of more jobs less is searched, so that an estate of 800 VMs does not wait long."""
# Rows of the simulator at once: more of them save no time and cost memory.
_ROWS = 4000


@dataclass(frozen=True, slots=True)
class Goal:
    """A night, and that each job shall finish by its limit with a probability; arrays over its jobs.

    `limit_s` counts as the night's releases do, infinity where nothing is demanded. `cost` is what the move of a job's
    VM to guest level costs; `must` and `never` are the moves that are decided already. `is_guest` are those at guest
    level today: no move of theirs is left, so that `never` names them, too.
    """

    night: Night
    limit_s: Floats
    probability: float
    cost: Floats
    must: Bools
    never: Bools
    is_guest: Bools

    def part(self, jobs: Ints) -> Goal:
        """The goal for some of its jobs."""
        return replace(
            self,
            night=self.night.part(jobs),
            limit_s=self.limit_s[jobs],
            cost=self.cost[jobs],
            must=self.must[jobs],
            never=self.never[jobs],
            is_guest=self.is_guest[jobs],
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """How plans do, arrays of (plans, jobs): the share of scenarios in time, and the lateness at the probability."""

    meets: Floats
    late_s: Floats

    def violated(self, probability: float) -> Bools:
        """Whose share is below the probability."""
        found: Bools = self.meets < probability - 1e-9
        return found


def judge(goal: Goal, plans: Bools, caps: Sequence[Caps] = ()) -> Judgement:
    """Simulate plans (a row of moved jobs each, beside those at guest level today) on the same scenarios.

    `caps` are the limits of each plan; none: those of the night.
    """
    plans = np.atleast_2d(plans) | goal.is_guest
    scenarios = goal.night.scenarios
    some = max(1, _ROWS // max(1, scenarios))
    order = max(ceil(goal.probability * scenarios - 1e-9), 1) - 1
    meets, late = [], []
    for first in range(0, len(plans), some):
        here = slice(first, first + some)
        finish = simulate(goal.night, plans[here], caps[here]).finish_s
        meets.append((finish <= goal.limit_s).mean(axis=1))
        at = np.partition(finish, order, axis=1)[:, order]
        late.append(np.maximum(np.where(np.isfinite(goal.limit_s), at - goal.limit_s, 0.0), 0.0))
    return Judgement(np.concatenate(meets), np.concatenate(late))


class Clock:
    """The time that is left, and whom to tell how far the search is; `tell` gets a code and a number."""

    def __init__(self, seconds: float, tell: Callable[[str, int], None] | None = None) -> None:
        self._end = monotonic() + seconds
        self.tell = tell or (lambda _code, _number: None)

    def left_s(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self._end - monotonic())

    def is_up(self) -> bool:
        """Whether nothing is left."""
        return self.left_s() <= 0
