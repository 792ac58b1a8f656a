"""Rows of forecasts, from rules, sizes and jobs written by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from analytics.planning.outlook_tables import forecasts_of
from tests.planning.plain_jobs import plain_jobs

DAY_S = 86_400.0
FIRST = 20_000
NIGHTS = np.arange(FIRST, FIRST + 60)
INSTANT = pa.timestamp("us", "UTC")


def rules(*rows: dict[str, Any]) -> pa.Table:
    """Rows of sla_rules."""
    kinds = {"opens_at": INSTANT, "closes_at": INSTANT, "night": pa.date32(), "threshold_s": pa.float64()}
    names = ("vm", "rule", "night", "opens_at", "closes_at", "threshold_s")
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.string())) for name in names}
    )


def windows(vm: str = "A", opens_h: float = 22, long_h: float = 8) -> list[dict[str, Any]]:
    """The window of each night, the newest first."""
    return [
        {
            "vm": vm,
            "rule": "backup_window",
            "night": dt.date(1970, 1, 1) + dt.timedelta(int(night)),
            "opens_at": round((night * DAY_S + opens_h * 3600) * 1e6),
            "closes_at": round((night * DAY_S + (opens_h + long_h) * 3600) * 1e6),
        }
        for night in NIGHTS[::-1]
    ]


def disks(days: np.ndarray = NIGHTS, growth: float = 0.002, vm: str = "A") -> pa.Table:
    """Sizes of 200 GB that grow, the newest first."""
    day, gb = days[::-1], 200 * np.exp(growth * (days[::-1] - FIRST))
    return pa.table(
        {
            "vm": [vm] * len(day),
            "collected_at": pa.array([round(each * DAY_S * 1e6) for each in day], INSTANT),
            "vhd_bytes": pa.array([round(each * 1e9) for each in gb], pa.int64()),
        }
    )


def rates(**more: Any) -> Any:
    """A second per GB, nothing beside it."""
    known = {
        "overhead_s": np.zeros(5),
        "scan_s_per_gb": np.full((5, 1), 40.0),
        "sent_s_per_gb": np.full((5, 1), 40.0),
        "is_scan_known": np.array([True]),
        "grade": ("B",),
    }
    return SimpleNamespace(**(known | more))


def rows(
    given: list[dict[str, Any]] | None = None, sizes: pa.Table | None = None, rate: Any = None, **more: Any
):
    """Rows of forecasts of a VM that takes 10,000 s from 23 o'clock on, 9,000 of them its data move."""
    start = NIGHTS * DAY_S + 23 * 3600
    times = {"started_s": start, "moving_s": start + 500, "moved_s": start + 9500, "ended_s": start + 10_000}
    known = {
        "night": NIGHTS,
        "vhd_gb": np.full(60, 200.0),
        "sent_gb": np.full(60, 50.0),
        "vms": ("A",),
    } | times
    jobs = plain_jobs(np.zeros(60, np.int64), **(known | more))
    tables = {
        "vm_disks": disks() if sizes is None else sizes,
        "sla_rules": rules(*(windows() if given is None else given)),
    }
    found = forecasts_of(tables.__getitem__, SimpleNamespace(jobs=jobs, rates=rate or rates()))  # type: ignore[arg-type]
    return found.to_pylist()


def test_the_window():
    """Time counts from its opening; it breaks where the disks have grown by so much."""
    (row,) = rows()
    days = np.log1p((28_800 - 13_600) / (9_000 * 0.8)) / 0.002

    assert (row["vm"], row["rule"], row["limit_s"], row["level_s"]) == ("A", "backup_window", 28_800, 13_600)
    assert (row["verdict"], row["reason"], row["grade"]) == ("no_trend", "beyond_a_year", "B")
    assert days > 365
    (near,) = rows(windows(long_h=4.5))
    days = np.log1p((16_200 - 13_600) / (9_000 * 0.8)) / 0.002
    assert (near["breaks_on"] - dt.date(1970, 1, 1)).days == pytest.approx(FIRST + 45.5 + days, abs=2)


def test_the_longest_duration():
    """Time counts from the start; other rules limit no time."""
    rule = {"vm": "A", "night": dt.date(2024, 10, 31), "opens_at": 0, "closes_at": 0}
    given = [
        rule | {"rule": "max_duration", "threshold_s": 12_000.0},
        rule | {"rule": "rpo_disk", "threshold_s": 1.0},
    ]
    (row,) = rows(
        [*given, rule | {"rule": "max_duration", "threshold_s": 99.0, "night": dt.date(2024, 10, 1)}]
    )
    days = np.log1p(2_000 / (9_000 * 0.8)) / 0.002

    assert (row["rule"], row["limit_s"], row["level_s"]) == ("max_duration", 12_000, 10_000)
    assert (row["breaks_on"] - dt.date(1970, 1, 1)).days == pytest.approx(FIRST + 45.5 + days, abs=2)


def test_nights_without_a_window():
    """Of which nobody knows when it opened."""
    (row,) = rows(windows()[:6])

    assert (row["verdict"], row["reason"], row["grade"]) == ("not_enough_data", "few_nights", "D")


def test_whose_rules():
    """Those of VMs with backups at host level."""
    assert rows(windows("B")) == []
    assert rows(is_guest=np.ones(60, bool)) == []
    assert rows(is_good=np.zeros(60, bool)) == []
    assert rows(is_full=np.zeros(60, bool)) == []


@pytest.mark.parametrize(
    ("more", "rate", "reason", "grade"),
    [
        ({"is_compared": np.arange(60) < 59}, {}, "tracked", "B"),
        ({"volume": np.where(np.arange(60) < 59, 0, -1)}, {}, "split_unknown", "D"),
        ({"server": np.full(60, -1)}, {}, "split_unknown", "D"),
        ({}, {"is_scan_known": np.array([False])}, "split_unknown", "D"),
        ({}, {"scan_s_per_gb": np.array([[4.0], [40], [40], [40], [400]])}, "split_unknown", "D"),
        ({}, {"scan_s_per_gb": np.array([[39.0], [40], [40], [40], [41]])}, "beyond_a_year", "B"),
        ({}, {"grade": ("C",)}, "beyond_a_year", "C"),
    ],
)
def test_what_is_not_told(more, rate, reason, grade):
    """Tracked changes do not grow with disks; a share of reading that is not known tells no date."""
    (row,) = rows(rate=rates(**rate), **more)

    assert (row["reason"], row["grade"]) == (reason, grade)


def test_sizes_that_do_not_count():
    """Those of an unknown time, without a size, and of another VM."""
    odd = pa.table(
        {
            "vm": ["A", "A", "B"],
            "collected_at": pa.array([0, round(FIRST * DAY_S * 1e6), round(FIRST * DAY_S * 1e6)], INSTANT),
            "vhd_bytes": pa.array([10**9, None, 10**9], pa.int64()),
        }
    )

    assert rows(windows(long_h=4.5), pa.concat_tables([disks(), odd])) == rows(windows(long_h=4.5))
    assert rows(sizes=odd)[0]["reason"] == "few_sizes"
