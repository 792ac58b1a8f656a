"""The next night of a simulated estate, as what-if looks at it, and what truly happens on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from analytics.planning.jobs import Floats, Jobs
from analytics.planning.outlook import Outlook, usual_start_s
from tests.planning.estate import FIRST_NIGHT, WINDOW_OPENS_S, Estate, Nights, _nature


def outlook_of(estate: Estate, close_s: float, longest_s: float = np.inf) -> Outlook:
    """The night after the logged ones; all must be done so long after the opening, and within `longest_s`."""
    night = FIRST_NIGHT + estate.truth.knobs.nights
    opens_s = night * 86_400.0 + WINDOW_OPENS_S
    start_s = usual_start_s(estate.jobs, estate.jobs.night * 86_400.0 + WINDOW_OPENS_S)
    vms = len(start_s)
    return Outlook(
        night,
        opens_s,
        np.arange(vms),
        opens_s + start_s,
        np.full(vms, opens_s + close_s),
        np.full(vms, longest_s),
    )


def other_nights(estate: Estate, nights: int, seed: int = 5) -> Nights:
    """Fresh draws of nature on which no job fails."""
    truth = replace(estate.truth, knobs=replace(estate.truth.knobs, nights=nights, future=0))
    nature = _nature(truth, np.random.default_rng([seed, truth.knobs.seed]))
    return replace(nature, fails_at=np.full_like(nature.fails_at, np.nan))


def starting(nature: Nights, estate: Estate, start_s: Floats) -> Nights:
    """The same draws with other planned starts."""
    moved = np.maximum(nature.start_s - estate.truth.start_s + start_s, 0)
    return replace(nature, start_s=moved)


def side_by_side(estates: Sequence[Estate], close_s: Sequence[float]) -> tuple[Jobs, Outlook]:
    """Estates that share nothing, as one, and its next night; each must be done so long after the opening."""
    looks = [outlook_of(estate, limit) for estate, limit in zip(estates, close_s, strict=True)]
    columns = {each.name: _joined(each.name, [estate.jobs for estate in estates]) for each in fields(Jobs)}
    first = np.cumsum([0, *(len(look.vm) for look in looks[:-1])])
    whole = Outlook(
        looks[0].night,
        looks[0].opens_s,
        np.concatenate([look.vm + at for look, at in zip(looks, first, strict=True)]),
        *(
            np.concatenate([getattr(look, name) for look in looks])
            for name in ("release_s", "close_s", "longest_s")
        ),
    )
    return Jobs(**columns), whole


def _joined(name: str, jobs: Sequence[Jobs]) -> Any:
    """A column of all, or the labels of all, each estate's with its number; places count on."""
    parts = [getattr(each, name) for each in jobs]
    if isinstance(parts[0], tuple):
        return tuple(f"{number} {label}" for number, part in enumerate(parts) for label in part)
    labels = {"vm": "vms", "volume": "volumes", "host": "hosts", "server": "servers"}.get(name)
    if labels:
        first = np.cumsum([0, *(len(getattr(each, labels)) for each in jobs[:-1])])
        parts = [np.where(part >= 0, part + at, part) for part, at in zip(parts, first, strict=True)]
    return np.concatenate(parts)
