"""What happens on a machine as its event logs see it: the material that the era's stories are told with."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple, TypedDict

from analytics.synth.estate import DOMAIN, VM, new_guid
from analytics.synth.files.records import guest_computer
from analytics.synth.job import Job

_SYSTEM_SID, _SYSTEM_USER = "S-1-5-18", "NT AUTHORITY\\SYSTEM"
_SOFTWARE_PROVIDER, _HARDWARE_PROVIDER = (
    "{b5946137-7b9f-4925-af80-51abd60b20d5}",
    "{2f900f90-00e9-440e-873a-96ca5eb079e5}",
)
OBSERVES, UPPER, LOWER, _NEAR, EXPLAINS = "observes", "upper_bound", "lower_bound", "near", "explains"
DPMRA = "C:\\Program Files\\Microsoft Data Protection Manager\\DPM\\bin\\DPMRA.exe"
GUEST_REQUESTER = {"A": "C:\\Windows\\System32\\vmicsvc.exe"}
LATER_GUEST_REQUESTER = "C:\\Windows\\System32\\svchost.exe"


class Happening(NamedTuple):
    """One event before it has a record id; `at_s` is true time in seconds since 1970.

    `boundary` and `relation` say what it tells about its job: the boundary lies at it (`observes`), before it
    (`upper_bound`), after it (`lower_bound`), `near` it, or it `explains` a failure. A decoy has no job.
    """

    at_s: float
    kind: str
    values: tuple[object, ...]
    job_id: str = ""
    vm: str = ""
    boundary: str = ""
    relation: str = ""
    origin: str = "job"
    binary: bytes | None = None
    pid: int = 4
    user_sid: str = _SYSTEM_SID


class _Told(TypedDict):
    """What an event tells about its job, as arguments of `Tale.tell`."""

    boundary: str
    relation: str


def told(boundary: str, relation: str) -> _Told:
    """The same, made of its two words."""
    return {"boundary": boundary, "relation": relation}


class Session(NamedTuple):
    """A time in which VSS is at work on a machine; `last` names the boundary at its end."""

    begin_s: float
    end_s: float
    job_id: str = ""
    vm: str = ""
    last: str = ""


class Volume(NamedTuple):
    """A volume in a snapshot set, by its GUID; `hardware`: a hardware provider serves it."""

    guid: str
    hardware: bool = False
    drive: str = "??"

    @property
    def name(self) -> str:
        """The volume's GUID path."""
        return f"\\\\?\\Volume{{{self.guid}}}\\"


class Snapshot(NamedTuple):
    """A shadow copy: its ids and its device."""

    volume: Volume
    shadow_id: str
    number: int

    @property
    def device(self) -> str:
        """Device name; a hardware snapshot is an ordinary volume on an imported LUN."""
        kind = "HarddiskVolume" if self.volume.hardware else "HarddiskVolumeShadowCopy"
        return f"\\Device\\{kind}{self.number}"


class Tale:
    """Collects the happenings of one job, or of one decoy, on one machine."""

    def __init__(self, job: Job | None = None, origin: str = "job", vm: str = "") -> None:
        self._job_id = job.task_id if job else ""
        self._vm = job.vm.name if job else vm
        self._origin = origin
        self.happenings: list[Happening] = []
        self.sessions: list[Session] = []

    def tell(
        self,
        at_s: float,
        kind: str,
        *values: object,
        boundary: str = "",
        relation: str = "",
        binary: bytes | None = None,
        pid: int = 4,
        user_sid: str = _SYSTEM_SID,
    ) -> None:
        """Add one event."""
        job = self._job_id
        self.happenings.append(
            Happening(
                at_s, kind, values, job, self._vm, boundary if job else "", relation if job else "", self._origin,
                binary, pid, user_sid,
            )
        )  # fmt: skip

    def session(self, begin_s: float, end_s: float, last: str = "") -> None:
        """Note that VSS was at work."""
        self.sessions.append(Session(begin_s, end_s, self._job_id, self._vm, last))


