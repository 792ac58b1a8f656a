"""What really happened, for comparison with what an analysis finds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from analytics.synth.estate import VM, Estate, cluster_name
from analytics.synth.files.records import failure_of, guest_computer, iso_ms, to_csv
from analytics.synth.job import Event, Job
from analytics.synth.knobs import Knobs
from analytics.synth.losses import LostJob
from analytics.synth.nights import Slot, night_of
from analytics.synth.simulate import Course
from analytics.synth.trace import HOST_MARKERS, ONLINE_MARKERS, SERVER_MARKERS, Clocks

_LOGGED = frozenset(HOST_MARKERS) | frozenset(ONLINE_MARKERS) | frozenset(SERVER_MARKERS)
_IN_JOB_RECORD = frozenset({"start", "end"})
# These happen several times in a job or only sometimes: see `_boundaries_of`.
_SPECIAL = frozenset({"add_volume", "refusal", "claim_granted", "vhd_chain"})


class TruthJob(NamedTuple):
    """One job as it was; times are ISO 8601 in UTC on the DPM server's clock, missing ones empty."""

    job_id: str
    vm: str
    host: str
    volume: str
    volumes: str
    kind: str
    level: str
    tracking: str
    outcome: str
    failed_in: str
    created_at: str
    started_at: str
    ended_at: str
    vhd_bytes: int
    bytes_transferred: int | None
    claim_refusals: int
    provider_kind: str
    error_code: int | None
    hresult: str
    night: str
    attempt: int
    dpm_job_id: str
    dpm_server: str


class Boundary(NamedTuple):
    """One moment of a job on the clock that logs it; `written` = it stands in a log or in the job record."""

    job_id: str
    boundary: str
    at: str
    written: bool


class TruthSlot(NamedTuple):
    """One VM in one night: was a job expected, when was it due, and why was none started."""

    vm: str
    night: str
    expected: bool
    due_at: str
    reason: str


class _TruthMachine(NamedTuple):
    """One VM: its names (the current one last), where it is, its schedule, and why and when its backups end."""

    vm_id: str
    name: str
    former_name: str
    host: str
    cluster: str
    schedule: str
    changed_on: str
    last_night: str
    ends: str
    skipped_night: str


class Truth(NamedTuple):
    """All of it, and the folder it was written to as jobs.csv, boundaries.csv and slots.csv."""

    folder: Path
    jobs: tuple[TruthJob, ...]
    boundaries: tuple[Boundary, ...]
    slots: tuple[TruthSlot, ...]
    collected_at: str


def collect_truth(folder: Path, course: Course, clocks: Clocks, recorded: bool) -> Truth:
    """Gather the truth about a finished simulation; `recorded` = there are job records."""
    return Truth(
        folder=folder,
        jobs=tuple(_truth_job(job) for job in course.jobs),
        boundaries=tuple(b for job in course.jobs for b in _boundaries_of(job, clocks, recorded)),
        slots=tuple(_truth_slot(slot) for slot in course.slots),
        collected_at=iso_ms(course.collected_s),
    )


def write_truth(truth: Truth) -> None:
    """Write the truth as three CSV files."""
    truth.folder.mkdir(parents=True, exist_ok=True)
    tables: tuple[tuple[str, tuple[str, ...], Iterable[tuple[object, ...]]], ...] = (
        ("jobs.csv", TruthJob._fields, truth.jobs),
        ("boundaries.csv", Boundary._fields, truth.boundaries),
        ("slots.csv", TruthSlot._fields, truth.slots),
    )
    for name, columns, rows in tables:
        (truth.folder / name).write_bytes(to_csv(columns, rows))


def write_changes(
    folder: Path, knobs: Knobs, estate: Estate, course: Course, lost: Sequence[LostJob]
) -> None:
    """Write who the machines are, whose each job is, and what was lost of which job; where VMs left protection, a
    site file that says so.
    """
    machines = [_truth_machine(vm, knobs) for vm in estate.vms]
    (folder / "machines.csv").write_bytes(to_csv(_TruthMachine._fields, machines))
    (folder / "lost.csv").write_bytes(to_csv(LostJob._fields, lost))
    owners = [(job.task_id, job.vm.vm_id) for job in course.jobs]
    (folder / "job_machines.csv").write_bytes(to_csv(("job_id", "vm_id"), owners))
    left = [machine for machine in machines if machine.ends == "unprotected"]
    if left:
        ends = ", ".join(f"{json.dumps(each.name, ensure_ascii=False)} = {each.last_night}" for each in left)
        text = f"[vms]\nprotected_until = {{ {ends} }}\n"
        (folder / "site.toml").write_text(text, encoding="utf-8", newline="\n")


