"""Dates as Windows shows them in three cultures; PowerShell's tables and exports print local time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

CULTURES = ("ja-JP", "en-US", "de-DE")


def local_text(at_s: float, zone: str, culture: str) -> str:
    """Date and time: 2025/02/03 22:00:00, 2/3/2025 10:00:00 PM or 03.02.2025 22:00:00."""
    moment = datetime.fromtimestamp(at_s, ZoneInfo(zone))
    if culture == "ja-JP":
        return f"{moment:%Y/%m/%d} {moment.hour}:{moment:%M:%S}"
    if culture == "de-DE":
        return f"{moment:%d.%m.%Y %H:%M:%S}"
    return us_text(moment)


def us_text(moment: datetime) -> str:
    """M/d/yyyy h:mm:ss AM|PM, which does not depend on this machine's locale."""
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {(moment.hour + 11) % 12 + 1}:{moment:%M:%S} {half}"
