"""Raw `Get-DPMJob | Export-Csv`, of jobs or of their tasks (dpm-formats.md 3.1; no real export is public)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.jobs.dpmjob_columns import TIMES, dpmjob_layout
from analytics.formats.reading.batching import in_batches
from analytics.formats.reading.csv_layout import layout_entries, layout_rows, renamed, texts_of
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.dates import DateReader, date_reader
from analytics.sources import Source

_DPM_ONLY = frozenset(
    {
        "jobid",
        "taskid",
        "jobcategory",
        "tasklist",
        "hascompleted",
        "protectiongroupname",
        "productionservername",
    }
)
# Alerts are objects of DPM, too.
_TYPE = re.compile(r"#TYPE (?:\S*\.)?Microsoft\.Internal\.EnterpriseStorage\.Dls\.(?!\S*\.Alert\b)")
_LAYOUT = dpmjob_layout(DateReader())
_NAMES = frozenset(name.casefold() for name, _, _ in _LAYOUT.columns) | _DPM_ONLY


def _recognise(head: Head) -> bool:
    """Three known properties, one of them DPM's own or mapped by the site file; or DPM's #TYPE.

    Formats with columns of their own come first.
    """
    from analytics.formats import FORMATS

    names = header_names(head, renamed(head.columns, _LAYOUT))
    if len(names) < 2 or any(other.recognise(head) for other in FORMATS if other is not GET_DPMJOB_CSV):
        return False
    typed = _TYPE.match(head.lines[0]) is not None
    is_mapped = not names <= header_names(head)
    return len(names & _NAMES) >= (1 if typed else 3) and (typed or is_mapped or bool(names & _DPM_ONLY))


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read one row per task (or job); local dates by Reading.date_formats, else as `date_reader` decides."""
    dates = date_reader(reading, texts_of(layout_rows(source, reading, _LAYOUT), _LAYOUT, TIMES))
    return in_batches(layout_entries(source, reading, dpmjob_layout(dates)))


GET_DPMJOB_CSV = Format(
    "get-dpmjob-csv",
    "Get-DPMJob | Export-Csv",
    ("job_records",),
    "dpm-formats.md 3.1 [I]",
    _recognise,
    _read,
    ends=Ends.LINE,
)
