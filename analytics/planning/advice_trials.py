"""What is cheaper than moving VMs, tried in the simulator before it is named: other starts, other limits of claims."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.goal import MANY_JOBS, Clock, Goal, Judgement, judge
from analytics.planning.jobs import Bools, Floats, Ints
from analytics.planning.night import Caps, Night
from analytics.planning.spread import Overload, spread

__all__ = ["Alternative", "Limits", "alternatives"]

_CAPS = (1, 2, 3, 4, 6, 8)
"""DPM takes up to eight for a host (reference/model.md 1.2)."""
_MENDED = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """Of each job: by when it must be done, and how long it may take from its start; `opens_s` is the window's."""

    opens_s: float
    close_s: Floats
    longest_s: Floats

    def at(self, release_s: Floats) -> Floats:
        """By when jobs must be done that are released then."""
        return np.minimum(self.close_s, release_s + self.longest_s)

    def part(self, jobs: Ints) -> Limits:
        """Those of some jobs."""
        return Limits(self.opens_s, self.close_s[jobs], self.longest_s[jobs])


@dataclass(frozen=True, slots=True)
class Alternative:
    """A change without moves: `kind` is start_at_opening, spread, volume_caps, host_caps or several.

    `meets` is the share of fresh scenarios in which each job meets with it, `meets_share` that of VMs that do often
    enough. `starts_s` is by job, where starts change; `caps` maps a place (`capped`: volume or host) to its new limit,
    `is_raised` where one is higher. `overloads` say why spreading cannot be enough.
    """

    kind: str
    meets: Floats
    probability: float
    starts_s: Floats | None = None
    caps: tuple[tuple[int, int], ...] = ()
    capped: str = "volume"
    is_raised: bool = False
    overloads: tuple[Overload, ...] = ()

    @property
    def is_met(self) -> Bools:
        """Of each job whether it meets often enough."""
        return np.asarray(self.meets >= self.probability - 1e-9)

    @property
    def meets_share(self) -> float:
        """Share of the jobs that do."""
        return float(self.is_met.mean())

    @property
    def is_enough(self) -> bool:
        """Whether all do."""
        return bool(self.is_met.all())

    @property
    def is_change(self) -> bool:
        """Whether anything is other than it was."""
        return self.starts_s is not None or bool(self.caps)


def alternatives(
    goal: Goal,
    check: Night,
    limits: Limits,
    clock: Clock,
    capped_kinds: tuple[str, ...] = ("volume", "host"),
    *,
    is_for_most: bool = False,
) -> tuple[Alternative, ...]:
    """Those that help, the best first, limits by `capped_kinds` of places; nothing is tried once time is up.

    `is_for_most`: starts are looked for also where the work is too much for all to be in time.
    """
    as_is = judge(goal, goal.must)
    late = as_is.violated(goal.probability)[0]
    if not late.any() or clock.is_up():
        return ()
    clock.tell("spread", int(late.sum()))
    tried = [_opening(goal, check, limits, late), _spread("spread", goal, check, limits, clock, is_for_most)]
    capped = {}
    for kind in capped_kinds:
        if not clock.is_up():
            clock.tell(f"{kind}_caps", int(late.sum()))
            other = _other_caps(goal, check, kind, as_is)
            capped[kind] = other
            tried.append(other)
    changed = [kind for kind, each in capped.items() if each.caps]
    # both together cost as much as all else: of many jobs they are not tried
    is_small = goal.night.jobs <= MANY_JOBS
    if changed and is_small and not clock.is_up() and not any(each.is_enough for each in tried):
        clock.tell("several", int(late.sum()))
        tried.append(_several(goal, check, limits, capped[changed[0]], clock, is_for_most))
    before = float((~late).mean())
    kept = [each for each in tried if each.kind == "spread" or (each.meets_share > before and each.is_change)]
    return tuple(sorted(kept, key=lambda each: (not each.is_enough, -each.meets_share)))


def _opening(goal: Goal, check: Night, limits: Limits, late: Bools) -> Alternative:
    """Who is late starts when the window opens, the others when they do."""
    starts_s = np.where(late, limits.opens_s, goal.night.release_s)
    other = replace(goal, night=replace(check, release_s=starts_s), limit_s=limits.at(starts_s))
    return Alternative("start_at_opening", judge(other, goal.must).meets[0], goal.probability, starts_s)


