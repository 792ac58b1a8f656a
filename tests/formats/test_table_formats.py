from __future__ import annotations

from datetime import UTC, datetime

import pytest

TASK = "8AE83798-7A85-466A-80CA-22CA66582965"
JOB = "11111111-2222-3333-4444-555555555555"
NAMES = (
    "starttime", "endtime", "Datasource", "ProductionServerName", "Jobcategory", "Status", "JobId", "taskid",
    "protectiongroupname", "errorinfo",
)  # fmt: skip
ERROR = "busy (ID 32612 Details: wait (0x8007173D))"


def cells(text: str) -> int:
    """Width on an East Asian console."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def format_table(*rows: tuple[str, ...], by_cells: bool = False, names: tuple[str, ...] = NAMES) -> str:
    """What Format-Table -AutoSize prints; PowerShell pads by display cells on East Asian consoles."""
    length = cells if by_cells else len
    widths = [max(length(row[place]) for row in (names, *rows)) for place in range(len(names))]
    lines = [names, tuple("-" * len(name) for name in names), *rows]
    text = (
        " ".join(cell + " " * (w - length(cell)) for cell, w in zip(line, widths, strict=True))
        for line in lines
    )
    return "\r\n".join(["", *(line.rstrip() for line in text), "", ""])


def job(
    name: str = "VM 1",
    start: str = "5/9/2014 4:00:19 PM",
    end: str = "5/9/2014 4:10:19 PM",
    error: str = "----------",
):
    """Cells of one row."""
    return (start, end, name, "HV01.contoso.local", "Replication", "Succeeded", JOB, TASK, "PG 1", error)


class TestJobHistory:
    def test_every_value_survives(self, read) -> None:
        """All columns arrive; dashes, 'Not Started' and 'Not Completed' are NULL."""
        text = format_table(job(error=ERROR), job("VM02", "Not Started", "Not Completed"))
        outcome = read(text, encoding="ascii")
        assert outcome.format == "dpm-job-history"
        assert outcome.rejects == []
        assert outcome.rows[0] == {
            "record_no": 4,
            "record_kind": "job",
            "task_id": TASK,
            "dpm_job_id": JOB,
            "category": "Replication",
            "status": "Succeeded",
            "data_source": "VM 1",
            "production_server": "HV01.contoso.local",
            "protection_group": "PG 1",
            "started_at": datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC),
            "ended_at": datetime(2014, 5, 9, 16, 10, 19, tzinfo=UTC),
            "error_code": 32612,
            "hresult": "0x8007173d",
            "error_text": ERROR,
        }
        assert not {"started_at", "ended_at", "error_text"} & set(outcome.rows[1])

    @pytest.mark.parametrize("by_cells", [False, True])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp932"])
    def test_wide_characters(self, read, by_cells: bool, encoding: str) -> None:
        """Wide characters count as one position or as two cells, as the console that wrote them padded."""
        outcome = read(format_table(job("経理サーバー"), job("VM"), by_cells=by_cells), encoding=encoding)
        assert [row["data_source"] for row in outcome.rows] == ["経理サーバー", "VM"]
        assert [row["task_id"] for row in outcome.rows] == [TASK, TASK]

    def test_question_marks(self, read) -> None:
        """Out-File -Encoding ascii turned wide characters into question marks: columns are found."""
        text = format_table(job("経理サーバー"), job("VM"), by_cells=True).encode("ascii", "replace")
        outcome = read(text)
        assert [row["data_source"] for row in outcome.rows] == ["??????", "VM"]
        assert outcome.rejects == []

    def test_durations(self, read) -> None:
        """The collector's duration column is read as seconds."""
        outcome = read(format_table((*job(), "0d 00h 10m"), names=(*NAMES, "Duration")))
        assert outcome.rows[0]["duration_s"] == 600

    def test_damaged_lines(self, read) -> None:
        """Text before the table, a shifted row and a row of NULs are rejects; a second table is read."""
        table = format_table(job())
        shifted = table.splitlines()[3][3:]
        outcome = read("DPM jobs\r\n" + table + shifted + "\r\n\0\0\r\n" + format_table(job("VM9")))
        assert [row["data_source"] for row in outcome.rows] == ["VM 1", "VM9"]
        expected = ["line outside a table", "the columns do not stand under", "NUL characters"]
        assert all(part in reason for part, reason in zip(expected, outcome.reasons, strict=True))


