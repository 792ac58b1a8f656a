"""The view backup_records: what Windows Server Backup says of a run, field by field."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from tests.model.views import Row, S, rows_of

DATA = {
    "BackupTime": "2025-02-03T22:00:00.5Z",
    "HRESULT": "0",
    "ErrorMessage": "",
    "SourceSnapStartTime": "2025-02-03T22:01:00Z",
    "SourceSnapEndTime": "2025-02-03T22:02:00Z",
    "PrepareBackupStartTime": "<T><V>2025-02-03T22:04:00Z</V><V>2025-02-03T22:03:00Z</V></T>",
    "PrepareBackupEndTime": "<T><V>2025-02-03T22:05:00Z</V><V>2025-02-03T22:06:00Z</V></T>",
    "BackupWriteStartTime": "<T><V>2025-02-03T22:08:00.123Z</V><V>2025-02-03T22:07:00Z</V></T>",
    "BackupWriteEndTime": "<T><V>2025-02-03T22:09:00Z</V><V>2025-02-03T22:10:00Z</V></T>",
    "VolumesInfo": '<V Name="C:" Size="1"/><V Name="D:"/>',
}
MOMENTS = ("started_at", "snapshot_started_at", "snapshot_ended_at", "prepare_started_at", "prepare_ended_at")
MOMENTS += ("write_started_at", "write_ended_at")


def record(event_id: int = 14, marker: str = "windows_backup", **data: str | None) -> Row | None:
    """The row of one event, None where there is none."""
    said = {name: value for name, value in (DATA | data).items() if value is not None}
    event: Row = {"host": "HV01", "host_key": "hv01", "at": 5 * S, "event_id": event_id, "marker": marker}
    rows = rows_of("backup_records", event_hits=[event | {"data": json.dumps(said)}])
    return rows[0] if rows else None


def known(**more: object) -> Row:
    """The row of an event that has one."""
    row = record(**more)  # type: ignore[arg-type]
    assert row is not None
    return row


def test_moments():
    """Of several volumes the first start and the last end."""
    minutes = [
        (known()[name] - dt.datetime(2025, 2, 3, 22, tzinfo=dt.UTC)).total_seconds() / 60 for name in MOMENTS
    ]

    assert minutes == [0.5 / 60, 1, 2, 3, 6, 7, 10]


@pytest.mark.parametrize("field", ["SourceSnapStartTime", "SourceSnapEndTime"])
@pytest.mark.parametrize("text", ["1601-01-01T00:00:00Z", "", None, "soon"])
def test_moments_that_were_never_set(field, text):
    """Those of 1601, and what is no time."""
    name = "snapshot_started_at" if "Start" in field else "snapshot_ended_at"
    row = known(**{field: text})

    assert [each for each in MOMENTS if row[each] is None] == [name]


def test_without_volumes():
    """No time of a volume is no time at all."""
    row = known(PrepareBackupStartTime="<T/>", BackupWriteEndTime=None, VolumesInfo="<V/>")

    assert (row["prepare_started_at"], row["write_ended_at"], row["volumes"]) == (None, None, None)
    assert known()["volumes"] == "C:, D:"


@pytest.mark.parametrize(
    ("event_id", "hresult", "is_failed"),
    [
        (14, "0", False),
        (14, "0x0", False),
        (14, "2155348165", True),
        (5, "0", True),
        (8, "0", True),
        (4, None, False),
    ],
)
def test_whether_it_failed(event_id, hresult, is_failed):
    """By its event, or by an error that it names."""
    row = known(event_id=event_id, HRESULT=hresult)

    assert row["is_failed"] is is_failed
    assert row["hresult"] == (hresult if hresult not in {"0", "0x0"} else None)


def test_error_texts():
    """Nothing where it is empty."""
    assert known()["error_text"] is None
    assert known(ErrorMessage="The disk is full.")["error_text"] == "The disk is full."


def test_other_events():
    """Those that another rule names are no such records."""
    assert record(marker="vss_t2") is None
