"""The standing part of a simulated estate: DPM servers, clusters, hosts, volumes, VMs and their disks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from analytics.synth.knobs import Knobs
from analytics.synth.names import folder_name, hostile_name, plain_name

DOMAIN = "contoso.local"
_HOSTS_PER_CLUSTER = 4
_SMALLEST_VM_BYTES = 20_000_000_000
_LARGEST_VM_BYTES = 2_000_000_000_000
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Server:
    """A DPM server; rates in bytes per second (one stream, all streams)."""

    name: str
    stream_bytes_s: float
    capacity_bytes_s: float


@dataclass(frozen=True)
class Volume:
    """A cluster shared volume; `delta`: loss of throughput with the number of streams (model.md 1.2)."""

    path: str
    guid: str
    cluster: int
    hardware: bool
    stream_bytes_s: float
    capacity_bytes_s: float
    delta: float


@dataclass(frozen=True)
class Host:
    """A Hyper-V host; its clock shows true time + `skew_s`, and `jump_s` more from `jump_at_s` on."""

    name: str
    cluster: int
    server: Server
    skew_s: float
    jump_s: float = 0.0
    jump_at_s: float = 0.0

    def skew_at(self, at_s: float) -> float:
        """How far its clock is ahead at a true time, seconds."""
        return self.skew_s + (self.jump_s if self.jump_s and at_s >= self.jump_at_s else 0.0)


@dataclass(frozen=True)
class Disk:
    """A virtual disk; `first_bytes` is its file size on the first night."""

    path: str
    volume: Volume
    first_bytes: int
    growth_share: float
    max_bytes: int
    format: str
    type: str
    pass_through: bool = False

    def size_bytes(self, night: int) -> int:
        """File size after so many nights."""
        return min(self.max_bytes, int(self.first_bytes * (1 + self.growth_share) ** night))


@dataclass(frozen=True)
class Life:
    """What happens to a VM over the nights; nights are counted from 0, None means never.

    `schedule` is nightly, weekdays, weekly or twice (a night). From `changed_on` on the VM is as the estate holds it;
    before, it bore `former_name`, its disks were `former_disks`, it was backed up by `former_method` and started
    `former_starts_h` after its group, where these are set. `last_night` is the last one on which it is backed up;
    `ends` says why: stopped or unprotected.
    """

    schedule: str = "nightly"
    last_night: int | None = None
    ends: str = ""
    changed_on: int = 0
    former_name: str = ""
    former_disks: tuple[Disk, ...] = ()
    former_method: str = ""
    former_starts_h: float | None = None
    skipped_night: int | None = None


@dataclass(frozen=True)
class VM:
    """A virtual machine and how it is protected: method `vss`, `rct`, `guest` or `never`.

    `era` is the mechanism of its host snapshots (domain.md), `version` its configuration version. Its backups start
    `starts_h` after those of its group, and a consistency check `checked_h` after the opening, every night, if it has
    one; both in hours.
    """

    index: int
    name: str
    vm_id: str
    host: Host
    disks: tuple[Disk, ...]
    method: str
    online: bool
    group: int
    churn_share: float
    first_night: int
    slow_post: bool
    era: str = "A"
    version: str = "5.0"
    life: Life = Life()
    starts_h: float = 0.0
    checked_h: float | None = None

    @property
    def tracked(self) -> bool:
        """Whether changed blocks are known, so that nothing is compared."""
        return self.method in ("rct", "guest") or self.era == "B"

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """The volumes of the disks in a backup, each once, in the order of their paths' numbers."""
        return tuple(dict.fromkeys(disk.volume for disk in self.backed_up))

    @property
    def backed_up(self) -> tuple[Disk, ...]:
        """The disks that a backup at host level holds: all but pass-through disks."""
        return tuple(disk for disk in self.disks if not disk.pass_through)

    def as_of(self, night: int) -> VM:
        """The VM as it was on that night, before anything of it changed."""
        if night >= self.life.changed_on:
            return self
        life = self.life
        return replace(
            self,
            name=life.former_name or self.name,
            disks=life.former_disks or self.disks,
            method=life.former_method or self.method,
            starts_h=self.starts_h if life.former_starts_h is None else life.former_starts_h,
        )

    def vhd_bytes(self, night: int) -> int:
        """File size of all disks in a backup on that night."""
        return sum(disk.size_bytes(night) for disk in self.backed_up)


