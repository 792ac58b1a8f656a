from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.errors import ConfigurationError
from analytics.formats import Reading
from analytics.formats.reading.dates import date_reader, iso_utc, looks_dated, month_number
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


def test_longest_text() -> None:
    """A hundred characters may be a date, one more is none; 60 of what is none are said."""
    text = "2014-05-09 16:00:19"
    assert date_reader(Reading()).instant(text.rjust(100)) == AT
    with pytest.raises(CellError, match="is no date"):
        date_reader(Reading()).instant(text.rjust(101))
    for wrong in ("x" * 70, "9.5.2014 " + "x" * 70, "31/31/2014 " + "0" * 70):
        with pytest.raises(CellError, match=f"^'{wrong[:60]}' "):
            date_reader(Reading()).instant(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/1/1980", datetime(1980, 1, 1, tzinfo=UTC)),
        ("31.12.2199", datetime(2199, 12, 31, tzinfo=UTC)),
        ("1/2/80", datetime(2080, 1, 2, tzinfo=UTC)),
        ("12/12/2014", datetime(2014, 12, 12, tzinfo=UTC)),
        ("13/12/2014", datetime(2014, 12, 13, tzinfo=UTC)),
        ("12.13.2014", datetime(2014, 12, 13, tzinfo=UTC)),
        ("2014/5/9 12:00:00 AM", datetime(2014, 5, 9, tzinfo=UTC)),
        ("2014/5/9 12:00:00 PM", datetime(2014, 5, 9, 12, tzinfo=UTC)),
        ("2014/5/9 11:59:00 PM", datetime(2014, 5, 9, 23, 59, tzinfo=UTC)),
        ("2014/5/9 11:59:00 AM", datetime(2014, 5, 9, 11, 59, tzinfo=UTC)),
        ("2014/5/9 13:00:00 PM", datetime(2014, 5, 9, 13, tzinfo=UTC)),
        ("2014/5/9 16:00:19.5", datetime(2014, 5, 9, 16, 0, 19, 500_000, tzinfo=UTC)),
        ("2014/5/9 16:00:19.123456789", datetime(2014, 5, 9, 16, 0, 19, 123_456, tzinfo=UTC)),
        ("2014/5/9 16:00 +09:00", datetime(2014, 5, 9, 7, tzinfo=UTC)),
        ("2014/5/9 16:00:00 GMT", datetime(2014, 5, 9, 16, tzinfo=UTC)),
        ("/Date(-1)/", datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("1/1/1601", None),
    ],
)
def test_instants(text: str, expected: datetime | None) -> None:
    """The first and the last year, noon and midnight, parts of seconds, offsets, days that prove the order."""
    if expected and expected.year < 1980:
        with pytest.raises(CellError, match="lies outside the years 1980 to 2199"):
            date_reader(Reading()).instant(text)
    else:
        assert date_reader(Reading()).instant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-05-09", datetime(2014, 5, 9, tzinfo=UTC)),
        (" 2014-05-09T16:00:19Z ", AT),
        ("2014-05-10T01:00:19+09:00", AT),
        ("1980-01-01", datetime(1980, 1, 1, tzinfo=UTC)),
        ("2199-12-31", datetime(2199, 12, 31, tzinfo=UTC)),
        ("1601-01-01", None),
        ("0001-01-01", None),
        ("", None),
    ],
)
def test_instants_of_our_own_files(text: str, expected: datetime | None) -> None:
    """UTC where no offset is written."""
    found = iso_utc(text)
    assert found == expected
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1979-12-31", "outside the years 1980 to 2199"),
        ("2200-01-01", "outside the years"),
        ("2014-05-0", "is no ISO 8601"),
        ("20140509T160019", "is no ISO 8601"),
        ("２０１４-05-09", "is no ISO 8601"),
        ("2014-05-09T16:00:19.123456+09:00" + " " * 8 + "x", "is no ISO 8601"),
        ("x" * 70, f"^'{'x' * 60}' is"),
    ],
)
def test_no_instants_of_our_own_files(text: str, reason: str) -> None:
    """What stands there is said, at most 60 characters of it."""
    with pytest.raises(CellError, match=reason):
        iso_utc(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.5.2014 16:00", True),
        ("[2014-05-09 16:00:19]", True),
        ("9/5/2014", False),
        ("16:00", False),
        ("on 9.5.2014 16:00", False),
        ("2014/5/9".ljust(40) + "6:00", True),
        ("2014/5/9".ljust(41) + "6:00", False),
        ("9.5.20145 16:00", False),
    ],
)
def test_what_looks_dated(text: str, expected: bool) -> None:
    """A date in numbers, and a time of day close behind it."""
    assert looks_dated(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("5", 5), ("May", 5), ("mai", 5), ("x", 0), ("", 0), ("٥", 0)]
)
def test_months(text: str, expected: int) -> None:
    """By number or by name."""
    assert month_number(text) == expected


def test_the_hour_that_occurs_twice_and_a_start_after_it() -> None:
    """Where neither occurrence lies behind the start the first is taken; a stated offset is not touched."""
    dates = date_reader(Reading(time_zone="Europe/Berlin"))
    late = datetime(2014, 10, 27, tzinfo=UTC)
    assert dates.instant("26.10.2014 02:10:00", late) == datetime(2014, 10, 26, 0, 10, tzinfo=UTC)
    assert dates.instant("26.10.2014 02:10:00 +02:00", late) == datetime(2014, 10, 26, 0, 10, tzinfo=UTC)
    exactly = datetime(2014, 10, 26, 1, 10, tzinfo=UTC)
    assert dates.instant("26.10.2014 02:10:00", exactly) == exactly
