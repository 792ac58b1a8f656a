"""The site file: what a site knows and its logs do not say. Every key is declared once, in SITE_KEYS."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from analytics.errors import ConfigurationError

Kind = Literal[
    "zone", "clock", "seconds", "texts", "dates", "columns", "zones_by_name", "tracking", "explanations"
]

EXPLAINED = ("error", "hresult", "event")
TRACKINGS = ("", "block_compare", "change_tracking")


@dataclass(frozen=True, slots=True)
class SiteKey:
    """One key of the site file: its section, its name, the field of Site it fills, and what it means."""

    section: str
    name: str
    field: str
    kind: Kind
    example: str
    meaning: str


@dataclass(frozen=True)
class Site:
    """What is known of a site. Times of day are local to `time_zone`; None leaves it to collection.json.

    `path` is the file it was read from, None for the defaults.
    """

    time_zone: str | None = None
    window_start: time = time(22, 0)
    window_end: time = time(6, 0)
    retry_wait_s: float = 180.0
    host_time_zones: Mapping[str, str] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    errlog_time_zone: str = "UTC"
    columns: Mapping[str, str] = field(default_factory=dict)
    vms_exclude: tuple[str, ...] = ()
    tracking: str = ""
    link_overhead_s: float = 120.0
    event_rules: tuple[str, ...] = ()
    explanations: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None

    @property
    def window_s(self) -> float:
        """Length of the backup window in seconds; an end that is not after the start is on the next day."""
        start = self.window_start.hour * 3600 + self.window_start.minute * 60 + self.window_start.second
        end = self.window_end.hour * 3600 + self.window_end.minute * 60 + self.window_end.second
        return float((end - start) % 86400 or 86400)

    def zone_of(self, host: str | None) -> str | None:
        """The zone of a computer's local times; names of computers know no upper and lower case."""
        zones = {name.casefold(): zone for name, zone in self.host_time_zones.items()}
        return zones.get((host or "").casefold(), self.time_zone)


SITE_KEYS = (
    SiteKey(
        "site",
        "time_zone",
        "time_zone",
        "zone",
        '"Asia/Tokyo"',
        "IANA zone of nights, windows and report; default: the DPM server's (collection.json), else UTC.",
    ),
    SiteKey(
        "site",
        "window_start",
        "window_start",
        "clock",
        '"22:00"',
        "Local time at which the backup window opens.",
    ),
    SiteKey(
        "site",
        "window_end",
        "window_end",
        "clock",
        '"06:00"',
        "Local time at which it closes; on the next day where it is not after the start.",
    ),
    SiteKey(
        "claims",
        "retry_wait_s",
        "retry_wait_s",
        "seconds",
        "180",
        "CsvAttemptWaitTime: seconds that DPM waits after a refused claim, where a log shows only one.",
    ),
    SiteKey(
        "ingest",
        "host_time_zones",
        "host_time_zones",
        "zones_by_name",
        '{ HV01 = "Europe/Berlin" }',
        "Time zone of a computer's local times, where it differs from the site's.",
    ),
    SiteKey(
        "ingest",
        "date_formats",
        "date_formats",
        "dates",
        '["%d.%m.%Y %H:%M:%S"]',
        "strptime patterns of localised dates, tried before the built-in ones.",
    ),
    SiteKey(
        "ingest",
        "errlog_time_zone",
        "errlog_time_zone",
        "zone",
        '"UTC"',
        "Time zone of errlog lines; DPM writes UTC.",
    ),
    SiteKey(
        "ingest",
        "columns",
        "columns",
        "columns",
        '{ "Serveur" = "production_server" }',
        "Columns of your exports that have other names, and the column of job_records that each one is.",
    ),
    SiteKey(
        "vms", "exclude", "vms_exclude", "texts", '["*-template"]', "VMs (wildcards) that owe no backup."
    ),
    SiteKey(
        "model",
        "tracking",
        "tracking",
        "tracking",
        '"block_compare"',
        "How changed blocks are found where no log shows it: block_compare, change_tracking or empty.",
    ),
    SiteKey(
        "model",
        "link_overhead_s",
        "link_overhead_s",
        "seconds",
        "120",
        "Fixed seconds per guest-level backup that the estimate adds.",
    ),
    SiteKey(
        "rules",
        "events",
        "event_rules",
        "texts",
        '["Microsoft-Windows-Hyper-V-VMMS/10107"]',
        "Event rules (provider/id) of queries/model/rules/events.csv to switch on that are off as unverified.",
    ),
    SiteKey(
        "rules",
        "explanations",
        "explanations",
        "explanations",
        '{ "error/32612" = "See our runbook 7." }',
        "Your own sentences for failures, by error/ID, hresult/0x... or event/PROVIDER/ID; they come first.",
    ),
)

