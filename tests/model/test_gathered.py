"""Views that gather: jobs with their era, last signs, offsets of clocks, nights of which there is evidence."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.site import Site
from tests.model.views import Row, S, rows_of

NIGHT = dt.date(2025, 2, 3)


def instant(second: float) -> dt.datetime:
    """That many seconds after 1970."""
    return dt.datetime.fromtimestamp(second, dt.UTC)


class TestEras:
    @pytest.mark.parametrize(
        ("given", "era"),
        [
            ({}, (None, None)),
            ({"version": 4.9}, ("A", "vm_version")),
            ({"version": 5.0}, ("B", "vm_version")),
            ({"version": 5.1}, ("C", "vm_version")),
            ({"tracking_from": "csv_claim"}, ("A", "csv_claim")),
            ({"tracking_from": "csv_claim", "version": 5.0}, ("B", "vm_version")),
            ({"tracking_from": "era"}, (None, None)),
            ({"type": "Microsoft Hyper-V RCT", "version": 5.0}, ("C", "data_source_type")),
            ({"type": "Microsoft Hyper-V", "version": 5.0}, ("B", "vm_version")),
            ({"mount_us": 1, "type": "Microsoft Hyper-V RCT"}, ("A", "vhd_mount")),
            ({"mount_us": 1, "level": "guest"}, (None, None)),
            ({"version": 5.0, "is_latest": False}, (None, None)),
        ],
    )
    def test_what_shows_it(self, given, era):
        """A mounted disk before the type of the data source, that before the version, and a claim last."""
        job = {
            "job_id": "J",
            "vm": "A",
            "level": given.get("level", "host"),
            "data_source_type": given.get("type"),
        }
        disk = {"vm": "A", "version": given.get("version"), "is_latest": given.get("is_latest", True)}
        (row,) = rows_of(
            "jobs",
            job_base=[job],
            job_tracking=[{"job_id": "J", "tracking": "rct", "tracking_from": given.get("tracking_from")}],
            sightings=[{"job_id": "J", "mount_us": given.get("mount_us")}],
            vm_disks=[disk],
            deltas=[{"job_id": "J", "delta_t_s": 2.0}],
        )

        assert (row["era"], row["era_from"]) == era
        assert (row["tracking"], row["delta_t_s"]) == ("rct", 2.0)

    def test_a_job_of_which_nothing_is_known(self):
        """It is a job all the same."""
        job = {"job_id": "J", "level": "host"}
        (row,) = rows_of("jobs", job_base=[job], job_tracking=[{"job_id": "J"}])

        assert (row["job_id"], row["era"], row["delta_t_s"]) == ("J", None, None)


class TestLastSigns:
    def test_the_latest_of_all(self):
        """Logs, collections and records; a record speaks of its DPM server, where it names one."""
        rows = rows_of(
            "last_signs",
            log_nights=[{"host": "HV01", "last_at": 10 * S}, {"host": "hv01.x", "last_at": 20 * S}],
            collections=[{"host": "HV01", "collected_at": 15 * S}, {"host": "HV02"}, {"collected_at": S}],
            job_tasks=[
                {
                    "dpm_server": "DPM01.x",
                    "production_server": "HV01",
                    "started_at": 30 * S,
                    "ended_at": 40 * S,
                },
                {"dpm_server": "DPM01", "started_at": 50 * S},
                {"production_server": "HV03", "started_at": 7 * S, "ended_at": 6 * S},
            ],
        )

        assert {row["computer_key"]: row["seen_until"] for row in rows} == {
            "hv01": instant(20), "dpm01": instant(50), "hv03": instant(7),
        }  # fmt: skip


def job(name: str, second: int = 0, host: str = "HV01.x", server: str = "DPM01.x", **cells: object) -> Row:
    """A job's row of job_base."""
    base = {"job_id": name, "marks_id": name, "host": host, "dpm_server": server, "night": NIGHT}
    return base | {"started_at": second * S} | cells


def clock(name: str, low_s: float, high_s: float, segment: int = 0, **cells: object) -> Row:
    """A job's row of job_clocks."""
    bounds = {"offset_low_us": round(low_s * S), "offset_high_us": round(high_s * S)}
    return {"job_id": name, "tells": True, "segment": segment, "is_constant": True} | bounds | cells


