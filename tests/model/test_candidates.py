"""The views candidates and vm_measures: every reason, every constant, and estimates from a law that is known."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.ingest import IngestOptions, ingest
from analytics.planning import open_session
from analytics.site import Site
from analytics.store import Store
from analytics.tables.advice_words import ADVICE
from tests.model.advice import MACHINES, READ_S, SENT_S, write_advice, write_few_jobs
from tests.model.views import Row, rows_of

GB = 10**9
OVERHEAD_S = Site().link_overhead_s


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """The candidates of the two written estates, by VM, and what was tried in each."""
    found: dict[str, Row] = {}
    tried: dict[str, list[Row]] = {}
    for name, write in (("advice", write_advice), ("few", write_few_jobs)):
        folder = tmp_path_factory.mktemp(name)
        write(folder / "logs")
        store = Store.create_or_open(folder / "store")
        assert ingest(store, [folder / "logs"], IngestOptions(year=2025)).records_rejected == 0
        with open_session(store, Site(time_zone="UTC", schedules={"*": "daily"}), keep=False) as session:
            found |= {row["vm"]: row for row in session.sql("SELECT * FROM candidates").to_pylist()}
            tried[name] = session.run("remedies").to_pylist()
    return found, tried


@pytest.fixture(scope="module")
def advised(answers):
    """The candidates alone."""
    return answers[0]


class TestEstate:
    def test_each_gets_its_reason(self, advised):
        """Each VM gets the reason it was made for."""
        expected = {machine.name: machine.why for machine in MACHINES}
        expected |= {"Guest": "guest_already", "Few0": "few_jobs", "Few1": "few_jobs"}

        assert {vm: row["reason"] for vm, row in advised.items()} == expected

    def test_the_reason_decides(self, advised):
        """The recommendation is that of the reason."""
        known = {value.name: value.recommendation for value in ADVICE}

        assert all(row["recommendation"] == known[row["reason"]] for row in advised.values())

    def test_the_law_comes_back(self, advised):
        """Written with 30 s per GB read, read back from logs as such; what sending costs is told where it was much."""
        for row in (advised["Scans"], advised["Old"]):
            assert row["scan_s_per_gb"] == pytest.approx(READ_S, rel=0.05)
            assert row["sent_s_per_gb"] is None or row["sent_s_per_gb"] == pytest.approx(SENT_S, rel=0.3)

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
        if row["scan_share"] is not None:
            assert row["scan_share"] == pytest.approx(read / (read + SENT_S * machine.sent_gb), abs=0.05)
            assert row["explained_share"] > 0.9

    def test_the_estimate_holds_what_the_law_says(self, advised):
        """1.4 times the bytes sent, at the rate of the law, after a fixed time: within the range, its middle inside."""
        row = advised["Fits"]
        expected = OVERHEAD_S + 1.4 * SENT_S * 40

        assert row["guest_low_s"] < expected < row["guest_high_s"]
        assert row["guest_low_s"] < row["guest_p50_s"] < row["guest_high_s"]
        assert row["saving_s"] == pytest.approx(row["host_p50_s"] - row["guest_p50_s"])
        assert row["grade"] == "C"

    def test_no_estimate_without_data(self, advised):
        """Where RCT works, jobs are too few or bytes unknown, there is no middle and no grade above D."""
        for vm in ("Mute", "Lost", "Works", "Few0", "Guest"):
            row = advised[vm]
            assert (row["guest_p50_s"], row["saving_s"], row["grade"]) == (None, None, "D")

    def test_who_is_in_time_is_left_alone(self, advised):
        """Changes are named only for VMs that are late."""
        named = {vm for vm, row in advised.items() if row["alternatives"]}

        assert "Begins" in named
        assert all(advised[vm]["late"] for vm in named)


class TestRemedies:
    def test_what_was_tried(self, answers):
        """As things are, then what needs no move, then moves one by one: each more than before is in time."""
        rows = answers[1]["advice"]
        first, *others = rows
        moves = [row for row in others if row["tried_change"] == "move"]
        changes = others[: len(others) - len(moves)]

        assert (first["tried_change"], first["moves"], first["vm"]) == ("as_is", None, None)
        assert {row["tried_change"] for row in changes} >= {"start_at_opening"}
        assert all(row["moves"] is None and row["vm"] is None for row in changes)
        assert [row["moves"] for row in moves] == list(range(1, len(moves) + 1))
        assert len({row["vm"] for row in moves}) == len(moves) > 3
        assert moves[-1]["met"] > moves[0]["met"] > first["met"]
        assert all(row["met_share"] == row["met"] / first["vms"] for row in rows)

    def test_nothing_is_tried_where_nobody_is_late(self, answers):
        """Then there is nothing to show."""
        assert answers[1]["few"] == []


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
