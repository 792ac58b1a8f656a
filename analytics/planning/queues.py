"""Who waits where in a simulated night, and who looks when a claim comes free.

Jobs of one volume, host and DPM server wait in one queue: if its head may not start, nobody behind it may. Jobs at
guest level wait for nothing but their release; they share queue 0. What is local to a component is numbered from 0 in
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.night import NO_CAP, Bools, Ints, Night, components


@dataclass(frozen=True, slots=True)
class _Queues:
    """The queues of a night; `order`, `start` and `end` are by unit, a component under one plan (plan by plan)."""

    parts: int
    """How many components."""
    part: Ints
    """Of each job, its component."""
    queue: Ints
    """Of each job at host level, its queue."""
    most: int
    """How many queues a component has at most; the number of the queue in which nobody waits."""
    volume: Ints
    host: Ints
    server: Ints
    """Of each job, its place; local to the component."""
    widths: tuple[int, int, int]
    """How many volumes, hosts and DPM servers a component has at most: also the number of the one without cap."""
    claims: tuple[Ints, Ints, Ints]
    """(components, queues): the places whose claims its jobs need."""
    touching: Ints
    """(components, queues, n): the queues that look when a claim of this one's jobs comes free; padded with `most`."""
    turn: Ints
    """Of each job, its place among all by release."""
    coming: Ints
    """(components, n): jobs by release; padded with the number of jobs."""
    group_end: Ints
    """(components, n): the place in `coming` behind those that are released at the same moment."""
    order: Ints
    """Jobs by unit, queue and turn."""
    start: Ints
    end: Ints
    """(units, queues): where a queue stands in `order`."""


def queues_of(night: Night, plans: Bools) -> _Queues:
    """The queues of a night under each plan."""
    part = components(night)
    parts = int(part.max()) + 1
    local = [_local(part, places) for places in (night.volume, night.host, night.server)]
    widths = (local[0][1], local[1][1], local[2][1])
    key = np.unique(np.stack([night.volume, night.host, night.server]), axis=1, return_inverse=True)[1]
    queue, count = _local(part, key.ravel())
    queue, most = queue + 1, count + 1
    claims = []
    for places, width in local:
        found = np.full((parts, most + 1), width, np.int64)
        found[part, queue] = places
        claims.append(found)
    turn = np.empty(night.jobs, np.int64)
    turn[np.lexsort((np.arange(night.jobs), night.release_s))] = np.arange(night.jobs)
    coming, group_end = _coming(night, part, parts, turn)
    order, start, end = _lines(plans, part, parts, queue, most, turn)
    return _Queues(
        parts,
        part,
        queue,
        most,
        local[0][0],
        local[1][0],
        local[2][0],
        widths,
        (claims[0], claims[1], claims[2]),
        _touching(night, part, parts, queue, most),
        turn,
        coming,
        group_end,
        order,
        start,
        end,
    )


def _local(part: Ints, places: Ints) -> tuple[Ints, int]:
    """Places numbered from 0 within each component, and the highest count of any."""
    pairs, inverse = np.unique(np.stack([part, places]), axis=1, return_inverse=True)
    first = np.searchsorted(pairs[0], np.arange(pairs[0].max() + 1))
    numbers = np.arange(pairs.shape[1]) - first[pairs[0]]
    return numbers[inverse.ravel()].astype(np.int64), int(numbers.max()) + 1


def _lines(
    plans: Bools, part: Ints, parts: int, queue: Ints, most: int, turn: Ints
) -> tuple[Ints, Ints, Ints]:
    """The jobs in the order of unit, queue and turn, and where each queue begins and ends."""
    unit = (np.arange(len(plans))[:, None] * parts + part).ravel()
    line = unit * (most + 1) + np.where(plans, 0, queue).ravel()
    order = np.lexsort((np.tile(turn, len(plans)), line)) % len(turn)
    counts = np.bincount(line, minlength=len(plans) * parts * (most + 1))
    end = np.cumsum(counts)
    shape = (len(plans) * parts, most + 1)
    return order.astype(np.int64), (end - counts).reshape(shape), end.reshape(shape)


def _coming(night: Night, part: Ints, parts: int, turn: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((turn, part))
    counts = np.bincount(part, minlength=parts)
    place = np.arange(night.jobs) - np.repeat(np.cumsum(counts) - counts, counts)
    width = int(counts.max()) + 1
    coming = np.full((parts, width), night.jobs, np.int64)
    coming[part[order], place] = order
    release = np.append(night.release_s, np.inf)[coming]
    # the last of those released together says where the next ones stand; filled from behind
    is_last = np.append(release[:, 1:] != release[:, :-1], np.ones((parts, 1), bool), axis=1)
    ends = np.where(is_last, np.arange(1, width + 1), width + 1)
    group_end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return coming, np.minimum(group_end, width - 1).astype(np.int64)


def _touching(night: Night, part: Ints, parts: int, queue: Ints, most: int) -> Ints:
    caps = night.caps
    _, job = np.unique(part * (most + 1) + queue, return_index=True)
    shares = np.eye(len(job), dtype=bool)
    for places, limits in ((night.volume, caps.volume), (night.host, caps.host), (night.server, caps.server)):
        mine = places[job]
        shares |= (mine[:, None] == mine) & (limits[mine] < NO_CAP)[:, None]
    row, other = np.nonzero(shares)
    counts = shares.sum(axis=1)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    touching = np.full((parts, most + 1, int(counts.max())), most, np.int64)
    touching[:, 0, 0] = 0
    touching[part[job[row]], queue[job[row]], place] = queue[job[other]]
    return touching
