"""What the columns of `events` accept, value by value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.formats import Reading
from analytics.formats.events.rows import event_row, is_wanted, leaves_out, number, utc_of
from analytics.formats.reading.values import CellError

AT = datetime(2026, 3, 2, 20, tzinfo=UTC)
EVENT = {
    "channel": "Application",
    "provider": "VSS",
    "event_id": "8193",
    "version": None,
    "level": "2",
    "record_id": "7",
    "at": AT,
    "computer": "hv01.example.com",
    "payload": {"A": "1"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T20:00:00Z", AT),
        ("2026-03-02T20:00:00", AT),
        (" 2026-03-02 20:00:00 UTC ", AT),
        ("2026-03-03T05:00:00+09:00", AT),
        ("1980-01-01T00:00:00Z", datetime(1980, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1601-01-01T00:00:00Z", None),
        ("1602-01-01T00:00:00+09:00", None),
        ("", None),
        (None, None),
    ],
)
def test_an_instant(text, expected):
    """UTC where no offset is written; the year 1601 of UTC is what Windows writes for none."""
    assert utc_of(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1600-12-31T23:59:59Z", "lies outside the years 1980 to 2199"),
        ("1602-01-01T00:00:00Z", "lies outside the years 1980 to 2199"),
        ("1979-12-31T23:59:59Z", "lies outside"),
        ("2200-01-01T00:00:00Z", "lies outside"),
        ("noon", "'noon' is not ISO 8601"),
        ("0001-01-01T00:00:00+09:00", "is not ISO 8601"),
        ("x" * 100, f"time '{'x' * 60}' is not"),
    ],
)
def test_no_instant(text, reason):
    """What stands there is named, at most 60 characters of it."""
    with pytest.raises(CellError, match=reason):
        utc_of(text)


@pytest.mark.parametrize(("value", "expected"), [("0", 0), ("9", 9), (9, 9), ("", None), (None, None)])
def test_a_whole_number(value, expected):
    """From nought to the most; nothing where it is missing."""
    assert number(value, "Level", 9) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("10", "Level: 10 lies outside 0 to 9"),
        ("-1", "Level: -1 lies outside 0 to 9"),
        ("many", "Level: 'many' is no whole number"),
        (float("inf"), "Level: 'inf' is no whole number"),
        ([], "is no whole number"),
        ("x" * 100, f"Level: '{'x' * 60}' is no"),
    ],
)
def test_no_whole_number(value, reason):
    """What stands there is named, at most 60 characters of it."""
    with pytest.raises(CellError, match=reason):
        number(value, "Level", 9)


def test_a_number_that_is_needed():
    """Missing is then a reason."""
    with pytest.raises(CellError, match="Level is missing"):
        number("", "Level", 9, needed=True)


@pytest.mark.parametrize(
    ("name", "most"), [("event_id", 2**31 - 1), ("version", 2**31 - 1), ("level", 2**31 - 1), ("record_id", 2**63 - 1)]
)  # fmt: skip
def test_what_a_column_holds(name, most):
    """Whole numbers of 32 bits, record ids of 64, the sign left out."""
    assert event_row(**EVENT | {name: most})[name] == most
    with pytest.raises(CellError, match=f"{most + 1} lies outside"):
        event_row(**EVENT | {name: most + 1})


def test_a_row():
    """Host without its domain, numbers as numbers, the payload as JSON, an empty message as none."""
    assert event_row(**EVENT, message="") == {
        "host": "hv01",
        "channel": "Application",
        "event_provider": "VSS",
        "event_id": 8193,
        "version": None,
        "level": 2,
        "record_id": 7,
        "at": AT,
        "data": '{"A":"1"}',
        "message": None,
    }


def test_a_provider_of_blanks():
    """Names none."""
    with pytest.raises(CellError, match="names no provider"):
        event_row(**EVENT | {"provider": " "})


@pytest.mark.parametrize(
    ("name", "reason"),
    [("provider", "names no provider"), ("at", "has no time"), ("event_id", "EventID is missing")],
)
def test_what_every_event_has(name, reason):
    """Without it there is no row."""
    with pytest.raises(CellError, match=reason):
        event_row(**EVENT | {name: None})


@pytest.mark.parametrize("value", ["\ud800", 2**64])
def test_a_payload_that_the_quick_writer_does_not_take(value):
    """Half a character and numbers beyond 64 bits are written all the same."""
    assert event_row(**EVENT | {"payload": {"A": value}})["data"] in {
        '{"A": "?"}',
        f'{{"A": {2**64}}}',
    }


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("VSS", True),
        ("vss", True),
        ("SQLAGENT$DPM", True),
        ("sqlagent", True),
        ("Ntfs", False),
        ("", True),
        (None, True),
    ],
)
def test_who_is_wanted(provider, expected):
    """Case does not count, a star stands for all instances, an unknown provider is kept."""
    assert is_wanted(provider, frozenset({"vss", "sqlagent*"})) is expected
    assert is_wanted(provider, None)


def test_what_is_left_out():
    """Only events, and only where the reading says so; rejects stay."""
    leaves = leaves_out(Reading(events_level="relevant"))
    assert leaves is not None
    assert leaves("events", {"event_provider": "Nobody's"})
    assert not leaves("events", {"event_provider": "VSS"})
    assert not leaves("rejects", {"event_provider": "Nobody's"})
    assert leaves_out(Reading()) is None
