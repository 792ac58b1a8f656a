"""jobs.csv, our own file of DPM job records (contract.md section 3): one row per DPM task, ISO 8601 UTC."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.job_rows import checked_job
from analytics.formats.reading.batching import in_batches
from analytics.formats.reading.csv_layout import Layout, layout_entries
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.dates import iso_utc
from analytics.formats.reading.values import count, error_code, guid, hresult, text_or_none
from analytics.sources import Source

LAYOUT = Layout(
    "job_records",
    (
        ("TaskId", "task_id", guid),
        ("JobId", "dpm_job_id", guid),
        ("JobCategory", "category", text_or_none),
        ("Status", "status", text_or_none),
        ("Datasource", "data_source", text_or_none),
        ("DatasourceType", "data_source_type", text_or_none),
        ("ProductionServerName", "production_server", text_or_none),
        ("ProtectionGroupName", "protection_group", text_or_none),
        ("CreatedTime", "created_at", iso_utc),
        ("StartTime", "started_at", iso_utc),
        ("EndTime", "ended_at", iso_utc),
        ("DataSizeBytes", "bytes_transferred", count),
        ("ErrorCode", "error_code", error_code),
        ("DetailedErrorCode", "hresult", hresult),
        ("ErrorText", "error_text", text_or_none),
        ("DpmServer", "dpm_server", text_or_none),
    ),
    essential=("TaskId", "JobCategory", "Status", "Datasource", "StartTime", "EndTime"),
    check=checked_job,
)
_OURS_ONLY = frozenset({"datasizebytes", "dpmserver"})
_NAMES = frozenset(name.casefold() for name, _, _ in LAYOUT.columns)


def _recognise(head: Head) -> bool:
    """Half of our columns, one of them ours alone; so a missing column can still be named."""
    names = header_names(head)
    return bool(names & _OURS_ONLY) and 2 * len(names & _NAMES) >= len(_NAMES)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read the rows; a row that does not fit is a reject that says why."""
    return in_batches(layout_entries(source, reading, LAYOUT))


JOBS_CSV = Format(
    "jobs-csv",
    "jobs.csv of the collector",
    ("job_records",),
    "contract.md 3 [V]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
