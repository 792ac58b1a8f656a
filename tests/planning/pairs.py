"""Pairs of estates that differ in one cause: logs in which it is present, and logs in which it is not.

Each estate is of two clusters, each with a DPM server of its own: causes are put into the first, so that nothing may be
said otherwise of the second. Where nothing is changed each VM meets its window of four hours, alone and unhindered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from analytics.synth.estate import VM, Disk, Estate, Host, Life, Server, Volume, new_guid

__all__ = ["CAUSES", "KNOBS", "VMS", "Cause", "plain"]

GB = 1_000_000_000
VMS = 9
"""Of each cluster."""
KNOBS: dict[str, Any] = {
    "nights": 14, "site_time_zone": "UTC", "window": ("22:00", "02:00"), "slots_per_host": 3, "noise": 0,
    "collision_share": 1.0, "claim_attempts": 400, "failure_share": 0.0, "warning_share": 0.0, "outlier_share": 0.0,
    "consistency_check_share": 0.0, "missed_share": 0.0, "running_jobs": 0, "vms": 2 * VMS,
}  # fmt: skip
_MIDDLE = 7
_PLACES = 3
_AMPLE = 20.0
_SIZES_GB = (40, 120, 360)
"""On each volume one of each size, about, so that reading can be told from what each job takes anyhow."""
_APART_H = 0.025
"""Starts lie at least so far apart, so that no snapshot waits for another."""

Change = Callable[[Estate], Estate]


@dataclass(frozen=True)
class Cause:
    """A cause, what is said of which VM (`who`) where it is there, and the two estates."""

    name: str
    said: tuple[str, str]
    there: Change
    gone: Change = lambda estate: estate
    who: int = 0
    knobs: dict[str, Any] = field(default_factory=dict)
    edit: tuple[str, str] | None = None
    """What is taken out of an export where the cause is there: a column of which file."""


def plain(seed: int) -> Estate:
    """Small VMs on ample volumes and servers."""
    rng = Random(f"pairs|{seed}")
    servers, hosts, volumes, vms = [], [], [], []
    for cluster in range(2):
        stream = 250e6 * rng.lognormvariate(0, 0.1)
        server = Server(f"DPM0{cluster + 1}", stream, _AMPLE * stream)
        servers.append(server)
        own_hosts = [Host(f"HV{cluster}{place}", cluster, server, 0.0) for place in range(_PLACES)]
        own_volumes = [_volume(cluster * _PLACES + place, cluster, rng) for place in range(_PLACES)]
        hosts += own_hosts
        volumes += own_volumes
        for place in range(VMS):
            number = cluster * VMS + place
            vms.append(_vm(number, own_hosts[place % _PLACES], own_volumes[place // _PLACES], rng))
    return Estate(tuple(servers), tuple(hosts), tuple(volumes), tuple(vms))


def _volume(number: int, cluster: int, rng: Random) -> Volume:
    stream = 100e6 * rng.lognormvariate(0, 0.15)
    path = f"C:\\ClusterStorage\\Volume{number + 1}\\"
    return Volume(path, new_guid(rng).lower(), cluster, True, stream, _AMPLE * stream, 0.0)


def _vm(number: int, host: Host, volume: Volume, rng: Random) -> VM:
    name = f"VM{number:02d}"
    vm = VM(
        number, name, new_guid(rng), host, (), "vss", False, 0, 0.03 * rng.lognormvariate(0, 0.4), 0, False,
        "A", "4.0",
    )  # fmt: skip
    starts_h = (number % VMS) * _APART_H + rng.choice((0.0, 0.4, 0.8, 1.2))
    return replace(
        vm,
        disks=_disks(vm, volume, _SIZES_GB[number % len(_SIZES_GB)] * rng.lognormvariate(0, 0.1)),
        starts_h=starts_h,
    )


def _disks(
    vm: VM, volume: Volume, size_gb: float, kind: str = "VHDX", growth: float = 0.0
) -> tuple[Disk, ...]:
    size = int(size_gb * GB)
    path = f"{volume.path}{vm.name}\\{vm.name}.{kind.lower()}"
    return (Disk(path, volume, size, growth, 10 * size, kind, "Dynamic"),)


def _with(number: int, **more: Any) -> Change:
    """One VM of the first cluster changed."""

    def change(estate: Estate) -> Estate:
        vms = list(estate.vms)
        vms[number] = replace(vms[number], **more)
        return replace(estate, vms=tuple(vms))

    return change


def _sized(number: int, size_gb: float, kind: str = "VHDX", growth: float = 0.0) -> Change:
    """One VM with a disk of that size on its volume."""

    def change(estate: Estate) -> Estate:
        vm = estate.vms[number]
        disks = _disks(vm, vm.volumes[0], size_gb, kind, growth)
        return _with(number, disks=disks)(estate)

    return change


def _hours(number: int, hours: float, **more: Any) -> Change:
    """One VM whose disk takes about so long to be read by a job that nothing hinders."""

    def change(estate: Estate) -> Estate:
        vm = estate.vms[number]
        volume, server = vm.volumes[0], vm.host.server
        rate = (volume.stream_bytes_s**-3 + server.stream_bytes_s**-3) ** (-1 / 3)
        return _sized(number, hours * 3600 * rate / GB, **more)(estate)

    return change


def _both(*changes: Change) -> Change:
    def change(estate: Estate) -> Estate:
        for each in changes:
            estate = each(estate)
        return estate

    return change


def _together(
    hours: float, volume: int | None = 0, host: int | None = None, apart_h: float = _APART_H
) -> Change:
    """All VMs of the first cluster on one volume, or on one host, each so many hours long alone.

    Where they start far enough `apart_h`, loads differ, so that contention can be told.
    """

    def change(estate: Estate) -> Estate:
        for number in range(VMS):
            vm = estate.vms[number]
            home = estate.volumes[volume] if volume is not None else vm.volumes[0]
            at = vm.host if host is None else estate.hosts[host]
            moved = replace(vm, disks=_disks(vm, home, 1), host=at, starts_h=(number * 4 % VMS) * apart_h)
            vms = (*estate.vms[:number], moved, *estate.vms[number + 1 :])
            # sizes differ, so that rates can be told
            estate = _hours(number, hours * (0.6 + 0.8 * (number * 2 % VMS) / (VMS - 1)))(
                replace(estate, vms=vms)
            )
        return estate

    return change


def _on_volume(number: int, **more: Any) -> Change:
    """A volume changed, and the disks on it with it; `share` of its stream is what all streams together get."""

    def change(estate: Estate) -> Estate:
        old = estate.volumes[number]
        share = more.get("share")
        plain_more = {name: value for name, value in more.items() if name != "share"}
        capacity = old.capacity_bytes_s if share is None else share * old.stream_bytes_s
        new = replace(old, capacity_bytes_s=capacity, **plain_more)
        vms = tuple(
            replace(
                vm,
                disks=tuple(replace(disk, volume=new) if disk.volume is old else disk for disk in vm.disks),
            )
            for vm in estate.vms
        )
        volumes = (*estate.volumes[:number], new, *estate.volumes[number + 1 :])
        return replace(estate, volumes=volumes, vms=vms)

    return change


def _on_server(share: float) -> Change:
    """The first DPM server takes so many streams at full speed."""

    def change(estate: Estate) -> Estate:
        old = estate.servers[0]
        new = replace(old, capacity_bytes_s=share * old.stream_bytes_s)
        hosts = {
            host.name: replace(host, server=new) if host.server is old else host for host in estate.hosts
        }
        return replace(
            estate,
            servers=(new, *estate.servers[1:]),
            hosts=tuple(hosts.values()),
            vms=tuple(replace(vm, host=hosts[vm.host.name]) for vm in estate.vms),
        )

    return change


def _moved(number: int, volume: int) -> Change:
    """One VM whose disks lie on another volume since the middle."""

    def change(estate: Estate) -> Estate:
        vm = estate.vms[number]
        life = Life(changed_on=_MIDDLE, former_disks=vm.disks)
        disks = tuple(
            replace(
                disk,
                volume=estate.volumes[volume],
                path=f"{estate.volumes[volume].path}{vm.name}\\{vm.name}.vhdx",
            )
            for disk in vm.disks
        )
        return _with(number, life=life, disks=disks)(estate)

    return change


_RCT = {"method": "rct", "era": "C", "version": "9.0"}
_FIRST = _with(0, starts_h=0.0)
_TOO_LONG = _both(_FIRST, _hours(0, 5.5))
_MODERN = _both(_TOO_LONG, _with(3, **_RCT), _with(0, version="8.0"))
_SLOW_VOLUME = _on_volume(0, share=1.0, delta=0.35)
_CHECKED = _both(_with(1, **_RCT), _sized(1, 500), _FIRST, _hours(0, 2.6), _on_volume(0, share=1.0))
_LAST, _CROWDED = 2, 1
_CROWD, _SCATTERED = (_together(0.25, volume, apart_h=0.15) for volume in (0, None))

CAUSES = (
    Cause(
        "reading, not tracking", ("advice", "scan_dominates"), _TOO_LONG, _both(_TOO_LONG, _with(0, **_RCT))
    ),
    Cause(
        "reading, not era B",
        ("advice", "scan_dominates"),
        _TOO_LONG,
        _both(_TOO_LONG, _with(0, era="B", version="5.0")),
    ),
    Cause("a large disk", ("advice", "scan_dominates"), _TOO_LONG),
    Cause("an old version", ("advice", "old_vm_version"), _both(_MODERN, _with(0, version="5.0")), _MODERN),
    Cause("a VHD", ("advice", "vhd_format"), _both(_MODERN, _hours(0, 5.5, kind="VHD")), _MODERN),
    Cause("at guest level", ("advice", "guest_already"), _with(0, method="guest")),
    Cause(
        "a late start",
        ("advice", "starts_late"),
        _both(_hours(0, 1.6), _with(0, starts_h=3.0)),
        _both(_FIRST, _hours(0, 1.6)),
    ),
    Cause(
        "a queue",
        ("bottleneck", "queue"),
        _together(0.6, volume=None, host=0),
        _together(0.6, volume=None),
        _LAST,
    ),
    Cause(
        "a queue, long",
        ("late_by", "queue"),
        _together(1.6, volume=None, host=0),
        _together(1.6, volume=None),
        _LAST,
    ),
    Cause(
        "claims",
        ("cause", "claim_wait"),
        _both(_together(0.3), _on_volume(0, hardware=False)),
        _together(0.3),
        _LAST,
        {"slots_per_host": 9},
    ),
    Cause(
        "claims, volume",
        ("bottleneck", "volume"),
        _both(_together(0.3), _on_volume(0, hardware=False)),
        _together(0.3),
        _LAST,
        {"slots_per_host": 9},
    ),
    Cause(
        "a slow volume",
        ("bottleneck", "volume"),
        _both(_CROWD, _SLOW_VOLUME),
        _CROWD,
        _CROWDED,
        {"slots_per_host": 9},
    ),
    Cause(
        "a slow volume, cause",
        ("cause", "volume_contention"),
        _both(_CROWD, _SLOW_VOLUME),
        _CROWD,
        _CROWDED,
        {"slots_per_host": 9},
    ),
    Cause(
        "a slow server",
        ("bottleneck", "server"),
        _both(_SCATTERED, _on_server(0.5)),
        _SCATTERED,
        _CROWDED,
        {"slots_per_host": 9},
    ),
    Cause(
        "a slow server, cause",
        ("cause", "server_contention"),
        _both(_SCATTERED, _on_server(0.5)),
        _SCATTERED,
        _CROWDED,
        {"slots_per_host": 9},
    ),
    Cause(
        "post-snapshot",
        ("cause", "post_snapshot"),
        _both(_sized(0, 25), _with(0, slow_post=True)),
        _sized(0, 25),
        knobs={"events": "xml", "event_noise": 0},
    ),
    Cause(
        "changed data",
        ("cause", "changed_data"),
        _both(_sized(0, 300), _with(0, churn_share=0.7)),
        _both(_sized(0, 300), _with(0, churn_share=0.01)),
    ),
    Cause("a check beside", ("advice", "check_beside"), _both(_CHECKED, _with(1, checked_h=0.05)), _CHECKED),
    Cause("an own check", ("advice", "check_beside"), _both(_CHECKED, _with(0, checked_h=-0.05)), _CHECKED),
    Cause(
        "growth",
        ("forecast", "trend"),
        _both(_FIRST, _hours(0, 2.9, growth=0.006)),
        _both(_FIRST, _hours(0, 2.9)),
        knobs={"nights": 28},
    ),
    Cause("another volume", ("proof", "volume"), _moved(0, 1)),
    Cause(
        "another start",
        ("proof", "start_time"),
        _both(_FIRST, _with(0, life=Life(changed_on=_MIDDLE, former_starts_h=1.5))),
        _FIRST,
    ),
    Cause(
        "to guest level",
        ("proof", "guest_level"),
        _with(0, method="guest", life=Life(changed_on=_MIDDLE, former_method="vss")),
        knobs={"nights": 21},
    ),
    Cause(
        "to tracking",
        ("proof", "tracking"),
        _with(0, **_RCT, life=Life(changed_on=_MIDDLE, former_method="vss")),
    ),
    Cause("no sizes", ("advice", "no_disk_size"), _TOO_LONG, _TOO_LONG, edit=("vms.csv", "FileSizeBytes")),
    Cause("no bytes", ("advice", "no_bytes_sent"), _TOO_LONG, _TOO_LONG, edit=("jobs.csv", "DataSizeBytes")),
)
