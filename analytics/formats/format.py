"""What a log format is: it recognises a head and reads a source into Arrow batches and rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import pyarrow as pa

from analytics.sources import Issue, Source, detect_encoding
from analytics.sources.text import EXCERPT_CHARACTERS, to_utf8
from analytics.tables import HOST_KEYS, TABLES

__all__ = ["Ends", "batch_of"]


@dataclass(frozen=True)
class Head:
    """The first 64 KiB of a source, as bytes and as text; `columns` as in Reading: they count in recognition."""

    name: str
    data: bytes
    columns: Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def encoding(self) -> str:
        """Encoding of the text."""
        return detect_encoding(self.data)

    @cached_property
    def text(self) -> str:
        """The head as text without BOM; cut characters at its end are dropped."""
        even = self.data[: len(self.data) // 2 * 2] if self.encoding.startswith("utf-16") else self.data
        return to_utf8(even, self.encoding).decode("utf-8", "replace").lstrip("\ufeff")

    @cached_property
    def lines(self) -> list[str]:
        """Its lines; the last one may be cut."""
        return self.text.splitlines()


@dataclass(frozen=True)
class Reading:
    """How a source is to be read: what the user, the site file and collection.json say about it.

    `time_zone` is the IANA zone of local times without offset, `date_formats` are strptime patterns for
    localised dates that are tried before the built-in ones, `columns` maps column names of an
    export (lower case) to ours. `events_level` is all, or relevant to keep only events of the providers that
    queries/model/rules/events.csv names.
    """

    encoding: str | None = None
    host: str | None = None
    host_from: str | None = None
    year: int | None = None
    collected_at: datetime | None = None
    time_zone: str = "UTC"
    date_formats: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    errlog_time_zone: str = "UTC"
    trace_level: str = "all"
    events_level: str = "all"
    task_times: Callable[[Sequence[str]], Mapping[str, datetime]] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for one table, in the order of the source, and how many well-formed records are left out on request.

    Rows lack what the caller adds (see `row_schema`). `year_from` says how the year of their times was found, where
    the source does not state it.
    """

    table: str
    rows: pa.RecordBatch
    filtered: int = 0
    year_from: str | None = None


# What a source holds, by the first table that its format fills: the column sources.kind.
_KINDS = {
    "trace": "errlog",
    "events": "events",
    "job_records": "job_records",
    "vms": "inventory",
    "vss_writers": "vss_writers",
    "collections": "collection",
}


class Ends(StrEnum):
    """What ends a record of a format, and so what a cut may leave of it as a record.

    Itself: nothing, what is cut is rejected. A line: what ends without a line end. The next record: any last one.
    """

    ITSELF = "itself"
    LINE = "line"
    NEXT = "next"


@dataclass(frozen=True)
class Format:
    """One log format.

    `evidence` names the section of dpm-formats.md and its grade; `service` tells which DPM service wrote a source,
    by the file's name and its beginning. Sources are read in the order of `order`: 0 what names the machine, 1 what
    states its times, 2 what may take the year from there.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    evidence: str
    recognise: Callable[[Head], bool]
    read: Callable[[Source, Reading], Iterator[Batch]]
    service: Callable[[Head], str | None] = lambda _: None
    order: int = 1
    ends: Ends = Ends.NEXT

    @property
    def kind(self) -> str:
        """What a source of this format holds."""
        return _KINDS[self.tables[0]]


def row_schema(table: str) -> pa.Schema:
    """Schema of the rows that a format gives for a table: all columns but those that the caller adds."""
    added = {"source_id", *HOST_KEYS.get(table, ()), *(["path"] if table == "rejects" else [])}
    return pa.schema([entry for entry in TABLES[table].schema if entry.name not in added])


def batch_of(table: str, rows: Sequence[Mapping[str, Any]]) -> Batch:
    """A batch from dictionaries; missing keys become NULL."""
    schema = row_schema(table)
    arrays = [pa.array([row.get(entry.name) for row in rows], type=entry.type) for entry in schema]
    return Batch(table, pa.RecordBatch.from_arrays(arrays, schema=schema))


def reject_row(reason: str, excerpt: str = "", **place: int | None) -> dict[str, Any]:
    """A row of rejects; `place` is line_no, record_no, byte_offset."""
    return {"reason": reason, "excerpt": excerpt[:EXCERPT_CHARACTERS], **place}


def reject_issue(issue: Issue) -> dict[str, Any]:
    """A row of rejects from a stretch that the text layer could not use."""
    return reject_row(issue.reason, issue.excerpt, line_no=issue.line_no, byte_offset=issue.byte_offset)
