"""For whom a job waited: the jobs that held claims on its volume, or else on its host, while it asked for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs

__all__ = ["Waits", "waits_of"]

_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Waits:
    """By job, in the order of the Jobs."""

    waited_for: tuple[tuple[tuple[int, float], ...], ...]
    """The jobs (by place) it waited for, with the seconds they held a claim during its wait, longest first."""
    is_host: tuple[bool, ...]
    """Whether nobody held its volume, no claim was refused, and the claims on its host were what it waited for."""


def waits_of(jobs: Jobs) -> Waits:
    """Who held claims while each job waited between asking and being granted.

    A claim is held from its grant until the snapshot is let go, else until the job's end. A refused claim is held by a
    backup on that volume, even where the logs do not show it: never by other jobs of the host.
    """
    begin, end = jobs.asked_s, jobs.granted_s
    until = np.where(np.isnan(jobs.released_s), jobs.ended_s, jobs.released_s)
    is_waiting = (end - begin > _LEAST_S) & ~jobs.is_guest
    by_volume = _holders(jobs.volume, begin, end, until, is_waiting)
    alone = np.array([not found for found in by_volume], bool) & is_waiting & ~jobs.is_refused
    by_host = _holders(jobs.host, begin, end, until, alone)
    return Waits(
        tuple(first or second for first, second in zip(by_volume, by_host, strict=True)),
        tuple(bool(found) for found in by_host),
    )


def _holders(
    place: Ints, begin: Floats, end: Floats, until: Floats, is_waiting: Bools
) -> list[tuple[tuple[int, float], ...]]:
    """For each waiting job those at its place whose time from grant (`end`) to `until` meets its wait."""
    found: list[tuple[tuple[int, float], ...]] = [()] * len(place)
    can_hold = ~np.isnan(end) & ~np.isnan(until) & (place >= 0)
    for at in np.unique(place[is_waiting & (place >= 0)]):
        holders = np.flatnonzero(can_hold & (place == at))
        holders = holders[np.argsort(end[holders], kind="stable")]
        longest = float(np.max(until[holders] - end[holders], initial=0.0))
        for job in np.flatnonzero(is_waiting & (place == at)):
            first, last = np.searchsorted(end[holders], [begin[job] - longest, end[job]])
            some = holders[first:last]
            held = np.minimum(until[some], end[job]) - np.maximum(end[some], begin[job])
            order = np.argsort(-held, kind="stable")
            found[job] = tuple(
                (int(some[i]), float(held[i])) for i in order if held[i] > 0 and some[i] != job
            )
    return found