class TestOffsets:
    def test_of_a_host_against_its_server(self):
        """Jobs of one pair, night and segment bound it together, however the names are written."""
        jobs = [job("A", 5), job("B", 9, host="hv01", server="dpm01"), job("C", 7), job("N", night=None)]
        clocks = [clock("A", -1, 3), clock("B", -2, 2), clock("C", 5, 6, segment=1), clock("N", 0, 0)]
        rows = rows_of("clock_offsets", job_base=jobs, job_clocks=[*clocks, clock("A", 9, 9, tells=False)])
        found = {row["segment"]: row for row in rows}

        first, second = found[0], found[1]
        assert (first["a"], first["b"], first["told_by"], first["jobs"]) == (
            "HV01",
            "DPM01",
            "job_records",
            2,
        )
        assert (first["offset_low_s"], first["offset_high_s"], first["is_constant"]) == (-1, 2, True)
        assert (first["from_at"], first["until_at"]) == (instant(5), instant(9))
        assert (second["offset_low_s"], second["offset_high_s"], second["jobs"]) == (5, 6, 1)

    def test_a_clock_that_was_set_unseen(self):
        """Where not all jobs are constant the bounds hold all of them."""
        rows = rows_of(
            "clock_offsets",
            job_base=[job("A"), job("B")],
            job_clocks=[clock("A", -1, 3), clock("B", 4, 5, is_constant=False)],
        )

        assert [(row["offset_low_s"], row["offset_high_s"], row["is_constant"]) for row in rows] == [
            (-1, 5, False)
        ]

    @pytest.mark.parametrize(("high_s", "constant"), [(2, True), (1, True), (0, False)])
    def test_of_a_guest(self, high_s, constant):
        """The work of VSS in the guest lies within that of the host, as one offset of all jobs or not."""
        names = ("A", "B")
        seen = [
            {"job_id": "A", "t1_first_us": 9 * S, "t1_last_us": 15 * S, "t2_latest_us": 25 * S},
            {"job_id": "B", "t1_first_us": 12 * S, "t1_last_us": 20 * S - high_s * S},
        ]
        rows = rows_of(
            "clock_offsets",
            job_base=[job(name) for name in names],
            deltas=[{"job_id": name, "vm": "VM1", "shows_clock": True} for name in names],
            sightings=seen,
            job_windows=[{"job_id": name, "from_us": 10 * S, "to_us": 20 * S} for name in names],
        )
        (row,) = [row for row in rows if row["told_by"] == "guest_events"]

        assert (row["a"], row["b"], row["is_constant"]) == ("HV01", "VM1", constant)
        assert (row["offset_low_s"], row["offset_high_s"]) == ((1, high_s) if constant else (-2, 10))

    @pytest.mark.parametrize(("refusal_us", "low_s"), [(None, -10), (12 * S, -8)])
    def test_of_the_events_of_a_host(self, refusal_us, low_s):
        """The snapshot lies between the claim and ProviderId."""
        marks = {"job_id": "J", "add_us": 10 * S, "last_refusal_us": refusal_us, "provider_us": 30 * S}
        seen = {"job_id": "J", "t2_us": 19 * S, "t2_latest_us": 20 * S}
        (row,) = rows_of("clock_offsets", job_base=[job("J")], job_marks=[marks], sightings=[seen])

        assert (row["told_by"], row["b"], row["is_constant"]) == ("host_events", "events", True)
        assert (row["offset_low_s"], row["offset_high_s"]) == (low_s, 11)
        for lacking in ("add_us", "provider_us"):
            assert (
                rows_of(
                    "clock_offsets",
                    job_base=[job("J")],
                    job_marks=[marks | {lacking: None}],
                    sightings=[seen],
                )
                == []
            )


def at(night: int, hour: float) -> dt.datetime:
    """A time of a night; the window is 22 to 30."""
    return dt.datetime(2025, 2, 3, tzinfo=dt.UTC) + dt.timedelta(night, hours=hour)


def evidence(
    *jobs: Row, logs: tuple[tuple[str, int, str, float], ...] = (), collected: dict[str, float] | None = None
):
    """Nights of VM A of which there is evidence: A ran on night 0, with the logs (host, night, kind, first hour)."""
    base = {"vm": "A", "host": "HV01.x", "dpm_server": "DPM01", "level": "host", "owes_sla": True}
    rows = rows_of(
        "machine_evidence",
        Site(time_zone="UTC"),
        job_base=[base | {"night": NIGHT, "started_at": at(0, 23)}, *(base | job for job in jobs)],
        log_nights=[
            {
                "host": host,
                "night": NIGHT + dt.timedelta(night),
                "log_kind": kind,
                "first_at": at(night, hour),
            }
            for host, night, kind, hour in logs
        ],
        collections=[{"host": host, "collected_at": at(0, hour)} for host, hour in (collected or {}).items()],
        last_signs=[
            {"computer_key": key, "seen_until": at(n, 0)} for n, key in enumerate(("hv01", "dpm01", "hv09"))
        ],
    )
    assert {row["vm"] for row in rows} <= {"A", "B"}
    own = [row for row in rows if row["vm"] == "A"]
    assert {(row["first_night"], row["seen_until"]) for row in own} == {(NIGHT, at(1, 0))}
    return sorted((row["night"] - NIGHT).days for row in own)


