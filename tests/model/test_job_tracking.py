"""How the changed blocks of a job were found, what says so, and the size of its disks at that time."""

from __future__ import annotations

import pytest

from analytics.places import rules_folder
from analytics.site import Site
from analytics.tables.rules import read_rules
from tests.model.views import S, rows_of

RCT = "Microsoft Hyper-V RCT"


def job(name="J", second=1000, **cells):
    """One row of job_base: a good backup of a host."""
    times = {"started_at": second * S, "ended_at": (second + 100) * S}
    base = {"job_id": name, "marks_id": name, "vm": "VM", "level": "host", "kind": "express_full"}
    return base | times | cells


def volume(job_id, key, refusals=0):
    """One row of job_volumes."""
    return {"job_id": job_id, "volume_key": key, "claim_refusals": refusals}


def disks(version, bytes_=1, valid_from_s=0, valid_to_s=None, collected_s=None):
    """One row of vm_disks."""
    return {
        "vm": "VM",
        "collected_at": (valid_from_s if collected_s is None else collected_s) * S,
        "version": version,
        "vhd_bytes": bytes_,
        "valid_from_us": valid_from_s * S,
        "valid_to_us": None if valid_to_s is None else valid_to_s * S,
        "is_latest": valid_to_s is None,
    }


@pytest.fixture
def tracking():
    """Tracking and what says so, by job."""

    def view(*jobs, vm_disks=(), site=None, lost_s=(), volumes=()):
        hits = [{"marker": "tracking_lost", "disk_key": "d", "us": round(second * S)} for second in lost_s]
        rows = rows_of(
            "job_tracking",
            site,
            job_base=list(jobs),
            job_volumes=list(volumes),
            vm_disks=list(vm_disks),
            event_hits=[*hits, {"marker": "vhd_mount", "disk_key": "d", "us": 1050 * S}],
            vm_paths=[{"vm": "VM", "disk_key": "d"}],
        )
        assert len(rows) == len(jobs)
        return {row["job_id"]: (row["tracking"], row["tracking_from"]) for row in rows}

    return view


class TestKind:
    @pytest.mark.parametrize("kind", ["consistency_check", "initial_replica"])
    def test_checks_and_first_copies_read_everything(self, tracking, kind):
        """Whatever else is known."""
        found = tracking(job(kind=kind, data_source_type=RCT), vm_disks=[disks(8.0)])

        assert found["J"] == ("block_compare", "kind")

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"data_source_type": RCT}, ("rct", "data_source_type")),
            ({"data_source_type": RCT, "level": "guest"}, ("rct", "data_source_type")),
            ({"level": "guest"}, ("change_tracking", "level")),
            ({"level": None}, ("unknown", None)),
            ({}, ("unknown", None)),
        ],
    )
    def test_what_the_record_says(self, tracking, change, expected):
        """RCT by the type of the data source; an agent inside the VM tracks."""
        assert tracking(job(**change))["J"] == expected


class TestClaims:
    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            (None, ("block_compare", "csv_claim")),
            (4.0, ("block_compare", "csv_claim")),
            (4.9, ("block_compare", "csv_claim")),
            (5.0, ("change_tracking", "era")),
            (8.0, ("change_tracking", "era")),
        ],
    )
    def test_a_refused_claim_shows_old_hosts(self, tracking, version, expected):
        """Hosts before 2012 R2 compare on Cluster Shared Volumes; version 5.0 and later track."""
        found = tracking(
            job(),
            job("other", vm="other"),
            vm_disks=[disks(version)],
            volumes=[volume("J", "v1"), volume("other", "v1", 1)],
        )

        assert found["J"] == expected

    def test_only_on_the_volume_that_was_refused(self, tracking):
        """Another volume, and a claim that was never refused, show nothing; of two volumes one is enough."""
        found = tracking(
            *(job(name) for name in ("J", "other", "third", "both")),
            volumes=[volume("J", "v1"), volume("other", "v2", 1), volume("both", "v1"), volume("both", "v2")],
        )

        assert found == {
            "J": ("unknown", None),
            "other": ("block_compare", "csv_claim"),
            "third": ("unknown", None),
            "both": ("block_compare", "csv_claim"),
        }