SECTIONS = tuple(dict.fromkeys(key.section for key in SITE_KEYS))


def load_site(path: str | Path | None = None) -> Site:
    """Read a site file (TOML), or take the defaults; ConfigurationError names file, key and the right one."""
    if path is None:
        return Site()
    path = Path(path)
    return Site(**_fields(_document(path), str(path)), path=path)


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not UTF-8", str(path), "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"is no TOML: {error}", str(path), 'keys look like name = "value"'
        ) from error
    except OSError as error:
        raise ConfigurationError(
            error.strerror or str(error), str(path), "give the path of a site file"
        ) from error


def _fields(document: dict[str, Any], path: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for section, content in document.items():
        if section not in SECTIONS:
            raise _unknown("section", f"[{section}]", section, SECTIONS, path)
        if not isinstance(content, dict):
            raise ConfigurationError(f"{section} is a section, not a value", path, f"write [{section}]")
        values |= _section_fields(section, content, path)
    return values


def _section_fields(section: str, content: dict[str, Any], path: str) -> dict[str, Any]:
    keys = {key.name: key for key in SITE_KEYS if key.section == section}
    unknown = next((name for name in content if name not in keys), None)
    if unknown is not None:
        raise _unknown("key", f"{unknown} in [{section}]", unknown, tuple(keys), path)
    return {keys[name].field: _checked(keys[name], value, path) for name, value in content.items()}


def _unknown(what: str, shown: str, name: str, known: tuple[str, ...], path: str) -> ConfigurationError:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    expected = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
    return ConfigurationError(f"unknown {what} {shown}", path, expected)


def _checked(key: SiteKey, value: Any, path: str) -> Any:
    try:
        return CHECKS[key.kind](value)
    except (ValueError, TypeError) as error:
        where = f"{path}: [{key.section}] {key.name}"
        raise ConfigurationError(
            f"{value!r} {error}", where, f"for example {key.name} = {key.example}"
        ) from error


def check_zone(value: Any) -> str:
    """An IANA time zone name; ValueError says what is wrong otherwise."""
    name = _text(value)
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("is no IANA time zone") from error
    return name


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _clock(value: Any) -> time:
    clock = value if isinstance(value, time) else _parsed_clock(_text(value))
    if clock.tzinfo is not None:
        raise ValueError("carries an offset; the zone stands in [site] time_zone")
    return clock


def _parsed_clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError("is no time of day") from None


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("is no number of seconds")
    if not 0 <= value < 86400 * 7:
        raise ValueError("is out of range")
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("is no list of texts")
    return tuple(_text(entry) for entry in value)


def check_date_format(value: Any) -> str:
    """A strptime pattern that reads back what it writes; ValueError says what is wrong otherwise."""
    pattern = _text(value)
    moment = datetime(2024, 2, 13, 14, 15, 16)  # noqa: DTZ001 - only the pattern is tried
    try:
        same_day = datetime.strptime(moment.strftime(pattern), pattern).date() == moment.date()  # noqa: DTZ007
    except ValueError as error:
        raise ValueError("is no strptime pattern") from error
    if not same_day:
        raise ValueError("leaves year, month or day open")
    return pattern


def _dates(value: Any) -> tuple[str, ...]:
    return tuple(check_date_format(entry) for entry in _texts(value))


def _columns(value: Any) -> dict[str, str]:
    return {name.strip().casefold(): column for name, column in _texts_by_name(value).items()}


def _texts_by_name(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("is no table of names and texts")
    return {name: _text(entry) for name, entry in value.items()}


def _zones_by_name(value: Any) -> dict[str, str]:
    return {name: check_zone(entry) for name, entry in _texts_by_name(value).items()}


def _tracking(value: Any) -> str:
    if _text(value) not in TRACKINGS:
        raise ValueError("is no way of tracking")
    return str(value)


def _explanations(value: Any) -> dict[str, str]:
    sentences = _texts_by_name(value)
    if any(name.partition("/")[0] not in EXPLAINED or not name.partition("/")[2] for name in sentences):
        raise ValueError("names something else than error/ID, hresult/0x... or event/PROVIDER/ID")
    return sentences


CHECKS = {
    "zone": check_zone,
    "clock": _clock,
    "seconds": _seconds,
    "texts": _texts,
    "dates": _dates,
    "columns": _columns,
    "zones_by_name": _zones_by_name,
    "tracking": _tracking,
    "explanations": _explanations,
}
