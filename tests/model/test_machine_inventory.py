"""Which machine an entry of the inventory is, and which of them a job record names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.model.machine_rows import DAY, ID1, ID2, MONDAY, disk, inventory, path, task
from tests.model.views import Row, rows_of


def known(*rows: Row) -> list[tuple[str, str, str]]:
    """Machine, what told it, and name of each row of the inventory, in order."""
    found = rows_of("inventory_machines", vms=inventory(*rows))
    found.sort(key=lambda row: row["record_no"])
    return [(row["machine_id"], row["told_by"], row["vm"]) for row in found]


def ids(*rows: Row) -> list[str]:
    """The machine of each row of the inventory, by the place of its first row."""
    found = [machine for machine, _, _ in known(*rows)]
    return ["ABCDEF"[list(dict.fromkeys(found)).index(machine)] for machine in found]


class TestInventory:
    def test_one_vm_id_is_one_machine(self):
        """Whatever its name, host, cluster and disks."""
        rows = (
            disk("A", ID1, vhd_path=path("A")),
            disk("A-NEW", ID1, day=1, host="HV02"),
            disk("A", ID2, cluster="CLU"),
        )

        assert known(*rows) == [(ID1, "vm_id", "A"), (ID1, "vm_id", "A-NEW"), (ID2, "vm_id", "A")]

    def test_without_a_vm_id_the_disk_tells(self):
        """Where one VMId alone has it; on another host the same path is another disk."""
        rows = (
            disk("A", ID1, vhd_path=path("A")),
            disk("B", day=1, vhd_path=path("A").upper()),
            disk("B", day=1, host="HV02", vhd_path=path("A")),
        )
        found = known(*rows)

        assert found[1] == (ID1, "vhd_path", "B")
        assert found[2][0].startswith("VHD-")

    def test_a_disk_of_two_vm_ids_decides_nothing(self):
        """A shared VHDX; the other disk of the machine does, else its name."""
        shared = [disk("A", ID1, vhd_path=path("S")), disk("B", ID2, vhd_path=path("S"))]
        own = [disk("A", ID1, vhd_path=path("A")), disk("C", day=1, vhd_path=path("A"))]

        assert ids(*shared, disk("C", day=1, vhd_path=path("S"))) == ["A", "B", "C"]
        assert known(*shared, disk("B", day=1, vhd_path=path("S")))[2] == (ID2, "name", "B")
        assert ids(*shared, *own, disk("C", day=1, vhd_path=path("S"))) == ["A", "B", "A", "A", "A"]

    def test_then_the_name_tells(self):
        """In one scope, where one VMId alone bears it, in large or small letters."""
        assert known(disk("A", ID1), disk("a", day=1))[1] == (ID1, "name", "a")
        assert ids(disk("A", ID1), disk("A", day=1, host="HV02")) == ["A", "B"]
        assert ids(disk("A", ID1), disk("A", ID2), disk("A", day=1)) == ["A", "B", "C"]

    def test_a_host_is_its_cluster(self):
        """Any row of a host tells its cluster; names and disks are one within it."""
        clustered = disk("X", ID2, host="HV02", cluster="CLU.contoso.local")
        rows = (clustered, disk("A", ID1, cluster="CLU"), disk("A", day=1, host="HV02"))

        assert ids(*rows) == ["A", "B", "B"]

    def test_renamed(self):
        """Two names that have one disk on different days are one machine; on one day they share it."""
        apart = known(disk("A", vhd_path=path("A")), disk("B", day=1, vhd_path=path("A")))
        at_once = known(disk("A", vhd_path=path("A")), disk("B", vhd_path=path("A")))

        assert apart[0][0] == apart[1][0]
        assert {told_by for _, told_by, _ in apart} == {"vhd_path"}
        assert at_once[0][0] != at_once[1][0]
        assert {told_by for _, told_by, _ in at_once} == {"name"}

    def test_renamed_and_then_given_another_disk(self):
        """Disks of one entry are one machine's, whichever of them the other name had."""
        later = [disk("B", day=1, vhd_path=path("A")), disk("B", day=1, vhd_path=path("Z"))]

        assert ids(disk("A", vhd_path=path("Z")), *later) == ["A", "A", "A"]
        assert ids(disk("A", vhd_path=path("Z")), *later, disk("C", day=2, vhd_path=path("A"))) == ["A"] * 4

    @pytest.mark.parametrize(("day", "expected"), [(1, ["A", "A"]), (0, ["A", "B"])])
    def test_moved_to_other_disks(self, day, expected):
        """One name in one cluster is one machine unless a day shows it with two disks."""
        rows = (
            disk("A", vhd_path=path("A"), cluster="CLU"),
            disk("A", day=day, host="HV02", vhd_path=path("Z"), cluster="CLU"),
        )

        assert ids(*rows) == expected

    def test_by_name_alone(self):
        """One host, one name; a day on which the disk is told too changes nothing."""
        assert ids(disk("A"), disk("A", day=1), disk("A", host="HV02")) == ["A", "A", "B"]
        assert known(disk("A"))[0][0].startswith("NAME-")
        assert ids(disk("A", vhd_path=path("A")), disk("A", day=1)) == ["A", "A"]
        assert ids(disk("A", host=None), disk("A", day=1, host=None)) == ["A", "A"]

    @pytest.mark.parametrize(
        "cells",
        [
            {"vhd_path": "\\\\.\\PHYSICALDRIVE4"},
            {"vhd_path": path("A"), "pass_through": True},
        ],
    )
    def test_disks_that_are_passed_through(self, cells):
        """They belong to the host, today for one machine, tomorrow for another."""
        assert ids(disk("A", **cells), disk("B", day=1, **cells)) == ["A", "B"]
        assert ids(disk("A", ID1, **cells), disk("B", day=1, **cells)) == ["A", "B"]

    def test_from_when_until_when(self):
        """The first entry of a machine holds for all times before; each until the machine's next one."""
        rows = (disk("A", ID1, day=2), disk("A", ID1), disk("A-NEW", ID1, day=2), disk("B", ID2, day=1))
        found = rows_of("inventory_machines", vms=inventory(*rows))
        spans = {row["record_no"]: (row["valid_from_us"], row["valid_to_us"]) for row in found}

        assert spans == {
            0: (MONDAY + 2 * DAY, None),
            1: (0, MONDAY + 2 * DAY),
            2: (MONDAY + 2 * DAY, None),
            3: (0, None),
        }

    def test_entries_without_a_time(self):
        """They count as taken before all others, and as one day's."""
        rows = (disk("A", ID1, collected_at=None), disk("A-NEW", ID1, day=2))
        found = rows_of("inventory_machines", vms=inventory(*rows))
        shared = (disk(name, collected_at=None, vhd_path=path("S")) for name in "AB")

        assert {row["us"]: (row["valid_from_us"], row["valid_to_us"]) for row in found} == {
            0: (0, MONDAY + 2 * DAY),
            MONDAY + 2 * DAY: (MONDAY + 2 * DAY, None),
        }
        assert ids(*shared) == ["A", "B"]

    def test_what_is_one_machines_alone(self):
        """Paths and names, within a scope and in the whole inventory."""
        vms = inventory(
            disk("A", ID1, vhd_path=path("A")),
            disk("A", ID2, host="HV02", vhd_path=path("A")),
            disk("B", ID2, host="HV02", vhd_path=path("B")),
        )
        found = rows_of("sole_machines", through=("inventory_machines",), vms=vms)
        marks = {(row["scope_key"], row["vhd_key"] or row["name_key"]): row["machine_id"] for row in found}

        assert marks == {
            ("hv01", path("A").lower()): ID1,
            ("hv01", "a"): ID1,
            ("hv02", path("A").lower()): ID2,
            ("hv02", "a"): ID2,
            ("hv02", path("B").lower()): ID2,
            ("hv02", "b"): ID2,
            (None, path("B").lower()): ID2,
            (None, "b"): ID2,
        }


