"""The events that the simulated machines log: provider, id, channel, level and fields.

Source of ids and fields: windows-events.md chapter 2 and windows-events.jsonl. No manifest of vmms.exe and
no FailoverClustering record was available there: field names of those two are the likely ones (marked *).
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.synth.events.record import VML_EVENT_LOG, Kind, Provider, fields_of

_INFORMATION, _WARNING, _ERROR, _AUDIT = 4, 3, 2, 0
_CLASSIC, _AUDIT_SUCCESS, _MANIFEST = 1 << 55, 0x8020000000000000, 1 << 63
APPLICATION, SYSTEM, SECURITY = "Application", "System", "Security"
VHDMP_LOG = "Microsoft-Windows-VHDMP-Operational"
_SNAPSHOT_ANALYTIC = "Microsoft-Windows-VolumeSnapshot-Driver/Analytic"
_SNAPSHOT_LOG = "Microsoft-Windows-VolumeSnapshot-Driver/Operational"
_PNP_LOG, _PARTITION_LOG = (
    "Microsoft-Windows-Kernel-PnP/Configuration",
    "Microsoft-Windows-Partition/Diagnostic",
)
_VMMS_LOG, _WORKER_LOG = "Microsoft-Windows-Hyper-V-VMMS-Admin", "Microsoft-Windows-Hyper-V-Worker-Admin"
_GUEST_DRIVERS_LOG, _BACKUP_LOG = "Microsoft-Windows-Hyper-V-Guest-Drivers/Admin", "Microsoft-Windows-Backup"
_ALERTS_LOG, _DIRECTORY_LOG = "DPM Alerts", "Directory Service"

_VSS, _VSS_AUDIT = Provider("VSS"), Provider("VSSAudit")
_SECURITY_AUDITING = Provider("Microsoft-Windows-Security-Auditing", "54849625-5478-4994-a5ba-3e3b0328c30d")
_SNAPSHOT_DRIVER = Provider("Microsoft-Windows-VolumeSnapshot-Driver", "67fe2216-727a-40cb-94b2-c02211edb34a")
_VHDMP = Provider("Microsoft-Windows-VHDMP", "e2816346-87f4-4f85-95c3-0c79409aa89d")
_PNP = Provider("Microsoft-Windows-Kernel-PnP", "9c205a39-1250-487d-abd7-e831c6290539")
_NTFS = Provider("Microsoft-Windows-Ntfs", "3ff37a1c-a68d-4d6e-8c9b-f79e8b16c482")
_PARTITION = Provider("Microsoft-Windows-Partition", "412bdff2-a8c4-470d-8f33-63fe0d8c20e2")
_OLD_VOLSNAP = Provider("volsnap")
_VOLSNAP = Provider("Volsnap", "cb017cd2-1f37-4e65-82bc-3e91f6a37559", "volsnap")
_VMMS = Provider("Microsoft-Windows-Hyper-V-VMMS", "6066f867-7ca1-4418-85fd-36e3f9c0600c")
_WORKER = Provider("Microsoft-Windows-Hyper-V-Worker", "51ddfa29-d5c8-4803-be4b-2ecb715570fe")
_GUEST_DRIVERS = Provider(
    "Microsoft-Windows-Hyper-V-Guest-Drivers-IcSvc", "c18672d1-dc18-4dfd-91e4-170cf37160cf"
)
_SCM = Provider("Service Control Manager", "555908d1-a6d7-4695-8e1e-26931d2012f4", "Service Control Manager")
_ESENT, _NTDS, _SQL = Provider("ESENT"), Provider("NTDS ISAM"), Provider("MSSQLSERVER")
_CLUSTERING = Provider("Microsoft-Windows-FailoverClustering", "baf908ea-3421-4ca9-9b84-6689b8c6f85f")
_BACKUP = Provider("Microsoft-Windows-Backup", "1db28f2e-8f80-4027-8c5a-a11f7f10f62d")
_DPM_ALERTS, _MSDPM, _SQL_AGENT = Provider("DPM-EM"), Provider("MSDPM"), Provider("SQLAgent$MSDPM2012")
_SPP = Provider("Microsoft-Windows-Security-SPP", "e23b33b0-c8c9-472c-a5f9-f2bdfea0f156", "Software Protection Platform Service")  # fmt: skip  # noqa: E501


@dataclass(frozen=True)
class _Family:
    """What the kinds of one provider in one channel have in common."""

    prefix: str
    provider: Provider
    channel: str
    keywords: int = _MANIFEST
    qualifiers: int | None = None
    shape: str = "EventData"
    whole_seconds: bool = False

    def kind(
        self, event_id: int, fields: str, level: int = _INFORMATION, opcode: int = 0, task: int = 0
    ) -> Kind:
        """One kind; its key is prefix and id."""
        return Kind(
            key=f"{self.prefix}_{event_id}",
            provider=self.provider,
            event_id=event_id,
            channel=self.channel,
            level=level,
            fields=fields_of(fields),
            opcode=opcode,
            task=task,
            keywords=self.keywords,
            qualifiers=self.qualifiers,
            shape=self.shape,
            whole_seconds=self.whole_seconds,
        )


def _classic(prefix: str, provider: Provider, channel: str = APPLICATION, qualifiers: int = 0) -> _Family:
    # Classic sources wrote whole seconds before Windows Server 2016 (windows-events.md 1).
    return _Family(prefix, provider, channel, _CLASSIC, qualifiers, whole_seconds=True)


_START, _STOP = 1, 2
_SNAPSHOT_PLACE = "HexInt32 SourceFile, UInt16 SourceLine, UInt32 SourceTag"
_ANALYTIC = (
    "UInt16 DiagPrefixLength, UnicodeString DiagPrefix, UInt16 VolumeNameLength, UnicodeString VolumeName, "
)
_ANALYTIC += "GUID TargetVolumeGuid, GUID SnapshotGuid, "
_HANDLE = (
    "UInt32 Status, UnicodeString VhdFile, GUID VmId, UInt32 VhdType, UInt32 Version, UInt32 Flags, "
    "UInt32 AccessMask, UInt32 WriteDepth, Boolean GetInfoOnly, Boolean ReadOnly, Pointer HandleContext, "
    "Pointer VirtualDisk, Pointer FileObject"
)
_VHD, _SURFACED = (
    "UnicodeString VhdFileName",
    "UnicodeString VhdFileName, UInt32 VhdDiskNumber, Pointer VirtualDisk",
)
_VM = "UnicodeString VmName, UnicodeString VmId"
_VM_ERROR = f"{_VM}, UnicodeString ErrorMessage, UnicodeString ErrorCode"
_VOLSNAP_NAMED = (
    "UnicodeString DeviceName, UnicodeString VolumeName, HexInt32 NTSTATUS, UInt32 SourceTag, UInt32 SourceFileID, "
    "UInt32 SourceLine"
)
_CSV = "UnicodeString VolumeName, UnicodeString ResourceName"
_DEVICE = "UnicodeString DeviceInstanceId, UnicodeString DriverName, GUID ClassGuid, "
_BACKUP_TIMES = (
    "FILETIME SourceSnapStartTime, FILETIME SourceSnapEndTime, UnicodeString PrepareBackupStartTime, "
    "UnicodeString PrepareBackupEndTime, UnicodeString BackupWriteStartTime, UnicodeString BackupWriteEndTime, "
    "FILETIME TargetSnapStartTime, FILETIME TargetSnapEndTime, UnicodeString DVDFormatStartTime, "
    "UnicodeString DVDFormatEndTime, UnicodeString MediaVerifyStartTime, UnicodeString MediaVerifyEndTime, "
    "Int32 BackupPreviousState, UnicodeString ComponentStatus, UnicodeString ComponentInfo, "
    "FILETIME SSBEnumerateStartTime, FILETIME SSBEnumerateEndTime, FILETIME SSBVhdCreationStartTime, "
    "FILETIME SSBVhdCreationEndTime, FILETIME SSBBackupStartTime, FILETIME SSBBackupEndTime, "
    "UnicodeString SystemStateBackup, UnicodeString BMR, Boolean VssFullBackup, Boolean UserInputBMR, "
    "Boolean UserInputSSB, UnicodeString BackupSuccessLogPath, UnicodeString BackupFailureLogPath, "
    "UnicodeString EnumerateBackupStartTime, UnicodeString EnumerateBackupEndTime, "
    "UnicodeString PruneBackupStartTime, UnicodeString PruneBackupEndTime, HexInt32 BackupFlags, "
    "UnicodeString ComponentInfoSummary"
)
_BACKUP_STATE = (
    "GUID BackupTemplateID, HexInt32 HRESULT, HexInt32 DetailedHRESULT, UnicodeString ErrorMessage, "
    "Int32 BackupState, FILETIME BackupTime, UnicodeString BackupTarget, UInt32 NumOfVolumes, "
    "UnicodeString VolumesInfo, "
)


def _analytic_kinds() -> list[Kind]:
    family = _Family("analytic", _SNAPSHOT_DRIVER, _SNAPSHOT_ANALYTIC, 1 << 62)
    pairs = (1000, 1006, 1008, 1018, 1020, 1024, 1030)
    enter = [family.kind(number, _ANALYTIC + _SNAPSHOT_PLACE, opcode=_START) for number in pairs]
    leave_fields = f"{_ANALYTIC}HexInt32 ExitStatus, {_SNAPSHOT_PLACE}"
    return enter + [family.kind(number + 1, leave_fields, opcode=_STOP) for number in pairs]


def _snapshot_kinds() -> list[Kind]:
    family = _Family("snapshot", _SNAPSHOT_DRIVER, _SNAPSHOT_LOG, 1 << 62)
    volume = "GUID TargetVolumeGuid, "
    counts = "UInt32 SnapshotCount, UInt32 CountDeleted, UInt32 CountVisible, "
    activated = "GUID SnapshotGuid, Boolean Deleted, Boolean Visible, SYSTEMTIME CommitTime, "
    plain = [
        family.kind(number, volume + _SNAPSHOT_PLACE) for number in (100, 101, 103, 110, 114, 115, 116, 117)
    ]
    return [
        *plain,
        family.kind(104, volume + counts + _SNAPSHOT_PLACE),
        family.kind(106, volume + activated + _SNAPSHOT_PLACE),
        family.kind(111, f"{volume}UInt32 DiffAreaCount, {_SNAPSHOT_PLACE}"),
    ]


def _vhdmp_kinds() -> list[Kind]:
    family = _Family("vhdmp", _VHDMP, VHDMP_LOG, 0x8000000000000001)
    surface, unsurface, handle, close = 1205, 1206, 1211, 1212
    log = "UnicodeString LogFileName"
    return [
        family.kind(1, _SURFACED, opcode=_STOP, task=surface),
        family.kind(2, _SURFACED, opcode=_STOP, task=unsurface),
        family.kind(3, f"{_VHD}, UInt32 Status, Pointer VirtualDisk", _ERROR, _STOP, surface),
        family.kind(8, f"{_VHD}, UInt32 CorruptionReason", _ERROR),
        family.kind(9, _VHD, _ERROR),
        family.kind(10, f"{_VHD}, UInt32 Status", _ERROR),
        family.kind(11, f"UInt32 VhdIoType, {_VHD}, UInt32 Status", _ERROR),
        family.kind(12, _HANDLE, opcode=_STOP, task=handle),
        family.kind(14, "Pointer HandleContext, Pointer VirtualDisk", opcode=_STOP, task=close),
        family.kind(17, _SURFACED, opcode=_STOP, task=surface),
        family.kind(18, _SURFACED, opcode=_STOP, task=unsurface),
        family.kind(25, f"{_VHD}, Pointer VirtualDisk", opcode=_START, task=surface),
        family.kind(26, "Pointer VirtualDisk", opcode=_START, task=unsurface),
        family.kind(50, f"AnsiString VhdMetaOps, {_VHD}, UnicodeString TargetVhdFileName"),
        family.kind(51, f"AnsiString VhdMetaOps, {_VHD}, UInt32 Status"),
        family.kind(208, f"{_VHD}, UInt64 VirtualDisk, {log}"),
        family.kind(210, f"UInt64 VirtualDisk, {log}, UInt32 Status", _ERROR),
        family.kind(214, f"{log}, {_VHD}, UInt32 Status, UInt64 VHDFileTime, UInt64 LogFileTime", _ERROR),
    ]


def _vss_kinds() -> list[Kind]:
    """The last insert is the block of Operation and Context."""
    vss = _classic("vss", _VSS)
    audit = _Family("vssaudit", _VSS_AUDIT, SECURITY, _AUDIT_SUCCESS, 0)
    security = _Family("security", _SECURITY_AUDITING, SECURITY, _AUDIT_SUCCESS)
    source = (
        "SID SubjectUserSid, UnicodeString SubjectUserName, UnicodeString SubjectDomainName, "
        "HexInt64 SubjectLogonId, UnicodeString AuditSourceName, HexInt64 EventSourceId, HexInt64 ProcessId, "
        "UnicodeString ProcessName"
    )
    return [
        vss.kind(8194, "*, *", _ERROR),
        vss.kind(8224, "*"),
        vss.kind(8229, "*, *", _WARNING),
        vss.kind(12289, "*, *, *", _ERROR),
        vss.kind(12298, "*, *, *, *, *, *, *", _ERROR),
        vss.kind(12310, "*, *", _ERROR),
        vss.kind(12363, ", ".join(["*"] * 13), _ERROR),
        audit.kind(8222, ", ".join(["*"] * 10), _AUDIT),
        audit.kind(8223, ", ".join(["*"] * 10), _AUDIT),
        security.kind(4904, source, _AUDIT, task=13568),
        security.kind(4905, source, _AUDIT, task=13568),
    ]


def _volsnap_kinds() -> list[Kind]:
    error, information = 49158, 16390
    levels = ((8, _ERROR, error), (14, _ERROR, error), (25, _ERROR, error), (33, _INFORMATION, information))
    return [
        kind
        for number, level, qualifiers in levels
        for kind in (
            _classic("volsnap", _OLD_VOLSNAP, SYSTEM, qualifiers).kind(number, "*, *", level),
            _Family("volsnap_named", _VOLSNAP, SYSTEM, _CLASSIC, qualifiers).kind(
                number, _VOLSNAP_NAMED, level
            ),
        )
    ]


def _device_kinds() -> list[Kind]:
    pnp = _Family("pnp", _PNP, _PNP_LOG, 1 << 62)
    ntfs = _Family("ntfs", _NTFS, SYSTEM, 0x8000000000000002)
    partition = _Family("partition", _PARTITION, _PARTITION_LOG)
    disk_fields = (
        "UInt32 DiskNumber, UInt32 BytesPerSector, UInt64 Capacity, UInt32 BusType, UnicodeString Manufacturer, "
        "UnicodeString Model, UnicodeString Revision, UnicodeString SerialNumber, UnicodeString ParentId, GUID DiskId"
    )
    configured = (
        "UnicodeString DriverDate, UnicodeString DriverVersion, UnicodeString DriverProvider, Boolean DriverInbox, "
        "UnicodeString DriverSection, HexInt32 DriverRank, UnicodeString MatchingDeviceId, "
        "UnicodeString OutrankedDrivers, Boolean DeviceUpdated, HexInt32 Status, UnicodeString ParentDeviceInstanceId"
    )
    started = (
        "UnicodeString ServiceName, UnicodeString LowerFilters, UnicodeString UpperFilters, HexInt32 Problem, "
        "HexInt32 Status"
    )
    return [
        pnp.kind(400, _DEVICE + configured),
        pnp.kind(410, _DEVICE + started),
        ntfs.kind(98, "UnicodeString DriveName, UnicodeString DeviceName, UInt32 CorruptionActionState"),
        partition.kind(1006, disk_fields),
        _classic("partmgr", Provider("partmgr"), SYSTEM, 32772).kind(58, "*, *, *", _WARNING),
        _classic("disk", Provider("disk"), SYSTEM, 32772).kind(157, "*, *", _WARNING),
    ]


def _hyper_v_kinds() -> list[Kind]:
    vmms = _Family("vmms", _VMMS, _VMMS_LOG, shape=VML_EVENT_LOG)
    worker = _Family("worker", _WORKER, _WORKER_LOG, shape=VML_EVENT_LOG)
    guest = _Family("icsvc", _GUEST_DRIVERS, _GUEST_DRIVERS_LOG)
    path = f"{_VM}, UnicodeString VhdPath"  # * 10103 and 10111 name the VHD; its element is not documented
    return [
        vmms.kind(10102, _VM, _ERROR),
        vmms.kind(10103, path, _ERROR),
        vmms.kind(10104, _VM, _ERROR),
        vmms.kind(10111, path, _ERROR),
        vmms.kind(10150, _VM_ERROR, _ERROR),
        vmms.kind(18012, _VM, _ERROR),
        vmms.kind(19070, _VM),
        vmms.kind(19080, _VM),
        vmms.kind(19100, _VM_ERROR, _ERROR),
        # 2012 R2 gave id 10103 another meaning: "cannot be hot backed up since it has no SCSI controllers"
        vmms.kind(10103, _VM, _ERROR)._replace(key="vmms_10103_no_scsi"),
        worker.kind(18500, _VM),
        worker.kind(3280, _VM_ERROR, _ERROR),
        *(guest.kind(number, "Int32 Status", _ERROR) for number in (1, 2, 3, 4)),
        guest.kind(5, "UnicodeString Volume", _ERROR),
        guest.kind(6, "", _ERROR),
        guest.kind(7, "", _ERROR),
        guest.kind(23, "UnicodeString Name, Int32 Writerstatus, Int32 Status", _WARNING),
    ]


def _application_kinds() -> list[Kind]:
    esent, ntds = _classic("esent", _ESENT), _classic("ntds", _NTDS, _DIRECTORY_LOG)
    sql = _classic("sql", _SQL, qualifiers=16384)
    return [
        *(
            family.kind(number, "*, *, *, *")
            for family in (esent, ntds)
            for number in (2001, 2003, 2005, 2006)
        ),
        esent.kind(2007, "*, *, *, *", _ERROR),
        ntds.kind(216, "*, *, *, *, *"),
        sql.kind(3197, "*"),
        sql.kind(3198, "*"),
    ]


def _server_kinds() -> list[Kind]:
    scm = _Family("scm", _SCM, SYSTEM, 0x8080000000000000, 16384)
    cluster = _Family("cluster", _CLUSTERING, SYSTEM)
    backup = _Family("backup", _BACKUP, _BACKUP_LOG)
    alerts, msdpm = _classic("alert", _DPM_ALERTS, _ALERTS_LOG), _classic("msdpm", _MSDPM)
    reason = f"{_CSV}, UnicodeString ErrorCode"  # * names of all clustering fields
    return [
        scm.kind(7036, "UnicodeString param1, UnicodeString param2"),
        cluster.kind(5120, reason, _ERROR),
        cluster.kind(5136, _CSV),
        cluster.kind(5137, _CSV),
        cluster.kind(5140, f"{_CSV}, UInt32 Minutes"),
        cluster.kind(5141, _CSV),
        cluster.kind(5156, reason, _ERROR),
        cluster.kind(5217, f"{_CSV}, UnicodeString SnapshotSetId, UnicodeString ErrorCode", _ERROR),
        backup.kind(1, "GUID BackupTemplateID, Boolean SystemStateBackup", opcode=_START)._replace(version=1),
        backup.kind(4, _BACKUP_STATE + _BACKUP_TIMES)._replace(version=3),
        backup.kind(14, _BACKUP_STATE + _BACKUP_TIMES, opcode=_STOP)._replace(version=3),
        *(alerts.kind(number, "*", _ERROR) for number in (3106, 3114)),
        msdpm.kind(976, "*, *", _ERROR),
        msdpm.kind(999, "*, *", _ERROR),
        _classic("sqlagent", _SQL_AGENT, qualifiers=16384).kind(208, "*, *, *, *, *", _WARNING),
        _classic("spp", _SPP, qualifiers=16384).kind(16384, "*, *"),
        _Family("security", _SECURITY_AUDITING, SECURITY, _AUDIT_SUCCESS).kind(
            4634, "SID TargetUserSid, UnicodeString TargetUserName, HexInt64 TargetLogonId, UInt32 LogonType", _AUDIT,
            task=12545,
        ),
    ]  # fmt: skip


_GROUPS = (
    _analytic_kinds,
    _snapshot_kinds,
    _vhdmp_kinds,
    _vss_kinds,
    _volsnap_kinds,
    _device_kinds,
    _hyper_v_kinds,
    _application_kinds,
    _server_kinds,
)
KINDS = {kind.key: kind for group in _GROUPS for kind in group()}
