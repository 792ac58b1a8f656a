from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.errors import ConfigurationError
from analytics.formats import Reading
from analytics.formats.reading.dates import date_reader, iso_utc
from analytics.formats.reading.values import CellError

AT = datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2014-05-09T16:00:19Z",
        "2014-05-09T16:00:19.0000000Z",
        "2014-05-10T01:00:19+09:00",
        "2014-05-09 16:00:19",
        "05/09/2014 16:00:19",
        "5/9/2014 4:00:19 PM",
        "5/9/2014 4:00:19\u202fPM",
        "5/9/2014, 4:00:19.000 PM",
        "5/9/14 4:00:19 p.m.",
        "09.05.2014 16:00:19",
        "9.5.2014 16.00.19",
        "09-05-2014 16:00:19",
        "2014/05/09 16:00:19",
        "2014/05/09 午後 4:00:19",
        "2014年5月9日 16:00:19",
        "2014年5月9日 16時00分19秒",
        "2014. 5. 9. 오후 4:00:19",
        "Friday, May 9, 2014 4:00:19 PM",
        "9 May 2014 16:00:19",
        "2014년 5월 9일 오후 4:00:19",
        "2014년 5월 9일 16시 00분 19초",
        "2014/5/9 下午 4:00:19",
        "2014年5月9日 16时00分19秒",
        "9 мая 2014 г. 16:00:19",
        "Freitag, 9. Mai 2014 16:00:19",
        "vendredi 9 mai 2014 à 16:00:19",
        "viernes, 9 de mayo de 2014 16:00:19",
        "09/05/2014 4:00:19 p. m.",
        "venerdì 9 maggio 2014 16:00:19",
        "sexta-feira, 9 de maio de 2014 16:00:19",
        "9. 5. 2014 16:00:19",
        "9.5.2014 klo 16.00.19",
        "May 9, 2014 @ 16:00:19.000",
        "/Date(1399651219000)/",
    ],
)
def test_one_instant_in_many_cultures(text: str) -> None:
    """The forms that .NET cultures, ISO 8601 and JSON give one instant are all read as that instant."""
    assert date_reader(Reading(), day_first=text.startswith("09/05")).instant(text) == AT


@pytest.mark.parametrize(
    "text", ["", "Not Started", "Not Completed", "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00", "<startTime>"]
)
def test_not_set(text: str) -> None:
    """Fillers, placeholders and .NET's smallest date are NULL."""
    assert date_reader(Reading()).instant(text) is None


@pytest.mark.parametrize(
    "text", ["yesterday", "2014-13-01", "31/31/2014", "2014-05-09T25:00:00Z", "5/9", "9.5.2914", "1" * 1000]
)
def test_no_date(text: str) -> None:
    """What is no date, or lies in no possible year, is an error that says so."""
    with pytest.raises(CellError, match=r"date|years"):
        date_reader(Reading()).instant(text)


def test_order_is_decided_over_all_dates() -> None:
    """One day above 12 anywhere proves the order of the ambiguous dates, in both directions."""
    british = date_reader(Reading(), ["9/5/2014 16:00:19", "25/5/2014 10:00:00"])
    american = date_reader(Reading(), ["5/9/2014", "5.25.2014"])
    assert british.instant("9/5/2014 16:00:19") == AT
    assert american.instant("5/9/2014 16:00:19") == AT
    assert american.instant("5.9.2014 16:00:19") == AT


def test_contradicting_proofs_leave_the_default() -> None:
    """A file with both orders reads provable dates as proven and ambiguous ones month first."""
    dates = date_reader(Reading(), ["25/5/2014", "5/25/2014"])
    assert dates.instant("25/5/2014") == dates.instant("5/25/2014") == datetime(2014, 5, 25, tzinfo=UTC)
    assert dates.instant("5/9/2014 16:00:19") == AT


def test_own_patterns_come_first() -> None:
    """The user's strptime patterns win over the built-in reading of the same text."""
    dates = date_reader(Reading(date_formats=("%d/%m/%Y %H:%M:%S",)), ["5/25/2014"])
    assert dates.instant("09/05/2014 16:00:19") == AT


def test_local_time() -> None:
    """Times without offset are in the zone of the reading, times with offset are not touched."""
    dates = date_reader(Reading(time_zone="Asia/Tokyo"))
    assert dates.instant("2014/05/10 1:00:19") == AT
    assert dates.instant("2014-05-09T16:00:19Z") == AT


def test_hour_that_occurs_twice() -> None:
    """In autumn the first occurrence counts, unless it would lie before the job's start."""
    dates = date_reader(Reading(time_zone="Europe/Berlin"))
    started = dates.instant("26.10.2014 02:50:00")
    assert started == datetime(2014, 10, 26, 0, 50, tzinfo=UTC)
    assert dates.instant("26.10.2014 02:10:00", not_before=started) == datetime(
        2014, 10, 26, 1, 10, tzinfo=UTC
    )


def test_unknown_zone() -> None:
    """An unknown zone is a mistake in the configuration, not in the data."""
    with pytest.raises(ConfigurationError, match="Tokio"):
        date_reader(Reading(time_zone="Asia/Tokio"))


@pytest.mark.parametrize("text", ["9.5.2014", "5/9/2014 4:00 PM", "2014-05-09T26:00:00Z"])
def test_our_own_files_are_strict(text: str) -> None:
    """Our own files carry ISO 8601; anything else is an error instead of a guess."""
    with pytest.raises(CellError, match="ISO 8601"):
        iso_utc(text)
