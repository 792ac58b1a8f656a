"""Numbers as people say them: 1 h 32 min, 4.2 TB, 1,200 backups."""

from __future__ import annotations

import datetime as dt
from typing import Any


def seconds(value: float | None) -> str:
    """A length of time, its two largest units: 45 s, 12 min 4 s, 1 h 32 min, 2 d 3 h."""
    if value is None:
        return "unknown"
    if value < 0:
        return "−" + seconds(-value)
    if value < 10:
        return f"{value:.1f}".removesuffix(".0") + " s"
    whole = round(value)
    for unit, name, smaller, its_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= unit:
            rest = whole % unit // smaller
            return f"{whole // unit:,} {name} {rest} {its_name}" if rest else f"{whole // unit:,} {name}"
    return f"{whole} s"


def size(value: float | None) -> str:
    """An amount of data in decimal units."""
    if value is None:
        return "unknown"
    for factor, unit in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= factor:
            return (
                f"{value / factor:.3g} {unit}" if value < 1000 * factor else f"{value / factor:,.0f} {unit}"
            )
    return f"{value:.0f} B"


def count(value: float | None, noun: str = "", nouns: str = "") -> str:
    """A number with its noun: 1 VM, 1,200 VMs."""
    if value is None:
        return "unknown"
    word = noun if value == 1 else nouns or (noun + "s" if noun else "")
    return f"{value:,.0f} {word}".strip()


def share(value: float | None) -> str:
    """A share of 0 to 1 in percent; what is not all is never rounded to 100 %."""
    if value is None:
        return "unknown"
    percent = value * 100
    if 99.5 <= percent < 100:
        return f"{min(percent, 99.99):.2f} %"
    if 0 < percent < 0.5:
        return f"{max(percent, 0.01):.2f} %"
    return f"{percent:.0f} %"


def clock(value: dt.datetime | None) -> str:
    """A time of the site's zone to the minute; the caller has converted it."""
    return "unknown" if value is None else f"{value:%Y-%m-%d %H:%M}"


def moment(value: dt.datetime | None) -> str:
    """A time of the site's zone to the second."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def one_line(value: Any, limit: int = 200) -> str:
    """Any text on one line, cut at `limit` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
