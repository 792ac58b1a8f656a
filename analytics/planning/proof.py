"""What a change brought: the same weekdays before and after it, the VM itself and its neighbours.

A change is what the logs show to hold from one night on: a VM that went to guest level, whose changed blocks are
tracked, whose disks lie on another volume, or whose start was moved. What it took counts from when DPM created the
task, so that a wait that a new start time spares is part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs, by_vm, first_each_night, typical

__all__ = ["Proof", "proofs"]

_EACH_SIDE = 3
_MOST_NIGHTS = 28
_COMPARABLE_DAYS = 56
_MOVED_START_S = 1800.0
_DAY_S = 86_400.0
_BOTH = 7
_NEAR_DAYS = 7
_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Proof:
    """One VM's change: since which night (day number), what, and what became of its time; negative is shorter.

    `nights_matched` are pairs of nights of one weekday; low and high bound the median of their differences (90 %), NaN
    where too few are known. `neighbours_change_s` is that of the VMs that shared its volume and did not change.
    """

    vm: int
    changed_on: int
    what: str
    before_p50_s: float
    after_p50_s: float
    change_s: float
    low_s: float
    high_s: float
    neighbours_change_s: float
    nights_matched: int
    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Course:
    """The nightly backups of one VM that ended well, in order: one a night, the first of it."""

    vm: int
    night: Ints
    taken_s: Floats
    start_s: Floats
    volume: Ints
    is_guest: Bools
    is_compared: Bools


def proofs(jobs: Jobs) -> list[Proof]:
    """Each VM's latest change, in the order of the VMs."""
    courses = {course.vm: course for course in _courses(jobs)}
    changes = {vm: found for vm, course in courses.items() if (found := _change(course))}
    return [_proof(courses, changes, vm) for vm in sorted(changes)]


def _courses(jobs: Jobs) -> list[_Course]:
    good = jobs.is_good & jobs.is_full & ~np.isnan(jobs.ended_s)
    return [
        _Course(
            vm,
            jobs.night[part],
            jobs.ended_s[part] - jobs.scheduled_s[part],
            jobs.scheduled_s[part] - jobs.night[part] * _DAY_S,
            jobs.volume[part],
            jobs.is_guest[part],
            jobs.is_compared[part],
        )
        for vm, part in by_vm(jobs, first_each_night(jobs, good, jobs.ended_s)).items()
    ]


def _change(course: _Course) -> tuple[int, str] | None:
    """The last change that holds to the end, after at least three nights without it, and what it is."""
    at_host = ~course.is_guest
    found = [
        (_since(course.is_guest), "guest_level"),
        (_since(~course.is_compared & at_host), "tracking"),
        (_since((course.volume == course.volume[-1]) & (course.volume >= 0)), "volume"),
        (_start_moved(course.start_s), "start_time"),
    ]
    # what is first in the list explains what follows it: a guest has another volume and tracks what changed
    places = [(place, what) for place, what in found if place is not None]
    if not places:
        return None
    latest = max(place for place, _ in places)
    place, what = next((place, what) for place, what in places if place >= latest - 1)
    return int(course.night[place]), what


def _since(holds: Bools) -> int | None:
    """From which place on something holds to the end, and did not in the three places before."""
    if not len(holds) or not holds[-1] or holds.all():
        return None
    place = int(np.flatnonzero(~holds)[-1]) + 1
    is_clear = len(holds) - place >= _EACH_SIDE and place >= _EACH_SIDE
    return place if is_clear and not holds[place - _EACH_SIDE : place].any() else None


def _start_moved(start_s: Floats) -> int | None:
    """From which place on the start lies elsewhere, by half an hour or more and by more than it varies on a side."""
    # no two starts lie farther apart than both sides together
    if len(start_s) < 2 * _EACH_SIDE or np.ptp(start_s) <= _MOVED_START_S:
        return None
    varies = _first_deviations(start_s)[:-1] + _first_deviations(start_s[::-1])[:-1][::-1]
    place = _EACH_SIDE + int(np.argmin(varies[_EACH_SIDE - 1 : len(start_s) - _EACH_SIDE]))
    before, after = start_s[:place], start_s[place:]
    apart_s = abs(float(np.median(after) - np.median(before)))
    varies_s = sum(float(np.quantile(_deviation(side), 0.9)) for side in (before, after))
    return place if apart_s > max(_MOVED_START_S, 2 * varies_s) else None


