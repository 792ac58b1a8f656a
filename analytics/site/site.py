"""The site file: what a site knows and its logs do not say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analytics.errors import ConfigurationError
from analytics.site.key import SiteKey
from analytics.site.keys import SITE_KEYS
from analytics.site.morning import MailSettings, RunSettings
from analytics.site.sla import SlaRule, read_rules
from analytics.site.values import CHECKS
from analytics.site.zones import near_zone

_SLA = "sla"
_SETTINGS = {"run": RunSettings, "mail": MailSettings}


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
    protected_until: Mapping[str, date] = field(default_factory=dict)
    schedules: Mapping[str, str] = field(default_factory=dict)
    guest_level_never: tuple[str, ...] = ()
    guest_level_always: tuple[str, ...] = ()
    guest_level_costs: Mapping[str, float] = field(default_factory=dict)
    weekend: tuple[str, ...] = ("sat", "sun")
    sla: tuple[SlaRule, ...] = ()
    run: RunSettings = field(default_factory=RunSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    path: Path | None = None

    @property
    def window_s(self) -> float:
        """Length of the backup window in seconds; an end that is not after the start is on the next day."""
        start = self.window_start.hour * 3600 + self.window_start.minute * 60 + self.window_start.second
        end = self.window_end.hour * 3600 + self.window_end.minute * 60 + self.window_end.second
        return float((end - start) % 86400 or 86400)

    def place(self, text: str) -> Path:
        """A path of the site file, absolute: a relative one starts at the file's folder."""
        folder = self.path.parent if self.path else Path()
        return (folder / text).absolute()

    def placed(self, mail: MailSettings) -> MailSettings:
        """Mail settings of this site with the paths of their files absolute."""
        ca_file, password_file = (
            str(self.place(text)) if text else "" for text in (mail.ca_file, mail.password_file)
        )
        return replace(mail, ca_file=ca_file, password_file=password_file)

    def zone_of(self, host: str | None) -> str | None:
        """The zone of a computer's local times; names of computers know no upper and lower case."""
        zones = {name.casefold(): zone for name, zone in self.host_time_zones.items()}
        return zones.get((host or "").casefold(), self.time_zone)


_SECTIONS = (*dict.fromkeys(key.section for key in SITE_KEYS), _SLA)


def load_site(path: str | Path | None = None) -> Site:
    """Read a site file (TOML), or take the defaults; ConfigurationError names file, key and the right one."""
    if path is None:
        return Site()
    path = Path(path)
    site = Site(**_fields(_document(path), str(path)), path=path)
    if both := sorted(set(site.guest_level_never) & set(site.guest_level_always)):
        raise ConfigurationError(
            f"{both[0]} is in guest_level_never and in guest_level_always",
            str(path),
            "keep it in one of [vms]",
        )
    if site.mail.user and site.mail.tls == "none":
        raise ConfigurationError(
            "a login without TLS would show its password to the network",
            f"{path}: [mail] tls",
            'tls = "starttls" or "tls", or no user',
        )
    return site


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
        if section not in _SECTIONS:
            raise _unknown("section", f"[{section}]", section, _SECTIONS, path)
        if section == _SLA:
            values[_SLA] = read_rules(content, path)
            continue
        if not isinstance(content, dict):
            raise ConfigurationError(f"{section} is a section, not a value", path, f"write [{section}]")
        fields = _section_fields(section, content, path)
        values |= {section: _SETTINGS[section](**fields)} if section in _SETTINGS else fields
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
        near = near_zone(value) if key.kind == "zone" and isinstance(value, str) else None
        expected = f"did you mean {near}?" if near else f"for example {key.name} = {key.example}"
        raise ConfigurationError(f"{value!r} {error}", where, expected) from error
