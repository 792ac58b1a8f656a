"""What a value of the site file must be; each check gives the value or says what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from analytics.site.zones import iana_zone

_EXPLAINED = ("error", "hresult", "event")
_TRACKINGS = ("", "block_compare", "change_tracking")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ADDRESS = re.compile(r"[^\s@,;<>\"()]+@[^\s@,;<>\"()]+")
_DAILY, _WORKING_DAYS = "daily", "weekdays"


def check_zone(value: Any) -> str:
    """The IANA name of a time zone, which may be given as Windows calls it; ValueError says what is wrong otherwise."""
    return iana_zone(_text(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _clock(value: Any) -> time:
    clock = value if isinstance(value, time) else _parsed_clock(_text(value))
    if clock.tzinfo is not None:
        raise ValueError("carries an offset; the zone stands in [site] time_zone")
    return clock


def _parsed_clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError("is no time of day") from None


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("is no number of seconds")
    if not 0 <= value < 86400 * 7:
        raise ValueError("is out of range")
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("is no list of texts")
    return tuple(_text(entry) for entry in value)


def check_date_format(value: Any) -> str:
    """A strptime pattern that reads back what it writes; ValueError says what is wrong otherwise."""
    pattern = _text(value)
    moment = datetime(2024, 2, 13, 14, 15, 16)  # noqa: DTZ001 - only the pattern is tried
    try:
        same_day = datetime.strptime(moment.strftime(pattern), pattern).date() == moment.date()  # noqa: DTZ007
    except ValueError as error:
        raise ValueError("is no strptime pattern") from error
    if not same_day:
        raise ValueError("leaves year, month or day open")
    return pattern


def _dates(value: Any) -> tuple[str, ...]:
    return tuple(check_date_format(entry) for entry in _texts(value))


def _columns(value: Any) -> dict[str, str]:
    return {name.strip().casefold(): column for name, column in _texts_by_name(value).items()}


def _texts_by_name(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("is no table of names and texts")
    return {name: _text(entry) for name, entry in value.items()}


def _zones_by_name(value: Any) -> dict[str, str]:
    return {name: check_zone(entry) for name, entry in _texts_by_name(value).items()}


def _tracking(value: Any) -> str:
    if _text(value) not in _TRACKINGS:
        raise ValueError("is no way of tracking")
    return str(value)


def _explanations(value: Any) -> dict[str, str]:
    sentences = _texts_by_name(value)
    if any(name.partition("/")[0] not in _EXPLAINED or not name.partition("/")[2] for name in sentences):
        raise ValueError("names something else than error/ID, hresult/0x... or event/PROVIDER/ID")
    return sentences


def _ends(value: Any) -> dict[str, date]:
    if not isinstance(value, dict):
        raise TypeError("is no table of names and dates")
    for name, day in value.items():
        if type(day) is not date:
            raise TypeError(f"has no date for {name}")
    return dict(value)


def _weekdays(value: Any) -> tuple[str, ...]:
    days = tuple(day.lower()[:3] for day in _texts(value))
    if wrong := next((day for day in days if day not in _WEEKDAYS), None):
        raise ValueError(f"names {wrong}, which is no day of the week")
    return days


def _schedules(value: Any) -> dict[str, str]:
    return {name: _schedule(name, plan.lower()) for name, plan in _texts_by_name(value).items()}


def _schedule(name: str, plan: str) -> str:
    kind, _, day = plan.partition(":")
    if plan in (_DAILY, _WORKING_DAYS):
        return plan
    if kind != "weekly" or day.strip()[:3] not in _WEEKDAYS:
        raise ValueError(f"has no schedule for {name}: daily, weekdays or weekly:DAY")
    return f"weekly:{day.strip()[:3]}"


def _costs(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("is no table of names and numbers")
    for name, cost in value.items():
        if isinstance(cost, bool) or not isinstance(cost, (int, float)) or not 0 < cost < 1e9:
            raise ValueError(f"has no cost above 0 for {name}")
    return {name: float(cost) for name, cost in value.items()}


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("is neither true nor false")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("is no whole number")
    if not 0 <= value < 65536:
        raise ValueError("is out of range")
    return value


def _amount(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1000:
        raise ValueError("is no number above 0")
    return float(value)


def check_address(value: Any) -> str:
    """A mail address; ValueError says what is wrong otherwise."""
    if not _ADDRESS.fullmatch(_text(value)):
        raise ValueError("is no mail address")
    return str(value)


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(check_address(entry) for entry in _texts(value))


def _url(value: Any) -> str:
    if not _text(value).startswith(("https://", "http://")) or any(mark in value for mark in " \r\n"):
        raise ValueError("is no address that begins with https:// or http://")
    return str(value)


def _tls(value: Any) -> str:
    return _one_of(value, "starttls", "tls", "none")


def _depth(value: Any) -> str:
    return _one_of(value, "daily", "weekly", "monthly")


def _forms(value: Any) -> tuple[str, ...]:
    return tuple(_one_of(form, "html", "json", "csv", "md", "pdf", "png") for form in _texts(value))


def _one_of(value: Any, *known: str) -> str:
    if _text(value) not in known:
        raise ValueError(f"is none of {', '.join(known)}")
    return str(value)


CHECKS = {
    "zone": check_zone,
    "clock": _clock,
    "seconds": _seconds,
    "texts": _texts,
    "dates": _dates,
    "columns": _columns,
    "zones_by_name": _zones_by_name,
    "tracking": _tracking,
    "explanations": _explanations,
    "ends": _ends,
    "schedules": _schedules,
    "weekdays": _weekdays,
    "costs": _costs,
    "text": _text,
    "yes_no": _yes_no,
    "whole": _whole,
    "amount": _amount,
    "addresses": _addresses,
    "address": check_address,
    "tls": _tls,
    "url": _url,
    "depth": _depth,
    "forms": _forms,
}
