"""What happens to the VMs of an estate over its nights: schedules, stops, renames, migrations, namesakes.

With all knobs at 0 the estate stays as it was drawn, so that the same knobs give the same bytes as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from analytics.synth.estate import VM, Disk, Estate, Life, Volume, day_of
from analytics.synth.knobs import Knobs

_MIDDLE_SHARE = 0.5


def with_changes(knobs: Knobs, estate: Estate) -> Estate:
    """The estate whose VMs have the lives that the knobs ask for; each VM has one change at most."""
    lives = _lives(knobs)
    rng = Random(f"{knobs.seed}|changes")
    free = [vm.index for vm in estate.vms if vm.method in ("vss", "rct") and vm.first_night == 0]
    rng.shuffle(free)
    vms = list(estate.vms)
    _name_alike(knobs, vms, free)
    for index, (kind, life) in zip(free, lives, strict=False):
        vms[index] = _changed(vms[index], kind, life, estate)
    return replace(estate, vms=tuple(vms))


def middle_night(knobs: Knobs) -> int:
    """The night from which on renamed and migrated VMs are as the estate holds them."""
    return int(knobs.nights * _MIDDLE_SHARE)


def is_due(vm: VM, night: int, knobs: Knobs) -> bool:
    """Whether the schedule of a VM asks for a backup on a night."""
    if vm.life.last_night is not None and vm.life.ends == "unprotected" and night > vm.life.last_night:
        return False
    if vm.life.schedule == "weekdays":
        return day_of(knobs, night) < 5
    return vm.life.schedule != "weekly" or night % 7 == 0


def _lives(knobs: Knobs) -> Iterator[tuple[str, Life]]:
    last, middle = knobs.nights - 1 - knobs.stop_nights, middle_night(knobs)
    kinds = (
        ("stopped", knobs.stopped_vms, Life(last_night=last, ends="stopped")),
        ("unprotected", knobs.unprotected_vms, Life(last_night=last, ends="unprotected")),
        ("renamed", knobs.renamed_vms, Life(changed_on=middle)),
        ("migrated", knobs.migrated_vms, Life(changed_on=middle)),
        ("weekdays", knobs.weekday_vms, Life(schedule="weekdays")),
        ("weekly", knobs.weekly_vms, Life(schedule="weekly")),
        ("twice", knobs.twice_vms, Life(schedule="twice")),
    )
    left = knobs.skipped_vms
    for kind, count, life in kinds:
        for _ in range(count):
            skips = left > 0 and kind in ("weekdays", "weekly", "twice")
            left -= skips
            yield kind, replace(life, skipped_night=skipped_night(life, knobs) if skips else None)
    for _ in range(left):
        yield "skipped", Life(skipped_night=skipped_night(Life(), knobs))


def skipped_night(life: Life, knobs: Knobs) -> int:
    """A due night after the middle: the last but one week's for a weekly schedule."""
    nights = range(middle_night(knobs), knobs.nights - 1)
    if life.schedule == "weekly":
        return next((night for night in nights if night % 7 == 0), 0)
    if life.schedule == "weekdays":
        return next((night for night in nights if day_of(knobs, night) < 5), 0)
    return middle_night(knobs)


def _changed(vm: VM, kind: str, life: Life, estate: Estate) -> VM:
    if kind == "renamed":
        former = vm.name
        return replace(vm, name=f"{former}-NEW", life=replace(life, former_name=former))
    if kind == "migrated":
        homes = [volume for volume in estate.volumes if volume.cluster == vm.host.cluster]
        moved = tuple(_moved(disk, homes) for disk in vm.disks)
        return replace(vm, disks=moved, life=replace(life, former_disks=vm.disks))
    return replace(vm, life=life)


def _moved(disk: Disk, homes: list[Volume]) -> Disk:
    """The disk on the next volume of its cluster, in the same folder."""
    if disk.pass_through:
        return disk
    target = homes[(homes.index(disk.volume) + 1) % len(homes)]
    return replace(disk, path=target.path + disk.path.removeprefix(disk.volume.path), volume=target)


def _name_alike(knobs: Knobs, vms: list[VM], free: list[int]) -> None:
    """Pairs of VMs get one name: in turn on two clusters and on two hosts of one; such VMs have no other change."""
    for pair in range(knobs.namesakes):
        first = vms[free.pop()]
        wants_same = pair % 2 == 1
        other = next(
            (
                index
                for index in free
                if (vms[index].host.cluster == first.host.cluster) == wants_same
                and vms[index].host is not first.host
            ),
            None,
        )
        if other is None:  # too few hosts or clusters for such a pair
            continue
        free.remove(other)
        vms[other] = replace(vms[other], name=first.name)
