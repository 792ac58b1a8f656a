"""The second floor, which records belong together: lines, events and job records find their job."""

from __future__ import annotations

from analytics.tables import job_words
from analytics.tables import vocabulary as words
from analytics.tables.derived import JOBS
from analytics.tables.raw import HOST_KEY
from analytics.tables.rule_words import GIVES, HOW, MARKER_SCOPES
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, TEXT, WHOLE, Table, columns

_FLOOR = "2_matches"

_ADDED_LATER = (
    *("delta_t_s", "delta_t_min_s", "delta_t_max_s", "era", "era_from"),
    *("tracking", "tracking_from", "vhd_bytes"),
)

_JOB_EVENTS = Table(
    "job_events",
    "one event and one job that it is a trace of",
    columns(
        ("job_id", TEXT, "The job."),
        ("marker", TEXT, "Name that the rule gives the event."),
        ("gives", TEXT, "What it tells", GIVES),
        ("how", TEXT, "How it tells it", HOW),
        ("at", INSTANT, "Time created."),
        ("us", WHOLE, "The same in microseconds since 1970, UTC."),
        ("latest_us", WHOLE, "Latest time meant: older systems cut their times to whole seconds."),
        ("host", TEXT, "Computer that wrote it, without its domain."),
        ("host_key", TEXT, HOST_KEY),
        ("computer_role", TEXT, "What that computer is", words.COMPUTER_ROLES),
        ("guest_vm", TEXT, "VM whose name its computer bears."),
        ("vhd_path", TEXT, "Path of the virtual disk that it names."),
        ("disk_key", TEXT, "The path in small letters without its volume, as in vm_paths."),
        ("volume_guid", TEXT, "GUID of the volume that it names, lower case."),
        ("process", TEXT, "Process that asked for the snapshot, lower case."),
        ("message", TEXT, "Rendered text where the export has it."),
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Record in the source."),
    ),
    question="Of which job is each event on a host or in a guest the trace, and what does it say?",
    key=("marker", "source_id", "record_no", "job_id"),
    floor=_FLOOR,
)

_JOB_BASE = Table(
    "job_base",
    "one attempt for one data source, before the events are asked",
    (
        *(column for column in JOBS.columns if column.name not in _ADDED_LATER),
        *columns(
            ("data_source_type", TEXT, "Data source type as read."),
            ("night", DAY, "Night it counts to: local date on which its backup window opens."),
        ),
    ),
    question="Which backup attempts ran, for which VM, when, and how did they end?",
    key=("job_id",),
    floor=_FLOOR,
)

_JOB_MARKS = Table(
    "job_marks",
    "one job that errlogs show",
    columns(
        ("job_id", TEXT, "Task GUID, or LOG- and a digest where the log has none."),
        ("host", TEXT, "Computer whose agent did the work."),
        ("server_host", TEXT, "DPM server that wrote of it."),
        ("is_online", FLAG, "Whether the online agent wrote of it."),
        ("is_host_log", FLAG, "Whether the agent of the host wrote of its snapshot or data."),
        ("first_us", WHOLE, "First line of the agent; all times in microseconds since 1970, UTC."),
        ("last_us", WHOLE, "Last line of the agent."),
        ("init_us", WHOLE, "InitializeSnapshotCreation."),
        ("add_us", WHOLE, "Last AddVolumeForSnapshot before the first refused claim, else the last one."),
        ("last_refusal_us", WHOLE, "Last refused claim."),
        ("claim_refusals", WHOLE, "How often the claim was refused."),
        ("retry_us", WHOLE, "Median time between refused claims."),
        ("provider_us", WHOLE, "ProviderId: DoSnapshotSet has returned."),
        ("chain_us", WHOLE, "First VhdChain."),
        ("begin_us", WHOLE, "BeginDataMove."),
        ("complete_us", WHOLE, "StartBackupComplete."),
        ("release_us", WHOLE, "ReleaseSnapshot."),
        ("pit_us", WHOLE, "CreatePIT on the DPM server."),
        ("succeeded_us", WHOLE, "Online agent: Succeeded."),
        ("failed_us", WHOLE, "Online agent: Failed."),
        (
            "volume",
            TEXT,
            "First volume that was marked to be snapshot, else the first whose claim was refused.",
        ),
        ("volumes", TEXT, "All of them in the order of their names: A; B."),
        ("provider_flags", TEXT, "0 for the software provider."),
        ("provider_volume", TEXT, "Volume as ProviderId names it."),
        ("hresult", TEXT, "Error that a line states."),
    ),
    question="When was each boundary of a job, and how often was its claim refused?",
    key=("job_id",),
    floor=_FLOOR,
)

