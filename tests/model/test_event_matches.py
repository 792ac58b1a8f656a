"""Which events go to which job, and what they then say of its snapshots and of a guest's clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.views import Row, rows_of

SECOND = 10**6
FROM, TO, MOVES = 1000 * SECOND, 1040 * SECOND, 1050 * SECOND
GUID, OTHER = "01234567-89ab-cdef-0123-456789abcdef", "11234567-89ab-cdef-0123-456789abcdef"
PATH = r"vm1\vm1.vhdx"


def window(job_id: str = "J1", **more: Any) -> Row:
    """When a job of HV01 can have taken its snapshot."""
    row = {
        "job_id": job_id,
        "marks_id": job_id,
        "vm": "VM1",
        "host_key": "hv01",
        "from_us": FROM,
        "to_us": TO,
    }
    return row | {"begin_us": MOVES, "volume_guid": GUID, "has_provider": True} | more


def hit(us: int, gives: str = "t2", **more: Any) -> Row:
    """An event of HV01 at that time."""
    row = {"marker": f"m_{gives}", "gives": gives, "how": "observes", "by_what": "time", "source_id": "S"}
    row |= {
        "record_no": us,
        "host": "HV01",
        "host_key": "hv01",
        "computer_role": "hyper-v-host",
        "us": us,
        "latest_us": us,
    }
    return row | more


def claims(hits: list[Row], windows: list[Row] | None = None, **given: list[Row]) -> list[tuple[str, int]]:
    """Which job each event goes to, by the event's time in seconds."""
    paths = {"vm_paths": [{"vm": "VM1", "disk_key": PATH}]}
    names = {"machine_aliases": [{"vm": "VM1", "name_key": "vm1", "is_sole": True}]}
    found = rows_of(
        "job_events", job_windows=windows or [window()], event_hits=hits, **(paths | names | given)
    )
    return sorted((row["job_id"], row["us"] / SECOND) for row in found)


class TestByTime:
    @pytest.mark.parametrize(("us", "is_its"), [(FROM - 1, False), (FROM, True), (TO, True), (TO + 1, False)])
    def test_within_the_window(self, us, is_its):
        """From the granted claim to ProviderId, both included."""
        assert claims([hit(us)]) == ([("J1", us / SECOND)] if is_its else [])

    @pytest.mark.parametrize(
        ("apart_us", "count"), [(10 * SECOND - 1, 2), (10 * SECOND, 2), (10 * SECOND + 1, 0)]
    )
    def test_ten_seconds_of_one_session(self, apart_us, count):
        """Events of one kind further apart are two sessions of VSS, and none is the job's."""
        assert len(claims([hit(FROM + SECOND), hit(FROM + SECOND + apart_us)])) == count

    def test_kinds_are_apart(self):
        """Events of different kinds may lie further apart."""
        assert len(claims([hit(FROM, marker="a"), hit(TO, marker="b")])) == 2

    def test_two_jobs_at_one_time(self):
        """Nothing tells which of them took the snapshot."""
        assert claims([hit(FROM + SECOND)], [window(), window("J2", vm="VM2")]) == []

    def test_the_job_took_a_snapshot(self):
        """Without ProviderId nothing shows that the job took one."""
        assert claims([hit(FROM + SECOND)], [window(has_provider=False)]) == []

    def test_another_computer(self):
        """Events of another host are not the job's."""
        assert claims([hit(FROM + SECOND, host_key="hv02")]) == []

    def test_other_events_are_no_traces(self):
        """Failures and sessions mark no boundary."""
        assert claims([hit(FROM + SECOND, "failure"), hit(FROM + SECOND, "session")]) == []


class TestByVolume:
    @pytest.mark.parametrize(
        ("more", "is_its"),
        [
            ({"volume_guid": GUID}, True),
            ({"volume_guid": OTHER}, False),
            ({"volume_guid": None}, True),
            ({"volume_guid": GUID, "process": r"c:\dpm\bin\dpmra.exe"}, True),
            ({"volume_guid": GUID, "process": r"c:\windows\wbengine.exe"}, False),
        ],
    )
    def test_volume_and_process(self, more, is_its):
        """The same volume, where both are named, and no other program."""
        assert bool(claims([hit(FROM + SECOND, by_what="volume", **more)])) is is_its

    def test_the_job_without_a_volume(self):
        """A job whose log names no GUID takes any volume, with or without ProviderId."""
        windows = [window(volume_guid=None, has_provider=False)]

        assert claims([hit(FROM + SECOND, by_what="volume", volume_guid=OTHER)], windows) == [("J1", 1001.0)]

    def test_two_jobs_on_two_volumes(self):
        """The volume tells them apart."""
        windows = [window(), window("J2", vm="VM2", volume_guid=OTHER)]
        hits = [hit(FROM + 1 * SECOND, by_what="volume", volume_guid=OTHER)]

        assert claims(hits, windows) == [("J2", 1001.0)]
        assert claims([hits[0] | {"volume_guid": None}], windows) == []


