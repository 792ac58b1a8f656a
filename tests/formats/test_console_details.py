from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.formats import Reading

JOB = """Type: Recovery point
Status: Failed
Description: Busy. (ID 32612 Details: wait (0x8007173D))
More information
End time: 2014/05/10 1:10:19
Start time: 2014/05/10 1:00:19
Time elapsed: 00:10:00
Data transferred: 118.51 GB (127253828784 bytes)
Data transfer rate: 464 KB/s
Cluster node   HV01
Recovery Point Type   Express Full
Source details: \\Backup Using Child Partition Snapshot\\VM1
Protection group members: 7
Details
Protection group: PG
"""
JAPANESE = """種類： 回復ポイント
状態: 失敗
説明: 準備できませんでした。 (ID 32612 詳細: 待ってください。 (0x8007173D))
開始時刻: 2014/05/10 1:00:19
経過時間: 00:10:00
クラスター ノード   HV01
ソースの詳細: \\Backup Using Child Partition Snapshot\\経理
保護グループ: 仮想マシン
"""
TOKYO = Reading(time_zone="Asia/Tokyo")
START, END = datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC), datetime(2014, 5, 9, 16, 10, 19, tzinfo=UTC)


def test_every_value_survives(read) -> None:
    """All labels of the English console arrive, those without colon too; stated bytes win."""
    outcome = read(JOB, TOKYO)
    assert outcome.format == "dpm-console-details"
    assert outcome.rejects == []
    assert outcome.rows == [
        {
            "record_no": 1,
            "record_kind": "job",
            "category": "Recovery point (Express Full)",
            "status": "Failed",
            "data_source": "\\Backup Using Child Partition Snapshot\\VM1",
            "production_server": "HV01",
            "protection_group": "PG",
            "started_at": START,
            "ended_at": END,
            "duration_s": 600.0,
            "bytes_transferred": 127253828784,
            "error_code": 32612,
            "hresult": "0x8007173d",
            "error_text": "Busy. (ID 32612 Details: wait (0x8007173D))",
        }
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_japanese(read, encoding: str) -> None:
    """Japanese labels with either colon; the missing end follows from start and elapsed time."""
    (row,) = read(JAPANESE, TOKYO, encoding).rows
    assert (row["category"], row["status"]) == ("回復ポイント", "失敗")
    assert (row["started_at"], row["ended_at"]) == (START, END)
    assert (row["error_code"], row["hresult"]) == (32612, "0x8007173d")
    assert row["protection_group"] == "仮想マシン"


def test_start_follows_from_end(read) -> None:
    """Where only the end is stated the elapsed time gives the start."""
    (row,) = read(JOB.replace("Start time: 2014/05/10 1:00:19", "Start time:"), TOKYO).rows
    assert row["started_at"] == START


def test_records_without_blank_line(read) -> None:
    """A new `Type:` begins a new record also without a blank line."""
    outcome = read(JOB + JOB, TOKYO)
    assert [row["record_no"] for row in outcome.rows] == [1, 16]


def test_one_line_and_bare_errors(read) -> None:
    """Jobs on one line and bare error texts are records of their own."""
    text = (
        "Type: Tape backup Status: Failed Description: Denied. (ID 42 Details: Access denied (0x80070005))\n"
        "No answer. (ID 308 Details: The RPC server is unavailable (0x800706BA))\n"
        "Agent is busy. (ID 60 Details: Internal error code: 0x809909B0)\n"
    )
    outcome = read(text)
    stated = [(row["record_kind"], row["error_code"], row["hresult"]) for row in outcome.rows]
    assert stated == [("job", 42, "0x80070005"), ("error", 308, "0x800706ba"), ("error", 60, "0x809909b0")]
    assert outcome.rows[0]["category"] == "Tape backup"


def test_alert(read) -> None:
    """An alert keeps its own id, the HRESULT of its cause and what it is about."""
    text = (
        "Affected area: \\Backup Using Saved State\\VM 1\nOccurred since: 5/9/2014 4:00:19 PM\n"
        "Description: Jobs for Microsoft Hyper-V RCT \\Backup Using Saved State\\VM 1 on HV01.contoso.com\n"
        "have failed. (ID 3114)\nRetry. (ID 30112 Details: VssError:transient (0x800423F3))\n"
        "More information\nRecommended action: Wait.\n"
    )
    (row,) = read(text).rows
    assert (row["record_kind"], row["error_code"], row["hresult"]) == ("alert", 3114, "0x800423f3")
    assert (row["data_source_type"], row["production_server"]) == (
        "Microsoft Hyper-V RCT",
        "HV01.contoso.com",
    )
    assert row["created_at"] == START
    assert row["error_text"].endswith("Wait.")


def test_long_texts(read) -> None:
    """A description or an alert may go on for many lines; all are kept, in time that grows with them."""
    lines = "and so on\n" * 50_000
    for beginning in ("Affected area: VM1\nDescription: x\n", "Type: x\nStatus: y\nDescription: x\n"):
        (row,) = read(beginning + lines).rows
        assert row["error_text"].count("and so on") == 50_000


def test_bad_records(read) -> None:
    """A wrong time, an end before the start and stray text are rejects; the other records are used."""
    text = "\n".join(
        [
            "# a comment",
            JOB.replace("Start time: 2014/05/10 1:00:19", "Start time: dawn"),
            JOB.replace("1:10:19", "0:10:19"),
            "stray text",
            "",
            JOB,
        ]
    )
    outcome = read(text, TOKYO)
    assert len(outcome.rows) == 1
    expected = {
        "comment line",
        "neither a known label",
        "Start time: 'dawn' is no date",
        "lies before the start",
    }
    assert len(outcome.rejects) == len(expected)
    assert all(any(part in reason for reason in outcome.reasons) for part in expected)
