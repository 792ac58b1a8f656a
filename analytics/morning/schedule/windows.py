"""The daily run as a task of Windows Task Scheduler, in the XML that schtasks takes.

Schema: https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema (version 1.2, Windows Vista and later).
"""

from __future__ import annotations

import datetime as dt
import subprocess
from xml.etree import ElementTree as ET

from analytics.morning.schedule.plan import Plan

_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
# Accounts that need no password, by the names that Windows shows; their security ids hold in every language.
_SERVICES = {"SYSTEM": "S-1-5-18", "LOCAL SERVICE": "S-1-5-19", "NETWORK SERVICE": "S-1-5-20"}
_SETTINGS = (
    ("MultipleInstancesPolicy", "IgnoreNew"),
    ("DisallowStartIfOnBatteries", "false"),
    ("StopIfGoingOnBatteries", "false"),
    ("AllowHardTerminate", "true"),
    ("StartWhenAvailable", "true"),
    ("RunOnlyIfNetworkAvailable", "false"),
    ("AllowStartOnDemand", "true"),
    ("Enabled", "true"),
    ("Hidden", "false"),
    ("RunOnlyIfIdle", "false"),
    ("WakeToRun", "false"),
    ("ExecutionTimeLimit", "PT12H"),
    ("Priority", "7"),
)


def task_xml(plan: Plan) -> str:
    """The task; schtasks wants it in UTF-16 with a byte order mark (`as_file`)."""
    ET.register_namespace("", _NAMESPACE)
    task = ET.Element(_tag("Task"), version="1.2")
    info = _add(task, "RegistrationInfo")
    _add(info, "Author", "dpm-analytics")
    _add(info, "Description", f"dpm-analytics: the daily report of {plan.command[-2]}")
    trigger = _add(_add(task, "Triggers"), "CalendarTrigger")
    start = dt.datetime.combine(plan.today, plan.local_at.replace(second=0, microsecond=0))
    _add(trigger, "StartBoundary", start.isoformat())
    _add(_add(trigger, "ScheduleByDay"), "DaysInterval", "1")
    _add_principal(_add(task, "Principals"), plan.account)
    settings = _add(task, "Settings")
    for name, value in _SETTINGS:
        _add(settings, name, value)
    action = _add(_add(task, "Actions", Context="Author"), "Exec")
    _add(action, "Command", plan.command[0])
    _add(action, "Arguments", subprocess.list2cmdline(plan.command[1:]))
    _add(action, "WorkingDirectory", str(plan.folder))
    ET.indent(task)
    return '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(task, encoding="unicode") + "\n"


def as_file(xml: str) -> bytes:
    """UTF-16 with a byte order mark and the line ends of Windows."""
    return b"\xff\xfe" + xml.replace("\n", "\r\n").encode("utf-16-le")


def needs_password(account: str) -> bool:
    """Whether Windows keeps a password for the account: not for its services, nor for managed ones (NAME$)."""
    return account.upper() not in _SERVICES and not account.endswith("$")


def _add_principal(principals: ET.Element, account: str) -> None:
    """The account; a service account has no kind of logon in this schema."""
    principal = _add(principals, "Principal", id="Author")
    service = _SERVICES.get(account.upper())
    _add(principal, "UserId", service or account)
    if not service:
        _add(principal, "LogonType", "Password")
    _add(principal, "RunLevel", "LeastPrivilege")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(name), attributes)
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
