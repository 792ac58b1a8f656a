"""How far a guest-level estimate can be trusted: never further than the worst that it depends on (model.md 2.6)."""

from __future__ import annotations

from analytics.planning.jobs import Bools
from analytics.planning.learned import Learned
from analytics.planning.rates import Rates
from analytics.planning.usual import Usual

_FEW_GUESTS, _MANY_GUESTS, _MANY_PHIS = 3, 10, 5


def guest_grades(
    rates: Rates, nights: Usual, known: Learned, is_bound: Bools
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By VM the grade, and the code of what decided it."""
    found = [_of(vm, rates, nights, known, bool(is_bound[vm])) for vm in range(len(nights.count))]
    return tuple(grade for grade, _ in found), tuple(reason for _, reason in found)


def _of(vm: int, rates: Rates, nights: Usual, known: Learned, is_bound: bool) -> tuple[str, str]:
    volume = int(nights.volume[vm])
    if volume < 0:
        return "D", "no_volume"
    parts = [_changed(int(nights.count[vm])), (rates.grade[volume], rates.reason[volume])]
    parts.append(_guests(known))
    if is_bound:
        # whatever grade the rates have: what they lack is what tells scanning from changed data
        parts.append(("D", rates.reason[volume]))
    return max(parts, key=lambda part: part[0])


def _guests(known: Learned) -> tuple[str, str]:
    if known.guests >= _MANY_GUESTS and known.moved >= _MANY_PHIS:
        return "A", "guest_jobs_and_phi"
    if known.guests >= _FEW_GUESTS:
        return "B", "guest_jobs"
    return "C", "few_guest_jobs" if known.guests else "no_guest_jobs"


def _changed(nights: int) -> tuple[str, str]:
    if not nights:
        return "D", "no_changed_bytes"
    if nights < 7:
        return "C", "few_nights"
    return ("A" if nights >= 14 else "B"), "own_changed_bytes"
