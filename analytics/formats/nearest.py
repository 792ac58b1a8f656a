"""Which formats a file that none claims comes near to, and what it lacks of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analytics.formats.errlog.lines import DAMAGED
from analytics.formats.events.labels import column_of, label_of, labelled
from analytics.formats.events.winevent_list import property_of
from analytics.formats.format import Head
from analytics.formats.inventory import vms_csv
from analytics.formats.jobs import alerts_csv, jobs_csv, log_analytics, task_trail_csv
from analytics.formats.jobs.console_labels import labelled as console_label
from analytics.formats.jobs.dpmjob_columns import dpmjob_layout
from analytics.formats.jobs.job_history import NAMES as HISTORY_NAMES
from analytics.formats.reading.csv_layout import Layout, renamed
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.table_text import table_names

__all__ = ["nearest"]


_LISTED = 3
_LEAST_FOUND = 2
_LEAST_SHARE = 0.2
_MISSING_LISTED = 4

_EVENT_FIELDS = ("date", "source", "id", "log", "level", "computer", "description")
_WRITTEN_AS = {
    "date": "a date",
    "source": "a source (provider)",
    "id": "an event id",
    "log": "a log name",
    "level": "a level",
    "computer": "a computer",
    "description": "a description",
}


@dataclass(frozen=True, slots=True)
class Near:
    """A format, how much of what it is told by was found, and what is missing, the most needed first."""

    format: str
    found: int
    of: int
    unit: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        listed = ", ".join(self.missing[:_MISSING_LISTED]) + (
            ", ..." if len(self.missing) > _MISSING_LISTED else ""
        )
        return (
            f"{self.format} ({self.found} of {self.of} {self.unit}{f'; missing {listed}' if listed else ''})"
        )


def nearest(head: Head) -> list[Near]:
    """The formats that a head comes nearest to, at most three, the nearest first."""
    found = [near for find in _FINDERS for near in find(head) if near.found >= _LEAST_FOUND]
    near_enough = [near for near in found if near.found >= _LEAST_SHARE * near.of]
    return sorted(near_enough, key=lambda near: (-near.found / near.of, -near.found))[:_LISTED]


def _of_tables(head: Head) -> Iterable[Near]:
    """Formats that are told by the header of a CSV."""
    for name, layout in _layouts():
        names = header_names(head, renamed(head.columns, layout))
        wanted = dict.fromkeys(target for _, target, _ in layout.columns)
        written = {target: column for column, target, _ in reversed(layout.columns)}
        stated = {target for column, target, _ in layout.columns if layout.name_of(column) in names}
        needed = [target for column, target, _ in layout.columns if column in layout.essential]
        missing = [written[target] for target in (*needed, *wanted) if target not in stated]
        yield Near(name, len(stated), len(wanted), "columns", tuple(dict.fromkeys(missing)))
    yield _by_fields("events-csv", (column_of(name) for name in header_names(head, str)), "columns")


def _layouts() -> tuple[tuple[str, Layout], ...]:
    dates = DateReader()
    return (
        ("jobs-csv", jobs_csv.LAYOUT),
        ("vms-csv", vms_csv.LAYOUT),
        ("task-trail-csv", task_trail_csv.layout(dates)),
        ("log-analytics", log_analytics.layout(dates)),
        ("get-dpmjob-csv", dpmjob_layout(dates)),
        ("dpm-alerts-csv", alerts_csv.layout(dates)),
    )


def _by_fields(name: str, fields: Iterable[str | None], unit: str) -> Near:
    """A format of events by the fields that were found."""
    found = {"id" if each == "instance_id" else each for each in fields}
    missing = tuple(_WRITTEN_AS[each] for each in _EVENT_FIELDS if each not in found)
    return Near(name, len(_EVENT_FIELDS) - len(missing), len(_EVENT_FIELDS), unit, missing)


def _of_texts(head: Head) -> Iterable[Near]:
    """Formats that are told by labels in front of their values."""
    lines = head.lines[:500]
    labels = [label_of(pair[0]) for text in lines if (pair := labelled(text))]
    yield _by_fields("event-text", labels, "labels")
    properties = [column_of(found[0]) for text in lines if (found := property_of(text))]
    yield _by_fields("winevent-list", properties, "properties")
    wanted = ("type", "status", "description", "start", "end", "source")
    known = {pair[0] for text in lines if (pair := console_label(text))}
    missing = tuple(name for name in wanted if name not in known)
    yield Near("dpm-console-details", len(wanted) - len(missing), len(wanted), "labels", missing)


def _of_dashes(head: Head) -> Iterable[Near]:
    """Formats that are told by names above a line of dashes."""
    for names in table_names(head):
        yield _by_fields("winevent-table", (column_of(name) for name in names), "columns")
        missing = tuple(sorted(HISTORY_NAMES - names))
        yield Near("dpm-job-history", len(HISTORY_NAMES & names), len(HISTORY_NAMES), "columns", missing)


def _of_objects(head: Head) -> Iterable[Near]:
    """Formats that are told by the keys of JSON objects or the elements of XML."""
    keys = dict.fromkeys(re.findall(r'"([^"\\]{1,60})"\s{0,4}:', head.text[:16_384]))
    if keys:
        yield _by_fields("events-json", (column_of(key) for key in keys), "keys")
    elements = ("<Event", "<System", "<Provider", "<EventID", "<TimeCreated")
    missing = tuple(element for element in elements if element not in head.text)
    yield Near("events-xml", len(elements) - len(missing), len(elements), "elements", missing)


def _of_errlogs(head: Head) -> Iterable[Near]:
    """The errlog, by lines with some of what its records have."""
    signs = {
        "a date MM/dd": r"(?<!\d)\d\d/\d\d[ \t]",
        "a time HH:mm:ss.fff": r"\d\d:\d\d:\d\d\.\d{3}",
        "a source file with its line": r"\w\.(?:cpp|cs|cxx|c|h|hpp)\(\d+\)",
        "a level": r"\b(?:NORMAL|WARNING|FATAL|CRITICAL|ACTIVITY|ERROR)\b",
    }
    missing = tuple(name for name, pattern in signs.items() if not re.search(pattern, head.text))
    if DAMAGED.search(head.text) or "a source file with its line" not in missing:
        yield Near("dpm-errlog", len(signs) - len(missing), len(signs), "parts of a record", missing)


_FINDERS: tuple[Callable[[Head], Iterable[Near]], ...] = (
    _of_tables,
    _of_texts,
    _of_dashes,
    _of_objects,
    _of_errlogs,
)
