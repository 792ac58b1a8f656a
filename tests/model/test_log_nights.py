"""Which log there is of which computer and night, and on whose computer a DPM service wrote."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.model.views import S, rows_of

HOUR = 3600 * S


class TestLogNights:
    def test_gaps_in_record_ids(self):
        """Ids that no record of the night bears; a doubled id is none."""
        events = [
            {"source_id": "E", "record_no": n, "host": "HV01.contoso.local", "channel": "System", "record_id": number,
             "at": 23 * HOUR + n}
            for n, number in enumerate((7, 9, 9, 12))
        ]  # fmt: skip
        (row,) = rows_of("log_nights", events=events)

        assert (row["host"], row["log_kind"], row["records"]) == ("HV01", "events:System", 4)
        assert (row["first_record_id"], row["gaps"]) == (7, 3)
        assert (row["first_at"].timestamp(), row["last_at"].timestamp()) == (82800, 82800.000003)

    def test_kinds_and_hosts(self):
        """Errlogs by their service, job records by their DPM server, else by the computer that gave them."""
        rows = rows_of(
            "log_nights",
            trace=[{"source_id": "T", "line_no": 1, "host": "HV01", "at": 23 * HOUR}],
            job_records=[
                {
                    "source_id": "J",
                    "record_no": 1,
                    "dpm_server": "DPM01.contoso.local",
                    "started_at": 23 * HOUR,
                },
                {"source_id": "J", "record_no": 2, "created_at": 24 * HOUR},
                {"source_id": "J", "record_no": 3},
            ],
            sources=[
                {"source_id": "T", "path": "a/DPMRACurr.errlog", "kind": "errlog", "service": "DPMRA"},
                {"source_id": "J", "path": "b/jobs.csv", "kind": "jobs", "host": "DPM02"},
            ],
        )

        assert {(row["host"], row["log_kind"], row["night"]) for row in rows} == {
            ("HV01", "errlog:DPMRA", dt.date(1970, 1, 1)),
            ("DPM01", "job_records", dt.date(1970, 1, 1)),
            ("DPM02", "job_records", dt.date(1970, 1, 1)),
        }


@pytest.mark.parametrize(
    ("line", "source", "found"),
    [
        ({}, {"service": "DPMRA"}, ("HV01", "job_record")),
        ({"host_from": None}, {"service": "DPMRA"}, ("HV01", "job_record")),
        ({"host_from": "collection"}, {"service": "DPMRA"}, ("folder", "collection")),
        ({"task_id": "other"}, {"service": "DPMRA"}, ("folder", "folder")),
        ({}, {"service": "MSDPM"}, ("folder", "folder")),
        ({"host_from": "collection"}, {"service": "MSDPM"}, ("folder", "collection")),
    ],
)
def test_on_which_computer_a_line_was_written(line, source, found):
    """The record of its task names it where only the folder does; a DPM server's own log is about others."""
    stored = {"source_id": "T", "line_no": 1, "task_id": "K", "host": "folder", "host_from": "folder"}
    (row,) = rows_of(
        "trace",
        trace_stored=[stored | line],
        sources=[{"source_id": "T", "path": "folder/x.errlog", "kind": "errlog"} | source],
        job_records=[
            {"source_id": "J", "record_no": 1, "task_id": "K", "production_server": "HV01.contoso.local"},
            {"source_id": "J", "record_no": 2, "task_id": None, "production_server": "HV09"},
        ],
    )

    assert (row["host"], row["host_from"]) == found
    assert row["host_key"] == row["host"].lower()
