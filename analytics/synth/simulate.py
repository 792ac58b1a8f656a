"""Runs an estate through its nights: admission per host and volume, the life of every job, reruns."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date

from analytics.synth.engine import Engine, Process
from analytics.synth.estate import Estate
from analytics.synth.job import Job, Request, draw_job
from analytics.synth.knobs import Knobs
from analytics.synth.life import Site, life_of
from analytics.synth.nights import (
    HOUR_S,
    Slot,
    collected_s,
    endless_requests,
    nightly_requests,
    plan_slots,
    window_s,
)

_RERUN_DELAY_S = HOUR_S  # AutoRerunDelay of the DPM server: 60 minutes


@dataclass(frozen=True)
class Course:
    """What came of it: the jobs that were started, in the order of their start, and every VM's slots."""

    jobs: tuple[Job, ...]
    slots: tuple[Slot, ...]
    collected_s: float


def simulate(knobs: Knobs, estate: Estate) -> Course:
    """Run all nights up to the collection of the logs."""
    slots = plan_slots(knobs, estate)
    end_s = collected_s(knobs)
    dispatcher = _Dispatcher(knobs, Engine(window_s(knobs, 0)[0] - HOUR_S))
    for request in (*nightly_requests(knobs, slots), *endless_requests(knobs, estate)):
        dispatcher.expect(request)
    dispatcher.engine.run(end_s)
    started = {
        (job.vm.index, job.request.night) for job in dispatcher.started if job.request.kind != "online"
    }
    return Course(tuple(dispatcher.started), tuple(_as_it_went(slot, started) for slot in slots), end_s)


def _as_it_went(slot: Slot, started: set[tuple[int, date]]) -> Slot:
    if slot.reason or (slot.vm.index, slot.night) in started:
        return slot
    return slot._replace(reason="not started")


class _Dispatcher:
    """DPM's side: queues jobs, keeps to the slots of a host and, mostly, to one job per claimed volume."""

    def __init__(self, knobs: Knobs, engine: Engine) -> None:
        self.knobs, self.engine = knobs, engine
        self.started: list[Job] = []
        self._site = Site(knobs, engine)
        self._waiting: dict[int, list[Job]] = defaultdict(list)
        self._on_host: Counter[str] = Counter()
        self._on_volume: Counter[str] = Counter()
        self._busy: set[tuple[int, bool]] = set()

    def expect(self, request: Request) -> None:
        """Queue a job at the time at which it is due."""
        self.engine.spawn(self._arrive(request), request.release_s)

    def _arrive(self, request: Request) -> Process:
        knobs = self.knobs
        shares = (knobs.failure_share, knobs.warning_share, knobs.collision_share)
        job = draw_job(request, knobs.seed, shares)
        self._waiting[job.vm.host.cluster].append(job)
        self._admit(job.vm.host.cluster)
        yield from ()  # a process is a generator

    def _admit(self, cluster: int) -> None:
        waiting = self._waiting[cluster]
        for job in list(waiting):
            if self._may_start(job):
                waiting.remove(job)
                self._occupy(job, 1)
                self.started.append(job)
                self.engine.spawn(self._run(job), self.engine.now_s)

    def _may_start(self, job: Job) -> bool:
        if _busy_key(job) in self._busy:
            return False
        if not _uses_host(job):
            return True
        if self._on_host[job.vm.host.name] >= self.knobs.slots_per_host:
            return False
        return job.may_collide or not any(self._on_volume[v.path] for v in job.vm.volumes if not v.hardware)

    def _occupy(self, job: Job, step: int) -> None:
        (self._busy.add if step > 0 else self._busy.discard)(_busy_key(job))
        if _uses_host(job):
            self._on_host[job.vm.host.name] += step
            for volume in job.vm.volumes:
                self._on_volume[volume.path] += step

    def _run(self, job: Job) -> Process:
        yield from life_of(job, self._site)
        self._occupy(job, -1)
        request = job.request
        if job.failed_in in ("claim", "snapshot") and request.attempt < self.knobs.reruns:
            release_s = self.engine.now_s + _RERUN_DELAY_S
            self.expect(replace(request, release_s=release_s, attempt=request.attempt + 1))
        self._admit(job.vm.host.cluster)


def _uses_host(job: Job) -> bool:
    return job.request.kind != "online" and job.level == "host"


def _busy_key(job: Job) -> tuple[int, bool]:
    # DPM runs one backup of a data source to disk at a time, and one to the vault.
    return job.vm.index, job.request.kind == "online"
