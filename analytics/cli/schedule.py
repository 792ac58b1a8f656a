"""dpm-analytics schedule: let the system start the run every day."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import shutil
from pathlib import Path

from analytics.cli import options as shared
from analytics.cli.console import say, say_json
from analytics.clock import clock_of
from analytics.errors import EXIT_DONE, UsageError
from analytics.harmless import visible

EXAMPLES = """\
  dpm-analytics schedule install --site D:\\dpm\\site.toml
  dpm-analytics schedule install --site D:\\dpm\\site.toml --at 07:00 --account CONTOSO\\dpm-report
  dpm-analytics schedule install --site /srv/dpm/site.toml --system systemd --print
  dpm-analytics schedule test --site D:\\dpm\\site.toml
"""

DEFAULT_NAME = "dpm-analytics"
_SYSTEMS = ("windows", "systemd", "cron")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "action",
        metavar="ACTION",
        choices=("install", "show", "test", "remove"),
        help="install; show when it runs next and how it ended; test: start it now; remove",
    )
    parser.add_argument("--site", metavar="FILE", required=True, help="site file with [run]")
    parser.add_argument(
        "--at",
        metavar="HH:MM",
        type=_clock,
        help="time of day by the site's clock; default: ten minutes after the window closes",
    )
    parser.add_argument(
        "--account",
        metavar="NAME",
        default="SYSTEM",
        help="Windows: the account that it runs as; it must be able to read the logs (default: SYSTEM)",
    )
    parser.add_argument(
        "--system", choices=_SYSTEMS, help="whose schedule; default: windows there, else systemd, else cron"
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        default=DEFAULT_NAME,
        type=_name,
        help=f"its name, one for each site file (default: {DEFAULT_NAME})",
    )
    parser.add_argument(
        "--print", action="store_true", dest="only_print", help="only print what would be written and called"
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Do it, or print it."""
    from analytics.morning.schedule import plan_of, steps_of, take
    from analytics.site import load_site

    plan = plan_of(load_site(options.site), options.name, options.at, options.account)
    system = options.system or own_system()
    steps = steps_of(plan, system, options.action)
    said = "\n".join(step.text for step in steps) if options.only_print else take(steps)
    if options.json:
        say_json({"system": system, "at": f"{plan.at:%H:%M}", "zone": plan.zone, "said": said.splitlines()})
    elif not options.quiet:
        for line in said.splitlines():
            say(visible(line.rstrip()))
    return EXIT_DONE


def own_system() -> str:
    """Whose schedule this computer has."""
    if os.name == "nt":
        return "windows"
    is_booted = Path(
        "/run/systemd/system"
    ).is_dir()  # what sd_booted asks; containers and WSL may have systemctl alone
    return "systemd" if is_booted and shutil.which("systemctl") else "cron"


def _clock(text: str) -> dt.time:
    """A time of day."""
    try:
        return clock_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from None


def _name(text: str) -> str:
    """A name that every scheduler takes."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", text):
        raise UsageError(f"{text!r} is no name of a task", "--name", "letters, digits, - and _")
    return text
