"""From what happened in a job to the lines that DPM's services would have written about it.

Texts of the host's markers are those of dpm-formats.md 2.1, of the DPM server 2.2, of the online agent 1.7.
Source line numbers are those of DPM 2010 plus a shift per estate, for they vary by build.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple

from analytics.synth.estate import Volume
from analytics.synth.files.errlog import Line
from analytics.synth.job import HOST_EVENTS, Event, Job
from analytics.synth.knobs import Knobs

SOFTWARE_PROVIDER = "B5946137-7B9F-4925-AF80-51ABD60B20D5"
_HARDWARE_PROVIDER = "2F900F90-00E9-440E-873A-96CA5EB079E5"
_SourceText = Callable[[str, int], str]


class Marker(NamedTuple):
    """Where and how a moment is logged; `text` may use {detail} and {task_id}."""

    component: str
    source: str
    source_line: int
    level: str
    text: str
    has_object: bool = True


def _online(source_line: int, text: str) -> Marker:
    return Marker("71", "backupasync.cpp", source_line, "NORMAL", f"Backup Progress: {text}")


def _storage(source_line: int, text: str) -> Marker:
    return Marker("54", "storagemanager.cs", source_line, "NORMAL", text, has_object=False)


HOST_MARKERS = {
    "init": Marker(
        "31", "vsssnapshotrequestor.cpp", 170, "NORMAL", "CVssSnapshotRequestor::InitializeSnapshotCreation"
    ),
    "add_volume": Marker(
        "31",
        "vsssnapshotrequestor.cpp",
        390,
        "NORMAL",
        "CVssSnapshotRequestor: AddVolumeForSnapshot - Marked volume {detail} to be snapshot",
    ),
    "refusal": Marker(
        "31",
        "csvapi.cpp",
        400,
        "WARNING",
        "Failed: Hr: = [0x8007173d] : ClusterPrepareSharedVolumeForBackup for {detail} failed",
        has_object=False,
    ),
    "snapshot_failed": Marker(
        "31",
        "vsssnapshotrequestor.cpp",
        742,
        "WARNING",
        "Failed: Hr: = [0x800423f3] : CVssSnapshotRequestor: writer is in failed state",
    ),
    "provider_id": Marker(
        "31",
        "vsssnapshotrequestor.cpp",
        585,
        "NORMAL",
        "CVssSnapshotRequestor:: ProviderId:[{{"
        "{provider}}}], h/w provider:[{hardware}], volume:[\\\\?\\Volume{{{guid}}}\\]",
    ),
    "vhd_chain": Marker(
        "36", "hypervwriterhelperplugin.cpp", 960, "NORMAL", "VhdChain with ssBaseVhdOfVhdChain : {detail}"
    ),
    "begin_data_move": Marker(
        "05", "datasetfixupsubtaskbase.cpp", 227, "NORMAL", "CDatasetFixupSubTaskBase::BeginDataMove"
    ),
    "transfer_failed": Marker(
        "05",
        "datasetfixupsubtaskbase.cpp",
        318,
        "WARNING",
        "Failed: Hr: = [0x8007138f] : CDatasetFixupSubTaskBase: data move ended",
    ),
    "start_backup_complete": Marker(
        "31", "vsssnapshotrequestor.cpp", 1111, "NORMAL", "CVssSnapshotRequestor::StartBackupComplete"
    ),
    "release_snapshot": Marker(
        "05", "freesnapshotsubtask.cpp", 671, "NORMAL", "CFreeSnapshotSubTask: ReleaseSnapshot"
    ),
}

SERVER_MARKERS = {
    "mount_storage_begin": _storage(212, "==>MountStorage( {task_id} )"),
    "mount_storage_end": _storage(260, "MountStorage: storage mounted for {task_id} hr = 0x0"),
    "create_pit_begin": _storage(1480, "==>CreatePIT( {task_id} )"),
    "create_pit_end": _storage(1533, "<--CreatePIT"),
    "pit_size_begin": _storage(1610, "==>GetPITUniqueSize"),
    "pit_size_end": _storage(1640, "<--GetPITUniqueSize"),
    "unmount_storage_begin": _storage(301, "==>UnmountStorage( {task_id} )"),
    "unmount_storage_end": _storage(344, "UnmountStorage: storage unmounted for {task_id} hr = 0x0"),
}

ONLINE_MARKERS = {
    "prebackup_started": _online(1279, "Prebackup started."),
    "prebackup_finished": _online(1281, "Prebackup finished."),
    "adjust_started": _online(1284, "Start: Adjusting Job start time from snapshot time"),
    "adjust_finished": _online(1287, "End: Adjusting Job start time from snapshot time"),
    "initialize_storage_started": _online(1292, "Initialize Storage started."),
    "initialize_storage_finished": _online(1295, "Initialize Storage finished."),
    "data_transfer_started": _online(1299, "Data transfer started."),
    "data_transfer_finished": _online(1302, "Data transfer finished"),
    "integrity_storage_started": _online(1326, "Integrity Check Storage Initialize started."),
    "integrity_storage_finished": _online(1329, "Integrity Check Storage Initialize finished."),
    "integrity_check_started": _online(1332, "Integrity Check started."),
    "integrity_check_finished": _online(1334, "Integrity Check finsihed."),
    "online_succeeded": _online(1338, "Succeeded"),
    "online_failed": Marker(
        "71", "backupasync.cpp", 1184, "WARNING", "Failed: Hr: = [0x80780054] Backup Progress: Failed"
    ),
    "uninitialize_started": _online(1345, "UnInitialize Storage started."),
    "uninitialize_finished": _online(1347, "UnInitialize Storage finsihed."),
}

# The end of these names its task in the message only (fifth word); the task id field stays empty.
_TASK_IN_MESSAGE = frozenset({"mount_storage_end", "unmount_storage_end"})
_DROPPABLE = tuple(
    kind for marks in (HOST_MARKERS, ONLINE_MARKERS) for kind in marks if marks[kind].level == "NORMAL"
)


class Clocks:
    """True time to the time in the logs: the host's skew, and whole seconds where the form has no more."""

    def __init__(self, whole_host_seconds: bool) -> None:
        self._whole = whole_host_seconds

    def at_ms(self, job: Job, event: Event) -> int:
        """Milliseconds since 1970 as the log shows this event."""
        if event.kind not in HOST_EVENTS:
            return round(event.at_s * 1000)
        ms = round((event.at_s + job.vm.host.skew_at(event.at_s)) * 1000)
        return ms - ms % 1000 if self._whole else ms


