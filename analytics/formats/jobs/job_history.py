"""DPM_Job_History.txt of Microsoft's collector: Format-Table of Get-DPMJob's tasks (dpm-formats.md 3.1).

Its times are local (Reading.time_zone): whether the collector wrote local time or UTC is not published.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.dpmjob_columns import TIMES, dpmjob_layout
from analytics.formats.reading.batching import in_batches
from analytics.formats.reading.csv_layout import entries_of, texts_of
from analytics.formats.reading.csv_text import CsvItem
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.table_text import bare_table, holds_table
from analytics.sources import Source

NAMES = frozenset(
    {
        "starttime", "endtime", "createdtime", "duration", "datasource", "productionservername",
        "jobcategory", "status", "jobid", "taskid", "protectiongroupname", "errorinfo",
    }
)  # fmt: skip


def _is_header(names: frozenset[str]) -> bool:
    """At least three of the collector's columns."""
    return len(names & NAMES) > 2


def _recognise(head: Head) -> bool:
    """Some line of dashes stands under the collector's column names."""
    return holds_table(head, _is_header)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per task; 'Not Started', 'Not Completed' and dashes are NULL."""
    undated = dpmjob_layout(DateReader())
    dates = date_reader(reading, texts_of(_rows(source, reading), undated, TIMES))
    return in_batches(entries_of(_rows(source, reading), dpmjob_layout(dates)))


def _rows(source: Source, reading: Reading) -> Iterator[CsvItem]:
    return bare_table(source, reading.encoding, _is_header)


JOB_HISTORY = Format(
    "dpm-job-history",
    "DPM_Job_History.txt",
    ("job_records",),
    "dpm-formats.md 3.1 [V]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
