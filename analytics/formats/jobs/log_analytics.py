"""Log Analytics as CSV or JSON: AddonAzureBackupJobs, legacy AzureDiagnostics, _AzureBackup_GetJobs().

One row is one state of a job (dpm-formats.md 4.1): the last one per job decides, by TimeGenerated, else by
place in the file. Times are UTC. Names match without case, blanks, type suffix (_s _g _d _t _b) and `[UTC]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.azure_json import records_of
from analytics.formats.jobs.job_rows import checked_job, with_times_completed
from analytics.formats.reading.batching import Entry, Row, filtered, in_batches, rejected_file, storable
from analytics.formats.reading.csv_layout import Layout, entries_of, layout_rows, renamed, texts_of
from analytics.formats.reading.csv_text import CsvHeader, CsvItem, CsvRow, header_names, plain_name
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, guid, megabytes, seconds, text_or_none
from analytics.sources import Line, Source, detect_encoding
from analytics.sources.text import to_utf8

_TIMES = frozenset({"started_at", "generated_at"})
_UNFINISHED = frozenset({"inprogress", "running", "queued", "cancelling"})
_NO_ERROR = frozenset({"success", "none", "0"})
_EARLIEST = datetime.min.replace(tzinfo=UTC)

_SUFFIX = re.compile(r"_[sgdtb]$")
_ZONE_SUFFIX = re.compile(r"\s*\[(?:UTC|Local Time)\]\s*$", re.IGNORECASE)
_JSON_KEYS = re.compile(r'"(?:JobUniqueId|UniqueId)(?:_g|_s)?"(?P<colon>\s*:)?', re.IGNORECASE)


def _column_name(text: str) -> str:
    """A column name as it is looked up."""
    return plain_name(_SUFFIX.sub("", _ZONE_SUFFIX.sub("", text.strip().strip('"'))))


def _recognise(head: Head) -> bool:
    """JobUniqueId with job columns, or the columns of the function; in a CSV header or in JSON."""
    if _is_json(head.text):
        return bool(re.search(r'"(Job)?(Status|Operation)', head.text))
    names = header_names(head, _column_name)
    of_function = {"uniqueid", "status", "starttime"} <= names and bool(
        names & {"durationinsecs", "operationcategory"}
    )
    return of_function or (
        "jobuniqueid" in names and bool(names & {"jobstatus", "jobstartdatetime", "joboperation"})
    )


def _is_json(text: str) -> bool:
    """Whether a text is an export as JSON, also one whose begin is cut."""
    key = _JSON_KEYS.search(text)
    return key is not None and (text.lstrip()[:1] in {"[", "{"} or bool(key["colon"]))


def layout(dates: DateReader) -> Layout:
    """The columns of the three exports."""
    return Layout(
        "job_records",
        (
            ("JobUniqueId", "dpm_job_id", _job_id),
            ("UniqueId", "dpm_job_id", _job_id),
            ("JobOperation", "category", text_or_none),
            ("Operation", "category", text_or_none),
            ("OperationCategory", "category", text_or_none),
            ("JobStatus", "status", text_or_none),
            ("Status", "status", text_or_none),
            ("BackupItemFriendlyName", "data_source", text_or_none),
            ("BackupInstanceFriendlyName", "data_source", text_or_none),
            ("DatasourceFriendlyName", "data_source", text_or_none),
            ("BackupItemUniqueId", "data_source", text_or_none),
            ("DatasourceType", "data_source_type", text_or_none),
            ("BackupItemType", "data_source_type", text_or_none),
            ("ProtectedServerFriendlyName", "production_server", text_or_none),
            ("ProtectedServerName", "production_server", text_or_none),
            ("ProtectedContainerUniqueId", "production_server", text_or_none),
            ("ProtectionGroupName", "protection_group", text_or_none),
            ("BackupManagementServerName", "dpm_server", text_or_none),
            ("BackupManagementServerUniqueId", "dpm_server", text_or_none),
            ("JobStartDateTime", "started_at", dates.instant),
            ("StartTime", "started_at", dates.instant),
            ("JobDurationInSecs", "duration_s", seconds),
            ("DurationInSecs", "duration_s", seconds),
            ("DataTransferredInMB", "bytes_transferred", megabytes),
            ("DataTransferredInMBs", "bytes_transferred", megabytes),
            ("JobFailureCode", "error_text", _failure),
            ("ErrorTitle", "error_text", _failure),
            ("BackupStorageDestination", "is_online", _to_cloud),
            ("TimeGenerated", "generated_at", dates.instant),
            ("OperationName", "operation_name", text_or_none),
        ),
        essential=("JobUniqueId", "JobStatus", "JobStartDateTime"),
        check=_checked,
        name_of=_column_name,
    )


def _job_id(text: str) -> str | None:
    """The id of the job, as a GUID in normal form where it is one."""
    try:
        return guid(text)
    except CellError:
        return text_or_none(text)


def _failure(text: str) -> str | None:
    """A failure code; the codes for success are None."""
    return None if text.strip().casefold() in _NO_ERROR else text_or_none(text)


def _to_cloud(text: str) -> bool | None:
    """True for Cloud, False for Disk, None for anything else."""
    return {"cloud": True, "disk": False}.get(text.strip().casefold())


def _checked(row: Row) -> Row:
    """Complete a job's state; rows of the same export that are no jobs pass as they are."""
    if _is_other(row):
        return row
    if not row.get("dpm_job_id"):
        raise CellError("JobUniqueId is empty")
    finished = plain_name(row.get("status") or "") not in _UNFINISHED
    return checked_job(with_times_completed(row) if finished else row)


