"""The properties of Get-DPMJob and its tasks, as exports name them (dpm-formats.md 3.1)."""

from __future__ import annotations

from analytics.formats.jobs.errors_text import with_error
from analytics.formats.jobs.job_rows import checked_job
from analytics.formats.reading.batching import Row
from analytics.formats.reading.csv_layout import Layout
from analytics.formats.reading.dates import DateReader
from analytics.formats.reading.values import (
    CellError,
    count,
    elapsed_s,
    error_code,
    guid,
    hresult,
    stated_text,
)

TIMES = frozenset({"created_at", "started_at", "ended_at"})


def dpmjob_layout(dates: DateReader) -> Layout:
    """The known columns with the readers for one source; unknown columns are ignored."""

    def checked(row: Row) -> Row:
        try:
            row["ended_at"] = dates.instant(row.get("ended_at") or "", not_before=row.get("started_at"))
        except CellError as error:
            raise CellError(f"EndTime: {error}") from None
        return checked_job(with_error(row))

    return Layout(
        "job_records",
        (
            ("TaskId", "task_id", guid),
            ("TaskGuid", "task_id", guid),
            ("JobId", "dpm_job_id", guid),
            ("JobCategory", "category", stated_text),
            ("JobType", "category", stated_text),
            ("Type", "category", stated_text),
            ("Status", "status", stated_text),
            ("TaskStatus", "status", stated_text),
            ("Datasource", "data_source", stated_text),
            ("DatasourcePath", "data_source", stated_text),
            ("DatasourceName", "data_source", stated_text),
            ("DataSources", "data_source", stated_text),
            ("DatasourceType", "data_source_type", stated_text),
            ("ObjectType", "data_source_type", stated_text),
            ("ProductionServerName", "production_server", stated_text),
            ("ProductionServer", "production_server", stated_text),
            ("ProtectionGroupName", "protection_group", stated_text),
            ("ProtectionGroup", "protection_group", stated_text),
            ("DpmServer", "dpm_server", stated_text),
            ("DpmServerName", "dpm_server", stated_text),
            ("CreatedTime", "created_at", dates.instant),
            ("StartTime", "started_at", dates.instant),
            ("EndTime", "ended_at", stated_text),
            ("Duration", "duration_s", elapsed_s),
            ("DataSizeBytes", "bytes_transferred", count),
            ("DataSize", "bytes_transferred", count),
            ("ErrorCode", "error_code", error_code),
            ("DetailedErrorCode", "hresult", hresult),
            ("DetailedCode", "hresult", hresult),
            ("ErrorText", "error_text", stated_text),
            ("ErrorInfo", "error_text", stated_text),
            ("ShortProblem", "error_text", stated_text),
            ("ErrorInfoXml", "error_text", stated_text),
        ),
        essential=(),
        check=checked,
    )
