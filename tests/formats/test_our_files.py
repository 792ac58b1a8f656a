from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from analytics.formats import Reading

VMS = (
    "VMName,VMId,HostName,ClusterName,VMVersion,"
    "VhdPath,VhdFormat,VhdType,MaxSizeBytes,FileSizeBytes,PassThrough"
)
COLLECTION = {
    "host": "HV01",
    "role": "dpm-server",
    "collected_at": "2014-05-09T09:00:00+09:00",
    "time_zone": "Asia/Tokyo",
}


class TestVmsCsv:
    def test_every_value_survives(self, read) -> None:
        """All columns arrive; the time of collection is that of the collection.json beside the file."""
        at = datetime(2014, 5, 9, tzinfo=UTC)
        row = (
            "経理,{8ae83798-7a85-466a-80ca-22ca66582965},HV01,C1,8.0,C:\\経理.vhdx,VHDX,Fixed,2000,1000,False"
        )
        outcome = read(f"{VMS}\n{row}\n", Reading(collected_at=at), "utf-8-sig")
        assert outcome.format == "vms-csv"
        assert outcome.rows == [
            {
                "record_no": 2,
                "collected_at": at,
                "vm": "経理",
                "vm_id": "8AE83798-7A85-466A-80CA-22CA66582965",
                "host": "HV01",
                "cluster": "C1",
                "vm_version": "8.0",
                "vhd_path": "C:\\経理.vhdx",
                "vhd_format": "VHDX",
                "vhd_type": "Fixed",
                "max_size_bytes": 2000,
                "file_size_bytes": 1000,
                "pass_through": False,
            }
        ]

    def test_pass_through_disk(self, read) -> None:
        """A pass-through disk has neither path nor file size; these are NULL."""
        (row,) = read(f"{VMS}\nVM,,HV01,,8.0,,,,2000,,TRUE\n").rows
        assert row["pass_through"] is True
        assert not {"vhd_path", "file_size_bytes", "cluster", "vm_id"} & set(row)

    def test_bad_rows(self, read) -> None:
        """A disk without VM and a size that is no number are rejects; the rest is used."""
        outcome = read(f"{VMS}\n,,HV01,,8.0,,,,2000,,False\nVM,,HV01,,8.0,,,,big,,False\nVM,,HV01,,,,,,,,\n")
        assert outcome.reasons == ["VMName is empty", "MaxSizeBytes: 'big' is no whole number"]
        assert [row["record_no"] for row in outcome.rows] == [4]

    def test_missing_column(self, read) -> None:
        """Without VhdPath the file is one reject that names it."""
        outcome = read(VMS.replace("VhdPath,", "") + "\nVM,,HV01,,8.0,,,2000,,False\n")
        assert outcome.reasons == ["column VhdPath is missing; nothing below is used"]


class TestCollectionJson:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_every_value_survives(self, read, encoding: str) -> None:
        """Host, role, time (in UTC) and zone are read in any encoding."""
        outcome = read(json.dumps(COLLECTION), encoding=encoding)
        assert outcome.format == "collection-json"
        assert outcome.rows == [COLLECTION | {"collected_at": datetime(2014, 5, 9, tzinfo=UTC)}]

    def test_a_zone_as_windows_names_it(self, read) -> None:
        """[TimeZoneInfo]::Local.Id becomes the IANA name."""
        outcome = read(json.dumps(COLLECTION | {"time_zone": "W. Europe Standard Time"}))
        assert [row["time_zone"] for row in outcome.rows] == ["Europe/Berlin"]

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"host": ""}, '"host" is missing'),
            ({"host": 7}, '"host" is no text'),
            ({"role": "printer"}, "role 'printer' is none of"),
            ({"collected_at": "yesterday"}, "no ISO 8601 time"),
            ({"time_zone": "Edo Standard Time"}, "is no IANA time zone (for example Asia/Tokyo)"),
        ],
    )
    def test_wrong_values(self, read, change: dict[str, object], reason: str) -> None:
        """A wrong value makes the file one reject that says what would be right."""
        outcome = read(json.dumps(COLLECTION | change))
        assert outcome.rows == []
        assert reason in outcome.reasons[0]
        assert '"host": "HV01"' in outcome.reasons[0]

    def test_broken_file(self, read) -> None:
        """A file that was cut is recognised all the same and rejected with the parser's words."""
        outcome = read(json.dumps(COLLECTION)[:60])
        assert outcome.rows == []
        assert outcome.reasons[0].startswith("broken JSON: ")

    def test_lone_surrogate(self, read) -> None:
        """A lone surrogate, which JSON allows, does not stop the reader."""
        assert read(json.dumps(COLLECTION | {"host": "HV\ud800"})).rows[0]["host"] == "HV?"


@pytest.mark.parametrize("between", ["", "\n", "]", '\n{"host": "HV0'])
def test_joined_copies_of_a_collection(read, between: str) -> None:
    """Each object is read, whatever stands between them; what is none is a reject."""
    text = '{"host": "HV01", "role": "guest", "collected_at": "2025-02-03T00:00:00Z", "time_zone": "UTC"}'
    outcome = read(f"{text}{between}{text}")
    assert [row["host"] for row in outcome.rows] == ["HV01", "HV01"]
    assert len(outcome.rejects) == (1 if between.strip() else 0)
