"""The view trust: each check holds on a whole estate, and names what is missing from one that lacks it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from analytics.errors import StoreError
from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.report import build_report
from analytics.site import Site
from analytics.sql.givens import StoreState, lost_rows, store_row
from analytics.store import Store, examine, mend
from analytics.synth import Knobs, write_estate
from analytics.tables.trust_words import TRUST_CHECKS, TRUST_FINDINGS
from tests.model.views import S, rows_of

Row = dict[str, Any]
NIGHT = dt.date(2025, 2, 3)
ZONE = Site(time_zone="Asia/Tokyo")


def findings(**given: list[Row]) -> dict[str, Row]:
    """What is found of the store, by detail."""
    return {row["detail"]: row for row in rows_of("store_findings", Site(time_zone="UTC"), **given)}


def states(store: Store, site: Site | None = None, now: dt.datetime | None = None) -> dict[str, Row]:
    """The rows of trust by check."""
    with open_session(store, site, now=now) as session:
        return {row["check"]: row for row in session.sql("SELECT * FROM trust").to_pylist()}


def judged(*through: str, **given: list[Row]) -> dict[str, Row]:
    """What trust says by check, through these views and trust_facts; the store is whole unless it is given."""
    given.setdefault("store_state", store_row(StoreState()).to_pylist())
    views = [name for name in ("store_findings", "evidence_gaps") if name in through or name not in given]
    rows = rows_of("trust", Site(time_zone="UTC"), through=[*views, "trust_facts"], **given)
    assert len({row["check"] for row in rows}) == len(rows)
    return {row["check"]: row for row in rows}


def clocks(*nights: tuple[dt.date, int, bool, float, float]) -> dict[str, list[Row]]:
    """Jobs of HV01 with the offset of its clock, given by night, segment, whether one fits, and bounds in seconds."""
    rows = [
        {"job_id": f"J{n}", "host_key": "hv01", "server_key": "dpm01", "night": night, "segment": segment}
        | {
            "tells": True,
            "is_constant": fits,
            "offset_low_us": round(low * S),
            "offset_high_us": round(high * S),
        }
        for n, (night, segment, fits, low, high) in enumerate(nights)
    ]
    return {"job_clocks": rows, "job_base": [{"job_id": row["job_id"], "host": "HV01"} for row in rows]}


def source(**more: Any) -> Row:
    """A file that was read whole."""
    row = {"path": "a.errlog", "format": "dpm-errlog", "kind": "errlog", "records_read": 1000}
    return row | {"records_rejected": 0, "read_at": dt.datetime(2025, 2, 5, tzinfo=dt.UTC)} | more


class TestStore:
    @pytest.mark.parametrize("ingest_state", ["completed", "running", "ended_early", "not_noted"])
    def test_the_last_ingest(self, ingest_state):
        """Whatever is noted of it is what is found."""
        state = store_row(StoreState(f"ingest_{ingest_state}")).to_pylist()

        assert f"ingest_{ingest_state}" in findings(store_state=state)

    @pytest.mark.parametrize(
        ("lost", "detail", "found", "names", "others"),
        [
            ((), "all_there", None, None, 0),
            ((("a", 0), ("b", 0)), "records_doubtful", 2, "a, b", 0),
            ((("a", 3), ("b", 4), ("c", 0)), "records_lost", 7, "b, a", 0),
            ((("a", 3), ("b", 4), ("a", 2), ("d", 1), ("e", 1)), "records_lost", 11, "a, b, d", 1),
        ],
    )
    def test_what_was_lost(self, lost, detail, found, names, others):
        """Records that are lost, or sources that may lack some, with their names, the worst first."""
        row = judged(lost_sources=lost_rows(StoreState(lost=lost)).to_pylist())["store_intact"]

        assert (row["detail"], row["found"], row["names"], row["others"]) == (detail, found, names, others)

    @pytest.mark.parametrize(
        ("sources", "detail", "found"),
        [
            ([source()], "all_read", 0),
            ([source(records_rejected=9)], "few_rejected", 9),
            ([source(records_rejected=10)], "many_rejected", 10),
            # one kind alone counts, however much of another there is
            ([source(), source(kind="job_records", records_read=9, records_rejected=1)], "many_rejected", 1),
            ([source(format="unknown", kind=None, records_rejected=1)], "files_unknown", 1),
            ([source(), source(path="b.zip", format="unreadable", kind=None)], "files_damaged", 1),
        ],
    )
    def test_what_could_not_be_read(self, sources, detail, found):
        """One record of a hundred of any kind is many; a damaged file is worse than one that is no log."""
        assert findings(sources=sources)[detail]["found"] == found

    def test_a_damaged_file_that_was_read_later_is_whole(self):
        """The same path, a later reading."""
        later = dt.datetime(2025, 2, 6, tzinfo=dt.UTC)
        damaged = source(format="unreadable", kind=None)

        earlier = dt.datetime(2025, 2, 4, tzinfo=dt.UTC)

        assert "files_damaged" in findings(sources=[damaged, source(path="b", read_at=later)])
        assert "files_damaged" in findings(sources=[damaged, source(), source(read_at=earlier)])
        assert "files_damaged" in findings(sources=[damaged, source(read_at=later, kind=None)])
        assert "all_read" in findings(sources=[damaged, source(read_at=later), source(read_at=earlier)])

    @pytest.mark.parametrize(("age_s", "detail"), [(172800, "evidence_new"), (172800.1, "evidence_old")])
    def test_how_old_the_newest_evidence_is(self, age_s, detail):
        """More than two days before the moment given, and never where none is given."""
        last = dt.datetime(2025, 2, 5, tzinfo=dt.UTC)
        now = store_row(StoreState(now_at=last + dt.timedelta(seconds=age_s))).to_pylist()
        given = {"sources": [source(last_at=last)], "nights": [{"night": NIGHT, "has_evidence": True}]}

        row = findings(**given, store_state=now)[detail]
        assert (row["low_s"], row["night"]) == (age_s, dt.date(2025, 2, 6))
        assert not {"evidence_new", "evidence_old"} & findings(**given).keys()

    def test_nights_at_the_end_without_evidence(self):
        """Only those after the last one that has some."""
        nights = [
            {"night": NIGHT + dt.timedelta(days=day), "has_evidence": day in (0, 2)} for day in range(5)
        ]

        assert judged(nights=nights)["freshness"]["found"] == 2
        assert judged(nights=nights[:3])["freshness"]["detail"] == "evidence_new"


def gaps(
    coverage: list[Row], seen: tuple[int, ...] = (), **given: list[Row]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each finding and computer: how many are missing, of how many; DPM01 has evidence of the `seen` nights."""
    nights = sorted({row["night"] for row in coverage})
    given.setdefault("nights", [{"night": night, "has_evidence": True} for night in nights])
    given.setdefault("job_base", [{"vm": "A", "dpm_server": "DPM01"}])
    evidence = [{"vm": "A", "night": NIGHT + dt.timedelta(days=day)} for day in seen]
    rows = rows_of("evidence_gaps", coverage=coverage, machine_evidence=evidence, **given)
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        found, total = sums.get((row["detail"], row["name"]), (0, 0))
        sums[row["detail"], row["name"]] = (found + row["found"], total + row["total"])
    return sums


