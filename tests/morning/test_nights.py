"""Which night is due, when its window closes, waiting for it, and which mail is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from analytics.morning.letters import kind_of_mail
from analytics.morning.nights import (
    last_night,
    wait_for,
    window_end,
    window_start,
    window_under_way,
)
from analytics.morning.record import Record
from analytics.report.depths import DEPTHS
from analytics.site import MailSettings, Site

BERLIN = ZoneInfo("Europe/Berlin")
SITE = Site(time_zone="Europe/Berlin")
EARLY = Site(time_zone="Europe/Berlin", window_start=dt.time(1), window_end=dt.time(5))
QUIET = MailSettings(to=("a@b.c",), only_on_change=True)


def at(*parts: int) -> dt.datetime:
    """A wall time in Berlin."""
    return dt.datetime(*parts, tzinfo=BERLIN)


def hours(site: Site, night: dt.date) -> float:
    """The true length of a window."""
    ends = (moment.astimezone(dt.UTC) for moment in (window_start(site, night), window_end(site, night)))
    opens, closes = ends
    return (closes - opens).total_seconds() / 3600


@pytest.mark.parametrize(
    ("now", "night", "under_way"),
    [
        (at(2025, 3, 11, 7), dt.date(2025, 3, 10), None),
        (at(2025, 3, 11, 6), dt.date(2025, 3, 10), None),
        (at(2025, 3, 11, 5, 59), dt.date(2025, 3, 9), dt.date(2025, 3, 10)),
        (at(2025, 3, 11, 22), dt.date(2025, 3, 10), dt.date(2025, 3, 11)),
        (at(2025, 3, 11, 21, 59), dt.date(2025, 3, 10), None),
        (at(2025, 4, 1, 6, 30), dt.date(2025, 3, 31), None),
    ],
)
def test_the_night_that_is_due(now, night, under_way):
    """Across midnight and the end of a month; the window that is open is told apart."""
    assert last_night(SITE, now) == night
    assert last_night(SITE, now.astimezone(dt.UTC)) == night
    assert window_under_way(SITE, now) == under_way


def test_a_window_within_one_day():
    """It begins after midnight: its night bears that very date."""
    assert last_night(EARLY, at(2025, 3, 11, 6)) == dt.date(2025, 3, 11)
    assert last_night(EARLY, at(2025, 3, 11, 4)) == dt.date(2025, 3, 10)


def test_nights_of_23_and_25_hours():
    """The clock on the wall counts."""
    assert hours(SITE, dt.date(2025, 3, 28)) == 8
    assert hours(SITE, dt.date(2025, 3, 29)) == 7
    assert hours(SITE, dt.date(2025, 10, 25)) == 9


@pytest.mark.parametrize(
    ("depth", "first"),
    [("daily", (3, 10)), ("weekly", (3, 4)), ("monthly", (3, 1))],
    ids=str,
)
def test_depths(depth, first):
    """One night, seven, or those of the month."""
    night = dt.date(2025, 3, 10)

    assert DEPTHS[depth].first_of(night) == dt.date(2025, *first)


def test_waiting_follows_the_clock():
    """A clock that is set forward ends it at once, one that is set back makes it longer; naps are short."""
    clock = iter(
        [at(2025, 3, 11, 5, 58), at(2025, 3, 11, 5, 40), at(2025, 3, 11, 5, 59, 50), at(2025, 3, 11, 6, 0, 1)]
    )
    naps: list[float] = []
    wait_for(at(2025, 3, 11, 6), lambda: next(clock), naps.append)

    assert naps == [60, 60, 10]


def record(night: int, mailed: str = "", **more) -> Record:
    """A quiet night of March."""
    day = f"2025-03-{night:02d}"
    given = {"tone": "good", "checks": {}, "breached": {}} | more
    return Record(day, day, "Every backup.", trust="", made="", mailed=mailed, **given)


LATE = {"tone": "bad", "breached": {"A": "transfer"}}
WARNED = {"checks": {"inventory": "warn"}}
FAILED = {"checks": {"freshness": "fail"}, "tone": "unknown"}


class TestKindOfMail:
    @pytest.mark.parametrize(
        ("past", "now", "kind"),
        [
            ([], record(10), "whole"),  # the first
            ([record(9, "whole")], record(10), "short"),
            ([record(9, "whole")], record(10, **LATE), "whole"),
            ([record(9, "whole", **LATE)], record(10, **LATE), "whole"),
            ([record(9, "whole", **LATE)], record(10), "whole"),  # resolved
            ([record(9, "whole")], record(10, **WARNED), "whole"),
            ([record(9, "whole", **WARNED)], record(10, **WARNED), "short"),
            ([record(9, "whole", **FAILED)], record(10, **FAILED), "whole"),
            ([record(9, "")], record(10), "whole"),  # the mail before was not taken
            ([record(9, "whole"), record(10, "short")], record(10), ""),  # its second run
            ([record(9, "whole"), record(10, "")], record(10), "short"),
            ([record(9, "whole"), record(10, "short")], record(10, **LATE), "whole"),
        ],
    )
    def test_only_on_change(self, past, now, kind):
        """Silence is never ambiguous."""
        assert kind_of_mail(QUIET, now, past, has_remarks=False) == kind

    def test_a_remark_is_no_quiet_day(self):
        """What the run found is told."""
        assert kind_of_mail(QUIET, record(10), [record(9, "whole")], has_remarks=True) == "whole"

    def test_every_day(self):
        """Without only_on_change each run mails."""
        settings = replace(QUIET, only_on_change=False)

        assert (
            kind_of_mail(settings, record(10), [record(9, "whole"), record(10, "whole")], has_remarks=False)
            == "whole"
        )

    @pytest.mark.parametrize(
        ("days", "kinds"), [(1, ["short", "short", "short"]), (3, ["", "", "short"]), (0, ["", "", ""])]
    )
    def test_heartbeat(self, days, kinds):
        """After so many nights without a mail; never with 0."""
        settings, past, found = replace(QUIET, heartbeat_days=days), [record(9, "whole")], []
        for night in (10, 11, 12):
            found.append(kind_of_mail(settings, record(night), past, has_remarks=False))
            past.append(record(night, found[-1]))

        assert found == kinds
