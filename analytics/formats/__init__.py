"""One file per log format; a format is recognised by its content, never by its name."""

from __future__ import annotations

from analytics.formats.collection_json import COLLECTION_JSON
from analytics.formats.format import Batch, Format, Head, Reading
from analytics.formats.jobs_csv import JOBS_CSV
from analytics.formats.vms_csv import VMS_CSV

# In order of precedence; dpm-errlog comes first: `ERRLOG,`.
FORMATS: tuple[Format, ...] = (
    COLLECTION_JSON,
    JOBS_CSV,
    VMS_CSV,
)


def recognise(head: Head) -> Format | None:
    """The first format that claims this head; None for an unknown log."""
    return next((entry for entry in FORMATS if entry.recognise(head)), None)


def by_name(name: str) -> Format | None:
    """The format of that name; None where there is none."""
    return next((entry for entry in FORMATS if entry.name == name), None)


__all__ = ["FORMATS", "Batch", "Format", "Head", "Reading", "by_name", "recognise"]
