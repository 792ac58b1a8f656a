"""Snapshots that the events alone show: which traces are one snapshot, whose disks were mounted on it, who was near."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.test_event_matches import FROM, PATH, SECOND, hit, mount
from tests.model.views import Row, rows_of


def sets(*hits: Row, **given: list[Row]) -> list[tuple[float, float]]:
    """First and last second of each snapshot of HV01."""
    rows = rows_of("snapshot_sets", event_hits=list(hits), **given)
    return sorted((row["first_us"] / SECOND, row["last_us"] / SECOND) for row in rows)


class TestSets:
    @pytest.mark.parametrize(
        ("apart_us", "count"), [(10 * SECOND - 1, 1), (10 * SECOND, 1), (10 * SECOND + 1, 2)]
    )
    def test_ten_seconds_are_one_snapshot(self, apart_us, count):
        """VSS takes one snapshot of a computer at a time: a longer silence begins another one."""
        assert len(sets(hit(FROM, how="before"), hit(FROM + apart_us, how="before"))) == count

    @pytest.mark.parametrize(
        ("apart_us", "count"), [(2 * SECOND - 1, 1), (2 * SECOND, 1), (2 * SECOND + 1, 2)]
    )
    def test_two_seconds_between_two_snapshots(self, apart_us, count):
        """A snapshot that was itself logged twice is two where the records are two seconds apart."""
        assert len(sets(hit(FROM), hit(FROM + apart_us))) == count

    def test_silence_is_counted_from_the_last_trace(self):
        """A chain of traces may last longer than ten seconds."""
        assert sets(*(hit(FROM + n * 9 * SECOND, how="near") for n in range(3))) == [(1000.0, 1018.0)]

    def test_hosts_are_apart(self):
        """Two hosts at one time take two snapshots; guests are no hosts."""
        guest = hit(FROM, computer_role="guest", host_key="vm1")

        assert len(sets(hit(FROM), hit(FROM, host_key="hv02"), guest, hit(FROM, "mount"))) == 2

    @pytest.mark.parametrize(("jobs", "job_id"), [(("J1", "J1"), "J1"), (("J1", "J2"), None), ((), None)])
    def test_the_job_that_the_traces_agree_on(self, jobs, job_id):
        """Traces of two jobs leave the snapshot without one."""
        hits = [hit(FROM), hit(FROM + SECOND, how="near")]
        claimed = [
            {"source_id": "S", "record_no": event["record_no"], "job_id": job}
            for event, job in zip(hits, jobs, strict=False)
        ]
        (row,) = rows_of("snapshot_sets", event_hits=hits, job_events=claimed)

        assert row["job_id"] == job_id


def snapshots(hits: list[Row], **given: list[Row]) -> list[Row]:
    """host_snapshots of these events, in order."""
    given = {"machine_aliases": [{"vm": "VM2", "name_key": "vm2", "is_sole": True}]} | given
    made = rows_of("snapshot_sets", event_hits=hits, **given)
    paths = given.get("vm_paths", [{"vm": "VM1", "disk_key": PATH}])
    rows = rows_of("host_snapshots", event_hits=hits, snapshot_sets=made, **(given | {"vm_paths": paths}))
    return sorted(rows, key=lambda row: row["first_at"])


def near(us: int, **more: Any) -> Row:
    """A snapshot inside VM2."""
    return hit(us, "t1", **({"computer_role": "guest", "host_key": "vm2", "guest_vm": "VM2"} | more))


class TestSnapshots:
    def test_disks_mounted_after_it(self):
        """The disks belong to the snapshot before them; its VM is theirs."""
        hits = [
            hit(FROM),
            mount(FROM + 5 * SECOND),
            mount(FROM + 9 * SECOND, "unmount"),
            hit(FROM + 60 * SECOND),
        ]
        first, second = snapshots(hits)

        assert (first["vm"], first["vhds"], first["mounted_s"], first["grade"]) == ("VM1", 1, 4.0, "A")
        assert (second["vm"], second["vhds"], second["mount_at"]) == (None, 0, None)

    def test_disks_of_two_vms(self):
        """They name no VM."""
        paths = [{"vm": "VM1", "disk_key": PATH}, {"vm": "VM2", "disk_key": "b"}]
        hits = [hit(FROM), mount(FROM + SECOND), mount(FROM + SECOND, disk_key="b")]
        (row,) = snapshots(hits, vm_paths=paths)

        assert (row["vm"], row["vhds"]) == (None, 2)

    def test_the_job_names_the_vm(self):
        """Where no disk does."""
        claimed = [{"source_id": "S", "record_no": FROM, "job_id": "J1"}]
        (row,) = snapshots([hit(FROM)], job_events=claimed, job_base=[{"job_id": "J1", "vm": "VM3"}])

        assert (row["job_id"], row["vm"]) == ("J1", "VM3")

    def test_a_snapshot_that_only_traces_show(self):
        """Its moment is not known: grade B."""
        (row,) = snapshots([hit(FROM, how="before")])

        assert (row["grade"], row["snapshot_at"]) == ("B", None)

    @pytest.mark.parametrize(
        ("us", "is_near"),
        [
            (FROM - 150 * SECOND - 1, False),
            (FROM - 150 * SECOND, True),
            (FROM + 150 * SECOND, True),
            (FROM + 150 * SECOND + 1, False),
        ],
    )
    def test_guests_within_150_seconds(self, us, is_near):
        """A hint where nothing names the VM."""
        (row,) = snapshots([hit(FROM), near(us)])

        assert row["guests_near"] == ("VM2" if is_near else None)

    @pytest.mark.parametrize(
        ("given", "process", "guests"),
        [
            ({}, r"c:\dpm\dpmra.exe", "VM2"),
            ({}, r"c:\windows\wbengine.exe", None),
            ({"inventory_machines": [{"machine_id": "M2", "host_key": "hv01"}]}, None, "VM2"),
            ({"inventory_machines": [{"machine_id": "M2", "host_key": "hv02"}]}, None, None),
            ({"inventory_machines": [{"machine_id": "M2"}]}, None, "VM2"),
            ({"machine_aliases": [{"vm": "VM2", "name_key": "vm2", "is_sole": False}]}, None, None),
        ],
    )
    def test_which_guests_are_a_hint(self, given, process, guests):
        """Only where DPM may have asked, the guest is one machine, and is not known to live on another host."""
        names = [{"machine_id": "M2", "vm": "VM2"}]
        (row,) = snapshots([hit(FROM, process=process), near(FROM)], machine_names=names, **given)

        assert row["guests_near"] == guests
