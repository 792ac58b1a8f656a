"""The view coverage: which log is expected where, and which absence means something."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.model.views import S, rows_of

UTC = dt.UTC
NIGHT = dt.date(2025, 2, 3)
OPENS = dt.datetime(2025, 2, 3, 22, tzinfo=UTC)


def log(kind: str, day: int, host: str = "HV01", after_s: float = -3600.0, **more: Any) -> dict[str, Any]:
    """What a log holds of one night; it begins an hour before the window unless said otherwise."""
    first = OPENS + dt.timedelta(days=day, seconds=after_s)
    row = {"host": host, "night": NIGHT + dt.timedelta(days=day), "log_kind": kind, "records": 9}
    return row | {"first_at": first, "last_at": first + dt.timedelta(hours=3)} | more


def coverage(
    logs: list[dict[str, Any]],
    nights: int,
    idle: tuple[int, ...] = (),
    thinned: str | None = None,
    snapshots: tuple[int, ...] = (),
) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The rows by host, kind and night; every night but the idle ones HV01 and HV02 run a job of an hour."""
    names = ("nights", "job_base", "sources")
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    tables["log_nights"] = logs
    for day in range(nights):
        night, opens = NIGHT + dt.timedelta(days=day), OPENS + dt.timedelta(days=day)
        tables["nights"].append({"night": night, "closes_at": opens + dt.timedelta(hours=8)})
        for host in () if day in idle else ("hv01", "HV02"):
            times = {"started_at": opens, "ended_at": opens + dt.timedelta(hours=1), "night": night}
            tables["job_base"].append(
                {"job_id": f"{host}{day}", "host": host, "dpm_server": "DPM01.x", **times}
            )
    tables["event_hits"] = [
        {"gives": "t2", "computer_role": role, "us": int((OPENS + dt.timedelta(days=day)).timestamp()) * S}
        for role, days in (("hyper-v-host", snapshots), ("guest", (*snapshots, 20)))
        for day in days
    ]
    if thinned:
        tables["sources"].append({"host_key": thinned, "kind": "events", "records_filtered": 12})
    listed = rows_of("coverage", **tables)
    assert len({(row["host"], row["log_kind"], row["night"]) for row in listed}) == len(listed)
    return {(row["host"], row["log_kind"], (row["night"] - NIGHT).days): row for row in listed}


def states(found: dict[tuple[str, str, int], dict[str, Any]], kind: str, host: str = "HV01") -> list[str]:
    """The states of one log, night by night."""
    return [
        row["status"] for (on, log_kind, _), row in sorted(found.items()) if (on, log_kind) == (host, kind)
    ]


def test_an_event_log_is_quiet_between_its_records() -> None:
    """No failure on a night is no missing log; before its first record nothing can be said."""
    rows = [log("events:System", day) for day in range(4)]
    rows += [log("events:Admin", day) for day in (1, 3)]
    assert states(coverage(rows, 4), "events:Admin") == ["silent", "present", "quiet", "present"]


def test_a_night_that_no_log_reaches_is_missing() -> None:
    """Unless nothing ran that night."""
    rows = [log("events:System", 2), log("errlog:DPMRA", 2)]
    found = coverage(rows, 3, idle=(1,))
    assert states(found, "events:System") == ["missing", "quiet", "present"]
    assert states(found, "errlog:DPMRA") == ["missing", "quiet", "present"]
    assert [found["HV01", "events:System", day]["jobs"] for day in range(3)] == [1, 0, 1]


def test_the_online_agent_s_errlog_tells_of_online_jobs_alone() -> None:
    """It begins with the first of them, hours after the others, and is not missed where none ran."""
    night = {"dpm_server": "HV01", "host": "HV01", "level": "host"}
    jobs = [
        night | {"job_id": f"D{day}", "started_at": OPENS + dt.timedelta(days=day), "kind": "express_full"}
        for day in range(2)
    ] + [night | {"job_id": "O", "started_at": OPENS + dt.timedelta(hours=7), "kind": "online"}]
    for job in jobs:
        job["night"] = NIGHT + dt.timedelta(days=int(job["job_id"][1:] or 0))
        job["ended_at"] = job["started_at"] + dt.timedelta(minutes=20)
    begun = log("errlog:CBENGINE", 0) | {"first_at": OPENS + dt.timedelta(hours=7)}
    closes = [
        {"night": NIGHT + dt.timedelta(days=day), "closes_at": OPENS + dt.timedelta(days=day, hours=8)}
        for day in range(2)
    ]
    found = {
        (row["log_kind"], (row["night"] - NIGHT).days): (row["status"], row["note"], row["jobs"])
        for row in rows_of(
            "coverage", nights=closes, job_base=jobs, log_nights=[begun, log("errlog:DPMRA", 0)]
        )
    }

    assert found["errlog:CBENGINE", 0] == ("present", None, 1)
    assert found["errlog:CBENGINE", 1] == ("quiet", None, 0)
    assert found["errlog:DPMRA", 1][0] == "missing"


