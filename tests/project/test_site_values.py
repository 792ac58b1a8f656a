"""Each kind of value of the site file at its limits: the last that fits, and the first that does not."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from analytics.site.values import CHECKS

FITS = [
    ("zone", "Asia/Tokyo", "Asia/Tokyo"),
    ("zone", "Tokyo Standard Time", "Asia/Tokyo"),
    ("clock", "21:30", time(21, 30)),
    ("clock", time(6), time(6)),
    ("seconds", 0, 0.0),
    ("seconds", 1.5, 1.5),
    ("seconds", 604_799, 604_799.0),
    ("whole", 0, 0),
    ("whole", 65_535, 65_535),
    ("amount", 0.001, 0.001),
    ("amount", 999.9, 999.9),
    ("texts", [], ()),
    ("texts", ["a", ""], ("a", "")),
    ("dates", ["%d.%m.%Y"], ("%d.%m.%Y",)),
    ("columns", {" Serveur ": "host"}, {"serveur": "host"}),
    ("zones_by_name", {"HV01": "UTC"}, {"HV01": "UTC"}),
    ("tracking", "", ""),
    ("tracking", "block_compare", "block_compare"),
    ("explanations", {"error/30112": "x", "hresult/0x80042306": "y", "event/VSS/12289": "z"}, None),
    ("ends", {"A": date(2025, 2, 3)}, {"A": date(2025, 2, 3)}),
    ("weekdays", ["Saturday", "SUN"], ("sat", "sun")),
    ("schedules", {"A": "Daily", "B": "weekly: Sunday"}, {"A": "daily", "B": "weekly:sun"}),
    ("schedules", {"A": "weekdays"}, {"A": "weekdays"}),
    ("costs", {"A": 0.1, "B": 999_999_999}, {"A": 0.1, "B": 999_999_999.0}),
    ("text", "", ""),
    ("yes_no", False, False),
    ("addresses", ["a@b", "c.d@e.f"], ("a@b", "c.d@e.f")),
    ("address", "a@b.c", "a@b.c"),
    ("url", "http://x", "http://x"),
    ("url", "https://hc-ping.com/1", "https://hc-ping.com/1"),
    ("tls", "none", "none"),
    ("depth", "monthly", "monthly"),
    ("forms", ["html", "png"], ("html", "png")),
]  # fmt: skip
FITS_NOT = [
    ("zone", "Mars/Base"), ("zone", 9), ("clock", "25:00"), ("clock", 22), ("clock", "21:30+02:00"),
    ("seconds", -0.1), ("seconds", 604_800), ("seconds", True), ("seconds", "5"),
    ("whole", -1), ("whole", 65_536), ("whole", 1.0), ("whole", False),
    ("amount", 0), ("amount", 1000), ("amount", True), ("amount", "10"),
    ("texts", "a"), ("texts", [1]), ("dates", ["%d.%m."]), ("dates", ["%Q"]),
    ("columns", []), ("columns", {"a": 1}), ("zones_by_name", {"HV01": "Mars/Base"}),
    ("tracking", "rct"), ("tracking", None),
    ("explanations", {"error": "x"}), ("explanations", {"error/": "x"}), ("explanations", {"warning/5": "x"}),
    ("explanations", {"error/5": "x", "other/5": "x"}),
    ("ends", []), ("ends", {"A": datetime.fromisoformat("2025-02-03")}), ("ends", {"A": "2025-02-03"}),
    ("weekdays", ["someday"]), ("schedules", {"A": "monthly"}), ("schedules", {"A": "weekly"}),
    ("schedules", {"A": "weekly:xxx"}), ("schedules", {"A": "often:sun"}),
    ("costs", 3), ("costs", {"A": 0}), ("costs", {"A": 1e9}), ("costs", {"A": True}), ("costs", {"A": "1"}),
    ("text", 1), ("yes_no", 1), ("yes_no", "yes"),
    ("addresses", "a@b"), ("address", "a"), ("address", "a@b, c@d"), ("address", "a@@b"),
    ("url", "ftp://x"), ("url", "https://x y"), ("url", "https://x\nHost: y"), ("url", 5),
    ("tls", "ssl"), ("depth", "yearly"), ("forms", ["docx"]), ("forms", "html"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "expected"), FITS)
def test_what_fits(kind, value, expected):
    """It comes back as the settings hold it."""
    found = CHECKS[kind](value)

    assert found == (value if expected is None else expected)
    assert type(found) is type(value if expected is None else expected)


@pytest.mark.parametrize(("kind", "value"), FITS_NOT)
def test_what_does_not(kind, value):
    """It is refused with a reason."""
    with pytest.raises((ValueError, TypeError), match=r"^\w+ \w+"):
        CHECKS[kind](value)


def test_each_kind():
    """No kind of value is without a case on either side."""
    assert {kind for kind, *_ in FITS} == {kind for kind, *_ in FITS_NOT} == set(CHECKS)
