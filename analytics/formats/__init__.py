"""One file per log format; a format is recognised by its content, never by its name."""

from __future__ import annotations

from itertools import chain

from analytics.formats.errlog.dpm_errlog import ERRLOG
from analytics.formats.events.event_text import EVENT_TEXT
from analytics.formats.events.events_csv import EVENTS_CSV
from analytics.formats.events.events_json import EVENTS_JSON
from analytics.formats.events.events_xml import EVENTS_XML
from analytics.formats.events.evtx.evtx import EVTX
from analytics.formats.events.winevent_list import WINEVENT_LIST
from analytics.formats.events.winevent_table import WINEVENT_TABLE
from analytics.formats.format import Batch, Format, Head, Reading
from analytics.formats.inventory.collection_json import COLLECTION_JSON
from analytics.formats.inventory.vms_csv import VMS_CSV
from analytics.formats.inventory.vssadmin_writers import VSSADMIN_WRITERS
from analytics.formats.jobs.alerts_csv import ALERTS_CSV
from analytics.formats.jobs.cbengine_history import CBENGINE_HISTORY
from analytics.formats.jobs.console_details import CONSOLE_DETAILS
from analytics.formats.jobs.get_dpmjob_csv import GET_DPMJOB_CSV
from analytics.formats.jobs.job_history import JOB_HISTORY
from analytics.formats.jobs.jobs_csv import JOBS_CSV
from analytics.formats.jobs.log_analytics import LOG_ANALYTICS
from analytics.formats.jobs.task_trail_csv import TASK_TRAIL_CSV
from analytics.formats.reading.csv_text import tables_below

# In order of precedence, though a head should be claimed by one format only.
FORMATS: tuple[Format, ...] = (
    EVTX,
    EVENTS_XML,
    EVENTS_CSV,
    EVENTS_JSON,
    ERRLOG,
    COLLECTION_JSON,
    JOBS_CSV,
    VMS_CSV,
    TASK_TRAIL_CSV,
    LOG_ANALYTICS,
    ALERTS_CSV,
    GET_DPMJOB_CSV,
    JOB_HISTORY,
    CBENGINE_HISTORY,
    EVENT_TEXT,
    WINEVENT_LIST,
    WINEVENT_TABLE,
    VSSADMIN_WRITERS,
    CONSOLE_DETAILS,
)


def recognise(head: Head) -> Format | None:
    """The first format that claims this head, or a table below the damaged header of another; None for unknown logs."""
    heads = chain([head], tables_below(head))
    return next((entry for each in heads for entry in FORMATS if entry.recognise(each)), None)


def by_name(name: str) -> Format | None:
    """The format of that name; None where there is none."""
    return next((entry for entry in FORMATS if entry.name == name), None)


__all__ = ["FORMATS", "Batch", "Format", "Head", "Reading", "by_name", "recognise"]
