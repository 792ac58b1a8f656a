"""What would have happened if one VM had been moved to guest level and all else had stayed, in the true simulator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.planning.jobs import Floats, Ints
from tests.planning.estate import Course, Estate, Nights, run


def moved_alone(estate: Estate, which: Ints) -> Floats:
    """(future nights, which): seconds from start to end of each of these VMs, moved on its own; nothing fails."""
    nature, course, row, vm = _run(estate, which)
    return (course.ended_s - nature.start_s)[row, vm].reshape(len(which), -1).T


def moved_alone_moves(estate: Estate, which: Ints) -> Floats:
    """The same for the data move alone."""
    _, course, row, vm = _run(estate, which)
    return (course.moved_s - course.moving_s)[row, vm].reshape(len(which), -1).T


def _run(estate: Estate, which: Ints) -> tuple[Nights, Course, Ints, Ints]:
    nature = estate.nature.part(estate.future)
    nights = len(nature.start_s)
    many = Nights(
        *(np.tile(part, (len(which), 1)) for part in (nature.start_s, nature.sent_gb, nature.noise)),
        nature.fails_at,
    )
    many = replace(many, fails_at=np.full(many.start_s.shape, np.nan))
    is_guest = np.tile(estate.is_guest[estate.future], (len(which), 1))
    vm = np.repeat(which, nights)
    is_guest[np.arange(len(vm)), vm] = True
    return many, run(estate.truth, many, is_guest), np.arange(len(vm)), vm
