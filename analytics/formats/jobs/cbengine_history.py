"""<COMPUTER>_CBENGINE_online_job_history_.txt: jobs of the online agent, UTC (dpm-formats.md 3.1, sample 16).

On a DPM or MABS server both error codes are hexadecimal. With the MARS agent alone DetailedErrorCode is
hexadecimal and ErrorCode as .NET prints it; its JobId stands where the server variant has the id of the
CBEngine task, so it is taken as task id, too (an inference).
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.formats.format import Batch, Format, Head, Reading
from analytics.formats.jobs.job_rows import checked_job
from analytics.formats.reading.batching import Row, in_batches
from analytics.formats.reading.csv_layout import Layout, entries_of, texts_of
from analytics.formats.reading.csv_text import CsvItem
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.table_text import bare_table, holds_table
from analytics.formats.reading.values import (
    CellError,
    error_code,
    guid,
    hex_code,
    hex_hresult,
    megabytes,
    text_or_none,
)
from analytics.sources import Source

_TIMES = frozenset({"started_at", "ended_at"})
_NAMES = frozenset(
    {"jobtype", "start(utctime)", "end(utctime)", "state", "datatransfer(mb)", "detailederrorcode"}
)


def _is_header(names: frozenset[str]) -> bool:
    """At least four of the columns that both variants share."""
    return len(names & _NAMES) > 3


def _recognise(head: Head) -> bool:
    """Some line of dashes stands under the collector's column names."""
    return holds_table(head, _is_header)


def _layout(dates: DateReader) -> Layout:
    """The columns of both variants."""
    return Layout(
        "job_records",
        (
            ("JobType", "category", text_or_none),
            ("Start (UTC Time)", "started_at", dates.instant),
            ("End (UTC Time)", "ended_at", dates.instant),
            ("State", "status", text_or_none),
            ("Data Transfer (MB)", "bytes_transferred", megabytes),
            ("Production Server", "production_server", text_or_none),
            ("Name", "data_source", text_or_none),
            ("DPM/CBENGINE TaskID", "task_id", guid),
            ("JobId", "dpm_job_id", guid),
            ("DetailedErrorCode", "hresult", hex_hresult),
            ("ErrorCode", "error_code", text_or_none),
            ("ErrorParameterInfo", "error_text", text_or_none),
        ),
        essential=("Start (UTC Time)", "State"),
        check=_checked,
    )


def _checked(row: Row) -> Row:
    """A job of the online agent; only the MARS variant has a JobId."""
    code, job_id = row.get("error_code") or "", row.get("dpm_job_id")
    row["error_code"] = _printed_code(code) if job_id else hex_code(code)
    row["is_online"] = True
    if row.get("task_id") is None:
        row["task_id"] = job_id
    if row["task_id"] is None:
        raise CellError("no id of task or job is stated; the line may be cut")
    return checked_job(row)


def _printed_code(text: str) -> int | None:
    """ErrorCode of the MARS variant; names of an enumeration are no number and give None."""
    try:
        return error_code(text)
    except CellError:
        return None


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per job; numbers may carry the separators of any locale."""
    dates = date_reader(reading, texts_of(_rows(source, reading), _layout(DateReader()), _TIMES), zone="UTC")
    return in_batches(entries_of(_rows(source, reading), _layout(dates)))


def _rows(source: Source, reading: Reading) -> Iterator[CsvItem]:
    return bare_table(source, reading.encoding, _is_header)


CBENGINE_HISTORY = Format(
    "cbengine-job-history",
    "CBENGINE_online_job_history.txt",
    ("job_records",),
    "sample 16 [V]",
    _recognise,
    _read,
)
