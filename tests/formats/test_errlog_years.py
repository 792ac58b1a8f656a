"""The year that errlog lines lack."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from analytics.formats import Reading
from analytics.formats.errlog.dpm_errlog import ERRLOG
from analytics.formats.errlog.years import first_year
from analytics.sources import Source

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
MOMENT = datetime(2025, 3, 1, 12, tzinfo=UTC)


def log_of(*days: str, name: str = "DPMRACurr.errlog", modified_at: datetime | None = MOMENT) -> Source:
    """A log with one record per day; a day may have a time: `12/31 23:59:59.990`."""
    stamps = [day if " " in day else f"{day} 20:00:00.000" for day in days]
    lines = [f"180C\t280C\t{s.replace(' ', chr(9))}\t09\ta.cs(1)\t\t{GUID}\tNORMAL\tx\r\n" for s in stamps]
    data = "".join(lines).encode("utf-16-le")
    return Source(name, name, (), lambda: io.BytesIO(data), modified_at, seekable=True)


def years(source: Source, reading: Reading | None = None) -> list[int]:
    """The years of all records in the order of the file."""
    batches = [batch for batch in ERRLOG.read(source, reading or Reading()) if batch.table == "trace"]
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    return [row["at"].year for row in sorted(rows, key=lambda row: row["line_no"])]


class TestOrder:
    @pytest.mark.parametrize(
        ("reading", "name", "expected"),
        [
            ({"year": 2001}, "a.errlog.2016-06-01_20-55-45.Crash", (2001, "option")),
            ({}, "a.errlog.2016-06-01_20-55-45.Crash", (2011, "collection")),
            ({"collected_at": None}, "a.errlog.2016-06-01_20-55-45.Crash", (2012, "job_record")),
            (
                {"collected_at": None, "task_times": None},
                "a.errlog.2016-06-01_20-55-45.Crash",
                (2016, "file_name"),
            ),
            ({"collected_at": None, "task_times": None}, "a.errlog", (2024, "modified")),
        ],
    )
    def test_the_first_that_applies(self, reading, name, expected):
        """--year, collection.json, job record, name of the crash copy, time of modification."""
        known = {
            "collected_at": datetime(2011, 6, 2, tzinfo=UTC),
            "task_times": lambda tasks: {task: datetime(2012, 5, 30, tzinfo=UTC) for task in tasks},
            **reading,
        }
        source = log_of("05/30", "06/01", name=name)
        assert first_year(source, "utf-16-le", Reading(**known)) == expected


class TestNewYear:
    def test_inside_a_file(self):
        """Records before the turn belong to the year before."""
        assert years(log_of("12/30", "12/31", "01/01", "02/28")) == [2024, 2024, 2025, 2025]

    def test_several_in_one_file(self):
        """Each jump from December to January is a year."""
        assert years(log_of("11/01", "02/01", "12/31", "01/02")) == [2023, 2024, 2024, 2025]

    def test_records_out_of_order_around_midnight(self):
        """A thread that writes late does not add years."""
        source = log_of("12/31", "01/01 00:00:00.001", "12/31 23:59:59.990", "01/01 00:00:00.007", "01/02")
        assert years(source) == [2024, 2025, 2024, 2025, 2025]

    def test_with_the_year_given(self):
        """--year is that of the last record."""
        assert years(log_of("12/31", "01/01"), Reading(year=2010)) == [2009, 2010]

    def test_a_file_that_ends_in_december(self):
        """Last modified in March: December was last year."""
        assert years(log_of("12/30", "12/31")) == [2024, 2024]

    def test_damaged_dates_are_no_new_year(self):
        """Months beyond December move no year."""
        assert years(log_of("01/05", "99/99", "01/06", "00/00", "02/01")) == [2025, 2025, 2025]

    def test_a_clock_a_little_ahead(self):
        """A record of tomorrow is no record of last year."""
        assert years(log_of("03/01", "03/02")) == [2025, 2025]

    @pytest.mark.parametrize(("modified", "expected"), [(2024, [2024, 2024]), (2025, [2024, 2024])])
    def test_the_29th_of_february(self, modified, expected):
        """A leap day at the end of a file belongs to a leap year."""
        source = log_of("02/28", "02/29", modified_at=datetime(modified, 3, 1, tzinfo=UTC))
        assert years(source) == expected
