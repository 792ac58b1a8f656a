"""How deep a report goes: which nights it is of, and which sections it has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.report.compliance_sections import COMPLIANCE
from analytics.report.contents import Section
from analytics.report.evidence_sections import COVERAGE, FAILURES
from analytics.report.planning_sections import FORECAST, WHY
from analytics.report.sections import (
    GUEST,
    OFFENDERS,
    OFFENDERS_OF_A_NIGHT,
    PHASES,
    PHASES_OF_A_WEEK,
    SECTIONS,
    SLA,
    TIMELINE_OF_A_NIGHT,
    WAITING,
)
from analytics.report.usual_section import USUAL

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["DEPTHS", "WHOLE", "Depth", "nights_of"]

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Depth:
    """One kind of report, named as in words/; `first_of` gives the first night of one that ends with a night.

    `says_changes`: whether it says how the last night compares with others.
    """

    name: str
    sections: tuple[Section, ...]
    first_of: Callable[[dt.date], dt.date | None]
    says_changes: bool = True


WHOLE = Depth("whole", tuple(part for part in SECTIONS if part is not COMPLIANCE), lambda _: None)
_DAILY = Depth(
    "daily",
    (OFFENDERS_OF_A_NIGHT, USUAL, TIMELINE_OF_A_NIGHT, FAILURES, PHASES, WAITING, COVERAGE),
    lambda night: night,
)
_WEEKLY = Depth(
    "weekly",
    (SLA, OFFENDERS, FAILURES, PHASES_OF_A_WEEK, WHY, WAITING, GUEST, FORECAST, COVERAGE),
    lambda night: night - 6 * _DAY,
)
_MONTHLY = Depth("monthly", (COMPLIANCE, SLA, COVERAGE), lambda night: night.replace(day=1), False)
DEPTHS = {depth.name: depth for depth in (_DAILY, _WEEKLY, _MONTHLY)}


def nights_of(session: Session, depth: Depth, until: dt.date | None) -> tuple[dt.date | None, dt.date | None]:
    """First and last night of a report that ends with the last night due, no later than `until`.

    Where nothing was ever due the last night with jobs counts; without any night the report is of all.
    """
    asked = {"since": None, "until": until}
    night = session.run("key_figures", **asked).to_pylist()[0]["last_night"]
    if night is None:
        nights = session.run("night_summary", **asked).column("night").to_pylist()
        night = max(nights, default=until)
    return (depth.first_of(night), night) if night else (None, None)
