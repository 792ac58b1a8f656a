"""Numbers and days as people say them, at each step of their units."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.report.metrics import nagios_line
from analytics.report.words import Words
from analytics.report.words.numbers import NUMBERS, one_line

FORMS = Words.of("en").table("unit") | Words.of("en").table("date")


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("seconds", 0, "0 s"),
        ("seconds", 9.96, "10 s"),
        ("seconds", 9.4, "9.4 s"),
        ("seconds", 9.0, "9 s"),
        ("seconds", 59.5, "1 min"),
        ("seconds", 60, "1 min"),
        ("seconds", 61, "1 min 1 s"),
        ("seconds", 3599, "59 min 59 s"),
        ("seconds", 3600, "1 h"),
        ("seconds", 3659, "1 h"),
        ("seconds", 3660, "1 h 1 min"),
        ("seconds", 86399, "23 h 59 min"),
        ("seconds", 86400, "1 d"),
        ("seconds", 90000, "1 d 1 h"),
        ("seconds", 86400 * 1234, "1,234 d"),
        ("seconds", -61, "−1 min 1 s"),
        ("seconds", -0.5, "−0.5 s"),
        ("size", 0, "0 B"),
        ("size", 999.4, "999 B"),
        ("size", 1000, "1 kB"),
        ("size", 1234, "1.23 kB"),
        ("size", 999_000, "999 kB"),
        ("size", 1e6, "1 MB"),
        ("size", 1.5e9, "1.5 GB"),
        ("size", 1e12, "1 TB"),
        ("size", 1e15, "1 PB"),
        ("size", 9.99e17, "999 PB"),
        ("size", 1.5e18, "1,500 PB"),
        ("count", 1234567.4, "1,234,567"),
        ("some", 0, "none"),
        ("some", 1200, "1,200"),
        ("share", 0.995, "99.50 %"),
        ("share", 0.9949, "99 %"),
        ("share", 0.999999, "99.99 %"),
        ("share", 1, "100 %"),
        ("share", 0.0049, "0.49 %"),
        ("share", 0.005, "0 %"),
        ("share", 0.006, "1 %"),
        ("share", 1e-9, "0.01 %"),
        ("share", 0, "0 %"),
        ("rate", 100, "100 s/GB"),
        ("rate", 99.96, "100.0 s/GB"),
        ("rate", 10, "10.0 s/GB"),
        ("rate", 9.996, "10.00 s/GB"),
        ("rate", 0.5, "0.50 s/GB"),
    ],
)
def test_each_step(kind, value, said):
    """Just below, at and above where the unit or the number of digits changes."""
    assert NUMBERS[kind](value, FORMS) == said


def test_days_and_times():
    """With their weekday; times to the minute, or to the second."""
    moment = dt.datetime.fromisoformat("2025-02-03T04:05:06")
    forms = {"day": "{weekday} {day}.{month}.{year}", "short": "{year}-{mm}-{dd}", "weekdays": [*"MTWTFSS"]}

    assert NUMBERS["night"](moment.date(), forms) == "M 3.2.2025"
    assert NUMBERS["night"](dt.date(2025, 2, 9), forms) == "S 9.2.2025"
    assert NUMBERS["minute"](moment, forms) == "2025-02-03 04:05"
    assert NUMBERS["moment"](moment, forms) == "2025-02-03 04:05:06"


@pytest.mark.parametrize(
    ("text", "limit", "found"),
    [("a\n  b", 9, "a b"), ("12345", 5, "12345"), ("123456", 5, "1234…"), (None, 9, "None")],
)
def test_one_line(text, limit, found):
    """Blanks and line feeds are one blank; what is longer is cut."""
    assert one_line(text, limit) == found


def test_a_line_of_200():
    """Unless more is asked for."""
    assert [len(one_line("x" * count)) for count in (200, 201)] == [200, 200]
    assert len(nagios_line(0, "x" * 600)) == len("DPM OK - ") + 500


@pytest.mark.parametrize(("code", "word"), [(0, "OK"), (1, "WARNING"), (2, "CRITICAL"), (3, "UNKNOWN")])
def test_a_line_for_nagios(code, word):
    """The state in words; a bar would begin the figures."""
    assert nagios_line(code, "a|b") == f"DPM {word} - a/b"
    assert nagios_line(code, "a", "n=1") == f"DPM {word} - a | n=1"