def mount(us: int, gives: str = "mount", **more: Any) -> Row:
    """A disk on a snapshot that is mounted or let go."""
    row = {"marker": "vhd_mount", "by_what": "path", "disk_key": PATH, "is_on_snapshot": True, "pointer": "7"}
    return hit(us, gives, **(row | more))


class TestByDisk:
    @pytest.mark.parametrize(
        ("us", "is_its"), [(FROM - 1, False), (FROM, True), (MOVES, True), (MOVES + 1, False)]
    )
    def test_until_the_data_moves(self, us, is_its):
        """A disk may be mounted until data begins to move."""
        assert bool(claims([mount(us)])) is is_its

    def test_ordinary_mounts_are_none(self):
        """A VM that starts mounts its disk from the volume, not from a snapshot."""
        assert claims([mount(FROM + SECOND, is_on_snapshot=False)]) == []

    def test_the_disks_of_its_vm(self):
        """Those that vms.csv names, and those that the job's own log names."""
        detail = r"C:\ClusterStorage\Volume1\Gues\Gues.vhd"
        chain = [{"job_id": "J1", "marker": "vhd_chain", "detail": detail}]
        hits = [mount(FROM + SECOND, disk_key=r"gues\gues.vhd")]

        assert claims(hits) == []
        assert claims(hits, log_markers=chain) == [("J1", 1001.0)]

    def test_two_jobs_at_one_time(self):
        """The disk tells them apart."""
        windows = [window("J2", vm="VM2"), window()]

        assert claims([mount(FROM + SECOND)], windows) == [("J1", 1001.0)]

    def test_a_pointer_stands_for_the_last_disk_mounted_with_it(self):
        """A begin of an unmount names the handle alone; handles are used again."""
        released = hit(
            FROM + 9 * SECOND, "unmount", marker="vhd_unmount_begin", by_what="pointer", pointer="7"
        )
        mounts = [mount(FROM + SECOND), mount(FROM + 3 * SECOND, disk_key="other.vhdx")]

        assert ("J1", 1009.0) in claims([mounts[0], released])
        assert ("J1", 1009.0) not in claims([*mounts, released])
        assert ("J1", 1009.0) not in claims([mount(FROM + 10 * SECOND), released])
        assert ("J1", 1009.0) not in claims([mounts[0], released | {"host_key": "hv02"}])


class TestInGuests:
    @pytest.mark.parametrize(
        ("us", "is_its"),
        [
            (FROM - 150 * SECOND - 1, False),
            (FROM - 150 * SECOND, True),
            (TO + 150 * SECOND, True),
            (TO + 150 * SECOND + 1, False),
        ],
    )
    def test_clocks_differ_by_150_seconds_at_most(self, us, is_its):
        """A guest's event belongs to the job of that VM near it, whatever the clocks say within 150 s."""
        event = hit(us, "t1", host="VM1", host_key="vm1", computer_role="guest", guest_vm="vm1")

        assert bool(claims([event])) is is_its
        assert claims([event | {"guest_vm": "VM2"}]) == []

    @pytest.mark.parametrize(("is_sole", "is_its"), [(True, True), (False, False)])
    def test_a_name_that_two_machines_bear(self, is_sole, is_its):
        """A computer of that name may be either of them; a former name is as good as the newest."""
        alias = {"vm": "VM1", "name_key": "old", "is_sole": is_sole}
        event = hit(FROM, "t1", host="OLD", host_key="old", computer_role="guest", guest_vm="OLD")

        assert bool(claims([event], machine_aliases=[alias])) is is_its

    def test_two_jobs_of_one_vm(self):
        """Nothing tells to which of two jobs near it the event belongs."""
        windows = [window(), window("J2", from_us=TO + 100 * SECOND, to_us=TO + 140 * SECOND)]
        event = hit(TO, "t1", computer_role="guest", guest_vm="VM1")

        assert claims([event], windows) == []


def sighted(*events: tuple[str, str, int, int]) -> Row:
    """The sightings of one job with events given as (gives, how, us, latest_us)."""
    columns = ("gives", "how", "us", "latest_us")
    rows = [{"job_id": "J1", **dict(zip(columns, event, strict=True))} for event in events]
    (row,) = rows_of("sightings", job_events=rows)
    return row


def test_sightings():
    """Earliest observation, earliest that can only follow, latest that can only precede, and the span of VSS."""
    row = sighted(
        ("t2", "observes", 20, 21),
        ("t2", "observes", 30, 30),
        ("t2", "near", 19, 19),
        ("t2", "before", 40, 45),
        ("t2", "before", 41, 42),
        ("mount", "observes", 50, 50),
        ("mount", "observes", 51, 51),
        ("unmount", "observes", 60, 60),
        ("unmount", "observes", 61, 61),
        ("t1", "observes", 10, 12),
        ("t1", "after", 5, 6),
        ("t1", "after", 7, 8),
        ("t1", "before", 15, 16),
        ("t1", "near", 9, 9),
    )

    assert (row["t2_us"], row["t2_latest_us"], row["t2_near_us"], row["t2_before_us"]) == (20, 21, 19, 42)
    assert (row["mount_us"], row["unmount_us"], row["has_guest"]) == (50, 61, True)
    assert (row["t1_us"], row["t1_latest_us"], row["t1_after_us"], row["t1_before_us"]) == (10, 12, 7, 16)
    assert (row["t1_first_us"], row["t1_last_us"]) == (6, 10)
    assert sighted(("t2", "near", 1, 1))["has_guest"] is False


