"""What event logs add to the report: post-snapshot, gap, failures, coverage, and words for what is not known."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.report import build_report
from analytics.report.write import FORMATS
from tests.report.estate import HOSTILE, estate_rows, session_of

NIGHT = dt.date(2025, 11, 3)
START = dt.datetime(2025, 11, 3, 13, 0, tzinfo=dt.UTC)


def job(name, vm="VM1", **more):
    """A finished job of that night."""
    row = {
        "job_id": name,
        "vm": vm,
        "host": "HV01",
        "level": "host",
        "kind": "express_full",
        "outcome": "succeeded",
    }
    return row | {"started_at": START, "ended_at": START + dt.timedelta(hours=1), "duration_s": 3600.0} | more


def post_snapshot(name, grade, least_s, value_s, most_s, vm="VM1"):
    """One post-snapshot phase."""
    bounds = {"duration_min_s": least_s, "duration_s": value_s, "duration_max_s": most_s}
    return {"job_id": name, "vm": vm, "phase": "post_snapshot", "grade": grade, "started_at": START} | bounds


def estate(jobs, **tables):
    """Rows of an estate of these jobs, all in one night."""
    return {"jobs": jobs, "job_nights": [{"job_id": row["job_id"], "night": NIGHT} for row in jobs]} | tables


def rows_of(name, rows):
    """The rows of one result."""
    return build_report(session_of(rows)).results[name].rows


class TestClaim:
    LENGTHS = (
        post_snapshot("J1", "A", 3.0, 3.0, 3.0),
        post_snapshot("J2", "A", 46.0, 46.0, 46.0, "VM2"),
        post_snapshot("J3", "B", 12.0, 20.0, 30.0),
        post_snapshot("J4", "C", 0.5, 0.5, 200.0, "VM3"),
        post_snapshot("J5", "D", None, None, None),
    )
    ROWS = estate([job(row["job_id"], row["vm"]) for row in LENGTHS], phases=list(LENGTHS))

    def test_it_is_tested_in_one_sentence(self):
        """Proven, disproved, undecided, the worst VM of each, and how sure."""
        assert build_report(session_of(self.ROWS)).leads["snapshot"] == (
            "“Post-snapshot takes an instant or seconds”: below 10 s is proven for 1 of 5 jobs, the contrary for 2 "
            "(worst: VM2, 46 s), and for 2 the logs cannot tell (at most 3 min 20 s, VM3); it was observed in 40 %, "
            "inferred in 20 %, only bounded in 20 %, not seen in 20 %."
        )

    def test_exactly_ten_seconds_are_no_proof_of_less(self):
        """Below 10 s is strict; 10 s or longer is not."""
        lengths = [post_snapshot("J1", "A", 10.0, 10.0, 10.0), post_snapshot("J2", "B", 2.0, 5.0, 10.0)]
        rows = rows_of("snapshot_lengths", estate([job("J1"), job("J2")], phases=lengths))

        assert [(row["grade"], row["below_10"], row["over_10"], row["unclear"]) for row in rows] == [
            ("A", 0, 1, 0),
            ("B", 0, 0, 1),
        ]

    def test_grades_are_never_mixed_in_a_row(self):
        """A VM with observed and bounded jobs has a row for each."""
        grades = [row["grade"] for row in rows_of("snapshot_lengths", self.ROWS) if row["vm"] == "VM1"]

        assert grades == ["A", "B", "D"]

    def test_proven_long_ones_come_before_possible_ones(self):
        """VM3 may have taken longest, VM2 is known to have."""
        vms = list(dict.fromkeys(row["vm"] for row in rows_of("snapshot_lengths", self.ROWS)))

        assert vms == ["VM2", "VM1", "VM3"]

    def test_jobs_of_guests_and_of_the_online_agent_do_not_count(self):
        """Their snapshots are not the host's."""
        jobs = [job("J1", level="guest"), job("J2", kind="online")]
        lengths = [post_snapshot(name, "A", 3.0, 3.0, 3.0) for name in ("J1", "J2")]

        assert rows_of("snapshot_lengths", estate(jobs, phases=lengths)) == []

    def test_without_events_it_says_what_would_show_it(self):
        """The note names the logs; with the errlog only, everything is bounded."""
        length = post_snapshot("J1", "C", 1.0, 1.0, 41.0)
        report = build_report(session_of(estate([job("J1")], phases=[length])))

        assert "proven for none of 1 job" in report.leads["snapshot"]
        assert "only bounded in 100 %" in report.leads["snapshot"]
        assert "No Windows event log was read" in report.notes["snapshot"]
        assert "8222" in report.notes["snapshot"]
        assert "8222" in report.leads["gap"]