SERVER_HEADS = (
    "JobType       Start (UTC Time)         End (UTC Time)           State       Data Transfer (MB)   "
    "Production Server                      Name                                   "
    "DPM/CBENGINE TaskID                    DetailedErrorCode   ErrorCode\n"
    "-----------   ----------------------   ----------------------   ---------   ------------------   "
    "------------------------------------   ------------------------------------   "
    "------------------------------------   -----------------   ----------\n"
)
MARS_HEADS = (
    "JobType      Start (UTC Time)         End (UTC Time)           State                  "
    "Data Transfer (MB)   Name                                   JobId                                  "
    "DetailedErrorCode   ErrorCode    "
    "ErrorParameterInfo\n"
    "----------   ----------------------   ----------------------   --------------------   "
    "------------------   ------------------------------------   ------------------------------------   "
    "-----------------   ----------   "
    "------------------\n"
)


def server_row(
    megabytes: str, server: str = "HV01", detail: str = "0", code: str = "0", vm: str = "VM 1"
) -> str:
    """The collector's row format for DPM servers."""
    return (
        f"{'CloudBackup':<11}   {'5/9/2014 4:00:19 PM':<22}   {'5/9/2014 5:00:19 PM':<22}   "
        f"{'Succeeded':<9}   "
        f"{megabytes:>18}   {server:<36}   {vm:<36}   {TASK}   {detail:>17}   {code:>10}\n"
    )


def mars_row(detail: str, code: str) -> str:
    """The collector's row format for MARS agents."""
    return (
        f"{'Backup':<10}   {'13.05.2014 16:00:19':<22}   {'13.05.2014 17:00:19':<22}   "
        f"{'Aborted':<20}   {'1.234,50':>18}   "
        f"{'D:' + chr(92):<36}   {JOB}   {detail:>17}   {code:>10}   {'volume is gone'}   \n"
    )


class TestCbengineHistory:
    def test_server_variant(self, read) -> None:
        """The variant of DPM and MABS servers: UTC, N2 numbers, both codes hexadecimal."""
        outcome = read(SERVER_HEADS + server_row("1,234.50", detail="80070005", code="186a1"))
        assert outcome.format == "cbengine-job-history"
        assert outcome.rows == [
            {
                "record_no": 3,
                "record_kind": "job",
                "task_id": TASK,
                "category": "CloudBackup",
                "status": "Succeeded",
                "data_source": "VM 1",
                "production_server": "HV01",
                "started_at": datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC),
                "ended_at": datetime(2014, 5, 9, 17, 0, 19, tzinfo=UTC),
                "bytes_transferred": 1294467072,
                "error_code": 100001,
                "hresult": "0x80070005",
                "is_online": True,
            }
        ]

    @pytest.mark.parametrize(("code", "number"), [("100001", 100001), ("Cancelled", None)])
    def test_mars_variant(self, read, code: str, number: int | None) -> None:
        """The variant of the MARS agent: JobId is job and task, ErrorCode is decimal or a name."""
        (row,) = read(MARS_HEADS + mars_row("8007007B", code)).rows
        assert (row["dpm_job_id"], row["task_id"]) == (JOB, JOB)
        assert (row.get("error_code"), row["hresult"]) == (number, "0x8007007b")
        assert row["error_text"] == "volume is gone"
        assert row["started_at"] == datetime(2014, 5, 13, 16, 0, 19, tzinfo=UTC)
        assert row["bytes_transferred"] == 1294467072

    def test_long_names_shift_the_columns(self, read) -> None:
        """A server name longer than its column shifts the rest, which is found by gaps of three blanks."""
        (row,) = read(SERVER_HEADS + server_row("0.00", server="x" * 50)).rows
        assert (row["production_server"], row["data_source"], row["task_id"]) == ("x" * 50, "VM 1", TASK)

    def test_damaged_lines(self, read) -> None:
        """A comment, a number that is none and a cut line are rejects; both variants in one file are read."""
        text = (
            "# note\n"
            + SERVER_HEADS
            + server_row("many")
            + server_row("1.00")[:70]
            + "\n"
            + server_row("2.00")
        )
        outcome = read(text + MARS_HEADS + mars_row("0", "0"))
        assert [row["category"] for row in outcome.rows] == ["CloudBackup", "Backup"]
        expected = ["comment line", "Data Transfer (MB): 'many' is no number", "the line may be cut"]
        assert all(part in reason for part, reason in zip(expected, outcome.reasons, strict=True)), (
            outcome.reasons
        )
