"""What is cheaper than moving VMs, tried in the simulator before it is named: other starts, other limits of claims."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.goal import Clock, Goal, judge
from analytics.planning.jobs import Bools, Floats, Ints
from analytics.planning.night import Night
from analytics.planning.spread import Overload, spread

__all__ = ["Alternative", "alternatives"]

_CAPS = (1, 2, 3, 4, 6, 8)
"""DPM takes up to eight for a host (reference/model.md 1.2)."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A change without moves: `kind` spread, volume_caps or host_caps, and the share of VMs that meet with it.

    `starts_s` is by job, where starts change; `caps` maps a place to its new limit. `overloads` say why spreading
    cannot be enough.
    """

    kind: str
    meets_share: float
    is_enough: bool
    starts_s: Floats | None = None
    caps: tuple[tuple[int, int], ...] = ()
    overloads: tuple[Overload, ...] = ()


def alternatives(
    goal: Goal, check: Night, opens_s: float, close_s: Floats, longest_s: Floats, clock: Clock
) -> tuple[Alternative, ...]:
    """Those that help, the best first; nothing is tried once time is up. `close_s` and `longest_s` as in `spread`."""
    late = judge(goal, goal.must).violated(goal.probability)[0]
    if not late.any() or clock.is_up():
        return ()
    is_guest = goal.must | goal.is_guest
    clock.tell("spread", int(late.sum()))
    found = spread(goal.night, check, is_guest, opens_s, close_s, longest_s, goal.probability, clock)
    share = float((found.meets >= goal.probability - 1e-9).mean())
    tried = [Alternative("spread", share, found.is_enough, found.release_s, (), found.overloads)]
    for kind in ("volume", "host"):
        if not clock.is_up():
            clock.tell(f"{kind}_caps", int(late.sum()))
            tried.append(_other_caps(goal, check, kind, late, clock))
    before = float((~late).mean())
    kept = [each for each in tried if each.meets_share > before or each.kind == "spread"]
    return tuple(sorted(kept, key=lambda each: (not each.is_enough, -each.meets_share)))


def _other_caps(goal: Goal, check: Night, kind: str, late: Bools, clock: Clock) -> Alternative:
    """Of each place with late jobs the limit under which fewest of them are late, all at once."""
    places: Ints = getattr(goal.night, kind)
    was: Ints = getattr(goal.night.caps, kind)
    chosen, open_ = was.copy(), np.unique(places[late])
    best = _lateness(goal, places, len(was))
    for cap in _CAPS:
        if clock.is_up():
            break
        trial = was.copy()
        trial[open_] = cap
        found = _lateness(_with(goal, kind, trial), places, len(was))
        is_better = found < best - 1e-6
        chosen, best = np.where(is_better, trial, chosen), np.where(is_better, found, best)
    by_check = _with(replace(goal, night=check), kind, chosen)
    meets = judge(by_check, goal.must).meets[0]
    changed = tuple((int(place), int(chosen[place])) for place in np.flatnonzero(chosen != was))
    met = meets >= goal.probability - 1e-9
    return Alternative(f"{kind}_caps", float(met.mean()), bool(met.all()) and bool(changed), None, changed)


def _with(goal: Goal, kind: str, caps: Ints) -> Goal:
    was = goal.night.caps
    changed = replace(was, volume=caps) if kind == "volume" else replace(was, host=caps)
    return replace(goal, night=replace(goal.night, caps=changed))


def _lateness(goal: Goal, places: Ints, count: int) -> Floats:
    """Of each place how late its jobs are in all; how many are late counts first."""
    found = judge(goal, goal.must)
    late_s = found.late_s[0] + 1e6 * found.violated(goal.probability)[0]
    return np.asarray(np.bincount(places, late_s, minlength=count))