def bearer(vms: Sequence[Row], record: Row) -> str | None:
    """The machine of the inventory that a job record names."""
    (row,) = rows_of("record_vms", through=("inventory_machines",), vms=inventory(*vms), job_tasks=[record])
    found: str | None = row["inventory_id"]
    return found


class TestBearers:
    def test_in_the_scope_of_the_host(self):
        """The host's cluster, or the cluster that the record itself names, or the host."""
        vms = [
            disk("A", ID1, cluster="CLU"),
            disk("X", ID2, host="HV02", cluster="CLU"),
            disk("A", ID2, host="HV03"),
        ]

        assert bearer(vms, task("a", 0, host="HV02")) == ID1
        assert bearer(vms, task("A", 0, host="CLU")) == ID1
        assert bearer(vms, task("A", 0, host="HV03")) == ID2
        assert bearer(vms, task("A", 0, host="HV09")) is None
        assert bearer(vms, task("B", 0)) is None

    def test_two_on_one_cluster(self):
        """That on the record's host; on a third host the one that was seen first."""
        vms = [disk("A", ID2, cluster="CLU"), disk("A", ID1, host="HV02", day=1, cluster="CLU")]
        vms.append(disk("X", "X", host="HV03", cluster="CLU"))

        assert [bearer(vms, task("A", 5, host=host)) for host in ("HV01", "HV02", "HV03")] == [ID2, ID1, ID2]

    @pytest.mark.parametrize(("day", "machine"), [(-3, ID2), (0, ID2), (4, ID2), (5, ID1), (9, ID1)])
    def test_a_name_that_another_machine_took_over(self, day, machine):
        """It holds until the next inventory shows the machine under another name."""
        vms = [disk("A", ID2), disk("A-OLD", ID2, day=5), disk("A", ID1, day=5)]

        assert bearer(vms, task("A", day)) == machine
        assert bearer(vms, task("A-OLD", day)) == ID2

    def test_a_job_without_times(self):
        """It counts as before the first inventory."""
        assert bearer([disk("A", ID1), disk("B", ID1, day=2)], task("A", 0, created_at=None)) == ID1