def night(day: int, status: str, kind: str = "job_records", host: str | None = "DPM01", **more: Any) -> Row:
    """A log and a night."""
    records = 9 if status in ("present", "partial") else 0
    row = {"host": host, "night": NIGHT + dt.timedelta(days=day), "log_kind": kind, "status": status}
    return row | {"records": records, "jobs": 3} | more


class TestGaps:
    def test_hosts_without_their_log(self):
        """Missing, or begun after a job had ended; nights without jobs do not count."""
        rows = [
            night(day, status, "errlog:DPMRA", "HV01") for day, status in enumerate(("present", "missing"))
        ]
        rows += [
            night(2, "partial", "errlog:DPMRA", "HV01"),
            night(3, "quiet", "errlog:DPMRA", "HV01", jobs=0),
        ]

        assert gaps(rows)["logs_missing", "HV01"] == (2, 3)

    def test_of_which_agents(self):
        """That of a host and that of jobs to the cloud; no other log."""
        rows = [
            night(0, "missing", kind, kind) for kind in ("errlog:DPMRA", "errlog:CBENGINE", "errlog:MSDPM")
        ]

        assert {name for check, name in gaps(rows) if check == "logs_missing"} == {
            "errlog:DPMRA",
            "errlog:CBENGINE",
        }

    @pytest.mark.parametrize(
        ("cells", "counts"),
        [
            ({"status": "missing", "jobs": 1}, (1, 2)),
            ({"status": "quiet", "jobs": 0}, (0, 1)),
            ({"status": "present", "jobs": 0, "records": 1}, (0, 2)),
            ({"status": "present", "jobs": 1, "records": 0}, (0, 2)),
        ],
    )
    def test_which_nights_of_a_server_count(self, cells, counts):
        """Those with jobs or records."""
        rows = [night(0, "present"), night(1, "quiet") | cells]

        assert gaps(rows, seen=(0, 1))["nights_without_records", "DPM01"] == counts

    @pytest.mark.parametrize(
        ("dark", "with_evidence", "found"), [(1, 3, 1), (0, 3, 0), (1, 1, 1), (1, 0, 0), (2, 1, 0), (2, 3, 1)]
    )
    def test_when_a_dark_night_counts(self, dark, with_evidence, found):
        """Behind the first night with records, up to the last one of which the store knows anything."""
        rows = [night(day, "quiet" if day == dark else "present", jobs=0) for day in range(4)]
        nights = [
            {"night": NIGHT + dt.timedelta(days=day), "has_evidence": day == with_evidence}
            for day in range(4)
        ]
        seen = tuple(day for day in range(4) if day != dark)

        assert gaps(rows, seen, nights=nights).get(("nights_without_records", "DPM01"), (0,))[0] == found

    @pytest.mark.parametrize(("records", "found"), [(1, 1), (0, 0)])
    def test_one_record_a_night_is_a_record(self, records, found):
        """A server that has no more of its other nights lacks those of a dark one; one without any lacks none."""
        rows = [night(day, "quiet", jobs=0, records=0 if day == 1 else records) for day in range(3)]

        assert gaps(rows, seen=(0, 2)).get(("nights_without_records", "DPM01"), (0,))[0] == found

    def test_each_server_has_nights_of_its_own(self):
        """Records of another one, or of another weekend, say nothing of a dark night."""
        rows = [night(day, "quiet", jobs=0, records=0) for day in range(3)]
        others = [night(day, "present", jobs=0, host="DPM02") for day in range(3)]
        found = gaps([*rows, *others], seen=())

        assert ("nights_without_records", "DPM01") not in found
        assert ("nights_without_records", "DPM02") in found

    def test_nights_with_jobs_and_no_records(self):
        """And jobs of a DPM server that nothing names, of all that logs of hosts show."""
        rows = [night(0, "present"), night(1, "missing"), night(1, "missing", host=None, jobs=4)]
        logged = {"vm": "A", "level": "host", "evidence": "log", "night": NIGHT + dt.timedelta(1)}
        jobs = [logged | {"job_id": f"J{n}", "dpm_server": "DPM01" if n > 3 else None} for n in range(6)]
        found = gaps(rows, seen=(0, 1), job_base=jobs)

        assert found["nights_without_records", "DPM01"] == (1, 2)
        assert found["jobs_without_record", None] == (4, 6)

    def test_logs_of_hosts_alone(self):
        """Neither a record nor the log of a DPM server: that has a sentence of its own."""
        rows = [night(0, "missing", host=None, jobs=2)]
        job = {"vm": "A", "level": "host", "evidence": "log", "night": NIGHT, "dpm_server": None}
        alone = [job | {"job_id": name} for name in "AB"]

        assert gaps(rows, job_base=alone)["only_host_logs", None] == (2, 2)
        for known in ({"evidence": "record"}, {"dpm_server": "DPM01"}):
            found = gaps(rows, job_base=[*alone, job | known])
            assert ("only_host_logs", None) not in found
            assert found["jobs_without_record", None][0] == 2

    @pytest.mark.parametrize(
        ("dark", "seen", "found"),
        [
            (2, (0, 1, 3), 1),  # a Wednesday of which nothing is left, though other working days have records
            (2, (0, 1, 2, 3), 0),  # another log reaches it: nothing ran
            (5, (0, 1, 2, 3, 4, 6), 0),  # a Saturday, and no day of the weekend has records
        ],
    )
    def test_nights_of_which_nothing_is_left(self, dark, seen, found):
        """They lack their records where other nights of the kind have some."""
        last = max(seen)
        rows = [
            night(day, "present" if day not in (dark, 5, 6) else "quiet", jobs=3 * (day in seen))
            for day in range(last + 1)
        ]

        assert gaps(rows, seen)["nights_without_records", "DPM01"][0] == found

    def test_hosts_that_gave_no_list_of_their_vms(self):
        """Neither a row nor a file without rows."""
        jobs = [
            {"level": "host", "kind": "express_full", "host": host} for host in ("HV01.x", "HV02", "HV03")
        ]
        listed = {"vms": [{"host_key": "hv01"}], "sources": [source(kind="inventory", host_key="hv02")]}
        found = gaps([], job_base=jobs, nights=[], **listed)

        assert {name: count for (detail, name), count in found.items() if detail == "hosts_not_listed"} == {
            "HV01": (0, 1), "HV02": (0, 1), "HV03": (1, 1),
        }  # fmt: skip
        assert {detail for detail, _ in found} == {"hosts_not_listed"}

    @pytest.mark.parametrize("cells", [{"level": "guest"}, {"kind": "online"}, {"host": None}])
    def test_who_gives_such_a_list(self, cells):
        """Hosts of jobs at host level."""
        job = {"level": "host", "kind": "express_full", "host": "HV01"} | cells

        assert gaps([], job_base=[job], nights=[]) == {}


