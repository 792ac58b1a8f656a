"""Can the daily run do its work here? Each check tries it and says what it found, and what would mend it."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from glob import glob
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit

from analytics.errors import DpmAnalyticsError
from analytics.morning.letters import settings_of
from analytics.morning.password import how_to_close, how_to_keep, source_of, who_else_reads
from analytics.morning.post import greet
from analytics.morning.schedule import plan_of, steps_of, take
from analytics.site import Site

__all__ = ["examine_site"]

_NEW_ENOUGH = dt.timedelta(hours=26)
_CLOCKS_AGREE_S = 120.0
_MOST_FILES = 20_000
_LITTLE_BYTES, _ENOUGH_BYTES = 200_000_000, 2_000_000_000
_TIMEOUT_S = 10.0
# as what a schedule starts, where nobody says otherwise
_WHO = {"windows": "SYSTEM", "systemd": "the service", "cron": "cron"}
_BOUND = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)\s*(?:>=\s*(?P<least>[0-9.]+))?")


@dataclass(frozen=True)
class Finding:
    """What a check found: `status` is ok, warn or fail; `remedy` is "" where nothing is to be done."""

    check: str
    status: str
    said: str
    remedy: str = ""


def examine_site(site: Site, system: str, name: str, now: dt.datetime) -> list[Finding]:
    """All checks of a site file; `system` and `name` are those of its schedule, `now` is the present."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "inputs": lambda: _inputs(site, now),
        "store": lambda: _store(site),
        "output": lambda: _output(site),
        "disk": lambda: _disk(site),
        "mail": lambda: _mail(site),
        "password": lambda: _password(site, system),
        "clock": lambda: _clock(site, now),
        "zone": lambda: _zone(site, now),
        "versions": _versions,
        "schedule": lambda: _schedule(site, system, name),
    }
    return [finding for check, find in checks.items() for finding in _found(check, find)]


