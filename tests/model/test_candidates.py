"""The views candidates and vm_measures: every reason, every constant, and estimates from a law that is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.ingest import IngestOptions, ingest
from analytics.site import Site
from analytics.sql import open_session
from analytics.store import Store
from analytics.tables.advice_words import ADVICE
from tests.model.advice import MACHINES, READ_S, SENT_S, write_advice, write_few_jobs
from tests.model.views import Row, rows_of

GB = 10**9
OVERHEAD_S = Site().link_overhead_s


@pytest.fixture(scope="module")
def advised(tmp_path_factory):
    """The candidates of the two written estates, by VM."""
    found: dict[str, Row] = {}
    for name, write in (("advice", write_advice), ("few", write_few_jobs)):
        folder = tmp_path_factory.mktemp(name)
        write(folder / "logs")
        store = Store.create_or_open(folder / "store")
        assert ingest(store, [folder / "logs"], IngestOptions(year=2025)).records_rejected == 0
        with open_session(store, Site(time_zone="UTC", schedules={"*": "daily"}), keep=False) as session:
            found |= {row["vm"]: row for row in session.sql("SELECT * FROM candidates").to_pylist()}
    return found


class TestEstate:
    def test_each_reason_once(self, advised):
        """Each VM gets the reason it was made for; all reasons occur that four nights can have."""
        expected = {machine.name: machine.why for machine in MACHINES}
        expected |= {"Guest": "guest_already", "Few0": "few_jobs", "Few1": "few_jobs"}

        assert {vm: row["reason"] for vm, row in advised.items()} == expected
        assert set(expected.values()) == set(ADVICE.names) - {"seldom_late"}

    def test_the_reason_decides(self, advised):
        """The recommendation is that of the reason."""
        known = {value.name: value.recommendation for value in ADVICE}

        assert all(row["recommendation"] == known[row["reason"]] for row in advised.values())

    def test_the_law_comes_back(self, advised):
        """Written with 30 s per GB read and 10 s per GB sent, read back from logs as such."""
        for row in (advised["Scans"], advised["Old"]):
            assert row["scan_s_per_gb"] == pytest.approx(READ_S)
            assert row["sent_s_per_gb"] == pytest.approx(SENT_S)

    @pytest.mark.parametrize(
        "machine", [machine for machine in MACHINES if machine.sent_gb and machine.size_gb]
    )
    def test_measures(self, advised, machine):
        """Nights, sizes and the median transfer are those of the logs."""
        row, good = advised[machine.name], machine.nights - len(machine.failed)

        assert (row["nights"], row["host_p50_s"]) == (good, machine.transfer_s)
        assert (row["scanned_p50_bytes"], row["sent_p50_bytes"]) == (
            machine.size_gb * GB,
            machine.sent_gb * GB,
        )
        assert row["checks"] == len(machine.checked)
        read = READ_S * machine.size_gb
        assert row["scan_share"] == pytest.approx(read / (read + SENT_S * machine.sent_gb))

    def test_the_estimate_is_sent_bytes_and_overhead(self, advised):
        """1.4 times the bytes sent, at the fitted rate, after a fixed time; a factor of 2.2 either way."""
        row = advised["Fits"]
        middle = OVERHEAD_S + 1.4 * SENT_S * 40

        assert row["guest_p50_s"] == pytest.approx(middle)
        assert row["guest_low_s"] == pytest.approx(middle / 2.2)
        assert row["guest_high_s"] == pytest.approx(middle * 2.2)
        assert row["saving_s"] == pytest.approx(row["host_p50_s"] - middle)
        assert row["grade"] == "C"

    def test_no_estimate_without_data(self, advised):
        """Without sizes, or where RCT works, there is no estimate and no grade above D."""
        for vm in ("Bare", "Mute", "New", "Lost", "Works", "Few0", "Guest"):
            row = advised[vm]
            assert (row["guest_p50_s"], row["guest_high_s"], row["saving_s"], row["grade"]) == (
                None,
                None,
                None,
                "D",
            )


SCANS: Row = {
    "vm": "VM1",
    "has_host": True,
    "checks": 0,
    "nights": 9,
    "host_p50_s": 10000.0,
    "host_p90_s": 12000.0,
    "scanned_p50_bytes": 300 * GB,
    "sent_p50_bytes": 10 * GB,
    "volume": "V",
    "seen_tracking": "block_compare",
    "due": 9,
    "breaches": 5,
    "late": 5,
    "late_but_short": 0,
    "claim_wait_s": 0.0,
    "transfer_s": 1000.0,
    "has_vhd": False,
    "has_pass_through": False,
    "is_rct_host": False,
}
FIT: Row = {"volume": None, "jobs": 20, "vms": 5, "scan_s_per_gb": 30.0, "sent_s_per_gb": 10.0}
FIT |= {"sent_bound_s_per_gb": 300.0, "is_sent_known": True}


def candidate(measures: Row | None = None, fits: list[Row] | None = None, **fit: Any) -> Row:
    """What is advised for a VM that differs from one that scans by `measures`, and for a fit that differs by `fit`."""
    given = {"vm_measures": [SCANS | (measures or {})], "transfer_fits": fits or [FIT | fit]}
    (row,) = rows_of("candidates", Site(time_zone="UTC"), **given)
    return row


def why(measures: Row | None = None, **fit: Any) -> str:
    """The reason alone."""
    return str(candidate(measures, **fit)["reason"])


class TestConstants:
    """Just below, at and just above each number that the advice stands on."""

    def test_the_measures_alone_scan(self):
        """The rows below differ from a VM that is advised guest level."""
        assert why() == "scan_dominates"

    @pytest.mark.parametrize(
        ("late", "due", "reason"),
        [(1, 9, "scan_dominates"), (1, 10, "seldom_late"), (2, 19, "scan_dominates"), (2, 21, "seldom_late")],
    )
    @pytest.mark.parametrize("cause", ["transfer", "queue"])
    def test_one_late_night_of_ten(self, late, due, reason, cause):
        """It is watched, whatever made it late; an advice needs more."""
        causes = [{"vm": "VM1", "rule": "backup_window", "cause": cause, "cause_s": 1.0}]
        given = {
            "vm_measures": [SCANS | {"late": late, "breaches": late, "due": due}],
            "transfer_fits": [FIT],
        }
        (row,) = rows_of("candidates", Site(time_zone="UTC"), sla_causes=causes, **given)

        assert row["reason"] == ("waits_in_queue" if cause == "queue" and reason != "seldom_late" else reason)
        assert (row["recommendation"] == "none") is (reason == "seldom_late")

    @pytest.mark.parametrize(("nights", "reason"), [(2, "few_transfers"), (3, "scan_dominates")])
    def test_three_nights(self, nights, reason):
        """Three transfers are enough."""
        assert why({"nights": nights}) == reason

    @pytest.mark.parametrize(("jobs", "reason"), [(7, "few_jobs"), (8, "scan_dominates")])
    def test_eight_jobs(self, jobs, reason):
        """A fit of eight jobs is enough."""
        assert why(jobs=jobs) == reason

    @pytest.mark.parametrize(
        ("jobs", "vms", "is_own"), [(7, 3, False), (8, 2, False), (8, 3, True), (9, 4, True)]
    )
    def test_the_volume_has_a_fit_of_its_own(self, jobs, vms, is_own):
        """From eight jobs of three VMs on a volume is fitted alone; else the fit over all counts."""
        own = FIT | {"volume": "V", "jobs": jobs, "vms": vms, "scan_s_per_gb": 33.0}

        assert candidate(fits=[FIT, own])["scan_s_per_gb"] == (33.0 if is_own else 30.0)

    def test_a_fit_without_a_volume(self):
        """Jobs without the name of a volume have their own fit too."""
        own = FIT | {"volume": "", "scan_s_per_gb": 33.0}

        assert candidate({"volume": None}, fits=[FIT, own])["scan_s_per_gb"] == 33.0

    @pytest.mark.parametrize(
        ("scan_s", "tracking", "reason"),
        [
            # 300 GB read, 10 GB sent at 30 s: as much as reading takes at 1 s
            (0.999, "unknown", "guest_not_faster"),
            (1.0, "unknown", "scan_dominates"),
            (0.999, "block_compare", "scan_dominates"),
            (0.999, "era", "tracking_works"),
            (1.0, "era", "scan_dominates"),
        ],
    )
    def test_half_of_the_time_is_reading(self, scan_s, tracking, reason):
        """Where nothing says how changes are found, reading must explain half of the time."""
        assert why({"seen_tracking": tracking}, scan_s_per_gb=scan_s, sent_s_per_gb=30.0) == reason

    def test_no_share_of_nothing(self):
        """Where the fit gives neither reading nor sending a time, no share is stated."""
        assert candidate(scan_s_per_gb=0.0, sent_s_per_gb=0.0)["scan_share"] is None

    @pytest.mark.parametrize(("jobs", "reason"), [(7, "tracking_works"), (8, "scan_dominates")])
    def test_the_era_yields_to_a_fit_of_eight_jobs(self, jobs, reason):
        """Fewer jobs do not contradict the era, which says that tracking works."""
        assert why({"seen_tracking": "era"}, jobs=jobs) == reason

    @pytest.mark.parametrize(("host_s", "reason"), [(572.0, "guest_not_faster"), (572.1, "scan_dominates")])
    def test_guest_level_must_be_faster_at_worst(self, host_s, reason):
        """The upper end of the estimate, 2.2 * (120 + 1.4 * 10 * 10), must stay below the host's median."""
        assert why({"host_p50_s": host_s, "host_p90_s": host_s}) == reason

    def test_the_upper_end_charges_all_to_sending_at_most(self):
        """The bound cuts the factor of 2.2; without a known rate half of the bound is the middle."""
        cut = candidate(sent_bound_s_per_gb=20.0)
        unknown = candidate(is_sent_known=False, sent_s_per_gb=0.0, sent_bound_s_per_gb=40.0)

        assert cut["guest_high_s"] == pytest.approx(OVERHEAD_S + 1.4 * 20 * 10)
        assert unknown["guest_p50_s"] == pytest.approx(OVERHEAD_S + 1.4 * 20 * 10)
        assert unknown["guest_high_s"] == pytest.approx(OVERHEAD_S + 1.4 * 40 * 10)

    def test_the_upper_end_is_not_below_the_middle(self):
        """A bound below the fitted rate does not turn the interval round."""
        row = candidate(sent_bound_s_per_gb=5.0)

        assert row["guest_high_s"] == row["guest_p50_s"] == pytest.approx(OVERHEAD_S + 1.4 * 10 * 10)

    @pytest.mark.parametrize(
        ("claim_wait_s", "reason"),
        [(999.0, "scan_dominates"), (1000.0, "scan_dominates"), (1000.1, "waits_for_volume")],
    )
    def test_waits_longer_than_it_transfers(self, claim_wait_s, reason):
        """More time waited for the volume than transferred."""
        assert why({"claim_wait_s": claim_wait_s}) == reason

    @pytest.mark.parametrize(
        ("short", "p90_s", "reason"),
        [
            (5, 14399.0, "starts_late"),
            (5, 14400.0, "scan_dominates"),
            (4, 14399.0, "scan_dominates"),
        ],
    )
    def test_half_of_the_window(self, short, p90_s, reason):
        """Late on every night with a short job, and nine of ten fit twice into the window: it begins too late."""
        assert why({"late_but_short": short, "host_p90_s": p90_s}) == reason

    @pytest.mark.parametrize(
        ("late", "breaches", "reason"), [(0, 0, "meets_window"), (0, 1, "failed_not_late")]
    )
    def test_who_is_not_late(self, late, breaches, reason):
        """A VM that was never late needs nothing, whatever its transfers look like."""
        assert why({"late": late, "breaches": breaches}) == reason

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"version": 6.1, "is_rct_host": True}, "old_vm_version"),
            ({"version": 6.2, "is_rct_host": True}, "scan_dominates"),
            ({"version": 5.0, "is_rct_host": False}, "scan_dominates"),
            ({"version": None, "is_rct_host": True}, "scan_dominates"),
            ({"version": 5.0, "is_rct_host": True, "has_pass_through": True}, "scan_dominates"),
            ({"version": 8.0, "is_rct_host": True, "has_vhd": True}, "vhd_format"),
            ({"version": 8.0, "is_rct_host": False, "has_vhd": True}, "scan_dominates"),
            ({"version": 5.0, "is_rct_host": True, "has_vhd": True}, "old_vm_version"),
            ({"version": 5.0, "is_rct_host": True, "late": 0, "breaches": 0}, "meets_window"),
            ({"version": 5.0, "is_rct_host": True, "host_p50_s": 500.0}, "guest_not_faster"),
        ],
    )
    def test_who_is_to_be_upgraded(self, more, reason):
        """RCT needs version 6.2, VHDX and Windows Server 2016; advised only where reading makes the VM late."""
        assert why(more) == reason

    @pytest.mark.parametrize(("checks", "reason"), [(0, "tracking_works"), (1, "tracking_lost")])
    def test_rct_that_is_lost(self, checks, reason):
        """One check or lost tracking is enough to ask why."""
        assert why({"seen_tracking": "rct", "checks": checks}) == reason


