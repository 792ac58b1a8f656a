"""Writes the event logs of a simulated estate as .evtx or XML, and the truth about every record."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from analytics.synth.estate import VM, Estate
from analytics.synth.events.estate import Machine, MachineLog, by_channel, event_logs
from analytics.synth.events.failures import Failure
from analytics.synth.events.kinds import APPLICATION, KINDS, SECURITY, SYSTEM, VHDMP_LOG
from analytics.synth.events.record import WinEvent
from analytics.synth.events.tale import OBSERVES, Happening, fqdn
from analytics.synth.files.errlog import write_bytes_at
from analytics.synth.files.events_xml import write_xml
from analytics.synth.files.evtx_writer import write_evtx
from analytics.synth.files.records import collection_json, iso_ms, to_csv
from analytics.synth.knobs import Knobs
from analytics.synth.simulate import Course

_EXPORTED = {"classic": (APPLICATION, SYSTEM, SECURITY), "few": (SECURITY, VHDMP_LOG)}
_WRITERS: dict[str, Callable[[Path, Iterable[WinEvent]], int]] = {"xml": write_xml, "evtx": write_evtx}


class _EventTruth(NamedTuple):
    """One record: `at` as its machine's clock shows it, `true_at` in true time, both UTC with microseconds.

    `boundary` is what it tells about its job and `relation` how: it `observes` the boundary, is an `upper_bound`
    (the boundary lies at or before it), a `lower_bound`, `near` it, or `explains` a failure. The relations hold
    for `true_at`: classic sources of older systems show whole seconds, cut off. Decoys have no job.
    """

    job_id: str
    host: str
    channel: str
    event_provider: str
    event_id: int
    record_id: int
    at: str
    boundary: str
    relation: str
    true_at: str
    vm: str
    origin: str


class _ClockTruth(NamedTuple):
    """A machine's clock shows true time + `offset_s`."""

    host: str
    role: str
    offset_s: float
    vm: str


def write_events(
    out: Path, truth: Path, knobs: Knobs, estate: Estate, course: Course, failures: dict[str, Failure]
) -> None:
    """Write each machine's logs to its folder, and event_truth.csv, clocks.csv and failures.csv to the truth."""
    rows: list[_EventTruth] = []
    clocks: list[_ClockTruth] = []
    for log in event_logs(knobs, estate, course, failures):
        machine = log.machine
        folder = out / machine.name
        if machine.vm:
            _write_collection(folder, machine, machine.vm, knobs, course.collected_s)
        rows += _write_machine(folder, log, knobs, course.collected_s)
        clocks.append(
            _ClockTruth(machine.name, machine.role, machine.offset_s, machine.vm.name if machine.vm else "")
        )
    truth.mkdir(parents=True, exist_ok=True)
    (truth / "event_truth.csv").write_bytes(to_csv(_EventTruth._fields, rows))
    (truth / "clocks.csv").write_bytes(to_csv(_ClockTruth._fields, clocks))
    (truth / "failures.csv").write_bytes(to_csv(Failure._fields, failures.values()))


def _file_name(channel: str, form: str) -> str:
    """The usual name of an exported log: `/` becomes `%4`."""
    return f"{channel.replace('/', '%4')}.{form}"


def _write_collection(folder: Path, machine: Machine, vm: VM, knobs: Knobs, at_s: float) -> None:
    """collection.json of a guest; it also names the VM, as the guest's registry knows it from its host."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.loads(collection_json(machine.name, machine.role, at_s, knobs).decode("utf-8-sig"))
    facts |= {"vm": vm.name, "vm_id": vm.vm_id.lower()}
    content = (json.dumps(facts, indent=2) + "\n").encode("utf-8-sig")
    write_bytes_at(folder / "collection.json", content, round(at_s * 1000))


def _write_machine(folder: Path, log: MachineLog, knobs: Knobs, collected_s: float) -> list[_EventTruth]:
    rows: list[_EventTruth] = []
    channels = by_channel(log.happenings, lambda key: KINDS[key].channel)
    for channel, happenings in sorted(channels.items()):
        if channel not in _EXPORTED.get(knobs.event_channels, channels):
            continue
        rng = Random(f"{knobs.seed}|records|{log.machine.name}|{channel}")
        numbered = enumerate(happenings, rng.randrange(1000, 90_000))
        pairs = [(each, _event(each, number, log.machine, rng)) for number, each in numbered]
        if knobs.event_log_records:  # the log has wrapped
            pairs = pairs[-knobs.event_log_records :]
        path = folder / _file_name(channel, knobs.events)
        _WRITERS[knobs.events](path, (event for _, event in pairs))
        os.utime(path, (collected_s, collected_s))
        rows += [_truth(happening, event, log.machine) for happening, event in pairs]
    return rows


def _shown_us(happening: Happening, machine: Machine) -> int:
    """When the machine's clock says it happened; moments of boundaries are whole milliseconds, as in the errlog."""
    at_s = happening.at_s + machine.offset_s
    if happening.relation == OBSERVES:
        return round(at_s * 1000) * 1000
    at_us = round(at_s * 1e6)
    whole = KINDS[happening.kind].whole_seconds and machine.era != "C"
    return at_us - at_us % 1_000_000 if whole else at_us


def _event(happening: Happening, record_id: int, machine: Machine, rng: Random) -> WinEvent:
    return WinEvent(
        kind=KINDS[happening.kind],
        at_us=_shown_us(happening, machine),
        record_id=record_id,
        computer=fqdn(machine.name),
        values=happening.values,
        binary=happening.binary,
        pid=happening.pid,
        tid=rng.randrange(2, 2000) * 4,
        # classic sources leave the user out
        user_sid=happening.user_sid if KINDS[happening.kind].provider.guid else "",
    )


def _truth(happening: Happening, event: WinEvent, machine: Machine) -> _EventTruth:
    true_us = round(happening.at_s * 1e6)
    if happening.relation == OBSERVES:
        true_us = event.at_us - round(machine.offset_s * 1e6)
    return _EventTruth(
        job_id=happening.job_id,
        host=machine.name,
        channel=event.kind.channel,
        event_provider=event.kind.provider.name,
        event_id=event.kind.event_id,
        record_id=event.record_id,
        at=_iso_us(event.at_us),
        boundary=happening.boundary,
        relation=happening.relation,
        true_at=_iso_us(true_us),
        vm=happening.vm,
        origin=happening.origin,
    )


def _iso_us(at_us: int) -> str:
    """ISO 8601 in UTC with microseconds and Z."""
    return f"{iso_ms(at_us // 1_000_000)[:20]}{at_us % 1_000_000:06d}Z"
