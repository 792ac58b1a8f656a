"""Which lines stand in which log of which machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from analytics.synth.estate import Estate
from analytics.synth.files.errlog import DAY_MS, Line
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs
from analytics.synth.noise import HOST_NOISE, ONLINE_NOISE, SERVER_NOISE, Chatter, Noise
from analytics.synth.simulate import Course
from analytics.synth.trace import (
    HOST_MARKERS,
    ONLINE_MARKERS,
    SERVER_MARKERS,
    Clocks,
    Marker,
    assign_threads,
    marker_lines,
    source_numbering,
)

DPM_SERVER = "dpm-server"
HYPER_V_HOST = "hyper-v-host"


class Log(NamedTuple):
    """One service's log on one machine, all lines in the order of time."""

    machine: str
    role: str
    service: str
    lines: list[Line]


class _Service(NamedTuple):
    name: str
    role: str
    markers: dict[str, Marker]
    noise: tuple[Noise, ...]


_AGENT = _Service("DPMRA", HYPER_V_HOST, HOST_MARKERS, HOST_NOISE)
_ENGINE = _Service("MSDPM", DPM_SERVER, SERVER_MARKERS, SERVER_NOISE)
_ONLINE = _Service("CBEngine", DPM_SERVER, ONLINE_MARKERS, ONLINE_NOISE)


def write_logs(knobs: Knobs, estate: Estate, course: Course, clocks: Clocks) -> Iterator[Log]:
    """The logs of all machines, one after the other."""
    source = source_numbering(knobs.seed, knobs.form == "findstr")
    for service, machine, jobs in _assignments(estate, course):
        rng = Random(f"{knobs.seed}|{machine}|{service.name}")
        chatter = Chatter(service.noise, source, knobs.continuation_share)
        lines = _lines(knobs, service, jobs, course.collected_s, clocks, chatter, rng)
        yield Log(machine, service.role, service.name, lines)


def _assignments(estate: Estate, course: Course) -> Iterator[tuple[_Service, str, list[Job]]]:
    on_host: dict[str, list[Job]] = defaultdict(list)
    on_server: dict[str, list[Job]] = defaultdict(list)
    for job in course.jobs:
        on_server[job.vm.host.server.name].append(job)
        if job.request.kind != "online" and job.level == "host":
            on_host[job.vm.host.name].append(job)
    for server in estate.servers:
        online = [job for job in on_server[server.name] if job.request.kind == "online"]
        yield _ENGINE, server.name, [job for job in on_server[server.name] if job.request.kind != "online"]
        if online:
            yield _ONLINE, server.name, online
    for host in estate.hosts:
        yield _AGENT, host.name, on_host[host.name]


def _lines(
    knobs: Knobs,
    service: _Service,
    jobs: list[Job],
    end_s: float,
    clocks: Clocks,
    chatter: Chatter,
    rng: Random,
) -> list[Line]:
    lines: list[Line] = []
    threads = assign_threads(jobs, rng, end_s)
    pids: dict[int, str] = {}
    for job in jobs:
        begin_ms, end_ms = round(job.events[0].at_s * 1000), round((job.at_s("end") or end_s) * 1000)
        week = begin_ms // (7 * DAY_MS)
        pid = pids.setdefault(
            week, f"{rng.randrange(0x80, 0x2FFF) * 4:04X}"
        )  # the service restarts now and then
        lines += marker_lines(job, service.markers, pid, threads[job.task_id], clocks, chatter.source)
        for _ in range(knobs.noise):
            at_ms = rng.randint(begin_ms, end_ms)
            if service is _AGENT:
                at_ms += round(job.vm.host.skew_at(at_ms / 1000) * 1000)
            lines.append(chatter.line(at_ms, pid, threads[job.task_id], job.task_id, rng))
    lines.sort(key=lambda line: line.at_ms)
    return lines