HOUR = dt.timedelta(hours=1)
OPENS = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)


def measures(
    jobs: list[Row], verdicts: list[Row] | None = None, disks: list[Row] | None = None
) -> dict[str, Row]:
    """vm_measures of host-level express full jobs, each with its transfer of `transfer_s`."""
    base, tracking, boundaries = [], [], []
    for number, job in enumerate(jobs):
        row = {
            "job_id": f"J{number}",
            "vm": "VM1",
            "host": "HV01.x",
            "volume": "V",
            "level": "host",
            "owes_sla": True,
        }
        row |= {
            "kind": "express_full",
            "is_good": True,
            "started_at": OPENS + number * HOUR,
            "duration_s": 60.0,
        } | job
        base.append(row)
        tracking.append({"tracking": "block_compare", "job_id": row["job_id"]} | job)
        ends = {4: 0, 5: row.get("transfer_s")} | ({1: 0, 2: job["waited_s"]} if "waited_s" in job else {})
        boundaries += [
            {
                "job_id": row["job_id"],
                "vm": row["vm"],
                "place": place,
                "next_place": place + 1,
                "us": round(s * 10**6),
            }
            for place, s in ends.items()
            if s is not None
        ]
    given = {
        "job_base": base,
        "job_tracking": tracking,
        "boundaries": boundaries,
        "sla_windows": verdicts or [],
    }
    night = {"night": OPENS.date(), "opens_at": OPENS, "closes_at": OPENS + 8 * HOUR}
    rows = rows_of("vm_measures", nights=[night], vm_disks=disks or [], **given)
    return {row["vm"]: row for row in rows}


