"""What really happened, for comparison with what an analysis finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from analytics.synth.files.records import failure_of, guest_computer, iso_ms, to_csv
from analytics.synth.job import Event, Job
from analytics.synth.nights import Slot
from analytics.synth.simulate import Course
from analytics.synth.trace import HOST_MARKERS, ONLINE_MARKERS, SERVER_MARKERS, Clocks

LOGGED = frozenset(HOST_MARKERS) | frozenset(ONLINE_MARKERS) | frozenset(SERVER_MARKERS)
IN_JOB_RECORD = frozenset({"start", "end"})
# These happen several times in a job or only sometimes: see `boundaries_of`.
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
        boundaries=tuple(b for job in course.jobs for b in boundaries_of(job, clocks, recorded)),
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


def boundaries_of(job: Job, clocks: Clocks, recorded: bool) -> Iterator[Boundary]:
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
    if event.kind in IN_JOB_RECORD:
        return recorded
    return event.kind in LOGGED and event.kind not in job.dropped


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