def gap(sightings: list[Row], windows: list[Row] | None = None) -> dict[str, Row]:
    """Deltas by job; each job's window is FROM to TO."""
    given = [{"has_guest": True, "job_id": f"J{n}"} | row for n, row in enumerate(sightings)]
    windows = windows or [window(row["job_id"]) for row in given]
    return {row["job_id"]: row for row in rows_of("deltas", sightings=given, job_windows=windows)}


class TestGap:
    def test_both_snapshots_observed(self):
        """The clock's bounds widen the gap: here the guest is right within two seconds either way."""
        seen = {"t1_us": FROM + 2 * SECOND, "t1_latest_us": FROM + 2 * SECOND, "t2_us": FROM + 10 * SECOND}
        seen |= {
            "t2_latest_us": FROM + 10 * SECOND,
            "t1_first_us": FROM + 2 * SECOND,
            "t1_last_us": FROM + 2 * SECOND,
        }
        row = gap([seen])["J0"]

        assert (row["offset_low_us"], row["offset_high_us"]) == (-2 * SECOND, 8 * SECOND)
        assert (row["delta_t_min_s"], row["delta_t_max_s"], row["delta_t_s"]) == (0.0, 10.0, 5.0)
        assert (row["t1_low_us"], row["t1_high_us"]) == (FROM, FROM + 10 * SECOND)

    def test_more_jobs_bound_the_clock_better(self):
        """One offset must fit all jobs of the guest; where none does, no gap is stated."""
        early = {"t1_us": FROM + SECOND, "t1_latest_us": FROM + SECOND, "t1_first_us": FROM + SECOND}
        early |= {"t1_last_us": FROM + SECOND}
        late = {name: us + 38 * SECOND for name, us in early.items()}
        found = gap([early, late])

        assert {(row["offset_low_us"], row["offset_high_us"]) for row in found.values()} == {
            (-SECOND, SECOND)
        }
        assert all(row["is_constant"] for row in found.values())
        later = {name: us + 41 * SECOND for name, us in early.items()}
        broken = gap([early, later])
        assert [row["delta_t_s"] for row in broken.values()] == [None, None]
        assert not any(row["is_constant"] for row in broken.values())

    @pytest.mark.parametrize(
        ("before_us", "is_known"), [(FROM + 4, False), (FROM + 5, True), (FROM + 6, True)]
    )
    def test_freeze_and_thaw_bracket_the_snapshot(self, before_us, is_known):
        """A thaw before the freeze is that of another snapshot."""
        seen = {
            "t1_after_us": FROM + 5,
            "t1_before_us": before_us,
            "t1_first_us": FROM + 5,
            "t1_last_us": FROM + 5,
        }

        assert (gap([seen])["J0"]["delta_t_s"] is not None) is is_known

    def test_what_can_only_follow_is_late_by_a_second(self):
        """The device of a snapshot may be announced up to a second before the commit ends."""
        seen = {"t1_us": FROM, "t1_latest_us": FROM, "t1_first_us": FROM, "t1_last_us": FROM}
        row = gap([seen | {"t2_before_us": FROM + 3 * SECOND}])["J0"]

        assert row["delta_t_max_s"] == 4.0

    @pytest.mark.parametrize(("mount_s", "most_s"), [(3.9, 3.9), (4.0, 4.0), (4.1, 4.0)])
    def test_the_mount_bounds_it_too(self, mount_s, most_s):
        """A disk is mounted on a snapshot that exists."""
        seen = {"t1_us": FROM, "t1_latest_us": FROM, "t1_first_us": FROM, "t1_last_us": FROM}
        seen |= {"t2_before_us": FROM + 3 * SECOND, "mount_us": FROM + round(mount_s * SECOND)}

        assert gap([seen])["J0"]["delta_t_max_s"] == most_s

    def test_no_clock_without_work_in_the_guest(self):
        """An event that only follows the snapshot bounds no clock."""
        row = gap([{"t1_before_us": FROM + 5}])["J0"]

        assert (row["shows_clock"], row["is_constant"], row["delta_t_s"]) == (False, False, None)
        assert rows_of("guest_clocks", deltas=[row]) == []


def test_guest_clocks():
    """One row per guest, with the number of jobs that bound it."""
    deltas = [
        {"vm": "VM1", "shows_clock": shows, "offset_low_us": -1, "offset_high_us": 2, "is_constant": True}
        for shows in (True, True, False)
    ]
    (row,) = rows_of("guest_clocks", deltas=deltas)

    assert (row["vm"], row["jobs"], row["offset_low_us"], row["offset_high_us"]) == ("VM1", 2, -1, 2)
