"""One night simulated: jobs wait for claims, transfer side by side and slow each other down (model.md section 3.1).

Between two events every transferring job progresses at 1 / (A + B (k_volume - 1) + G (k_server - 1)) GB a second;
the events are releases, ends of fixed phases and ends of transfers. Admission is first in, first out, and passes over
who may not start yet. Guest-level jobs need no claim and weigh 0.35 on their volume and DPM server. Scenarios, plans
and the parts of the estate that do not touch each other are rows of the same arrays: one step moves all of them to
their next event and costs O(jobs at work).
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from analytics.planning.night import NO_CAP, Bools, Floats, Ints, Law, Night, Outcome
from analytics.planning.queues import queues_of

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


class _Run:
    """The state of all rows while the night goes on."""

    _SLOTS = ("kind", "job", "left", "alone", "on_volume", "on_server", "volume_at", "server_at")
    _ROWS = (
        "unit",
        "part",
        "scenario",
        "now",
        "head",
        "coming",
        "next_release",
        "volume_load",
        "server_load",
    )

    def __init__(self, night: Night, plans: Bools, outcome: Outcome) -> None:
        self.night, self.plans, self.outcome = night, plans, outcome
        self.queues = queues_of(night, plans)
        self.law = Law(
            *(
                np.broadcast_to(pace, (night.scenarios, pace.shape[-1]))
                for pace in (getattr(night.law, field.name) for field in fields(Law))
            )
        )
        self.release_s = np.append(night.release_s, np.inf)  # the last one: nobody
        self.order = np.append(self.queues.order, night.jobs)
        self.turn = np.append(self.queues.turn, night.jobs)
        units = len(plans) * self.queues.parts
        self.unit = np.repeat(np.arange(units), night.scenarios)
        self.part = self.unit % self.queues.parts
        self.scenario = np.tile(np.arange(night.scenarios), units)
        self._open_rows()

    def _open_rows(self) -> None:
        night, queues, rows = self.night, self.queues, len(self.unit)
        self.now = np.zeros(rows)
        self.free = []
        places = (night.volume, night.host, night.server)
        caps = (night.caps.volume, night.caps.host, night.caps.server)
        locals_ = (queues.volume, queues.host, queues.server)
        for found, limits, local, width in zip(places, caps, locals_, queues.widths, strict=True):
            by_part = np.full((queues.parts, width + 1), NO_CAP, np.int64)
            by_part[queues.part, local] = limits[found]
            self.free.append(by_part[self.part])
        self.head = queues.start[self.unit]
        self.coming = np.zeros(rows, np.int64)
        self.next_release = self.release_s[queues.coming[self.part, 0]]
        self.volume_load = np.zeros((rows, queues.widths[0]), np.int64)
        self.server_load = np.zeros((rows, queues.widths[2]), np.int64)
        self.kind = np.zeros((rows, 0), np.int8)
        self.left = np.zeros((rows, 0))  # seconds of a fixed phase, GB of a transfer; infinity in a free slot
        self.job, self.volume_at, self.server_at = (np.zeros((rows, 0), np.int64) for _ in range(3))
        self.alone, self.on_volume, self.on_server = (np.zeros((rows, 0)) for _ in range(3))
        self._widen()

    def _widen(self) -> None:
        for name in self._SLOTS:
            old = getattr(self, name)
            value = {"left": np.inf, "alone": 1.0}.get(name, 0)
            setattr(self, name, np.hstack([old, np.full((len(old), _MORE_SLOTS), value, old.dtype)]))

    def _narrow(self, keep: Bools) -> None:
        """Rows that are through cost nothing any more."""
        for name in (*self._SLOTS, *self._ROWS):
            setattr(self, name, getattr(self, name)[keep])
        self.free = [free[keep] for free in self.free]

    def step(self) -> bool:
        """Move every row to its next event; False where no row has one."""
        rows = np.arange(len(self.now))[:, None]
        pace = (
            self.alone
            + self.on_volume * self.volume_load.ravel()[self.volume_at + rows * self.volume_load.shape[1]]
        )
        pace += self.on_server * self.server_load.ravel()[self.server_at + rows * self.server_load.shape[1]]
        due = self.left * pace
        soonest = due.min(axis=1)
        until_release = self.next_release - self.now
        passed = np.minimum(soonest, until_release)
        alive = np.isfinite(passed)
        if not alive.any():
            return False
        if alive.sum() * 2 < len(alive):
            self._narrow(alive)
            return True
        passed[~alive] = 0.0
        ends = due <= (passed + _DONE_S)[:, None]
        releases = alive & (until_release <= soonest)
        self.left -= passed[:, None] / pace
        self.now = np.where(releases, self.next_release, self.now + passed)
        triggers = [self._end_phases(*np.nonzero(ends)), self._release(np.nonzero(releases)[0])]
        self._look(*(np.concatenate(parts) for parts in zip(*triggers, strict=True)))
        return True

    def _end_phases(self, row: Ints, slot: Ints) -> tuple[Ints, Ints]:
        """End the phase of these slots and begin the next one; the rows and queues whose claim came free."""
        kind, job = self.kind[row, slot], self.job[row, slot]
        freed = [(row[:0], row[:0])]
        for which, end in ((_AFTER, self._finish), (_TRANSFER, self._end_transfer), (_BEFORE, self._move)):
            chosen = kind == which
            if chosen.any():
                freed.append(end(row[chosen], slot[chosen], job[chosen]))
        rows, jobs = (np.concatenate(parts) for parts in zip(*freed, strict=True))
        return rows, self.queues.queue[jobs]

    def _release(self, row: Ints) -> tuple[Ints, Ints]:
        """The rows and queues in which somebody is released now, twice where it is more than one."""
        queues, part, coming = self.queues, self.part[row], self.coming[row]
        job = queues.coming[part, coming]
        self.coming[row] = queues.group_end[part, coming]
        self.next_release[row] = self.release_s[queues.coming[part, self.coming[row]]]
        queue = np.where(self._guests(row, job), 0, queues.queue[job])
        several = self.coming[row] > coming + 1
        return np.concatenate([row, row[several]]), np.concatenate([queue, queue[several]])

    def _look(self, row: Ints, queue: Ints) -> None:
        """Let those look for a claim whom it may concern."""
        if not len(row):
            return
        is_only = np.bincount(row, minlength=len(self.now))[row] == 1
        if is_only.any():
            row_, queue_ = row[is_only], queue[is_only]
            self._admit(row_, self.queues.touching[self.part[row_], queue_])
        if not is_only.all():
            rows = np.unique(row[~is_only])
            self._admit(rows, np.broadcast_to(np.arange(self.queues.most), (len(rows), self.queues.most)))

    def _admit(self, rows: Ints, candidates: Ints) -> None:
        """Start whoever may among the heads of these queues, in the order of release; one job per row and round."""
        queues = self.queues
        while len(rows):
            line, unit, part = rows[:, None], self.unit[rows, None], self.part[rows, None]
            head = self.head[line, candidates]
            job = self.order[np.where(head < queues.end[unit, candidates], head, len(self.order) - 1)]
            may = self.release_s[job] <= self.now[line]
            for free, claim in zip(self.free, queues.claims, strict=True):
                may &= free[line, claim[part, candidates]] > 0
            turn = np.where(may, self.turn[job], self.night.jobs)
            best = turn.argmin(axis=1)
            some = may.any(axis=1)
            rows, candidates, best, job = rows[some], candidates[some], best[some], job[some]
            at = np.arange(len(rows))
            if len(rows):
                self._start(rows, candidates[at, best], job[at, best])

    def _start(self, row: Ints, queue: Ints, job: Ints) -> None:
        self.head[row, queue] += 1
        for free, claim in zip(self.free, self.queues.claims, strict=True):
            free[row, claim[self.part[row], queue]] -= 1
        is_free = self.kind[row] == _FREE
        slot = is_free.argmax(axis=1)
        if not is_free[np.arange(len(row)), slot].all():
            self._widen()
            slot = (self.kind[row] == _FREE).argmax(axis=1)
        self.job[row, slot] = job
        self._mark(self.outcome.granted_s, row, job)
        self._wait(row, slot, _BEFORE, self._of("before_s", row, job))

    def _move(self, row: Ints, slot: Ints, job: Ints) -> tuple[Ints, Ints]:
        law, night, scenario = self.law, self.night, self.scenario[row]
        self._mark(self.outcome.moving_s, row, job)
        self._weigh(row, job, 1)
        is_guest = self._guests(row, job)
        own = np.where(is_guest, _GUEST_WEIGHT, _HOST_WEIGHT) / _HOST_WEIGHT
        on_volume = law.volume_contention_s_per_gb[scenario, night.volume[job]]
        on_server = law.server_contention_s_per_gb[scenario, night.server[job]]
        self.kind[row, slot] = _TRANSFER
        self.left[row, slot] = self._of("work_gb", row, job)
        # the load counts the job itself: its own share is taken off here, once
        self.alone[row, slot] = law.scan_s_per_gb[scenario, night.volume[job]] - own * (on_volume + on_server)
        self.on_volume[row, slot] = on_volume / _HOST_WEIGHT
        self.on_server[row, slot] = on_server / _HOST_WEIGHT
        self.volume_at[row, slot] = self.queues.volume[job]
        self.server_at[row, slot] = self.queues.server[job]
        held = ~is_guest if night.caps.volume_until_snapshot else np.zeros(len(row), bool)
        np.add.at(self.free[0], (row[held], self.queues.volume[job[held]]), 1)
        return row[held], job[held]

    def _end_transfer(self, row: Ints, slot: Ints, job: Ints) -> tuple[Ints, Ints]:
        self._mark(self.outcome.moved_s, row, job)
        self._weigh(row, job, -1)
        self._wait(row, slot, _AFTER, self._of("after_s", row, job))
        return row[:0], job[:0]

    def _wait(self, row: Ints, slot: Ints, kind: int, seconds: Floats) -> None:
        self.kind[row, slot] = kind
        self.left[row, slot] = seconds
        self.alone[row, slot] = 1.0
        self.on_volume[row, slot] = self.on_server[row, slot] = 0.0

    def _finish(self, row: Ints, slot: Ints, job: Ints) -> tuple[Ints, Ints]:
        self._mark(self.outcome.finish_s, row, job)
        self.kind[row, slot] = _FREE
        self.left[row, slot] = np.inf
        held = ~self._guests(row, job)
        row, job = row[held], job[held]
        locals_ = (self.queues.volume, self.queues.host, self.queues.server)
        first = int(self.night.caps.volume_until_snapshot)  # that claim is back already
        for free, local in list(zip(self.free, locals_, strict=True))[first:]:
            np.add.at(free, (row, local[job]), 1)
        return row, job

    def _weigh(self, row: Ints, job: Ints, sign: int) -> None:
        weight = np.where(self._guests(row, job), _GUEST_WEIGHT, _HOST_WEIGHT) * sign
        np.add.at(self.volume_load, (row, self.queues.volume[job]), weight)
        np.add.at(self.server_load, (row, self.queues.server[job]), weight)

    def _mark(self, times: Floats, row: Ints, job: Ints) -> None:
        times[self.unit[row] // self.queues.parts, self.scenario[row], job] = self.now[row]

    def _of(self, name: str, row: Ints, job: Ints) -> Floats:
        """A field of the Form that these jobs have in their plans."""
        at_host, at_guest = getattr(self.night.at_host, name), getattr(self.night.at_guest, name)
        at = (self.scenario[row], job)
        found: Floats = np.where(self._guests(row, job), at_guest[at], at_host[at])
        return found

    def _guests(self, row: Ints, job: Ints) -> Bools:
        return self.plans[self.unit[row] // self.queues.parts, job]