class Numbering:
    """Numbers of shadow copies on one machine: they rise with the time of the snapshot."""

    def __init__(self, first: int, snapshots: Iterable[tuple[float, str]]) -> None:
        self._numbers = {key: first + place for place, (_, key) in enumerate(sorted(snapshots))}

    def of(self, key: str) -> int:
        """The number of the shadow copy with this key."""
        return self._numbers[key]


def computer_of(vm: VM) -> str:
    """The computer name in the guest: the VM's name where Windows allows it."""
    plain = all(character.isascii() and (character.isalnum() or character == "-") for character in vm.name)
    return guest_computer(vm) if plain and len(vm.name) <= 15 else f"VM-{vm.index + 1:03d}"


def fqdn(computer: str) -> str:
    """The name in the events' Computer field."""
    return f"{computer}.{DOMAIN}"


def host_volumes(job_vm: VM) -> list[Volume]:
    """The volumes of a VM on its host."""
    return [Volume(volume.guid, volume.hardware) for volume in job_vm.volumes]


def guest_volumes(vm: VM, seed: int) -> list[Volume]:
    """The volumes inside the guest, one per disk in the backup."""
    rng = Random(f"{seed}|guest volumes|{vm.index}")
    return [Volume(new_guid(rng).lower(), drive=f"{chr(67 + i)}:") for i in range(len(vm.backed_up))]


def snapshots_of(volumes: list[Volume], key: str, numbers: Numbering, rng: Random) -> list[Snapshot]:
    """The shadow copies of a snapshot set."""
    return [
        Snapshot(volume, new_guid(rng).lower(), numbers.of(f"{key}|{i}")) for i, volume in enumerate(volumes)
    ]


def tell_audit(
    tale: Tale,
    at_s: float,
    boundary: str,
    snapshots: list[Snapshot],
    computer: str,
    image: str,
    audited: bool,
) -> None:
    """VSSVC registers its audit source, writes 8222 per shadow copy if that is audited, unregisters.

    The pair 4904 and 4905 has adjacent record ids where no 8222 stands between (windows-events.md 0.2).
    """
    rng = Random(f"audit|{snapshots[0].shadow_id}")
    vssvc, pid = rng.randrange(200, 3000) * 4, rng.randrange(200, 3000) * 4
    source = (
        _SYSTEM_SID, computer.partition(".")[0] + "$", "CONTOSO", 0x3E7, "VSSAudit", rng.randrange(1 << 20, 1 << 28),
        vssvc, "C:\\Windows\\System32\\VSSVC.exe",
    )  # fmt: skip
    tell = tale.tell
    tell(at_s, "security_4904", *source, boundary=boundary, relation=OBSERVES, user_sid="")
    set_id = "{" + new_guid(rng).lower() + "}"
    for snapshot in snapshots if audited else ():
        hardware = snapshot.volume.hardware
        facts = (
            _SYSTEM_SID, _SYSTEM_USER, f"0x{pid:x}", image, set_id, f"{{{snapshot.shadow_id}}}",
            _HARDWARE_PROVIDER if hardware else _SOFTWARE_PROVIDER, computer, snapshot.volume.name,
            f"\\\\?\\GLOBALROOT{snapshot.device}",
        )  # fmt: skip
        tell(at_s, "vssaudit_8222", *facts, boundary=boundary, relation=OBSERVES, pid=vssvc, user_sid="")
        if hardware:
            tell(
                at_s + 0.12,
                "vssaudit_8223",
                *facts,
                boundary=boundary,
                relation=UPPER,
                pid=vssvc,
                user_sid="",
            )
    tell(at_s + 0.001, "security_4905", *source, boundary=boundary, relation=UPPER, user_sid="")


