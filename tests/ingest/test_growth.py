"""Logs that are copied while they grow, cut anywhere: in the end the store holds what the whole log says, once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from analytics.ingest import IngestSummary, ingest
from analytics.ingest.known import read_table
from analytics.store import Store
from analytics.tables import TABLES

GUID = "8AE83798-7A85-466A-80CA-22CA66582965"
DATA_TABLES = ("trace", "events", "job_records", "vms")
LEFT_OUT = {"source_id", "line_no", "record_no", "host", "host_from", "host_key", "collected_at", "path"}


def errlog() -> str:
    """Records with continuation lines, equal ones, text of all kinds, and a line that belongs to no record."""
    texts = [
        "begin",
        "仮想マシン ☃ 𝔘",
        "a\r\n   at X.Y()\r\n   at Z()",
        "same",
        "same",
        "Progress 1",
        "Progress 10",
        "end",
    ]
    line = f"180C\t280C\t02/03\t20:54:5{{}}.393\t09\ta.cs(1)\t\t{GUID}\tWARNING\t{{}}\r\n"
    return "no record\r\n" + "".join(
        line.format(min(number // 2, 9), text) for number, text in enumerate(texts)
    )


def event_xml(number: int) -> str:
    """One event."""
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='VSS'/>"
        f"<EventID>8224</EventID><TimeCreated SystemTime='2025-02-03T20:00:0{number}.000000Z'/><EventRecordID>{number}"
        "</EventRecordID><Channel>Application</Channel><Computer>HV01</Computer></System><EventData><Data>é仮</Data>"
        "</EventData></Event>\r\n"
    )


def event_json(number: int) -> str:
    """One event as PowerShell 7 writes it."""
    event = {
        "TimeCreated": f"2025-02-03T20:00:0{number}.0000000+00:00",
        "ProviderName": "VSS",
        "Id": 8224,
        "Level": 4,
        "LogName": "Application",
        "MachineName": "HV01",
        "RecordId": number,
        "Message": "the service é仮\r\nis shutting down",
        "Properties": [],
    }
    return json.dumps(event, ensure_ascii=False)


def event_text(number: int) -> str:
    """One event as the Event Viewer copies it; those with an even number say no date."""
    date = f"2/{number + 12}/2025 8:00:0{number} PM" if number % 2 else "<Date> <Time>"
    return (
        f"Log Name: DPM Alerts\r\nSource: DPM-EM\r\nDate: {date}\r\nEvent ID: 3106\r\nTask Category: None\r\n"
        f"Level: Error\r\nKeywords: Classic\r\nUser: N/A\r\nComputer: DPM01\r\nDescription: The {number}. of \r\n"
        "VSS is inconsistent.\r\n\r\n"
    )


def event_text_with_xml(number: int) -> str:
    """The same with its XML below it, which says the time to the millisecond and in UTC; the date is local."""
    text = event_text(1).replace("2/13/2025 8:00:01 PM", f"2/14/2025 5:00:0{number} AM").rstrip()
    xml = event_xml(number).replace("'VSS'", '"DPM-EM"').replace(">Application<", ">DPM Alerts<")
    xml = xml.replace("8224</EventID>", "3106</EventID><Level>2</Level>").replace("HV01", "DPM01")
    lines = xml.replace("02-03T", "02-13T").replace(".000000Z", ".123456Z").replace("><", ">\r\n  <")
    return f"{text}\r\nEvent Xml:\r\n{lines}\r\n"


JOBS_HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer\r\n"
)


def job(number: int) -> str:
    """One job record; its error text has two lines."""
    guid = f"{number:08d}{GUID[8:]}"
    return (
        f"{guid},,FullBackup,Succeeded,VM{number},Microsoft Hyper-V,HV01,PG,2025-02-03T19:00:00Z,"
        f'2025-02-03T20:0{number}:00Z,2025-02-03T21:00:00Z,12345{number},0,,"two\r\nlines",DPM0{number}.contoso.local\r\n'
    )


LOGS = {
    "errlog, utf-8": ("MSDPMCurr.errlog", errlog().encode()),
    "errlog, utf-16": ("MSDPMCurr.errlog", errlog().encode("utf-16")),
    "events, xml": (
        "a.xml",
        ("<Events>\r\n" + "".join(map(event_xml, range(1, 6))) + "</Events>\r\n").encode(),
    ),
    "events, json lines": ("a.json", "".join(event_json(number) + "\r\n" for number in range(1, 6)).encode()),
    "events, json array": (
        "a.json",
        ("[\r\n" + ",\r\n".join(map(event_json, range(1, 6))) + "\r\n]").encode("utf-16"),
    ),
    "events, text": ("a.txt", "".join(map(event_text, range(1, 5))).encode("utf-16")),
    "events, text with xml": ("a.txt", "".join(map(event_text_with_xml, range(1, 4))).encode("utf-8-sig")),
    "jobs, csv": ("jobs.csv", (JOBS_HEADER + "".join(map(job, range(1, 6)))).encode("utf-8-sig")),
    "jobs, csv, utf-16": ("jobs.csv", (JOBS_HEADER + "".join(map(job, range(1, 4)))).encode("utf-16")),
}


def content(store: Store) -> list[dict[str, Any]]:
    """All records of a store, without where they were read, in one order."""
    found = []
    for table in DATA_TABLES:
        names = [name for name in TABLES[table].column_names if name not in LEFT_OUT]
        found += read_table(store, table, names).to_pylist()
    return sorted(found, key=repr)


def rejects(store: Store) -> list[tuple[int | None, str]]:
    """Where and why something was rejected."""
    return sorted(
        ((row["byte_offset"], row["reason"]) for row in read_table(store, "rejects").to_pylist()), key=repr
    )


def check_books(store: Store, summary: IngestSummary) -> None:
    """Read = stored + duplicate + rejected; the tables hold what the books say, and the summary says the same."""
    sources = read_table(store, "sources").to_pylist()
    assert len({row["source_id"] for row in sources}) == len(sources)
    for row in [*sources, *(vars_of(each) for each in summary.sources)]:
        parts = ("records_stored", "records_duplicate", "records_rejected")
        assert row["records_read"] == sum(row[name] for name in parts), row
        assert min(row[name] for name in parts) >= 0, row
    assert sum(row["records_stored"] for row in sources) == len(content(store))
    assert sum(row["records_rejected"] for row in sources) == len(rejects(store))
    ids = {source.source_id for source in summary.sources}
    listed = [row for row in read_table(store, "rejects").to_pylist() if row["source_id"] in ids]
    assert summary.records_rejected == len(listed)


def vars_of(summary: Any) -> dict[str, Any]:
    """A summary of a source as a dictionary."""
    return {name: getattr(summary, name) for name in summary.__slots__}


def copies(folder: Path, name: str, pieces: Sequence[bytes]) -> Iterator[Path]:
    """Each copy in a folder of its own, as nightly copies lie."""
    for number, piece in enumerate(pieces):
        path = folder / f"night{number}" / "HV01" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(piece)
        yield path


# Cuts that were found to be read wrongly once, or that fall on the seams between records: after a label, inside of
# it, in a line end, in a UTF-16 character, before and behind a blank line.
SEEN = {
    "events, text": [[157], [430, 486], [436], [1045], [1074], [1451, 1509], [1538]],
    # the head, the label of the XML, inside of the XML: before the time, behind the id of the record
    "events, text with xml": [[92], [238], [300, 1730], [1730]],
}


def cuts_of(log: str) -> list[list[int]]:
    """Deterministic cuts of a log: those seen to be wrong, and a few spread over it, alone and in pairs."""
    size = len(LOGS[log][1])
    spread = [1 + (size - 2) * step // 7 for step in range(8)]
    return SEEN.get(log, []) + [[cut] for cut in spread[::2]] + [spread[1:3], spread[4:7]]


@pytest.mark.parametrize("log", LOGS)
def test_growth_in_any_steps(log: str, tmp_path: Path) -> None:
    """Copies of a growing log, one after the other or all at once: the records and rejects of the whole log, once."""
    name, whole = LOGS[log]
    alone = Store.create_or_open(tmp_path / "alone")
    (path,) = copies(tmp_path / "whole", name, [whole])
    check_books(alone, ingest(alone, [path]))
    assert len(content(alone)) >= 3
    for number, cuts in enumerate(cuts_of(log)):
        folder = tmp_path / str(number)
        store = Store.create_or_open(folder / "store")
        paths = list(copies(folder / "logs", name, [*(whole[:cut] for cut in cuts), whole]))
        for some in [paths] if number % 3 == 0 else [[path] for path in paths]:
            check_books(store, ingest(store, some))
        assert content(store) == content(alone), cuts
        assert rejects(store) == rejects(alone), cuts
        if number < 2:
            again = ingest(store, paths)
            assert again.records_stored == 0
            check_books(store, again)


@pytest.mark.parametrize("log", LOGS)
def test_a_shorter_copy_that_comes_late(log: str, tmp_path: Path) -> None:
    """What a cut left of a record is no record beside the whole one, when the shorter copy comes last."""
    name, whole = LOGS[log]
    store = Store.create_or_open(tmp_path / "store")
    shorter = [whole[: cuts[0]] for cuts in cuts_of(log)]
    first, *others = copies(tmp_path / "logs", name, [whole, *shorter])
    ingest(store, [first])
    before = content(store)
    for path in others:
        check_books(store, ingest(store, [path]))
        assert content(store) == before, path.stat().st_size


# A log of each other layout. As CSV, Log Analytics keeps each state of a job that some copy gave as its last one.
SAMPLES = (
    "events-csv/event_viewer_ja.csv",
    "events-csv/evtxecmd.csv",
    "events-csv/get_winevent.csv",
    "vms-csv/vms.csv",
    "task-trail-csv/task_trail.csv",
    "log-analytics/AzureBackup_GetJobs.json",
    "dpm-alerts-csv/alerts.csv",
    "get-dpmjob-csv/german.csv",
    "dpm-job-history/DPM_Job_History.txt",
    "cbengine-job-history/DPM02_CBENGINE_online_job_history_.txt",
    "winevent-list/get_winevent.txt",
    "winevent-table/wrapped_ja.txt",
    "dpm-console-details/english.txt",
    "events-json/powershell_5.json",
    "event-text/wevtutil.txt",
)


@pytest.mark.parametrize("sample", SAMPLES)
def test_growth_of_samples(sample: str, tmp_path: Path) -> None:
    """Two cuts of each, one of them in its last record: the records and rejects of the whole log, once."""
    path = Path(__file__).parents[2] / "sample_logs" / sample
    whole = path.read_bytes()
    alone, store = (Store.create_or_open(tmp_path / name) for name in ("alone", "store"))
    ingest(alone, copies(tmp_path / "whole", path.name, [whole]))
    pieces = [whole[: 2 * len(whole) // 3], whole[: len(whole) - len(whole) // 9], whole]
    for copy in copies(tmp_path / "logs", path.name, pieces):
        check_books(store, ingest(store, [copy]))
    assert content(store) == content(alone)
    assert rejects(store) == rejects(alone)
