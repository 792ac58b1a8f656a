"""What is to be started, where and when, for every kind of scheduler; all paths absolute."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.errors import ConfigurationError
from analytics.site import Site

_AFTER_WINDOW = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Plan:
    """A daily start: `at` is a time of the site's clock (`zone`), `local_at` the same by this computer's clock today.

    `account` is the Windows account that it runs as; `password_file` is where the password of the mail server is to
    stand, None where no file is missing.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    at: dt.time
    local_at: dt.time
    zone: str
    account: str
    today: dt.date
    password_file: Path | None = None


def plan_of(site: Site, name: str, at: dt.time | None, account: str, now: dt.datetime | None = None) -> Plan:
    """The daily run of a site file; ten minutes after the window closes where no time is given.

    `now` is the present by this computer's clock and zone. Raises ConfigurationError where the file does not say what
    is to be run.
    """
    if not site.path or not site.time_zone or not site.run.logs:
        missing = "[site] time_zone" if site.run.logs else "[run] logs"
        raise ConfigurationError("nothing to run", f"{site.path}: {missing}", "see dpm-analytics init")
    path, now = site.path.absolute(), now or dt.datetime.now().astimezone()
    zone = ZoneInfo(site.time_zone)
    due = dt.datetime.combine(now.date(), at or site.window_end, zone) + (
        dt.timedelta() if at else _AFTER_WINDOW
    )
    return Plan(
        name=name,
        command=(*_program(), "run", "--site", str(path), "--quiet"),
        folder=path.parent,
        at=due.time(),
        local_at=due.astimezone(now.tzinfo).time(),
        zone=site.time_zone,
        account=account,
        today=now.date(),
        password_file=site.place("mail.password") if site.mail.user and not site.mail.password_file else None,
    )


def _program() -> tuple[str, ...]:
    """The command of this very installation; without one, this Python with the package."""
    script = shutil.which("dpm-analytics", path=str(Path(sys.executable).parent))
    return (str(Path(script).absolute()),) if script else (sys.executable, "-m", "analytics")