class TestGap:
    def test_bounds_are_stated_with_the_middle(self):
        """Per VM the median of middle and bounds, and of how many VMs nothing is known."""
        gap = {"delta_t_s": 7.0, "delta_t_min_s": 4.0, "delta_t_max_s": 10.0}
        phases = [post_snapshot(name, "C", 1.0, 1.0, 9.0, vm) for name, vm in (("J1", "VM1"), ("J2", "VM2"))]
        report = build_report(session_of(estate([job("J1", **gap), job("J2", "VM2")], phases=phases)))

        assert report.leads["gap"] == (
            "In 1 job of 1 VM the guest wrote on for about 7 s (between 4 s and 10 s) before the host's snapshot; "
            "longest at VM1: about 7 s, never over 10 s."
        )
        assert report.notes["gap"].startswith("The gap of 1 other VM is not known")

    @pytest.mark.parametrize(
        ("low_s", "high_s", "is_constant", "verdict"),
        [
            (2, 5, True, "behind"),
            (-5, -2, True, "ahead"),
            (-1, 2, True, "within_bounds"),
            (3, 1, False, "changed"),
        ],
    )
    def test_clocks_say_what_is_proven(self, low_s, high_s, is_constant, verdict):
        """A difference is stated only where zero lies outside its bounds; a clock that was set has none."""
        clock = {"vm": "VM1", "jobs": 3, "offset_low_us": low_s * 10**6, "offset_high_us": high_s * 10**6}
        row = rows_of("guest_offsets", {"guest_clocks": [clock | {"is_constant": is_constant}]})[0]

        assert row["verdict"] == verdict
        assert (row["offset_low_s"] is None) == (verdict == "changed")

    @pytest.mark.parametrize(
        ("nights", "expected"),
        [
            ([(0, 0, 2, 5)], [("ahead", 2, 5)]),
            ([(0, 0, -5, -2)], [("behind", -5, -2)]),
            ([(0, 0, -1, 2), (1, 0, 0, 9)], [("within_bounds", 0, 2)]),
            ([(0, 0, 2, 5), (1, 0, 6, 9)], [("changed", None, None)]),
            ([(0, 0, 2, 5), (1, 1, -9, -6)], [("behind", -9, -6), ("ahead", 2, 5)]),
            ([(0, 0, 2, 5), (9, 1, -9, -6)], [("ahead", 2, 5)]),
        ],
    )
    def test_clocks_of_hosts(self, nights, expected):
        """All nights between two settings together bound the offset; nights outside the report do not."""
        clock = {"a": "HV01", "b": "DPM01", "told_by": "job_records", "is_constant": True, "jobs": 3}
        first = dt.date(2025, 2, 3)
        rows = [
            clock
            | {
                "night": first + dt.timedelta(day),
                "segment": segment,
                "offset_low_s": low,
                "offset_high_s": high,
            }
            for day, segment, low, high in nights
        ]
        guest = clock | {"b": "VM1", "told_by": "guest_events", "night": first, "segment": 0}
        session = session_of({"clock_offsets": [*rows, guest]})
        found = build_report(session, until=first + dt.timedelta(5)).results["host_offsets"].rows

        assert [(row["verdict"], row["offset_low_s"], row["offset_high_s"]) for row in found] == expected

    def test_clocks_without_any_gap_are_said_in_words(self):
        """Guests were read, but nothing can be stated."""
        clock = {"vm": "VM1", "jobs": 3, "offset_low_us": 3, "offset_high_us": 1, "is_constant": False}
        report = build_report(session_of({"guest_clocks": [clock]}))

        assert "no gap can be stated" in report.leads["gap"]
        assert "was set meanwhile" in report.notes["gap"]