class TestTrust:
    def test_records_that_do_not_say_when_they_were_created(self):
        """Without that, nobody sees that a job waited in DPM's queue."""
        job = {"job_id": "J", "owes_sla": True, "record_started_at": 0}
        for created, detail in ((None, "records_undated"), (0, "records_cover")):
            found = judged("evidence_gaps", job_base=[job | {"created_at": created}])
            assert found["job_records"]["detail"] == detail

    @pytest.mark.parametrize(
        ("gaps", "detail", "found", "total"),
        [
            ([], "no_job", None, None),
            ([("nights_without_records", "DPM01", 9, 0)], "records_cover", None, None),
            (
                [("nights_without_records", "DPM01", 9, 0), ("nights_without_records", "DPM02", 9, 1)],
                "nights_without_records", 1, 18,
            ),
            (
                [("nights_without_records", "DPM01", 9, 2), ("jobs_without_record", None, 7, 5)],
                "jobs_without_record", 5, 7,
            ),
            ([("records_undated", "DPM01", 7, 5)], "records_undated", 5, 7),
            (
                [("nights_without_records", "DPM01", 9, 2), ("records_undated", "DPM01", 7, 5)],
                "nights_without_records", 2, 9,
            ),
        ],
    )  # fmt: skip
    def test_job_records(self, gaps, detail, found, total):
        """Jobs that no record knows say more than nights without records, these more than missing dates."""
        rows = [{"detail": of, "name": name, "total": n, "found": m} for of, name, n, m in gaps]
        row = judged(evidence_gaps=rows)["job_records"]

        assert (row["detail"], row["found"], row["total"]) == (detail, found, total)

    @pytest.mark.parametrize("count", [0, 1, 3, 5])
    def test_entries_of_the_site_file_that_fit_nothing(self, count):
        """How many, and the first three."""
        entries = [{"entry": f"e{n}", "entry_key": f"{n}"} for n in reversed(range(count))]
        row = judged(site_findings=entries)["site_file"]

        assert (row["detail"], row["found"]) == ("site_doubtful" if count else "site_fits", count or None)
        assert (row["names"] or "").split(", ") == [f"e{n}" for n in range(min(count, 3))] or [""]
        assert row["others"] == max(count - 3, 0)

    def test_names_are_the_first_three(self):
        """Most missing first; the others are counted."""
        hosts = [{"detail": "logs_missing", "name": f"HV{n}", "total": 9, "found": n} for n in range(6)]
        rows = judged(evidence_gaps=hosts)

        assert rows["host_logs"]["names"] == "HV5, HV4, HV3"
        assert (rows["host_logs"]["others"], rows["host_logs"]["found"]) == (2, 15)

    @pytest.mark.parametrize(
        ("low_s", "high_s", "detail"),
        [
            (-3.0, 2.0, "clocks_agree"),
            (1.0, 9.0, "clocks_agree"),
            (1.001, 9.0, "clocks_differ"),
            (-9.0, -1.001, "clocks_differ"),
            (300.0, 310.0, "clocks_differ"),
            (-9.0, -1.0, "clocks_agree"),
            (-310.0, -300.0, "clocks_differ"),
            (-310.0, -300.001, "clocks_far_apart"),
            (300.001, 310.0, "clocks_far_apart"),
        ],
    )
    def test_clocks_of_hosts(self, low_s, high_s, detail):
        """A second is a difference, five minutes are too much; what is said has no sign."""
        (row,) = [judged(**clocks((NIGHT, 0, True, low_s, high_s)))["clocks_host"]]

        assert row["detail"] == detail
        if detail != "clocks_agree":
            bounds = sorted(map(abs, (low_s, high_s)))
            assert [row["low_s"], row["high_s"]] == pytest.approx(bounds, abs=1e-5)

    def test_by_how_much_clocks_differ(self):
        """From the least to the greatest difference of those that differ, whichever is ahead."""
        given = clocks((NIGHT, 0, True, 2, 4), (NIGHT, 0, True, -9, -7), (NIGHT, 0, True, -99, 99))
        for number, (clock, job) in enumerate(zip(given["job_clocks"], given["job_base"], strict=True)):
            clock["host_key"], job["host"], job["night"] = f"hv{number}", f"HV{number}", NIGHT
        guests = [
            {"job_id": f"J{n}", "vm": vm, "offset_low_us": low * S, "offset_high_us": high * S}
            | {"is_constant": True, "shows_clock": True}
            for n, (vm, low, high) in enumerate((("A", 3, 5), ("B", -8, -6), ("C", -99, 99)))
        ]
        rows = judged(**given, deltas=guests)

        assert [rows["clocks_host"][name] for name in ("low_s", "high_s", "found")] == [2, 9, 2]
        assert [rows["clocks_guest"][name] for name in ("low_s", "high_s", "found")] == [3, 8, 2]
        assert (rows["clocks_host"]["names"], rows["clocks_guest"]["names"]) == ("HV0, HV1", "A, B")

    def test_a_clock_of_a_host_that_was_set(self):
        """In a night, or between two; it is said of the night on which the new time begins."""
        later = NIGHT + dt.timedelta(1)

        assert judged(**clocks((NIGHT, 0, False, 0, 0)))["clocks_host"]["detail"] == "clocks_jumped"
        between = clocks((NIGHT, 0, True, 0, 0), (later, 1, True, 0, 0))
        jumps = [
            row["night"] for row in rows_of("trust_facts", **between) if row["detail"] == "clocks_jumped"
        ]
        assert judged(**between)["clocks_host"]["detail"] == "clocks_jumped"
        assert jumps == [later]
        assert judged(**clocks((NIGHT, 0, True, 0, 0), (later, 0, True, 0, 0)))["clocks_host"]["detail"] == (
            "clocks_agree"
        )

    @pytest.mark.parametrize(
        ("low", "high", "is_constant", "detail"),
        [
            (-2 * S, S, True, "guests_agree"),
            (S + 1, 9 * S, True, "guests_differ"),
            (S, 9 * S, True, "guests_agree"),
            (-9 * S, -S, True, "guests_agree"),
            (-9 * S, -S - 1, True, "guests_differ"),
            (9 * S, S, False, "guests_jumped"),
        ],
    )
    def test_clocks_of_guests(self, low, high, is_constant, detail):
        """As those of hosts."""
        clock = {"job_id": "J", "vm": "A", "shows_clock": True, "is_constant": is_constant}
        clock |= {"offset_low_us": low, "offset_high_us": high}
        job = {"job_id": "J", "vm": "A", "night": NIGHT}

        assert judged(deltas=[clock], job_base=[job])["clocks_guest"]["detail"] == detail

    @pytest.mark.parametrize(("untold_s", "detail"), [(5.0, "time_told"), (5.01, "time_untold")])
    def test_time_that_belongs_to_no_phase(self, untold_s, detail):
        """More than a twentieth of the time of finished jobs at host level."""
        job = {"job_id": "J", "level": "host", "ended_at": 0}
        others = [job | {"job_id": "K", "level": "guest"}, job | {"job_id": "L", "ended_at": None}]
        told = round((100 - untold_s) * S)  # between places 4 and 6 a line is missing
        places = [("J", 3, 4, 0), ("J", 4, 6, told), ("J", 6, None, 100 * S)]
        places += [(name, *rest) for name in "KL" for rest in ((4, 6, 0), (6, None, 999 * S))]
        boundaries = [
            {"job_id": name, "place": place, "next_place": next_place, "evidence": 3, "us": us}
            for name, place, next_place, us in places
        ]
        row = judged(job_base=[job, *others], boundaries=boundaries)["unaccounted"]

        assert (row["detail"], row["found"]) == (detail, 5 if detail == "time_untold" else None)

    def test_a_job_of_which_one_moment_is_known(self):
        """No time passed of which anything could be told; nor is a boundary one without its job."""
        job = {"job_id": "J", "level": "host", "ended_at": 0, "night": NIGHT}
        alone = {"job_id": "J", "place": 0, "next_place": None, "evidence": 3, "us": 0}
        lost = [alone | {"job_id": "K", "next_place": 7}, alone | {"job_id": "K", "place": 7, "us": S}]

        assert rows_of("trust_facts", job_base=[job], boundaries=[alone, *lost]) == []

    @pytest.mark.parametrize(
        ("place", "evidence", "untold_s"),
        [(3, 3, 0), (3, 0, 10), (6, 3, 0)],
    )
    def test_what_tells_the_time_between_two_lines(self, place, evidence, untold_s):
        """A phase between neighbours of which each was seen."""
        job = {"job_id": "J", "level": "host", "ended_at": 0, "night": NIGHT}
        ends = [
            {"job_id": "J", "place": place, "next_place": place + 1, "evidence": 3, "us": 0},
            {"job_id": "J", "place": place + 1, "next_place": None, "evidence": evidence, "us": 10 * S},
        ]
        (row,) = rows_of("trust_facts", job_base=[job], boundaries=ends)

        assert (row["detail"], row["night"], row["found"], row["total"]) == (
            "time_untold",
            NIGHT,
            untold_s,
            10,
        )

    @pytest.mark.parametrize(
        ("first", "second", "low_s", "high_s"),
        [((400, 500), (600, 700), 400, 700), ((-500, -400), (-700, -600), 400, 700)],
    )
    def test_two_offsets_of_one_night(self, first, second, low_s, high_s):
        """One row: the least that one of them says, and the most that any allows, whichever clock is ahead."""
        given = clocks((NIGHT, 0, True, *first), (NIGHT, 1, True, *second))
        (row,) = rows_of("trust_facts", **given)

        assert (row["detail"], row["name"], row["night"]) == ("clocks_far_apart", "HV01", NIGHT)
        assert (row["low_s"], row["high_s"]) == (low_s, high_s)

    def test_jobs_that_tell_nothing_of_the_clock(self):
        """Those that span a jump, and those of no job that is known."""
        given = clocks((NIGHT, 0, True, 400, 500), (NIGHT, 0, True, 2, 3))
        given["job_clocks"][0]["tells"] = False
        given["job_base"].pop()

        assert rows_of("trust_facts", **given) == []

    def test_offsets_of_a_guest(self):
        """What its jobs of a night allow together, by night."""
        bounds_s = ((-2, 3), (1, 4), (2, 9))
        nights = [NIGHT, NIGHT, NIGHT + dt.timedelta(1)]
        deltas = [
            {"job_id": f"J{n}", "vm": "A", "shows_clock": True, "is_constant": True}
            | {"offset_low_us": low * S, "offset_high_us": high * S}
            for n, (low, high) in enumerate(bounds_s)
        ]
        jobs = [{"job_id": f"J{n}", "vm": "A", "night": night} for n, night in enumerate(nights)]
        rows = rows_of("trust_facts", deltas=[*deltas, deltas[0] | {"job_id": "lost"}], job_base=jobs)

        assert sorted((row["detail"], row["night"], row["low_s"], row["high_s"]) for row in rows) == [
            ("guests_agree", NIGHT, 0, 4),
            ("guests_differ", NIGHT + dt.timedelta(1), 2, 9),
        ]

    def test_each_check_has_one_row(self):
        """Without any log, too; what follows is what the finding says."""
        rows = list(judged("store_findings", "evidence_gaps").values())

        assert sorted(row["check"] for row in rows) == sorted(TRUST_CHECKS.names)
        for row in rows:
            finding = TRUST_FINDINGS.covering(row["detail"])
            assert (row["status"], row["remedy"]) == (finding.status, finding.remedy)


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    """A small estate with a VM that is never backed up."""
    folder = tmp_path_factory.mktemp("trust") / "logs"
    write_estate(folder, Knobs(vms=5, nights=3, seed=3, never_run_share=0.2, running_jobs=0))
    return folder


