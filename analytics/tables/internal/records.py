"""The first floor, what the records say: each view reads raw tables and rules, and knows no jobs yet."""

from __future__ import annotations

from analytics.tables import job_words
from analytics.tables import vocabulary as words
from analytics.tables.raw import HOST_KEY
from analytics.tables.rule_words import BY_WHAT, GIVES, HOW, RULE_ROLES
from analytics.tables.table import DAY, FLAG, INSTANT, SMALL, TEXT, WHOLE, Table, columns

_FLOOR = "1_records"

_BACKUP_RECORDS = Table(
    "backup_records",
    "one record in which Windows Server Backup states the times of a run",
    columns(
        ("host", TEXT, "Computer that backed itself up."),
        ("host_key", TEXT, HOST_KEY),
        ("at", INSTANT, "Time of the record."),
        ("is_failed", FLAG, "Whether it says that the run failed."),
        ("hresult", TEXT, "Error of the run."),
        ("error_text", TEXT, "Error text as Windows gave it."),
        ("volumes", TEXT, "Volumes of the run."),
        ("started_at", INSTANT, "Begin of the run, the same in all its records."),
        ("snapshot_started_at", INSTANT, "Begin of its snapshot."),
        ("snapshot_ended_at", INSTANT, "End of its snapshot."),
        ("prepare_started_at", INSTANT, "Begin of its preparation, first volume."),
        ("prepare_ended_at", INSTANT, "End of its preparation, last volume."),
        ("write_started_at", INSTANT, "When it began to write, first volume."),
        ("write_ended_at", INSTANT, "When it had written, last volume."),
    ),
    question="When does a record of Windows Server Backup say that its run began, took its snapshot and wrote?",
    key=("host_key", "at", "started_at"),
    floor=_FLOOR,
)

_EVENT_FIELDS = Table(
    "event_fields",
    "one Windows event and one rule that names it, wherever it was written",
    columns(
        ("marker", TEXT, "Name that the rule gives it."),
        ("role", TEXT, "Which computers' events count", RULE_ROLES),
        ("gives", TEXT, "What it tells", GIVES),
        ("how", TEXT, "How it tells it", HOW),
        ("by_what", TEXT, "What finds its job", BY_WHAT),
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Record in the source."),
        ("host", TEXT, "Computer that wrote it."),
        ("host_key", TEXT, HOST_KEY),
        ("channel", TEXT, "Log name."),
        ("event_provider", TEXT, "Provider of the event."),
        ("event_id", SMALL, "Event id."),
        ("record_id", WHOLE, "EventRecordID in its channel."),
        ("at", INSTANT, "Time created."),
        ("vhd_path", TEXT, "Path of the virtual disk that it names."),
        ("pointer", TEXT, "Handle of the mounted disk that it names."),
        ("volume", TEXT, "Volume that it names, lower case."),
        ("process", TEXT, "Process that asked for the snapshot, lower case."),
        ("event_vm", TEXT, "Name of the VM that it names."),
        ("event_vm_id", TEXT, "GUID of the VM that it names, upper case."),
        ("operation", TEXT, "Steps of VSS that a failure names, outermost last."),
        ("says", TEXT, "The message, else the text in its payload."),
        ("data", TEXT, "Payload as JSON."),
        ("message", TEXT, "Rendered text where an export has it."),
    ),
    question="Which events say something about a backup, and what stands in which field of their payload?",
    key=("marker", "role", "source_id", "record_no"),
    floor=_FLOOR,
)

_EVENT_HITS = Table(
    "event_hits",
    "one Windows event and one rule that names it",
    columns(
        ("marker", TEXT, "Name that the rule gives it."),
        ("gives", TEXT, "What it tells", GIVES),
        ("how", TEXT, "How it tells it", HOW),
        ("by_what", TEXT, "What finds its job", BY_WHAT),
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Record in the source."),
        ("host", TEXT, "Computer that wrote it, without its domain."),
        ("host_key", TEXT, HOST_KEY),
        ("computer_role", TEXT, "What that computer is", words.COMPUTER_ROLES),
        ("channel", TEXT, "Log name."),
        ("event_provider", TEXT, "Provider of the event."),
        ("event_id", SMALL, "Event id."),
        ("record_id", WHOLE, "EventRecordID in its channel."),
        ("at", INSTANT, "Time created."),
        ("us", WHOLE, "The same in microseconds since 1970, UTC."),
        ("latest_us", WHOLE, "Latest time meant: older systems cut their times to whole seconds."),
        ("vhd_path", TEXT, "Path of the virtual disk that it names."),
        ("pointer", TEXT, "Handle of the mounted disk that it names."),
        ("event_vm_id", TEXT, "GUID of the VM that it names, upper case."),
        ("event_vm", TEXT, "Name of the VM that it names."),
        ("volume_guid", TEXT, "GUID of the volume that it names, lower case."),
        ("process", TEXT, "Process that asked for the snapshot, lower case."),
        ("guest_vm", TEXT, "VM whose name its computer bears."),
        ("operation", TEXT, "Steps of VSS that a failure names, outermost last."),
        ("is_on_snapshot", FLAG, "Whether the path lies on a snapshot device."),
        ("disk_key", TEXT, "The path in small letters without its volume, as in vm_paths."),
        ("says", TEXT, "The message, else the text in its payload."),
        ("data", TEXT, "Payload as JSON."),
        ("message", TEXT, "Rendered text where the export has it."),
    ),
    question="Which events say something about a backup, and about which disk, volume or VM?",
    key=("marker", "source_id", "record_no"),
    floor=_FLOOR,
)