def _first_deviations(values: Floats) -> Floats:
    """Sums of the distances from the median, of the first value, of the first two, and so on to all."""
    is_first = np.tri(len(values), dtype=bool)
    ordered = np.sort(np.where(is_first, values, np.inf), axis=1)
    row = np.arange(len(values))
    middle = (ordered[row, row // 2] + ordered[row, (row + 1) // 2]) / 2
    return np.asarray(np.where(is_first, np.abs(values - middle[:, None]), 0.0).sum(axis=1))


def _deviation(values: Floats) -> Floats:
    """Distances from the median."""
    return np.abs(values - np.median(values))


def _proof(courses: dict[int, _Course], changes: dict[int, tuple[int, str]], vm: int) -> Proof:
    changed_on, what = changes[vm]
    usual, own = _differences(courses[vm], changed_on)
    before_s, after_s = (courses[vm].taken_s[at[-_MOST_NIGHTS:]] for at in _sides(courses[vm], changed_on))
    volume = courses[vm].volume[courses[vm].night < changed_on]
    near = [
        other
        for other, course in courses.items()
        if other != vm and len(volume) and volume[-1] >= 0 and (course.volume == volume[-1]).any()
    ]
    neighbours = [
        typical(_differences(courses[other], changed_on)[1]) for other in near if other not in changes
    ]
    low, high = _interval(usual, own)
    others = [
        day for other, (day, _) in changes.items() if other in near and abs(day - changed_on) <= _NEAR_DAYS
    ]
    grade, reason = _graded(len(own), bool(others))
    return Proof(
        vm,
        changed_on,
        what,
        typical(before_s),
        typical(after_s),
        typical(own) if len(own) else typical(after_s) - typical(before_s),
        low,
        high,
        typical(np.array(neighbours)),
        len(own),
        grade,
        reason,
    )


def _graded(pairs: int, is_confounded: bool) -> tuple[str, str]:
    if pairs < _EACH_SIDE:
        return "D", "few_matched_nights"
    if is_confounded:
        return "C", "others_changed_too"
    if pairs < _BOTH:
        return "C", "few_matched_nights"
    return ("A" if pairs >= 2 * _BOTH else "B"), "matched_nights"


def _sides(course: _Course, changed_on: int) -> tuple[Ints, Ints]:
    """Places of the nights that are compared: of the eight weeks before the change, and of the last 28 since."""
    is_before = (course.night < changed_on) & (course.night >= changed_on - _COMPARABLE_DAYS)
    return np.flatnonzero(is_before), np.flatnonzero(course.night >= changed_on)[-_MOST_NIGHTS:]


def _differences(course: _Course, changed_on: int) -> tuple[Floats, Floats]:
    """Of each night before and after the change: by how much it differs from the usual one of its weekday before."""
    before, after = _sides(course, changed_on)
    weekday = course.night % 7
    usual = np.array([typical(course.taken_s[before[weekday[before] == day]]) for day in range(7)])
    differs = course.taken_s - usual[weekday]
    return differs[before], differs[after][~np.isnan(differs[after])]


def _interval(before: Floats, after: Floats) -> tuple[float, float]:
    """90 % bounds of the median difference, by drawing the nights of both sides anew; unknown for fewer than three."""
    if min(len(before), len(after)) < _EACH_SIDE:
        return float("nan"), float("nan")
    rng = np.random.default_rng(7)
    drawn = [np.median(rng.choice(side, (_DRAWS, len(side))), axis=1) for side in (after, before)]
    low, high = np.quantile(drawn[0] - drawn[1], [0.05, 0.95])
    return float(low), float(high)
