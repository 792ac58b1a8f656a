"""The cheapest moves, proved: an implicit hitting set of scipy's HiGHS and the simulator (reference/model.md 3.2).

Each set of moves that is not enough, grown until any further move would be, says that one of those left out is needed;
the cheapest set that hits all these is a lower bound, and the answer where the simulator finds it enough. This is exact
where moving more never hurts.
"""

from __future__ import annotations

import numpy as np

from analytics.planning.goal import Clock, Goal, judge
from analytics.planning.night import Bools

__all__ = ["cheapest"]

_TOGETHER = 16


def cheapest(goal: Goal, known: Bools, clock: Clock) -> tuple[Bools, float]:
    """The best moves found, and a lower bound on the cost of any; equal where it is proved.

    `known` reaches the goal.
    """
    cuts: list[Bools] = []
    best, bound = known, float((goal.must * goal.cost).sum())
    rng = np.random.default_rng(7)
    while not clock.is_up():
        trial = _hitting(goal, cuts)
        if trial is None:
            break
        bound = max(bound, float((trial * goal.cost).sum()))
        cost = float((best * goal.cost).sum())
        clock.tell("bound", round(bound))
        if bound >= cost - 1e-9:
            return best, cost
        if not judge(goal, trial).violated(goal.probability).any():
            return trial, float((trial * goal.cost).sum())
        # two cuts that grew in different orders tell more than one
        for order in (np.argsort(goal.night.at_host.work_gb.mean(axis=0)), rng.permutation(goal.night.jobs)):
            grown = _grown(goal, trial, order, clock)
            if grown is None:
                return best, bound
            cuts.append(~grown & ~goal.never)
    return best, bound


def _hitting(goal: Goal, cuts: list[Bools]) -> Bools | None:
    """The cheapest moves that hit every cut; None where the solver finds none."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    if not cuts:
        return goal.must.copy()
    found = milp(
        goal.cost,
        integrality=np.ones(goal.night.jobs),
        bounds=Bounds(goal.must.astype(float), (~goal.never).astype(float)),
        constraints=LinearConstraint(np.array(cuts, float), lb=1.0),
        options={"time_limit": 10.0, "mip_rel_gap": 0.0},
    )
    # a solution that is not proved is no lower bound
    return None if found.x is None or found.status != 0 else np.asarray(found.x > 0.5)


def _grown(goal: Goal, moved: Bools, order: np.ndarray, clock: Clock) -> Bools | None:
    """More moves, in this order, as long as the goal is not reached; None where time is up."""
    waiting = [int(job) for job in order if not moved[job] and not goal.never[job]]
    moved = moved.copy()
    while waiting:
        if clock.is_up():
            return None
        some = waiting[:_TOGETHER]
        plans = np.repeat(moved[None], len(some), axis=0)
        for count in range(len(some)):
            plans[count:, some[count]] = True
        reached = ~judge(goal, plans).violated(goal.probability).any(axis=1)
        count = int(reached.argmax()) if reached.any() else len(some)
        moved[some[:count]] = True
        waiting = waiting[count + 1 :] if reached.any() else waiting[count:]
    return moved
