"""Times of day as people write them: HH:MM, and windows such as 22:00-06:00."""

from __future__ import annotations

import re
from datetime import time

__all__ = ["clock_of", "window_of"]

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def clock_of(text: str) -> time:
    """A time of day; raises ValueError where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError("is no time of day such as 20:30")
    return time(int(found[1]), int(found[2]))


def window_of(text: str) -> tuple[time, time]:
    """When a window opens and closes; raises ValueError where it is none."""
    opens, _, closes = text.partition("-")
    try:
        return clock_of(opens), clock_of(closes)
    except ValueError:
        raise ValueError("is no window such as 20:00-06:00") from None
