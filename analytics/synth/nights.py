"""The calendar of a simulated estate: windows in UTC and the jobs that DPM wants to run in each night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.synth.changes import is_due, middle_night
from analytics.synth.estate import VM, Estate
from analytics.synth.job import Request
from analytics.synth.knobs import Knobs

HOUR_S = 3600.0
_SECOND_RUN_S = 4 * HOUR_S
_SECOND_RUN = 5  # its number as an attempt, beyond any rerun


class Slot(NamedTuple):
    """A VM in a night: `expected` when a job was due; `reason` says why none was started."""

    vm: VM
    night: date
    expected: bool
    release_s: float
    reason: str


def night_of(knobs: Knobs, index: int) -> date:
    """The local date on which that night's window begins."""
    return knobs.first_night + timedelta(days=index)


def local_s(knobs: Knobs, day: date, clock: str) -> float:
    """Seconds since 1970 of a local time of day at the site."""
    moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(knobs.site_time_zone))
    return moment.timestamp()


def window_s(knobs: Knobs, index: int) -> tuple[float, float]:
    """Begin and end of a night's backup window, seconds since 1970."""
    begin, end = knobs.window
    night = night_of(knobs, index)
    next_day = timedelta(days=1 if end <= begin else 0)
    return local_s(knobs, night, begin), local_s(knobs, night + next_day, end)


def collected_s(knobs: Knobs) -> float:
    """When the logs are collected: the first such time of day after the last window has begun."""
    last = night_of(knobs, knobs.nights - 1)
    begin = window_s(knobs, knobs.nights - 1)[0]
    moments = (local_s(knobs, last + timedelta(days=days), knobs.collected) for days in (0, 1))
    return next(moment for moment in moments if moment > begin)


def with_clock_jump(knobs: Knobs, estate: Estate) -> Estate:
    """The estate whose first host's clock jumps at noon of the middle day, if the knob says so."""
    if not knobs.clock_jump_s:
        return estate
    at_s = local_s(knobs, night_of(knobs, middle_night(knobs)), "12:00")
    old = estate.hosts[0]
    new = replace(old, jump_s=knobs.clock_jump_s, jump_at_s=at_s)
    vms = tuple(replace(vm, host=new) if vm.host is old else vm for vm in estate.vms)
    return replace(estate, hosts=(new, *estate.hosts[1:]), vms=vms)


def plan_slots(knobs: Knobs, estate: Estate) -> list[Slot]:
    """Every VM in every night, with the time at which its job is due."""
    rng = Random(f"{knobs.seed}|slots")
    return [_slot(vm, index, knobs, rng) for index in range(knobs.nights) for vm in estate.vms]


def _slot(vm: VM, index: int, knobs: Knobs, rng: Random) -> Slot:
    # The draw comes first so that every VM-night uses one number, whatever the VM is.
    missed = rng.random() < knobs.missed_share
    starts_h = vm.group + vm.as_of(index).starts_h
    release_s = window_s(knobs, index)[0] + starts_h * HOUR_S + vm.index * 0.2
    reason = _why_none(vm, index, knobs)
    if not reason and missed and index != vm.first_night:
        reason = "missed"
    expected = reason in ("", "missed", "stopped", "outage", "skipped")
    return Slot(vm, night_of(knobs, index), expected, release_s, reason)


def _why_none(vm: VM, index: int, knobs: Knobs) -> str:
    """Why DPM runs no backup of a VM on a night, but for chance; empty where it does."""
    life = vm.life
    if vm.method == "never":
        return "never"
    if index < vm.first_night:
        return "not yet protected"
    if not is_due(vm, index, knobs):
        return (
            life.ends if life.last_night is not None and index > life.last_night and life.ends else "not due"
        )
    if life.last_night is not None and index > life.last_night:
        return life.ends
    if index >= knobs.nights - knobs.outage_nights:
        return "outage"
    return "skipped" if index == life.skipped_night else ""


def nightly_requests(knobs: Knobs, slots: list[Slot]) -> Iterator[Request]:
    """The express full (or first replica) of each slot, its online job and the consistency checks at noon."""
    rng = Random(f"{knobs.seed}|requests")
    hosted = [slot.vm.index for slot in slots if slot.vm.method in ("vss", "rct") and not slot.reason]
    running = set(sorted(set(hosted), reverse=True)[: knobs.running_fulls])
    for slot in slots:
        if slot.reason:
            continue
        index = (slot.night - knobs.first_night).days
        vm = slot.vm.as_of(index)
        window_start_s, window_end_s = window_s(knobs, index)
        first = vm.first_night == index > 0
        endless = vm.index in running and index == knobs.nights - 1
        kind = "initial_replica" if first else "express_full"
        yield Request(vm, slot.night, index, kind, slot.release_s, endless=endless)
        if vm.life.schedule == "twice":
            release_s = slot.release_s + _SECOND_RUN_S
            yield Request(vm, slot.night, index, kind, release_s, attempt=_SECOND_RUN)
        if vm.online:
            yield Request(vm, slot.night, index, "online", window_end_s + 600 + vm.index * 3)
        if vm.method in ("vss", "rct") and rng.random() < knobs.consistency_check_share:
            yield Request(vm, slot.night, index, "consistency_check", window_end_s + 6 * HOUR_S)
        if vm.checked_h is not None:
            checked_s = window_start_s + vm.checked_h * HOUR_S
            yield Request(vm, slot.night, index, "consistency_check", checked_s, attempt=_SECOND_RUN)


def endless_requests(knobs: Knobs, estate: Estate) -> Iterator[Request]:
    """Consistency checks that begin shortly before the collection and never end."""
    hosted = [vm for vm in estate.vms if vm.method in ("vss", "rct")]
    for vm in hosted[: knobs.running_jobs]:
        last = knobs.nights - 1
        release_s = collected_s(knobs) - 900
        yield Request(
            vm, night_of(knobs, last), last, "consistency_check", release_s, attempt=9, endless=True
        )
