"""Time zones by the names of IANA and of Windows."""

from __future__ import annotations

import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from analytics.site import iana_zone, near_zone, zones

WINDOWS_ZONES = tomllib.loads(
    Path(zones.__file__).with_name("windows_zones.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("tokyo standard time", "Asia/Tokyo"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_has_two_names(name: str, zone: str) -> None:
    """Windows' own name means the IANA zone, in large or small letters."""
    assert iana_zone(name) == zone


def test_every_zone_of_windows_is_known_to_python_and_duckdb() -> None:
    """Both compute with it."""
    known = {name for (name,) in duckdb.sql("SELECT name FROM pg_timezone_names()").fetchall()}

    assert len(WINDOWS_ZONES) > 130
    assert set(WINDOWS_ZONES.values()) <= known
    assert all(ZoneInfo(zone) for zone in WINDOWS_ZONES.values())


@pytest.mark.parametrize("name", ["Mars", "W. Mars Standard Time", "", "../etc/passwd", "Europe"])
def test_what_is_no_zone(name: str) -> None:
    """It is refused."""
    with pytest.raises(ValueError, match="is no IANA time zone"):
        iana_zone(name)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Berlin", "Europe/Berlin"),
        ("EU/Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Louisville", None),
        ("Mars", None),
    ],
)
def test_the_nearest_zone(name: str, near: str | None) -> None:
    """The one zone of that place; none where two bear it, or nothing does."""
    assert near_zone(name) == near
