"""The view transfer_fits: the rates of reading and sending come back from transfers that follow the law."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.model.views import Row, rows_of

START = dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)
GB = 10**9
# GB on the disks and GB sent, of jobs whose sizes do not go together
SIZES = ((100, 9), (200, 3), (400, 12), (50, 1), (300, 2), (150, 8))


def transfer(number: int, vhd_gb: float, sent_gb: float, seconds: float, **more: Any) -> dict[str, list[Row]]:
    """One good express full backup whose data moved for that long: its rows in each relation that the view reads."""
    job_id = f"J{number}"
    job = {"job_id": job_id, "vm": f"VM{number}", "volume": "V", "level": "host", "kind": "express_full"}
    tracking = {"job_id": job_id, "tracking": "block_compare", "vhd_bytes": round(vhd_gb * GB)}
    ends = [
        {"job_id": job_id, "place": place, "us": us}
        for place, us in ((4, 10**12), (5, 10**12 + round(seconds * 10**6)))
    ]
    for name, value in more.items():
        (tracking if name in {"tracking", "vhd_bytes"} else job)[name] = value
    job = {"is_good": True, "bytes_transferred": round(sent_gb * GB), "started_at": START} | job
    return {"job_base": [job], "job_tracking": [tracking], "boundaries": ends}


def fits(*transfers: dict[str, list[Row]]) -> dict[str | None, Row]:
    """The fits by volume; NULL is that of all volumes."""
    names = ("job_base", "job_tracking", "boundaries")
    given = {name: [row for rows in transfers for row in rows[name]] for name in names}
    return {row["volume"]: row for row in rows_of("transfer_fits", **given)}


def by_law(read_s: float, sent_s: float, **more: Any) -> list[dict[str, list[Row]]]:
    """Jobs that take `read_s` per GB on their disks and `sent_s` per GB sent."""
    return [
        transfer(number, vhd, sent, read_s * vhd + sent_s * sent, **more)
        for number, (vhd, sent) in enumerate(SIZES)
    ]


@pytest.mark.parametrize(("read_s", "sent_s"), [(30, 10), (2, 90), (8, 0.5), (0.5, 4)])
def test_the_law_comes_back(read_s, sent_s):
    """Where every transfer takes a * V + b * D, the fit is a and b, for the volume and for all."""
    found = fits(*by_law(read_s, sent_s))

    assert set(found) == {"V", None}
    for fit in found.values():
        assert fit["scan_s_per_gb"] == pytest.approx(read_s)
        assert fit["sent_s_per_gb"] == pytest.approx(sent_s)
        assert (fit["jobs"], fit["vms"], fit["is_sent_known"]) == (6, 6, True)


def test_each_volume_has_its_own_law():
    """Two volumes, two laws; the fit over all lies between them."""
    fast = by_law(5, 10)
    slow = [
        transfer(number + 10, vhd, sent, 50 * vhd + 10 * sent, volume="W")
        for number, (vhd, sent) in enumerate(SIZES)
    ]
    found = fits(*fast, *slow)

    assert found["V"]["scan_s_per_gb"] == pytest.approx(5)
    assert found["W"]["scan_s_per_gb"] == pytest.approx(50)
    assert 5 < found[None]["scan_s_per_gb"] < 50


def test_a_volume_without_a_name():
    """Jobs whose log names no volume are fitted together."""
    assert fits(*by_law(30, 10, volume=None))[""]["scan_s_per_gb"] == pytest.approx(30)


def test_long_jobs_do_not_decide_alone():
    """Each job weighs by its relative error: one long job off by a tenth moves the fit as little as a short one."""
    jobs = by_law(30, 10)
    longest = transfer(2, 400, 12, 1.1 * (30 * 400 + 10 * 12))
    shortest = transfer(3, 50, 1, 1.1 * (30 * 50 + 10 * 1))
    off = [fits(*jobs[:2], longest, *jobs[3:])["V"], fits(*jobs[:3], shortest, *jobs[4:])["V"]]

    assert all(abs(fit["scan_s_per_gb"] / 30 - 1) < 0.08 for fit in off)


def test_equal_sizes_tell_nothing_apart():
    """Where all jobs have the same ratio of read to sent, all time is charged to reading, and sending is not known."""
    fit = fits(*(transfer(number, size, size / 10, 31 * size) for number, size in enumerate((10, 20, 40))))[
        "V"
    ]

    assert fit["scan_s_per_gb"] == pytest.approx(31)
    assert (fit["sent_s_per_gb"], fit["is_sent_known"]) == (0, False)
    assert fit["sent_bound_s_per_gb"] == pytest.approx(310)


def test_one_job():
    """One job bounds, and tells nothing apart."""
    fit = fits(transfer(0, 100, 5, 3000))["V"]

    assert (fit["jobs"], fit["scan_s_per_gb"], fit["sent_s_per_gb"]) == (1, pytest.approx(30), 0)
    assert fit["is_sent_known"] is False
    assert fit["sent_bound_s_per_gb"] == pytest.approx(600)


def test_times_that_sending_cannot_explain():
    """Where more bytes sent go with less time, sending costs nothing rather than less than nothing."""
    jobs = [transfer(number, vhd, sent, 30 * vhd - 20 * sent) for number, (vhd, sent) in enumerate(SIZES)]
    fit = fits(*jobs)["V"]

    assert fit["sent_s_per_gb"] == 0
    assert 28 < fit["scan_s_per_gb"] < 30
    assert fit["is_sent_known"] is False


def test_times_that_reading_cannot_explain():
    """Where larger disks go with less time, reading costs nothing: changes are tracked."""
    jobs = [transfer(number, vhd, sent, 1000 * sent - vhd) for number, (vhd, sent) in enumerate(SIZES)]
    fit = fits(*jobs)["V"]

    assert fit["scan_s_per_gb"] == 0
    assert 700 < fit["sent_s_per_gb"] < 1000
    assert fit["is_sent_known"] is True


def test_no_bytes_were_sent():
    """Without a byte sent there is no rate of sending, and no bound."""
    fit = fits(*(transfer(number, vhd, 0, 30 * vhd) for number, (vhd, _) in enumerate(SIZES)))["V"]

    assert fit["scan_s_per_gb"] == pytest.approx(30)
    assert (fit["sent_s_per_gb"], fit["sent_bound_s_per_gb"], fit["is_sent_known"]) == (0, None, False)


def test_the_bound_is_that_of_nine_jobs_in_ten():
    """The tenth part of the jobs with the least time per byte sent decides, not the fastest of all."""
    jobs = [transfer(number, 100, 1, 100 + 10 * number) for number in range(11)]

    assert fits(*jobs)["V"]["sent_bound_s_per_gb"] == pytest.approx(110)


@pytest.mark.parametrize(("share", "is_told"), [(0.0009, False), (0.00101, True), (0.01, True)])
def test_sizes_must_differ_by_enough(share, is_told):
    """The rates are told apart from where the determinant is a thousandth of that of unrelated sizes."""
    # two jobs, weights 1: V = 1, 1 and D = 1 - e, 1 + e: determinant / (VV * DD) = e^2 / (1 + e^2)
    e = (share / (1 - share)) ** 0.5
    fit = fits(transfer(0, 1, 1 - e, 1), transfer(1, 1, 1 + e, 1))["V"]

    assert (fit["scan_s_per_gb"], fit["sent_s_per_gb"]) == (pytest.approx(1), pytest.approx(0, abs=1e-6))
    told = fits(transfer(0, 1, 1 - e, 1 - e), transfer(1, 1, 1 + e, 1 + e))["V"]
    assert told["is_sent_known"] is is_told


@pytest.mark.parametrize(
    "more",
    [
        {"tracking": "rct"},
        {"kind": "consistency_check"},
        {"kind": "initial_replica"},
        {"level": "guest"},
        {"is_good": False},
        {"bytes_transferred": None},
        {"vhd_bytes": None},
        {"vhd_bytes": 0},
    ],
)
def test_jobs_that_do_not_count(more):
    """RCT, checks, first copies, guests, failed jobs and jobs without sizes leave the fit as it is."""
    other = transfer(9, 500, 1, 99999, **more)

    assert fits(*by_law(30, 10), other) == fits(*by_law(30, 10))


def test_a_transfer_that_took_no_time():
    """A transfer without a length, or of which an end is not known, does not count."""
    timeless, endless = transfer(8, 100, 1, 0), transfer(9, 100, 1, 50)
    endless["boundaries"].pop()

    assert fits(*by_law(30, 10), timeless, endless) == fits(*by_law(30, 10))
