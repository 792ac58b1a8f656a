"""The first site file: written from what a store shows, with a word on each key."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.harmless import visible
from analytics.site import Site

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["Shown", "shown_by", "site_text"]

_NAMES_SHOWN = 60
# Minutes after noon, so that a night is one stretch; jobs that began or ended far off are left out of the window.
_WINDOW = """
WITH minutes AS (
    SELECT
        (date_part('hour', started_at) * 60 + date_part('minute', started_at) + 720) % 1440 AS began,
        (date_part('hour', ended_at) * 60 + date_part('minute', ended_at) + 720) % 1440 AS ended
    FROM jobs
    WHERE ended_at IS NOT NULL AND kind IN ('express_full', 'recovery_point', 'online')
)
SELECT count(*) AS jobs, quantile_cont(began, 0.05) AS first_min, quantile_cont(ended, 0.95) AS last_min
FROM minutes
"""
_GROUPS = """
SELECT protection_group, count(DISTINCT vm) AS vms
FROM jobs
WHERE protection_group IS NOT NULL
GROUP BY protection_group
ORDER BY protection_group
"""
_VMS = "SELECT DISTINCT vm FROM machines WHERE vm IS NOT NULL ORDER BY vm"
_FEWEST_JOBS = 5
_STEP_MIN = 30


@dataclass(frozen=True)
class Shown:
    """What a store shows of its site; `zone` is None where no log names one, `window` where too few jobs ran."""

    zone: str | None = None
    window: tuple[dt.time, dt.time] | None = None
    jobs: int = 0
    groups: tuple[tuple[str, int], ...] = ()
    vms: tuple[str, ...] = ()


def shown_by(session: Session) -> Shown:
    """Ask a store; the window holds all but the earliest twentieth of starts and the latest of ends, in half hours."""
    row = session.sql(_WINDOW).to_pylist()[0]
    names_zone = session.sql("SELECT status FROM trust WHERE \"check\" = 'time_zone'").to_pylist()
    return Shown(
        zone=session.site.time_zone if names_zone and names_zone[0]["status"] == "ok" else None,
        window=_window(row["first_min"], row["last_min"]) if row["jobs"] >= _FEWEST_JOBS else None,
        jobs=row["jobs"],
        groups=tuple((each["protection_group"], each["vms"]) for each in session.sql(_GROUPS).to_pylist()),
        vms=tuple(each["vm"] for each in session.sql(_VMS).to_pylist()),
    )


def site_text(shown: Shown, logs: str = "logs") -> str:
    """The site file; all that was not shown stands there as a comment or as a default."""
    # never the window that was seen: jobs that were late would be in time by it
    promised = Site()
    ran = "no job shows when they run"
    if shown.window:
        opens, closes = shown.window
        ran = f"the {shown.jobs} jobs in the store ran from {opens:%H:%M} to {closes:%H:%M}, late ones too"
    zone = f"time_zone = {json.dumps(shown.zone)}" if shown.zone else '# time_zone = "Europe/Berlin"'
    return f"""\
# The site file of dpm-analytics: what its logs do not say. Every key: dpm-analytics, analytics/cli/README.md

[site]
# IANA zone of nights, windows and reports; {"as the logs name it" if shown.zone else "no log names it, a run needs it"}
{zone}
# the backup window: put your promise to the business here ({ran})
window_start = "{promised.window_start:%H:%M}"
window_end = "{promised.window_end:%H:%M}"

[run]
# what is read every day; paths are relative to this file (on Windows: "//FS01/dpm-logs" or 'D:\\logs')
logs = [{json.dumps(logs)}]
store = "store"
out = "reports"
keep_days = 400
# called at the start (/start), at the end, and where something failed (/fail)
# ping_url = "https://hc-ping.com/UUID"

[mail]
# to = ["ops@example.com"]
# from = "dpm@example.com"
# server = "mail.example.com"
# tls = "starttls"  # or "tls", or "none" within your own network
# user = "dpm"
# its password, alone in a file that only the account of the task may read: doctor says how
# password_file = "mail.password"
# a short mail instead of a whole one where nothing changed and nothing was missed
only_on_change = true

[vms]
# exclude = ["*-template"]
# protected_until = {{ OLD01 = 2025-04-13 }}
{_names("the VMs that the logs name", shown.vms)}
# rules beside the window; protection groups by name
{_names("groups", tuple(f"{name} ({vms} VMs)" for name, vms in shown.groups))}
# [[sla]]
# rule = "max_duration"
# group = {json.dumps(visible(shown.groups[0][0]) if shown.groups else "Tier 1", ensure_ascii=False)}
# threshold = "4h"
"""


def _window(first_min: float, last_min: float) -> tuple[dt.time, dt.time]:
    """Minutes after noon as times of day, in half hours outwards."""
    opens = int(first_min // _STEP_MIN * _STEP_MIN)
    closes = int(-(-last_min // _STEP_MIN) * _STEP_MIN)
    return _clock(opens), _clock(closes)


def _clock(minutes: int) -> dt.time:
    hours, rest = divmod((minutes + 720) % 1440, 60)
    return dt.time(hours, rest)


def _names(what: str, names: tuple[str, ...]) -> str:
    """Names as comments, one a line, the first _NAMES_SHOWN; no name of a log ends its line."""
    lines = [f"# {what}:"] if names else [f"# {what}: none known yet"]
    lines += [f"#   {visible(name)}" for name in names[:_NAMES_SHOWN]]
    more = len(names) - _NAMES_SHOWN
    return "\n".join([*lines, *([f"#   and {more} more"] if more > 0 else [])])
