"""Estates with several troubles at once, and what really happens in them when something is changed.

What happens is the simulation that writes the logs (analytics/synth), whose rate law is not the fitted one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from statistics import median

from analytics.synth import Knobs
from analytics.synth.engine import combined_rate
from analytics.synth.estate import Estate
from analytics.synth.nights import window_s
from analytics.synth.simulate import Course, simulate
from tests.planning.pairs import KNOBS, VMS, _both, _hours, _on_server, _on_volume, _together, _with, plain

__all__ = ["cheaper_changes", "met_shares", "scan_alone", "troubled", "troubled_knobs"]

_MET = 0.9
_BEFORE_IT = 1 / 60


def troubled_knobs(seed: int) -> Knobs:
    """Three weeks in which some jobs fail and some take much longer."""
    more = {"nights": 21, "outlier_share": 0.05, "failure_share": 0.02, "slots_per_host": 2 + seed % 4}
    return Knobs(**{**KNOBS, "seed": seed, **more})


def troubled(seed: int) -> Estate:
    """Two clusters in the first of which VMs are too long, start late, change much, crowd a volume or a DPM server."""
    rng = Random(f"troubled|{seed}")
    estate = plain(seed)
    if rng.random() < 0.5:
        estate = _together(rng.uniform(0.3, 0.8), rng.choice((0, None)), apart_h=0.1)(estate)
    if rng.random() < 0.5:
        estate = _on_volume(0, share=rng.uniform(1.0, 1.6), delta=0.35, hardware=rng.random() < 0.7)(estate)
    if rng.random() < 0.4:
        estate = _on_server(rng.uniform(0.6, 1.5))(estate)
    for vm in rng.sample(range(2 * VMS), 5):
        estate = _troubles(vm, rng)(estate)
    return estate


def _troubles(vm: int, rng: Random) -> Callable[[Estate], Estate]:
    """One of: too long, nearly too long, late for its length, changing much, checked each night beside others."""
    kind = rng.randrange(5)
    if kind == 0:
        return _both(_hours(vm, rng.uniform(4.2, 7)), _with(vm, starts_h=rng.uniform(0, 0.5)))
    if kind == 1:
        return _both(_hours(vm, rng.uniform(2.7, 3.6)), _with(vm, starts_h=0.0))
    if kind == 2:
        return _both(_hours(vm, rng.uniform(1.2, 2.5)), _with(vm, starts_h=rng.uniform(2, 3.5)))
    if kind == 3:
        return _both(_hours(vm, rng.uniform(1, 3)), _with(vm, churn_share=rng.uniform(0.3, 0.9)))
    return _both(_hours(vm, rng.uniform(1, 2)), _with(vm, checked_h=rng.uniform(-0.2, 0.5)))


def met_shares(knobs: Knobs, estate: Estate) -> dict[str, float]:
    """By VM the share of nights on which its backup, where it did not fail, ended before the window did."""
    return _met(knobs, simulate(knobs, estate))


def _met(knobs: Knobs, course: Course) -> dict[str, float]:
    found = defaultdict(list)
    for job in course.jobs:
        if job.request.kind == "express_full" and job.outcome in ("succeeded", "warning"):
            found[job.vm.name].append((job.at_s("end") or 0) <= window_s(knobs, job.request.night_index)[1])
    return {vm: sum(met) / len(met) for vm, met in found.items()}


def scan_alone(knobs: Knobs, estate: Estate) -> dict[str, float]:
    """By VM how much of its data moves reading its disks takes that nothing hinders, in the middle."""
    found = defaultdict(list)
    for job in simulate(knobs, estate).jobs:
        begin, end = job.at_s("begin_data_move"), job.at_s("start_backup_complete")
        if job.request.kind == "express_full" and begin is not None and end is not None:
            rate = combined_rate(job.vm.volumes[0], job.vm.host.server, 1, 1)
            scan_s = 0.0 if job.vm.tracked else job.vm.vhd_bytes(job.request.night_index) / rate
            found[job.vm.name].append(scan_s / (end - begin))
    return {vm: median(shares) for vm, shares in found.items()}


def cheaper_changes(knobs: Knobs, estate: Estate, vm: str) -> Iterator[str]:
    """The changes without a move by which a VM really meets, and nobody who met does not any more."""
    before = met_shares(knobs, estate)
    good = {name for name, share in before.items() if share >= _MET}
    for name, other_knobs, other in _changes(knobs, estate, vm):
        after = met_shares(other_knobs, other)
        if after[vm] >= _MET and all(after[each] >= _MET for each in good):
            yield name


def _changes(knobs: Knobs, estate: Estate, vm: str) -> Iterator[tuple[str, Knobs, Estate]]:
    number = next(each.index for each in estate.vms if each.name == vm)
    yield "it starts at the opening", knobs, _with(number, starts_h=0.0)(estate)
    yield "it starts first", knobs, _behind(estate, number)
    yield "all start at the opening", knobs, _all(estate, lambda place: place * _BEFORE_IT)
    for apart_h in (0.25, 0.4):
        yield f"{apart_h} h apart", knobs, _all(estate, lambda place, apart=apart_h: place * apart)
    for slots in (1, 2, 3, 4, 6, 8):
        if slots != knobs.slots_per_host:
            yield f"{slots} at once on a host", replace(knobs, slots_per_host=slots), estate
    serial = estate
    for each in range(len(estate.volumes)):
        serial = _on_volume(each, hardware=False)(serial)
    yield "one at once on a volume", knobs, serial


def _behind(estate: Estate, number: int) -> Estate:
    """All others of its cluster start when it should be done."""
    vm = estate.vms[number]
    hours = vm.vhd_bytes(0) / combined_rate(vm.volumes[0], vm.host.server, 1, 1) / 3600
    estate = _with(number, starts_h=0.0)(estate)
    for other in estate.vms:
        if other.index != number and other.host.cluster == vm.host.cluster:
            estate = _with(other.index, starts_h=max(other.starts_h, 1.1 * hours))(estate)
    return estate


def _all(estate: Estate, starts_h: Callable[[int], float]) -> Estate:
    """Starts by the place among the VMs of its cluster, the largest first."""
    for cluster in range(2):
        own = sorted(
            (vm for vm in estate.vms if vm.host.cluster == cluster),
            key=lambda vm: (-vm.vhd_bytes(0), vm.name),
        )
        for place, vm in enumerate(own):
            estate = _with(vm.index, starts_h=starts_h(place))(estate)
    return estate
