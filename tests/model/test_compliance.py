"""The views compliance, sla_rules and machine_schedules over rows of their own: what counts, and each limit."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.site import Site
from tests.model.views import Row, rows_of

FIRST = dt.date(2025, 2, 3)
MET, MISSED = {"met": True, "reason": "met"}, {"met": False, "reason": "late"}
OPEN, RUNS = {"met": None, "reason": "unknown"}, {"met": None, "reason": "running"}


def night(number: int) -> dt.date:
    """The date of a night."""
    return FIRST + dt.timedelta(number)


def judged(*slots: Row, vm: str = "A") -> list[Row]:
    """Rows of sla_judged, one a night, all of them due."""
    base = {"vm": vm, "rule": "backup_window", "expected": True}
    return [base | {"night": night(number)} | slot for number, slot in enumerate(slots)]


def compliance(*slots: Row) -> Row:
    """The compliance of one VM with these nights."""
    (row,) = rows_of("compliance", sla_judged=judged(*slots))
    return row


class TestSlots:
    def test_what_is_a_slot(self):
        """Due or not known whether; neither a night that is not due nor one that nothing establishes."""
        row = compliance(
            MET, MISSED, MISSED, RUNS, OPEN, OPEN, OPEN,
            {"expected": None, "met": None, "reason": "no_evidence"},
            {"expected": False, "met": None, "reason": "not_due"},
            {"expected": None, "met": None, "reason": "not_established"},
        )  # fmt: skip

        assert [row[name] for name in ("slots", "met", "missed", "unknown", "running")] == [8, 1, 2, 5, 1]
        assert (row["met_low"], row["met_high"]) == (1 / 8, 6 / 8)

    def test_no_slot(self):
        """Zeros and no verdict, also where nothing but open nights is there."""
        none = compliance({"expected": False, "met": None, "reason": "not_due"})
        open_ones = compliance(OPEN, RUNS)

        assert [
            none[name] for name in ("slots", "met", "missed", "unknown", "running", "longest_streak")
        ] == [0] * 6
        assert {none[name] for name in ("met_low", "met_high", "wilson_low", "wilson_high")} == {None}
        assert (none["verdict"], open_ones["verdict"]) == ("not_established", "not_established")
        assert (open_ones["wilson_low"], open_ones["wilson_high"], open_ones["met_high"]) == (None, None, 1)

    @pytest.mark.parametrize(("met", "known"), [(0, 1), (1, 1), (3, 5), (1, 20), (19, 20)])
    def test_wilson(self, met, known):
        """The interval of the textbook, within 0 and 1."""
        z, p = 1.96, met / known
        middle, root = p + z * z / (2 * known), z * (p * (1 - p) / known + z * z / (4 * known * known)) ** 0.5
        row = compliance(*[MET] * met, *[MISSED] * (known - met), OPEN)

        assert row["wilson_low"] == pytest.approx(max((middle - root) / (1 + z * z / known), 0), abs=1e-12)
        assert row["wilson_high"] == pytest.approx(min((middle + root) / (1 + z * z / known), 1))

    @pytest.mark.parametrize(
        ("slots", "longest"),
        [
            ([MET], 0),
            ([MISSED], 1),
            ([MISSED, MET, MISSED, MET, MISSED], 1),
            ([MISSED, MISSED, MET, MISSED], 2),
            ([MISSED, MET, MISSED, MISSED, MET], 2),
            ([MISSED, OPEN, RUNS, MISSED], 2),
        ],
    )
    def test_the_longest_streak(self, slots, longest):
        """Nights missed without one kept between them; open ones neither count nor end it."""
        assert compliance(*slots)["longest_streak"] == longest

    def test_each_vm_and_rule_alone(self):
        """Their nights do not mix."""
        rows = judged(MISSED, MISSED) + judged(MET, MISSED, vm="B")
        rows += [row | {"rule": "rpo_disk"} for row in judged(MET)]
        found = {
            (row["vm"], row["rule"]): (row["slots"], row["longest_streak"])
            for row in rows_of("compliance", sla_judged=rows)
        }

        assert found == {
            ("A", "backup_window"): (2, 2),
            ("B", "backup_window"): (2, 1),
            ("A", "rpo_disk"): (1, 0),
        }


class TestVerdict:
    @pytest.mark.parametrize(
        ("met", "missed", "unknown", "verdict"),
        [
            (1, 0, 0, "meets"),
            (1, 0, 1, "at_risk"),
            (72, 0, 1, "at_risk"),  # Wilson's lower end is n / (n + 1.96^2): 0.95 from 73 on
            (73, 0, 1, "meets"),
            (18, 1, 0, "breaks"),
            (18, 1, 1, "at_risk"),
            (19, 1, 0, "at_risk"),
            (0, 1, 19, "breaks"),  # by Wilson's upper end alone
            (0, 1, 0, "breaks"),
            (400, 5, 0, "meets"),
            (0, 0, 3, "not_established"),
        ],
    )
    def test_limits(self, met, missed, unknown, verdict):
        """0.95 on either interval."""
        assert compliance(*[MET] * met, *[MISSED] * missed, *[OPEN] * unknown)["verdict"] == verdict


def rule(number: int, **cells: object) -> Row:
    """One pattern of a rule of the site file, valid always."""
    base = {
        "number": number,
        "rule": "max_duration",
        "vm_pattern": None,
        "protection_group": None,
        "threshold_s": 60.0,
    }
    return base | {"first_night": night(0), "last_night": night(9)} | cells


def rules(*given: Row, nights: int = 1) -> dict[tuple[str, str, int], float | tuple[float, float]]:
    """By VM, rule and night: the threshold, of windows the hours at which they open and close."""
    names = {"A": ["A", "old-a"], "B": ["B"], "C": ["C"]}
    rows = rows_of(
        "sla_rules",
        Site(time_zone="UTC"),
        job_base=[
            {"vm": "A", "protection_group": "G1"},
            {"vm": "A", "protection_group": "G2"},
            {"vm": "C"},
            {"vm": None, "protection_group": "G3"},
        ],
        vm_disks=[{"vm": "B"}, {"vm": "C"}],
        excluded_vms=[{"vm": "C"}],
        machine_aliases=[{"vm": vm, "name": name} for vm, all_names in names.items() for name in all_names],
        nights=[{"night": night(number)} for number in range(nights)],
        site_rules=list(given),
    )
    found = {}
    for row in rows:
        day = (row["night"] - FIRST).days
        start = dt.datetime.combine(row["night"], dt.time(), dt.UTC)
        hours = tuple((row[name] - start) / dt.timedelta(hours=1) for name in ("opens_at", "closes_at"))
        found[row["vm"], row["rule"], day] = hours if row["rule"] == "backup_window" else row["threshold_s"]
    assert len(found) == len(rows)
    return found


class TestRules:
    def test_the_sites_own_window(self):
        """For every VM of jobs or inventory that is not left out."""
        assert rules() == {(vm, "backup_window", 0): (22, 30) for vm in "AB"}

    @pytest.mark.parametrize(
        ("cells", "vms"),
        [
            ({}, "AB"),
            ({"vm_pattern": "a"}, "A"),
            ({"vm_pattern": "OLD-*"}, "A"),
            ({"vm_pattern": "c"}, ""),
            ({"protection_group": "G1"}, "A"),
            ({"protection_group": "G2"}, "A"),
            ({"protection_group": "G3"}, ""),
            ({"protection_group": "G1", "vm_pattern": "b"}, ""),
        ],
    )
    def test_whom_a_rule_fits(self, cells, vms):
        """By any of its names, by a group it was in, by both where both are given."""
        assert {vm for vm, name, _ in rules(rule(1, **cells)) if name == "max_duration"} == set(vms)

    def test_the_first_that_fits(self):
        """Of one kind; kinds stand side by side."""
        found = rules(
            rule(1, vm_pattern="a"), rule(2, threshold_s=70.0), rule(3, rule="rpo_disk", threshold_s=80.0)
        )

        assert [found[vm, "max_duration", 0] for vm in "AB"] == [60, 70]
        assert [found[vm, "rpo_disk", 0] for vm in "AB"] == [80, 80]

    def test_when_it_is_valid(self):
        """From its first night to its last, both included."""
        found = rules(rule(1, first_night=night(1), last_night=night(2)), nights=4)

        assert {day for vm, name, day in found if (vm, name) == ("B", "max_duration")} == {1, 2}

    def test_a_window_of_its_own(self):
        """It takes the place of the site's, for the other rules too, and is no second rule."""
        own = {
            "rule": "backup_window",
            "threshold_s": None,
            "window_start_s": 3600 * 20,
            "window_end_s": 3600 * 2,
        }
        found = rules(rule(1, vm_pattern="a", **own), rule(2, vm_pattern="*", **own | {"window_start_s": 0}))

        assert found == {("A", "backup_window", 0): (20, 26), ("B", "backup_window", 0): (0, 2)}


def test_schedules():
    """The first pattern that fits any of its names decides, of schedules and of ends apart."""
    names = [{"vm": "A", "name": "A"}, {"vm": "A", "name": "old-a"}, {"vm": "B", "name": "B"}]
    entries = [("old*", "daily", None), ("*", "weekdays", None), ("b", None, night(1)), ("*", None, night(2))]
    columns = ("vm_pattern", "schedule", "protected_until")
    site = [dict(zip(columns, entry, strict=True)) | {"number": n} for n, entry in enumerate(entries)]
    rows = rows_of("machine_schedules", machine_aliases=names, site_schedules=site)

    assert {row["vm"]: (row["schedule"], row["protected_until"]) for row in rows} == {
        "A": ("daily", night(2)),
        "B": ("weekdays", night(1)),
    }
