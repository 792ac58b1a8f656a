from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

TASK = "8AE83798-7A85-466A-80CA-22CA66582965"
JOB = "11111111-2222-3333-4444-555555555555"
START, END = datetime(2014, 5, 9, 16, 0, 19, tzinfo=UTC), datetime(2014, 5, 9, 17, 0, 19, tzinfo=UTC)
ADDON = (
    "TimeGenerated [UTC],JobUniqueId,Job Operation,JobStatus,JobStartDateTime [UTC],JobDurationInSecs,"
    "DataTransferredInMB,JobFailureCode,BackupItemFriendlyName,DatasourceType,BackupManagementServerName"
)


def addon(generated: str, status: str, seconds: int, code: str = "Success", job: str = JOB) -> str:
    """One state of a job."""
    stated = f"{job},Backup,{status},2014-05-09T16:00:19.000Z,{seconds},1.5,{code},VM1,HyperV,DPM1"
    return f'"5/9/2014, {generated}",{stated}'


class TestLogAnalytics:
    def test_resource_specific_table(self, read) -> None:
        """The last state by TimeGenerated decides whatever the order; earlier states count as filtered."""
        states = [addon("5:01:00.000 PM", "Completed", 3600), addon("4:30:00.000 PM", "InProgress", 1800)]
        for rows in (states, states[::-1]):
            outcome = read("\n".join([ADDON, *rows]), encoding="utf-8-sig")
            (row,) = outcome.rows
            assert row.pop("record_no") == 2 + rows.index(states[0])
            assert outcome.filtered == 1
            assert row == {
                "record_kind": "job",
                "dpm_job_id": JOB,
                "category": "Backup",
                "status": "Completed",
                "data_source": "VM1",
                "data_source_type": "HyperV",
                "dpm_server": "DPM1",
                "started_at": START,
                "ended_at": END,
                "duration_s": 3600.0,
                "bytes_transferred": 1572864,
            }

    def test_running_and_failed(self, read) -> None:
        """A running job has no end; a failure code is the error text."""
        rows = [addon("4:30:00 PM", "InProgress", 60), addon("4:31:00 PM", "Failed", 9, "UserErrorX", TASK)]
        running, failed = read("\n".join([ADDON, *rows])).rows
        assert "ended_at" not in running
        assert failed["error_text"] == "UserErrorX"

    def test_legacy_table(self, read) -> None:
        """AzureDiagnostics: type suffixes are stripped, rows about other things than jobs are left out."""
        header = (
            "OperationName,JobUniqueId_g,JobStatus_s,JobOperation_s,JobStartDateTime_s,JobDurationInSecs_s,"
            "BackupStorageDestination_s"
        )
        rows = [f"Job,{JOB},Completed,Backup,2014-05-09T16:00:19Z,3600,Cloud", "Alert,,,,,,"]
        outcome = read("\n".join([header, *rows]))
        (row,) = outcome.rows
        assert (row["status"], row["is_online"], row["ended_at"]) == ("Completed", True, END)
        assert (outcome.filtered, outcome.rejects) == (1, [])

    @pytest.mark.parametrize("shape", ["list", "value", "tables"])
    def test_function_as_json(self, read, shape: str) -> None:
        """Rows of _AzureBackup_GetJobs() as JSON, in the three shapes that tools write."""
        record = {
            "UniqueId": JOB,
            "OperationCategory": "Backup",
            "Operation": "Backup",
            "Status": "CompletedWithWarnings",
            "StartTime": "2014-05-09T16:00:19Z",
            "DurationInSecs": 3600.0,
            "DataTransferredInMBs": 1.5,
        }
        table = {"columns": [{"name": name} for name in record], "rows": [list(record.values())]}
        content = {"list": [record], "value": {"value": [record]}, "tables": {"tables": [table]}}[shape]
        (row,) = read(json.dumps(content)).rows
        assert (row["status"], row["started_at"], row["ended_at"]) == ("CompletedWithWarnings", START, END)
        assert row["bytes_transferred"] == 1572864

    @pytest.mark.parametrize("shape", ["list", "value", "tables"])
    @pytest.mark.parametrize("damage", ["cut", "spoilt"])
    def test_damaged_json(self, read, shape: str, damage: str) -> None:
        """Of a JSON that is cut, or broken in one record, all other records are read, and one reject says so."""
        records = [
            {
                "UniqueId": f"{number}",
                "Operation": "Backup",
                "Status": "Completed",
                "StartTime": "2014-05-09T16:00:19Z",
            }
            for number in range(5)
        ]
        table = {
            "columns": [{"name": name} for name in records[0]],
            "rows": [[*row.values()] for row in records],
        }
        content = {"list": records, "value": {"value": records}, "tables": {"tables": [table]}}[shape]
        text = json.dumps(content)
        place = text.rindex("Completed") if damage == "cut" else text.index('"Completed"')
        outcome = read(text[:place] + (text[place + 1 :] if damage == "spoilt" else ""))
        whole = {"0", "1", "2", "3"} if damage == "cut" else {"1", "2", "3", "4"}
        assert {row["dpm_job_id"] for row in outcome.rows} == whole
        assert [reason[:11] for reason in outcome.reasons] == ["broken JSON"]

    def test_broken_files(self, read) -> None:
        """A cut JSON file and a CSV without a start are one reject each; a row without id is a reject."""
        assert read('[{"JobUniqueId": "a", "JobStatus": "Comp').reasons[0].startswith("broken JSON")
        missing = read(ADDON.replace("JobStartDateTime [UTC],", "") + "\n")
        assert missing.reasons == ["column JobStartDateTime is missing; nothing below is used"]
        assert read(ADDON + "\n" + addon("4:30:00 PM", "Failed", 9, job="")).reasons == [
            "JobUniqueId is empty"
        ]


