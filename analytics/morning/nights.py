"""Which night a run is about, and the moment from which it can be judged. Wall times are those of the site's zone."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from analytics.site import Site

_DAY = dt.timedelta(days=1)
_LONGEST_NAP_S = 60.0


def window_end(site: Site, night: dt.date) -> dt.datetime:
    """When the window of a night closes; nights of 23 and 25 hours are counted by the clock on the wall."""
    day = night if site.window_end > site.window_start else night + _DAY
    return dt.datetime.combine(day, site.window_end, ZoneInfo(site.time_zone or "UTC"))


def window_start(site: Site, night: dt.date) -> dt.datetime:
    """When the window of a night opens."""
    return dt.datetime.combine(night, site.window_start, ZoneInfo(site.time_zone or "UTC"))


def last_night(site: Site, now: dt.datetime) -> dt.date:
    """The newest night whose window has closed at `now`."""
    today = now.astimezone(ZoneInfo(site.time_zone or "UTC")).date()
    return next(night for night in (today, today - _DAY, today - 2 * _DAY) if window_end(site, night) <= now)


def window_under_way(site: Site, now: dt.datetime) -> dt.date | None:
    """The night in whose window `now` lies; None outside of windows."""
    night = last_night(site, now) + _DAY
    return night if window_start(site, night) <= now else None


def wait_for(
    moment: dt.datetime,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    nap: Callable[[float], None] = time.sleep,
) -> None:
    """Return once `moment` has come by the computer's clock, also where that is set meanwhile."""
    while (left_s := (moment - now()).total_seconds()) > 0:
        nap(min(left_s, _LONGEST_NAP_S))
