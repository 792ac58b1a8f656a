"""Machines: the names that mean them, what is known of them, and that all answers are theirs."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import count
from pathlib import Path

import pytest

from analytics.ingest import ingest
from analytics.sql import open_session
from analytics.store import Store
from analytics.synth import Knobs, write_estate
from tests.model.machine_rows import ID1, ID2
from tests.model.plain_estate import Estate, day, moment, nightly
from tests.model.views import Row, S, rows_of

VMS = "VMName,VMId,HostName,ClusterName,VhdPath,FileSizeBytes\n"
NIGHTS = range(14)


def aliases(*namings: tuple[str, str, str, str]) -> set[tuple[str, str, bool]]:
    """machine_aliases of rows of machine_names: machine, label, newest name, name."""
    serial = count()
    rows = [
        dict(zip(("machine_id", "vm", "newest", "name"), naming, strict=True)) | {"us": next(serial)}
        for naming in namings
    ]
    found = rows_of("machine_aliases", machine_names=rows)
    return {(row["vm"], row["name_key"], row["is_sole"]) for row in found}


class TestAliases:
    def test_label_newest_and_former_names(self):
        """All mean the machine."""
        assert aliases(("1", "B", "B", "A"), ("1", "B", "B", "B")) == {("B", "a", True), ("B", "b", True)}

    def test_namesakes(self):
        """The bare name means both; the label with the host means one."""
        rows = (("1", "A (HV01)", "A", "A"), ("2", "A (HV02)", "A", "a"))

        assert aliases(*rows) == {
            ("A (HV01)", "a", False),
            ("A (HV02)", "a", False),
            ("A (HV01)", "a (hv01)", True),
            ("A (HV02)", "a (hv02)", True),
        }

    def test_a_former_name_that_another_bears_now(self):
        """It means the one that bears it."""
        assert aliases(("1", "B", "B", "A"), ("1", "B", "B", "B"), ("2", "a", "a", "a")) == {
            ("B", "b", True),
            ("a", "a", True),
        }

    def test_spellings_of_one_name(self):
        """A name is shown once, in the spelling that sorts first."""
        rows = [
            {"machine_id": "1", "vm": "B", "newest": "B", "name": name}
            for name in ("web", "Web", "WEB", "b", "B")
        ]
        found = rows_of("machine_aliases", machine_names=rows)

        assert {(row["vm"], row["name"], row["is_sole"]) for row in found} == {
            ("B", "WEB", True),
            ("B", "B", True),
        }

    def test_a_machine_without_a_name(self):
        """What only a folder or a computer is named after has the label alone."""
        rows = [{"machine_id": "1", "vm": "B", "newest": "B", "name": None}]

        assert [row["name"] for row in rows_of("machine_aliases", machine_names=rows)] == ["B"]


class TestMachines:
    def machine(self, **given: object) -> Row:
        """The one row of machines."""
        (row,) = rows_of("machines", **given)  # type: ignore[arg-type]
        return row

    def test_what_is_known(self):
        """Names with the newest first, host, cluster, DPM servers and times."""
        naming = {"machine_id": ID1, "vm": "B", "told_by": "vm_id", "last_host": "HV02"}
        row = self.machine(
            machine_names=[
                naming | {"name": "A", "us": 5 * S, "last_us": 7 * S},
                naming | {"name": "B", "us": 8 * S, "last_us": 9 * S},
                naming | {"name": "A", "us": 0, "last_us": 0},
                naming | {"name": None, "us": 9 * S, "last_us": 11 * S},
            ],
            inventory_machines=[{"host_key": "hv02", "cluster": "CLU", "us": 1}],
            job_base=[{"vm": "B", "dpm_server": server} for server in ("DPM02.x", "DPM01", "DPM02.x", None)],
        )

        assert (row["vm"], row["vm_id"], row["names"], row["told_by"]) == ("B", ID1, "B, A", "vm_id")
        assert (row["host"], row["cluster"], row["is_clustered"]) == ("HV02", "CLU", True)
        assert row["dpm_servers"] == "DPM01, DPM02"
        assert (row["first_seen_at"].timestamp(), row["last_seen_at"].timestamp()) == (5, 11)

    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            ([], (None, None)),
            ([{"host_key": "hv02", "us": 1}], (None, False)),
            ([{"host_key": "hv01", "cluster": "CLU", "us": 1}], (None, None)),
            (
                [
                    {"host_key": "hv02", "cluster": "OLD", "us": 1},
                    {"host_key": "hv02", "cluster": "CLU", "us": 2},
                ],
                ("CLU", True),
            ),
        ],
    )
    def test_whether_it_is_clustered(self, rows, expected):
        """What the inventory says of its last host."""
        naming = {"machine_id": "NAME-1", "vm": "A", "name": "A", "told_by": "name", "last_host": "HV02"}
        row = self.machine(machine_names=[naming], inventory_machines=rows)

        assert (row["cluster"], row["is_clustered"]) == expected
        assert (row["vm_id"], row["dpm_servers"], row["first_seen_at"]) == (None, None, None)


@pytest.fixture
def estate(tmp_path):
    """An empty estate."""
    return Estate(tmp_path)


def reasons(estate: Estate, site: str = "") -> dict[str, dict[int, str]]:
    """Of each VM: why it met its window or not, by night."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in estate.rows("SELECT vm, night, reason FROM sla WHERE rule = 'backup_window'", site):
        found[str(row["vm"])][(row["night"] - day(0)).days] = str(row["reason"])
    return found