def drop_markers(jobs: Iterable[Job], knobs: Knobs) -> None:
    """Choose the NORMAL markers that are missing; a kind is missing for the whole job."""
    for job in jobs:
        rng = Random(f"{knobs.seed}|drop|{job.task_id}")
        job.dropped = {kind for kind in _DROPPABLE if rng.random() < knobs.missing_marker_share}


def source_numbering(seed: int, build_2010: bool) -> _SourceText:
    """How source file and line are shown: as in DPM 2010, or shifted per file as another build would."""
    if build_2010:
        return lambda name, number: f"{name}({number})"
    shifts: dict[str, int] = {}

    def shifted(name: str, number: int) -> str:
        if name not in shifts:
            shifts[name] = Random(f"{seed}|build|{name}").randrange(0, 90)
        return f"{name}({number + shifts[name]})"

    return shifted


def marker_lines(
    job: Job, markers: dict[str, Marker], pid: str, tid: str, clocks: Clocks, source: _SourceText
) -> list[Line]:
    """The lines of one job for one service; each C++ source file has its own object."""
    objects: dict[str, str] = {}
    lines = []
    for event in job.events:
        if event.kind not in markers or event.kind in job.dropped:
            continue
        marker = markers[event.kind]
        if marker.has_object and marker.source not in objects:
            objects[marker.source] = pointer(job.rng)
        lines.append(
            Line(
                at_ms=clocks.at_ms(job, event),
                pid=pid,
                tid=tid,
                component=marker.component,
                source=source(marker.source, marker.source_line),
                object=objects[marker.source] if marker.has_object else "",
                task_id="" if event.kind in _TASK_IN_MESSAGE else job.task_id,
                level=marker.level,
                message=_message(job, event, marker),
            )
        )
    return lines


def pointer(rng: Random) -> str:
    """An object pointer as the logs show it."""
    return f"[{rng.randrange(0x1000, 0x3FFF_FFFF) * 16:016X}]"


def _message(job: Job, event: Event, marker: Marker) -> str:
    if event.kind == "provider_id":
        volume = next(volume for volume in job.vm.volumes if volume.path == event.detail)
        return marker.text.format(**_provider(volume))
    # Paths may hold braces: replace, do not format.
    return marker.text.replace("{task_id}", job.task_id).replace("{detail}", event.detail)


def _provider(volume: Volume) -> dict[str, str]:
    return {
        "provider": _HARDWARE_PROVIDER if volume.hardware else SOFTWARE_PROVIDER,
        "hardware": "65536" if volume.hardware else "0",
        "guid": volume.guid,
    }


def assign_threads(jobs: Iterable[Job], rng: Random, end_s: float) -> dict[str, str]:
    """Task id -> thread id; jobs at the same time run on different threads, running ones until `end_s`."""
    threads: dict[str, str] = {}
    idle: list[str] = []
    busy: list[tuple[float, str]] = []
    fresh = iter(rng.sample(range(0x100, 0x3FFF), 0x3FFF - 0x100))
    for job in sorted(jobs, key=lambda job: job.events[0].at_s):
        while busy and busy[0][0] < job.events[0].at_s:
            idle.append(heapq.heappop(busy)[1])
        reuse = len(idle) > rng.randrange(8)
        tid = idle.pop(rng.randrange(len(idle))) if reuse else f"{next(fresh) * 4:04X}"
        threads[job.task_id] = tid
        heapq.heappush(busy, (job.at_s("end") or end_s, tid))
    return threads
