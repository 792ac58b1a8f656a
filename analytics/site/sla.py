"""The rules that backups are judged by: `[[sla]]` of the site file, side by side, each with the dates it holds on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import combinations
from typing import Any

from analytics.clock import window_of
from analytics.errors import ConfigurationError

_BACKUP_WINDOW = "backup_window"
# Rule and the threshold in seconds that holds where the file names none; None: the file must name one.
_DEFAULT_THRESHOLDS_S: Mapping[str, float | None] = {
    _BACKUP_WINDOW: 0.0,
    "max_duration": None,
    "rpo_disk": 36 * 3600.0,
    "rpo_cloud": 60 * 3600.0,
    "dpm_sla": None,
}
SLA_KEYS = (
    ("rule", '"max_duration"', f"What is demanded: {', '.join(_DEFAULT_THRESHOLDS_S)}."),
    ("vms", '["SQL*"]', "Names of VMs (wildcards) it holds for; without `vms` and `group` for all."),
    ("group", '"Tier 1"', "Protection group it holds for."),
    (
        "threshold",
        '"4h"',
        "Its limit: hours as a number, or 90min, 4h, 2d; for backup_window 22:00-06:00 (default: the site's window).",
    ),
    ("from", "2025-04-01", "First night it is valid on; without it from the beginning."),
    ("until", "2025-12-31", "Last night it is valid on; without it until further notice."),
)
# ten years: no rule is longer, and moments stay within the calendar
_LONGEST_S = 3_653 * 86_400.0
_UNITS_S = {"min": 60.0, "h": 3600.0, "d": 86400.0}
_SPAN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>min|h|d)")
_EARLIEST, _LATEST = date.min, date.max


@dataclass(frozen=True, slots=True)
class SlaRule:
    """One rule with the machines and the nights it holds for.

    `vms` are patterns of names, `group` is a protection group; neither: all VMs. `threshold_s` are seconds (0 for a
    window), `window` is the begin and end of a backup window of its own, None for the site's. `first` and `last` are
    nights, inclusive.
    """

    rule: str
    vms: tuple[str, ...] = ()
    group: str | None = None
    threshold_s: float = 0.0
    window: tuple[time, time] | None = None
    first: date = _EARLIEST
    last: date = _LATEST

    @property
    def holds_for(self) -> tuple[str, tuple[str, ...], str | None]:
        """The rule and whom it holds for; two entries with the same may not be valid on one night."""
        return self.rule, tuple(sorted(name.casefold() for name in self.vms)), self.group


def read_rules(entries: Any, path: str) -> tuple[SlaRule, ...]:
    """The `[[sla]]` entries of a site file; ConfigurationError names the entry, the key and what would be right."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError("sla is a list of rules", path, "write [[sla]] above each rule")
    rules = tuple(_rule(entry, f"{path}: [[sla]] {number}") for number, entry in enumerate(entries, 1))
    _demand_apart(rules, path)
    return rules


def _rule(entry: Mapping[str, Any], where: str) -> SlaRule:
    known = [name for name, _, _ in SLA_KEYS]
    unknown = next((name for name in entry if name not in known), None)
    if unknown:
        raise ConfigurationError(f"unknown key {unknown}", where, f"known: {', '.join(known)}")
    rule = str(entry.get("rule"))
    if rule not in _DEFAULT_THRESHOLDS_S:
        raise ConfigurationError(f"rule = {rule!r}", where, f"one of {', '.join(_DEFAULT_THRESHOLDS_S)}")
    if "vms" in entry and "group" in entry:
        raise ConfigurationError("vms and group at once", where, "two rules, or one of both")
    first = _checked(entry, "from", _day, _EARLIEST, where)
    last = _checked(entry, "until", _day, _LATEST, where)
    if first > last:
        raise ConfigurationError(f"until = {last} lies before from = {first}", where, "a later date")
    vms, group = _checked(entry, "vms", _names, (), where), _checked(entry, "group", _name, None, where)
    if rule == _BACKUP_WINDOW:
        window = _checked(entry, "threshold", _window, None, where)
        return SlaRule(rule, vms, group, window=window, first=first, last=last)
    threshold_s = _checked(entry, "threshold", _span_s, _DEFAULT_THRESHOLDS_S[rule], where)
    if threshold_s is None:
        raise ConfigurationError(f"{rule} without threshold", where, 'for example threshold = "4h"')
    return SlaRule(rule, vms, group, threshold_s, first=first, last=last)


def _demand_apart(rules: Sequence[SlaRule], path: str) -> None:
    """Two entries for the same machines and rule must not both be valid on one night."""
    for (i, one), (j, other) in combinations(enumerate(rules, 1), 2):
        if one.holds_for == other.holds_for and one.first <= other.last and other.first <= one.last:
            day = max(one.first, other.first)
            what = (
                f"rules {i} and {j} ({one.rule}) are both valid on {day if day > _EARLIEST else 'all nights'}"
            )
            raise ConfigurationError(what, f"{path}: [[sla]] from, until", "dates that do not overlap")


def _checked(
    entry: Mapping[str, Any], name: str, check: Callable[[Any], Any], default: Any, where: str
) -> Any:
    if name not in entry:
        return default
    try:
        return check(entry[name])
    except (ValueError, TypeError) as error:
        example = next(example for key, example, _ in SLA_KEYS if key == name)
        raise ConfigurationError(
            f"{name} = {entry[name]!r} {error}", where, f"for example {name} = {example}"
        ) from error


def _day(value: Any) -> date:
    if type(value) is not date:
        raise TypeError("is no date")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("is no name")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError("is no list of names")
    return tuple(_name(entry) for entry in value)


def _span_s(value: Any) -> float:
    found = _seconds_of(value)
    if not 0 < found <= _LONGEST_S:
        raise ValueError("is no span of time")
    return found


def _seconds_of(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) * _UNITS_S["h"]
    match = _SPAN.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    return float(match["number"]) * _UNITS_S[match["unit"]] if match else 0.0


def _window(value: Any) -> tuple[time, time]:
    if not isinstance(value, str):
        raise TypeError("is no window")
    return window_of(value)