_JOB_TRACKING = Table(
    "job_tracking",
    "one attempt for one data source",
    columns(
        ("job_id", TEXT, "The job."),
        ("vhd_bytes", WHOLE, "Size of the VM's virtual disks at that time: what a block compare reads."),
        ("tracking", TEXT, "How changed blocks are found", job_words.TRACKINGS),
        ("tracking_from", TEXT, "What says how, NULL where nothing does", job_words.TRACKING_EVIDENCE),
    ),
    question="Did the job compare whole disks, or did tracking tell it what to send, and how large were the disks?",
    key=("job_id",),
    floor=_FLOOR,
)

_JOB_VOLUMES = Table(
    "job_volumes",
    "one job that errlogs show and one volume that it marked or asked for",
    columns(
        ("job_id", TEXT, "The job_id under which job_marks holds its lines."),
        ("volume", TEXT, "The volume."),
        ("volume_key", TEXT, "The same in small letters."),
        ("claim_refusals", WHOLE, "How often the claim on it was refused."),
    ),
    question="On which volumes do the disks of a job lie, and which of them were refused?",
    key=("job_id", "volume"),
    floor=_FLOOR,
)

_JOB_WINDOWS = Table(
    "job_windows",
    "one host-level job that errlogs show",
    columns(
        ("job_id", TEXT, "The job."),
        ("marks_id", TEXT, "The job_id under which log_markers and job_marks hold its lines."),
        ("vm", TEXT, "Name of the VM."),
        ("host_key", TEXT, HOST_KEY),
        ("from_us", WHOLE, "Earliest time of the work of VSS; microseconds since 1970, UTC."),
        ("to_us", WHOLE, "Latest time of the work of VSS."),
        ("begin_us", WHOLE, "When data began to move, or the next time known."),
        ("volume_guid", TEXT, "GUID of the volume that was snapshot, lower case."),
        ("has_provider", FLAG, "Whether the log shows that DoSnapshotSet returned."),
    ),
    question="Between which records of the errlog lies the work of VSS, and on which volume?",
    key=("job_id",),
    floor=_FLOOR,
)

_LOG_MARKERS = Table(
    "log_markers",
    "one errlog record that marks a boundary of a job",
    columns(
        ("job_id", TEXT, "Task GUID, or LOG- and a digest where the log has none."),
        ("marker", TEXT, "Name of the marker."),
        ("scope", TEXT, "Whose work it belongs to", MARKER_SCOPES),
        ("at", INSTANT, "Time of the record."),
        ("us", WHOLE, "The same in microseconds since 1970, UTC."),
        ("host", TEXT, "Computer that wrote it."),
        ("volume", TEXT, "Volume that the record names."),
        ("detail", TEXT, "What else the rule captures."),
        ("source_id", TEXT, "The source it was read from."),
        ("line_no", WHOLE, "Line in the source."),
    ),
    question="Which record of an errlog marks which boundary of which job?",
    key=("job_id", "marker", "source_id", "line_no"),
    floor=_FLOOR,
)

_LOG_MATCHES = Table(
    "log_matches",
    "one job that errlogs show",
    columns(
        ("marks_id", TEXT, "The job_id under which log_markers and job_marks hold its lines."),
        ("job_id", TEXT, "The job that it is: that of its job record, else the same."),
        ("disk_vm", TEXT, "VM that its disk names: its owner by the inventory, else the folder it lies in."),
        ("disk_vm_from", TEXT, "Which of them named it", words.VM_EVIDENCE),
    ),
    question="To which job record does each job of an errlog belong, and which VM do its disks name?",
    key=("marks_id",),
    floor=_FLOOR,
)

_SERVER_TRACES = Table(
    "server_traces",
    "one job of a host's agent whose recovery point the log of its DPM server shows, or would show",
    columns(
        ("job_id", TEXT, "Task GUID."),
        ("server", TEXT, "DPM server that wrote of it, else that of the host."),
        ("kind_from", TEXT, "What tells the kind of the job", job_words.KIND_EVIDENCE),
    ),
    question="Does the log of the DPM server show a recovery point of a job, or would it show one?",
    key=("job_id",),
    floor=_FLOOR,
)

