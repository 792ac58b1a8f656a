"""Which machine a job record or a log names, and what it is called everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.model.machine_rows import DAY, ID1, ID2, MONDAY, chain, disk, inventory, path, task
from tests.model.views import Row, S, rows_of

TABLES = ("inventory_machines", "sole_machines", "record_vms")


def names(vms: Sequence[Row] = (), tasks: Sequence[Row] = (), chains: Sequence[Row] = ()) -> list[Row]:
    """The rows of machine_names."""
    return rows_of(
        "machine_names",
        through=TABLES,
        vms=inventory(*vms),
        job_tasks=list(tasks),
        log_markers=list(chains),
    )


def labels(vms: Sequence[Row] = (), tasks: Sequence[Row] = (), chains: Sequence[Row] = ()) -> dict[str, str]:
    """The label of each job's machine."""
    return {row["job_id"]: row["vm"] for row in names(vms, tasks, chains) if row["job_id"]}


class TestKnown:
    def test_the_owner_of_the_disk(self):
        """What the log shows is surer than the name: a machine renamed since, or a namesake that moved."""
        vms = [disk("A-NEW", ID1, day=9, vhd_path=path("A")), disk("A", ID2, day=9, vhd_path=path("Z"))]

        assert labels(vms, [task("A", 0)]) == {"A@HV01/0": "A"}
        assert labels(vms, [task("A", 0)], [chain("A@HV01/0", path("A"))]) == {"A@HV01/0": "A-NEW"}

    def test_disks_of_two_machines(self):
        """Neither a shared disk nor disks of two owners decide."""
        vms = [
            disk(vm, vm_id, vhd_path=path(of)) for vm, vm_id in (("A", ID1), ("B", ID2)) for of in (vm, "S")
        ]
        job = "A@HV01/0"

        assert labels(vms, [task("A", 0)], [chain(job, path("S"))]) == {job: "A"}
        assert labels(vms, [task("A", 0)], [chain(job, path("A")), chain(job, path("B"))]) == {job: "A"}
        assert labels(vms, [task("A", 0)], [chain(job, path("S")), chain(job, path("B"))]) == {job: "B"}

    def test_a_disk_on_a_host_that_the_inventory_does_not_know(self):
        """The path is enough where one machine alone has it."""
        vms = [
            disk("A", ID1, vhd_path=path("A"), cluster="CLU"),
            disk("B", ID2, host="HV02", vhd_path=path("B")),
        ]
        twins = [disk(vm, vm, host=vm, vhd_path=path("S")) for vm in "AB"]
        lines = [chain("LOG-1", path("A"), host="HV09")]

        assert labels(vms, chains=lines) == {"LOG-1": "A"}
        assert labels(twins, chains=[chain("LOG-1", path("S"), host="HV09")]) == {"LOG-1": "S"}

    def test_a_night_whose_log_is_lost(self):
        """A former name that no inventory has is told by the disks of its other nights."""
        vms = [disk("A-NEW", ID1, day=9, vhd_path=path("A"))]
        found = labels(vms, [task("A", 0), task("A", 1)], [chain("A@HV01/0", path("A"))])

        assert found == {"A@HV01/0": "A-NEW", "A@HV01/1": "A-NEW"}
        assert labels(vms, [task("A", 0)]) == {"A@HV01/0": "A"}

    def test_a_name_whose_disks_belonged_to_two(self):
        """It is nobody's where nothing else tells."""
        vms = [disk("X", ID1, vhd_path=path("X")), disk("Y", ID2, vhd_path=path("Y"))]
        lines = [chain("A@HV01/0", path("X")), chain("A@HV01/1", path("Y"))]
        found = labels(vms, [task("A", day) for day in range(3)], lines)

        assert len(set(found.values())) == 3

    @pytest.mark.parametrize(("moved_on", "others"), [(3, set()), (2, {"A (HV09)", "A (HV01)"})])
    def test_moved_to_a_host_that_the_inventory_does_not_know(self, moved_on, others):
        """The one machine of that name, unless a night has both."""
        tasks = [*(task("A", day) for day in range(3)), task("A", moved_on, host="HV09")]
        found = labels([disk("A", ID1)], tasks)

        assert set(found.values()) == (others or {"A"})

    def test_a_namesake_elsewhere(self):
        """Where two bear the name, a third host's is neither."""
        vms = [disk("A", ID1), disk("A", ID2, host="HV02")]

        assert labels(vms, [task("A", 0, host="HV09")]) == {"A@HV09/0": "A (HV09)"}

    def test_folders_name_where_nothing_else_does(self):
        """The machine of the folder's name in its scope; a folder never gives a known machine its name."""
        vms = [disk("A", ID1, vhd_path=path("folder")), disk("B", ID2)]
        lines = [
            chain("LOG-1", path("folder"), day=5),
            chain("LOG-2", path("b"), day=5),
            chain("LOG-3", path("C")),
        ]

        assert labels(vms, chains=lines) == {"LOG-1": "A", "LOG-2": "B", "LOG-3": "C"}

    def test_folders_on_two_hosts(self):
        """Of hosts that nothing else tells of: two machines where both have the folder on one night."""
        lines = [chain(f"LOG-{n}", path("A"), host=f"HV0{n}") for n in (1, 2)]

        assert labels(chains=lines) == {"LOG-1": "A (HV01)", "LOG-2": "A (HV02)"}

    def test_folders_in_one_cluster(self):
        """Two hosts of one cluster have one machine of that name."""
        vms = [disk("X", ID1, host=f"HV0{n}", cluster="CLU", vhd_path=path("X")) for n in (1, 2)]
        lines = [chain(f"LOG-{n}", path("A"), host=f"HV0{n}") for n in (1, 2)]

        assert labels(vms, chains=lines) == {"LOG-1": "A", "LOG-2": "A"}

    def test_lines_of_a_job(self):
        """A job of a log counts from its first line, under its first host and the disk that sorts first."""
        lines = [chain("LOG-1", path("A"), day=1), chain("LOG-1", path("B"), host="HV02")]
        for order in (lines, lines[::-1]):
            (row,) = names(chains=order)
            assert (row["name"], row["host"], row["us"]) == ("A", "HV01", MONDAY)
            assert (row["last_us"], row["vm"]) == (MONDAY, "A")

    @pytest.mark.parametrize(
        ("folder", "name"),
        [
            ("D:\\VMs\\SQL\\disk.vhdx", "SQL"),
            ("D:\\VMs\\SQL\\Virtual Hard Disks\\disk.vhdx", "SQL"),
            (None, None),
        ],
    )
    def test_the_folder(self, folder, name):
        """The last but the one in which Hyper-V keeps disks."""
        rows = names(chains=[chain("LOG-1", folder)] if folder else [chain("LOG-1", "", host="HV01")])

        assert [row["name"] for row in rows] == ([name] if name else [])

    def test_guests(self):
        """A computer that bears the name of one machine of the inventory is that machine; of two, neither."""
        guest = task("x", 0, host="a", data_source="SQL01\\DB", data_source_type="SQL Server")
        job = guest["job_id"]

        assert labels([disk("A", ID1)], [guest]) == {job: "A"}
        assert labels([disk("A", ID1), disk("A", ID2, host="HV02")], [guest]) == {}
        assert labels([disk("B", ID1)], [guest]) == {}

    def test_a_guest_does_not_move_its_machine(self):
        """Its own backup is neither a second place of the machine, nor a host, nor a name."""
        guest = task("x", 0, host="a", data_source="SQL01\\DB", data_source_type="SQL Server")
        rows = names([disk("A", ID1, day=-1)], [guest, task("A", 0, host="HV09")])

        assert {(row["vm"], row["last_host"]) for row in rows} == {("A", "HV09")}


