"""What format is this, how was this line read, why was it rejected."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.errors import NoInputError, SourceError, UsageError
from analytics.formats import Head, Reading
from analytics.formats.nearest import nearest
from analytics.ingest.account import PLACES
from analytics.ingest.known import UNKNOWN, no_format
from analytics.ingest.meanings import MAX_CHARACTERS, Meaning, meanings
from analytics.ingest.options import IngestOptions
from analytics.ingest.plan import Planned, plan, reading_of
from analytics.ingest.steps import REJECTS
from analytics.sources import Issue, detect_encoding, text_lines
from analytics.sources.text import to_utf8

# Formats of which a short text is what somebody pasted to ask about.
_PASTED = frozenset(
    {"dpm-console-details", "event-text", "winevent-list", "winevent-table", "dpm-alerts-csv"}
)


# As people say it: error 104, error code: 104.
_SAID_ERROR = re.compile(r"\berror(?: code| id)?\s?[:#]?\s?(\d{2,6})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a source, and one line of it, is read.

    `table` and `fields` hold the record that the line belongs to; `reason` says why it was rejected; `text` is the line
    as the source has it. All are None for a file as a whole. `nearest` says of a file that no format claims what it
    lacks of which; `meanings` what the error ids, HRESULTs and events of the line, or of a short text, mean.
    """

    path: str
    format: str
    title: str
    evidence: str
    encoding: str
    host: str | None
    host_from: str | None
    time_zone: str
    year_from: str | None
    line_no: int | None = None
    text: str | None = None
    table: str | None = None
    fields: dict[str, Any] | None = None
    reason: str | None = None
    nearest: tuple[str, ...] = ()
    meanings: tuple[Meaning, ...] = ()

    @property
    def is_understood(self) -> bool:
        """Whether a format claims the source, or a code in it is explained."""
        return self.format != UNKNOWN or bool(self.meanings)


def explain_line(
    path: str | Path, line_no: int | None = None, options: IngestOptions | None = None
) -> Explanation:
    """Explain a file, or one of its lines (from 1).

    A member of an archive is named as reports name it: archive.zip!folder/file. Raises NoInputError where
    nothing can be read at `path`, UsageError for a folder, an archive of several files or a line that does not exist.
    """
    options = options or IngestOptions()
    return _explain(_only(str(path), options), line_no, options)


def explain_text(text: str, options: IngestOptions | None = None) -> tuple[Meaning, ...]:
    """What the error ids and HRESULTs in a text mean; a number alone, or behind `error`, is an error id of DPM."""
    words = text.strip()
    said = f"ID {words}" if words.isascii() and words.isdecimal() else _SAID_ERROR.sub(r"ID \1", words)
    return tuple(meanings(said, [], (options or IngestOptions()).site))


def _only(path: str, options: IngestOptions) -> Planned:
    archive = _archive_of(path)
    planned, unreadable = plan([archive or path], options.site.columns)
    if archive:
        member = f"{Path(archive)}{path.removeprefix(archive)}"
        planned = [each for each in planned if each.source.path == member]
        unreadable = [each for each in unreadable if each.path in {member, str(Path(archive))}]
    if unreadable:
        raise NoInputError(unreadable[0].reason, unreadable[0].path)
    if archive and not planned:
        raise NoInputError("no such member", path, f"dpm-analytics explain {archive} names one")
    if len(planned) != 1:
        example = f", for example {planned[0].source.path}" if planned else ""
        raise UsageError(f"{len(planned)} files", path, f"name one file{example}")
    return planned[0]


def _archive_of(path: str) -> str | None:
    """The archive of archive.zip!member; None for a path that exists, or that names no file before a `!`."""
    if Path(path).exists():
        return None
    stops = [index for index, letter in enumerate(path) if letter == "!"]
    return next((path[:stop] for stop in stops if Path(path[:stop]).is_file()), None)


