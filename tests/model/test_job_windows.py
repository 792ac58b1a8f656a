"""When the work of VSS can have been, for which disks; and the night that a job counts to."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.site import Site
from tests.model.views import MS, S, rows_of

MARKS = {"job_id": "M", "host": "HV01.contoso.local", "is_online": False, "is_host_log": True}
MARKS |= {"first_us": 10 * S, "last_us": 900 * S}
HOUR = 3600 * S


@pytest.fixture
def window():
    """The window of the one job, None where it has none."""

    def view(marks, match=None, record=None, task=None):
        rows = rows_of(
            "job_windows",
            job_marks=[MARKS | marks],
            log_matches=[{"marks_id": "M", "job_id": "J"} | (match or {})],
            record_vms=[{"job_id": "J", "server": "HV09"} | record] if record is not None else [],
            job_tasks=[{"job_id": "J"} | task] if task is not None else [],
            machine_names=[{"job_id": "J", "vm": "R"}, {"job_id": "M", "vm": "D"}],
        )
        return rows[0] if rows else None

    return view


class TestWindows:
    LATER = ("provider_us", "chain_us", "begin_us", "complete_us", "release_us")

    @pytest.mark.parametrize("known", range(6))
    def test_the_nearest_markers(self, window, known):
        """To ProviderId, or the nearest marker behind it; disks may be mounted until the data moves."""
        marks = {name: (100 + 10 * place) * S for place, name in enumerate(self.LATER) if place >= known}
        found = window({"add_us": 50 * S} | marks)

        assert found["from_us"] == 50 * S
        assert found["to_us"] == ((100 + 10 * known) * S if known < 5 else 900 * S)
        assert found["begin_us"] == ((100 + 10 * max(known, 2)) * S if known < 5 else 900 * S)
        assert found["has_provider"] is (known == 0)

    @pytest.mark.parametrize(
        ("marks", "from_s"),
        [
            ({"last_refusal_us": 70 * S, "add_us": 50 * S, "init_us": 20 * S}, 70),
            ({"add_us": 50 * S, "init_us": 20 * S}, 50),
            ({"init_us": 20 * S}, 20),
            ({}, 10),
            ({"first_us": None, "pit_us": 30 * S}, 30),
        ],
    )
    def test_from_the_granted_claim(self, window, marks, from_s):
        """The last refusal, else the marked volume, else the first that is known."""
        assert window(marks)["from_us"] == from_s * S

    @pytest.mark.parametrize(("started_s", "ended_s", "expected"), [(5, 950, (5, 950)), (15, 850, (10, 900))])
    def test_the_record_widens_it(self, window, started_s, ended_s, expected):
        """Where the log lacks its markers, record and log together bound it."""
        found = window({}, task={"started_at": started_s * S, "ended_at": ended_s * S})

        assert (found["from_us"], found["to_us"]) == tuple(second * S for second in expected)

    @pytest.mark.parametrize(
        ("marks", "match", "record", "vm"),
        [
            ({}, {"disk_vm": "D", "disk_vm_from": "vhd_folder"}, {"record_vm": "R", "is_vm": True}, "R"),
            ({}, {"disk_vm": "D", "disk_vm_from": "vhd_folder"}, {}, "D"),
            ({}, {"disk_vm": "D", "disk_vm_from": "vms"}, None, "D"),
            (
                {"is_host_log": False},
                {"disk_vm": "D", "disk_vm_from": "vhd_folder"},
                {"record_vm": None, "is_vm": True},
                None,
            ),
        ],
    )
    def test_the_vm(self, window, marks, match, record, vm):
        """As job_base names it."""
        assert window(marks, match, record)["vm"] == vm

    def test_jobs_without_a_window(self, window):
        """Jobs to the cloud, and logs that show no backup of a host unless the record is that of a VM."""
        assert window({"is_online": True}) is None
        assert window({"is_host_log": False}) is None
        assert window({"is_host_log": False}, record={"is_vm": True}) is not None

    def test_host_and_volume(self, window):
        """The computer by its key, the volume by its GUID."""
        guid = "0a1b2c3d-0000-1111-2222-333344445555"
        found = window({"provider_volume": f"\\\\?\\Volume{{{guid.upper()}}}\\"})

        assert (found["host_key"], found["volume_guid"]) == ("hv01", guid)
        assert window({"host": None}, record={"is_vm": True})["host_key"] == "hv09"


def nights_of(*jobs, site=None):
    """job_nights of jobs that records tell of."""
    told = [{"kind": "express_full", "outcome": "succeeded"} | job for job in jobs]
    names = [{"job_id": job["job_id"]} for job in jobs]
    return rows_of("job_nights", site, through=["job_base"], job_tasks=told, record_vms=names)


class TestNights:
    """22:00 to 06:00: a night reaches from 14:00 to 14:00; 02:00 to 04:00: from 15:00 the day before to 15:00."""

    @pytest.mark.parametrize(
        ("window", "hour", "night"),
        [
            ((22, 6), 13.999999, 1),
            ((22, 6), 14, 2),
            ((22, 6), 22, 2),
            ((22, 6), 37.999999, 2),
            ((22, 6), 38, 3),
            ((2, 4), 14.999999, 2),
            ((2, 4), 15, 3),
            ((20, 22), 8.999999, 1),
            ((20, 22), 9, 2),
        ],
    )
    def test_the_night_of_a_job(self, window, hour, night):
        """The date on which the nearer window opens, from the middle of the day on."""
        site = Site(time_zone="UTC", window_start=dt.time(window[0]), window_end=dt.time(window[1]))
        job = {"job_id": "J", "started_at": 10**15, "created_at": round((24 + hour) * HOUR)}
        (found,) = nights_of(job, site=site)

        assert found["night"] == dt.date(1970, 1, night)

    def test_what_counts_is_when_it_was_created(self):
        """A job may wait in the queue past noon; a job of which no record tells counts by its start."""
        jobs = [
            {"job_id": "waited", "created_at": 23 * HOUR, "started_at": 47 * HOUR},
            {"job_id": "log", "started_at": 47 * HOUR},
            {"job_id": "undated"},
        ]
        found = {row["job_id"]: row["night"].day for row in nights_of(*jobs)}

        assert found == {"waited": 1, "log": 2}

    def test_a_zone_with_another_day(self):
        """Nights are those of the site."""
        site = Site(time_zone="Asia/Tokyo")
        (found,) = nights_of({"job_id": "J", "started_at": 13 * HOUR}, site=site)
        (before,) = nights_of({"job_id": "J", "started_at": 5 * HOUR - MS}, site=site)

        assert (found["night"], before["night"]) == (dt.date(1970, 1, 1), dt.date(1969, 12, 31))

    @pytest.mark.parametrize(
        ("seen_us", "expected"),
        [(46 * HOUR - 1, [1]), (46 * HOUR, [1, 2]), (70 * HOUR, [1, 2, 3]), (0, [1])],
    )
    def test_a_window_that_has_not_opened_is_no_night(self, seen_us, expected):
        """Nights from the first job to the last, as far as the logs reach; the first one always counts."""
        nights = [
            {"job_id": "a", "night": dt.date(1970, 1, 1)},
            {"job_id": "b", "night": dt.date(1970, 1, 3)},
        ]
        rows = rows_of("nights", job_base=nights, sources=[{"source_id": "S", "last_at": seen_us}])
        found = {row["night"].day: row for row in rows}

        assert sorted(found) == expected
        assert found[1]["opens_at"].timestamp() == 22 * 3600
        assert found[1]["closes_at"].timestamp() == 30 * 3600
        assert (found[1]["jobs"], found[1]["has_evidence"]) == (1, True)

    def test_evidence_and_the_last_that_is_seen(self):
        """A night without jobs and records tells nothing; jobs, sources and collections tell how far the logs reach."""
        nights = [
            {"job_id": "a", "night": dt.date(1970, 1, 1)},
            {"job_id": "b", "night": dt.date(1970, 1, 4), "started_at": 100 * HOUR, "ended_at": 101 * HOUR},
        ]
        rows = rows_of(
            "nights",
            job_base=nights,
            log_nights=[{"host": "H", "night": dt.date(1970, 1, 2), "log_kind": "job_records"}],
            collections=[{"host": "H", "collected_at": 99 * HOUR}],
        )

        assert {row["night"].day: row["has_evidence"] for row in rows} == {
            1: True,
            2: True,
            3: False,
            4: True,
        }
        assert {row["seen_until"].timestamp() for row in rows} == {101 * 3600}

    def test_a_window_inside_one_day(self):
        """A window that closes after it opens closes on the same day."""
        site = Site(time_zone="UTC", window_start=dt.time(1), window_end=dt.time(5, 30))
        nights = [{"job_id": "a", "night": dt.date(1970, 1, 2)}]
        (row,) = rows_of("nights", site, job_base=nights)

        assert (row["opens_at"].timestamp(), row["closes_at"].timestamp()) == (25 * 3600, 29.5 * 3600)
