"""One night simulated: jobs wait for claims, transfer side by side and slow each other down (model.md section 3.1).

Between two events every transferring job progresses at 1 / (A + B (k_volume - 1) + G (k_server - 1)) GB a second;
the events are releases, ends of fixed phases and ends of transfers. Admission is first in, first out, and passes over
who may not start yet. Guest-level jobs need no claim and weigh 0.35 on their volume and DPM server. Scenarios, plans
and the parts of the estate that do not touch each other are rows of the same arrays: one step moves all of them to
their next event and costs O(jobs at work), hardly more for a hundred rows than for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.night import NO_CAP, Bools, Caps, Floats, Ints, Night, Outcome
from analytics.planning.queues import queues_of

# Weights in hundredths, so that loads add up and down without rounding.
_HOST_WEIGHT, _GUEST_WEIGHT = 100, 35
_DONE_S = 1e-7
_MORE_SLOTS = 8
# The phases of a job in their order; the fields of Outcome say when each began.
_BEFORE, _TRANSFER, _AFTER, _FREE = _PHASES = range(4)
_LOADS = np.array([1, -1, 0])
"""By the phase that ends: whether a job begins to load its volume and its DPM server, or ceases to."""
_PLACES = ("volume", "host", "server")


def simulate(night: Night, is_guest: Bools | None = None, caps: Sequence[Caps] = ()) -> Outcome:
    """Run the night once per plan and scenario.

    `is_guest` has one row per plan (None: one plan, all at host level), `caps` one entry per plan (none: the night's).
    """
    plans = np.zeros((1, night.jobs), bool) if is_guest is None else np.atleast_2d(is_guest)
    times = np.full((len(_PHASES), len(plans), night.scenarios, night.jobs), np.inf)
    if night.jobs:
        run = _Run(night, plans, tuple(caps) or (night.caps,) * len(plans), times)
        while run.step():
            pass
    return Outcome(*times)


@dataclass(slots=True)
class _Claim:
    """What only so many jobs may hold at once: a volume, a host or a DPM server."""

    free: Ints
    """(rows, places): how many more may hold it; the last place has no limit."""
    place: Ints
    """Of each job, its place; local to the component."""
    needed: Ints
    """(components, queues): the places that a queue's jobs need."""
    ends_with: int
    """The phase with whose end it comes free."""

    def give_back(self, row: Ints, job: Ints) -> None:
        """These jobs hold it no longer."""
        np.add.at(self.free.ravel(), row * self.free.shape[1] + self.place[job], 1)


class _Run:
    """The state of all rows while the night goes on."""

    _ROWS = ("part", "plan", "form", "base", "now", "head", "end", "coming", "next_release", "kind", "job",
             "volume_load", "server_load")  # fmt: skip

    def __init__(self, night: Night, plans: Bools, caps: Sequence[Caps], times: Floats) -> None:
        least = {name: np.min([getattr(each, name) for each in caps], axis=0) for name in _PLACES}
        self.queues = queues_of(replace(night, caps=replace(night.caps, **least)), plans)
        self.plans, self.has_guests = plans, bool(plans.any())
        self.times, self.times_each = times.ravel(), times[0].size
        self.ways, self.ways_each = _ways(night, self.has_guests), night.scenarios * night.jobs
        self.release_s = np.append(night.release_s, np.inf)  # the last one: nobody
        self.order = np.append(self.queues.order, night.jobs)
        self.turn = np.append(self.queues.turn, night.jobs)
        units = len(plans) * self.queues.parts
        unit, scenario = (
            np.repeat(np.arange(units), night.scenarios),
            np.tile(np.arange(night.scenarios), units),
        )
        self.part, self.plan = unit % self.queues.parts, unit // self.queues.parts
        self.form = scenario * night.jobs
        self.base = (self.plan * night.scenarios + scenario) * night.jobs
        self.head, self.end = self.queues.start[unit], self.queues.end[unit]
        self.claims = self._claims(night, caps)
        self._open_rows()

    def _claims(self, night: Night, caps: Sequence[Caps]) -> list[_Claim]:
        """Of volumes, hosts and DPM servers those that limit anything."""
        queues, found = self.queues, []
        kinds = zip(
            _PLACES, (queues.volume, queues.host, queues.server), queues.widths, queues.claims, strict=True
        )
        for name, local, width, needed in kinds:
            limits = np.stack([getattr(each, name)[getattr(night, name)] for each in caps])
            if (limits < NO_CAP).any():
                free = np.full((len(caps), queues.parts, width + 1), NO_CAP, np.int64)
                free[:, queues.part, local] = limits
                is_short = name == "volume" and night.caps.volume_until_snapshot
                rows = free[self.plan, self.part]
                found.append(_Claim(rows, local, needed, _BEFORE if is_short else _AFTER))
        return found

    def _open_rows(self) -> None:
        rows = len(self.part)
        self.now = np.zeros(rows)
        self.coming = np.zeros(rows, np.int64)
        self.next_release = self.release_s[self.queues.coming[self.part, 0]]
        self.volume_load = np.zeros((rows, self.queues.widths[0]), np.int64)
        self.server_load = np.zeros((rows, self.queues.widths[2]), np.int64)
        self.kind = np.zeros((rows, 0), np.int64)
        self.job, self.volume_at, self.server_at = (np.zeros((rows, 0), np.int64) for _ in range(3))
        self.slots = np.zeros((4, rows, 0))
        """As in _ways, of the jobs at work; what is left shrinks."""
        self._widen()

    def _widen(self) -> None:
        rows = len(self.part)
        more = np.zeros((4, rows, _MORE_SLOTS))
        more[0], more[1] = np.inf, 1.0
        self.slots = np.concatenate([self.slots, more], axis=2)
        nobody = np.zeros((rows, _MORE_SLOTS), np.int64)
        self.kind = np.hstack([self.kind, np.full_like(nobody, _FREE)])
        self.job = np.hstack([self.job, nobody])
        line = np.arange(rows)[:, None]
        self.volume_at = np.hstack([self.volume_at, nobody + line * self.volume_load.shape[1]])
        self.server_at = np.hstack([self.server_at, nobody + line * self.server_load.shape[1]])

    def _narrow(self, keep: Bools) -> None:
        """Rows that are through cost nothing any more."""
        up = (np.flatnonzero(keep) - np.arange(keep.sum()))[:, None]
        self.volume_at = self.volume_at[keep] - up * self.volume_load.shape[1]
        self.server_at = self.server_at[keep] - up * self.server_load.shape[1]
        for name in self._ROWS:
            setattr(self, name, getattr(self, name)[keep])
        self.slots = self.slots[:, keep]
        for claim in self.claims:
            claim.free = claim.free[keep]

    def step(self) -> bool:
        """Move every row to its next event; False where no row has one."""
        left, alone, on_volume, on_server = self.slots
        pace = on_volume * self.volume_load.take(self.volume_at)
        pace += alone
        pace += on_server * self.server_load.take(self.server_at)
        due = left * pace
        soonest = due.min(axis=1)
        until_release = self.next_release - self.now
        passed = np.minimum(soonest, until_release)
        alive = passed < np.inf
        going = np.count_nonzero(alive)
        if not going:
            return False
        if going * 2 < len(alive):
            self._narrow(alive)
            return True
        if going < len(alive):
            passed[~alive] = 0.0
        ends = due <= (passed + _DONE_S)[:, None]
        releases = (until_release <= soonest) & alive
        left -= passed[:, None] / pace
        self.now = np.where(releases, self.next_release, self.now + passed)
        triggers = [self._end(*ends.nonzero()), self._release(releases.nonzero()[0])]
        self._look(*(np.concatenate(parts) for parts in zip(*triggers, strict=True)))
        return True

    def _end(self, row: Ints, slot: Ints) -> tuple[Ints, Ints]:
        """End the phase of these slots and begin the next one; the rows and queues whose claim came free."""
        if not len(row):
            return row, row
        phase, job = self.kind[row, slot], self.job[row, slot]
        self._begin(row, slot, job, phase + 1)
        load = _LOADS[phase] * _HOST_WEIGHT
        is_guest = self._guests(row, job)
        if is_guest is not None:
            load[is_guest] = _LOADS[phase[is_guest]] * _GUEST_WEIGHT
        for loads, places in ((self.volume_load, self.queues.volume), (self.server_load, self.queues.server)):
            np.add.at(loads.ravel(), row * loads.shape[1] + places[job], load)
        is_freed = np.zeros(len(row), bool)
        for claim in self.claims:
            freed = phase == claim.ends_with
            if is_guest is not None:
                freed &= ~is_guest
            claim.give_back(row[freed], job[freed])
            is_freed |= freed
        return row[is_freed], self.queues.queue[job[is_freed]]

    def _release(self, row: Ints) -> tuple[Ints, Ints]:
        """The rows and queues in which somebody is released now, twice where it is more than one."""
        if not len(row):
            return row, row
        queues, part, coming = self.queues, self.part[row], self.coming[row]
        job, after = queues.coming[part, coming], queues.group_end[part, coming]
        self.coming[row] = after
        self.next_release[row] = self.release_s[queues.coming[part, after]]
        queue, is_guest = queues.queue[job], self._guests(row, job)
        if is_guest is not None:
            queue[is_guest] = 0
        several = after > coming + 1
        return np.concatenate([row, row[several]]), np.concatenate([queue, queue[several]])

    def _look(self, row: Ints, queue: Ints) -> None:
        """Let those look for a claim whom it may concern."""
        if not len(row):
            return
        is_only = np.bincount(row, minlength=len(self.now))[row] == 1
        only = np.count_nonzero(is_only)
        if only:
            row_, queue_ = row[is_only], queue[is_only]
            self._admit(row_, self.queues.touching[self.part[row_], queue_])
        if only < len(row):
            rows = np.unique(row[~is_only])
            self._admit(rows, np.broadcast_to(np.arange(self.queues.most), (len(rows), self.queues.most)))

    def _admit(self, rows: Ints, candidates: Ints) -> None:
        """Start whoever may among the heads of these queues, in the order of release; one job per row and round."""
        width, nobody = self.head.shape[1], len(self.order) - 1
        while len(rows):
            line = rows[:, None]
            at = line * width + candidates
            head = self.head.take(at)
            job = self.order[np.where(head < self.end.take(at), head, nobody)]
            may = self.release_s[job] <= self.now[line]
            for claim in self.claims:
                needed = claim.needed[self.part[line], candidates]
                may &= claim.free.take(line * claim.free.shape[1] + needed) > 0
            best = np.where(may, self.turn[job], nobody).argmin(axis=1)
            some = may[np.arange(len(rows)), best].nonzero()[0]
            rows, candidates, best = rows[some], candidates[some], best[some]
            if len(rows):
                self._start(rows, candidates[np.arange(len(rows)), best], job[some, best])

    def _start(self, row: Ints, queue: Ints, job: Ints) -> None:
        self.head[row, queue] += 1
        for claim in self.claims:
            claim.free[row, claim.needed[self.part[row], queue]] -= 1
        is_free = self.kind[row] == _FREE
        slot = is_free.argmax(axis=1)
        if not is_free[np.arange(len(row)), slot].all():
            self._widen()
            slot = (self.kind[row] == _FREE).argmax(axis=1)
        self.job[row, slot] = job
        self.volume_at[row, slot] = row * self.volume_load.shape[1] + self.queues.volume[job]
        self.server_at[row, slot] = row * self.server_load.shape[1] + self.queues.server[job]
        self._begin(row, slot, job, np.full(len(row), _BEFORE))

    def _begin(self, row: Ints, slot: Ints, job: Ints, phase: Ints) -> None:
        """Jobs begin a phase now."""
        self.times[phase * self.times_each + self.base[row] + job] = self.now[row]
        way = phase * self.ways_each + self.form[row] + job
        is_guest = self._guests(row, job)
        if is_guest is not None:
            way[is_guest] += len(_PHASES) * self.ways_each
        self.kind[row, slot] = phase
        self.slots[:, row, slot] = self.ways.take(way, axis=1)

    def _guests(self, row: Ints, job: Ints) -> Bools | None:
        """Who is at guest level in its plan; None where nobody is in any."""
        return self.plans[self.plan[row], job] if self.has_guests else None


def _ways(night: Night, has_guests: bool) -> Floats:
    """(4, levels * phases * scenarios * jobs): what a job has to do in a phase, and its pace: alone, by either load.

    In seconds of a fixed phase or GB of a transfer; what is over never ends.
    """
    law, volume, server = night.law, night.volume, night.server
    scan, on_volume, on_server = (
        np.broadcast_to(pace, (night.scenarios, pace.shape[-1]))[:, place]
        for pace, place in (
            (law.scan_s_per_gb, volume),
            (law.volume_contention_s_per_gb, volume),
            (law.server_contention_s_per_gb, server),
        )
    )
    levels = ((night.at_host, _HOST_WEIGHT), (night.at_guest, _GUEST_WEIGHT))[: 1 + has_guests]
    found = np.zeros((4, len(levels), len(_PHASES), night.scenarios, night.jobs))
    found[1] = 1.0
    for level, (form, weight) in enumerate(levels):
        found[0, level] = form.before_s, form.work_gb, form.after_s, np.full_like(form.work_gb, np.inf)
        # a load counts the job itself: its own share is taken off here, once
        found[1, level, _TRANSFER] = scan - weight / _HOST_WEIGHT * (on_volume + on_server)
        found[2, level, _TRANSFER] = on_volume / _HOST_WEIGHT
        found[3, level, _TRANSFER] = on_server / _HOST_WEIGHT
    return found.reshape(4, -1)