@dataclass(frozen=True)
class Estate:
    """All machines of the site."""

    servers: tuple[Server, ...]
    hosts: tuple[Host, ...]
    volumes: tuple[Volume, ...]
    vms: tuple[VM, ...]


def new_guid(rng: Random) -> str:
    """A random GUID, upper case, without braces, as errlog lines show it."""
    return str(UUID(int=rng.getrandbits(128), version=4)).upper()


def cluster_name(cluster: int) -> str:
    """The name of the n-th failover cluster."""
    return f"CLU{cluster + 1:02d}"


def build_estate(knobs: Knobs) -> Estate:
    """Draw the estate; rates and sizes are lognormal, see model.md 1.2 and 1.3."""
    rng = Random(f"{knobs.seed}|estate")
    volume_count = knobs.volumes or max(2, math.ceil(knobs.vms / 9))
    host_count = knobs.hosts or max(2, math.ceil(knobs.vms / 12))
    servers = _servers(knobs.dpm_servers or math.ceil(knobs.vms / 200), volume_count, rng)
    clusters = min(math.ceil(host_count / _HOSTS_PER_CLUSTER), volume_count)
    hosts = tuple(
        Host(
            f"HV{i + 1:02d}",
            i % clusters,
            servers[(i % clusters) % len(servers)],
            knobs.clock_skew_s * (1 if i % 2 == 0 else -1),
        )
        for i in range(host_count)
    )
    hardware = set(rng.sample(range(volume_count), round(knobs.hardware_share * volume_count)))
    volumes = tuple(_volume(i, i % clusters, i in hardware, rng) for i in range(volume_count))
    return Estate(servers, hosts, volumes, _vms(knobs, hosts, volumes, rng))


def day_of(knobs: Knobs, night: int) -> int:
    """Day of the week of a night, Monday 0."""
    return (knobs.first_night.weekday() + night) % 7


def _servers(count: int, volume_count: int, rng: Random) -> tuple[Server, ...]:
    streams = [rng.uniform(220, 300) * _MEGABYTE for _ in range(count)]
    shared = max(2.0, 0.5 * volume_count / count)
    return tuple(Server(f"DPM{i + 1:02d}", stream, stream * shared) for i, stream in enumerate(streams))


def _volume(number: int, cluster: int, hardware: bool, rng: Random) -> Volume:
    stream = 105 * _MEGABYTE * rng.lognormvariate(0, 0.35)
    return Volume(
        path=f"C:\\ClusterStorage\\Volume{number + 1}\\",
        guid=new_guid(rng).lower(),
        cluster=cluster,
        hardware=hardware,
        stream_bytes_s=stream,
        capacity_bytes_s=stream * rng.uniform(1.2, 2.0),
        delta=rng.choice((0.0, 0.1, 0.2, 0.35)),
    )


def _vms(knobs: Knobs, hosts: tuple[Host, ...], volumes: tuple[Volume, ...], rng: Random) -> tuple[VM, ...]:
    order = list(range(knobs.vms))
    rng.shuffle(order)
    method = _methods(knobs, order)
    hosted = [i for i in order if method[i] in ("vss", "rct")]
    online = set(rng.sample(hosted, min(len(hosted), round(knobs.online_share * knobs.vms))))
    names = _names(knobs, [i for i in order if method[i] != "guest"], rng)
    return tuple(
        _vm(i, names[i], method[i], i in online, knobs, hosts, volumes, rng) for i in range(knobs.vms)
    )


def _methods(knobs: Knobs, order: list[int]) -> dict[int, str]:
    counts = {"rct": knobs.rct_share, "guest": knobs.guest_share, "never": knobs.never_run_share}
    drawn = [name for name, share in counts.items() for _ in range(round(share * knobs.vms))]
    if knobs.era in ("A", "B"):  # RCT came with Windows Server 2016
        drawn = ["vss" if name == "rct" else name for name in drawn]
    return {i: drawn[position] if position < len(drawn) else "vss" for position, i in enumerate(order)}


