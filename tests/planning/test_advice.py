"""What is advised for one VM: every reason, and both sides of each number that it stands on."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.planning.advice import Case, late_interval, reason_of
from analytics.planning.advice_tables import shares_of
from analytics.planning.causes import job_causes
from analytics.planning.predict import HitRate
from analytics.planning.rates import fitted
from analytics.tables.advice_words import ADVICE
from tests.planning.estate import Knobs, make

SCANS = Case(
    has_host=True, is_tracked=False, is_rct=False, due=9, breaches=5, late=5, main_cause="transfer", checks=0,
    is_late_by_checks=False, nights=9, has_sizes=True, has_sent=True, grade="C", grade_reason="no_guest_jobs",
    scan_share=0.9, explained_share=0.9, host_p50_s=10000.0, guest_high_s=2000.0, p_meets_guest=0.95,
    p_meets_host=0.1,
    may_move=True, can_upgrade=False, version=np.nan, has_vhd=False, is_too_long=False,
    is_small_estate=True, is_simulated=True,
)  # fmt: skip
REASONS: dict[str, dict[str, Any]] = {
    "scan_dominates": {},
    "guest_already": {"has_host": False},
    "meets_window": {"late": 0, "breaches": 0, "p_meets_host": 0.9},
    "late_next": {"late": 0, "breaches": 0},
    "failed_not_late": {"late": 0},
    "tracking_meets": {"late": 0, "breaches": 0, "is_tracked": True, "p_meets_host": np.nan},
    "seldom_late": {"late": 1, "due": 20},
    "check_beside": {"is_late_by_checks": True},
    "tracking_lost": {"is_tracked": True, "is_rct": True, "checks": 1},
    "starts_late": {"cheaper": ("start_at_opening", "spread")},
    "spread_meets": {"cheaper": ("spread", "volume_caps")},
    "limit_meets": {"cheaper": ("host_caps",)},
    "limit_raised_meets": {"cheaper": ("volume_caps_raised", "several")},
    "both_meet": {"cheaper": ("several",)},
    "old_vm_version": {"can_upgrade": True, "version": 5.0},
    "vhd_format": {"can_upgrade": True, "version": 8.0, "has_vhd": True},
    "plan_needed": {"p_meets_guest": 0.5},
    "cannot_meet": {"p_meets_guest": 0.5, "is_hopeless": True},
    "not_tried": {"is_small_estate": False, "is_simulated": False},
    "predictions_missed": {"is_withdrawn": True},
    "not_simulated": {"p_meets_guest": 0.5, "is_simulated": False},
    "no_disk_size": {"has_sizes": False, "grade": "D", "scan_share": np.nan},
    "no_bytes_sent": {"has_sent": False, "scan_share": np.nan},
    "few_transfers": {"nights": 2, "grade": "D"},
    "few_jobs": {"grade": "D", "grade_reason": "too_few_jobs"},
    "sizes_do_not_fit": {"grade": "D", "grade_reason": "sizes_do_not_fit"},
    "split_unknown": {"scan_share": np.nan},
}


def why(**more: Any) -> str:
    """The reason for a VM that differs so from one that scans."""
    return reason_of(replace(SCANS, **more))


@pytest.mark.parametrize(("reason", "more"), REASONS.items())
def test_each_reason(reason: str, more: dict[str, Any]) -> None:
    """Each has a VM that gets it."""
    assert why(**more) == reason


def test_no_reason_is_forgotten() -> None:
    """Whatever the vocabulary names."""
    assert set(REASONS) == set(ADVICE.names)


@pytest.mark.parametrize(
    ("late", "due", "is_watched"),
    [
        (1, 10, True),
        (1, 9, True),
        (1, 20, True),
        (3, 20, True),
        (4, 20, False),
        (2, 3, False),
        (1, 1, True),
        (2, 2, False),
    ],
)
@pytest.mark.parametrize("cheaper", [(), ("spread",)])
def test_seldom_late(late: int, due: int, is_watched: bool, cheaper: tuple[str, ...]) -> None:
    """Until two nights, and more than one of ten, are shown to be late a VM is watched, whatever would help it."""
    assert (why(late=late, due=due, cheaper=cheaper) == "seldom_late") is is_watched


def test_interval_of_late_nights() -> None:
    """Wilson's with 80 %: 4 of 20 is 11 to 33 %; nothing is known of no night."""
    assert late_interval(4, 20) == pytest.approx((0.110, 0.335), abs=0.005)
    assert late_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    "more",
    [
        {"scan_share": 0.49},
        {"explained_share": 0.11},
        {"scan_share": np.nan, "explained_share": np.nan},
        {"grade": "D"},
        {"main_cause": "queue"},
        {"main_cause": "claim_wait"},
        {"main_cause": "late_start"},
        {"is_tracked": True},
        {"may_move": False},
        {"p_meets_guest": 0.89},
        {"p_meets_guest": np.nan, "guest_high_s": 10000.0},
        {"late": 1, "due": 10},
        {"cheaper": ("spread",)},
    ],
    ids=str,
)
@pytest.mark.parametrize("is_simulated", [True, False])
def test_no_agent(more: dict[str, Any], is_simulated: bool) -> None:
    """None where reading is not shown to make it late, guest level is not enough, or something cheaper is."""
    found = why(is_simulated=is_simulated, **more)

    assert found not in {"scan_dominates", "old_vm_version", "vhd_format"}


