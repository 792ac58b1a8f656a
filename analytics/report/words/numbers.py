"""Numbers as people say them: 1 h 32 min, 4.2 TB, 1,200. The units come from the language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

_Units = Mapping[str, str]
_LENGTHS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
_SIZES = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def _seconds(value: float, units: _Units) -> str:
    """A length of time, its two largest units: 45 s, 12 min 4 s, 1 h 32 min, 2 d 3 h."""
    if value < 0:
        return "−" + _seconds(-value, units)
    if value < 10:
        return f"{value:.1f}".removesuffix(".0") + f" {units['s']}"
    whole = round(value)
    for length, unit, shorter, its_unit in _LENGTHS:
        if whole >= length:
            rest = whole % length // shorter
            head = f"{whole // length:,} {units[unit]}"
            return f"{head} {rest} {units[its_unit]}" if rest else head
    return f"{whole} {units['s']}"


def _size(value: float, _units: _Units) -> str:
    """An amount of data in decimal units, three digits."""
    for factor, unit in _SIZES:
        if value >= factor:
            return (
                f"{value / factor:.3g} {unit}" if value < 1000 * factor else f"{value / factor:,.0f} {unit}"
            )
    return f"{value:.0f} B"


def _count(value: float, _units: _Units) -> str:
    """A whole number with its thousands set apart."""
    return f"{value:,.0f}"


def _some(value: float, units: _Units) -> str:
    """A whole number, or the word for none."""
    return _count(value, units) if value else units["none"]


def _share(value: float, _units: _Units) -> str:
    """A share of 0 to 1 in percent; what is not all is never rounded to 100 %, what is there never to 0 %."""
    percent = value * 100
    if 99.5 <= percent < 100:
        return f"{min(percent, 99.99):.2f} %"
    if 0 < percent < 0.5:
        return f"{max(percent, 0.01):.2f} %"
    return f"{percent:.0f} %"


def _minute(value: dt.datetime, _units: _Units) -> str:
    """A time of the site's zone to the minute; the caller has converted it."""
    return f"{value:%Y-%m-%d %H:%M}"


def _moment(value: dt.datetime, _units: _Units) -> str:
    """A time of the site's zone to the second."""
    return f"{value:%Y-%m-%d %H:%M:%S}"


NUMBERS: dict[str, Callable[[Any, _Units], str]] = {
    "seconds": _seconds,
    "size": _size,
    "count": _count,
    "some": _some,
    "share": _share,
    "minute": _minute,
    "moment": _moment,
}


def one_line(value: Any, limit: int = 200) -> str:
    """Any text on one line, cut at `limit` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