def _era_of(method: str, knobs: Knobs) -> tuple[str, str]:
    """Mechanism and configuration version; a VM of version 5.0 on a later host works as on 2012 R2."""
    if method == "rct":
        return "C", "9.0"
    return {"mixed": ("A", "4.0"), "A": ("A", "4.0")}.get(knobs.era, ("B", "5.0"))


def _names(knobs: Knobs, candidates: list[int], rng: Random) -> dict[int, str]:
    # Guests keep plain names: theirs are computer names, which the network restricts.
    names = {i: plain_name(i, rng) for i in range(knobs.vms)}
    hostile = candidates[::-1][: round(knobs.hostile_share * knobs.vms)]
    return names | {i: hostile_name(ordinal) for ordinal, i in enumerate(hostile)}


def _vm(
    index: int,
    name: str,
    method: str,
    online: bool,
    knobs: Knobs,
    hosts: tuple[Host, ...],
    volumes: tuple[Volume, ...],
    rng: Random,
) -> VM:
    host = hosts[index % len(hosts)]
    near = [volume for volume in volumes if volume.cluster == host.cluster]
    era, version = _era_of(method, knobs)
    later = method == "vss" and knobs.nights > 2 and rng.random() < knobs.initial_replica_share
    return VM(
        index=index,
        name=name,
        vm_id=new_guid(rng),
        host=host,
        disks=_disks(name, method, near, knobs, rng),
        method=method,
        online=online,
        group=rng.choice((0, 0, 0, 1)),
        churn_share=min(0.3, knobs.churn_share * rng.lognormvariate(0, 0.5)),
        first_night=rng.randrange(1, knobs.nights - 1) if later else 0,
        slow_post=rng.random() < knobs.slow_post_share,
        era=era,
        version=version,
    )


def _disks(vm_name: str, method: str, near: list[Volume], knobs: Knobs, rng: Random) -> tuple[Disk, ...]:
    total = knobs.vhd_median_bytes * rng.lognormvariate(0, 0.9)
    total = min(_LARGEST_VM_BYTES, max(_SMALLEST_VM_BYTES, total))
    if rng.random() < knobs.heavy_share:
        total = rng.uniform(0.6, 1.0) * _LARGEST_VM_BYTES
    count = rng.randint(2, 4) if rng.random() < knobs.multi_disk_share else 1
    first = rng.choice(near)
    second = rng.choice(near) if rng.random() < knobs.multi_volume_share else first
    count = max(count, 2 if second is not first else 1)
    shares = [rng.uniform(0.5, 1.5) for _ in range(count)]
    homes = sorted((first if i < (count + 1) // 2 else second for i in range(count)), key=_volume_number)
    disks = [
        _disk(vm_name, i, homes[i], int(total * shares[i] / sum(shares)), method, knobs, rng)
        for i in range(count)
    ]
    if rng.random() < knobs.pass_through_share:
        disks.append(Disk("\\\\.\\PHYSICALDRIVE4", homes[0], 0, 0.0, 0, "", "", pass_through=True))
    return tuple(disks)


def _volume_number(volume: Volume) -> int:
    # Claims are taken in this order by every job, so two jobs never wait for each other.
    return int(volume.path.rstrip("\\").rpartition("Volume")[2])


def _disk(
    vm_name: str, number: int, volume: Volume, size: int, method: str, knobs: Knobs, rng: Random
) -> Disk:
    modern = method == "rct" or rng.random() < 0.6
    fixed = rng.random() < 0.2
    folder = folder_name(vm_name)
    return Disk(
        path=f"{volume.path}{folder}\\{folder[:40].rstrip()}_{number}.{'vhdx' if modern else 'vhd'}",
        volume=volume,
        first_bytes=size,
        growth_share=0.0 if fixed else knobs.growth_share * rng.expovariate(1.0),
        max_bytes=size if fixed else size * 4,
        format="VHDX" if modern else "VHD",
        type="Fixed" if fixed else "Dynamic",
    )
