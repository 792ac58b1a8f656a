"""The year that errlog lines lack."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.formats import Reading
from analytics.formats.errlog.dpm_errlog import ERRLOG
from analytics.formats.errlog.years import first_year, last_good, year_steps
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


def last_year(days: str, reading: Reading, name: str = "DPMRACurr.errlog") -> int:
    """The year of the last record of a log."""
    return years(log_of(*days.split(), name=name), reading)[-1]


class TestMoments:
    @pytest.mark.parametrize(
        ("day", "collected", "expected"),
        [
            ("03/01", (2025, 3, 1), 2025),
            ("03/03", (2025, 3, 1), 2025),
            ("03/04", (2025, 3, 1), 2024),
            ("12/31", (2025, 1, 1), 2024),
            ("01/01", (2024, 12, 30), 2025),
            ("01/02", (2024, 12, 30), 2024),
            ("02/29", (2025, 3, 1), 2024),
            ("02/29", (2104, 2, 1), 2096),
        ],
    )
    def test_not_after_they_were_collected(self, day, collected, expected):
        """But for two days, by which clocks may differ; a leap day of a leap year, eight years back at most."""
        reading = Reading(collected_at=datetime(*collected, 12, tzinfo=UTC))
        assert last_year(day, reading) == expected

    @pytest.mark.parametrize(
        ("days", "ran", "expected"),
        [
            ("12/31", (2025, 1, 1), 2024),
            ("01/01", (2024, 12, 31), 2025),
            ("06/01", (2012, 5, 30), 2012),
            ("06/01", (2012, 12, 30), 2013),
            ("01/20", (2012, 8, 30), 2013),
            ("12/31 01/01", (2015, 1, 1), 2015),
        ],
    )
    def test_next_to_the_job_that_they_tell_of(self, days, ran, expected):
        """The year in which the day lies nearest to the day on which the job ran."""
        reading = Reading(task_times=lambda tasks: {task: datetime(*ran, tzinfo=UTC) for task in tasks})
        assert last_year(days, reading) == expected

    def test_the_last_record_of_a_known_job_counts(self):
        """New years behind it are added."""
        other = GUID.replace("8", "9")
        lines = [
            f"180C\t280C\t{day}\t20:00:00.000\t09\ta.cs(1)\t\t{task}\tNORMAL\tx\r\n"
            for day, task in (
                ("11/30", other),
                ("12/30", GUID),
                ("12/31", other),
                ("01/02", other),
                ("02/02", other),
            )
        ]
        source = Source(
            "a.errlog", "a.errlog", (), lambda: io.BytesIO("".join(lines).encode()), MOMENT, seekable=True
        )
        known = {GUID: datetime(2012, 12, 31, tzinfo=UTC)}
        reading = Reading(task_times=lambda tasks: {task: known[task] for task in tasks if task in known})
        assert first_year(source, "utf-8", reading) == (2012, "job_record")
        assert years(source, reading) == [2012, 2012, 2012, 2013, 2013]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("a.errlog.2016-06-01_20-55-45.Crash", (2016, "file_name")),
            ("a.errlog.2016-13-01_20-55-45.Crash", (2024, "modified")),
            ("a.errlog.2016-06-01_20-55-60.Crash", (2024, "modified")),
        ],
    )
    def test_the_name_of_a_crash_copy(self, name, expected):
        """Where it holds a moment."""
        assert first_year(log_of("06/01", name=name), "utf-16-le", Reading()) == expected

    def test_a_log_without_dates(self):
        """Is of the year in which it was written."""
        assert first_year(log_of("00/00", "13/01"), "utf-16-le", Reading()) == (2025, "modified")


def day(text: str) -> int:
    """A day as it is counted within a year."""
    month, number = map(int, text.split("/"))
    return month * 31 + number


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("12/31 01/01", [0, 1]),
        ("12/30 01/02", [0, 1]),
        ("07/07 01/07", [0, 0]),
        ("07/08 01/07", [0, 1]),
        ("01/02 12/30", [0, -1]),
        ("01/03 12/30", [0, 0]),
        ("01/02 12/29", [0, 0]),
        ("01/01 12/31", [0, -1]),
        ("12/31", [0]),
        ("01/01 01/01 06/01 12/31", [0, 0, 0, 0]),
    ],
)
def test_where_the_year_changes(days, expected):
    """Forward by more than six months of 31 days, back within the two days around midnight of New Year."""
    assert year_steps(np.array([day(each) for each in days.split()])).tolist() == expected


@pytest.mark.parametrize(
    ("days", "is_date", "before", "expected"),
    [
        ([36, 999, 40], [True, False, True], None, [36, 36, 40]),
        ([999, 40], [False, True], None, [40, 40]),
        ([999, 40], [False, True], 35, [35, 40]),
        ([999, 0], [False, False], 35, [35, 35]),
        ([999], [False], None, [32]),
        ([50, 40], [True, True], 35, [50, 40]),
    ],
)
def test_days_that_do_not_exist(days, is_date, before, expected):
    """Are those above them; the first ones those below, or New Year."""
    assert last_good(np.array(days), np.array(is_date), before).tolist() == expected
