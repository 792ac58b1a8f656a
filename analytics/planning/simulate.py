"""One night simulated: jobs wait for claims, transfer side by side and slow each other down (model.md section 3.1).

Between two events every transferring job progresses at 1 / (A + B (k_volume - 1) + G (k_server - 1)) GB a second;
the events are releases, ends of fixed phases and ends of transfers. Admission is first in, first out, and passes over
who may not start yet. Guest-level jobs need no claim and weigh 0.35 on their volume and DPM server. Scenarios, plans
and the parts of the estate that do not touch each other are rows of the same arrays: one step moves all of them to
their next event and costs O(jobs at work).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from analytics.planning.night import NO_CAP, Bools, Floats, Ints, Night, Outcome, components

# Weights in hundredths, so that loads add up and down without rounding.
_HOST_WEIGHT, _GUEST_WEIGHT = 100, 35
_DONE_S = 1e-7
_MORE_SLOTS = 8
_FREE, _BEFORE, _TRANSFER, _AFTER = range(4)


def simulate(night: Night, is_guest: Bools | None = None) -> Outcome:
    """Run the night once per plan and scenario; `is_guest` has one row per plan (or none: all at host level)."""
    plans = np.zeros((1, night.jobs), bool) if is_guest is None else np.atleast_2d(is_guest)
    shape = (len(plans), night.scenarios, night.jobs)
    outcome = Outcome(*(np.full(shape, np.inf) for _ in fields(Outcome)))
    if not night.jobs:
        return outcome
    run = _Run(night, plans, outcome)
    while run.step():
        pass
    return outcome


@dataclass(slots=True)
class _Layout:
    """Who queues where. A unit is a component under one plan; a queue holds the jobs of one volume, host and server."""

    plan: Ints  # per unit
    queue_start: Ints  # (units, queues): place of its first job in `order`
    queue_end: Ints
    volume: Ints  # (units, queues): the place of its claim, local to the unit; the last one has no cap
    host: Ints
    server: Ints
    order: Ints  # jobs, by plan, component, queue, release
    rank: Ints  # per plan and job: its turn among all


def _local(unit: Ints, places: Ints) -> tuple[Ints, int]:
    """Places renumbered from 0 within each unit, and the highest count of any unit."""
    pairs, inverse = np.unique(np.stack([unit, places]), axis=1, return_inverse=True)
    first = np.searchsorted(pairs[0], np.arange(pairs[0].max() + 1))
    numbers = np.arange(pairs.shape[1]) - first[pairs[0]]
    return numbers[inverse.ravel()].astype(np.int64), int(numbers.max()) + 1


class _Run:
    """The state of all rows while the night goes on."""

    def __init__(self, night: Night, plans: Bools, outcome: Outcome) -> None:
        self.night, self.plans, self.outcome = night, plans, outcome
        component = components(night)
        self.local_volume, self.volumes = _local(component, night.volume)
        self.local_host, self.hosts = _local(component, night.host)
        self.local_server, self.servers = _local(component, night.server)
        self.layout = self._lay_out(component)
        units, scenarios = len(self.layout.plan), night.scenarios
        self.unit = np.repeat(np.arange(units), scenarios)
        self.scenario = np.tile(np.arange(scenarios), units)
        self._open_rows(component)

    def _lay_out(self, component: Ints) -> _Layout:
        night, jobs = self.night, self.night.jobs
        turn = np.empty(jobs, np.int64)
        turn[np.lexsort((np.arange(jobs), night.release_s))] = np.arange(jobs)
        parts = int(component.max()) + 1
        key = (
            np.unique(np.stack([night.volume, night.host, night.server]), axis=1, return_inverse=True)[
                1
            ].ravel()
            + 1
        )
        plan = np.repeat(np.arange(len(self.plans)), jobs)
        unit = plan * parts + np.tile(component, len(self.plans))
        queue = np.where(self.plans.ravel(), 0, np.tile(key, len(self.plans)))
        job = np.tile(np.arange(jobs), len(self.plans))
        order = np.lexsort((turn[job], queue, unit))
        local, most = _local(unit, queue)
        units = len(self.plans) * parts
        start, end = np.zeros((units, most), np.int64), np.zeros((units, most), np.int64)
        np.add.at(end, (unit, local), 1)
        place = np.arange(len(order))
        is_first = np.ones(len(order), bool)
        is_first[1:] = (unit[order][1:] != unit[order][:-1]) | (queue[order][1:] != queue[order][:-1])
        at = (unit[order][is_first], local[order][is_first])
        start[at] = place[is_first]
        claims = [np.zeros((units, most), np.int64) for _ in range(3)]
        firsts = job[order][is_first]
        free = self.plans.ravel()[order][is_first]
        for found, places, none in zip(
            claims,
            (self.local_volume, self.local_host, self.local_server),
            (self.volumes, self.hosts, self.servers),
            strict=True,
        ):
            found[at] = np.where(free, none, places[firsts])
        plan_of = np.repeat(np.arange(len(self.plans)), parts)
        by_volume, by_host, by_server = claims
        return _Layout(plan_of, start, start + end, by_volume, by_host, by_server, job[order], turn)

    def _open_rows(self, component: Ints) -> None:
        night, rows = self.night, len(self.unit)
        parts = int(component.max()) + 1
        self.now = np.full(rows, -np.inf)
        self.free = []
        for local, count, places, caps in (
            (self.local_volume, self.volumes, night.volume, night.caps.volume),
            (self.local_host, self.hosts, night.host, night.caps.host),
            (self.local_server, self.servers, night.server, night.caps.server),
        ):
            by_part = np.full((parts, count + 1), NO_CAP, np.int64)
            by_part[component, local] = caps[places]
            self.free.append(by_part[self.unit % parts])
        self.head = self.layout.queue_start[self.unit]
        self.head_release = self._released(self.head, self.layout.queue_end[self.unit])
        self.next_release = self.head_release.min(axis=1)
        self.volume_load = np.zeros((rows, self.volumes), np.int64)
        self.server_load = np.zeros((rows, self.servers), np.int64)
        self.kind = np.zeros((rows, 0), np.int8)
        self.job = np.zeros((rows, 0), np.int64)
        self.left = np.zeros(
            (rows, 0)
        )  # seconds of a fixed phase or GB of a transfer; infinity: the slot is free
        self.alone, self.on_volume, self.on_server = (np.zeros((rows, 0)) for _ in range(3))
        self.volume_at, self.server_at = (np.zeros((rows, 0), np.int64) for _ in range(2))
        self._widen()

    def _released(self, head: Ints, end: Ints) -> Floats:
        inside = np.minimum(head, len(self.layout.order) - 1)
        return np.where(head < end, self.night.release_s[self.layout.order[inside]], np.inf)

    _SLOTS = ("kind", "job", "left", "alone", "on_volume", "on_server", "volume_at", "server_at")
    _ROWS = ("unit", "scenario", "now", "head", "head_release", "next_release", "volume_load", "server_load")

    def _widen(self) -> None:
        for name in self._SLOTS:
            old = getattr(self, name)
            more = np.full((len(old), _MORE_SLOTS), np.inf if name == "left" else 0, old.dtype)
            setattr(self, name, np.hstack([old, more]))
        self.alone[self.kind == _FREE] = 1.0

    def _narrow(self, keep: Bools) -> None:
        """Rows that are through cost nothing any more."""
        for name in (*self._SLOTS, *self._ROWS):
            setattr(self, name, getattr(self, name)[keep])
        self.free = [free[keep] for free in self.free]

    def step(self) -> bool:
        """Move every row to its next event; False where no row has one."""
        rows = np.arange(len(self.now))[:, None]
        load = self.volume_load.ravel()[self.volume_at + rows * self.volumes]
        pace = self.alone + self.on_volume * load
        load = self.server_load.ravel()[self.server_at + rows * self.servers]
        pace += self.on_server * load
        due = self.left * pace
        soonest = due.min(axis=1)
        until_release = self.next_release - np.where(np.isfinite(self.now), self.now, 0.0)
        passed = np.minimum(soonest, until_release)
        alive = np.isfinite(passed)
        if not alive.any():
            return False
        if alive.sum() * 2 < len(alive):
            self._narrow(alive)
            return True
        passed = np.where(alive, passed, 0.0)
        releases = alive & (until_release <= soonest)
        ends = due <= (passed + _DONE_S)[:, None]
        self.left -= passed[:, None] / pace
        self.now = np.where(
            releases, self.next_release, np.where(np.isfinite(self.now), self.now, 0.0) + passed
        )
        at = np.nonzero(ends & alive[:, None])
        freed = self._end_phases(*at) if len(at[0]) else at[0]
        waiting = np.union1d(freed, np.nonzero(releases)[0])
        if len(waiting):
            self._admit(waiting)
        return True

    def _end_phases(self, row: Ints, slot: Ints) -> Ints:
        """End the phase of these slots and begin the next one; the rows in which a claim came free."""
        kind, job = self.kind[row, slot], self.job[row, slot]
        freed = []
        for which, handle in ((_AFTER, self._finish), (_TRANSFER, self._end_transfer), (_BEFORE, self._move)):
            chosen = kind == which
            if chosen.any():
                freed.append(handle(row[chosen], slot[chosen], job[chosen]))
        return np.concatenate(freed)

    def _mark(self, times: Floats, row: Ints, job: Ints) -> None:
        times[self.layout.plan[self.unit[row]], self.scenario[row], job] = self.now[row]

    def _of(self, name: str, row: Ints, job: Ints) -> Floats:
        """A field of the Form that these jobs have in their plans."""
        at_host, at_guest = getattr(self.night.at_host, name), getattr(self.night.at_guest, name)
        scenario = self.scenario[row]
        found: Floats = np.where(self._guests(row, job), at_guest[scenario, job], at_host[scenario, job])
        return found

    def _guests(self, row: Ints, job: Ints) -> Bools:
        return self.plans[self.layout.plan[self.unit[row]], job]

    def _weigh(self, row: Ints, job: Ints, sign: int) -> None:
        weight = np.where(self._guests(row, job), _GUEST_WEIGHT, _HOST_WEIGHT) * sign
        np.add.at(self.volume_load, (row, self.local_volume[job]), weight)
        np.add.at(self.server_load, (row, self.local_server[job]), weight)

    def _move(self, row: Ints, slot: Ints, job: Ints) -> Ints:
        law, night = self.night.law, self.night
        self._mark(self.outcome.moving_s, row, job)
        self._weigh(row, job, 1)
        own = np.where(self._guests(row, job), _GUEST_WEIGHT, _HOST_WEIGHT) / _HOST_WEIGHT
        on_volume = law.volume_contention_s_per_gb[night.volume[job]]
        on_server = law.server_contention_s_per_gb[night.server[job]]
        self.kind[row, slot] = _TRANSFER
        self.left[row, slot] = self._of("work_gb", row, job)
        # the load counts the job itself: its own share is taken off here, once
        self.alone[row, slot] = law.scan_s_per_gb[night.volume[job]] - own * (on_volume + on_server)
        self.on_volume[row, slot] = on_volume / _HOST_WEIGHT
        self.on_server[row, slot] = on_server / _HOST_WEIGHT
        self.volume_at[row, slot], self.server_at[row, slot] = self.local_volume[job], self.local_server[job]
        if not night.caps.volume_until_snapshot:
            return row[:0]
        host_jobs = ~self._guests(row, job)
        np.add.at(self.free[0], (row[host_jobs], self.local_volume[job[host_jobs]]), 1)
        return row

    def _end_transfer(self, row: Ints, slot: Ints, job: Ints) -> Ints:
        self._mark(self.outcome.moved_s, row, job)
        self._weigh(row, job, -1)
        self._wait(row, slot, _AFTER, self._of("after_s", row, job))
        return row[:0]

    def _wait(self, row: Ints, slot: Ints, kind: int, seconds: Floats) -> None:
        self.kind[row, slot] = kind
        self.left[row, slot] = seconds
        self.alone[row, slot] = 1.0
        self.on_volume[row, slot] = self.on_server[row, slot] = 0.0

    def _finish(self, row: Ints, slot: Ints, job: Ints) -> Ints:
        self._mark(self.outcome.finish_s, row, job)
        self.kind[row, slot] = _FREE
        self.left[row, slot] = np.inf
        host_jobs = ~self._guests(row, job)
        row, job = row[host_jobs], job[host_jobs]
        first = int(self.night.caps.volume_until_snapshot)  # that claim is back already
        for free, local in list(zip(self.free, self._locals(), strict=True))[first:]:
            np.add.at(free, (row, local[job]), 1)
        return row

    def _locals(self) -> tuple[Ints, Ints, Ints]:
        return self.local_volume, self.local_host, self.local_server

    def _admit(self, rows: Ints) -> None:
        """Start whoever may, in the order of release; one job per row and round."""
        layout = self.layout
        claims = (layout.volume, layout.host, layout.server)
        touched = rows
        while len(rows):
            unit, line = self.unit[rows], rows[:, None]
            may = self.head_release[rows] <= self.now[line]
            for free, claim in zip(self.free, claims, strict=True):
                may &= free[line, claim[unit]] > 0
            inside = np.minimum(self.head[rows], len(layout.order) - 1)
            turn = np.where(may, layout.rank[layout.order[inside]], self.night.jobs)
            queue = turn.argmin(axis=1)
            some = may.any(axis=1)
            rows, queue = rows[some], queue[some]
            if len(rows):
                self._start(rows, queue)
        later = np.where(
            self.head_release[touched] > self.now[touched, None], self.head_release[touched], np.inf
        )
        self.next_release[touched] = later.min(axis=1)

    def _start(self, row: Ints, queue: Ints) -> None:
        layout, unit = self.layout, self.unit[row]
        head = self.head[row, queue]
        job = layout.order[head]
        self.head[row, queue] = head + 1
        self.head_release[row, queue] = self._released(head + 1, layout.queue_end[unit, queue])
        for free, claim in zip(self.free, (layout.volume, layout.host, layout.server), strict=True):
            free[row, claim[unit, queue]] -= 1
        if (self.kind[row] != _FREE).all(axis=1).any():
            self._widen()
        slot = (self.kind[row] == _FREE).argmax(axis=1)
        self.job[row, slot] = job
        self._mark(self.outcome.granted_s, row, job)
        self._wait(row, slot, _BEFORE, self._of("before_s", row, job))
