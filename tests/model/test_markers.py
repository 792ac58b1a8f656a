"""The view markers: lines of errlogs and events of a job side by side, with what else each of them says."""

from __future__ import annotations

import pytest

from tests.model.views import Row, S, rows_of

LINE: Row = {
    "job_id": "LOG-1",
    "marker": "vhd_chain",
    "at": 5 * S,
    "host": "HV01",
    "volume": "V",
    "detail": "D",
}
LINE |= {"source_id": "S1", "line_no": 7}
EVENT: Row = {
    "job_id": "J",
    "marker": "vss_t2",
    "at": 6 * S,
    "host": "HV02",
    "volume_guid": "G",
    "source_id": "S2",
}
EVENT |= {"record_no": 9}


def test_a_line_is_its_records_job():
    """Where a record was matched; else it keeps the job of the log."""
    matched = [{"marks_id": "LOG-1", "job_id": "REC"}]
    for matches, job in (
        (matched, "REC"),
        ([{"marks_id": "LOG-2", "job_id": "REC"}], "LOG-1"),
        ([], "LOG-1"),
    ):
        (row,) = rows_of("markers", log_markers=[LINE], log_matches=matches)
        assert (row["job_id"], row["marker"], row["host"], row["volume"]) == (job, "vhd_chain", "HV01", "V")
        assert (row["detail"], row["source_id"], row["line_no"], row["record_no"]) == ("D", "S1", 7, None)


@pytest.mark.parametrize(
    ("says", "detail"),
    [
        ({"vhd_path": "P", "process": "X", "message": "M"}, "P"),
        ({"process": "X", "message": "M"}, "X"),
        ({"message": "M"}, "M"),
        ({}, None),
    ],
)
def test_what_an_event_says(says, detail):
    """The disk, else the process, else the message."""
    (row,) = rows_of("markers", job_events=[EVENT | says])

    assert (row["job_id"], row["marker"], row["host"], row["volume"]) == ("J", "vss_t2", "HV02", "G")
    assert (row["detail"], row["source_id"], row["line_no"], row["record_no"]) == (detail, "S2", None, 9)