class TestFailures:
    ROWS = estate_rows(40, 10)

    def test_causes_add_up_to_the_jobs(self):
        """Every failed job stands under one cause, with its source."""
        causes, jobs = rows_of("failure_causes", self.ROWS), rows_of("failed_jobs", self.ROWS)

        assert sum(row["jobs"] for row in causes) == len(jobs) == len(self.ROWS["failures"]) > 2
        assert causes[0]["with_events"] == len(jobs) // 2
        assert causes[0]["explanation_source"] == "KB 2549533"

    def test_what_a_log_says_is_inert(self):
        """Operations of events are text in the page and in Markdown."""
        report = build_report(session_of(self.ROWS))

        for ending in (".html", ".md"):
            assert HOSTILE[1] not in FORMATS[ending](report).decode("utf-8")

    def test_what_nothing_explains_is_said(self):
        """The error's numbers stand in the lead, and where explanations can be added in the note."""
        failure = {
            "job_id": "J1",
            "vm": "VM1",
            "night": NIGHT,
            "error_code": 4711,
            "hresult": "0x80070001",
            "events": 0,
        }
        report = build_report(session_of({"failures": [failure]}))

        assert report.leads["failures"].endswith("error 4711 0x80070001.")
        assert "explanations in [rules] of the site file" in report.notes["failures"]

    def test_no_failure_is_said(self):
        """The section holds one sentence."""
        assert build_report(session_of({})).leads["failures"] == "No job is known to have failed."


def log(kind, day, records, status="missing", host="HV01", **more):
    """One cell of the coverage."""
    night = NIGHT + dt.timedelta(days=day)
    return (
        {"host": host, "night": night, "log_kind": kind, "records": records, "jobs": 5}
        | {"status": "present" if records and status == "missing" else status}
        | more
    )


class TestCoverage:
    def test_missing_record_ids_are_counted_in_the_note(self):
        """So many of one log."""
        partial = {"status": "partial", "gaps": 12, "note": "ids_missing"}
        rows = [log("events:System", 0, 9, **partial), log("events:System", 1, 9)]

        assert [row["note"] for row in rows_of("coverage_map", {"coverage": rows})] == [partial["note"], None]
        assert (
            "Missing from 1 log: 12 records" in build_report(session_of({"coverage": rows})).notes["coverage"]
        )

    def test_logs_that_were_not_given_are_listed_with_their_use(self):
        """Computers without the log are counted; one that all gave and that spoke is left out."""
        jobs = [job("J1"), job("J2", "VM2", host="HV02")]
        given = [log("events:Security", 0, 9, host=host) for host in ("HV01", "HV02")]
        given += [log("events:Microsoft-Windows-VHDMP-Operational", 0, 9)]
        hits = [{"host": host, "channel": "Security"} for host in ("HV01", "HV02")]
        rows = rows_of("silent_channels", estate(jobs, coverage=given, event_hits=hits))
        hosts = {row["channel"]: row for row in rows if row["role"] == "hyper-v-host"}

        assert "Security" not in hosts
        vhdmp = hosts["Microsoft-Windows-VHDMP-Operational"]
        assert (vhdmp["computers"], vhdmp["absent"], vhdmp["telling"]) == (2, 1, 0)
        assert vhdmp["shows"]
        assert (vhdmp["how"], vhdmp["switch_on"]) == ("default", None)

    def test_a_security_log_without_audited_snapshots_is_listed(self):
        """The log was given, but auditing is off: it says nothing of any snapshot."""
        rows = rows_of("silent_channels", estate([job("J1")], coverage=[log("events:Security", 0, 9)]))
        security = next(row for row in rows if (row["role"], row["channel"]) == ("hyper-v-host", "Security"))

        assert (security["absent"], security["telling"]) == (0, 0)