class TestSite:
    @pytest.mark.parametrize(
        ("change", "version", "expected"),
        [
            ({}, None, ("block_compare", "site")),
            ({}, 8.0, ("block_compare", "site")),
            ({"kind": "online"}, 8.0, ("unknown", None)),
            ({"level": "guest"}, 8.0, ("change_tracking", "level")),
            ({"data_source_type": RCT}, 8.0, ("rct", "data_source_type")),
        ],
    )
    def test_what_the_site_file_says(self, tracking, change, version, expected):
        """It counts for backups of a host where no record says better, and before the version."""
        site = Site(time_zone="UTC", tracking="block_compare")

        assert tracking(job(**change), vm_disks=[disks(version)], site=site)["J"] == expected

    def test_jobs_to_the_cloud_say_nothing(self, tracking):
        """Their blocks come from the replica."""
        assert tracking(job(kind="online"), vm_disks=[disks(8.0)])["J"] == ("unknown", None)


class TestErrors:
    @pytest.mark.parametrize(
        "code", [rule.cells["error_code"] for rule in read_rules(rules_folder(), "tracking_errors")]
    )
    def test_each_error_that_drops_tracking(self, tracking, code):
        """The job after it compares everything; the one after that does not."""
        found = tracking(
            job("1", 1000, data_source_type=RCT, error_code=int(code)),
            job("2", 2000, data_source_type=RCT),
            job("3", 3000, data_source_type=RCT),
            job("other", 2500, vm="other", data_source_type=RCT),
        )

        rct = ("rct", "data_source_type")
        assert found == {"1": rct, "2": ("block_compare", "error"), "3": rct, "other": rct}

    @pytest.mark.parametrize("code", [30134, 30136, 32612])
    def test_other_errors_drop_nothing(self, tracking, code):
        """Only the errors that the rules name."""
        found = tracking(
            job("1", 1000, data_source_type=RCT, error_code=code), job("2", 2000, data_source_type=RCT)
        )

        assert found["2"] == ("rct", "data_source_type")

    def test_only_with_rct(self, tracking):
        """Without RCT there is nothing to drop."""
        found = tracking(job("1", 1000, error_code=30135), job("2", 2000), vm_disks=[disks(8.0)])

        assert found["2"] == ("change_tracking", "era")


class TestEvents:
    @pytest.mark.parametrize(
        ("lost_s", "expected"),
        [
            (1000, {"1": "event", "2": "data_source_type"}),
            (1000.000001, {"1": "event", "2": "event"}),
            (1100, {"1": "event", "2": "event"}),
            (1100.000001, {"1": "data_source_type", "2": "event"}),
            (2100, {"1": "data_source_type", "2": "event"}),
            (2100.000001, {"1": "data_source_type", "2": "data_source_type"}),
        ],
    )
    def test_tracking_that_an_event_says_is_lost(self, tracking, lost_s, expected):
        """It counts for each job that ended at that moment or later, and had no other job begin since."""
        found = tracking(
            job("1", 1000, data_source_type=RCT), job("2", 2000, data_source_type=RCT), lost_s=[lost_s]
        )

        assert {name: source for name, (_, source) in found.items()} == expected
        assert {tracking for tracking, source in found.values() if source == "event"} <= {"block_compare"}

    def test_only_what_can_be_lost(self, tracking):
        """A comparison stays one, the agent's own tracking is another one, and another level has no disks."""
        site = Site(time_zone="UTC", tracking="change_tracking")

        assert tracking(job(), lost_s=[1050])["J"] == ("block_compare", "event")
        assert tracking(job(), lost_s=[1050], site=site)["J"] == ("change_tracking", "site")
        assert tracking(job(kind="consistency_check"), lost_s=[1050])["J"] == ("block_compare", "kind")
        assert tracking(job(level=None), lost_s=[1050])["J"] == ("unknown", None)
        assert tracking(job(vm="other"), lost_s=[1050])["J"] == ("unknown", None)


