"""What format is this, how was this line read, why was it rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analytics.errors import NoInputError, SourceError, UsageError
from analytics.formats import Reading
from analytics.formats.errlog.years import first_year
from analytics.ingest.options import IngestOptions
from analytics.ingest.plan import Planned, plan, reading_of
from analytics.ingest.reading import ERRLOG
from analytics.sources import Issue, detect_encoding, text_lines

PLACES = ("line_no", "record_no")


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a source, and one line of it, is read.

    `table` and `fields` hold the record that the line belongs to; `reason` says why it was rejected; `text` is the line
    as the source has it. All are None for a file as a whole.
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


def explain_line(
    path: str | Path, line_no: int | None = None, options: IngestOptions | None = None
) -> Explanation:
    """Explain a file, or one of its lines (from 1).

    A member of an archive is named as reports name it: archive.zip!folder/file. Raises NoInputError where
    nothing can be read at `path`, UsageError for a folder, an archive of several files or a line that does not exist.
    """
    options = options or IngestOptions()
    return _explain(_only(str(path), options), line_no, options)


def _only(path: str, options: IngestOptions) -> Planned:
    archive = archive_of(path)
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


def archive_of(path: str) -> str | None:
    """The archive of archive.zip!member; None for a path that exists, or that names no file before a `!`."""
    if Path(path).exists():
        return None
    stops = [index for index, letter in enumerate(path) if letter == "!"]
    return next((path[:stop] for stop in stops if Path(path[:stop]).is_file()), None)


def _explain(planned: Planned, line_no: int | None, options: IngestOptions) -> Explanation:
    source, format_ = planned.source, planned.format
    reading = reading_of(planned, replace(options, trace_level="all", events_level="all"))
    host, host_from = reading.host, reading.host_from
    encoding = options.encoding or detect_encoding(source.head)
    year_from = first_year(source, encoding, reading)[1] if format_ and format_.name == ERRLOG else None
    about = (
        (format_.name, format_.title, format_.evidence) if format_ else ("unknown", "no known log format", "")
    )
    text, table, fields, reason = None, None, None, None
    if line_no is not None:
        text = _line(planned, line_no, encoding)
        table, fields, reason = _record(planned, line_no, reading)
        if fields and "host_from" in fields and fields["host"] is None:
            fields |= {"host": host, "host_from": host_from}
    return Explanation(
        source.path,
        *about,
        encoding,
        host,
        host_from,
        reading.time_zone,
        year_from,
        line_no,
        text,
        table,
        fields,
        reason,
    )


def _line(planned: Planned, line_no: int, encoding: str) -> str:
    last = 0
    for line in text_lines(planned.source, encoding):
        last = line.line_no
        if line.line_no == line_no:
            return line.excerpt if isinstance(line, Issue) else line.text
    raise UsageError(f"no line {line_no}", planned.source.path, f"it has {last} lines")


def _record(
    planned: Planned, line_no: int, reading: Reading
) -> tuple[str | None, dict[str, Any] | None, str | None]:
    """The record that a line belongs to: the last one that begins on it or above it."""
    if planned.format is None:
        return None, None, "no known log format (dpm-analytics formats lists them)"
    best: tuple[str | None, dict[str, Any] | None] = (None, None)
    best_line = 0
    try:
        for batch in planned.format.read(planned.source, reading):
            for row in batch.rows.to_pylist():
                place = next((row[name] for name in PLACES if row.get(name)), 0)
                if batch.table == "rejects" and place == line_no:
                    return None, None, row["reason"]
                if batch.table != "rejects" and best_line < place <= line_no:
                    best, best_line = (batch.table, row), place
    except SourceError as error:
        return *best, error.what
    return *best, None if best[1] else "heading or blank line: no record"
