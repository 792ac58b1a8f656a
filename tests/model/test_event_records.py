"""The first floor of the events: which count, what stands in their payloads, whose they are."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from analytics.site import Site
from tests.model.views import Row, rows_of

AT = dt.datetime(2025, 2, 3, 22, 0, 0, 250000, tzinfo=dt.UTC)
VHDMP = {"event_provider": "Microsoft-Windows-VHDMP", "channel": "Microsoft-Windows-VHDMP-Operational"}
VMMS = {"event_provider": "Microsoft-Windows-Hyper-V-VMMS", "channel": "Microsoft-Windows-Hyper-V-VMMS-Admin"}
AUDIT = {"event_provider": "Microsoft-Windows-Security-Auditing", "channel": "Security", "event_id": 4904}
WRITER = {"event_provider": "VSS", "channel": "Application", "event_id": 8229}


def event(data: dict[str, Any] | None = None, **more: Any) -> Row:
    """One event of HV01."""
    row = {
        "source_id": "S",
        "record_no": 1,
        "record_id": 1,
        "host": "HV01.corp.example",
        "host_key": "hv01",
        "at": AT,
    }
    return row | {"data": json.dumps(data or {})} | more


def fields(*events: Row, site: Site | None = None) -> list[Row]:
    """event_fields of these events, under the rules as shipped."""
    return rows_of("event_fields", site, events=list(events))


def hits(*events: Row, **given: list[Row]) -> list[Row]:
    """event_hits of these events."""
    return rows_of("event_hits", event_fields=fields(*events), **given)


class TestRules:
    def test_provider_id_and_channel_make_a_match(self):
        """Ids are reused: another provider or channel with the same id is no hit; letters and dashes do not matter."""
        found = fields(
            event(record_id=1, **VHDMP, event_id=25),
            event(
                record_id=2,
                event_provider="MICROSOFT-windows-vhdmp",
                channel=VHDMP["channel"].upper(),
                event_id=25,
            ),
            event(record_id=3, event_provider="Other", channel=VHDMP["channel"], event_id=25),
            event(record_id=4, event_provider=VHDMP["event_provider"], channel="System", event_id=25),
            event(record_id=5, event_provider=VHDMP["event_provider"], channel=None, event_id=25),
            event(record_id=6, **VHDMP, event_id=24),
        )

        assert sorted(row["record_id"] for row in found) == [1, 2, 5]
        assert {row["marker"] for row in found} == {"vhd_mount_begin"}

    def test_a_slash_of_a_channel_may_be_a_dash(self):
        """Exports write either."""
        provider = "Microsoft-Windows-VolumeSnapshot-Driver"
        found = fields(
            *(
                event(
                    record_id=n, event_provider=provider, channel=f"{provider}{sign}Analytic", event_id=1007
                )
                for n, sign in enumerate("/-")
            )
        )

        assert {(row["record_id"], row["marker"]) for row in found} == {
            (n, marker) for n in (0, 1) for marker in ("host_snapshot", "guest_snapshot")
        }

    def test_stars(self):
        """A star as id is any id; a star behind a provider is the rest of its name."""
        found = fields(
            event(record_id=1, event_provider="DPM-EM", channel="DPM Alerts", event_id=3106),
            event(record_id=2, event_provider="SQLAgent$MSDPM2012", channel="Application", event_id=208),
            event(record_id=3, event_provider="SQLAgent$MSDPM2012", channel="Application", event_id=209),
            event(record_id=4, event_provider="SQL", channel="Application", event_id=208),
        )

        assert {row["record_id"]: row["marker"] for row in found} == {
            1: "dpm_alert",
            2: "scheduled_job_failed",
        }

    def test_rules_that_are_off(self):
        """A rule that is not verified counts where the site file says so."""
        row = event(**VMMS, event_id=10107)

        assert fields(row) == []
        switched = Site(time_zone="UTC", event_rules=("Microsoft-Windows-Hyper-V-VMMS/10107",))
        assert [row["marker"] for row in fields(row, site=switched)] == ["hyperv_failure"]

    @pytest.mark.parametrize(
        ("more", "data", "counts"),
        [
            (AUDIT, {"AuditSourceName": "VSSAudit"}, True),
            (AUDIT, {"AuditSourceName": "Other"}, False),
            (AUDIT, {}, False),
            (
                {"event_provider": "Microsoft-Windows-Kernel-PnP", "event_id": 400}
                | {"channel": "Microsoft-Windows-Kernel-PnP/Configuration"},
                {"DeviceInstanceId": r"STORAGE\VolumeSnapshot\HarddiskVolumeSnapshot7"},
                True,
            ),
            (
                {"event_provider": "Microsoft-Windows-Kernel-PnP", "event_id": 400}
                | {"channel": "Microsoft-Windows-Kernel-PnP/Configuration"},
                {"DeviceInstanceId": r"USB\VID_046D"},
                False,
            ),
            (
                {"event_provider": "Microsoft-Windows-Ntfs", "channel": "System", "event_id": 98},
                {"DeviceName": r"\Device\HarddiskVolumeShadowCopy3"},
                True,
            ),
            (
                {"event_provider": "Microsoft-Windows-Ntfs", "channel": "System", "event_id": 98},
                {"DeviceName": r"\Device\HarddiskVolume3"},
                False,
            ),
            (
                {"event_provider": "ESENT", "channel": "Application", "event_id": 216},
                {"5": r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\ntds.dit"},
                True,
            ),
            (
                {"event_provider": "ESENT", "channel": "Application", "event_id": 216},
                {"5": r"C:\ntds.dit"},
                False,
            ),
        ],
    )
    def test_under_which_condition_an_event_counts(self, more, data, counts):
        """The condition stands in the rule: what a field of the payload must hold."""
        assert bool(fields(event(data, **more))) is counts

    def test_one_event_exported_twice(self):
        """It counts once, as the first copy says; a text that only the other copy has is taken from it."""
        copies = [
            event({"VhdFileName": "A"}, **VHDMP, event_id=25, source_id="S1", record_no=9),
            event({"VhdFileName": "B"}, **VHDMP, event_id=25, source_id="S2", record_no=2, message="Text"),
            event({"VhdFileName": "C"}, **VHDMP, event_id=25, source_id="S2", record_no=3, record_id=2),
        ]
        found = sorted(fields(*copies), key=lambda row: row["record_id"])

        assert [(row["source_id"], row["record_no"], row["vhd_path"]) for row in found] == [
            ("S1", 9, "A"),
            ("S2", 3, "C"),
        ]
        assert [row["message"] for row in found] == ["Text", None]

    def test_events_without_a_time(self):
        """They belong nowhere."""
        assert fields(event(**VHDMP, event_id=25, at=None)) == []


class TestFields:
    @pytest.mark.parametrize(
        ("more", "data", "expected"),
        [
            (
                VHDMP | {"event_id": 1},
                {"VhdFileName": "P", "VirtualDisk": "7"},
                {"vhd_path": "P", "pointer": "7"},
            ),
            (
                VHDMP | {"event_id": 12},
                {"VhdFile": "P", "VirtualDisk": "7", "VmId": "ab-c"},
                {"vhd_path": "P", "pointer": "7", "event_vm_id": "AB-C"},
            ),
            (VHDMP | {"event_id": 26}, {"VirtualDisk": "7"}, {"vhd_path": None, "pointer": "7"}),
            (
                VMMS | {"event_id": 10150},
                {"VmName": "VM1", "VmId": "a"},
                {"event_vm": "VM1", "event_vm_id": "A"},
            ),
            (
                VMMS | {"event_id": 10150},
                {"Parameter0": "VM1", "Parameter1": "a"},
                {"event_vm": "VM1", "event_vm_id": "A"},
            ),
            (
                WRITER,
                {"Operation": ["PostSnapshot Event", "Reverting"]},
                {"operation": "PostSnapshot Event, Reverting"},
            ),
            (WRITER, {"Operation": []}, {"operation": None}),
            (
                {"event_provider": "Volsnap", "channel": "System", "event_id": 25},
                {"1": "X", "2": "C:"},
                {"volume": "c:", "process": None},
            ),
            (
                {"event_provider": "DPM-EM", "channel": "DPM Alerts", "event_id": 3106},
                {"1": "Replica is inconsistent"},
                {"says": "Replica is inconsistent", "message": None},
            ),
            (
                {
                    "event_provider": "DPM-EM",
                    "channel": "DPM Alerts",
                    "event_id": 3106,
                    "message": "Rendered",
                },
                {"1": "Replica is inconsistent"},
                {"says": "Rendered", "message": "Rendered"},
            ),
        ],
    )
    def test_what_stands_where(self, more, data, expected):
        """The rule names the field; where versions of Windows differ it names two."""
        (row,) = fields(event(data, **more))

        assert {name: row[name] for name in expected} == expected

    def test_the_audited_snapshot(self):
        """8222 has no names: the fourth field is the process, the ninth the volume."""
        data = {str(n): f"F{n}" for n in range(1, 11)}
        found = fields(event(data, event_provider="VSSAudit", channel="Security", event_id=8222))

        assert {(row["process"], row["volume"]) for row in found} == {("f4", "f9")}


class TestHits:
    @pytest.mark.parametrize(
        ("given", "marker", "role"),
        [
            ({}, "host_snapshot_audit_opened", "hyper-v-host"),
            ({"collections": [{"host": "hv01", "role": "guest"}]}, "guest_snapshot_audit_opened", "guest"),
            (
                {"collections": [{"host": "HV01.x", "role": "dpm-server"}]},
                "host_snapshot_audit_opened",
                "dpm-server",
            ),
            ({"vms": [{"vm": "hv01"}]}, "guest_snapshot_audit_opened", "guest"),
            (
                {"vms": [{"vm": "hv01"}], "collections": [{"host": "HV01", "role": "hyper-v-host"}]},
                "host_snapshot_audit_opened",
                "hyper-v-host",
            ),
        ],
    )
    def test_whose_event_it_is(self, given, marker, role):
        """A guest is what its collection says, else what carries the name of a VM; its rules differ."""
        (row,) = hits(event({"AuditSourceName": "VSSAudit"}, **AUDIT), **given)

        assert (row["marker"], row["computer_role"], row["host"]) == (marker, role, "HV01")

    def test_rules_for_any_computer(self):
        """A failure of VSS counts on guests and hosts."""
        (row,) = hits(event(**WRITER), vms=[{"vm": "HV01"}])

        assert (row["marker"], row["guest_vm"]) == ("vss_failure", "HV01")

    @pytest.mark.parametrize(("micros", "latest"), [(0, 999999), (1, 1), (999999, 999999)])
    def test_whole_seconds_may_be_later(self, micros, latest):
        """Older systems cut their times: a time without a fraction means any in its second."""
        (row,) = hits(event(**WRITER, at=AT.replace(microsecond=micros)))

        assert (row["us"] % 10**6, row["latest_us"] % 10**6) == (micros, latest)

    @pytest.mark.parametrize(
        ("path", "key", "on_snapshot"),
        [
            (r"C:\ClusterStorage\Volume1\VM1\VM1.vhdx", r"vm1\vm1.vhdx", False),
            (r"D:\VM1\VM1.vhdx", r"vm1\vm1.vhdx", False),
            (r"\\?\Volume{01234567-89ab-cdef-0123-456789abcdef}\VM1\VM1.vhdx", r"vm1\vm1.vhdx", True),
            (r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy12\VM1\VM1.vhdx", r"vm1\vm1.vhdx", True),
            (r"\Device\HarddiskVolumeShadowCopy12\VM1\VM1.vhdx", r"vm1\vm1.vhdx", True),
            (r"\Device\HarddiskVolume12\VM1\VM1.vhdx", r"vm1\vm1.vhdx", False),
            (r"\\server\share\VM1.vhdx", r"\\server\share\vm1.vhdx", False),
        ],
    )
    def test_disks_on_a_volume_and_on_its_snapshot(self, path, key, on_snapshot):
        """What follows the volume is the same, and a snapshot is told from an ordinary volume."""
        (row,) = hits(event({"VhdFileName": path}, **VHDMP, event_id=25))

        assert (row["disk_key"], row["is_on_snapshot"]) == (key, on_snapshot)

    def test_the_volume_by_its_guid(self):
        """The GUID alone is kept, in small letters; other names are none."""
        data = {"4": "dpmra.exe", "9": r"\\?\Volume{01234567-89AB-CDEF-0123-456789ABCDEF}\ "}
        (row,) = hits(event(data, event_provider="VSSAudit", channel="Security", event_id=8222))

        assert row["volume_guid"] == "01234567-89ab-cdef-0123-456789abcdef"


BACKUP = {"event_provider": "Microsoft-Windows-Backup", "channel": "Microsoft-Windows-Backup"}
RUN = {
    "BackupTime": "2025-02-03T19:00:00Z",
    "HRESULT": "0x0",
    "SourceSnapStartTime": "2025-02-03T19:00:05Z",
    "SourceSnapEndTime": "2025-02-03T19:01:05Z",
    "PrepareBackupStartTime": "<T>2025-02-03T19:03:00Z</T><T>2025-02-03T19:02:00Z</T>",
    "PrepareBackupEndTime": "<T>2025-02-03T19:04:00Z</T><T>2025-02-03T19:05:00Z</T>",
    "BackupWriteStartTime": "<T>2025-02-03T19:06:00.500Z</T>",
    "BackupWriteEndTime": "",
    "VolumesInfo": '<V Name="C:"/><V Name="System"/>',
    "ErrorMessage": "",
}


def backups(*events: Row) -> list[Row]:
    """windows_backups of these events."""
    records = rows_of("backup_records", event_hits=hits(*events))
    return rows_of("windows_backups", backup_records=records)


class TestWindowsServerBackup:
    def test_one_run_of_several_records(self):
        """First start and last end of all volumes; the last record ends the run."""
        events = [
            event(RUN, **BACKUP, event_id=14, record_id=1),
            event(RUN, **BACKUP, event_id=4, record_id=2, at=AT + dt.timedelta(seconds=1)),
        ]
        (run,) = backups(*events)
        clock = {
            name: f"{value:%H:%M:%S.%f}"[:10] for name, value in run.items() if name.endswith("_at") and value
        }

        assert (run["outcome"], run["hresult"], run["volumes"], run["night"]) == (
            "succeeded",
            None,
            "C:, System",
            dt.date(2025, 2, 3),
        )
        assert clock == {
            "started_at": "19:00:00.0",
            "ended_at": "22:00:01.2",
            "snapshot_started_at": "19:00:05.0",
            "snapshot_ended_at": "19:01:05.0",
            "prepare_started_at": "19:02:00.0",
            "prepare_ended_at": "19:05:00.0",
            "write_started_at": "19:06:00.5",
        }

    @pytest.mark.parametrize(
        ("event_id", "hresult", "outcome"),
        [
            (4, "0", "succeeded"),
            (4, None, "succeeded"),
            (4, "0x80780049", "failed"),
            (5, "0", "failed"),
            (8, "0x0", "failed"),
            (14, "0x0", "succeeded"),
        ],
    )
    def test_outcomes(self, event_id, hresult, outcome):
        """5 and 8 report a failure, and so does an HRESULT that is not zero."""
        (run,) = backups(event(RUN | {"HRESULT": hresult}, **BACKUP, event_id=event_id))

        assert (run["outcome"], run["hresult"]) == (
            outcome,
            hresult if outcome == "failed" and hresult[2:] > "0" else None,
        )

    def test_times_that_were_never_set(self):
        """1601 is the zero of Windows; a record without a begin is no run."""
        (run,) = backups(event(RUN | {"SourceSnapStartTime": "1601-01-01T00:00:00Z"}, **BACKUP, event_id=4))

        assert run["snapshot_started_at"] is None
        assert run["snapshot_ended_at"] is not None
        assert backups(event({"BackupState": "1"}, **BACKUP, event_id=4)) == []
