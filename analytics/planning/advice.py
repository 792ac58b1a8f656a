"""What is advised for one VM: from how often it is late, what its time goes to, what the simulator says of changes.

Codes only (analytics/tables/advice_words.py). Cheaper changes come first: an agent in the guest is advised where
reading its disks is at least half of its data moves and makes it late, and nothing cheaper is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan, sqrt

from analytics.planning.advice_effects import PROBABILITY

__all__ = ["HALF", "SELDOM", "Case", "late_interval", "reason_of"]

SELDOM = 0.1
_Z = 1.2816
"""Nine of ten such lower ends hold."""
HALF = 0.5
_LEAST_TRANSFERS = 3
_LEAST_LATE = 2
_RCT_VERSION = 6.2
_WAITING = frozenset({"queue", "claim_wait", "late_start"})
_FEW = frozenset({"too_few_jobs", "few_jobs", "no_transfers", "no_jobs", "no_volume", "all_failed"})
_BY_CHANGE = {
    "start_at_opening": "starts_late",
    "spread": "spread_meets",
    "volume_caps": "limit_meets",
    "host_caps": "limit_meets",
    "volume_caps_raised": "limit_raised_meets",
    "host_caps_raised": "limit_raised_meets",
    "several": "both_meet",
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one VM that is backed up; NaN and None where unknown."""

    has_host: bool
    is_tracked: bool
    """Whether changed blocks are tracked, so that whole disks need not be read."""
    is_rct: bool
    due: int
    breaches: int
    late: int
    main_cause: str | None
    """Cause of most late nights, as the table sla has it."""
    checks: int
    is_late_by_checks: bool
    """Whether it is late on nights with a consistency check beside it, and seldom on others."""
    nights: int
    has_sizes: bool
    has_sent: bool
    grade: str
    """Of the guest-level estimate."""
    grade_reason: str
    scan_share: float
    """Of its data moves."""
    explained_share: float
    """Of its own time."""
    host_p50_s: float
    guest_high_s: float
    p_meets_guest: float
    may_move: bool
    """Whether the site file allows an agent in the guest."""
    can_upgrade: bool
    version: float
    has_vhd: bool
    is_too_long: bool
    """Whether its data move alone, nothing beside it, takes longer than there is time from the opening."""
    is_small_estate: bool
    """Whether the estate is small enough to try changes whenever candidates are asked for."""
    cheaper: tuple[str, ...] = ()
    """Changes with which it meets in the simulator, the cheapest first."""
    is_simulated: bool = False
    p_meets_host: float = nan
    """Share of simulated nights on which it meets its limits as things are."""
    is_hopeless: bool = False
    """Whether it stays late, whatever is moved."""
    is_withdrawn: bool = False
    """Whether predictions of past nights held so seldom that nothing that rests on the rates is advised."""

    @property
    def wants_advice(self) -> bool:
        """Whether it is late, and not seldom."""
        return self.has_host and self.late > 0 and not self.is_seldom_late

    @property
    def is_seldom_late(self) -> bool:
        """Whether it is late on one night only, or its nights do not show that it is on more than one of ten."""
        return (
            self.late < _LEAST_LATE
            or self.late <= SELDOM * self.due
            or late_interval(self.late, self.due)[0] <= SELDOM
        )

    @property
    def is_scanning(self) -> bool:
        """Whether reading whole disks makes it late: half of its data moves, known and not refuted by its own time.

        Nothing cheaper must be enough: as tried in the simulator, or as it takes longer than its window even alone.
        """
        return (
            not self.is_tracked
            and self.nights >= _LEAST_TRANSFERS
            and self.grade != "D"
            and self.main_cause not in _WAITING
            and self.scan_share >= HALF
            and self.explained_share >= HALF
            and (self.is_simulated or self.is_too_long)
        )

    @property
    def would_meet(self) -> bool:
        """Whether it meets at guest level, often enough; where no limit is known, whether that is faster at worst."""
        if isnan(self.p_meets_guest):
            return self.guest_high_s < self.host_p50_s
        return self.p_meets_guest >= PROBABILITY


def late_interval(late: int, due: int) -> tuple[float, float]:
    """Wilson's interval of the share of nights on which a VM is late; 80 %, so that each end holds with 90 %."""
    if not due:
        return 0.0, 1.0
    share, spread = late / due, _Z**2 / due
    half = _Z * sqrt(share * (1 - share) / due + spread / (4 * due))
    return (share + spread / 2 - half) / (1 + spread), (share + spread / 2 + half) / (1 + spread)


def reason_of(case: Case) -> str:
    """The code of the reason, which decides the recommendation."""
    if not case.has_host:
        return "guest_already"
    if not case.late:
        return _in_time(case)
    if case.is_seldom_late:
        return "seldom_late"
    if case.is_late_by_checks:
        return "check_beside"
    if case.is_rct and case.checks and case.main_cause not in _WAITING:
        return "tracking_lost"
    if case.is_withdrawn:
        return _missing(case) or "predictions_missed"
    if case.cheaper:
        return _BY_CHANGE[case.cheaper[0]]
    if case.is_scanning and case.would_meet and (found := _instead_of_reading(case)):
        return found
    return _missing(case) or _left(case)


def _in_time(case: Case) -> str:
    if case.breaches:
        return "failed_not_late"
    if case.p_meets_host < HALF:
        return "late_next"
    return "tracking_meets" if case.is_tracked else "meets_window"


def _instead_of_reading(case: Case) -> str | None:
    """RCT spares the reading without an agent, where the host has it."""
    if case.can_upgrade and case.version < _RCT_VERSION:
        return "old_vm_version"
    if case.can_upgrade and case.has_vhd:
        return "vhd_format"
    return "scan_dominates" if case.may_move else None


def _missing(case: Case) -> str | None:
    """What has to be collected before reading can be blamed, or not."""
    if case.is_tracked or case.main_cause in _WAITING:
        return None
    checks = (
        ("no_disk_size", not case.has_sizes),
        ("no_bytes_sent", not case.has_sent),
        ("few_transfers", case.nights < _LEAST_TRANSFERS),
        ("few_jobs", case.grade == "D" and case.grade_reason in _FEW),
        ("sizes_do_not_fit", case.grade == "D" and case.grade_reason == "sizes_do_not_fit"),
        ("split_unknown", case.grade == "D" or isnan(case.scan_share)),
    )
    return next((reason for reason, holds in checks if holds), None)


def _left(case: Case) -> str:
    if not case.is_small_estate:
        return "not_tried"
    if not case.is_simulated:
        return "not_simulated"
    return "cannot_meet" if case.is_hopeless else "plan_needed"
