r"""Get-DPMAlert | Export-Csv: alerts of DPM with their time, severity, data source and text (windows-events.md N10).

An alert becomes what one pasted from the console becomes: a record of the kind alert. The data source is written with
its computer, `\Backup Using Child Partition Snapshot\VM02 on HV01.contoso.local`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.errors_text import with_error
from analytics.formats.jobs.job_rows import checked_job
from analytics.formats.reading.batching import Row, in_batches
from analytics.formats.reading.csv_layout import Layout, layout_entries, layout_rows, texts_of
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.formats.reading.values import CellError, stated_text
from analytics.sources import Source

_TIMES = frozenset({"created_at"})
# Columns that only alerts have, and those that tell an alert from any other table with such a column.
_ALERT_ONLY = frozenset({"occurredsince", "alertid", "resolveddatetime", "alerttype"})
_TELLING = frozenset(
    {"severity", "type", "datasource", "message", "resolution", "isresolved", "dpmserver", "errorinfo"}
)

_PLACE = re.compile(r"(?P<source>\\.{1,500}?) (?:on|auf|sur|в|の) (?P<server>[\w.-]{1,255})", re.DOTALL)
_HYPER_V = re.compile(r"Microsoft Hyper-V(?: RCT)?(?![\w-])")


def layout(dates: DateReader) -> Layout:
    """The columns of published scripts and the properties of an alert; the first text that says something counts."""
    return Layout(
        "job_records",
        (
            ("OccurredSince", "created_at", dates.instant),
            ("Type", "category", stated_text),
            ("AlertType", "category", stated_text),
            ("Severity", "status", stated_text),
            ("DataSource", "data_source", stated_text),
            ("DatasourceName", "data_source", stated_text),
            ("AffectedArea", "data_source", stated_text),
            ("ProductionServerName", "production_server", stated_text),
            ("DPMServer", "dpm_server", stated_text),
            ("DPMServerName", "dpm_server", stated_text),
            ("Message", "error_text", stated_text),
            ("ErrorInfo.Problem", "error_text", stated_text),
            ("Problem", "error_text", stated_text),
            ("ErrorInfo", "error_text", stated_text),
            ("Description", "error_text", stated_text),
        ),
        essential=("OccurredSince",),
        check=_checked,
    )


def _checked(row: Row) -> Row:
    """An alert with what its text says: error id and HRESULT, data source, computer and type."""
    text = row.get("error_text") or ""
    if not text and not row.get("data_source"):
        raise CellError("the alert states neither a text nor a data source")
    if place := _PLACE.fullmatch(row.get("data_source") or ""):
        row["data_source"] = place["source"]
        row["production_server"] = row.get("production_server") or place["server"]
    if (kind := _HYPER_V.search(text)) is not None:
        row["data_source_type"] = kind[0]
    return checked_job(with_error(row) | {"record_kind": "alert"})


_LAYOUT = layout(DateReader())


def _recognise(head: Head) -> bool:
    """A column that only alerts have, with two more of an alert; a mapping makes no alerts of jobs."""
    names = header_names(head)
    return bool(names & _ALERT_ONLY) and len(names & _TELLING) > 1


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per alert; times are local (Reading.time_zone)."""
    dates = date_reader(reading, texts_of(layout_rows(source, reading, _LAYOUT), _LAYOUT, _TIMES))
    return in_batches(layout_entries(source, reading, layout(dates)))


ALERTS_CSV = Format(
    "dpm-alerts-csv",
    "Get-DPMAlert | Export-Csv",
    ("job_records",),
    "windows-events.md N10 [S]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