def _explain(planned: Planned, line_no: int | None, options: IngestOptions) -> Explanation:
    source, format_ = planned.source, planned.format
    reading = reading_of(planned, replace(options, trace_level="all", events_level="all"))
    encoding = options.encoding or detect_encoding(source.head)
    about = (format_.name, format_.title, format_.evidence) if format_ else (UNKNOWN, _why_not(planned), "")
    found = _Found()
    text = None
    if line_no is not None:
        text = _line(planned, line_no, encoding)
        found = _record(planned, line_no, reading)
        if found.fields and "host_from" in found.fields and found.fields["host"] is None:
            found.fields.update({"host": reading.host, "host_from": reading.host_from})
    return Explanation(
        source.path,
        *about,
        encoding,
        reading.host,
        reading.host_from,
        reading.time_zone,
        found.year_from if line_no is not None else _year_from(planned, reading),
        line_no,
        text,
        found.table,
        found.fields,
        found.reason,
        () if format_ or planned.no_log else _nearest_formats(planned, options),
        tuple(_meanings(planned, reading, text, found, options)),
    )


def _nearest_formats(planned: Planned, options: IngestOptions) -> tuple[str, ...]:
    """The formats that a source comes nearest to, with what it lacks of them."""
    head = Head(planned.source.name, planned.source.head, options.site.columns)
    return tuple(map(str, nearest(head)))


def _meanings(
    planned: Planned, reading: Reading, text: str | None, found: _Found, options: IngestOptions
) -> list[Meaning]:
    """What the codes of a line mean; without a line those of a pasted sentence or page, not those of a whole log."""
    if text is not None:
        return meanings(text, [found.fields or {}], options.site)
    is_pasted = planned.format is None or planned.format.name in _PASTED
    if not is_pasted or planned.no_log or planned.source.fingerprint.size_bytes > MAX_CHARACTERS:
        return []
    encoding = options.encoding or detect_encoding(planned.source.head)
    whole = to_utf8(planned.source.head, encoding).decode("utf-8", "replace")
    if planned.format is None:
        return list(explain_text(whole, options))
    batches = planned.format.read(planned.source, reading)
    records = [row for batch in batches if batch.table != REJECTS for row in batch.rows.to_pylist()]
    return meanings(whole, records, options.site)


def _why_not(planned: Planned) -> str:
    return f"not a log ({planned.no_log})" if planned.no_log else no_format(planned.source.name)


@dataclass
class _Found:
    """The record that a line belongs to, or why there is none."""

    table: str | None = None
    fields: dict[str, Any] | None = None
    reason: str | None = None
    year_from: str | None = None


def _year_from(planned: Planned, reading: Reading) -> str | None:
    """How the year of the records is found, by the first of them."""
    try:
        batches = planned.format.read(planned.source, reading) if planned.format else iter(())
        return next((batch.year_from for batch in batches if batch.table != REJECTS), None)
    except SourceError:
        return None


def _line(planned: Planned, line_no: int, encoding: str) -> str:
    last = 0
    for line in text_lines(planned.source, encoding):
        last = line.line_no
        if line.line_no == line_no:
            return line.excerpt if isinstance(line, Issue) else line.text
    raise UsageError(f"no line {line_no}", planned.source.path, f"it has {last} lines")


def _record(planned: Planned, line_no: int, reading: Reading) -> _Found:
    """The record that a line belongs to: the last one that begins on it or above it."""
    if planned.format is None:
        return _Found(reason="no known log format (dpm-analytics formats lists them)")
    best, best_line, year_from = _Found(), 0, None
    try:
        for batch in planned.format.read(planned.source, reading):
            year_from = year_from or batch.year_from
            for row in batch.rows.to_pylist():
                place = next((row[name] for name in PLACES if row.get(name)), 0)
                if batch.table == REJECTS and place == line_no:
                    return _Found(reason=row["reason"], year_from=year_from)
                if batch.table != REJECTS and best_line < place <= line_no:
                    best, best_line = _Found(batch.table, row), place
    except SourceError as error:
        best.reason = error.what
    if best.fields is None and best.reason is None:
        best.reason = "heading or blank line: no record"
    best.year_from = year_from
    return best