class TestMeasures:
    def test_medians_and_last(self):
        """Medians over the good transfers; tracking and volume of the last job."""
        jobs = [{"transfer_s": s, "bytes_transferred": s, "vhd_bytes": 10 * s} for s in (10, 20, 40)]
        jobs[2] |= {"tracking": "rct", "volume": "W"}
        row = measures(jobs)["VM1"]

        assert (row["nights"], row["host_p50_s"], row["host_p90_s"]) == (3, 20.0, pytest.approx(36.0))
        assert (row["sent_p50_bytes"], row["scanned_p50_bytes"]) == (20, 200)
        assert (row["seen_tracking"], row["volume"]) == ("rct", "W")

    def test_a_vm_without_a_transfer(self):
        """Nothing is known of it, and every count is nought."""
        row = measures([{"is_good": False}])["VM1"]

        assert [row[name] for name in ("nights", "due", "breaches", "late", "late_but_short")] == [0] * 5
        assert (row["claim_wait_s"], row["transfer_s"], row["seen_tracking"]) == (0, 0, "unknown")
        assert [row[name] for name in ("host_p50_s", "volume", "has_vhd", "is_rct_host")] == [
            None,
            None,
            False,
            False,
        ]

    def test_only_whole_phases_count(self):
        """A stretch in which a boundary is missing is neither a wait nor a transfer."""
        ends = {"job_id": "J", "vm": "VM1", "us": 0}
        job = {
            "job_id": "J",
            "vm": "VM1",
            "level": "host",
            "owes_sla": True,
            "kind": "express_full",
            "is_good": True,
        }
        gap = [ends | {"place": 4, "next_place": 6}, ends | {"place": 6, "us": 10**6}]
        (row,) = rows_of("vm_measures", job_base=[job], job_tracking=[{"job_id": "J"}], boundaries=gap)

        assert (row["nights"], row["transfer_s"]) == (0, 0)

    def test_the_era_speaks_for_itself(self):
        """Tracking that the era alone tells is marked as such."""
        (row,) = measures(
            [{"transfer_s": 10, "tracking": "change_tracking", "tracking_from": "era"}]
        ).values()

        assert row["seen_tracking"] == "era"

    def test_times_that_were_spent(self):
        """Waits and transfers of all jobs, failed ones too; only good ones count as nights."""
        jobs: list[Row] = [
            {"transfer_s": 10, "waited_s": 3},
            {"transfer_s": 5, "waited_s": 4, "is_good": False},
        ]
        row = measures(jobs)["VM1"]

        assert (row["claim_wait_s"], row["transfer_s"], row["nights"]) == (7.0, 15.0, 1)

    def test_checks_and_lost_trackings(self):
        """Consistency checks and jobs after an error that loses the tracking are counted."""
        jobs: list[Row] = [{}, {"kind": "consistency_check", "owes_sla": False}, {"tracking_from": "error"}]

        assert measures(jobs)["VM1"]["checks"] == 2

    def test_who_is_a_candidate(self):
        """A VM without a job that owes a recovery point is none; one with guest-level jobs alone has no host."""
        jobs: list[Row] = [
            {"vm": "Checked", "kind": "consistency_check", "owes_sla": False},
            {"vm": "Nowhere", "level": None},
            {"vm": "Guest", "level": "guest"},
            {"vm": "Host"},
        ]

        assert {vm: row["has_host"] for vm, row in measures(jobs).items()} == {"Guest": False, "Host": True}

    @pytest.mark.parametrize(
        ("after_s", "duration_s", "short"),
        [(1, 25919.9, 1), (1, 25920.0, 0), (0, 25919.9, 0), (-1, 10.0, 0), (7200, 10.0, 1)],
    )
    def test_nine_tenths_of_the_window(self, after_s, duration_s, short):
        """A late job is short where it began after the window opened and took less than 0.9 of its eight hours."""
        job: Row = {"started_at": OPENS + dt.timedelta(seconds=after_s), "duration_s": duration_s}
        verdict: Row = {"vm": "VM1", "night": OPENS.date(), "expected": True, "met": False, "reason": "late"}
        row = measures([job], [verdict | {"job_id": "J0"}])["VM1"]

        assert (row["breaches"], row["late"], row["late_but_short"]) == (1, 1, short)

    @pytest.mark.parametrize(
        ("reason", "met", "expected", "counts"),
        [
            ("late", False, True, (1, 1)),
            ("running_late", False, True, (1, 1)),
            ("failed", False, True, (1, 0)),
            ("missed", False, True, (1, 0)),
            ("missed", False, False, (0, 0)),
            ("met", True, True, (0, 0)),
            ("running", None, True, (0, 0)),
        ],
    )
    def test_which_nights_are_late(self, reason, met, expected, counts):
        """Only nights that were due and missed; late is what ran past the deadline."""
        verdict: Row = {
            "vm": "VM1",
            "night": OPENS.date(),
            "expected": expected,
            "met": met,
            "reason": reason,
        }
        row = measures([{}], [verdict])["VM1"]

        assert (row["breaches"], row["late"]) == counts
        assert row["due"] == (1 if expected else 0)

    @pytest.mark.parametrize(
        ("other", "is_rct"),
        [
            ({"host": "hv01"}, True),
            ({"host": "HV02"}, False),
            ({"host": "HV01", "level": "guest"}, False),
        ],
    )
    def test_another_vm_shows_the_host(self, other, is_rct):
        """A VM of a newer version on the same host shows Windows Server 2016; version 5.0 does not."""
        disks = [
            {"vm": "VM1", "version": 5.0, "is_latest": True},
            {"vm": "VM2", "version": 5.1, "is_latest": True},
            {"vm": "VM2", "version": 5.0, "is_latest": False},
        ]
        row = measures([{}, {"vm": "VM2"} | other], disks=disks)["VM1"]

        assert (row["is_rct_host"], row["version"]) == (is_rct, 5.0)

    def test_rct_shows_the_host(self):
        """So does a job that names RCT."""
        jobs: list[Row] = [{}, {"vm": "VM2", "data_source_type": "Microsoft Hyper-V RCT"}]

        assert measures(jobs)["VM1"]["is_rct_host"]
