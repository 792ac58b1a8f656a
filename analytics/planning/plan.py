"""The plan of moves for a night, and what is cheaper than moving: from what the logs imply to names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from analytics.planning.advice_trials import Alternative, Limits, alternatives
from analytics.planning.goal import Clock, Goal
from analytics.planning.jobs import Bools, Floats
from analytics.planning.moves import Plan, planned
from analytics.planning.night import Night
from analytics.planning.outlook import Outlook
from analytics.planning.scenarios import Model, night_in_scenarios

__all__ = ["Choices", "Planned", "changed_night", "goal_for", "plan_for"]

_SEED, _FRESH_SEED = 2, 3
_FEWEST, _MOST = 60, 400
_LARGE_JOBS = 300
_ALTERNATIVES_SHARE = 0.3
_SEARCH_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Choices:
    """What the site file decides, by VM of the Jobs: moves that each plan makes, that none makes, and their costs."""

    must: Bools
    never: Bools
    cost: Floats


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan for the VMs of an outlook; its places and those of the alternatives count in `outlook.vm`."""

    plan: Plan
    alternatives: tuple[Alternative, ...]
    violators: int
    """How many VMs are late too often as things are."""


def plan_for(
    model: Model,
    outlook: Outlook,
    choices: Choices,
    probability: float,
    *,
    max_moves: int | None = None,
    seconds: float = 100.0,
    tell: Callable[[str, int], None] | None = None,
) -> Planned:
    """The cheapest moves found, ranked, after what is cheaper was tried; Ctrl+C ends one after the other."""
    clock = Clock(seconds, tell)
    goal, check = goal_for(model, outlook, choices, probability)
    tried: tuple[Alternative, ...] = ()
    try:
        limits = Limits(0.0, outlook.close_s - outlook.opens_s, outlook.longest_s)
        tried = alternatives(
            goal, check, limits, Clock(seconds * _ALTERNATIVES_SHARE, tell),
            is_for_most=len(outlook.vm) <= _LARGE_JOBS,
        )  # fmt: skip
    except KeyboardInterrupt:
        clock.tell("skipped", 0)
    # a part of the time is for the check of what is found
    left_s = clock.left_s() * (1.0 if len(outlook.vm) <= _LARGE_JOBS else _SEARCH_SHARE)
    plan = planned(goal, check, seconds=left_s, max_moves=max_moves, tell=tell)
    late = _judge_today(goal)
    return Planned(plan, tried, late)


def goal_for(model: Model, outlook: Outlook, choices: Choices, probability: float) -> tuple[Goal, Night]:
    """The goal, and its night in scenarios that the search does not see."""
    vm = outlook.vm
    few = int(np.clip(ceil(6 / (1 - probability + 1e-9)), _FEWEST, _MOST))
    few = few if len(vm) <= _LARGE_JOBS else few // 2
    night, check = (
        changed_night(model, outlook, scenarios, seed)
        for scenarios, seed in ((few, _SEED), (2 * few, _FRESH_SEED))
    )
    is_guest = model.usual.is_guest[vm]
    fixed = is_guest | ~model.can_move[vm]
    goal = Goal(
        night,
        outlook.limit_s - outlook.opens_s,
        probability,
        choices.cost[vm],
        choices.must[vm] & ~fixed,
        choices.never[vm] | fixed,
        is_guest,
    )
    return goal, check


def _judge_today(goal: Goal) -> int:
    """How many VMs are late too often where nothing is moved."""
    from analytics.planning.goal import judge

    return int(judge(goal, np.zeros(goal.night.jobs, bool)).violated(goal.probability).sum())


def changed_night(model: Model, outlook: Outlook, scenarios: int, seed: int) -> Night:
    """A night that is changed on every volume, in scenarios."""
    return night_in_scenarios(
        model,
        outlook.vm,
        outlook.release_s - outlook.opens_s,
        scenarios=scenarios,
        seed=seed,
        is_changed=np.ones(len(model.jobs.volumes) + 1, bool),
    )