def _is_other(row: Row) -> bool:
    """True for rows of AzureDiagnostics about alerts, policies, items."""
    return (
        row.get("operation_name") is not None
        and row["operation_name"].casefold() != "job"
        and not row.get("status")
    )


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read the last state of every job; earlier states and rows that are no jobs are counted as filtered."""
    if _is_json(Head(source.path, source.head).text):
        yield from _read_json(source, reading)
        return
    undated = layout(DateReader())
    texts = texts_of(layout_rows(source, reading, undated), undated, _TIMES)
    dated = layout(date_reader(reading, texts, zone="UTC"))
    yield from _last_states(entries_of(layout_rows(source, reading, dated), dated))


def _last_states(entries: Iterable[Entry]) -> Iterator[Batch]:
    jobs: dict[str, Row] = {}
    others: list[Entry] = []
    left_out = 0
    for table, row in entries:
        if table == "rejects":
            others.append((table, row))
        elif _is_other(row):
            left_out += 1
        else:
            known = jobs.get(row["dpm_job_id"])
            left_out += known is not None
            if known is None or (row.get("generated_at") or _EARLIEST) >= (
                known.get("generated_at") or _EARLIEST
            ):
                jobs[row["dpm_job_id"]] = row
    yield from in_batches([*(("job_records", row) for row in jobs.values()), *others])
    if left_out:
        yield filtered("job_records", left_out)


def _read_json(source: Source, reading: Reading) -> Iterator[Batch]:
    data = source.read()
    text = (
        to_utf8(data, reading.encoding or detect_encoding(data)).decode("utf-8", "replace").lstrip("\ufeff")
    )
    records, problem = records_of(text, _has_id)
    if problem:
        yield from in_batches([rejected_file(problem, text)])
    undated = layout(DateReader())
    texts = texts_of(_json_items(records, undated, reading), undated, _TIMES)
    dated = layout(date_reader(reading, texts, zone="UTC"))
    yield from _last_states(entries_of(_json_items(records, dated, reading), dated))


def _has_id(record: dict[str, Any]) -> bool:
    return any(_column_name(name) in {"jobuniqueid", "uniqueid"} for name in record)


def _json_items(records: list[dict[str, Any]], of: Layout, reading: Reading) -> Iterator[CsvItem]:
    if not records:
        return
    written = tuple(dict.fromkeys(storable(name) for record in records for name in record))
    name_of = renamed(reading.columns, of)
    yield CsvHeader(Line(1, 0, ",".join(written)), written, tuple(name_of(name) for name in written))
    for number, record in enumerate(records, 1):
        cells = ["" if record.get(name) is None else storable(str(record[name])) for name in written]
        yield CsvRow(Line(number, 0, json.dumps(record)), cells)


LOG_ANALYTICS = Format(
    "log-analytics",
    "Azure Backup jobs from Log Analytics",
    ("job_records",),
    "dpm-formats.md 4 [V]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