class TestWithoutJobs:
    def snapshot(self, minute, process, **more):
        """A host snapshot that belongs to no job."""
        at = START + dt.timedelta(minutes=minute)
        row = {
            "host": "HV01",
            "night": NIGHT,
            "grade": "A",
            "process": process,
            "first_at": at,
            "last_at": at,
        }
        return row | {"snapshot_at": at} | more

    def test_events_alone_give_counts_and_no_verdict(self):
        """Who asked for the snapshots, on how many hosts and nights, and that this says nothing of the window."""
        rows = [
            self.snapshot(0, r"c:\\program files\\dpm\\bin\\dpmra.exe", vm="VM1", mounted_s=60.0),
            self.snapshot(30, r"c:\\program files\\dpm\\bin\\dpmra.exe", vm="VM2", guests_near="VM1, VM2"),
            self.snapshot(60, r"c:\\windows\\system32\\wbengine.exe"),
            self.snapshot(90, None, job_id="J1"),
        ]
        tables = {"host_snapshots": rows, "sources": [{"records_read": 9, "format": "evtx", "host": "HV01"}]}
        report = build_report(session_of(tables))
        listed = {row["requester"]: row for row in report.results["lone_snapshots"].rows}

        assert "No backup job was found in 9 records from 1 file." in report.verdict
        assert "3 host snapshots of 1 host on 1 night (2 by DPM, 1 by wbengine.exe)" in report.remarks
        assert listed["DPM"]["vms"] == listed["DPM"]["guests_near"] == "VM1, VM2"
        assert (listed["DPM"]["snapshots"], listed["DPM"]["mounted_s"]) == (2, 60.0)
        assert set(listed) == {"DPM", "wbengine.exe"}

    def test_a_snapshot_within_windows_server_backup_is_its_own(self):
        """Its record states when it took the snapshot, whether or not that is audited."""
        times = [START + dt.timedelta(minutes=minutes) for minutes in (58, 59, 61, 70)]
        names = ("started_at", "snapshot_started_at", "snapshot_ended_at", "ended_at")
        run = {"host": "hv01", "night": NIGHT, "outcome": "succeeded", **dict(zip(names, times, strict=True))}
        rows = [self.snapshot(60, None), self.snapshot(90, None)]
        made = rows_of("lone_snapshots", {"host_snapshots": rows, "windows_backups": [run]})

        assert [(row["requester"], row["snapshots"]) for row in made] == [("wbengine.exe", 1), (None, 1)]
        (listed,) = rows_of("windows_backup_runs", estate([job("J1")], windows_backups=[run]))
        assert (listed["snapshot_s"], listed["jobs_beside"]) == (120.0, 1)

    def test_failure_events_beside_no_job_are_listed(self):
        """Those within the time of a job stand with the jobs that failed."""
        event = {
            "host": "HV01",
            "gives": "failure",
            "event_provider": "volsnap",
            "event_id": 25,
        }
        times = [START + dt.timedelta(hours=hours) for hours in (-3, 0.1, 20)]
        rows = estate([job("J1")], event_hits=[event | {"at": at} for at in times])
        report = build_report(session_of(rows))
        (found,) = report.results["lone_failures"].rows

        assert (found["event"], found["events"], found["nights"]) == ("volsnap/25", 2, 2)
        assert "storage could not grow" in found["explanation"]
        assert report.leads["failures"].startswith("No job is known to have failed; 2 failure events")


class TestQueue:
    @pytest.mark.parametrize(("queued_s", "shown"), [(200.0, 0), (400.0, 1)])
    def test_short_waits_are_not_shown(self, queued_s, shown):
        """A median of 5 minutes is where it begins to matter."""
        assert len(rows_of("queue_waits", estate([job("J1", queued_s=queued_s)]))) == shown

    def test_a_queue_alone_has_a_lead(self):
        """Job records without any phase."""
        report = build_report(session_of(estate([job("J1", queued_s=400.0)])))

        assert (
            report.leads["phases"]
            == "Before they began, jobs waited in DPM's own queue: on 1 night, up to 6 min 40 s."
        )