class TestEvidence:
    @pytest.mark.parametrize(
        ("log", "counts"),
        [
            (("HV01", 3, "errlog:DPMRA", 23), True),
            (("hv01.x", 3, "errlog:MSDPM", 23), True),
            (("DPM01", 3, "job_records", 23), True),
            (("HV01", 3, "events:System", 23), False),
            (("HV02", 3, "errlog:DPMRA", 23), False),
            (("HV01", 3, "errlog:DPMRA", 29.9), True),
            (("HV01", 3, "errlog:DPMRA", 30), False),  # lines after the window alone tell nothing
            (("HV01", -1, "errlog:DPMRA", 23), False),  # before its first backup
        ],
    )
    def test_logs(self, log, counts):
        """Those of its host and of its DPM server that tell of jobs."""
        assert evidence(logs=(log,)) == ([0, 3] if counts else [0])

    @pytest.mark.parametrize(
        ("cells", "counts"),
        [
            ({"hour": 23}, True),
            ({"hour": 31}, True),
            ({"hour": 31, "owes_sla": False}, False),
            ({"hour": 29.9, "owes_sla": False}, True),
            ({"hour": 31, "owes_sla": False, "record_started_at": at(3, 31)}, True),
            ({"hour": 23, "vm": None}, False),
            ({"hour": 23, "vm": "B"}, False),
        ],
    )
    def test_jobs_of_its_own(self, cells, counts):
        """Any that a record tells or that owed a recovery point; of another one that a log shows only in the window."""
        job = {name: cell for name, cell in cells.items() if name != "hour"}
        job |= {"night": NIGHT + dt.timedelta(3), "started_at": at(3, cells["hour"])}

        assert evidence(job) == ([0, 3] if counts else [0])

    @pytest.mark.parametrize(
        ("collected", "nights"),
        [
            ({"HV01": 48 + 21.9}, [0, 1]),
            ({"HV01": 48 + 22}, [0, 1, 2]),
            ({"DPM01": 48 + 22, "HV01": 22}, [0, 1, 2]),
            ({"HV02": 48 + 22}, [0]),
            ({"HV01": 21.9}, [0]),
        ],
    )
    def test_silence_that_was_collected(self, collected, nights):
        """Up to the last night that had begun by then, where nothing follows."""
        assert evidence(collected=collected) == nights

    def test_silence_before_more(self):
        """Where more follows, only what was collected before that."""
        logs = (("HV01", 4, "errlog:DPMRA", 23.0),)

        assert evidence(logs=logs, collected={"HV01": 48 + 22}) == [0, 1, 2, 4]
        assert evidence(logs=logs, collected={"HV01": 24 * 5 + 22}) == [0, 4, 5]

    def test_a_computer_counts_from_the_first_night_there(self):
        """Logs of a host that it moves to later say nothing of nights before."""
        moved = {"host": "HV02", "night": NIGHT + dt.timedelta(3), "started_at": at(3, 23)}
        logs = (("HV02", 2, "errlog:DPMRA", 23.0), ("HV02", 4, "errlog:DPMRA", 23.0))

        assert evidence(moved, logs=logs) == [0, 3, 4]


def test_disks_without_an_owner():
    """A path whose row names no VM is nobody's."""
    rows = [
        {"vm": name, "vhd_path": "C:\\V\\x.vhdx", "source_id": "S", "record_no": n}
        for n, name in enumerate((None, "A"))
    ]
    machine = {"source_id": "S", "record_no": 1, "machine_id": "M"}
    names = [{"machine_id": "M", "vm": "A"}, {"machine_id": "M", "vm": "A"}]
    found = rows_of("vm_paths", vms=rows, inventory_machines=[machine], machine_names=names)
    unnamed = rows_of("vm_paths", vms=rows, inventory_machines=[machine])

    assert [(row["vm"], row["disk_key"]) for row in found] == [("A", "v\\x.vhdx")]
    assert unnamed == []
