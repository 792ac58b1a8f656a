from __future__ import annotations

from datetime import UTC, datetime

import pytest

HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,CreatedTime,"
    "StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
)
TASK = "8AE83798-7A85-466A-80CA-22CA66582965"
GOOD = (
    "{8ae83798-7a85-466a-80ca-22ca66582965},11111111-2222-3333-4444-555555555555,Replication,Failed,"
    "=cmd()|'/c calc'!A1,Microsoft Hyper-V,HV01,経理,2014-05-09T16:00:15.1234567Z,2014-05-09T16:00:19Z,"
    '2014-05-09T17:00:19Z,"1,234",32612,-2147018947,"first ""line""\nsecond, line",DPM01'
)


def test_every_value_survives(read) -> None:
    """All sixteen columns arrive as written, numbers and GUIDs in normal form, formulas as text."""
    outcome = read(f"{HEADER}\r\n{GOOD}\r\n", encoding="utf-8-sig")
    assert outcome.format == "jobs-csv"
    assert outcome.rejects == []
    assert outcome.rows == [
        {
            "record_no": 2,
            "record_kind": "job",
            "task_id": TASK,
            "dpm_job_id": "11111111-2222-3333-4444-555555555555",
            "category": "Replication",
            "status": "Failed",
            "data_source": "=cmd()|'/c calc'!A1",
            "data_source_type": "Microsoft Hyper-V",
            "production_server": "HV01",
            "protection_group": "経理",
            "dpm_server": "DPM01",
            "created_at": datetime(2014, 5, 9, 16, 0, 15, 123456, tzinfo=UTC),
            "started_at": datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC),
            "ended_at": datetime(2014, 5, 9, 17, 0, 19, tzinfo=UTC),
            "bytes_transferred": 1234,
            "error_code": 32612,
            "hresult": "0x8007173d",
            "error_text": 'first "line"\nsecond, line',
        }
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932"])
def test_encodings(read, encoding: str) -> None:
    """The same text gives the same rows in every encoding that Windows writes."""
    text = f"{HEADER}\r\n" + f"{GOOD}\r\n" * 5
    assert read(text, encoding=encoding).rows == read(text).rows


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{8ae83798-7a85-466a-80ca-22ca66582965}", "VM01", "TaskId: 'VM01' is no GUID"),
        ("2014-05-09T17:00:19Z", "2014-05-09T15:00:19Z", "lies before the start"),
        ("2014-05-09T17:00:19Z", "09.05.2014 19:00", "EndTime: '09.05.2014 19:00' is no ISO 8601 time"),
        ('"1,234"', "-1", "DataSizeBytes: '-1' is negative"),
        ("=cmd()", "\0", "NUL characters"),
        (",DPM01", "", "15 cells where the header has 16"),
        (',"first ""line""\n', ',"first "line"\n', "the quoting is broken"),
    ],
)
def test_a_bad_row_costs_only_itself(read, old: str, new: str, reason: str) -> None:
    """A bad row is one reject that says why and where; the rows around it are used."""
    plain = GOOD.replace('first ""line""\nsecond, line', "text")
    bad = (GOOD if "first" in old else plain).replace(old, new).replace("\nsecond, line", " second, line")
    outcome = read(f"{HEADER}\n{plain}\n{bad}\n{plain}\n")
    assert [row["record_no"] for row in outcome.rows] == [2, 4]
    assert len(outcome.rejects) == 1
    assert reason in outcome.reasons[0]
    assert outcome.rejects[0]["line_no"] == 3
    assert outcome.rejects[0]["byte_offset"] == len(f"{HEADER}\n{plain}\n".encode())


@pytest.mark.parametrize("bad", ['x,"unclosed', '"', 'x,"unclosed' + ",y" * 15, '"a","b'])
def test_an_unclosed_quote_swallows_nothing(read, bad: str) -> None:
    """A quote that never closes rejects its own line; quoted and unquoted rows below it are used."""
    quoted = ",".join(f'"{cell}"' for cell in f"{TASK},,Replication,Succeeded,VM,,,,,,,,,,,DPM01".split(","))
    plain = f"{TASK},,Replication,Succeeded,VM,,,,,,,,,,,DPM01"
    for following in (quoted, plain):
        outcome = read("\n".join([HEADER, following, bad, *[following] * 300]))
        assert len(outcome.rows) == 301
        assert outcome.reasons == ["a quote is opened and never closed"]


def test_joined_exports(read) -> None:
    """Headers, BOMs and #TYPE lines of joined files are no records; a new order of columns counts."""
    turned = ",".join(reversed(HEADER.split(",")))
    row = f"{TASK},,Replication,Succeeded,VM,,,,,,,,,,,DPM01"
    text = "\n".join([HEADER, row, HEADER, row, "\ufeff#TYPE X", turned, ",".join(reversed(row.split(",")))])
    outcome = read(text)
    assert outcome.rejects == []
    assert [row["task_id"] for row in outcome.rows] == [TASK] * 3


def test_missing_columns_are_named(read) -> None:
    """Without an essential column the file is one reject that names it."""
    header = ",".join(name for name in HEADER.split(",") if name not in {"TaskId", "StartTime"})
    outcome = read(f"{header}\n{TASK}\nx\n")
    assert outcome.rows == []
    assert outcome.reasons == ["column TaskId, StartTime is missing; nothing below is used"]


def test_header_only(read) -> None:
    """A file with nothing but its header has no rows and no rejects."""
    outcome = read(f"{HEADER}\r\n")
    assert (outcome.rows, outcome.rejects) == ([], [])


def test_zero_means_no_error(read) -> None:
    """Error codes of 0 are NULL, and an empty row is a reject."""
    outcome = read(f"{HEADER}\n{TASK},,Replication,Succeeded,VM,,,,,,,0,0,0,,DPM01\n{',' * 15}\n")
    assert outcome.rows[0]["bytes_transferred"] == 0
    assert not {"error_code", "hresult", "error_text"} & set(outcome.rows[0])
    assert outcome.reasons == ["the record states neither id, status, data source nor time"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_inside_a_cell_stay(read, line_end: str) -> None:
    """A text of two lines has the line end that the file gives it, and the last cell none."""
    row = f'{TASK},,Replication,Failed,VM,,,,,,,0,4200,0,"one{line_end}two",DPM01'
    outcome = read(f"{HEADER}{line_end}{row}{line_end}{row}{line_end}")
    assert [(found["error_text"], found["dpm_server"]) for found in outcome.rows] == [
        (f"one{line_end}two", "DPM01")
    ] * 2