def test_a_job_after_the_last_window_makes_no_night():
    """Neither the list of nights nor the timeline offers it; the lead counts it."""
    rows = estate([job("J1"), job("J2", started_at=START + dt.timedelta(days=1))])
    rows["job_nights"][1]["night"] = NIGHT + dt.timedelta(days=1)
    report = build_report(session_of(rows | {"nights": [{"night": NIGHT}]}))

    assert [row["night"] for row in report.results["night_summary"].rows] == [NIGHT]
    assert {row["night"] for row in report.results["night_timeline"].rows} == {NIGHT}
    assert report.leads["timeline"] == "1 job on 1 night. 1 without a start or outside these nights."


def test_sentences_are_whole_in_markdown():
    """A long lead or note is not cut."""
    report = build_report(session_of(estate([job("J1")], phases=[post_snapshot("J1", "C", 1.0, 1.0, 41.0)])))

    assert "What the logs cover”." in FORMATS[".md"](report).decode("utf-8")


class TestSilence:
    """Which VMs are silent, since when, and who may be their successor."""

    @staticmethod
    def night(vm, day, reason, **more):
        """A judged night; a backup that ended has an end."""
        ended = dt.datetime(2025, 2, 3, 23, tzinfo=dt.UTC) if reason in ("met", "late") else None
        row = {"vm": vm, "rule": "backup_window", "night": dt.date(2025, 2, 3) + dt.timedelta(day)}
        return row | {"reason": reason, "met": reason == "met", "expected": True, "finished_at": ended} | more

    def silent(self, *rows, since=None, jobs=()):
        """VM, nights and successor of those that are silent."""
        session = session_of(
            {
                "sla": list(rows),
                "jobs": [
                    {"job_id": f"{vm}{day}", "vm": vm, "host": host, "owes_sla": True, "started_at": at(day)}
                    for vm, day, host in jobs
                ],
                "job_nights": [{"job_id": f"{vm}{day}", "night": at(day).date()} for vm, day, _ in jobs],
            }
        )
        found = session.run("silent_vms", since=since and at(since).date(), until=None).to_pylist()
        return [(row["vm"], row["nights"], row["successor"]) for row in found]

    @pytest.mark.parametrize(
        ("reasons", "nights"),
        [
            ("met missed missed missed", 3),
            ("met missed missed", None),
            ("met failed failed missed missed missed", 5),
            ("met missed missed missed met", None),
            ("met missed missed missed failed", None),
            ("met missed missed unknown missed missed missed", 5),
            ("failed missed missed missed", 4),
            ("never_run never_run never_run", None),
        ],
    )
    def test_nights_without_a_backup(self, reasons, nights):
        """No job on the last three due nights or more; failed ones before them are no backups either."""
        rows = [self.night("A", day, reason) for day, reason in enumerate(reasons.split())]
        rows = [row | {"met": None} if row["reason"] == "unknown" else row for row in rows]

        assert self.silent(*rows) == ([] if nights is None else [("A", nights, None)])

    @pytest.mark.parametrize(("since", "expected"), [(None, 9), (8, 9), (20, None)])
    def test_what_came_before_the_report_counts(self, since, expected):
        """A report of the last nights says for how long there was none, not how many nights it has."""
        rows = [self.night("A", day, "met" if day == 0 else "missed") for day in range(10)]

        assert self.silent(*rows, since=since) == ([("A", expected, None)] if expected else [])

    @pytest.mark.parametrize(
        ("others", "successor"),
        [
            ([("NEW", 1, "hv01.x")], "NEW"),
            ([("NEW", 1, "HV02")], None),
            ([("NEW", 2, "HV01")], None),
            ([("OLD", 0, "HV01")], None),
            ([("NEW", 1, "HV01"), ("NEWER", 1, "HV01")], None),
        ],
    )
    def test_its_new_name(self, others, successor):
        """The one VM that began on its host on the night on which it was missed first."""
        rows = [self.night("A", day, "met" if day == 0 else "missed") for day in range(4)]

        assert self.silent(*rows, jobs=[("A", 0, "HV01"), *others]) == [("A", 3, successor)]


def at(day):
    """Eleven in the evening of a night."""
    return dt.datetime(2025, 2, 3, 23, tzinfo=dt.UTC) + dt.timedelta(day)