def test_an_agent_where_nothing_was_tried() -> None:
    """Only for a VM that is too long even alone."""
    assert why(is_simulated=False) == "not_simulated"
    assert why(is_simulated=False, is_too_long=True) == "scan_dominates"
    assert why(is_simulated=False, is_too_long=True, is_small_estate=False) == "scan_dominates"


def test_an_agent_without_a_limit() -> None:
    """Where no limit is known, guest level must be faster at worst."""
    assert why(p_meets_guest=np.nan, guest_high_s=9999.0) == "scan_dominates"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"version": 6.1, "can_upgrade": True}, "old_vm_version"),
        ({"version": 6.2, "can_upgrade": True}, "scan_dominates"),
        ({"version": 5.0}, "scan_dominates"),
        ({"can_upgrade": True}, "scan_dominates"),
        ({"version": 8.0, "has_vhd": True}, "scan_dominates"),
        ({"version": 5.0, "can_upgrade": True, "has_vhd": True}, "old_vm_version"),
        ({"version": 5.0, "can_upgrade": True, "may_move": False}, "old_vm_version"),
    ],
    ids=str,
)
def test_who_is_to_be_upgraded(more: dict[str, Any], reason: str) -> None:
    """RCT needs version 6.2, VHDX and a host that has it."""
    assert why(**more) == reason


@pytest.mark.parametrize("cause", ["queue", "claim_wait", "late_start"])
def test_lost_tracking_does_not_make_it_wait(cause: str) -> None:
    """A VM that waits is not told to repair RCT."""
    assert why(is_tracked=True, is_rct=True, checks=3, main_cause=cause) == "plan_needed"


@pytest.mark.parametrize(("knob", "is_explained"), [("has_equal_sizes", True), ("is_shuffled", False)])
def test_what_cannot_be_told_apart_is_explained_together(knob, is_explained):
    """Equal sizes tell what a job takes and not what of it is scan; sizes of other VMs tell neither."""
    knobs: Any = {knob: True}
    jobs = make(Knobs(seed=1, vms=16, volumes=2, nights=8, future=0, **knobs)).jobs
    known: Any = SimpleNamespace(jobs=jobs, causes=job_causes(jobs, fitted(jobs, 3)))
    shares = shares_of(known)

    assert np.isnan(shares.scan).all()
    assert (np.nan_to_num(shares.explained) > 0.6).all() == is_explained


@pytest.mark.parametrize(("share", "is_withdrawn"), [(0.79, True), (0.8, False), (np.nan, False)])
def test_below_eighty_per_cent_advice_is_withdrawn(share: float, is_withdrawn: bool) -> None:
    """Whatever would help in the simulator is not told where predictions held too seldom; what is seen is."""
    withdrawn = HitRate(share, 7, 100).is_withdrawn
    would_help: dict[str, Any] = {"cheaper": ("spread",), "is_withdrawn": withdrawn}

    assert why(**would_help) == ("predictions_missed" if is_withdrawn else "spread_meets")
    assert why(**would_help, has_sizes=False) == ("no_disk_size" if is_withdrawn else "spread_meets")
    assert why(**would_help, is_late_by_checks=True) == "check_beside"
