"""Names of time zones: those of IANA, those of Windows, and the nearest to a name that is neither."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

_WINDOWS_ZONES = Path(__file__).with_name("windows_zones.toml")


def iana_zone(name: str) -> str:
    """The IANA name of a time zone, given as that or as Windows calls it; ValueError where there is none."""
    known = _windows_zones().get(name.casefold(), name)
    try:
        ZoneInfo(known)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("is no IANA time zone") from error
    return known


def near_zone(name: str) -> str | None:
    """The IANA zone that ends with a name's place, such as Europe/Berlin for Berlin; None without exactly one."""
    place = re.sub(r"\W+", "_", name.strip().rpartition("/")[2]).casefold()
    near = [
        zone for zone in available_timezones() if "/" in zone and zone.rpartition("/")[2].casefold() == place
    ]
    return near[0] if len(near) == 1 else None


@cache
def _windows_zones() -> dict[str, str]:
    """IANA names by those of Windows, in small letters."""
    zones = tomllib.loads(_WINDOWS_ZONES.read_text(encoding="utf-8"))
    return {name.casefold(): zone for name, zone in zones.items()}
