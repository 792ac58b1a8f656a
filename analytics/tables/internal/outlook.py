"""The fourth floor, what planning reads: jobs as it takes them, and the nights that come next."""

from __future__ import annotations

from analytics.tables.table import DAY, FLAG, INSTANT, SECONDS, TEXT, WHOLE, Table, columns

_FLOOR = "4_answers"
_SINCE = "microseconds since 1970, UTC"

_JOB_TIMES = Table(
    "job_times",
    "one backup attempt of a known VM at host or guest level, of the last nights with 60,000 in all, 28 at least",
    columns(
        ("job_id", TEXT, "The job."),
        ("vm", TEXT, "Name of the VM."),
        ("volume", TEXT, "Volume that was snapshot, first one named."),
        ("dpm_server_key", TEXT, "DPM server, small letters without its domain."),
        ("host_key", TEXT, "Computer whose agent did the work, small letters without its domain."),
        ("night", DAY, "Local date on which its backup window opens."),
        ("scheduled_us", WHOLE, f"When DPM created the task, else when the job started, {_SINCE}."),
        ("started_us", WHOLE, f"When it started, {_SINCE}."),
        ("asked_us", WHOLE, "When it first asked for the claim on its volume."),
        ("granted_us", WHOLE, "When that was granted."),
        ("snapshot_us", WHOLE, "When the host's snapshot was taken."),
        ("moving_us", WHOLE, "When data began to move."),
        ("moved_us", WHOLE, "When the data had moved."),
        ("released_us", WHOLE, "When the snapshot was let go."),
        ("ended_us", WHOLE, "When it ended; of a running one, until when it is known to run."),
        ("vhd_bytes", WHOLE, "Size of the VM's virtual disks."),
        ("bytes_transferred", WHOLE, "Bytes sent to the DPM server."),
        ("is_guest", FLAG, "Whether the agent runs in the guest."),
        ("is_good", FLAG, "Whether a recovery point came of it."),
        ("is_running", FLAG, "Whether it still runs."),
        ("is_full", FLAG, "Whether it makes the nightly recovery point: no check, no first replica."),
        ("is_compared", FLAG, "Whether whole disks were read, or nothing but the era says otherwise."),
        ("is_refused", FLAG, "Whether a claim on its volume was refused."),
    ),
    question="When did each step of a job begin, on which volume and DPM server, and how much was there to do?",
    key=("job_id",),
    floor=_FLOOR,
)

_NEXT_NIGHTS = Table(
    "next_nights",
    "one VM that is due on one of the seven nights after the last of the store",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "First of these nights on which a backup is due."),
        ("opens_at", INSTANT, "When its backup window opens."),
        ("closes_at", INSTANT, "When its backup window closes."),
        ("max_duration_s", SECONDS, "The limit of its duration, NULL where no rule sets one."),
    ),
    question="On which night is each VM due next, and by when must its backup be done?",
    key=("vm",),
    floor=_FLOOR,
)

OUTLOOK = (_JOB_TIMES, _NEXT_NIGHTS)
