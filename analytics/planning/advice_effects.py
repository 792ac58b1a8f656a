"""What would bring each late VM into its window, by simulation of the night that is due next.

A change counts for a VM where it meets its limit often enough with it and nobody else of its component comes to miss
one that was met before. Components without a VM that wants advice are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.advice_trials import Alternative, Limits, alternatives
from analytics.planning.goal import MANY_JOBS, Clock, Goal, judge
from analytics.planning.jobs import Bools, Floats, Ints
from analytics.planning.night import Night, components
from analytics.planning.outlook import Outlook
from analytics.planning.plan import Choices, goal_for
from analytics.planning.scenarios import Model
from analytics.planning.search import added, worth

__all__ = ["PROBABILITY", "Effects", "effects", "no_effects"]

PROBABILITY = 0.9
_MOST_MOVED_JOBS = 150
"""Of more jobs moves are looked for on demand only: each of a dozen simulations takes long."""
_MOST_MOVES = 10
_FEW = 15
"""Of many jobs so many scenarios are searched, and no limits of hosts."""
_CHANCE = 0.07
_NO_WORSE = 0.1
"""Who is late anyhow may become so a little more often."""
_ORDER = ("start_at_opening", "spread", "volume_caps", "host_caps", "several")
"""What costs least comes first."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """One change, and how many VMs meet their limits with it, often enough and in scenarios not used to find it."""

    change: str
    """as_is, a kind of Alternative, or move."""
    met: int
    of: int
    """VMs that are late, and those that share a volume, host or DPM server with one."""
    moves: int = 0
    """So many VMs at guest level, this one the last of them."""
    vm: int = -1


@dataclass(frozen=True, slots=True)
class Effects:
    """By VM of the Jobs; NaN, False and nothing where the VM was not simulated."""

    p_meets: Floats
    """Probability to meet its limit as things are, where the law is used a little outside of what was seen."""
    cheaper: tuple[tuple[str, ...], ...]
    """Kinds of changes with which it meets, the cheapest first; those that raise a limit end in _raised."""
    is_simulated: Bools
    """Whether changes were tried on it, and the simulator knows that it is late."""
    is_hopeless: Bools
    """Whether it is late also where every VM that may be moved is at guest level."""
    least_late_s: Floats
    """By how much then, at the wanted probability; 0 where it meets."""
    tried: tuple[_Tried, ...] = ()
    """As things are first, then what needs no move, the best first, then the moves, each beside those before it."""


def no_effects(vms: int) -> Effects:
    """Where the simulator is not to be believed."""
    unknown, nothing = np.full(vms, np.nan), np.zeros(vms, bool)
    return Effects(unknown, ((),) * vms, nothing, nothing, unknown)


def effects(model: Model, outlook: Outlook, choices: Choices, wanted: Bools) -> Effects:
    """What changes do for the VMs of an outlook; `wanted` (VMs of the Jobs) are those that want advice."""
    vms = len(model.jobs.vms)
    p_meets, least_late_s = np.full(vms, np.nan), np.full(vms, np.nan)
    cheaper: list[tuple[str, ...]] = [()] * vms
    is_simulated, is_hopeless = np.zeros((2, vms), bool)
    outlook = outlook.part(model.is_known[outlook.vm])
    if not wanted[outlook.vm].any():
        return no_effects(vms)
    goal, check = goal_for(model, outlook, choices, PROBABILITY)
    part = components(goal.night)
    at = np.flatnonzero(np.isin(part, part[wanted[outlook.vm]]))
    goal, check, vm = goal.part(at), check.part(at), outlook.vm[at]
    if len(at) > MANY_JOBS:
        goal, check = replace(goal, night=_some(goal.night, _FEW)), _some(check, 2 * _FEW)
    limits = Limits(0.0, (outlook.close_s - outlook.opens_s)[at], outlook.longest_s[at])
    judged = judge(replace(goal, night=check), np.stack([goal.must, ~goal.never]))
    before = judged.meets[0]
    p_meets[vm] = before
    # a VM that is late in truth and not in the simulator is not understood
    is_simulated[vm] = wanted[vm] & (before < PROBABILITY)
    kinds = ("volume", "host") if len(at) <= MANY_JOBS else ("volume",)
    found = alternatives(goal, check, limits, Clock(np.inf), kinds)
    for place, names in zip(vm, _kinds(goal, before, found, is_simulated[vm]), strict=True):
        cheaper[int(place)] = names
    # all are moved that may be
    is_hopeless[vm], least_late_s[vm] = judged.violated(PROBABILITY)[1], judged.late_s[1]
    tried = _told(goal, check, before, found, vm) if is_simulated.any() else ()
    return Effects(p_meets, tuple(cheaper), is_simulated, is_hopeless, least_late_s, tried)


def _some(night: Night, scenarios: int) -> Night:
    return night.part(np.arange(night.jobs), slice(0, scenarios))


def _told(
    goal: Goal, check: Night, before: Floats, found: tuple[Alternative, ...], vm: Ints
) -> tuple[_Tried, ...]:
    changes = [each for each in found if each.is_change]
    told = [_Tried("as_is", int((before >= PROBABILITY).sum()), len(vm))]
    told += [_Tried(each.kind, int(each.is_met.sum()), len(vm)) for each in changes]
    if len(vm) > _MOST_MOVED_JOBS:
        return tuple(told)
    return (*told, *_moved(goal, check, vm))


def _moved(goal: Goal, check: Night, vm: Ints) -> list[_Tried]:
    """Moves of a plan that is enough in the search, those that take most off their volume first."""
    value = worth(goal)
    moves = np.flatnonzero(added(goal, goal.must, Clock(np.inf)))
    order = moves[np.lexsort((moves, -value[moves]))][:_MOST_MOVES]
    if not order.size:
        return []
    plans = np.zeros((len(order), len(vm)), bool)
    plans[:, order] = np.tril(np.ones((len(order), len(order)), bool))
    met = (~judge(replace(goal, night=check), plans).violated(PROBABILITY)).sum(axis=1)
    return [
        _Tried("move", int(count), len(vm), place + 1, int(vm[job]))
        for place, (job, count) in enumerate(zip(order, met, strict=True))
    ]


def _kinds(
    goal: Goal, before: Floats, found: tuple[Alternative, ...], is_open: Bools
) -> list[tuple[str, ...]]:
    """Of each open job the kinds of changes with which it meets and no one of its component gets worse."""
    part = components(goal.night)
    # one of a few scenarios more or less is chance
    slack = _CHANCE if goal.night.jobs > MANY_JOBS else 0.0
    kinds: list[list[str]] = [[] for _ in part]
    for each in sorted(found, key=lambda one: _ORDER.index(one.kind)):
        is_worse = (
            each.meets < np.where(before >= PROBABILITY, PROBABILITY - slack, before - _NO_WORSE) - 1e-9
        )
        harmed = np.bincount(part, is_worse) > 0
        name = f"{each.kind}_raised" if each.is_raised and each.kind != "several" else each.kind
        for job in np.flatnonzero(each.is_met & ~harmed[part] & is_open):
            kinds[job].append(name)
    return [tuple(names) for names in kinds]
