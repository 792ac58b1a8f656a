"""What the DPM server's own lines tell of a job without a record."""

from __future__ import annotations

from datetime import date

import pytest

from tests.model.views import S, rows_of

NIGHT = date(1970, 1, 1)  # from 14:00 UTC
NOON_S = 14 * 3600
HOUR_S = 3600
DAY_S = 86_400


def line(marker, second, job_id="J", host="HV01", scope="host"):
    """One row of log_markers, at a second of the night."""
    return {"job_id": job_id, "marker": marker, "scope": scope, "host": host, "us": (NOON_S + second) * S}


def point(job_id="J", second=200, server="DPM01"):
    """CreatePIT."""
    return line("create_pit_begin", second, job_id, server, "recovery_point")


def let_go(job_id="J", second=200, server="DPM01"):
    """The end of UnmountStorage."""
    return line("unmount_storage_end", second, job_id, server, "storage")


def night(first_s, last_s, number=0, host="DPM01", kind="errlog:MSDPM"):
    """One row of log_nights."""
    at = NOON_S + number * DAY_S
    day = date.fromordinal(NIGHT.toordinal() + number)
    return {
        "host": host,
        "night": day,
        "log_kind": kind,
        "first_at": (at + first_s) * S,
        "last_at": (at + last_s) * S,
    }


WORK = [line("initialize_snapshot", 0), line("release_snapshot", 100)]
OTHERS = [line("release_snapshot", 50, "K"), point("K")]


def told(*lines, nights=()):
    """What tells the kind of job J, and which server."""
    rows = rows_of("server_traces", log_markers=[*WORK, *lines], log_nights=list(nights))
    return next(((row["kind_from"], row["server"]) for row in rows if row["job_id"] == "J"), None)


def test_a_recovery_point():
    """CreatePIT of the task, whatever else."""
    assert told(point(), let_go()) == ("create_pit", "DPM01")
    assert told(point("other")) is None


def test_its_storage_was_let_go_without_one():
    """The server was done with the task."""
    assert told(let_go()) == ("server_lines", "DPM01")
    assert told(line("mount_storage_end", 0, host="DPM01", scope="storage")) is None


@pytest.mark.parametrize(
    ("nights", "is_told"),
    [
        ([night(0, 100 + HOUR_S)], True),
        ([night(0, 100 + HOUR_S - 0.000001)], False),
        ([night(100, 100 + HOUR_S)], True),
        ([night(100.000001, 100 + HOUR_S)], False),
        ([night(0, 101), night(0, 1, number=1)], True),
        ([night(0, 101), night(0, 1, number=2)], False),
        ([night(0, DAY_S - 1, number=1)], False),
        ([night(0, DAY_S - 1, kind="errlog:DPMRA")], False),
        ([night(0, DAY_S - 1, host="DPM02")], False),
        ([], False),
    ],
)
def test_the_log_reaches_beyond_it(nights, is_told):
    """An hour more, of a server that makes recovery points of that host, in this night or on into the next."""
    nights = [row | {name: round(row[name]) for name in ("first_at", "last_at")} for row in nights]

    assert told(*OTHERS, nights=nights) == (("server_log", "DPM01") if is_told else None)


def test_a_server_that_makes_no_recovery_points_of_that_host():
    """Its log may belong to a version that writes none."""
    whole = [night(0, DAY_S - 1)]

    assert told(let_go("K"), line("release_snapshot", 50, "K"), nights=whole) is None
    assert told(line("release_snapshot", 50, "K", "HV02"), point("K"), nights=whole) is None


def test_of_two_servers_both_must_reach():
    """Either may have done it."""
    both = [*OTHERS, point("K", server="DPM02")]

    assert told(*both, nights=[night(0, DAY_S - 1)]) is None
    assert told(*both, nights=[night(0, DAY_S - 1), night(0, DAY_S - 1, host="DPM02")])[0] == "server_log"


def test_lines_without_a_task_are_not_told():
    """No CreatePIT can be found for them."""
    rows = rows_of(
        "server_traces",
        log_markers=[line("release_snapshot", 100, "LOG-1"), *OTHERS],
        log_nights=[night(0, DAY_S - 1)],
    )

    assert [row["job_id"] for row in rows] == ["K"]
