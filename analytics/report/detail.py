"""Which nights the report shows job by job: the newest, and the worst one.

A year of 800 VMs has two million phases: a page of 40 MB that no browser shows, 7 GB of memory to write it.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from analytics.report.contents import Row, worst_of

JOBS_AT_MOST = 40_000
# queries with rows per job, or per VM and night: of nights that are not drawn they are left out
BY_JOB = ("night_timeline", "night_shares")


def drawn_nights(nights: list[Row]) -> list[Row]:
    """Of the rows of night_summary those whose jobs are drawn one by one, in their order."""
    jobs, chosen = 0, set[dt.date]()
    for row in sorted(nights, key=lambda row: row["night"], reverse=True):
        jobs += row["jobs"]
        if chosen and jobs > JOBS_AT_MOST:
            break
        chosen.add(row["night"])
    worst = worst_of(nights)
    return [row for row in nights if row["night"] in chosen or row["night"] == worst]


def drawn_periods(nights: list[Row]) -> list[tuple[dt.date, dt.date]]:
    """First and last night of each stretch of nights that are drawn; none where all are."""
    shown = {row["night"] for row in drawn_nights(nights)}
    every = sorted(row["night"] for row in nights)
    if len(shown) == len(every):
        return []
    stretches = [list(stretch) for is_shown, stretch in groupby(every, shown.__contains__) if is_shown]
    return [(stretch[0], stretch[-1]) for stretch in stretches]
