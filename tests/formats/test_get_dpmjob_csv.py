from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.formats import Reading
from analytics.formats.jobs.get_dpmjob_csv import GET_DPMJOB_CSV

TASK = "8AE83798-7A85-466A-80CA-22CA66582965"
JOB = "11111111-2222-3333-4444-555555555555"
TYPE = "#TYPE Microsoft.Internal.EnterpriseStorage.Dls.UI.ObjectModel.OMCommon.Job"
TOKYO = Reading(time_zone="Asia/Tokyo")


def table(header: str, *rows: str, delimiter: str = ",", first: str = "") -> str:
    """What Export-Csv writes."""
    lines = [delimiter.join(f'"{cell}"' for cell in line.split("|")) for line in (header, *rows)]
    return "\r\n".join([*([first] if first else []), *lines, ""])


def test_jobs_with_type_line(read) -> None:
    """A job export of Windows PowerShell: #TYPE, type names for nested lists, unknown columns."""
    outcome = read(
        table(
            "Extra|JobId|JobCategory|Status|StartTime|EndTime|DataSources|TaskList|ProtectionGroupName|DataSize",
            f"?|{JOB}|ShadowCopy|Succeeded|5/9/2014 4:00:19 PM|5/9/2014 4:10:19 PM|System.Object[]"
            "|System.Collections.Generic.List`1[X]|PG|1048576",
            first=TYPE,
        )
    )
    assert outcome.format == "get-dpmjob-csv"
    assert outcome.rows == [
        {
            "record_no": 3,
            "record_kind": "job",
            "dpm_job_id": JOB,
            "category": "ShadowCopy",
            "status": "Succeeded",
            "protection_group": "PG",
            "started_at": datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC),
            "ended_at": datetime(2014, 5, 9, 16, 10, 19, tzinfo=UTC),
            "bytes_transferred": 1048576,
        }
    ]


def test_tasks_with_errors(read) -> None:
    """A task export: braces, `not started`, and the error's id and HRESULT from its text."""
    outcome = read(
        table(
            "TaskId|Type|Status|CreatedTime|StartTime|EndTime|DatasourcePath|ProductionServerName|ErrorInfo",
            f"{{{TASK.lower()}}}|Replication|Failed|2014/05/10 1:00:15|2014/05/10 1:00:19|2014/05/10 1:10:19|"
            "VM1|HV01|text (ID 32612 Details: busy (0x8007173D))",
            f"{TASK}|Validation|Initialized|2014/05/10 1:00:15|0001/01/01 0:00:00|0001/01/01 0:00:00|VM1||",
        ),
        TOKYO,
    )
    failed, waiting = outcome.rows
    assert failed["task_id"] == TASK
    assert failed["started_at"] == datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC)
    assert (failed["error_code"], failed["hresult"]) == (32612, "0x8007173d")
    assert not {"started_at", "ended_at", "error_code"} & set(waiting)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_delimiters_and_encodings(read, delimiter: str, encoding: str) -> None:
    """Any delimiter and encoding of a Japanese server gives the same rows."""
    outcome = read(
        table(
            "Datasource|StartTime|TaskId|Status|EndTime|JobCategory",
            *[f"経理サーバー|2014/05/10 1:00:19|{TASK}|Succeeded|2014/05/10 2:00:19|Replication"] * 3,
            delimiter=delimiter,
        ),
        TOKYO,
        encoding,
    )
    assert [row["data_source"] for row in outcome.rows] == ["経理サーバー"] * 3
    assert outcome.rows[0]["started_at"] == datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC)


def test_german_server(read) -> None:
    """A cp1252 export of a German server: umlauts, semicolons, day first, points for thousands."""
    text = table(
        "TaskId|JobCategory|Status|StartTime|EndTime|Datasource|DataSize",
        f"{TASK}|Replication|Succeeded|09.05.2014 18:00:19|09.05.2014 18:30:19|Büro Größe|1.234.567",
        delimiter=";",
    )
    (row,) = read(text, Reading(time_zone="Europe/Berlin"), "cp1252").rows
    assert row["data_source"] == "Büro Größe"
    assert row["started_at"] == datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC)
    assert row["bytes_transferred"] == 1234567


def test_day_first_is_proven_by_a_later_row(read) -> None:
    """A day above 12 in the last row decides how the first one is read."""
    rows = (f"{TASK}|Replication|Succeeded|{day}/05/2014 16:00:19|" for day in ("09", "25"))
    outcome = read(table("TaskId|JobCategory|Status|StartTime|EndTime", *rows))
    assert [row["started_at"].day for row in outcome.rows] == [9, 25]
    assert {row["started_at"].month for row in outcome.rows} == {5}


def test_own_names_and_date_formats(read) -> None:
    """Names that the user maps to ours, in either spelling, and his date patterns are used."""
    reading = Reading(
        columns={"maschine": "data_source", "beginn": "StartTime"}, date_formats=("%Y%m%d-%H%M",)
    )
    (row,) = read(
        table("TaskId|JobCategory|Status|Maschine|Beginn", f"{TASK}|X|Failed|VM1|20140509-1600"), reading
    ).rows
    assert row["data_source"] == "VM1"
    assert row["started_at"] == datetime(2014, 5, 9, 16, tzinfo=UTC)


def test_bad_rows(read) -> None:
    """A date that is none and a task id that is no GUID are rejects; the rest is used."""
    outcome = read(
        table(
            "TaskId|JobCategory|Status|StartTime|EndTime",
            f"{TASK}|Replication|Failed|soon|",
            "VM1|Replication|Failed||",
            f"{TASK}|Replication|Failed|5/9/2014 4:00:19 PM|5/9/2014 3:00:19 PM",
            f"{TASK}|Replication|Failed|5/9/2014 4:00:19 PM|never",
            f"{TASK}|Replication|Failed||",
        )
    )
    assert [row["record_no"] for row in outcome.rows] == [6]
    expected = [
        "StartTime: 'soon' is no date",
        "TaskId: 'VM1' is no GUID",
        "lies before the start",
        "EndTime: 'never'",
    ]
    assert all(part in reason for part, reason in zip(expected, outcome.reasons, strict=True))


def test_a_mapping_makes_a_foreign_report_ours(claims, outcome) -> None:
    """Column names in any language count in recognition once the site file maps three of them."""
    columns = {"Beginn": "started_at", "Ende": "ended_at", "Pfad": "data_source", "Zustand": "status"}
    text = table(
        "Pfad|Beginn|Ende|Zustand", "VM1|03.02.2025 22:00:04|03.02.2025 22:10:04|Failed", delimiter=";"
    )
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        data = text.encode(encoding)
        assert claims(data) == []
        assert [entry.name for entry in claims(data, columns)] == ["get-dpmjob-csv"]
        (row,) = outcome(GET_DPMJOB_CSV, data, Reading(columns=columns)).rows
        assert (row["data_source"], row["status"]) == ("VM1", "Failed")
        assert row["ended_at"] == datetime(2025, 2, 3, 22, 10, 4, tzinfo=UTC)
    assert claims(text.encode(), {"Farbe": "status", "Ort": "data_source"}) == []