@pytest.fixture(scope="module")
def filled(logs, tmp_path_factory) -> Path:
    """Its store."""
    folder = tmp_path_factory.mktemp("store") / "dpm.store"
    ingest(Store.create_or_open(folder), [logs])
    return folder


@pytest.fixture
def store(filled, tmp_path) -> Store:
    """A store of one's own."""
    return Store.open(shutil.copytree(filled, tmp_path / "dpm.store"))


class TestEstate:
    def test_everything_is_there(self, store):
        """Every check of a whole estate holds."""
        assert {row["status"] for row in states(store).values()} == {"ok"}

    def test_an_ingest_that_was_killed_is_seen_until_one_completes(self, store, logs):
        """The verdict is unproven as long."""
        with pytest.raises(RuntimeError), store.ingesting([logs]):
            raise RuntimeError("killed")
        with open_session(store) as session:
            report = build_report(session)

        assert report.trust.startswith("Not proven: the last ingest did not come to its end")
        assert report.verdict.startswith("Unproven: ")
        ingest(store, [logs])
        assert states(store)["ingest_complete"]["status"] == "ok"

    def test_a_flipped_bit_is_refused_and_then_named(self, store, logs):
        """No answer from a damaged part; once it is taken out, what was lost is said until it is read again."""
        part = max(store.files("trace"), key=lambda path: path.stat().st_size)
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)

        with pytest.raises(StoreError, match="was changed after it was written"):
            open_session(store)
        mend(store)
        lost = states(store)["store_intact"]
        assert (lost["status"], lost["detail"]) == ("fail", "records_lost")
        assert lost["found"] == sum(loss.records for loss in examine(store).losses) > 0
        ingest(store, [logs])
        assert states(store)["store_intact"]["status"] == "ok"

    def test_evidence_gets_old_only_where_a_moment_is_given(self, store):
        """The clock of the computer never matters."""
        now = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)

        assert states(store)["freshness"]["detail"] == "evidence_new"
        assert states(store, now=now)["freshness"]["detail"] == "evidence_old"

    def test_a_zone_that_only_the_site_file_knows(self, store):
        """The site file decides."""
        assert states(store, ZONE)["time_zone"]["names"] == "Asia/Tokyo"

    def test_any_file_that_is_missing_changes_nothing_or_is_named(self, logs, filled, tmp_path):
        """Never a better verdict with all checks ok."""
        whole = summary(Store.open(filled))
        files = sorted(path.relative_to(logs) for path in logs.rglob("*") if path.is_file())
        silent = []
        for number, name in enumerate(files):
            part = shutil.copytree(logs, tmp_path / f"logs{number}")
            (part / name).unlink()
            made = Store.create_or_open(tmp_path / f"store{number}")
            ingest(made, [part])
            without = summary(made)
            if without != whole and {row["status"] for row in states(made).values()} == {"ok"}:
                silent.append((str(name), without))

        assert len(files) > 8
        assert silent == []


def summary(store: Store) -> str:
    """The verdict with its counts: what must not get better in silence."""
    with open_session(store) as session:
        query = "SELECT reason, cause, count(*) AS n FROM sla WHERE rule = 'backup_window' GROUP BY ALL ORDER BY 1, 2"
        return json.dumps(session.sql(query).to_pylist())