def test_an_errlog_is_missing_even_between_its_records() -> None:
    """The agent writes whenever a job runs."""
    rows = [log("errlog:DPMRA", 0), log("errlog:DPMRA", 2)]
    assert states(coverage(rows, 3), "errlog:DPMRA") == ["present", "missing", "present"]


def test_missing_record_ids() -> None:
    """The note counts them; where events were left out on request they mean nothing."""
    rows = [log("events:System", 0, gaps=12)]
    found = coverage(rows, 1)["HV01", "events:System", 0]
    assert (found["status"], found["gaps"], found["note"]) == ("partial", 12, "ids_missing")
    found = coverage(rows, 1, thinned="hv01")["HV01", "events:System", 0]
    assert (found["status"], found["gaps"], found["note"]) == ("present", None, None)


@pytest.mark.parametrize(
    ("kind", "after_s", "more", "expected"),
    [
        ("errlog:DPMRA", 5.0, {}, ("present", False)),  # with the first job of the night
        ("errlog:DPMRA", 60.0, {}, ("present", False)),  # a minute after its start is with it
        ("errlog:DPMRA", 60.001, {}, ("present", True)),
        ("errlog:DPMRA", 3600.0, {}, ("present", True)),  # when the first job ends
        ("errlog:DPMRA", 3600.001, {}, ("partial", True)),
        ("errlog:DPMRA", 28799.0, {}, ("partial", True)),  # before the window closes
        ("errlog:DPMRA", 28800.0, {}, ("present", False)),
        ("errlog:DPMRA", 1800.0, {}, ("present", True)),  # late, but before a job had ended
        ("errlog:DPMRA", 7200.0, {}, ("partial", True)),
        ("events:System", 7200.0, {"first_record_id": 900}, ("present", True)),
        ("events:System", 7200.0, {"first_record_id": 1}, ("present", False)),  # begun then, nothing lost
        ("job_records", 7200.0, {}, ("present", False)),
    ],
)
def test_a_log_that_begins_inside_the_window(
    kind: str, after_s: float, more: dict[str, Any], expected: tuple[str, bool]
) -> None:
    """It wrapped where jobs had ended before it begins."""
    found = coverage([log(kind, 0, after_s=after_s, **more)], 1)["HV01", kind, 0]
    assert (found["status"], found["note"] == "begins_late") == expected


def test_the_dpm_server_has_jobs_too() -> None:
    """Its logs are expected on every night on which any host was backed up."""
    found = coverage([log("errlog:MSDPM", 0, host="DPM01")], 2)
    assert states(found, "errlog:MSDPM", "DPM01") == ["present", "missing"]
    assert found["DPM01", "errlog:MSDPM", 1]["jobs"] == 2


def test_events_alone_have_the_nights_of_their_snapshots() -> None:
    """Without jobs no log is missing; with jobs the nights are theirs."""
    rows = [log("events:System", day) for day in (0, 2, 9)]
    assert states(coverage(rows, 0, snapshots=(0, 1, 2)), "events:System") == ["present", "quiet", "present"]
    assert states(coverage(rows, 1, snapshots=(0, 1, 2)), "events:System") == ["present"]


