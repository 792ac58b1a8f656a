"""Events that look like a backup of a VM and are none: VM starts, mounts by hand, other users of VSS, noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import NamedTuple

from analytics.synth.estate import VM, new_guid
from analytics.synth.events.guest import Tracing, applications_of, tell_freeze
from analytics.synth.events.host import Mount, handle_values, shadow_path, tell_mount, tell_unmount
from analytics.synth.events.tale import (
    DPMRA,
    EXPLAINS,
    UPPER,
    Numbering,
    Snapshot,
    Tale,
    Volume,
    fqdn,
    snapshots_of,
    tell_arrival,
    tell_audit,
    tell_flush,
    told,
)
from analytics.synth.files.records import iso_ms
from analytics.synth.job import Job

_HOUR_S = 3600.0
_WBENGINE = "C:\\Windows\\System32\\wbengine.exe"
_OTHER_AGENT = "C:\\Program Files\\Fabrikam Archive\\archiver.exe"
_NOT_SET_US = -11_644_473_600_000_000  # FILETIME 0


class Decoy(NamedTuple):
    """A planned session of another user of VSS; `key` numbers its shadow copy."""

    key: str
    kind: str
    at_s: float
    volume: Volume
    vm: VM | None = None


def quiet(at_s: float, jobs: Iterable[Job], margin_s: float, end_s: float) -> bool:
    """Whether none of these jobs is near that moment."""
    return all(
        not job.events[0].at_s - margin_s < at_s < (job.at_s("end") or end_s) + margin_s for job in jobs
    )


def _creating(at_s: float, jobs: Iterable[Job]) -> bool:
    """Whether one of these jobs is creating its snapshot then: VSS creates one set at a time on a machine."""
    return any(begin_s - 15 < at_s < end_s + 15 for begin_s, end_s in map(_creation, jobs))


def _creation(job: Job) -> tuple[float, float]:
    begin_s = job.at_s("claim_granted") or job.events[0].at_s
    end_s = job.at_s("provider_id") or job.at_s("snapshot_failed") or job.at_s("release_snapshot")
    return begin_s, end_s or begin_s + 120


def plan_host(
    name: str, vms: list[VM], jobs: list[Job], windows: Sequence[tuple[float, float]], seed: int, end_s: float
) -> list[Decoy]:
    """Once a night: Windows Server Backup, DPM's backup of the system volume, another product's backup of a VM."""
    rng = Random(f"{seed}|decoys|{name}")
    system, decoys = Volume(new_guid(rng).lower(), drive="C:"), []
    for night, (begin_s, _) in enumerate(windows):
        for kind in ("windows_backup", "dpm_system_volume", "foreign_backup"):
            at_s = begin_s + rng.uniform(-2, 12) * _HOUR_S
            vm = rng.choice(vms) if vms and kind == "foreign_backup" else None
            if _creating(at_s, jobs) or (kind == "foreign_backup" and vm is None):
                continue
            if vm and not quiet(at_s, (job for job in jobs if job.vm is vm), _HOUR_S, end_s):
                continue
            volume = Volume(vm.volumes[0].guid, vm.volumes[0].hardware) if vm else system
            decoys.append(Decoy(f"{kind}|{name}|{night}", kind, at_s, volume, vm))
    return decoys


def plan_guest(
    vm: VM, jobs: list[Job], windows: Sequence[tuple[float, float]], seed: int, end_s: float
) -> list[Decoy]:
    """Another product's snapshot inside of the guest in every second night, away from the VM's own jobs."""
    rng = Random(f"{seed}|guest decoys|{vm.index}")
    volume, decoys = Volume(new_guid(rng).lower(), drive="C:"), []
    for night, (begin_s, _) in enumerate(windows):
        at_s, wanted = begin_s + rng.uniform(-3, 12) * _HOUR_S, rng.random() < 0.5
        if wanted and quiet(at_s, jobs, 900, end_s):
            decoys.append(Decoy(f"guest_backup|{vm.index}|{night}", "guest_backup", at_s, volume, vm))
    return decoys


def tell_decoy(
    decoy: Decoy, computer: str, numbers: Numbering, tracing: Tracing, era: str, seed: int, offset_s: float
) -> Tale:
    """One session of another user of VSS; the machine's clock shows true time + `offset_s`."""
    tale, rng = Tale(origin=decoy.kind, vm=decoy.vm.name if decoy.vm else ""), Random(f"{seed}|{decoy.key}")
    snapshots = snapshots_of([decoy.volume], decoy.key, numbers, rng)
    image = {"windows_backup": _WBENGINE, "dpm_system_volume": DPMRA}.get(decoy.kind, _OTHER_AGENT)
    end_s = decoy.at_s + rng.uniform(120, 1800)
    tale.session(decoy.at_s - 4, end_s)
    if tracing.volsnap_analytic:
        tell_flush(tale, decoy.at_s, "", snapshots, 0.2)
    tell_audit(tale, decoy.at_s, "", snapshots, fqdn(computer), image, tracing.audit_8222)
    tell_arrival(tale, decoy.at_s, "", snapshots, era != "A")
    if decoy.kind == "windows_backup":
        _tell_windows_backup(tale, decoy, end_s, offset_s, rng)
    if decoy.kind == "foreign_backup" and decoy.vm and era == "A":
        _tell_foreign_mount(tale, decoy.vm, decoy.at_s + 1.5, snapshots[0], rng)
    if decoy.kind == "guest_backup" and decoy.vm:
        for application in applications_of(decoy.vm):
            tell_freeze(tale, application, decoy.at_s - 0.5, decoy.at_s + 0.4, rng)
    return tale


