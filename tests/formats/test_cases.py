"""Real situations, each with what is right in its expected.txt (shared/cases), read as a user reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analytics.cli import main


@dataclass(frozen=True)
class Case:
    """What an ingest of a case gave: its exit code, and its store to be asked."""

    code: int
    ask: Callable[[str], list[dict[str, Any]]]

    @property
    def rejects(self) -> int:
        """How many records were rejected."""
        return self.ask("SELECT count(*) AS n FROM rejects")[0]["n"]

    @property
    def formats(self) -> list[str]:
        """The formats of the files, in the order of their paths."""
        return [row["format"] for row in self.ask("SELECT format FROM sources ORDER BY path")]


@pytest.fixture
def case(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Case]:
    """Ingest a case of the collected material, by its number or full name, or some of its files."""

    def ask(query: str) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert main(["sql", "--store", str(tmp_path / "store"), "--format", "json", query]) == 0
        return json.loads(capsys.readouterr().out)

    def run(number: str, *names: str, **options: str) -> Case:
        (folder,) = (shared / "cases").glob(f"{number}-*")
        paths = [folder / name for name in names] or sorted(folder.iterdir())
        words = [
            f"--{name.replace('_', '-')}={value}".replace("CASE", str(folder))
            for name, value in options.items()
        ]
        inputs = [path for path in paths if path.name != "expected.txt"]
        return Case(
            main(["ingest", *map(str, inputs), "--store", str(tmp_path / "store"), "--quiet", *words]), ask
        )

    return run


EVENT = "SELECT *, CAST(data AS VARCHAR) AS payload FROM events ORDER BY record_no"


def events_of(result: Case) -> list[dict[str, Any]]:
    """The events of a case, with their payload as an object."""
    return [row | {"data": json.loads(row["data"])} for row in result.ask(EVENT)]


@pytest.mark.parametrize(("number", "name"), [("01", "CBEngineCurr.errlog"), ("02", "notepadpp-search.txt")])
def test_01_and_02_errlog_of_the_online_agent(case, number: str, name: str) -> None:
    """Eleven columns (guard), and the same lines in the window of an editor's search."""
    result = case(number, name, year="2019")
    rows = result.ask("SELECT * FROM trace ORDER BY line_no")
    assert (result.code, result.formats, result.rejects, len(rows)) == (0, ["dpm-errlog"], 0, 2)
    for row in rows:
        assert (row["pid"], row["tid"], row["component"], row["level"]) == ("0AB0", "0974", "18", "WARNING")
        assert (row["file"], row["file_line"]) == ("mtffile.cpp", 1372)
        assert row["task_id"] == "1FCFF8B4-CCE2-42E6-8883-7AEB9A1C5CB6"
        assert row["message"].startswith("Failed: Hr: = [0x8000ffff] BackupRead failed on file(")
    assert [row["at"] for row in rows] == [
        "2019-08-04T13:16:29.206000+00:00",
        "2019-08-04T13:16:29.237000+00:00",
    ]


@pytest.mark.parametrize(("number", "name"), [("03", "copied.txt"), ("04", "ticket.txt")])
def test_03_and_04_details_copied_as_text(case, number: str, name: str) -> None:
    """Head, description and XML of one event are one event, also among other text."""
    result = case(number, name)
    (row,) = events_of(result)
    assert result.formats == ["event-text"]
    assert (row["event_id"], row["record_id"], row["host"], row["level"]) == (20415, 52262, "hyp1", 4)
    assert row["at"] == "2017-11-21T10:57:53.874847+00:00"
    assert row["data"] == {
        "Parameter0": "VM05", "Parameter1": "E0D09432-A320-44CC-8A12-E1300549B99D", "Parameter2": "0.5"
    }  # fmt: skip
    assert row["message"].startswith("The Virtual Machine Management service successfully completed the live")
    assert row["message"].endswith("(VMID E0D09432-A320-44CC-8A12-E1300549B99D).")
    if number == "03":
        assert (result.code, result.rejects) == (0, 0)
    excerpts = " ".join(row["excerpt"] for row in result.ask("SELECT excerpt FROM rejects"))
    assert "Log Name" not in excerpts
    assert "Level" not in excerpts


def test_05_a_namespace_with_blanks(case) -> None:
    """XML whose namespace is no URI is read without namespaces."""
    result = case("05", "duplicati.txt")
    (row,) = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert (row["event_provider"], row["event_id"], row["level"], row["host"]) == ("VSS", 8194, 2, "*******")
    assert row["at"] == "2010-10-19T10:17:16+00:00"
    start = (
        "Volume Shadow Copy Service error: Unexpected error querying for the IVssWriterCallback interface."
    )
    assert row["message"].startswith(f"{start}  hr = 0x80070005")


def test_06_a_russian_event_viewer(case) -> None:
    """Labels in Russian, some without a blank behind the colon."""
    result = case("06", "event.txt")
    (row,) = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert (row["channel"], row["event_provider"], row["event_id"]) == (
        "Application",
        "Application Error",
        1000,
    )
    assert (row["level"], row["host"], row["at"]) == (2, "testnode", "2011-07-29T10:58:49+00:00")
    assert row["message"].startswith("Имя сбойного приложения: lmadmin.exe")