def expected(
    *jobs: dict[str, Any], logs: tuple[dict[str, Any], ...] = (), **night: Any
) -> set[tuple[str | None, str]]:
    """Computer and kind of each log that is missing of a night with these jobs."""
    base = {"night": NIGHT, "started_at": OPENS, "ended_at": OPENS, "host": "HV01.x", "level": "host"}
    rows = rows_of(
        "coverage",
        nights=[{"night": NIGHT, "closes_at": OPENS + dt.timedelta(hours=8)} | night],
        job_base=[base | {"job_id": f"J{n}"} | job for n, job in enumerate(jobs)],
        log_nights=list(logs),
    )
    return {(row["host"], row["log_kind"]) for row in rows if row["status"] == night.get("status", "missing")}


@pytest.mark.parametrize(
    ("job", "kinds"),
    [
        ({}, {("HV01", "errlog:DPMRA")}),
        ({"dpm_server": "DPM01.x"}, {("HV01", "errlog:DPMRA"), ("DPM01", "job_records")}),
        ({"level": "guest"}, set()),
        ({"level": "guest", "dpm_server": "DPM01"}, {("DPM01", "job_records")}),
        ({"host": None, "dpm_server": "DPM01"}, {("DPM01", "job_records")}),
        (
            {"kind": "online", "dpm_server": "DPM01.x"},
            {("DPM01", "errlog:CBENGINE"), ("DPM01", "job_records")},
        ),
        ({"kind": "online"}, {("HV01", "errlog:CBENGINE")}),
        ({"kind": "online", "level": None}, {("HV01", "errlog:CBENGINE")}),
        ({"night": NIGHT + dt.timedelta(days=1)}, set()),
        ({"evidence": "log"}, {("HV01", "errlog:DPMRA"), (None, "job_records")}),
        ({"evidence": "record"}, {("HV01", "errlog:DPMRA")}),
        ({"evidence": "log", "level": "guest"}, set()),
        ({"evidence": "log", "kind": "consistency_check"}, {("HV01", "errlog:DPMRA")}),
        ({"evidence": "log", "dpm_server": "DPM01"}, {("HV01", "errlog:DPMRA"), ("DPM01", "job_records")}),
    ],
)
def test_which_log_a_job_leaves(job: dict[str, Any], kinds: set[tuple[str | None, str]]) -> None:
    """That of the agent on its host, online of the DPM server's; the records of a server, whichever that is."""
    assert expected({"kind": "express_full"} | job) == kinds


@pytest.mark.parametrize(
    ("kind", "host", "is_missing"),
    [
        ("errlog:DPMRA", "hv01", False),
        ("errlog:other", "HV01", False),
        ("errlog:CBENGINE", "HV01", True),
        ("errlog:DPMRA", "HV02", True),
        ("events:System", "HV01", True),
    ],
)
def test_what_stands_for_the_log_of_an_agent(kind: str, host: str, is_missing: bool) -> None:
    """An errlog of no known service may be it; no such file stands for job records."""
    missing = expected({"dpm_server": "HV01"}, logs=(log(kind, 1, host),))

    assert ("HV01", "errlog:DPMRA") in missing or not is_missing
    assert ("HV01", "job_records") in missing


def test_jobs_of_a_night_are_counted_once() -> None:
    """Whatever they leave; those of a server that nothing names stand at host NULL."""
    base = {
        "night": NIGHT,
        "started_at": OPENS,
        "ended_at": OPENS,
        "level": "host",
        "evidence": "log",
        "kind": "k",
    }
    jobs = [base | {"job_id": name, "host": "HV01"} for name in "AB"]
    rows = rows_of(
        "coverage", nights=[{"night": NIGHT}], job_base=[*jobs, jobs[0] | {"job_id": "C", "night": None}]
    )

    assert {(row["host"], row["log_kind"]): row["jobs"] for row in rows} == {
        ("HV01", "errlog:DPMRA"): 2,
        (None, "job_records"): 2,
    }


@pytest.mark.parametrize(("gaps", "found"), [(0, ("present", None)), (1, ("partial", "ids_missing"))])
def test_one_missing_record_id(gaps: int, found: tuple[str, str | None]) -> None:
    """Is one too many."""
    row = coverage([log("events:System", 0, gaps=gaps)], 1)["HV01", "events:System", 0]

    assert (row["status"], row["note"]) == found


def test_a_night_of_which_nothing_is_known() -> None:
    """Its logs are not missing: nothing says that there should be any."""
    assert expected({}, has_evidence=False) == set()
    assert expected({}, has_evidence=False, status="unknown") == {("HV01", "errlog:DPMRA")}