_JOB_TASKS = Table(
    "job_tasks",
    "one task of DPM, its job records merged",
    columns(
        ("job_id", TEXT, "DPM's task GUID, or REC- and a digest of what the record says."),
        ("dpm_job_id", TEXT, "DPM's job GUID."),
        ("category", TEXT, "Category as read."),
        ("kind", TEXT, "What the job does", job_words.KINDS),
        ("outcome", TEXT, "How it ended", words.OUTCOMES),
        ("is_good", FLAG, "Whether a recovery point came of it."),
        ("data_source", TEXT, "Data source as read."),
        ("data_source_type", TEXT, "Data source type as read."),
        ("production_server", TEXT, "Protected computer as read."),
        ("protection_group", TEXT, "Protection group."),
        ("dpm_server", TEXT, "DPM server as read."),
        ("created_at", INSTANT, "When DPM created the task."),
        ("started_at", INSTANT, "When the task started."),
        ("ended_at", INSTANT, "When the task ended, NULL while it runs."),
        ("bytes_transferred", WHOLE, "Bytes sent to the DPM server."),
        ("error_code", WHOLE, "DPM error id."),
        ("hresult", TEXT, "Detailed error, 0x and eight digits."),
        ("error_text", TEXT, "Error text as DPM gave it."),
    ),
    question="What do the job records say of each task?",
    key=("job_id",),
    floor=_FLOOR,
)

_LAST_SIGNS = Table(
    "last_signs",
    "one computer of which anything speaks",
    columns(
        ("computer_key", TEXT, HOST_KEY),
        ("seen_until", INSTANT, "Latest time that a log, a collection or a job record of it speaks of."),
    ),
    question="Until when does anything speak of a computer?",
    key=("computer_key",),
    floor=_FLOOR,
)

_LOG_NIGHTS = Table(
    "log_nights",
    "one computer, one night, one kind of log that has records",
    columns(
        ("host", TEXT, "Computer, without its domain."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("log_kind", TEXT, "Kind of log, with its service or channel", words.LOG_KINDS),
        ("records", WHOLE, "Records of that night."),
        ("first_at", INSTANT, "Earliest of them."),
        ("last_at", INSTANT, "Latest of them."),
        ("first_record_id", WHOLE, "Least record id of that night, NULL for other logs than events."),
        ("gaps", WHOLE, "Record ids that are missing between the first and the last."),
    ),
    question="Of which computer and night do we have which log?",
    key=("host", "night", "log_kind"),
    floor=_FLOOR,
)

_RECORD_VMS = Table(
    "record_vms",
    "one task of DPM",
    columns(
        ("job_id", TEXT, "The task, as in job_tasks."),
        ("server", TEXT, "Protected computer without its domain."),
        ("is_online", FLAG, "Whether it is a job of the online agent."),
        ("host_key", TEXT, "Computer whose errlog tells of the task, in small letters without its domain."),
        ("is_vm", FLAG, "Whether the record is that of a VM."),
        ("record_vm", TEXT, "Name of the VM."),
        ("guest_vm", TEXT, "VM whose name the computer bears where the record is not that of a VM."),
        ("vm_host_key", TEXT, "Protected computer in small letters without its domain."),
        ("scope_key", TEXT, "Its cluster, else itself, as in inventory_machines."),
        ("dpm_server_key", TEXT, "DPM server in small letters without its domain."),
        ("us", WHOLE, "When the task was created, else started; microseconds since 1970, UTC."),
        ("inventory_id", TEXT, "Machine of the inventory that bore the name then in that scope."),
    ),
    question="Whose log tells of a job that a record knows, and which VM does the record name?",
    key=("job_id",),
    floor=_FLOOR,
)

_INVENTORY_MACHINES = Table(
    "inventory_machines",
    "one virtual disk of one VM at one time of collection",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Line of the source, as in vms."),
        ("machine_id", TEXT, "Its VMId, else VHD- or NAME- and a digest."),
        ("told_by", TEXT, "What tells whose it is", words.MACHINE_EVIDENCE),
        ("vm", TEXT, "Name that the machine bore."),
        ("name_key", TEXT, "The name in small letters."),
        ("host", TEXT, "Hyper-V host that ran it, without its domain."),
        ("host_key", TEXT, HOST_KEY),
        ("cluster", TEXT, "Failover cluster, NULL for a stand-alone host."),
        (
            "scope_key",
            TEXT,
            "Cluster of the host, else the host: within it a name or a path is one machine's.",
        ),
        ("vhd_key", TEXT, "Path of the disk in small letters, NULL for a disk that is passed through."),
        ("us", WHOLE, "When the inventory was taken, microseconds since 1970, UTC; 0 where unknown."),
        ("valid_from_us", WHOLE, "From when this holds of the machine; 0 for the first."),
        ("valid_to_us", WHOLE, "Until when this holds, NULL for the latest."),
    ),
    question="Which machine is each entry of the inventory?",
    key=("source_id", "record_no"),
    floor=_FLOOR,
)

_SOLE_MACHINES = Table(
    "sole_machines",
    "one path or one name that in one scope, or in the whole inventory, is one machine's",
    columns(
        ("scope_key", TEXT, "Cluster or host, NULL for the whole inventory."),
        ("vhd_key", TEXT, "Path of a disk in small letters, NULL for a name."),
        ("name_key", TEXT, "Name in small letters, NULL for a path."),
        ("machine_id", TEXT, "The machine."),
    ),
    question="Which path and which name belong to one machine alone?",
    key=("scope_key", "vhd_key", "name_key"),
    floor=_FLOOR,
)

RECORDS = (
    _BACKUP_RECORDS,
    _EVENT_FIELDS,
    _EVENT_HITS,
    _INVENTORY_MACHINES,
    _JOB_TASKS,
    _LAST_SIGNS,
    _LOG_NIGHTS,
    _RECORD_VMS,
    _SOLE_MACHINES,
)