_ONLINE_MARKS = Table(
    "online_marks",
    "one job that errlogs of the online agent show",
    columns(
        ("job_id", TEXT, "Task GUID, or LOG- and a digest where the log has none."),
        ("prebackup_begin_us", WHOLE, "Online agent: Prebackup started."),
        ("prebackup_end_us", WHOLE, "Online agent: Prebackup finished."),
        ("initialize_begin_us", WHOLE, "Online agent: Initialize Storage started."),
        ("initialize_end_us", WHOLE, "Online agent: Initialize Storage finished."),
        ("transfer_begin_us", WHOLE, "Online agent: Data transfer started."),
        ("transfer_end_us", WHOLE, "Online agent: Data transfer finished."),
        ("integrity_begin_us", WHOLE, "Online agent: Integrity Check started."),
        ("uninitialize_end_us", WHOLE, "Online agent: UnInitialize Storage finished."),
    ),
    question="When did each step of the online agent begin and end, as its log has it?",
    key=("job_id",),
    floor=_FLOOR,
)

_MACHINE_NAMES = Table(
    "machine_names",
    "one job record, job of an errlog, or name and host in the inventory that names a machine",
    columns(
        ("job_id", TEXT, "The task, or the job as log_markers holds it; NULL for the inventory."),
        ("machine_id", TEXT, "Its VMId, else VHD- or NAME- and a digest."),
        ("told_by", TEXT, "What tells the machine from others", words.MACHINE_EVIDENCE),
        ("name", TEXT, "Name that it bears there; NULL where only a folder or a computer is named so."),
        ("host", TEXT, "Hyper-V host."),
        ("us", WHOLE, "When it bore the name, microseconds since 1970, UTC; 0 where unknown."),
        ("last_us", WHOLE, "When it last bore it, as far as this row tells."),
        ("newest", TEXT, "Newest name of the machine."),
        ("last_host", TEXT, "Hyper-V host that the machine was last seen on."),
        ("vm", TEXT, "Label of the machine: its newest name, with its last host where two bear one name."),
    ),
    question="Which machine does each record, log and inventory name, and what is it called everywhere?",
    key=("job_id", "machine_id", "name", "host"),
    floor=_FLOOR,
)

_VM_DISKS = Table(
    "vm_disks",
    "one VM at one time of collection",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("collected_at", INSTANT, "When the inventory was taken, 1970 where unknown."),
        ("vm_version", TEXT, "VM configuration version."),
        ("vhd_format", TEXT, "VHD or VHDX, the later in the alphabet where both occur."),
        ("has_vhd", FLAG, "Whether a disk has the old format VHD."),
        ("has_pass_through", FLAG, "Whether a disk is a pass-through disk."),
        ("cluster", TEXT, "Failover cluster."),
        ("host", TEXT, "Hyper-V host that ran it."),
        ("vhd_bytes", WHOLE, "Size of its virtual disks: what a block compare reads."),
        ("version", REAL, "The number in vm_version; hosts from 5.0 on track changes."),
        ("valid_from_us", WHOLE, "From when this holds, microseconds since 1970, UTC; 0 for the first."),
        ("valid_to_us", WHOLE, "Until when this holds, NULL for the latest."),
        ("is_latest", FLAG, "Whether no later collection knows the VM."),
    ),
    question="How large are the disks of which VM, from when to when?",
    key=("vm", "collected_at"),
    floor=_FLOOR,
)

_VM_PATHS = Table(
    "vm_paths",
    "one VM and one path of a virtual disk without its volume",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("disk_key", TEXT, "The path in small letters without its volume."),
    ),
    question="Which VM owns the disk with this path, whatever volume or snapshot it is seen on?",
    key=("vm", "disk_key"),
    floor=_FLOOR,
)

_MACHINE_ALIASES = Table(
    "machine_aliases",
    "one machine and one name that means it",
    columns(
        ("vm", TEXT, "Label of the machine."),
        ("name", TEXT, "The name."),
        ("name_key", TEXT, "The name in small letters."),
        ("is_sole", FLAG, "Whether it means no other machine."),
    ),
    question="Which names mean which machine?",
    key=("vm", "name_key"),
    floor=_FLOOR,
)

MATCHES = (
    _JOB_BASE,
    _JOB_EVENTS,
    _JOB_MARKS,
    _JOB_TRACKING,
    _JOB_VOLUMES,
    _JOB_WINDOWS,
    _LOG_MARKERS,
    _LOG_MATCHES,
    _MACHINE_NAMES,
    _ONLINE_MARKS,
    _SERVER_TRACES,
    _VM_DISKS,
    _MACHINE_ALIASES,
    _VM_PATHS,
)
