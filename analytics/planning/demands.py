"""What is demanded of a night, from the relations of a session: who is due, by when, and what a plan may move."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from analytics.errors import UsageError
from analytics.planning.jobs import Floats, Jobs
from analytics.planning.normals import turns
from analytics.planning.outlook import Outlook, usual_start_s
from analytics.planning.plan import Choices
from analytics.planning.queue_rules import asked_at
from analytics.sql import Ask

__all__ = ["Clockwork", "choices_of", "clockwork_of", "next_outlook", "opens_of", "past_outlook"]

_EPOCH = date(1970, 1, 1)
_HALF_DAY = timedelta(hours=12)


class Clockwork:
    """The site's clock: which moment a time of day is on a night."""

    def __init__(self, time_zone: str, window_start_s: int) -> None:
        self.zone, self.window_start_s = ZoneInfo(time_zone), window_start_s

    def opens_s(self, night: int) -> float:
        """When the site's window opens on the night of that day number, seconds since 1970."""
        return self._moment(_EPOCH + timedelta(days=night), self.window_start_s).timestamp()

    def at(self, opens_s: float, day_s: int) -> float:
        """The moment nearest to an opening at which the clock shows so many seconds after midnight."""
        opening = datetime.fromtimestamp(opens_s, self.zone)
        trials = (self._moment(opening.date() + timedelta(days=days), day_s) for days in (-1, 0, 1))
        return min(trials, key=lambda moment: abs(moment - opening)).timestamp()

    def after(self, moment_s: float, day_s: int) -> float:
        """The first moment after another at which the clock shows so many seconds after midnight."""
        begin = datetime.fromtimestamp(moment_s, self.zone)
        trials = (self._moment(begin.date() + timedelta(days=days), day_s) for days in (0, 1))
        return next(moment for moment in trials if moment > begin).timestamp()

    def shown(self, moment_s: float) -> str:
        """What the clock shows, as 23:40."""
        return datetime.fromtimestamp(round(moment_s), self.zone).strftime("%H:%M")

    def _moment(self, day: date, day_s: int) -> datetime:
        # by the clock on the wall, as the view nights has it
        local = datetime.combine(day, time(), self.zone) + timedelta(seconds=int(day_s))
        return local.astimezone(UTC)


def clockwork_of(ask: Ask) -> Clockwork:
    """The clock of the session's site."""
    site = ask("site").to_pylist()[0]
    return Clockwork(site["time_zone"] or "UTC", site["window_start_s"])


def next_outlook(ask: Ask, jobs: Jobs, clock: Clockwork) -> Outlook:
    """The next night on which VMs are due, that of most of them where they differ.

    VMs start as long after the opening as they usually do. UsageError where no night is known to be due.
    """
    rows = ask("next_nights").select(["vm", "night", "closes_at", "max_duration_s"])
    nights = rows["night"].cast(pa.int32()).to_numpy()
    if not len(nights):
        raise UsageError(
            "no VM is known to be due on the next nights",
            "--night",
            "name a night of the store, or read more nights",
        )
    days, counts = np.unique(nights, return_counts=True)
    night = int(days[counts.argmax()])
    opens_s = clock.opens_s(night)
    start_s = opens_s + usual_start_s(jobs, opens_of(jobs, clock))
    due = [
        (row["vm"], start_s[jobs.vms.index(row["vm"])], row["closes_at"], row["max_duration_s"])
        for row in _rows(rows.filter(pa.array(nights == night)))
        if row["vm"] in jobs.vms
    ]
    return _outlook(jobs, night, opens_s, due)


def past_outlook(ask: Ask, jobs: Jobs, clock: Clockwork, night: date) -> Outlook:
    """A night of the store, its VMs released as they were; UsageError where none ran."""
    day = (night - _EPOCH).days
    asked_s = np.where((jobs.night == day) & jobs.is_full & (jobs.vm >= 0), asked_at(jobs), np.nan)
    first_s = np.full(len(jobs.vms), np.inf)
    known = np.flatnonzero(~np.isnan(asked_s))
    np.minimum.at(first_s, jobs.vm[known], asked_s[known])
    rules = ask("sla_rules").select(["vm", "night", "rule", "threshold_s", "closes_at"])
    rules = rules.filter(pa.array(rules["night"].cast(pa.int32()).to_numpy() == day))
    demanded: dict[str, dict[str, Any]] = {}
    for row in _rows(rules):
        limits = demanded.setdefault(row["vm"], {"closes_at": row["closes_at"], "max_duration_s": None})
        if row["rule"] == "max_duration":
            limits["max_duration_s"] = row["threshold_s"]
    due = [
        (vm, float(first_s[place]), limits["closes_at"], limits["max_duration_s"])
        for place, vm in enumerate(jobs.vms)
        if np.isfinite(first_s[place])
        and (limits := demanded.get(vm, {"closes_at": None, "max_duration_s": None}))
    ]
    if not due:
        first, last = (_EPOCH + timedelta(days=int(part)) for part in (jobs.night.min(), jobs.night.max()))
        raise UsageError(f"no backup ran on {night}", "--night", f"the store has {first} to {last}")
    return _outlook(jobs, day, clock.opens_s(day), due)


def choices_of(ask: Ask, jobs: Jobs) -> Choices:
    """What the site file says of moves, by VM of the jobs; a move costs 1 where it says nothing."""
    rows = {row["vm"]: row for row in ask("guest_choices").to_pylist()}
    found = [rows.get(vm, {"is_moved": None, "cost": None}) for vm in jobs.vms]
    return Choices(
        must=np.array([row["is_moved"] is True for row in found], bool),
        never=np.array([row["is_moved"] is False for row in found], bool),
        cost=np.array([1.0 if row["cost"] is None else row["cost"] for row in found], float),
    )


def _outlook(
    jobs: Jobs, night: int, opens_s: float, due: list[tuple[str, float, float | None, float | None]]
) -> Outlook:
    places, turn = {vm: place for place, vm in enumerate(jobs.vms)}, turns(jobs)
    # who is released together waits in this order: neither names nor the order of rows may decide
    due = sorted((row for row in due if not np.isnan(row[1])), key=lambda row: turn[places[row[0]]])
    return Outlook(
        night=night,
        opens_s=opens_s,
        vm=np.array([places[row[0]] for row in due], np.int64),
        release_s=np.array([row[1] for row in due], float),
        close_s=np.array([np.inf if row[2] is None else row[2] for row in due], float),
        longest_s=np.array([np.inf if row[3] is None else row[3] for row in due], float),
    )


def opens_of(jobs: Jobs, clock: Clockwork) -> Floats:
    """By job, when the window of its night opened."""
    days, which = np.unique(jobs.night, return_inverse=True)
    return np.array([clock.opens_s(int(day)) for day in days], float)[which]


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows with the closing as seconds since 1970."""
    closes_s = table["closes_at"].cast(pa.int64()).to_pylist()
    plain = table.drop_columns(["closes_at"]).to_pylist()
    return [
        {**row, "closes_at": None if us is None else us / 1e6}
        for row, us in zip(plain, closes_s, strict=True)
    ]
