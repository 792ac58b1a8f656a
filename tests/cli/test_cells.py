"""One value as text: short for people, whole for CSV and JSON."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from analytics.cli.cells import for_csv, for_json, for_people, values_of

TOKYO = dt.timezone(dt.timedelta(hours=9))


@pytest.mark.parametrize(
    ("value", "people", "csv", "json"),
    [
        (None, "-", "", None),
        (True, "true", "true", True),
        (False, "false", "false", False),
        (0, "0", "0", 0),
        (1234567, "1234567", "1234567", 1234567),
        (1.0, "1", "1.0", 1.0),
        (0.5, "0.5", "0.5", 0.5),
        (1.23456, "1.235", "1.23456", 1.23456),
        (-0.00001, "-1e-05", "-1e-05", -1e-05),
        (0.001, "0.001", "0.001", 0.001),
        (0.000999, "0.000999", "0.000999", 0.000999),
        (0.0, "0", "0.0", 0.0),
        (-0.0, "0", "-0.0", -0.0),
        (100.0, "100", "100.0", 100.0),
        (999999999999999.0, "999999999999999", "999999999999999.0", 999999999999999.0),
        (1e15, "1e+15", "1000000000000000.0", 1e15),
        (float("nan"), "nan", "", None),
        (float("inf"), "inf", "", None),
        (Decimal("2.50"), "2.5", "2.5", 2.5),
        (Decimal("3.00"), "3", "3", 3),
        (dt.date(2025, 2, 3), "2025-02-03", "2025-02-03", "2025-02-03"),
        (dt.time(22, 5), "22:05:00", "22:05:00", "22:05:00"),
        (dt.timedelta(minutes=1.5), "90.0", "90.0", 90.0),
        (dt.datetime.fromisoformat("2025-02-03T04:05:06"), "2025-02-03 04:05:06", *["2025-02-03T04:05:06"] * 2),
        (b"\x01\xff", "01ff", "01ff", "01ff"),
        ([1, None], "[1, None]", "[1, None]", [1, None]),
        ((1, 2.0), "[1, 2.0]", "[1, 2.0]", [1, 2.0]),
        ({1: b"\x0a"}, "{'1': '0a'}", "{'1': '0a'}", {"1": "0a"}),
    ],
)  # fmt: skip
def test_each_kind_of_value(value, people, csv, json):
    """NULL, truth, numbers, moments, bytes, lists."""
    assert (for_people(value), for_csv(value), for_json(value)) == (
        people,
        csv,
        json,
    )


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "04:05:06"), (120_000, "04:05:06.120"), (120_001, "04:05:06.120001"), (1_000, "04:05:06.001")],
)
def test_moments_are_as_long_as_they_must(microsecond, text):
    """Seconds, milliseconds or microseconds; people see no zone, CSV does."""
    moment = dt.datetime(2025, 2, 3, 4, 5, 6, microsecond, tzinfo=TOKYO)

    assert for_people(moment) == f"2025-02-03 {text}"
    assert for_csv(moment).endswith("+09:00")


def test_texts():
    """What steers a terminal or a spreadsheet is made harmless; a quiet text stays."""
    assert for_people("SQL\x1b[2J") != "SQL\x1b[2J"
    assert for_csv("=1+1").startswith("'")
    assert (for_people("SQL 01"), for_csv("SQL 01"), for_json("SQL 01")) == ("SQL 01",) * 3


class TestColumns:
    def test_moments(self):
        """In the zone of the column; without one, bare."""
        us = [1_738_616_706_000_001, None]
        zoned = values_of(pa.array(us, pa.timestamp("us", "Asia/Tokyo")))
        bare = values_of(pa.array(us, pa.timestamp("us")))

        assert zoned[0].isoformat() == "2025-02-04T06:05:06.000001+09:00"
        assert bare[0].isoformat() == "2025-02-03T21:05:06.000001"
        assert zoned[1] is bare[1] is None

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (2**63 - 1, "infinity"),
            (1 - 2**63, "-infinity"),
            (2**63 - 2, "(beyond the calendar)"),
            (2 - 2**63, "(beyond the calendar)"),
        ],
    )
    def test_moments_beyond_the_calendar(self, value, text):
        """DuckDB's infinities, and what Python has no date for; the others of the column stay."""
        found = values_of(pa.array([value, 0], pa.timestamp("us")))

        assert found == [text, dt.datetime.fromisoformat("1970-01-01")]

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (2**31 - 1, "infinity"),
            (1 - 2**31, "-infinity"),
            (2**31 - 2, "(beyond the calendar)"),
            (2 - 2**31, "(beyond the calendar)"),
        ],
    )
    def test_days_beyond_the_calendar(self, value, text):
        """The same of dates."""
        assert values_of(pa.array([value, 0], pa.int32()).cast(pa.date32())) == [text, dt.date(1970, 1, 1)]

    def test_others(self):
        """As Python has them."""
        assert values_of(pa.array([1, None])) == [1, None]
        assert values_of(pa.array([[1.5], []])) == [[1.5], []]