def _spread(
    kind: str, goal: Goal, check: Night, limits: Limits, clock: Clock, is_for_most: bool
) -> Alternative:
    is_guest = goal.must | goal.is_guest
    found = spread(
        goal.night, check, is_guest, limits.opens_s, limits.close_s, limits.longest_s, goal.probability, clock,
        is_for_most=is_for_most,
    )  # fmt: skip
    return Alternative(kind, found.meets, goal.probability, found.release_s, overloads=found.overloads)


def _with_caps(caps: Caps, change: Alternative) -> Caps:
    """The limits with those of a change."""
    found: Ints = getattr(caps, change.capped).copy()
    for place, cap in change.caps:
        found[place] = cap
    return _replaced(caps, change.capped, found)


def _replaced(caps: Caps, kind: str, limits: Ints) -> Caps:
    return replace(caps, volume=limits) if kind == "volume" else replace(caps, host=limits)


def _several(
    goal: Goal, check: Night, limits: Limits, capped: Alternative, clock: Clock, is_for_most: bool
) -> Alternative:
    """Other starts under other limits of claims."""
    capped_goal, capped_check = (
        replace(night, caps=_with_caps(night.caps, capped)) for night in (goal.night, check)
    )
    found = _spread("several", replace(goal, night=capped_goal), capped_check, limits, clock, is_for_most)
    return replace(found, caps=capped.caps, capped=capped.capped, is_raised=capped.is_raised)


def _other_caps(goal: Goal, check: Night, kind: str, as_is: Judgement) -> Alternative:
    """Of each place with late jobs the limit under which fewest of them are late, all at once."""
    places: Ints = getattr(goal.night, kind)
    was: Ints = getattr(goal.night.caps, kind)
    late = as_is.violated(goal.probability)[0]
    tried = _CAPS if goal.night.jobs <= MANY_JOBS else _CAPS[::2]
    trials = np.tile(was, (len(tried), 1))
    trials[:, np.unique(places[late])] = np.array(tried)[:, None]
    caps = [_replaced(goal.night.caps, kind, trial) for trial in trials]
    judged = judge(goal, np.tile(goal.must, (len(caps), 1)), caps)
    chosen, best = was.copy(), _lateness(as_is, goal.probability, places, len(was))[0]
    for trial, found in zip(trials, _lateness(judged, goal.probability, places, len(was)), strict=True):
        is_better = found < best - 1e-6
        chosen, best = np.where(is_better, trial, chosen), np.where(is_better, found, best)
    chosen = _harmless(goal, kind, chosen, late)
    by_check = _with(replace(goal, night=check), kind, chosen)
    meets = judge(by_check, goal.must).meets[0]
    changed = tuple((int(place), int(chosen[place])) for place in np.flatnonzero(chosen != was))
    return Alternative(
        f"{kind}_caps", meets, goal.probability, None, changed, kind, bool((chosen > was).any())
    )


def _harmless(goal: Goal, kind: str, chosen: Ints, late: Bools) -> Ints:
    """The limits as they were at places where jobs become late that were not."""
    places: Ints = getattr(goal.night, kind)
    was: Ints = getattr(goal.night.caps, kind)
    for _ in range(_MENDED):
        late_with = judge(_with(goal, kind, chosen), goal.must).violated(goal.probability)[0]
        harmed = np.bincount(places[late_with & ~late], minlength=len(was)) > 0
        if not (harmed & (chosen != was)).any():
            break
        chosen = np.where(harmed, was, chosen)
    return chosen


def _with(goal: Goal, kind: str, caps: Ints) -> Goal:
    return replace(goal, night=replace(goal.night, caps=_replaced(goal.night.caps, kind, caps)))


def _lateness(found: Judgement, probability: float, places: Ints, count: int) -> Floats:
    """(plans, places): how late the jobs of each place are in all; how many are late counts first."""
    late_s = found.late_s + 1e6 * found.violated(probability)
    return np.stack([np.bincount(places, each, minlength=count) for each in late_s])
