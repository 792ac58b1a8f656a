"""CSV of the documented query on tbl_TE_TaskTrail in the DPMDB (dpm-formats.md 3.3); its times are UTC.

`category` is the GUID of the job type, `status` the number of ExecutionState: 0 and 1 in progress,
2 succeeded, 3 failed.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.errors_text import with_error
from analytics.formats.jobs.job_rows import checked_job
from analytics.formats.reading.batching import in_batches
from analytics.formats.reading.csv_layout import Layout, layout_entries, layout_rows, texts_of
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import error_code, guid, text_or_none
from analytics.sources import Source

_TIMES = frozenset({"created_at", "started_at", "ended_at"})
_DPMDB_ONLY = frozenset(
    {"executionstate", "starteddatetime", "stoppeddatetime", "jobtypeguid", "laststatename"}
)


def _recognise(head: Head) -> bool:
    """Two columns that only the DPMDB has."""
    return len(header_names(head) & _DPMDB_ONLY) > 1


def layout(dates: DateReader) -> Layout:
    """The columns of the documented query."""
    return Layout(
        "job_records",
        (
            ("TaskID", "task_id", guid),
            ("JobID", "dpm_job_id", guid),
            ("JobTypeGuid", "category", guid),
            ("Type", "category", guid),
            ("ExecutionState", "status", text_or_none),
            ("DataSourceName", "data_source", text_or_none),
            ("ServerName", "production_server", text_or_none),
            ("ProtectionGroup", "protection_group", text_or_none),
            ("FriendlyName", "protection_group", text_or_none),
            ("CreatedDateTime", "created_at", dates.instant),
            ("StartedDateTime", "started_at", dates.instant),
            ("StoppedDateTime", "ended_at", dates.instant),
            ("ErrorCode", "error_code", error_code),
            ("ErrorDetailsXml", "error_text", text_or_none),
        ),
        essential=("TaskID", "ExecutionState", "StartedDateTime", "StoppedDateTime"),
        check=lambda row: checked_job(with_error(row)),
    )


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per task; NULL as sqlcmd and Management Studio write it is NULL."""
    undated = layout(DateReader())
    dates = date_reader(reading, texts_of(layout_rows(source, reading, undated), undated, _TIMES), zone="UTC")
    return in_batches(layout_entries(source, reading, layout(dates)))


TASK_TRAIL_CSV = Format(
    "task-trail-csv",
    "query on tbl_TE_TaskTrail",
    ("job_records",),
    "dpm-formats.md 3.3 [V]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