def test_07_quoted_in_markdown(case) -> None:
    """A Japanese event that a blog quotes and indents."""
    (row,) = events_of(case("07", "blog.md"))
    assert (row["event_provider"], row["event_id"], row["level"], row["host"]) == ("VSS", 8229, 3, "HV01")
    assert row["at"] == "2024-02-03T22:10:04+00:00"
    assert "Writer Class Id: {1072ae1c-e5a7-4ea1-9e4a-6f7964656570}" in row["message"]
    assert row["data"]["Operation"] == ["PrepareForSnapshot Event"]
    assert row["data"]["Writer Class Id"] == "1072AE1C-E5A7-4EA1-9E4A-6F7964656570"


def test_08_wevtutil_in_its_new_style(case) -> None:
    """Local times with a Z that is none; the record marks are no records."""
    result = case("08", "app.txt", time_zone="Europe/Berlin")
    rows = events_of(result)
    assert (result.code, result.rejects, len(rows)) == (0, 0, 2)
    assert [row["at"] for row in rows] == [
        "2025-11-11T10:44:42.951000+00:00",
        "2025-11-11T10:40:02.100000+00:00",
    ]
    assert {(row["level"], row["host"], row["channel"]) for row in rows} == {(2, "wop", "Application")}
    assert rows[0]["message"].startswith("Faulting application name: radare2.exe")
    assert rows[0]["message"].endswith("Exception code: 0xc0000409")
    assert rows[1]["message"] == "Faulting application name: notepad.exe, version: 1"


@pytest.mark.parametrize(("number", "name"), [("09", "file.json"), ("10", "console-paste.txt")])
def test_09_and_10_json_of_powershell_5(case, number: str, name: str) -> None:
    """JSON of Windows PowerShell in UTF-16 (guard), and copied from a console behind its prompt."""
    result = case(number, name)
    (row,) = events_of(result)
    assert (result.code, result.formats, result.rejects) == (0, ["events-json"], 0)
    assert (row["event_id"], row["event_provider"]) == (13, "Microsoft-Windows-Hyper-V-Netvsc")
    assert (row["host"], row["at"]) == ("HV01", "2020-07-21T23:34:18.918000+00:00")
    assert (row["channel"], row["level"], row["record_id"]) == ("System", 4, 2555)


def test_11_nxlog(case) -> None:
    """NXLog's names; what no column takes is payload."""
    result = case("11", "security-offset.json")
    (row,) = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert (row["at"], row["host"]) == ("2021-03-31T09:03:33.169332+00:00", "hv04")
    assert (row["event_provider"], row["event_id"]) == ("Microsoft-Windows-Security-Auditing", 4769)
    assert (row["record_id"], row["channel"]) == (166405411, "Security")
    assert row["data"]["TargetUserName"] == "user2@CONTOSO.LOCAL"
    assert row["data"]["Status"] == "0x0"
    assert not {"Hostname", "EventTime", "EventID", "Channel"} & row["data"].keys()


def test_12_nxlog_via_logstash(case) -> None:
    """The same renamed to lower case: the host is who wrote it, not who sent it; nothing of the rest is lost."""
    result = case("12", "logstash-lower.json")
    (row,) = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert (row["host"], row["level"], row["message"]) == ("nessus01", 4, "Unloading the management provider")
    assert row["channel"] == "Microsoft-Windows-ServerManager-MgmtProvider/Operational"
    assert (row["event_id"], row["record_id"], row["at"]) == (2, 2605, "2017-05-27T02:27:51+00:00")


def test_13_evtxecmd(case) -> None:
    """EvtxECmd's table: UTC, and its payload, which is XML turned into JSON."""
    result = case("13", "out.csv", time_zone="Asia/Tokyo")
    sysmon, vhdmp = events_of(result)
    assert (result.code, result.formats, result.rejects) == (0, ["events-csv"], 0)
    assert (sysmon["event_id"], sysmon["record_id"], sysmon["data"]) == (10, 2164891, {})
    assert (sysmon["at"], sysmon["host"]) == ("2020-10-05T20:43:58.450522+00:00", "WS-01")
    assert (vhdmp["event_provider"], vhdmp["channel"]) == (
        "Microsoft-Windows-VHDMP",
        "Microsoft-Windows-VHDMP-Operational",
    )
    assert (vhdmp["at"], vhdmp["host"], vhdmp["level"]) == ("2022-07-13T05:38:10.056084+00:00", "HV01", 4)
    assert vhdmp["data"] == {"VhdFileName": "C:\\VMs\\TEST.vhdx", "VhdDiskNumber": "1"}