TRAIL = (
    "TaskID,JobID,JobTypeGuid,ProtectionGroup,DataSourceName,ServerName,ExecutionState,ErrorCode,LastStateName,"
    "CreatedDateTime,StartedDateTime,StoppedDateTime"
)
ROW = (
    f"{TASK},{JOB.lower()},{{3d859d8c-d0bb-4142-8696-c0d215203e0d}},PG,VM1,HV01,3,104,Failure,"
    "2014-05-09 16:00:15.117,2014-05-09 16:00:19.000,2014-05-09 17:00:19.000"
)


class TestTaskTrail:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_every_value_survives(self, read, encoding: str) -> None:
        """The documented columns arrive; the category is the job type's GUID, times are UTC."""
        outcome = read(f"{TRAIL}\r\n{ROW}\r\n", encoding=encoding)
        assert outcome.format == "task-trail-csv"
        assert outcome.rows == [
            {
                "record_no": 2,
                "record_kind": "job",
                "task_id": TASK,
                "dpm_job_id": JOB,
                "category": "3D859D8C-D0BB-4142-8696-C0D215203E0D",
                "status": "3",
                "data_source": "VM1",
                "production_server": "HV01",
                "protection_group": "PG",
                "created_at": datetime(2014, 5, 9, 16, 0, 15, 117000, tzinfo=UTC),
                "started_at": START,
                "ended_at": END,
                "error_code": 104,
            }
        ]

    def test_sqlcmd(self, read) -> None:
        """Sqlcmd's line of dashes, its NULLs and its count of rows are no records."""
        dashes = ",".join("-" * len(name) for name in TRAIL.split(","))
        running = (
            ROW.replace("2014-05-09 17:00:19.000", "NULL")
            .replace(",VM1,", ",NULL,")
            .replace(",3,104,", ",1,0,")
        )
        outcome = read(f"{TRAIL}\n{dashes}\n{running}\n\n(1 rows affected)\n")
        assert outcome.rejects == []
        assert not {"ended_at", "data_source", "error_code"} & set(outcome.rows[0])

    def test_bad_rows(self, read) -> None:
        """A wrong GUID and a missing column are named."""
        assert "JobTypeGuid: 'x' is no GUID" in read(f"{TRAIL}\n{TASK},,x,,,,2,0,,,,\n").reasons[0]
        missing = read(TRAIL.replace("TaskID,", "") + "\n")
        assert missing.reasons == ["column TaskID is missing; nothing below is used"]