def _tell_windows_backup(tale: Tale, decoy: Decoy, end_s: float, offset_s: float, rng: Random) -> None:
    template = new_guid(rng).lower()
    tale.tell(decoy.at_s - 6, "backup_1", template, False)
    shown_us = [round((at_s + offset_s) * 1e6) for at_s in (decoy.at_s - 6, decoy.at_s - 4, decoy.at_s + 1.2)]
    prepared, written, done = (
        _times_list(at_s + offset_s) for at_s in (decoy.at_s + 1.3, decoy.at_s + 4, end_s - 2)
    )
    began_us, snapping_us, snapped_us = shown_us
    volumes = f'<VolumeInfo><VolumeInfoItem Name="C:" VolumeId="{decoy.volume.guid}"/></VolumeInfo>'
    facts = (
        template, 0, 0, "", 14, began_us, "\\\\backup01\\wsb", 1, volumes, snapping_us, snapped_us, prepared, written,
        written, done, snapped_us, snapped_us + 900_000, "", "", "", "", 12, "", "", *(_NOT_SET_US,) * 6, "", "",
        True, False, False, "", "", "", "", "", "", 0, "",
    )  # fmt: skip
    tale.tell(end_s - 1, "backup_14", *facts)
    tale.tell(end_s - 0.9, "backup_4", *facts)


def _tell_foreign_mount(tale: Tale, vm: VM, at_s: float, snapshot: Snapshot, rng: Random) -> None:
    mount = _mount(shadow_path(vm.backed_up[0], snapshot, 1), rng)
    tell_mount(tale, lambda share: at_s + share * 20, mount)
    tell_unmount(tale, lambda share: at_s + share * 20, mount)


def _times_list(at_s: float) -> str:
    return f'<TimesList><Time Time="{iso_ms(at_s)}" /></TimesList>'


def tell_mount_vhd(vm: VM, at_s: float, rng: Random) -> Tale:
    """Somebody mounts a template by hand (Mount-VHD) that lies on the volume of a VM."""
    tale = Tale(origin="mount_vhd")
    mount = _mount(f"{vm.volumes[0].path}Library\\template-2012r2.vhd", rng)
    tell_mount(tale, lambda share: at_s + share * 20, mount)
    tell_unmount(tale, lambda share: at_s + share * 20, mount)
    return tale


def _mount(path: str, rng: Random) -> Mount:
    pointers = [0xFFFFA100_00000000 + rng.randrange(1 << 28) * 16 for _ in range(2)]
    return Mount(path, 90 + rng.randrange(30), pointers[0], pointers[1])