def tell_flush(tale: Tale, at_s: float, boundary: str, snapshots: list[Snapshot], before_s: float) -> None:
    """The driver's analytic trace around a commit: flush and hold begins, commit ends, writes go on.

    `before_s` is the room before the commit; the order is that of windows-events.md 2.1 and 3.
    """
    for snapshot in snapshots:
        if snapshot.volume.hardware:  # volsnap takes no part in it
            continue
        _trace(tale, at_s - before_s * 0.9, 1000, snapshot, boundary, LOWER)
        _trace(tale, at_s - before_s * 0.6, 1001, snapshot, boundary, LOWER)
        _trace(tale, at_s - before_s * 0.3, 1024, snapshot, boundary, LOWER)
        _trace(tale, at_s - before_s * 0.05, 1006, snapshot, boundary, LOWER)
        _trace(tale, at_s, 1007, snapshot, boundary, OBSERVES)
        for number, later_s in ((1025, 0.002), (1030, 0.003), (1031, 0.004), (1008, 0.005), (1009, 0.008)):
            _trace(tale, at_s + later_s, number, snapshot, boundary, UPPER)


def tell_deletion(tale: Tale, at_s: float, boundary: str, snapshots: list[Snapshot]) -> None:
    """The driver deletes its shadow copies."""
    for snapshot in snapshots:
        if not snapshot.volume.hardware:
            _trace(tale, at_s + 0.01, 1018, snapshot, boundary, UPPER)
            _trace(tale, at_s + 0.06, 1019, snapshot, boundary, UPPER)


def tell_revert(tale: Tale, begin_s: float, end_s: float, volume: Volume, shadow_id: str) -> None:
    """The driver reverts the mounted disk's volume to the snapshot that was taken in the guest."""
    inner = Snapshot(volume, shadow_id, 0)
    _trace(tale, begin_s, 1020, inner, "t2", UPPER)
    _trace(tale, end_s, 1021, inner, "provider_id", LOWER)


def _trace(tale: Tale, at_s: float, number: int, snapshot: Snapshot, boundary: str, relation: str) -> None:
    name = snapshot.volume.name
    status = (0,) if number % 2 else ()
    place = (0x2, 11_000 + number, number)
    tale.tell(
        at_s, f"analytic_{number}", 0, "", len(name), name, snapshot.volume.guid, snapshot.shadow_id, *status, *place,
        boundary=boundary, relation=relation,
    )  # fmt: skip


def tell_arrival(tale: Tale, at_s: float, boundary: str, snapshots: list[Snapshot], has_pnp: bool) -> None:
    """The snapshot's device arrives and NTFS mounts it; how long after the commit is not known."""
    rng = Random(f"arrival|{snapshots[0].shadow_id}")
    for snapshot in snapshots:
        if snapshot.volume.hardware:
            continue
        instance = f"STORAGE\\VolumeSnapshot\\HarddiskVolumeSnapshot{snapshot.number}"
        parent = f"STORAGE\\Volume\\{{{snapshot.volume.guid}}}#0000000000100000"
        device_class = "533c5b84-ec70-11d2-9505-00c04f79deaf"
        arrived_s = at_s + rng.uniform(-0.7, 0.3)
        if has_pnp:
            tale.tell(
                arrived_s, "pnp_400", instance, "volsnap.inf", device_class, "06/21/2006", "10.0.14393.0",
                "Microsoft", True, "volume_snapshot_install.NTamd64", 0xFF0000, "STORAGE\\VolumeSnapshot", "",
                False, 0, parent, boundary=boundary, relation=_NEAR,
            )  # fmt: skip
            tale.tell(
                arrived_s + 0.004, "pnp_410", instance, "volsnap.inf", device_class, "", "", "", 0, 0,
                boundary=boundary, relation=_NEAR,
            )  # fmt: skip
        tale.tell(at_s + 0.02, "ntfs_98", "??", snapshot.device, 0, boundary=boundary, relation=UPPER)