class TestUnknown:
    def test_two_hosts_on_the_same_nights(self):
        """Two machines, each with the host it was last seen on."""
        found = labels(tasks=[task("A", day, host=host) for day in range(2) for host in ("HV01", "HV02")])

        assert found == {f"A@{host}/{day}": f"A ({host})" for day in range(2) for host in ("HV01", "HV02")}

    @pytest.mark.parametrize("nights", [(0, 1, 2), (0, 2, 1)])
    def test_moved(self, nights):
        """No night has it on two hosts: it moved, perhaps back again."""
        first, second, third = nights
        tasks = [task("A", first), task("A", second), task("A", third, host="HV02")]

        assert set(labels(tasks=tasks).values()) == {"A"}

    @pytest.mark.parametrize(
        ("places", "is_one"),
        [
            ("1 12 2", True),
            ("1 1 12 2 2 21 1", True),
            ("12 2", False),
            ("1 12", False),
            ("1 21 2", False),
            ("1 121 1", False),
            ("1 12 1", False),
            ("12 12 12", False),
            ("12 21 12", False),
        ],
    )
    def test_a_night_on_two_hosts(self, places, is_one):
        """Two machines, for good, unless the nights before and after show that it moved on within the night."""
        tasks = [
            task(
                "A",
                night,
                host=f"HV0{place}",
                job_id=f"{night}-{hour}",
                created_at=MONDAY + night * DAY + hour * S,
            )
            for night, night_places in enumerate(places.split())
            for hour, place in enumerate(night_places)
        ]

        assert (len(set(labels(tasks=tasks).values())) == 1) is is_one

    def test_two_at_the_same_moment(self):
        """They are two, in whatever order they are read."""
        tasks = [task("A", night, host=host) for night in range(4) for host in ("HV01", "HV02")]

        for order in (tasks, tasks[::-1]):
            assert set(labels(tasks=order).values()) == {"A (HV01)", "A (HV02)"}

    def test_records_that_name_no_computer(self):
        """Records of the same nights that leave out host or DPM server are the machine's, too."""
        for missing in ({"production_server": None}, {"dpm_server": None}):
            tasks = [*(task("A", day) for day in range(3)), task("A", 1, job_id="B", **missing)]

            assert set(labels(tasks=tasks).values()) == {"A"}
            assert set(labels([disk("A", ID1)], tasks).values()) == {"A"}

    def test_another_dpm_server(self):
        """One that is backed up by another server from some night on is one; by both at once it is two."""
        moved = [task("A", 0), task("A", 1, server="DPM02")]
        at_once = [task("A", 0), task("A", 0, server="DPM02", job_id="B")]

        assert set(labels(tasks=moved).values()) == {"A"}
        assert sorted(labels(tasks=at_once).values()) == ["A (HV01)", "A (HV01) 2"]

    def test_another_host_and_another_server(self):
        """Nothing tells that it is the same."""
        tasks = [task("A", 0), task("A", 1, host="HV02", server="DPM02")]

        assert set(labels(tasks=tasks).values()) == {"A (HV01)", "A (HV02)"}

    def test_one_that_moved_beside_a_namesake(self):
        """Each DPM server's are told apart first."""
        tasks = [task("A", 0), task("A", 1, host="HV02")]
        tasks += [task("A", day, host="HV03", server="DPM02") for day in range(2)]

        assert labels(tasks=tasks) == {
            "A@HV01/0": "A (HV02)",
            "A@HV02/1": "A (HV02)",
            "A@HV03/0": "A (HV03)",
            "A@HV03/1": "A (HV03)",
        }

    def test_a_log_without_a_record(self):
        """It is of the DPM server that backs up its host."""
        tasks = [task("A", 0), task("A", 0, host="HV02", server="DPM02")]
        lines = [chain("LOG-1", path("A"), day=1), chain("LOG-2", path("A"), day=1, host="HV02")]

        assert labels(tasks=tasks, chains=lines) == {
            "A@HV01/0": "A (HV01)",
            "LOG-1": "A (HV01)",
            "A@HV02/0": "A (HV02)",
            "LOG-2": "A (HV02)",
        }

    def test_renamed(self):
        """Two names whose logs show one disk, never on one night."""
        tasks = [task("A", 0), task("B", 1)]
        lines = [chain("A@HV01/0", path("A")), chain("B@HV01/1", path("A").upper(), day=1)]
        rows = names(tasks=tasks, chains=lines)

        assert {(row["vm"], row["told_by"]) for row in rows} == {("B", "vhd_path")}
        assert {row["machine_id"][:4] for row in rows} == {"VHD-"}
        assert set(labels(tasks=tasks).values()) == {"A", "B"}

    def test_renamed_beside_another_disk(self):
        """The first of a machine's disks need not be the one that the other name had."""
        tasks = [task("A", 0), task("B", 1), task("B", 2)]
        lines = [
            chain("A@HV01/0", path("Z")),
            chain("B@HV01/1", path("Z"), day=1),
            chain("B@HV01/2", path("K"), day=2),
        ]

        assert set(labels(tasks=tasks, chains=lines).values()) == {"B"}

    def test_two_names_with_one_disk_on_one_night(self):
        """A shared disk merges nothing."""
        tasks = [task("A", 0), task("B", 0), task("B", 1)]
        lines = [
            chain("A@HV01/0", path("S")),
            chain("B@HV01/0", path("S")),
            chain("B@HV01/1", path("S"), day=1),
        ]
        rows = names(tasks=tasks, chains=lines)

        assert {(row["vm"], row["told_by"]) for row in rows} == {("A", "name"), ("B", "name")}

    def test_the_same_path_on_two_hosts(self):
        """Local disks: two machines that never ran together, but on hosts of two DPM servers."""
        tasks = [task("A", 0), task("B", 1, host="HV02", server="DPM02")]
        lines = [chain("A@HV01/0", path("A")), chain("B@HV02/1", path("A"), day=1, host="HV02")]

        assert set(labels(tasks=tasks, chains=lines).values()) == {"A", "B"}


