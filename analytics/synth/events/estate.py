"""The event logs of all machines of a simulated estate: who logs what, in which file, and the truth about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.synth.estate import VM, Estate, Host
from analytics.synth.events.decoys import (
    Decoy,
    plan_guest,
    plan_host,
    quiet,
    tell_decoy,
    tell_mount_vhd,
    tell_noise,
    tell_tracking_lost,
    tell_vm_start,
)
from analytics.synth.events.failures import Failure, tell_guest_failure, tell_host_failure
from analytics.synth.events.guest import Tracing, tell_guest
from analytics.synth.events.host import Stage, tell_host
from analytics.synth.events.service import tell_server, tell_vss_service
from analytics.synth.events.tale import Happening, Numbering, Tale, computer_of
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs
from analytics.synth.machines import DPM_SERVER, HYPER_V_HOST
from analytics.synth.nights import window_s
from analytics.synth.simulate import Course

_GUEST = "guest"
_DAY_S = 86_400.0


class Machine(NamedTuple):
    """A machine with event logs; its clock shows true time + `offset_s`. `vm` is set for guests."""

    name: str
    role: str
    era: str
    offset_s: float
    vm: VM | None = None


class MachineLog(NamedTuple):
    """All that one machine logs, in the order of time."""

    machine: Machine
    happenings: list[Happening]


class _Scene(NamedTuple):
    """The simulated estate after its last night, as the stories need it."""

    knobs: Knobs
    course: Course
    failures: dict[str, Failure]
    windows: tuple[tuple[float, float], ...]
    offsets: dict[int, float]

    @property
    def tracing(self) -> Tracing:
        """What is switched on everywhere."""
        return Tracing(self.knobs.audit_8222, self.knobs.volsnap_analytic)

    def hosted(self, holds: Callable[[Job], bool]) -> list[Job]:
        """The jobs through a host for which this holds."""
        return [
            job for job in self.course.jobs
            if job.level == "host" and job.request.kind != "online" and holds(job)
        ]  # fmt: skip


def event_logs(
    knobs: Knobs, estate: Estate, course: Course, failures: dict[str, Failure]
) -> Iterator[MachineLog]:
    """The logs of all hosts, DPM servers and those guests whose logs were exported."""
    windows = tuple(window_s(knobs, night) for night in range(knobs.nights))
    scene = _Scene(knobs, course, failures, windows, _guest_offsets(estate.vms, knobs))
    host_era = "A" if knobs.era == "mixed" else knobs.era
    for server in estate.servers:
        machine = Machine(server.name, DPM_SERVER, host_era, 0.0)
        yield _log(machine, tell_server(server, knobs, course), scene)
    for host in estate.hosts:
        machine = Machine(host.name, HYPER_V_HOST, host_era, host.skew_s)
        yield _log(machine, _host_happenings(host, machine, estate, scene), scene)
    for vm in _exported_guests(estate.vms, knobs):
        machine = Machine(computer_of(vm), _GUEST, vm.era, scene.offsets[vm.index], vm)
        yield _log(machine, _guest_happenings(vm, machine, scene), scene)


def _guest_offsets(vms: Sequence[VM], knobs: Knobs) -> dict[int, float]:
    """The clock error of every guest, in whole milliseconds."""
    rng, most_s = Random(f"{knobs.seed}|guest clocks"), knobs.guest_clock_skew_s
    return {vm.index: round(rng.uniform(-most_s, most_s), 3) for vm in vms}


def _exported_guests(vms: Sequence[VM], knobs: Knobs) -> list[VM]:
    """The VMs backed up through their host whose guests' logs were exported."""
    hosted = [vm for vm in vms if vm.method in ("vss", "rct")]
    chosen = Random(f"{knobs.seed}|guest logs").sample(hosted, round(knobs.guest_events * len(hosted)))
    return sorted(chosen, key=lambda vm: vm.index)


def _log(machine: Machine, happenings: Iterable[Happening], scene: _Scene) -> MachineLog:
    begin_s, end_s = scene.windows[0][0] - _DAY_S / 2, scene.course.collected_s
    rng = Random(f"{scene.knobs.seed}|noise|{machine.name}")
    count = scene.knobs.event_noise * scene.knobs.nights
    noise = tell_noise(rng, count, (begin_s, end_s), machine.name, machine.era).happenings
    logged = [happening for happening in (*happenings, *noise) if happening.at_s <= end_s]
    return MachineLog(machine, sorted(logged, key=lambda happening: happening.at_s))


def _numbering(machine: Machine, moments: Iterable[tuple[float, str]], seed: int) -> Numbering:
    return Numbering(Random(f"{seed}|shadow copies|{machine.name}").randrange(1, 400), moments)


def _decoy_moments(decoys: list[Decoy]) -> list[tuple[float, str]]:
    return [(decoy.at_s, f"{decoy.key}|0") for decoy in decoys]


