"""The view vm_measures: what is not known of a VM is a number or a flag all the same, and whose rows count."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import Row, S, rows_of

NIGHT = dt.date(2025, 2, 3)
JOB: Row = {
    "job_id": "J",
    "vm": "VM1",
    "level": "host",
    "kind": "express_full",
    "owes_sla": True,
    "is_good": True,
}
JOB |= {"host": "HV01", "started_at": 0}
DISKS: Row = {"vm": "VM1", "is_latest": True, "version": 8.0, "vm_version": "8.0"}
COUNTS = ("checks", "nights", "due", "breaches", "late", "late_but_short", "claim_wait_s", "transfer_s")


def measured(*jobs: Row, **given: list[Row]) -> dict[str, Row]:
    """Rows of the view by VM, for jobs that differ from one good backup."""
    base = [JOB | {"job_id": f"J{place}", "started_at": place * S} | job for place, job in enumerate(jobs)]
    given.setdefault("job_tracking", [{"job_id": job["job_id"], "tracking": "rct"} for job in base])
    found = {row["vm"]: row for row in rows_of("vm_measures", job_base=base, **given)}
    assert all(row[name] is not None for row in found.values() for name in COUNTS)
    return found


def ends(job: str, vm: str | None, *places: tuple[int, float]) -> list[Row]:
    """Boundaries of a job, at these seconds."""
    return [
        {"job_id": job, "vm": vm, "place": place, "us": round(second * S), "next_place": following}
        for (place, second), following in zip(places, [*(p for p, _ in places[1:]), None], strict=True)
    ]


class TestUnknown:
    def test_a_vm_that_only_its_agent_backs_up(self):
        """No number is missing, no flag is neither; nobody listed its disks, nobody judged it."""
        row = measured({"level": "guest"})["VM1"]

        assert [row[name] for name in COUNTS] == [0] * 8
        assert (row["seen_tracking"], row["volume"], row["host_p50_s"]) == ("unknown", None, None)
        assert [row[name] for name in ("has_host", "has_vhd", "has_pass_through", "is_rct_host")] == [
            False
        ] * 4

    def test_flags_of_its_disks(self):
        """As the latest inventory says; an earlier one does not count."""
        flags = {"has_vhd": True, "has_pass_through": True}
        now = measured({}, vm_disks=[DISKS | flags])["VM1"]
        former = measured({}, vm_disks=[DISKS | flags | {"is_latest": False}])["VM1"]

        assert (now["has_vhd"], now["has_pass_through"], now["vm_version"]) == (True, True, "8.0")
        assert (former["has_vhd"], former["has_pass_through"], former["vm_version"]) == (False, False, None)

    def test_tracking_that_its_last_backup_does_not_tell(self):
        """It is unknown, whatever an earlier one told."""
        tracking = [{"job_id": "J0", "tracking": "rct"}, {"job_id": "J1", "tracking": None}]

        assert measured({}, {}, job_tracking=tracking)["VM1"]["seen_tracking"] == "unknown"


class TestWhoseRows:
    @pytest.mark.parametrize(
        "change", [{"level": "guest"}, {"kind": "consistency_check"}, {"is_good": False}]
    )
    def test_which_backups_are_typical(self, change):
        """Good express full backups at host level: another one leaves volume, tracking and lengths alone."""
        other = {"volume": "W", "host": "HV02", "bytes_transferred": 9} | change
        spent = [*ends("J0", "VM1", (4, 0), (5, 10)), *ends("J1", "VM1", (4, 0), (5, 90))]
        tracking = [
            {"job_id": name, "tracking": how} for name, how in (("J0", "rct"), ("J1", "block_compare"))
        ]
        row = measured({"volume": "V"}, other, boundaries=spent, job_tracking=tracking)["VM1"]

        assert (row["nights"], row["host_p50_s"], row["volume"], row["seen_tracking"]) == (
            1,
            10.0,
            "V",
            "rct",
        )
        assert (row["sent_p50_bytes"], row["transfer_s"]) == (None, 100.0)

    def test_a_job_whose_vm_nobody_names(self):
        """It is no VM's."""
        row = measured({}, {"vm": None}, boundaries=ends("J1", None, (4, 0), (5, 10)))

        assert set(row) == {"VM1"}
        assert row["VM1"]["transfer_s"] == 0

    def test_each_vm_has_its_own_numbers(self):
        """Nights, waits and verdicts of one are not those of another."""
        spent = [*ends("J0", "VM1", (1, 0), (2, 7)), *ends("J1", "VM2", (4, 0), (5, 10))]
        late = {"vm": "VM2", "night": NIGHT, "expected": True, "met": False, "reason": "late"}
        night = {"night": NIGHT, "opens_at": 0, "closes_at": 100 * S}
        found = measured({}, {"vm": "VM2"}, boundaries=spent, sla_windows=[late], nights=[night])

        assert [(found[vm]["claim_wait_s"], found[vm]["transfer_s"]) for vm in ("VM1", "VM2")] == [
            (7, 0),
            (0, 10),
        ]
        assert [(found[vm]["due"], found[vm]["late"]) for vm in ("VM1", "VM2")] == [(0, 0), (1, 1)]

    def test_only_the_phases_that_are_weighed(self):
        """Neither preparation nor snapshot, post-snapshot or release is a wait or a transfer."""
        spent = ends("J0", "VM1", (0, 0), (1, 1), (2, 3), (3, 7), (4, 15), (5, 31), (6, 63), (7, 127))
        row = measured({}, boundaries=spent)["VM1"]

        assert (row["claim_wait_s"], row["transfer_s"]) == (2, 16)

    def test_a_night_that_the_store_does_not_know(self):
        """Nobody can say when its window opened: it does not count."""
        verdict = {"vm": "VM1", "night": NIGHT, "expected": True, "met": False, "reason": "late"}

        assert measured({}, sla_windows=[verdict])["VM1"]["due"] == 0


class TestLateButShort:
    @pytest.mark.parametrize(
        ("reason", "short"), [("late", 1), ("running_late", 0), ("missed", 0), ("failed", 0)]
    )
    def test_of_which_nights(self, reason, short):
        """Of a job that ended too late; the window of 100 s is kept by what takes less than 90."""
        night = {"night": NIGHT, "opens_at": 10 * S, "closes_at": 110 * S}
        verdict = {
            "vm": "VM1",
            "night": NIGHT,
            "expected": True,
            "met": False,
            "reason": reason,
            "job_id": "J0",
        }
        row = measured({"started_at": 11 * S, "duration_s": 89.9}, sla_windows=[verdict], nights=[night])[
            "VM1"
        ]

        assert (row["due"], row["late_but_short"]) == (1, short)
