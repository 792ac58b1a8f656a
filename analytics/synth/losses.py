"""What was not collected: nights without logs or job records, hosts and DPM servers that gave nothing.

The truth knows all of it: `lost.csv` names the jobs of which a record or a log is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from analytics.synth.estate import Estate, Host, Server
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs
from analytics.synth.machines import Log
from analytics.synth.nights import local_s, night_of

_NOON = "12:00"


class LostJob(NamedTuple):
    """A job of which the job record, the host's errlog or both were not collected."""

    job_id: str
    has_record: bool
    has_log: bool


class Losses:
    """What of an estate is not handed over."""

    def __init__(self, knobs: Knobs, estate: Estate) -> None:
        self._knobs = knobs
        middle = knobs.nights // 2
        self._dark = {night_of(knobs, middle + index) for index in range(knobs.dark_nights)}
        after = middle + knobs.dark_nights
        self._unrecorded = {night_of(knobs, after + index) for index in range(knobs.lost_record_nights)}
        self._hosts = _last(estate.hosts, knobs.silent_hosts)
        self._servers = _last(estate.servers, knobs.silent_servers)

    def is_silent(self, machine: Host | Server) -> bool:
        """Whether nothing of a machine was collected."""
        return self._is_silent(machine.name)

    def has_record(self, job: Job) -> bool:
        """Whether the job's record was collected."""
        if self._knobs.unrecorded_checks and job.request.kind == "consistency_check":
            return False
        if job.vm.host.server.name in self._servers:
            return False
        return job.request.night not in self._dark | self._unrecorded

    def recorded(self, jobs: Iterable[Job]) -> list[Job]:
        """The jobs whose records were collected."""
        return [job for job in jobs if self.has_record(job)]

    def kept(self, logs: Iterable[Log]) -> Iterator[Log]:
        """The logs that were collected, without the lines of the dark nights."""
        spans = [self._span_ms(night) for night in sorted(self._dark)]
        for log in logs:
            if self._is_silent(log.machine):
                continue
            lines = [line for line in log.lines if not any(a <= line.at_ms < b for a, b in spans)]
            yield log if len(lines) == len(log.lines) else log._replace(lines=lines)

    def _is_silent(self, name: str) -> bool:
        return name in self._hosts or name in self._servers

    def lost_jobs(self, jobs: Iterable[Job]) -> list[LostJob]:
        """The jobs of which something is missing."""
        found = [LostJob(job.task_id, self.has_record(job), self._has_log(job)) for job in jobs]
        return [job for job in found if not (job.has_record and job.has_log)]

    def _has_log(self, job: Job) -> bool:
        return job.vm.host.name not in self._hosts and job.request.night not in self._dark

    def _span_ms(self, night: date) -> tuple[int, int]:
        """From noon to noon at the site: all that belongs to a night."""
        index = (night - self._knobs.first_night).days
        return tuple(  # type: ignore[return-value]
            round(local_s(self._knobs, night_of(self._knobs, index + more), _NOON) * 1000) for more in (0, 1)
        )


def _last(machines: Sequence[Host] | Sequence[Server], count: int) -> frozenset[str]:
    return frozenset(machine.name for machine in machines[len(machines) - count :]) if count else frozenset()
