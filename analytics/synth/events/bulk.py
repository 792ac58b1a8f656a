"""Big event logs for benchmarks: a stream of ordinary records with those of backups among them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

from analytics.errors import UsageError
from analytics.synth.estate import new_guid
from analytics.synth.events.decoys import tell_noise
from analytics.synth.events.host import Mount, tell_mount, tell_unmount
from analytics.synth.events.kinds import KINDS
from analytics.synth.events.record import WinEvent
from analytics.synth.events.tale import DPMRA, Snapshot, Tale, Volume, fqdn, tell_audit
from analytics.synth.files.events_xml import write_xml
from analytics.synth.files.evtx_writer import write_evtx

_HOST, _FIRST_S, _STEP_S = "HV01", 1_738_587_600.0, 60.0
_NOISE_PER_BACKUP = 50
_FORMS = {"evtx": write_evtx, "xml": write_xml}


class WrittenEvents(NamedTuple):
    """What a big log holds: records, of these the ones of backups, and bytes on disk."""

    records: int
    of_backups: int
    size_bytes: int


def write_event_log(path: Path, size_bytes: int, form: str = "evtx", seed: int = 1) -> WrittenEvents:
    """Write a log of one host, at most that large and less by at most one chunk of 64 KiB (XML: one record).

    All channels stand in one file, as in forwarded events; about one record in six belongs to a backup. Times
    ascend, record ids are consecutive from 1. Raises `UsageError` for a form that is not `evtx` or `xml`.
    """
    if form not in _FORMS:
        raise UsageError(f"unknown form {form!r}", "write_event_log", ", ".join(_FORMS))
    records = _FORMS[form](path, _events(seed), size_bytes=size_bytes)
    of_backups = sum(_is_backup(number) for number in range(records))
    return WrittenEvents(records, of_backups, path.stat().st_size)


_BACKUP_RECORDS = 9  # 4904, 8222, 4905, then 12, 25, 1, 26, 2, 14


def _is_backup(number: int) -> bool:
    return number % (_BACKUP_RECORDS + _NOISE_PER_BACKUP) < _BACKUP_RECORDS


def _events(seed: int) -> Iterator[WinEvent]:
    rng, numbers = Random(seed), count(1)
    computer = fqdn(_HOST)
    for session in count():
        begin_s = _FIRST_S + session * _STEP_S
        noise = tell_noise(rng, _NOISE_PER_BACKUP, (begin_s + 30, begin_s + _STEP_S - 1), _HOST, "A")
        ordinary = [happening for happening in noise.happenings if not happening.kind.startswith("volsnap")]
        happenings = _backup(begin_s, session, rng).happenings + sorted(ordinary, key=lambda each: each.at_s)
        for happening in happenings:
            yield WinEvent(
                KINDS[happening.kind], round(happening.at_s * 1e6), next(numbers), computer, happening.values,
                happening.binary, happening.pid, rng.randrange(2, 2000) * 4, happening.user_sid,
            )  # fmt: skip


def _backup(begin_s: float, session: int, rng: Random) -> Tale:
    """A snapshot with its audit, and one disk that is mounted and taken away."""
    tale, shadow = Tale(), Snapshot(Volume(new_guid(rng).lower()), new_guid(rng).lower(), session)
    tell_audit(tale, begin_s, "", [shadow], fqdn(_HOST), DPMRA, audited=True)
    folder = f"{shadow.device}\\VM-{session % 997:03d}"
    mount = Mount(f"{folder}\\disk_0.vhd", 6 + session % 64, 0xFFFFB503_1D000040, 0xFFFFB503_00000000)
    tell_mount(tale, lambda share: begin_s + 1 + share * 20, mount)
    tell_unmount(tale, lambda share: begin_s + 1 + share * 20, mount)
    return tale
