"""The fourth floor, what follows for an estate: who was late, who would gain, what is missing."""

from __future__ import annotations

from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, SECONDS, TEXT, WHOLE, Table, columns

FLOOR = "4_answers"

COMPUTERS = Table(
    "computers",
    "one computer in one role",
    columns(
        ("host", TEXT, "Computer, without its domain."),
        ("role", TEXT, "What it is", words.COMPUTER_ROLES),
    ),
    question="Which hosts, guests and DPM servers take part in backups?",
    key=("host", "role"),
    floor=FLOOR,
)

HOST_SNAPSHOTS = Table(
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
    floor=FLOOR,
)

MISSING_LOGS = Table(
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
    floor=FLOOR,
)

TRANSFER_FITS = Table(
    "transfer_fits",
    "one volume, and one row with volume NULL for all volumes",
    columns(
        ("volume", TEXT, "Volume, '' where the log names none, NULL for all."),
        ("jobs", WHOLE, "Jobs that the fit rests on."),
        ("vms", WHOLE, "VMs among them."),
        ("scan_s_per_gb", REAL, "Fitted seconds per 10^9 bytes read."),
        ("sent_s_per_gb", REAL, "Fitted seconds per 10^9 bytes sent."),
        ("sent_bound_s_per_gb", REAL, "Seconds per 10^9 bytes sent that one job of ten stays under."),
        ("is_sent_known", FLAG, "Whether the fit tells reading from sending."),
    ),
    question="How much of the transfer time does reading the disks explain?",
    key=("volume",),
    floor=FLOOR,
)

WINDOWS_BACKUPS = Table(
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
    floor=FLOOR,
)

ANSWERS = (COMPUTERS, HOST_SNAPSHOTS, MISSING_LOGS, TRANSFER_FITS, WINDOWS_BACKUPS)