def jobs_of(estate: Estate) -> dict[str, int]:
    """How many jobs each VM has."""
    rows = estate.rows("SELECT vm, count(*) AS jobs FROM jobs GROUP BY vm")
    return {str(row["vm"]): int(str(row["jobs"])) for row in rows}


def renamed(estate: Estate) -> Estate:
    """OLD becomes NEW in the middle; inventories of before and after."""
    estate.add(nightly("OLD", range(7)), collected=moment(7, 12), vms=f"{VMS}OLD,{ID1},HV01,,D:\\a.vhdx,1\n")
    return estate.add(
        nightly("NEW", range(7, 14)), collected=moment(14, 12), vms=f"{VMS}NEW,{ID1},HV01,,D:\\a.vhdx,1\n"
    )


class TestEstates:
    def test_renamed(self, estate):
        """One series under the newest name, and no night missed."""
        found = reasons(renamed(estate))

        assert list(found) == ["NEW"]
        assert sorted(found["NEW"]) == list(NIGHTS)
        assert "missed" not in found["NEW"].values()
        assert jobs_of(estate) == {"NEW": 14}

    @pytest.mark.parametrize("name", ["NEW", "old", "O*"])
    @pytest.mark.parametrize(
        ("site", "judged"),
        [
            ("[vms]\nexclude = ['{name}']\n", 0),
            (f"[vms]\nprotected_until = {{{{ '{{name}}' = {day(9)} }}}}\n", 10),
            ("[vms]\nschedule = {{ '{name}' = 'weekly:sun' }}\n", 2),
        ],
    )
    def test_the_site_file_may_name_either(self, estate, name, site, judged):
        """The machine that bears or bore the name."""
        found = reasons(renamed(estate), site.format(name=name)).get("NEW", {})

        assert len([reason for reason in found.values() if reason != "not_due"]) == judged

    def test_rules_of_the_site_file(self, estate):
        """[[sla]] vms, too."""
        site = "[[sla]]\nrule = 'max_duration'\nvms = ['OLD']\nthreshold = '4h'\n"
        rows = renamed(estate).rows("SELECT DISTINCT vm, rule FROM sla", site)

        assert {(row["vm"], row["rule"]) for row in rows} == {
            ("NEW", "backup_window"),
            ("NEW", "max_duration"),
        }

    def test_namesakes_by_name_alone(self, estate):
        """Two hosts, no inventory: one misses its night, the other does not."""
        runs = [*nightly("A", [night for night in NIGHTS if night != 9]), *nightly("A", NIGHTS, host="HV02")]
        found = reasons(estate.add(runs, collected=moment(14, 12)))

        assert {vm: nights[9] for vm, nights in found.items()} == {"A (HV01)": "missed", "A (HV02)": "met"}

    def test_the_site_file_and_namesakes(self, estate):
        """NAME (HOST) is one of them; the bare name is both."""
        runs = [*nightly("A", NIGHTS), *nightly("A", NIGHTS, host="HV02")]
        estate.add(runs, collected=moment(14, 12))

        assert set(reasons(estate, "[vms]\nexclude = ['A (HV01)']\n")) == {"A (HV02)"}
        assert set(reasons(estate, "[vms]\nexclude = ['A']\n")) == set()

    def test_moved_by_name_alone(self, estate):
        """One host until the middle, then another: nothing is missed."""
        runs = [*nightly("A", range(7)), *nightly("A", range(7, 14), host="HV02")]
        found = reasons(estate.add(runs, collected=moment(14, 12)))

        assert set(found) == {"A"}
        assert "missed" not in found["A"].values()

    def test_two_dpm_servers_of_one_machine(self, estate):
        """Records of both are its own; the table says both."""
        runs = [*nightly("A", range(7)), *nightly("A", range(5, 14), server="DPM02", start_h=23.0)]
        estate.add(runs, collected=moment(14, 12), vms=f"{VMS}A,{ID1},HV01,,D:\\a.vhdx,1\n")
        (row,) = estate.rows("SELECT vm, dpm_servers, told_by FROM machines")

        assert row == {"vm": "A", "dpm_servers": "DPM01, DPM02", "told_by": "vm_id"}
        assert jobs_of(estate) == {"A": 16}

    def test_two_exports_that_disagree(self, estate):
        """Another name, host and cluster on the same day: one VMId, one machine; the later export counts."""
        vms = f"{VMS}A,{ID1},HV01,CLU,D:\\a.vhdx,1\nX,{ID2},HV02,,D:\\x.vhdx,1\n"
        estate.add(nightly("A", NIGHTS), collected=moment(14, 12), vms=vms)
        estate.add([], collected=moment(14, 13), vms=f"{VMS}B,{ID1},HV02,,D:\\a.vhdx,2\n")
        rows = estate.rows(f"SELECT vm, names, host, is_clustered FROM machines WHERE vm_id = '{ID1}'")

        assert rows == [{"vm": "B", "names": "B, A", "host": "HV02", "is_clustered": False}]
        assert jobs_of(estate) == {"B": 14}

    def test_names_of_any_letters(self, estate):
        """Quotes, brackets and large letters: one machine, which the site file can name."""
        name = 'O\'Brien ""db"" [1] (x)'.replace('""', "`")
        runs = [*nightly(name, range(7)), *nightly(name.upper(), range(7, 14)), *nightly("B", NIGHTS)]
        estate.add(runs, collected=moment(14, 12))

        assert jobs_of(estate) == {name.upper(): 14, "B": 14}
        assert set(reasons(estate, f'[vms]\nexclude = ["{name}"]\n')) == {"B"}

    def test_a_machine_that_was_never_backed_up(self, estate):
        """It is not covered by a namesake that is; the records of its host's other VMs would show its own."""
        vms = f"{VMS}A,{ID1},HV01,,D:\\a.vhdx,1\nA,{ID2},HV02,,D:\\b.vhdx,1\n"
        runs = [*nightly("A", range(3)), *nightly("B", range(3), host="HV02")]
        found = reasons(estate.add(runs, collected=moment(3, 12), vms=vms))

        assert found["A (HV02)"] == {2: "never_run"}
        assert set(found) == {"A (HV01)", "A (HV02)", "B"}

    def test_a_host_without_a_known_job(self, estate):
        """Another DPM server may protect it: what is not known is no miss."""
        vms = f"{VMS}A,{ID1},HV01,,D:\\a.vhdx,1\nA,{ID2},HV02,,D:\\b.vhdx,1\n"
        found = reasons(estate.add(nightly("A", range(3)), collected=moment(3, 12), vms=vms))

        assert found["A (HV02)"] == {2: "no_evidence"}


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file of the truth."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def without_vm_ids(folder: Path) -> None:
    """Take the VMIds out of every inventory."""
    for path in folder.rglob("vms.csv"):
        rows = read(path)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [name for name in rows[0] if name != "VMId"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


CHANGES = ("renamed_vms", "namesakes", "migrated_vms")


@pytest.fixture(scope="module", params=[True, False], ids=["with VMIds", "without"])
def simulated(request, tmp_path_factory):
    """An estate with every change, its inventories with or without VMIds: has_ids, session, folder of the truth."""
    folder = tmp_path_factory.mktemp("machines") / "estate"
    knobs = dict.fromkeys(CHANGES, 2)
    write_estate(folder, Knobs(vms=40, nights=6, hosts=8, noise=0, seed=4, hostile_share=0, **knobs))
    if not request.param:
        without_vm_ids(folder)
    store = Store.create_or_open(folder.with_name("store"))
    ingest(store, [folder])
    with open_session(store) as session:
        yield request.param, session, folder.with_name("estate.truth")


def test_every_job_is_its_machines(simulated):
    """As many machines as there are, and each job under the label of its own."""
    has_ids, session, truth = simulated
    owners = {row["job_id"]: row["vm_id"].upper() for row in read(truth / "job_machines.csv")}
    rows = session.sql("SELECT job_id, vm FROM jobs").to_pylist()
    pairs = {(row["vm"], owners[row["job_id"]]) for row in rows}
    machines = session.sql("SELECT vm, vm_id, told_by FROM machines").to_pylist()

    assert len(rows) > 150
    assert len(pairs) == len({vm for vm, _ in pairs}) == len({vm_id for _, vm_id in pairs})
    assert len(machines) == len(read(truth / "machines.csv"))
    assert {row["told_by"] for row in machines} == ({"vm_id"} if has_ids else {"vhd_path"})
    if has_ids:
        assert pairs <= {(row["vm"], row["vm_id"]) for row in machines}


def test_labels_of_the_simulated_machines(simulated):
    """The newest name; namesakes with their hosts."""
    _, session, truth = simulated
    machines = read(truth / "machines.csv")
    names = [row["name"] for row in machines]
    expected = {
        row["name"] if names.count(row["name"]) == 1 else f"{row['name']} ({row['host']})" for row in machines
    }
    twins = [row for row in machines if names.count(row["name"]) == 2]

    assert {row["vm"] for row in session.sql("SELECT vm FROM machines").to_pylist()} == expected
    assert len(twins) == 4
    assert len({row["cluster"] for row in twins[:4]}) > 1


def test_no_old_name_is_missed(simulated):
    """A machine that was renamed or moved has one series; what is missed is what the simulation left out."""
    _, session, truth = simulated
    changed = {row["name"] for row in read(truth / "machines.csv") if row["changed_on"]}
    former = {row["former_name"] for row in read(truth / "machines.csv")} - {""}
    left_out = {(row["vm"], row["night"]) for row in read(truth / "slots.csv") if row["reason"] == "missed"}
    rows = session.sql("SELECT vm, CAST(night AS VARCHAR) AS night, reason FROM sla").to_pylist()
    missed = {(row["vm"], row["night"]) for row in rows if row["reason"] == "missed" and row["vm"] in changed}

    assert len(changed) == 4
    assert former & {row["vm"] for row in rows} == set()
    assert missed <= left_out
