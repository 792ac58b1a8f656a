"""Nights of 23 and 25 hours, ends of months, and windows on either side of midnight, judged to the second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.model.plain_estate import MONDAY, Estate, Run

BERLIN = ZoneInfo("Europe/Berlin")
ALWAYS = '[vms]\nschedule = { "*" = "daily" }\n'
SPRING, AUTUMN = date(2025, 3, 29), date(2025, 10, 25)  # the clocks change in these nights


@pytest.fixture
def estate(tmp_path):
    """An empty estate."""
    return Estate(tmp_path)


def at(night: date, clock: str, days: int = 0, over_s: int = 0) -> datetime:
    """A wall time of Berlin, on the night's date or days later, as an instant."""
    wall = datetime.fromisoformat(f"{night + timedelta(days=days)}T{clock}").replace(tzinfo=BERLIN)
    return wall.astimezone(UTC) + timedelta(seconds=over_s)


def run(vm: str, begin: datetime, end: datetime) -> Run:
    """A backup between two instants."""
    midnight = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC)
    start_h = (begin - midnight) / timedelta(hours=1)
    return Run(vm, 0, start_h, (end - begin) / timedelta(hours=1))


def site(window: str) -> str:
    """A site in Berlin with this window, every night due."""
    start, end = window.split("-")
    return f'[site]\ntime_zone = "Europe/Berlin"\nwindow_start = "{start}"\nwindow_end = "{end}"\n{ALWAYS}'


def judged(estate: Estate, window: str) -> list[tuple]:
    """Night, reason and overrun of each row of sla."""
    rows = estate.rows("SELECT night, reason, overrun_s FROM sla ORDER BY night", site(window))
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(("over_s", "reason"), [(-1, "met"), (0, "met"), (1, "late")])
@pytest.mark.parametrize(
    ("night", "window", "closes", "days"),
    [
        (SPRING, "22:00-06:00", "06:00", 1),
        (AUTUMN, "22:00-06:00", "06:00", 1),
        (SPRING + timedelta(days=1), "01:00-05:00", "05:00", 0),
        (AUTUMN + timedelta(days=1), "01:00-05:00", "05:00", 0),
        (date(2025, 1, 31), "22:00-06:00", "06:00", 1),
        (date(2024, 2, 28), "22:00-06:00", "06:00", 1),
        (date(2024, 2, 29), "20:00-23:30", "23:30", 0),
        (date(2025, 12, 31), "22:00-00:00", "00:00", 1),
        (date(2025, 12, 31), "00:30-04:00", "04:00", 0),
    ],
)
def test_the_window_closes_at_its_wall_time(estate, night, window, closes, days, over_s, reason):
    """One second below, at and above, whichever clock the night begins and ends on."""
    end = at(night, closes, days, over_s)
    estate.add([run("A", at(night, window.split("-")[0]), end)])

    assert judged(estate, window) == [(night, reason, max(over_s, 0))]


@pytest.mark.parametrize(("night", "hours"), [(SPRING, 7), (AUTUMN, 9)])
def test_a_window_across_the_change_is_as_long_as_it_is(estate, night, hours):
    """22:00 to 06:00 are seven or nine hours; a job as long as the window meets it."""
    opens = at(night, "22:00")
    estate.add(
        [
            run("A", opens, opens + timedelta(hours=hours)),
            run("B", opens, opens + timedelta(hours=hours, seconds=1)),
        ]
    )
    rows = estate.rows("SELECT vm, met FROM sla ORDER BY vm", site("22:00-06:00"))

    assert [tuple(row.values()) for row in rows] == [("A", True), ("B", False)]


@pytest.mark.parametrize("last", [SPRING, AUTUMN])
def test_each_night_around_the_change_has_its_own_row(estate, last):
    """A week of nightly backups: no night is lost or doubled, none is late."""
    nights = [last + timedelta(days=day) for day in range(-3, 4)]
    estate.add([run("A", at(night, "22:30"), at(night, "05:30", 1)) for night in nights])

    assert judged(estate, "22:00-06:00") == [(night, "met", 0) for night in nights]


def test_the_hour_that_comes_twice(estate):
    """02:30 of the first and of the second time are an hour apart, and the window of 03:00 closes after both."""
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    estate.add(
        [run(vm, at(AUTUMN, "22:00"), first + timedelta(hours=hour)) for vm, hour in (("A", 0), ("B", 1))]
    )
    estate.add([run("C", at(AUTUMN, "22:00"), first + timedelta(hours=1, minutes=30, seconds=1))])
    rows = estate.rows("SELECT vm, reason FROM sla ORDER BY vm", site("22:00-03:00"))

    assert [row["reason"] for row in rows] == ["met", "met", "late"]


def test_a_schedule_across_the_end_of_february(estate):
    """Learned nights follow the calendar: a miss on the 1st of March of a leap year is one."""
    start = date(2024, 2, 12)
    nights = [start + timedelta(days=day) for day in range(21)]
    ran = [night for night in nights if night != date(2024, 3, 1)]
    runs = [run("A", at(night, "22:30"), at(night, "23:30")) for night in ran]
    estate.add([*runs, *(run("B", at(night, "22:30"), at(night, "23:00")) for night in nights)])
    text = '[site]\ntime_zone = "Europe/Berlin"\n'
    rows = estate.rows("SELECT night, reason FROM sla WHERE vm = 'A' AND NOT met", text)

    assert [tuple(row.values()) for row in rows] == [(date(2024, 3, 1), "missed")]
