"""The view vm_disks: what is known of a VM's disks at each time of collection, where rows do not agree."""

from __future__ import annotations

from tests.model.views import Row, S, rows_of

THROUGH = ("inventory_machines", "sole_machines", "record_vms", "machine_names")
DISK: Row = {"vm": "VM", "vm_id": "AB-C", "host": "HV01", "host_key": "hv01", "collected_at": 5 * S}
DISK |= {"vhd_path": "a", "vhd_format": "VHDX", "vm_version": "8.0", "cluster": "CA", "file_size_bytes": 10}


def of(*rows: Row) -> list[Row]:
    """The rows of the view for these of the inventory, the oldest collection first."""
    vms = [DISK | row | {"source_id": "S", "record_no": place} for place, row in enumerate(rows)]
    return sorted(rows_of("vm_disks", through=THROUGH, vms=vms), key=lambda row: row["collected_at"])


class TestDisks:
    def test_one_disk_that_two_exports_list(self):
        """It counts once, at its greatest size; of what differs the last in the alphabet is shown."""
        other: Row = {"vm_version": "9.0", "vhd_format": "VHD", "cluster": "CB", "file_size_bytes": 30}
        for rows in (({}, other), (other, {})):
            (row,) = of(*rows)
            assert (row["vhd_bytes"], row["vm_version"], row["version"]) == (30, "9.0", 9.0)
            assert (row["vhd_format"], row["has_vhd"], row["cluster"]) == ("VHDX", False, "CB")

    def test_two_disks(self):
        """Their sizes add up; an old format of any counts."""
        other: Row = {"vhd_path": "b", "vhd_format": "VHD", "vm_version": "5.0", "cluster": "CB"}
        for rows in (({}, other), (other, {})):
            (row,) = of(*rows)
            assert (row["vhd_bytes"], row["vm_version"], row["cluster"]) == (20, "8.0", "CB")
            assert (row["vhd_format"], row["has_vhd"], row["has_pass_through"]) == ("VHDX", True, False)

    def test_hosts_of_one_moment(self):
        """A VM that two hosts list at one moment is on the last in the alphabet."""
        on_two = [{}, {"host": "HV02", "host_key": "hv02", "cluster": None}]

        assert [(row["host"], row["cluster"], row["vhd_bytes"]) for row in of(*on_two)] == [
            ("HV02", "CA", 10)
        ]

    def test_passed_through(self):
        """One export that says so is enough: the disk has no size of ours."""
        (row,) = of({"pass_through": False}, {"pass_through": True}, {"vhd_path": "b", "pass_through": None})

        assert (row["has_pass_through"], row["vhd_bytes"]) == (True, 20)

    def test_without_any_size(self):
        """Nothing that has a size: unknown, not 0."""
        (row,) = of({"pass_through": True})

        assert (row["has_pass_through"], row["vhd_bytes"]) == (True, None)

    def test_from_one_collection_to_the_next(self):
        """The first holds for all times before, the last until today."""
        rows = of({}, {"collected_at": 9 * S}, {"collected_at": 20 * S})

        assert [(row["valid_from_us"], row["valid_to_us"], row["is_latest"]) for row in rows] == [
            (0, 9 * S, False),
            (9 * S, 20 * S, False),
            (20 * S, None, True),
        ]

    def test_each_vm_has_its_own_times(self):
        """A later collection of another VM ends nothing."""
        rows = of({}, {"vm": "B", "vm_id": "B", "vhd_path": "b", "collected_at": 9 * S})

        assert [(row["vm"], row["valid_from_us"], row["is_latest"]) for row in rows] == [
            ("VM", 0, True),
            ("B", 0, True),
        ]
