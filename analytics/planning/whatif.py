"""What if: a night before and after a change, in the same scenarios (reference/model.md 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.planning.jobs import Bools, Floats
from analytics.planning.night import Caps, Night, components
from analytics.planning.outlook import Outlook
from analytics.planning.scenarios import Model, night_in_scenarios
from analytics.planning.simulate import simulate

__all__ = ["Compared", "compared"]

_SCENARIOS = 200
_SEED = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """Arrays over the VMs of the outlook; times from a job's release to its end, seconds."""

    before_s: Floats
    """The middle of the scenarios, as things are."""
    after_p50_s: Floats
    low_s: Floats
    high_s: Floats
    """90 % of the scenarios after the change lie between these two."""
    p_meets_before: Floats
    p_meets_after: Floats
    is_touched: Bools = field(repr=False)
    """Whether the change can reach the job: it, or one that shares a limit with it or slows it, is changed."""


def compared(
    model: Model, before: Outlook, after: Outlook, moved: Bools, caps: Caps | None = None
) -> Compared:
    """The night before and after; `moved` (VMs of the outlook) go to guest level, `caps` replace those inferred.

    Both outlooks hold the same VMs in the same order.
    """
    was_guest = model.usual.is_guest[before.vm]
    plain = _night(model, before, None)
    changed = _night(model, after, caps)
    is_changed = moved | (after.release_s != before.release_s) | _has_other_cap(plain, changed)
    touched = _touched(plain, is_changed) | _touched(changed, is_changed)
    volumes = np.zeros(len(model.jobs.volumes) + 1, bool)
    volumes[model.volume[before.vm[touched]]] = True
    # both in the same scenarios: what is not known of a law used elsewhere is no effect of the change
    plain, widened = _night(model, before, None, volumes), _night(model, after, caps, volumes)
    first = simulate(plain, was_guest).finish_s[0]
    then = simulate(widened, was_guest | moved).finish_s[0]
    took, takes = first - plain.release_s, then - widened.release_s
    return Compared(
        before_s=np.median(took, axis=0),
        after_p50_s=np.median(takes, axis=0),
        low_s=np.quantile(takes, 0.05, axis=0),
        high_s=np.quantile(takes, 0.95, axis=0),
        p_meets_before=(first <= before.limit_s - before.opens_s).mean(axis=0),
        p_meets_after=(then <= after.limit_s - after.opens_s).mean(axis=0),
        is_touched=touched,
    )


def _night(model: Model, outlook: Outlook, caps: Caps | None, is_changed: Bools | None = None) -> Night:
    return night_in_scenarios(
        model,
        outlook.vm,
        outlook.release_s - outlook.opens_s,
        scenarios=_SCENARIOS,
        seed=_SEED,
        caps=caps,
        is_changed=is_changed,
    )


def _touched(night: Night, is_changed: Bools) -> Bools:
    part = components(night)
    return np.asarray(np.isin(part, part[is_changed]))


def _has_other_cap(before: Night, after: Night) -> Bools:
    found = np.zeros(before.jobs, bool)
    for kind in ("volume", "host", "server"):
        was, now = getattr(before.caps, kind), getattr(after.caps, kind)
        found |= (was != now)[getattr(before, kind)]
    return found
