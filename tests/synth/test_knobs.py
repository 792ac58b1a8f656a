"""The knobs and what a command line learns about them."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from analytics.cli import main
from analytics.errors import UsageError
from analytics.synth import Knobs, knob_fields


def test_every_knob_is_described() -> None:
    """Each knob has a help text, a type and a parser that understands its default as text."""
    assert [knob.name for knob in knob_fields()] == [spec.name for spec in dataclasses.fields(Knobs)]
    for knob in knob_fields():
        text = "-".join(knob.default) if isinstance(knob.default, tuple) else str(knob.default)
        assert len(knob.help) > 10
        assert isinstance(knob.default, knob.type)
        assert knob.parse(text) == knob.default


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("window", "21:30-05:00", ("21:30", "05:00")),
        ("first_night", "2025-12-28", date(2025, 12, 28)),
        ("crash", "yes", True),
        ("vms", "3", 3),
        ("rct_share", "0.5", 0.5),
    ],
)
def test_text_is_parsed(name: str, text: str, value: object) -> None:
    """The text of an option becomes the knob's value."""
    knob = next(knob for knob in knob_fields() if knob.name == name)

    assert knob.parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"), [("window", "22:00"), ("crash", "maybe"), ("first_night", "1/2/2025")]
)
def test_wrong_text_is_refused(name: str, text: str) -> None:
    """A text that does not fit raises ValueError."""
    knob = next(knob for knob in knob_fields() if knob.name == name)

    with pytest.raises(ValueError):
        knob.parse(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vms": 0},
        {"noise": -1},
        {"failure_share": 1.5},
        {"form": "xml"},
        {"encoding": "cp932"},
        {"site_time_zone": "Asia/Nowhere"},
        {"window": ("22:00", "25:00")},
        {"rct_share": 0.6, "guest_share": 0.6},
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    """A value out of range raises UsageError that names the knob and says what would be right."""
    with pytest.raises(UsageError) as caught:
        Knobs(**wrong)

    assert next(iter(wrong)) in caught.value.where
    assert caught.value.expected


# What happens in real estates and gets lost (each has its truth beside), and the options of `synth` that plant it.
PLANTED = {
    "stopped": ("--stopped-vms", "--stop-nights"),
    "taken out of protection": ("--unprotected-vms",),
    "renamed": ("--renamed-vms",),
    "namesakes": ("--namesakes",),
    "weekdays, weekly, several runs": ("--weekday-vms", "--weekly-vms", "--twice-vms"),
    "one miss, or a night in the middle": ("--skipped-vms", "--missed-share"),
    "retried": ("--failure-share", "--reruns"),
    "running inside and past the window": ("--running-fulls", "--collected", "--window"),
    "checks without records": ("--unrecorded-checks", "--consistency-check-share"),
    "records lost for a night": ("--lost-record-nights",),
    "a host without logs": ("--silent-hosts",),
    "a DPM server without records": ("--silent-servers", "--dpm-servers", "--job-records"),
    "clocks": ("--clock-skew-s", "--clock-jump-s", "--guest-clock-skew-s"),
    "storage migration": ("--migrated-vms",),
    "disks on several volumes": ("--multi-disk-share", "--multi-volume-share"),
    "DST": ("--site-time-zone", "--first-night"),
    "an outage, a dark night": ("--outage-nights", "--dark-nights"),
    "first runs, never run": ("--initial-replica-share", "--never-run-share"),
}


@pytest.mark.parametrize("condition", PLANTED)
def test_what_can_be_planted_is_said_in_the_help(condition: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A user of the command line reaches every knob that the tests have."""
    assert main(["synth", "--help"]) == 0
    listed = capsys.readouterr().out.split()

    assert [option for option in PLANTED[condition] if option not in listed] == []


@pytest.mark.parametrize("value", [True, False])
def test_words_for_yes_and_no(value: bool) -> None:
    """In capitals, too."""
    flag = next(knob for knob in knob_fields() if knob.name == "crash")
    words = ("true", "Yes", "1", "ON") if value else ("false", "NO", "0", "off")

    assert {flag.parse(word) for word in words} == {value}


LIMITS = [
    *((name, 1, 0) for name in ("vms", "nights", "slots_per_host", "claim_attempts", "rotate_bytes")),
    *((name, 0, -1) for name in ("hosts", "volumes", "dpm_servers", "noise", "reruns", "running_jobs")),
    *(
        (name, 0, -1)
        for name in ("event_noise", "event_log_records", "stop_nights", "renamed_vms", "dark_nights")
    ),
    *((name, 0.0, -0.01) for name in ("failure_share", "guest_events", "guest_clock_skew_s")),
    *((name, 1.0, 1.01) for name in ("failure_share", "guest_events")),
    ("guest_clock_skew_s", 120.0, 120.1),
]


@pytest.mark.parametrize(("name", "fits", "fits_not"), LIMITS)
def test_limits(name: str, fits: float, fits_not: float) -> None:
    """The last value that a knob takes, and the first that it does not."""
    assert getattr(Knobs(**{name: fits}), name) == fits
    with pytest.raises(UsageError, match=name):
        Knobs(**{name: fits_not})


def test_shares_that_add_up() -> None:
    """A VM has one kind: the three shares are of one whole."""
    assert Knobs(rct_share=0.5, guest_share=0.25, never_run_share=0.25).rct_share == 0.5
    with pytest.raises(UsageError, match="rct_share"):
        Knobs(rct_share=0.5, guest_share=0.25, never_run_share=0.26)


def test_a_clock_that_jumps_and_events() -> None:
    """Events do not know of it yet."""
    assert Knobs(clock_jump_s=90.0, events="none").clock_jump_s == 90.0
    assert Knobs(clock_jump_s=0.0, events="xml").events == "xml"
    with pytest.raises(UsageError, match="clock_jump_s"):
        Knobs(clock_jump_s=90.0, events="xml")


@pytest.mark.parametrize(
    ("knobs", "has_changes"),
    [
        ({}, False),
        ({"renamed_vms": 1}, True),
        ({"unrecorded_checks": True}, True),
        ({"clock_jump_s": 1.0}, True),
        ({"vms": 9}, False),
    ],
)
def test_whether_anything_changes(knobs: dict[str, Any], has_changes: bool) -> None:
    """Over the nights, or in what is left of them."""
    assert Knobs(**knobs).has_changes is has_changes
