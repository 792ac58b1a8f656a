"""The fourth floor, what follows for an estate: who was late, who would gain, what is missing."""

from __future__ import annotations

from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, SECONDS, SMALL, TEXT, WHOLE, Table, columns

_FLOOR = "4_answers"

_COMPUTERS = Table(
    "computers",
    "one computer in one role",
    columns(
        ("host", TEXT, "Computer, without its domain."),
        ("role", TEXT, "What it is", words.COMPUTER_ROLES),
    ),
    question="Which hosts, guests and DPM servers take part in backups?",
    key=("host", "role"),
    floor=_FLOOR,
)

_HOST_SNAPSHOTS = Table(
    "host_snapshots",
    "one snapshot of a host, known from Windows events alone",
    columns(
        ("host", TEXT, "Hyper-V host."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("first_at", INSTANT, "First trace of it."),
        ("last_at", INSTANT, "Last trace of it."),
        ("snapshot_at", INSTANT, "The moment itself where it was logged."),
        ("grade", TEXT, "A where the moment was logged, else B", words.GRADES),
        ("process", TEXT, "Process that asked for it, lower case."),
        ("volume_guid", TEXT, "GUID of the volume, lower case."),
        ("vm", TEXT, "VM whose disks were mounted on it, else that of the job."),
        ("job_id", TEXT, "Job that it belongs to."),
        ("vhds", WHOLE, "Virtual disks mounted on it."),
        ("mount_at", INSTANT, "First of them mounted."),
        ("unmount_at", INSTANT, "Last of them let go."),
        ("mounted_s", SECONDS, "Time between the two."),
        ("guests_near", TEXT, "VMs whose own logs show a snapshot within 150 seconds: a hint, no proof."),
    ),
    question="When did which host take a snapshot for a backup, of which VM, and which job was it?",
    key=("host", "first_at"),
    floor=_FLOOR,
)

_FAILURE_EVENTS = Table(
    "failure_events",
    "one job that failed and one failure event that may belong to it",
    columns(
        ("job_id", TEXT, "The job."),
        ("at", INSTANT, "Time of the event."),
        ("host", TEXT, "Computer that wrote it, without its domain."),
        ("computer_role", TEXT, "What that computer is", words.COMPUTER_ROLES),
        ("event_provider", TEXT, "Provider of the event."),
        ("event_id", SMALL, "Event id."),
        ("event", TEXT, "Provider/id, as in explanations."),
        ("operation", TEXT, "Steps of VSS that it names, outermost last."),
        ("distance", SMALL, "0 it names the VM, 1 the guest itself wrote it, 2 host or DPM server wrote it."),
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Record in the source."),
    ),
    question="Which failing steps did host, guest and DPM server log while a job ran that failed?",
    key=("job_id", "source_id", "record_no", "event"),
    floor=_FLOOR,
)

_MISSING_LOGS = Table(
    "missing_logs",
    "one computer, one role, one event log that we do not have",
    columns(
        ("host", TEXT, "Computer."),
        ("role", TEXT, "What it is", words.COMPUTER_ROLES),
        ("channel", TEXT, "Log name."),
        ("shows", TEXT, "What it would show."),
        ("switch_on", TEXT, "How to switch it on."),
    ),
    question="Which event logs do we not have of which computer, and what would they show?",
    key=("host", "role", "channel"),
    floor=_FLOOR,
)

_VM_MEASURES = Table(
    "vm_measures",
    "one VM with a job that owes a recovery point",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("has_host", FLAG, "Whether it is backed up at host level."),
        ("checks", WHOLE, "Consistency checks and jobs whose tracking was lost."),
        ("nights", WHOLE, "Transfers of finished host-level backups."),
        ("host_p50_s", SECONDS, "Their median length."),
        ("host_p90_s", SECONDS, "The length that nine of ten stay under."),
        ("scanned_p50_bytes", WHOLE, "Median size of its virtual disks."),
        ("sent_p50_bytes", WHOLE, "Bytes sent, median."),
        ("volume", TEXT, "Volume of its last backup."),
        ("seen_tracking", TEXT, "Tracking of its last backup, or era where the era alone speaks for it."),
        ("due", WHOLE, "Nights on which a backup was due."),
        ("breaches", WHOLE, "Of these, nights on which the backup window was missed."),
        ("late", WHOLE, "Of these, nights on which its backup ended or ran past the deadline."),
        ("late_but_short", WHOLE, "Of these, nights whose job took less than nine tenths of the window."),
        ("claim_wait_s", SECONDS, "Time that all its jobs waited for a claim."),
        ("transfer_s", SECONDS, "Time that all its jobs transferred."),
        ("vm_version", TEXT, "Latest known VM configuration version."),
        ("version", REAL, "The same as a number."),
        ("has_vhd", FLAG, "Whether a disk has the old format VHD."),
        ("has_pass_through", FLAG, "Whether a disk is a pass-through disk."),
        ("is_rct_host", FLAG, "Whether its host runs Windows Server 2016 or later, as another VM shows."),
    ),
    question="How long does each VM's host-level backup transfer, how often is it late, and what would RCT need?",
    key=("vm",),
    floor=_FLOOR,
)

_WINDOWS_BACKUPS = Table(
    "windows_backups",
    "one run of Windows Server Backup on one computer",
    columns(
        ("host", TEXT, "Computer that backed itself up."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("volumes", TEXT, "Volumes of the run."),
        ("outcome", TEXT, "How it ended", words.OUTCOMES),
        ("hresult", TEXT, "Error of the run."),
        ("error_text", TEXT, "Error text as Windows gave it."),
        ("started_at", INSTANT, "Begin of the run."),
        ("ended_at", INSTANT, "End of the run."),
        ("snapshot_started_at", INSTANT, "Begin of its snapshot."),
        ("snapshot_ended_at", INSTANT, "End of its snapshot."),
        ("prepare_started_at", INSTANT, "Begin of its preparation, first volume."),
        ("prepare_ended_at", INSTANT, "End of its preparation, last volume."),
        ("write_started_at", INSTANT, "When it began to write, first volume."),
        ("write_ended_at", INSTANT, "When it had written, last volume."),
    ),
    question="When did Windows Server Backup back up a computer, take its snapshot, prepare and write?",
    key=("host", "started_at"),
    floor=_FLOOR,
)

ANSWERS = (
    _COMPUTERS,
    _FAILURE_EVENTS,
    _HOST_SNAPSHOTS,
    _MISSING_LOGS,
    _VM_MEASURES,
    _WINDOWS_BACKUPS,
)