class TestSizes:
    @pytest.mark.parametrize(
        ("second", "bytes_", "source"),
        [
            (499, 1000, None),
            (1000, 1000, None),
            (1500, 1500, None),
            (1999, 1999, None),
            (2000, 2000, "era"),
            (2250, 1750, "era"),
            (2999, 1001, "era"),
            (3000, 1000, "era"),
            (9999, 1000, "era"),
        ],
    )
    def test_the_inventory_of_that_time(self, second, bytes_, source):
        """An inventory holds from its time on, the first one for all times before; sizes grow and shrink evenly."""
        inventory = [
            disks(4.0, 1000, 0, 2000, collected_s=1000),
            disks(5.0, 2000, 2000, 3000),
            disks(5.0, 1000, 3000),
        ]
        (row,) = rows_of("job_tracking", job_base=[job(second=second)], vm_disks=inventory)

        assert (row["vhd_bytes"], row["tracking_from"]) == (bytes_, source)

    @pytest.mark.parametrize("other", [None, 5])
    def test_a_size_that_cannot_grow(self, other):
        """Of a collection without a day, and towards one without a size, it stays what it was."""
        undated = [disks(5.0, 1, 0, 2000), disks(5.0, 5, 2000)]
        sizeless = [disks(5.0, other, 0, 2000, collected_s=1000), disks(5.0, None, 2000)]
        sizes = [
            rows_of("job_tracking", job_base=[job(second=1500)], vm_disks=found)[0]["vhd_bytes"]
            for found in (undated, sizeless)
        ]

        assert sizes == [1, other]

    def test_one_row_where_disks_do_not_agree(self):
        """Cluster and version of a collection whose rows differ: those that come last, the same each time."""
        disk = {"vm": "VM", "collected_at": 5 * S, "file_size_bytes": 10, "host": "HV01", "vm_id": "AB-C"}
        inventory = [
            disk | {"vhd_path": c, "cluster": f"C{c}", "vm_version": f"{n}.0"} for n, c in enumerate("abc", 6)
        ]
        rows = rows_of(
            "vm_disks",
            through=("inventory_machines", "sole_machines", "record_vms", "machine_names"),
            vms=[row | {"source_id": "S", "record_no": place} for place, row in enumerate(inventory)],
        )

        assert [(row["cluster"], row["version"], row["vhd_bytes"]) for row in rows] == [("Cc", 8.0, 30)]

    def test_versions_of_the_inventory(self):
        """One row per VM and time; sizes add up over its disks, pass-through disks have none."""
        disk = {"vm": "VM", "vm_version": "8.0", "vhd_format": "VHDX", "file_size_bytes": 10, "vhd_path": "a"}
        inventory = [
            disk | {"collected_at": 5 * S},
            disk | {"collected_at": 5 * S, "vhd_path": "b", "vhd_format": "VHD", "vm_version": "5.0"},
            disk | {"collected_at": 5 * S, "vhd_path": "c", "pass_through": True},
            disk | {"collected_at": 9 * S, "vm_version": "9.3 (2022)"},
            disk | {"vm": "undated", "vm_version": "unknown"},
        ]
        rows = rows_of(
            "vm_disks",
            through=("inventory_machines", "sole_machines", "record_vms", "machine_names"),
            vms=[row | {"source_id": "S", "record_no": place} for place, row in enumerate(inventory)],
        )
        found = {(row["vm"], row["valid_from_us"]): row for row in rows}

        first, last, undated = found["VM", 0], found["VM", 9 * S], found["undated", 0]
        assert (first["vhd_bytes"], first["valid_to_us"], first["is_latest"]) == (20, 9 * S, False)
        assert (first["has_vhd"], first["has_pass_through"], first["version"]) == (True, True, 8.0)
        assert first["vhd_format"] == "VHDX"
        assert (last["vhd_bytes"], last["valid_to_us"], last["is_latest"]) == (10, None, True)
        assert (last["has_vhd"], last["has_pass_through"], last["version"]) == (False, False, 9.3)
        assert (undated["version"], undated["is_latest"], undated["collected_at"].year) == (None, True, 1970)
