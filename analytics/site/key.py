"""One key of the site file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_Kind = Literal[
    "zone",
    "clock",
    "seconds",
    "texts",
    "dates",
    "columns",
    "zones_by_name",
    "tracking",
    "explanations",
    "ends",
    "schedules",
    "weekdays",
    "costs",
    "text",
    "yes_no",
    "whole",
    "amount",
    "addresses",
    "address",
    "tls",
    "url",
    "depth",
    "forms",
]


@dataclass(frozen=True, slots=True)
class SiteKey:
    """One key of the site file: its section, its name, the field of Site it fills, and what it means.

    The sections `run` and `mail` fill RunSettings and MailSettings instead.
    """

    section: str
    name: str
    field: str
    kind: _Kind
    example: str
    meaning: str
