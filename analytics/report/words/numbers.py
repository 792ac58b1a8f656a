"""Numbers and days as people say them: 1 h 32 min, 4.2 TB, 1,200. Units and forms of days come from the language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

_Forms = Mapping[str, Any]
_LENGTHS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
_SIZES = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def _seconds(value: float, forms: _Forms) -> str:
    """A length of time, its two largest units: 45 s, 12 min 4 s, 1 h 32 min, 2 d 3 h."""
    if value < 0:
        return "−" + _seconds(-value, forms)
    if value < 10:
        return f"{value:.1f}".removesuffix(".0") + f" {forms['s']}"
    whole = round(value)
    for length, unit, shorter, its_unit in _LENGTHS:
        if whole >= length:
            rest = whole % length // shorter
            head = f"{whole // length:,} {forms[unit]}"
            return f"{head} {rest} {forms[its_unit]}" if rest else head
    return f"{whole} {forms['s']}"


def _size(value: float, _forms: _Forms) -> str:
    """An amount of data in decimal units, three digits."""
    for factor, unit in _SIZES:
        if value >= factor:
            return (
                f"{value / factor:.3g} {unit}" if value < 1000 * factor else f"{value / factor:,.0f} {unit}"
            )
    return f"{value:.0f} B"


def _count(value: float, _forms: _Forms) -> str:
    """A whole number with its thousands set apart."""
    return f"{value:,.0f}"


def _middle(value: float, _forms: _Forms) -> str:
    """A median of whole numbers, which may end in a half."""
    return f"{value:,.1f}".removesuffix(".0")


def _time_of_day(value: float, forms: _Forms) -> str:
    """A time of the day from milliseconds after a night's midnight; from the second day on with the days since."""
    days, minutes = divmod(round(value / 60_000), 24 * 60)
    later = f" +{days} {forms['d']}" if days else ""
    return f"{minutes // 60:02}:{minutes % 60:02}{later}"


def _some(value: float, forms: _Forms) -> str:
    """A whole number, or the word for none."""
    return _count(value, forms) if value else forms["none"]


def _share(value: float, forms: _Forms) -> str:
    """A share of 0 to 1 in percent; what is not all is never rounded to 100 %, what is there never to 0 %."""
    percent = value * 100
    if 99.5 <= percent < 100:
        return f"{min(percent, 99.99):.2f}{forms['percent']}"
    if 0 < percent < 0.5:
        return f"{max(percent, 0.01):.2f}{forms['percent']}"
    return f"{percent:.0f}{forms['percent']}"


def _rate(value: float, forms: _Forms) -> str:
    """Seconds per GB, three digits."""
    return f"{_three(value)} {forms['s_per_gb']}"


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _dated(value: dt.date, form: str, forms: _Forms) -> str:
    """A day in a form of the language, made of year, month, day, mm and dd (two digits), and weekday."""
    return form.format(
        year=value.year,
        month=value.month,
        day=value.day,
        mm=f"{value.month:02}",
        dd=f"{value.day:02}",
        weekday=forms["weekdays"][value.weekday()],
    )


def _night(value: dt.date, forms: _Forms) -> str:
    """A day."""
    return _dated(value, forms["day"], forms)


def _minute(value: dt.datetime, forms: _Forms) -> str:
    """A time of the site's zone to the minute; the caller has converted it."""
    return f"{_dated(value, forms['short'], forms)} {value:%H:%M}"


def _moment(value: dt.datetime, forms: _Forms) -> str:
    """A time of the site's zone to the second."""
    return f"{_dated(value, forms['short'], forms)} {value:%H:%M:%S}"


NUMBERS: dict[str, Callable[[Any, _Forms], str]] = {
    "seconds": _seconds,
    "size": _size,
    "count": _count,
    "middle": _middle,
    "time_of_day": _time_of_day,
    "some": _some,
    "share": _share,
    "rate": _rate,
    "night": _night,
    "minute": _minute,
    "moment": _moment,
}


def one_line(value: Any, limit: int = 200) -> str:
    """Any text on one line, cut at `limit` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
