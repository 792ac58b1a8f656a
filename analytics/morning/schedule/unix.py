"""The daily run as a systemd service with its timer, and as a line of cron."""

from __future__ import annotations

import shlex

from analytics.morning.schedule.plan import Plan

_MARK = "# dpm-analytics:"


def service_unit(plan: Plan) -> str:
    """What is started; a password of the mail server may stand in mail.env beside the site file."""
    return f"""\
[Unit]
Description=dpm-analytics: the daily report of {_escaped(plan.command[-2])}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={_escaped(str(plan.folder))}
ExecStart={" ".join(map(_quoted, plan.command))}
EnvironmentFile=-{_escaped(str(plan.folder))}/mail.env
Nice=10
TimeoutStartSec=12h
"""


def timer_unit(plan: Plan) -> str:
    """When; a start that was missed is made up for, and none overlaps (one service)."""
    return f"""\
[Unit]
Description=dpm-analytics: every day at {plan.at:%H:%M} {plan.zone}

[Timer]
OnCalendar=*-*-* {plan.at:%H:%M}:00 {plan.zone}
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""


def cron_line(plan: Plan) -> str:
    """A line of a crontab, by this computer's clock; the run itself keeps a second one out."""
    command = f"cd {shlex.quote(str(plan.folder))} && {shlex.join(plan.command)}".replace("%", "\\%")
    return f"{plan.local_at.minute} {plan.local_at.hour} * * * {command} {_MARK}{plan.name}"


def crontab_with(old: str, name: str, line: str) -> str:
    """The crontab with this line in the place of the one of that name; "" only takes it out."""
    kept = [each for each in old.splitlines() if not each.endswith(f"{_MARK}{name}")]
    return "".join(f"{each}\n" for each in [*kept, *([line] if line else [])])


def line_of(crontab: str, name: str) -> str:
    """The line of that name, "" for none."""
    return next((each for each in crontab.splitlines() if each.endswith(f"{_MARK}{name}")), "")


def _escaped(text: str) -> str:
    """In a unit file a percent sign begins a specifier."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of ExecStart: in quotes, without specifiers and variables."""
    escaped = _escaped(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