def _found(check: str, find: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a check finds; what it may not do or read is a finding, too."""
    try:
        yield from find()
    except DpmAnalyticsError as error:
        place = f"{error.where}: " if error.where else ""
        yield Finding(check, "fail", f"{place}{error.what}", error.expected)
    except OSError as error:
        yield Finding(
            check, "fail", f"{error.filename or check}: {error.strerror or error}", "mend its permissions"
        )


def _inputs(site: Site, now: dt.datetime) -> Iterator[Finding]:
    """Every path of [run] logs is there, can be read, and has new files."""
    if not site.run.logs:
        yield Finding("inputs", "fail", "[run] logs names nothing", 'logs = ["//FS01/dpm-logs"]')
    for text in site.run.logs:
        files = list(_files(str(site.place(text))))
        if not files:
            yield Finding(
                "inputs", "fail", f"{text}: no file there", "mend the path, or the account's rights to it"
            )
            continue
        newest = dt.datetime.fromtimestamp(max(file.stat().st_mtime for file in files), dt.UTC)
        for file in files[-1:]:
            file.open("rb").close()
        said = f"{text}: {len(files)} files, the newest of {newest:%Y-%m-%d %H:%M} UTC"
        if now - newest > _NEW_ENOUGH:
            yield Finding(
                "inputs", "warn", said, "nothing is new since yesterday: does the copy job still run?"
            )
        else:
            yield Finding("inputs", "ok", said)


def _files(path: str) -> Iterator[Path]:
    """The files of a path, a folder or a wildcard, the first _MOST_FILES."""
    left = _MOST_FILES
    for found in map(Path, [path] if Path(path).exists() else sorted(glob(path, recursive=True))):  # noqa: PTH207
        for file in [found] if found.is_file() else (each for each in found.rglob("*") if each.is_file()):
            yield file
            left -= 1
            if not left:
                return


def _store(site: Site) -> Iterator[Finding]:
    """It opens, every part is as it was written, and the last ingest ended."""
    from analytics.store import Store

    if not site.run.store:
        yield Finding("store", "fail", "[run] store names nothing", 'store = "store"')
        return
    folder = site.place(site.run.store)
    if not folder.exists():
        yield Finding("store", "ok", f"{folder} is not there yet; the first run makes it")
        return
    store = Store.open(folder)
    store.snapshot().close()
    state = store.ingest_state()
    if state is not None and state.ended_early:
        yield Finding(
            "store", "warn", f"{folder}: the last ingest did not come to its end", "the next run completes it"
        )
    else:
        yield Finding("store", "ok", f"{folder}: whole")


def _output(site: Site) -> Iterator[Finding]:
    """A file can be made there, and put in the place of another."""
    if not site.run.out:
        yield Finding("output", "fail", "[run] out names nothing", 'out = "reports"')
        return
    folder = site.place(site.run.out)
    folder.mkdir(parents=True, exist_ok=True)
    probe, moved = folder / f".probe.{os.getpid()}", folder / f".probe.{os.getpid()}.moved"
    try:
        probe.write_bytes(b"x")
        probe.replace(moved)
    finally:
        for path in (probe, moved):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    yield Finding("output", "ok", f"{folder} can be written")


def _disk(site: Site) -> Iterator[Finding]:
    """Space below store and reports."""
    for text in filter(None, (site.run.store, site.run.out)):
        folder = next(place for place in (site.place(text), *site.place(text).parents) if place.exists())
        free_bytes = shutil.disk_usage(folder).free
        status = "fail" if free_bytes < _LITTLE_BYTES else "warn" if free_bytes < _ENOUGH_BYTES else "ok"
        remedy = "" if status == "ok" else "free space, or set [run] keep_days"
        yield Finding("disk", status, f"{site.place(text)}: {free_bytes / 1e9:.1f} GB free", remedy)


def _mail(site: Site) -> Iterator[Finding]:
    """The server answers, its certificate is good, the login is taken; nothing is sent."""
    if not site.mail.to:
        yield Finding("mail", "warn", "nobody gets a mail", '[mail] to = ["ops@example.com"]')
        return
    settings = settings_of(site)
    greet(settings)
    login = f", login of {settings.user} taken" if settings.user else ""
    yield Finding("mail", "ok", f"{settings.server}:{settings.its_port} answers ({settings.tls}){login}")


def _password(site: Site, system: str) -> Iterator[Finding]:
    """The account of the daily run has the password, and nobody else can read it."""
    settings = settings_of(site)
    source = source_of(settings) if settings.to and settings.user else ""
    file = Path(settings.password_file or site.place("mail.password"))
    if source == "file":
        others = who_else_reads(file)
        said = f"{file}: {', '.join(others)} can read it" if others else f"{file}: closed to others"
        yield Finding(
            "password", "warn" if others else "ok", said, how_to_close(file, system) if others else ""
        )
    elif source:
        yield Finding(
            "password",
            "warn",
            f"from the {source} of {getpass.getuser()}: another account, such as {_WHO[system]}, does not see it",
            how_to_keep(file, system),
        )


def _clock(site: Site, now: dt.datetime) -> Iterator[Finding]:
    """No log comes from the future; where a ping URL is known, its server's clock says the same as ours."""
    newest = max(
        (file.stat().st_mtime for text in site.run.logs for file in _files(str(site.place(text)))),
        default=0.0,
    )
    ahead_s = newest - now.timestamp()
    if ahead_s > _CLOCKS_AGREE_S:
        yield Finding(
            "clock", "warn", f"the newest log is {ahead_s:.0f} s in the future", "set this computer's clock"
        )
    if not site.run.ping_url:
        yield Finding("clock", "ok", f"it is {now:%Y-%m-%d %H:%M:%S} UTC here; nothing to compare it with")
        return
    parts = urlsplit(site.run.ping_url)
    request = urllib.request.Request(f"{parts.scheme}://{parts.netloc}/", method="HEAD")  # noqa: S310 - http(s) only
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
            dated = answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        with error:
            dated = error.headers.get("Date")
    except OSError as error:
        yield Finding(
            "clock", "warn", f"{parts.hostname} cannot be reached: {error}", "pings would not arrive either"
        )
        return
    off_s = (dt.datetime.now(dt.UTC) - parsedate_to_datetime(dated)).total_seconds() if dated else 0.0
    is_good = abs(off_s) <= _CLOCKS_AGREE_S
    said = f"{abs(off_s):.0f} s from that of {parts.hostname}"
    yield Finding("clock", "ok" if is_good else "warn", said, "" if is_good else "set this computer's clock")


def _zone(site: Site, now: dt.datetime) -> Iterator[Finding]:
    """The site's zone is named."""
    from zoneinfo import ZoneInfo

    if not site.time_zone:
        yield Finding("zone", "fail", "[site] time_zone names nothing", 'time_zone = "Europe/Berlin"')
        return
    there = now.astimezone(ZoneInfo(site.time_zone))
    closes = f"window {site.window_start:%H:%M} to {site.window_end:%H:%M}"
    yield Finding("zone", "ok", f"{site.time_zone}, where it is {there:%H:%M} now; {closes}")


def _versions() -> Iterator[Finding]:
    """Every library that is needed is there, and new enough."""
    import platform

    try:
        needed = [each for each in requires("dpm-analytics") or [] if "extra ==" not in each]
    except PackageNotFoundError:  # a checkout that was not installed
        needed = []
    wrong = list(filter(None, map(_misfit, needed)))
    for said in wrong:
        yield Finding("versions", "fail", said, "python -m pip install --upgrade dpm-analytics")
    if not wrong:
        yield Finding("versions", "ok", f"Python {platform.python_version()}, {len(needed)} libraries")


def _misfit(requirement: str) -> str:
    """What is wrong with one requirement, "" for nothing."""
    match = _BOUND.match(requirement)
    if not match:
        return ""
    try:
        found = version(match["name"])
    except PackageNotFoundError:
        return f"{match['name']} is not installed"
    return (
        f"{match['name']} {found} is older than {match['least']}" if _is_older(found, match["least"]) else ""
    )


def _is_older(found: str, least: str | None) -> bool:
    ours, bound = ([int(part) for part in re.findall(r"\d+", text)] for text in (found, least or ""))
    return bool(bound) and ours[: len(bound)] < bound


def _schedule(site: Site, system: str, name: str) -> Iterator[Finding]:
    """The system knows the daily run."""
    plan = plan_of(site, name, None, "SYSTEM")
    remedy = f"dpm-analytics schedule install --site {site.path}"
    try:
        said = take(steps_of(plan, system, "show"))
    except DpmAnalyticsError as error:
        other = " --system cron" if system == "systemd" else ""
        yield Finding("schedule", "warn", f"{system}: {error.what}", f"{remedy}{other}")
        return
    if (
        plan.command[0] in said
        or f"{name}.timer" in said
        or "TaskName" in said
        or name in said.split("#")[-1]
    ):
        yield Finding("schedule", "ok", f"{system} starts {name}")
    else:
        yield Finding("schedule", "warn", f"{system} does not know {name}", remedy)