def _decoy(decoy: Decoy, machine: Machine, numbers: Numbering, scene: _Scene) -> Tale:
    seed = scene.knobs.seed
    return tell_decoy(decoy, machine.name, numbers, scene.tracing, machine.era, seed, machine.offset_s)


def _host_happenings(host: Host, machine: Machine, estate: Estate, scene: _Scene) -> list[Happening]:
    knobs, end_s = scene.knobs, scene.course.collected_s
    jobs = scene.hosted(lambda job: job.vm.host is host)
    vms = [vm for vm in estate.vms if vm.host is host and vm.method in ("vss", "rct")]
    decoys = plan_host(host.name, vms, jobs, scene.windows, knobs.seed, end_s) if knobs.event_noise else []
    moments = [
        (t2_s, f"{job.task_id}|{place}")
        for job in jobs
        if (t2_s := job.at_s("t2")) is not None
        for place in range(len(job.vm.volumes))
    ]
    numbers = _numbering(machine, moments + _decoy_moments(decoys), knobs.seed)
    tales = [_decoy(decoy, machine, numbers, scene) for decoy in decoys]
    for ordinal, job in enumerate(jobs):
        local_of = _local_clock(knobs, scene.offsets[job.vm.index])
        tales.append(tell_host(job, Stage(numbers, scene.tracing, knobs.seed, ordinal, local_of), end_s))
        failure = scene.failures.get(job.task_id)
        if failure:
            tales.append(tell_host_failure(job, failure, numbers, knobs.seed, machine.era))
        if job.vm.era == "C" and job.request.kind == "consistency_check":
            tales.append(tell_tracking_lost(job, Random(f"{knobs.seed}|tracking|{job.task_id}")))
    if knobs.event_noise:
        tales += _ordinary_mounts(host, vms, jobs, scene)
    return _with_vss_service(tales, machine, "init", knobs)


def _ordinary_mounts(host: Host, vms: list[VM], jobs: list[Job], scene: _Scene) -> Iterator[Tale]:
    """Each night one VM is started and one template is mounted by hand."""
    rng = Random(f"{scene.knobs.seed}|mounts|{host.name}")
    for begin_s, _ in scene.windows if vms else ():
        vm, at_s = rng.choice(vms), begin_s + rng.uniform(-4, 10) * 3600
        if quiet(at_s, (job for job in jobs if job.vm is vm), 300, scene.course.collected_s):
            yield tell_vm_start(vm, at_s, rng)
        yield tell_mount_vhd(rng.choice(vms), begin_s + rng.uniform(-4, 10) * 3600, rng)


def _guest_happenings(vm: VM, machine: Machine, scene: _Scene) -> list[Happening]:
    knobs, end_s = scene.knobs, scene.course.collected_s
    jobs = scene.hosted(lambda job: job.vm is vm)
    decoys = plan_guest(vm, jobs, scene.windows, knobs.seed, end_s) if knobs.event_noise else []
    moments = [
        (t1_s, f"{job.task_id}|{place}")
        for job in jobs
        if (t1_s := job.at_s("t1")) is not None
        for place in range(len(vm.backed_up))
    ]
    numbers = _numbering(machine, moments + _decoy_moments(decoys), knobs.seed)
    tales = [_decoy(decoy, machine, numbers, scene) for decoy in decoys]
    for job in jobs:
        tales.append(tell_guest(job, numbers, scene.tracing, knobs.seed))
        failure = scene.failures.get(job.task_id)
        if failure:
            tales.append(tell_guest_failure(job, failure, knobs.seed))
    return _with_vss_service(tales, machine, "t1", knobs)


def _with_vss_service(tales: list[Tale], machine: Machine, first: str, knobs: Knobs) -> list[Happening]:
    sessions = [session for tale in tales for session in tale.sessions]
    rng = Random(f"{knobs.seed}|vss|{machine.name}")
    language = "ja" if knobs.error_language == "ja" else "en"
    service = tell_vss_service(sessions, machine.era, language, first, rng)
    return [happening for tale in tales for happening in tale.happenings] + service


def _local_clock(knobs: Knobs, guest_offset_s: float) -> Callable[[float], int]:
    """True seconds -> microseconds of the guest's clock in local time, as CommitTime has it (windows-events.md 1)."""
    zone = ZoneInfo(knobs.site_time_zone)

    def local_us(at_s: float) -> int:
        shown_ms = round((at_s + guest_offset_s) * 1000)
        offset = datetime.fromtimestamp(shown_ms // 1000, UTC).astimezone(zone).utcoffset()
        return (shown_ms + round(offset.total_seconds() * 1000 if offset else 0)) * 1000

    return local_us


def by_channel(
    happenings: Iterable[Happening], channel_of: Callable[[str], str]
) -> dict[str, list[Happening]]:
    """The happenings of each channel, in the order of time."""
    channels: dict[str, list[Happening]] = defaultdict(list)
    for happening in happenings:
        channels[channel_of(happening.kind)].append(happening)
    return channels