def test_14_format_list(case) -> None:
    """Get-WinEvent | Format-List in UTF-16: local times, a message that the console broke."""
    result = case("14", "fl.txt", time_zone="Europe/Berlin")
    first, second = events_of(result)
    assert (result.code, result.formats, result.rejects) == (0, ["winevent-list"], 0)
    assert (first["event_id"], second["event_id"]) == (18012, 19100)
    assert (first["at"], first["event_provider"]) == (
        "2024-02-03T21:10:04+00:00",
        "Microsoft-Windows-Hyper-V-VMMS",
    )
    assert "because it is being used by another process. (0x80070020). (Virtual" in second["message"]


def test_15_evtx_dump_in_its_default_layout(case) -> None:
    """`Record N` and the XML declaration belong to the layout."""
    result = case("15", "dump.xml")
    assert (result.code, result.formats, result.rejects) == (0, ["events-xml"], 0)
    assert [row["event_id"] for row in events_of(result)] == [100, 101, 100]


def test_16_a_german_table(case) -> None:
    """Guard: a German Event Viewer's CSV with five names and six cells a row."""
    result = case("16", "druck.csv")
    rows = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert [row["event_id"] for row in rows] == [317, 301]
    assert {(row["level"], row["at"]) for row in rows} == {(4, "2021-10-27T12:28:26+00:00")}
    assert "gelöscht" in rows[0]["message"]


def test_17_japanese_tables(case) -> None:
    """Guard: Japanese Event Viewers' CSV, by level in cp932 and by keywords in UTF-8, with cells of several lines."""
    result = case("17", "application-cp932.csv", "security.csv")
    rows = {row["event_id"]: row for row in events_of(result)}
    assert (result.code, result.rejects) == (0, 0)
    assert {number: row["level"] for number, row in rows.items()} == {
        8229: 3,
        8224: 4,
        4904: None,
        4905: None,
    }
    assert rows[8229]["message"].endswith("VSS ライターはイベントを拒否しました。")
    assert "VSSAudit" in rows[4904]["message"]


def test_18_a_chinese_table(case) -> None:
    """A Chinese Event Viewer's CSV."""
    result = case("18", "zh.csv")
    (row,) = events_of(result)
    assert (result.code, result.rejects) == (0, 0)
    assert (row["event_provider"], row["event_id"], row["level"]) == ("VSS", 12289, 2)
    assert row["at"] == "2022-12-26T16:33:23+00:00"


def test_19_task_report_with_mapped_columns(case) -> None:
    """A report whose columns the site file maps is recognised by the mapping; 01.01.0001 is not started yet."""
    result = case("19", "report-de.csv", site="CASE/site.toml")
    rows = result.ask("SELECT * FROM job_records ORDER BY created_at")
    assert (result.code, result.formats, result.rejects) == (0, ["get-dpmjob-csv"], 0)
    assert [row["data_source"][-4:] for row in rows] == ["VM01", "VM02"]
    assert [row["status"] for row in rows] == ["Succeeded", "Failed"]
    assert (rows[0]["started_at"], rows[0]["ended_at"]) == (
        "2025-02-03T21:00:04+00:00",
        "2025-02-03T21:12:45+00:00",
    )
    assert (rows[1]["started_at"], rows[1]["error_text"]) == (None, "Recovery point creation failed")


def test_20_get_dpmjob_with_type_line(case) -> None:
    """Guard: Select-Object | Export-Csv of jobs with their #TYPE line."""
    result = case("20", "plain-select.csv")
    (row,) = result.ask("SELECT * FROM job_records")
    assert (result.code, result.formats) == (0, ["get-dpmjob-csv"])
    assert (row["data_source"][-4:], row["status"], row["bytes_transferred"]) == (
        "VM01",
        "Succeeded",
        1 << 30,
    )


def test_21_alerts(case) -> None:
    """An export of Get-DPMAlert: an alert like one pasted from the console."""
    result = case("21", "alerts-dpmcx.csv", time_zone="Europe/Berlin")
    (row,) = result.ask("SELECT * FROM job_records")
    assert (result.code, result.formats, result.rejects) == (0, ["dpm-alerts-csv"], 0)
    assert (row["record_kind"], row["error_code"]) == ("alert", 3106)
    assert row["data_source"] == "\\Backup Using Child Partition Snapshot\\VM02"
    assert (row["production_server"], row["data_source_type"]) == (
        "HV01.contoso.local",
        "Microsoft Hyper-V RCT",
    )
    assert row["created_at"] == "2025-02-03T21:15:04+00:00"


def test_22_a_support_folder(case) -> None:
    """The errlog and the states of the writers are read; systeminfo is no log and makes nothing partial."""
    result = case("22")
    assert (result.code, result.rejects) == (0, 0)
    assert result.ask("SELECT count(*) AS n FROM trace") == [{"n": 2}]
    rows = result.ask(
        "SELECT writer_name, writer_id, state, last_error, host FROM vss_writers ORDER BY record_no"
    )
    assert [(row["writer_name"], row["state"]) for row in rows] == [
        ("Microsoft Hyper-V VSS Writer", 8), ("System Writer", 5)
    ]  # fmt: skip
    assert rows[0]["writer_id"] == "66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE"
    assert rows[0]["last_error"] == "Inconsistent shadow copy"