class TestLabels:
    def test_the_newest_name(self):
        """Of inventory and records, whichever is later; an inventory of unknown time is oldest."""
        vms = [disk("A", ID1, vhd_path=path("A")), disk("B", ID1, day=5)]
        lines = [chain("C@HV01/6", path("A"), day=6)]

        assert {row["vm"] for row in names(vms)} == {"B"}
        assert {row["vm"] for row in names(vms, [task("C", 6)], lines)} == {"C"}
        assert {
            row["vm"] for row in names([disk("A", ID1, collected_at=None), disk("B", ID1, day=-9000)])
        } == {"B"}

    def test_a_name_that_an_export_could_not_write(self):
        """Question marks stand for letters that are lost; a name without them is preferred, however old."""
        vms = [disk("会計01", ID1, vhd_path=path("A"))]
        job = task("??01", 5)

        assert labels(vms, [job], [chain(job["job_id"], path("A"))]) == {job["job_id"]: "会計01"}
        assert labels(tasks=[job]) == {job["job_id"]: "??01"}

    def test_large_and_small_letters(self):
        """One machine, spelled as it was last."""
        assert set(labels(tasks=[task("Web", 0), task("WEB", 1)]).values()) == {"WEB"}
        assert sorted({row["vm"] for row in names([disk("web", ID1), disk("WEB", ID2, host="HV02")])}) == [
            "WEB (HV02)",
            "web (HV01)",
        ]

    def test_names_of_any_letters(self):
        """Quotes, brackets, wildcards and backslashes stand as they are."""
        for name in ('O\'Brien "db" [1]', "a*b?", "100%_(x)", "受注 (旧)", "a|b"):
            assert labels([disk(name, ID1)], [task(name, 0)]) == {f"{name}@HV01/0": name}

    def test_the_host_last_seen_on(self):
        """In the label of a namesake, too."""
        vms = [disk("A", ID1), disk("A", ID1, day=2, host="HV05"), disk("A", ID2, host="HV02")]

        assert {row["vm"] for row in names(vms)} == {"A (HV05)", "A (HV02)"}
        assert {row["vm"] for row in names([*vms, disk("X", ID1, day=3, host=None)])} == {"X", "A"}

    def test_no_two_bear_one_label(self):
        """Not even where a machine is called as another is labelled, or where no host is known."""
        vms = [disk("A", ID1), disk("A", ID2, host="HV02"), disk("A (HV01)", "C", host="HV03")]
        nowhere = [disk("A", ID1, host=None), disk("A", ID2, host=None)]

        assert {row["vm"] for row in names(vms)} == {"A (HV01)", "A (HV01) 2", "A (HV02)"}
        assert {row["vm"] for row in names(vms) if row["machine_id"] == "C"} == {"A (HV01)"}
        assert {row["vm"] for row in names(nowhere)} == {"A", "A 2"}
