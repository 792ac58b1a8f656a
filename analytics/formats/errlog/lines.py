"""Errlog records that are not in the raw form, line by line: cut columns, collapsed tabs, findstr and Excel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analytics.formats.errlog.services import SERVICES
from analytics.formats.reading.dates import month_number
from analytics.formats.reading.values import GUID

_FILE_PREFIX = r"(?:(?P<log>(?:[A-Za-z]:)?[^:\t\n\"<>|*?]*?\.errlog(?:\.[^\s:]+)?):)?"
_OBJECT = r"\[(?P<object>[0-9A-Fa-f]{8,16})\]"
_SOURCE_FILE = r"(?P<file>[\w.+-]+)\((?P<file_line>\d{1,9})\)"

_TABBED = re.compile(
    rf"^{_FILE_PREFIX}(?:(?P<pid>[0-9A-Fa-f]{{1,8}})\t(?P<tid>[0-9A-Fa-f]{{1,8}})\t)?"
    r"(?P<month>\d\d)/(?P<day>\d\d)\t(?P<time>\d\d:\d\d:\d\d\.\d{3})\t"
    rf"(?P<component>[0-9A-Fa-f]{{1,4}})\t{_SOURCE_FILE}\t(?:{_OBJECT})?\t\{{?(?P<task_id>{GUID})?\}}?\t"
    r"(?P<level>[A-Z][A-Z_]*)\t?(?P<message>.*)$",
    re.DOTALL,
)
_COLLAPSED = re.compile(
    rf"^{_FILE_PREFIX}\s*(?:(?P<pid>[0-9A-Fa-f]{{1,8}})\s+(?P<tid>[0-9A-Fa-f]{{1,8}})\s+)?"
    r"(?P<month>\d\d)/(?P<day>\d\d)\s+(?P<time>\d\d:\d\d:\d\d\.\d{3})\s+"
    rf"(?P<component>[0-9A-Fa-f]{{1,4}})\s+{_SOURCE_FILE}\s+(?:{_OBJECT}\s+)?(?:\{{?(?P<task_id>{GUID})\}}?\s+)?"
    r"(?P<level>[A-Z][A-Z_]*)(?:\s+(?P<message>.*))?$",
    re.DOTALL,
)
_EXCEL = re.compile(
    rf"^\"?{_FILE_PREFIX}(?P<pid>[0-9A-Fa-f]{{2,8}})\s+(?:(?P<tid>[0-9A-Fa-f]{{2,8}})\s+)?"
    r"(?P<day>\d{1,2})-(?P<month>[A-Z][a-z]{2})\s+(?P<time>\d{1,2}:\d\d:\d\d [AP]M)\s+"
    rf"(?:(?P<component>[0-9A-Fa-f]{{1,4}})\s+)?{_SOURCE_FILE}\s+(?:{_OBJECT}\s+)?(?:\{{?(?P<task_id>{GUID})\}}?\s+)?"
    r"(?P<level>[A-Z][A-Z_]*)(?:\s+(?P<message>.*))?$",
    re.DOTALL,
)
_FORMS = (("tabs", _TABBED), ("blanks", _COLLAPSED), ("findstr", _EXCEL))
FIND_HEADING = re.compile(r"^-{10} \S.*\.(?:errlog|crash|log|txt)\s*$", re.IGNORECASE)
DAMAGED = re.compile(
    r"\t\d\d:\d\d:\d\d\.\d{3}\t|\d\d:\d\d:\d\d.{0,200}\w\.(?:cpp|cs|cxx|c|h|hpp)\(\d+\)|^[0-9A-F]{4}\t[0-9A-F]{4}\t"
)
_HOST_IN_NAME = re.compile(rf"^(?P<host>[^\\/]+?)[-_.](?:{'|'.join(SERVICES)})[^\\/]*$", re.IGNORECASE)
_HOST_IN_UNC = re.compile(r"^\\\\(?P<host>[^\\/?.]+)\\")


@dataclass(frozen=True, slots=True)
class SlowRecord:
    """One record that was read by a regular expression. `time_us` counts from midnight; month and day are checked."""

    line_index: int
    form: str
    month: int
    day: int
    time_us: int
    host: str | None
    fields: dict[str, str | None]
    message: str


def parse_line(text: str, line_index: int) -> SlowRecord | str | None:
    """A record, the reason why it is a damaged one, or None for a line that is none (continuation)."""
    for form, pattern in _FORMS:
        if match := pattern.match(text):
            return _record(match, form, line_index)
    if DAMAGED.search(text):
        return (
            "damaged record: expected PID TID MM/dd HH:mm:ss.fff code file(line) [object] task LEVEL message"
        )
    return None


def _record(match: re.Match[str], form: str, line_index: int) -> SlowRecord | str:
    fields = match.groupdict()
    month = month_number(fields["month"] or "")
    time_us = clock_us(fields["time"] or "")
    if not (1 <= month <= 12 and 1 <= int(fields["day"] or 0) <= 31) or time_us is None:
        return "not a date: expected month 01-12, day 01-31 and a time below 24:00"
    message = fields["message"] or ""
    if form == "findstr":
        message = _without_excel_quotes(message.rstrip())
    return SlowRecord(
        line_index, form, month, int(fields["day"] or 0), time_us, host_of_log(fields["log"]), fields, message
    )


def _without_excel_quotes(text: str) -> str:
    """Excel encloses texts with commas or quotes, and doubles the quotes inside."""
    is_enclosed = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"') if is_enclosed else text


def clock_us(text: str) -> int | None:
    """Microseconds since midnight of `HH:mm:ss.fff` or `h:mm:ss AM`; None where there is no such time."""
    clock, _, half = text.partition(" ")
    hour, minute, second = clock.split(":")
    hours = int(hour) % 12 + (12 if half == "PM" else 0) if half else int(hour)
    milliseconds = round(float(second) * 1000)
    if hours > 23 or int(minute) > 59 or milliseconds > 59_999 or (half and not 1 <= int(hour) <= 12):
        return None
    return ((hours * 60 + int(minute)) * 60_000 + milliseconds) * 1000


def host_of_log(log: str | None) -> str | None:
    r"""The computer that a findstr prefix names: HV01 in `HV01-DPMRACurr.errlog` or `\\HV01\c$\...`, else None."""
    if not log:
        return None
    if unc := _HOST_IN_UNC.match(log):
        return unc["host"]
    named = _HOST_IN_NAME.match(log.replace("/", "\\").rsplit("\\", 1)[-1])
    return named["host"] if named else None
