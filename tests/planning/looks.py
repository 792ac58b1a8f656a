"""The next night of a simulated estate, as what-if looks at it, and what truly happens on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.planning.jobs import Floats
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
