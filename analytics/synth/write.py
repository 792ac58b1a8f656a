"""Writes a whole simulated estate: one folder per machine, and the truth beside it."""

from __future__ import annotations

from pathlib import Path

from analytics.errors import ConfigurationError
from analytics.synth.changes import with_changes
from analytics.synth.estate import Estate, Host, build_estate
from analytics.synth.events.failures import draw_failures
from analytics.synth.events.write import write_events
from analytics.synth.files.copies import copy_crash, copy_earlier, crash_ms, with_crash_line
from analytics.synth.files.errlog import (
    ENCODING_OF,
    RENDER,
    Piece,
    piece_names,
    rotate,
    with_findstr,
    write_bytes_at,
)
from analytics.synth.files.exports import EXPORTS
from analytics.synth.files.records import (
    VM_COLUMNS,
    collection_json,
    to_csv,
    vm_rows,
)
from analytics.synth.knobs import Knobs
from analytics.synth.losses import Losses
from analytics.synth.machines import DPM_SERVER, HYPER_V_HOST, Log, write_logs
from analytics.synth.nights import HOUR_S, night_of, window_s, with_clock_jump
from analytics.synth.simulate import Course, simulate
from analytics.synth.trace import HOST_MARKERS, Clocks, drop_markers
from analytics.synth.truth import Truth, collect_truth, write_changes, write_truth


def write_estate(out: Path, knobs: Knobs, estate: Estate | None = None) -> Truth:
    """Simulate an estate, that of the knobs unless another is given, and write its logs, job records and truth.

    `out` gets one folder per machine; the truth goes to the sibling folder `out` + ".truth". Logs are in UTC.
    Formats: dpm-formats.md 1 to 3, contract.md 3. Raises `ConfigurationError` where `out` holds files already
    (an older estate would mix with the new one) and `OSError` where it cannot write.
    """
    _demand_empty(out)
    estate = estate or with_clock_jump(knobs, with_changes(knobs, build_estate(knobs)))
    course = simulate(knobs, estate)
    losses = Losses(knobs, estate)
    failures = draw_failures(course.jobs, knobs.seed) if knobs.events != "none" else {}
    drop_markers(course.jobs, knobs)
    clocks = Clocks(whole_host_seconds=knobs.form == "findstr")
    _write_tables(out, knobs, estate, course, losses)
    for log in losses.kept(write_logs(knobs, estate, course, clocks)):
        _write_log(out / log.machine, knobs, course, log)
    truth = collect_truth(out.with_name(out.name + ".truth"), course, clocks, knobs.job_records != "none")
    write_truth(truth)
    if knobs.has_changes:
        write_changes(truth.folder, knobs, estate, course, losses.lost_jobs(course.jobs))
    if knobs.events != "none":
        write_events(out, truth.folder, knobs, estate, course, failures)
    return truth


def _demand_empty(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigurationError("the folder for the estate is not empty", str(out), "a new or empty folder")


def _write_tables(out: Path, knobs: Knobs, estate: Estate, course: Course, losses: Losses) -> None:
    at_ms = round(course.collected_s * 1000)
    for server in estate.servers:
        if losses.is_silent(server):
            continue
        jobs = losses.recorded(job for job in course.jobs if job.vm.host.server is server)
        folder = _machine_folder(out, server.name, DPM_SERVER, knobs, course.collected_s)
        for export in EXPORTS[knobs.job_records]:
            write_bytes_at(folder / export.name, export.content(jobs, knobs), at_ms)
    for host in estate.hosts:
        if losses.is_silent(host):
            continue
        folder = _machine_folder(out, host.name, HYPER_V_HOST, knobs, course.collected_s)
        _write_inventory(folder, host, estate, knobs.nights - 1, at_ms)
        if any(vm.life.changed_on for vm in estate.vms if vm.host is host):
            write_earlier_inventory(out, host, knobs, estate)


def _write_inventory(folder: Path, host: Host, estate: Estate, night: int, at_ms: int) -> None:
    held = [vm.as_of(night) for vm in estate.vms if vm.host is host]
    rows = (row for vm in held for row in vm_rows(vm, night))
    write_bytes_at(folder / "vms.csv", to_csv(VM_COLUMNS, rows), at_ms)


def write_earlier_inventory(out: Path, host: Host, knobs: Knobs, estate: Estate, night: int = 0) -> None:
    """The VMs of a host on an earlier night; on the first none was renamed or moved yet."""
    at_s = window_s(knobs, night)[0] - HOUR_S
    below = f"inventory-{night_of(knobs, night)}"
    folder = _machine_folder(out, host.name, HYPER_V_HOST, knobs, at_s, below)
    _write_inventory(folder, host, estate, night, round(at_s * 1000))


def _machine_folder(out: Path, name: str, role: str, knobs: Knobs, at_s: float, below: str = "") -> Path:
    folder = out / name / below if below else out / name
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes_at(folder / "collection.json", collection_json(name, role, at_s, knobs), round(at_s * 1000))
    return folder


def _write_log(folder: Path, knobs: Knobs, course: Course, log: Log) -> None:
    if knobs.form == "findstr" and log.role == HYPER_V_HOST:
        _write_findstr(folder, knobs, course, log)
        return
    encoding = ENCODING_OF[knobs.encoding]
    crashed_ms = (
        crash_ms(knobs) if knobs.crash and log.service == "MSDPM" and log.machine == "DPM01" else None
    )
    lines = log.lines if crashed_ms is None else with_crash_line(log.lines, crashed_ms)
    render = RENDER["raw" if knobs.form == "findstr" else knobs.form]
    pieces = rotate(lines, render, encoding.codec, knobs.rotate_bytes)
    for name, piece in zip(piece_names(log.service, len(pieces)), pieces, strict=True):
        write_bytes_at(folder / name, encoding.mark + piece.body(), _mtime_ms(piece, course))
    if crashed_ms is not None:
        copy_crash(folder, log.service, lines, crashed_ms, render, knobs)
    if knobs.duplicate_files:
        copy_earlier(folder, log, pieces, knobs)


def _mtime_ms(piece: Piece, course: Course) -> int:
    return piece.last_ms or round(course.collected_s * 1000)


def _write_findstr(folder: Path, knobs: Knobs, course: Course, log: Log) -> None:
    """The lines that KB 2549533's findstr would find, as pasted from Excel."""
    sources = {marker.source for marker in HOST_MARKERS.values()}
    label = f"{log.machine}-{log.service}Curr.errlog"
    kept = [line for line in log.lines if line.source.partition("(")[0] in sources]
    encoding = ENCODING_OF[knobs.encoding]
    body = "".join(with_findstr(line, label) + "\r\n" for line in kept).encode(encoding.codec)
    write_bytes_at(
        folder / f"{log.service}_findstr.txt", encoding.mark + body, round(course.collected_s * 1000)
    )
