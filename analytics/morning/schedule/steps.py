"""Installing, showing, trying and removing a schedule, as files to write and commands to call; printed or done."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import ConfigurationError
from analytics.morning.password import how_to_keep
from analytics.morning.schedule.plan import Plan
from analytics.morning.schedule.unix import cron_line, crontab_with, line_of, service_unit, timer_unit
from analytics.morning.schedule.windows import as_file, needs_password, task_xml

_ETC = Path("/etc/systemd/system")


@dataclass(frozen=True)
class _Step:
    """One thing to do: `text` is what it is for a reader, `do` does it and gives what it said."""

    text: str
    do: Callable[[], str]


def steps_of(plan: Plan, system: str, action: str) -> list[_Step]:
    """What install, show, test or remove means for a system (windows, systemd, cron)."""
    return _ACTIONS[system](plan)[action]


def take(steps: list[_Step]) -> str:
    """Do them, one after the other; ConfigurationError names the one that failed."""
    return "\n".join(filter(None, (step.do().strip() for step in steps)))


def _windows(plan: Plan) -> dict[str, list[_Step]]:
    """Tasks of Task Scheduler; Windows asks for the password of an account that has one."""
    file, xml = plan.folder / f"{plan.name}.task.xml", task_xml(plan)
    named = ("schtasks", "/TN", plan.name)
    login = ("/RU", plan.account, "/RP", "*") if needs_password(plan.account) else ()
    return {
        "install": [
            _writing(file, xml, as_file(xml)),
            _calling(*named[:1], "/Create", *named[1:], "/XML", str(file), "/F", *login, asks=bool(login)),
            *_password_note(plan, "windows", plan.account),
        ],
        "show": [_calling(*named[:1], "/Query", *named[1:], "/V", "/FO", "LIST")],
        "test": [_calling(*named[:1], "/Run", *named[1:])],
        "remove": [_calling(*named[:1], "/Delete", *named[1:], "/F"), _removing(file)],
    }


def _systemd(plan: Plan) -> dict[str, list[_Step]]:
    """Units of the system for root, else of the user."""
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folder = _ETC if is_root and "XDG_CONFIG_HOME" not in os.environ else home / "systemd" / "user"
    control = ("systemctl",) if folder == _ETC else ("systemctl", "--user")
    timer, service = f"{plan.name}.timer", f"{plan.name}.service"
    units = {service: service_unit(plan), timer: timer_unit(plan)}
    reload = _calling(*control, "daemon-reload")
    return {
        "install": [
            *(_writing(folder / name, text, text.encode("utf-8")) for name, text in units.items()),
            reload,
            _calling(*control, "enable", "--now", timer),
            *_password_note(plan, "systemd", "the service"),
        ],
        "show": [_calling(*control, "list-timers", "--all", timer)],
        "test": [_calling(*control, "start", service)],
        "remove": [
            _calling(*control, "disable", "--now", timer),
            *(_removing(folder / name) for name in units),
            reload,
        ],
    }


def _cron(plan: Plan) -> dict[str, list[_Step]]:
    """A line of the user's crontab, known by its mark."""
    line = cron_line(plan)
    return {
        "install": [
            _Step(f"crontab line: {line}", lambda: _replace_line(plan, line)),
            *_password_note(plan, "cron", "cron"),
        ],
        "show": [_Step("crontab -l", lambda: line_of(_crontab(), plan.name) or f"no line of {plan.name}")],
        "test": [_Step(f"as cron would start it: {' '.join(plan.command)}", lambda: _start_bare(plan))],
        "remove": [_Step(f"crontab without: {line}", lambda: _replace_line(plan, ""))],
    }


_ACTIONS = {"windows": _windows, "systemd": _systemd, "cron": _cron}


def _password_note(plan: Plan, system: str, who: str) -> list[_Step]:
    """What is left to do by hand, where the site file names a login and no file with its password."""
    if plan.password_file is None:
        return []
    keep = how_to_keep(plan.password_file, system)
    note = f"to do: {who} does not see the password of [mail] user in your environment or key store: {keep}"
    return [_Step(note, lambda: note)]


def _writing(path: Path, text: str, content: bytes) -> _Step:
    def write() -> str:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise ConfigurationError(
                f"cannot write: {error.strerror or error}", str(path), "run as one who may, or --print"
            ) from error
        return f"wrote {path}"

    return _Step(f"{path}:\n{text}", write)


def _removing(path: Path) -> _Step:
    def remove() -> str:
        with suppress(FileNotFoundError):
            path.unlink()
        return f"removed {path}"

    return _Step(f"remove {path}", remove)


def _calling(*words: str, asks: bool = False) -> _Step:
    return _Step(subprocess.list2cmdline(words), lambda: _call(words, asks=asks))


def _replace_line(plan: Plan, line: str) -> str:
    _call(("crontab", "-"), crontab_with(_crontab(), plan.name, line))
    return line or f"no line of {plan.name} any more"


def _crontab() -> str:
    """The user's crontab; one that is not there is empty."""
    try:
        return _call(("crontab", "-l"))
    except ConfigurationError as error:
        if "no crontab" in error.what:
            return ""
        raise


def _start_bare(plan: Plan) -> str:
    """Start the run as cron does: with almost no environment, in another folder."""
    bare = {name: os.environ[name] for name in ("HOME", "LOGNAME", "USER", "LANG") if name in os.environ}
    return _call(plan.command, environment=bare | {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}, folder="/")


def _call(
    words: tuple[str, ...],
    given: str | None = None,
    environment: dict[str, str] | None = None,
    folder: str | None = None,
    *,
    asks: bool = False,
) -> str:
    """Call a program and give what it says; one that `asks` has the terminal instead.

    Raises ConfigurationError where it is not there or complains.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            words,
            input=given,
            capture_output=not asks,
            check=False,
            encoding="oem" if os.name == "nt" else "utf-8",
            errors="replace",
            env=environment,
            cwd=folder,
        )
    except OSError as error:
        raise ConfigurationError(
            f"cannot be started: {error.strerror or error}",
            words[0],
            "another --system, or --print and do it by hand",
        ) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout or f"exit code {done.returncode}").split())
        raise ConfigurationError(said, subprocess.list2cmdline(words), "see --print")
    return done.stdout or ""