def tell_vm_start(vm: VM, at_s: float, rng: Random) -> Tale:
    """An ordinary VM is turned on: its disks are attached by their own paths."""
    tale = Tale(origin="vm_start", vm=vm.name)
    for place, disk in enumerate(vm.backed_up):
        mount = _mount(disk.path, rng)
        attached_s = at_s + place * 0.05
        tale.tell(attached_s, "vhdmp_12", *handle_values(mount, vm.vm_id.lower(), read_only=False))
        tale.tell(attached_s + 0.01, "vhdmp_25", mount.path, mount.virtual_disk)
        tale.tell(attached_s + 0.02, "vhdmp_1" if vm.era == "A" else "vhdmp_17", *mount.surfaced)
    tale.tell(at_s + 1.5, "worker_18500", vm.name, vm.vm_id.upper())
    return tale


def tell_tracking_lost(job: Job, rng: Random) -> Tale:
    """Change tracking of a VM's disk breaks some time before the consistency check that repairs it (era C)."""
    tale, disk = Tale(job, origin="tracking"), job.vm.backed_up[0]
    at_s, said = job.events[0].at_s - rng.uniform(600, 3000), told("start", EXPLAINS)
    log, pointer = f"{disk.path}.mrt", 0xFFFFA200_00000000 + rng.randrange(1 << 28) * 16
    which = rng.randrange(4)
    if which == 0:
        tale.tell(at_s, "vhdmp_8", disk.path, 3, **said)
    elif which == 1:
        tale.tell(at_s, "vhdmp_9", disk.path, **said)
    elif which == 2:
        tale.tell(at_s, "vhdmp_10", disk.path, 0xC000007F, **said)
        tale.tell(at_s + 0.1, "vhdmp_210", pointer, log, 0xC000007F, **said)
    else:
        times = (133_000_000_000_000_000, 132_999_990_000_000_000)
        tale.tell(at_s, "vhdmp_214", log, disk.path, 0, *times, **said)
    end_s = job.at_s("end")
    if end_s is not None:
        tale.tell(end_s + 1.5, "vhdmp_208", disk.path, pointer, log, **told("end", UPPER))
    return tale


def tell_noise(rng: Random, count: int, span: tuple[float, float], computer: str, era: str) -> Tale:
    """Ordinary entries of System, Application and Security that have nothing to do with backups."""
    tale = Tale(origin="noise")
    for _ in range(count):
        at_s = rng.uniform(*span)
        rng.choice(_NOISE)(tale, at_s, computer, rng)
        if rng.random() < 0.2:
            _tell_limit(tale, at_s, era, rng)
    return tale


def _service_noise(tale: Tale, at_s: float, _: str, rng: Random) -> None:
    service, short = rng.choice((
        ("Windows Update", "wuauserv"), ("WinHTTP Web Proxy Auto-Discovery Service", "WinHttpAutoProxySvc"),
        ("Software Protection", "sppsvc"), ("Windows Modules Installer", "TrustedInstaller"),
    ))  # fmt: skip
    state = rng.choice(((4, "running"), (1, "stopped")))
    tale.tell(
        at_s, "scm_7036", service, state[1], binary=f"{short}/{state[0]}\0".encode("utf-16-le"), user_sid=""
    )


def _licence_noise(tale: Tale, at_s: float, _: str, rng: Random) -> None:
    tale.tell(at_s, "spp_16384", f"2125-{rng.randrange(1, 13):02d}-11T03:00:00Z", "RulesEngine", binary=b"")


def _logoff_noise(tale: Tale, at_s: float, computer: str, rng: Random) -> None:
    tale.tell(
        at_s, "security_4634", "S-1-5-21-1004336348-1177238915-682003330-1106", f"{computer}$",
        rng.randrange(1 << 20, 1 << 30), 3, user_sid="",
    )  # fmt: skip


def _tell_limit(tale: Tale, at_s: float, era: str, rng: Random) -> None:
    """The oldest shadow copy of a volume is deleted: the shape differs from Windows Server 2016 on."""
    device = f"\\Device\\HarddiskVolumeShadowCopy{rng.randrange(1, 60)}"
    if era == "C":
        tale.tell(at_s, "volsnap_named_33", device, "D:", 0, 25, 1, 1040, binary=b"")
    else:
        tale.tell(at_s, "volsnap_33", device, "D:", binary=b"")


_NOISE: tuple[Callable[[Tale, float, str, Random], None], ...] = (
    _service_noise,
    _licence_noise,
    _logoff_noise,
)