def _truth_machine(vm: VM, knobs: Knobs) -> _TruthMachine:
    life = vm.life

    def day(night: int | None) -> str:
        return "" if night is None else night_of(knobs, night).isoformat()

    return _TruthMachine(
        vm_id=vm.vm_id,
        name=vm.name,
        former_name=life.former_name,
        host=vm.host.name,
        cluster=cluster_name(vm.host.cluster),
        schedule="" if vm.method == "never" else life.schedule,
        changed_on=day(life.changed_on or None),
        last_night=day(life.last_night),
        ends=life.ends,
        skipped_night=day(life.skipped_night),
    )


def _boundaries_of(job: Job, clocks: Clocks, recorded: bool) -> Iterator[Boundary]:
    """The boundaries of contract.md 6 and the other logged moments, in the order of time."""
    chosen = {id(event) for event in (_last_added(job), granted_claim(job)) if event}
    seen: set[str] = set()
    for event in job.events:
        if event.kind in _SPECIAL and id(event) not in chosen:
            continue
        if event.kind in seen:
            continue
        seen.add(event.kind)
        yield Boundary(
            job.task_id,
            event.kind,
            iso_ms(clocks.at_ms(job, event) / 1000),
            _is_written(job, event, recorded),
        )


def _is_written(job: Job, event: Event, recorded: bool) -> bool:
    if event.kind in _IN_JOB_RECORD:
        return recorded
    return event.kind in _LOGGED and event.kind not in job.dropped


def _last_added(job: Job) -> Event | None:
    """The last volume added before the first refused claim; without refusals the last one."""
    refusal = next((i for i, event in enumerate(job.events) if event.kind == "refusal"), len(job.events))
    added = [event for event in job.events[:refusal] if event.kind == "add_volume"]
    return added[-1] if added else None


def granted_claim(job: Job) -> Event | None:
    """The grant of the last refused claim, else of the last claim; none if the job failed in the claim."""
    grants = [event for event in job.events if event.kind == "claim_granted"]
    if len(grants) < len(job.vm.volumes):
        return None
    return next((event for event in reversed(grants) if event.detail == "refused"), grants[-1])


def _truth_job(job: Job) -> TruthJob:
    vm, failure = job.vm, failure_of(job)
    on_host = job.level == "host" and job.request.kind != "online"
    return TruthJob(
        job_id=job.task_id,
        vm=vm.name,
        host=guest_computer(vm) if job.level == "guest" else vm.host.name,
        volume=vm.volumes[0].path if on_host else "",
        volumes="|".join(volume.path for volume in vm.volumes) if on_host else "",
        kind=job.request.kind,
        level=job.level,
        tracking=job.tracking,
        outcome=job.outcome,
        failed_in=job.failed_in if job.outcome != "running" else "",
        created_at=iso_ms(job.request.release_s),
        started_at=iso_ms(job.at_s("start")),
        ended_at=iso_ms(job.at_s("end")),
        vhd_bytes=vm.vhd_bytes(job.request.night_index),
        bytes_transferred=job.bytes_transferred,
        claim_refusals=job.refusals,
        provider_kind=("hardware" if vm.volumes[0].hardware else "software") if job.first("t2") else "",
        error_code=failure.code if failure else None,
        hresult=f"0x{failure.hresult:08X}" if failure else "",
        night=job.request.night.isoformat(),
        attempt=job.request.attempt if not job.request.endless else 0,
        dpm_job_id=job.dpm_job_id,
        dpm_server=vm.host.server.name,
    )


def _truth_slot(slot: Slot) -> TruthSlot:
    return TruthSlot(slot.vm.name, slot.night.isoformat(), slot.expected, iso_ms(slot.release_s), slot.reason)
