"""The third floor, when things were: boundaries, clocks and nights."""

from __future__ import annotations

from analytics.tables.derived import BOUNDARIES
from analytics.tables.raw import HOST_KEY
from analytics.tables.table import DAY, FLAG, INSTANT, SECONDS, SMALL, TEXT, WHOLE, Table, columns

_FLOOR = "3_times"

_DELTAS = Table(
    "deltas",
    "one job whose guest's events show its snapshot",
    columns(
        ("job_id", TEXT, "The job."),
        ("vm", TEXT, "Name of the VM."),
        (
            "delta_t_min_s",
            SECONDS,
            "Shortest gap that the evidence allows; NULL where no offset fits.",
        ),
        ("delta_t_max_s", SECONDS, "Longest gap that the evidence allows, clock offset included."),
        ("delta_t_s", SECONDS, "Middle of the two."),
        ("t1_low_us", WHOLE, "Earliest in-guest snapshot, host's clock, microseconds since 1970, UTC."),
        ("t1_high_us", WHOLE, "Latest in-guest snapshot, the same clock."),
        ("shows_clock", FLAG, "Whether its events bound the offset of the guest's clock."),
        (
            "offset_low_us",
            WHOLE,
            "Least offset (host time less guest time) that fits all its jobs, microseconds.",
        ),
        ("offset_high_us", WHOLE, "Greatest offset that fits, microseconds."),
        ("is_constant", FLAG, "Whether one offset fits all jobs of the guest."),
    ),
    question="How long did the guest go on writing between its own snapshot (t1) and the host's (t2)?",
    key=("job_id",),
    floor=_FLOOR,
)

_GUEST_CLOCKS = Table(
    "guest_clocks",
    "one guest whose events belong to jobs",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("jobs", WHOLE, "Jobs that bound the offset."),
        ("offset_low_us", WHOLE, "Least offset (host time less guest time) that fits, microseconds."),
        ("offset_high_us", WHOLE, "Greatest offset that fits, microseconds."),
        ("is_constant", FLAG, "Whether one offset fits all jobs."),
    ),
    question="By how much does a guest's clock differ from its host's, and how sure is that?",
    key=("vm",),
    floor=_FLOOR,
)

_JOB_CLOCKS = Table(
    "job_clocks",
    "one job of which there are a record and the log of its host",
    columns(
        ("job_id", TEXT, "The job."),
        ("host_key", TEXT, HOST_KEY),
        ("server_key", TEXT, "The DPM server in small letters without its domain."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("segment", SMALL, "0, and one more each time that the host's clock is seen to have been set."),
        ("start_us", WHOLE, "Start that the record states; microseconds since 1970, UTC."),
        ("tells", FLAG, "Whether the job itself bounds the offset."),
        ("is_constant", FLAG, "Whether one offset fits all jobs of the night and segment."),
        ("offset_low_us", WHOLE, "Least offset that fits, host time less server time, microseconds."),
        ("offset_high_us", WHOLE, "Greatest offset that fits."),
        ("shift_us", WHOLE, "Offset that is used: 0 where none is proven, else the middle."),
        (
            "evidence",
            SMALL,
            "3 where the offset is known more closely than the record states its times, else 2.",
        ),
    ),
    question="By how much does the host's clock differ from the DPM server's while a job runs?",
    key=("job_id",),
    floor=_FLOOR,
)

_JOB_NIGHTS = Table(
    "job_nights",
    "one job that is known to have started or been created",
    columns(
        ("job_id", TEXT, "The job."),
        ("night", DAY, "Local date on which its backup window opens."),
    ),
    question="To which backup window does a job count?",
    key=("job_id",),
    floor=_FLOOR,
)

_NIGHTS = Table(
    "nights",
    "one night from the first with a job until the logs were collected",
    columns(
        ("night", DAY, "Local date on which the backup window opens."),
        ("opens_at", INSTANT, "When the window opens."),
        ("closes_at", INSTANT, "When the window closes."),
        ("jobs", WHOLE, "Jobs of that night."),
        ("has_evidence", FLAG, "Whether a job or any record of a log is known of it."),
        ("seen_until", INSTANT, "Latest time that any log or collection speaks of; the same for all nights."),
    ),
    question="Which nights does the store cover, and when does each backup window open and close?",
    key=("night",),
    floor=_FLOOR,
)

_NIGHT_RESULTS = Table(
    "night_results",
    "one VM and one night on which it ran a backup",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("attempts", WHOLE, "Jobs that owed a recovery point."),
        ("finished_at", INSTANT, "When the first of them ended well."),
        ("is_running", FLAG, "Whether one still runs."),
        ("is_unknown", FLAG, "Whether nothing tells how or when one ended."),
        (
            "job_id",
            TEXT,
            "The job that decides: the first that ended well, else a running one, else the last.",
        ),
        ("first_job_id", TEXT, "The first of them by when DPM created it, else when it started."),
        ("first_due_at", INSTANT, "When that was."),
    ),
    question="When did a VM's backup of a night end well, which job decides, and how many attempts were there?",
    key=("vm", "night"),
    floor=_FLOOR,
)

_SIGHTINGS = Table(
    "sightings",
    "one job that events of its host or its guest show",
    columns(
        ("job_id", TEXT, "The job."),
        (
            "t2_us",
            WHOLE,
            "Host snapshot, observed; all times in microseconds since 1970, UTC, by the writer's clock.",
        ),
        ("t2_latest_us", WHOLE, "Latest time that the record of it means."),
        ("t2_near_us", WHOLE, "When VSS opened its audit source on the host."),
        ("t2_before_us", WHOLE, "Earliest event that can only follow the host snapshot."),
        ("mount_us", WHOLE, "First mount of a virtual disk on the snapshot."),
        ("unmount_us", WHOLE, "Last virtual disk let go."),
        ("t1_us", WHOLE, "In-guest snapshot, observed."),
        ("t1_latest_us", WHOLE, "Latest time that the record of it means."),
        ("t1_after_us", WHOLE, "Latest event that can only precede the in-guest snapshot."),
        ("t1_before_us", WHOLE, "Earliest event that can only follow it."),
        ("t1_first_us", WHOLE, "Earliest work of VSS in the guest."),
        ("t1_last_us", WHOLE, "Latest work of VSS in the guest."),
        ("has_guest", FLAG, "Whether any event of its guest belongs to it."),
    ),
    question="When were the snapshots of host and guest taken, as the events show it?",
    key=("job_id",),
    floor=_FLOOR,
)

_SNAPSHOT_SETS = Table(
    "snapshot_sets",
    "one snapshot of a host, all its traces in Windows events put together",
    columns(
        ("host_key", TEXT, HOST_KEY),
        ("place", WHOLE, "Number of the snapshot on that host, from 0."),
        ("host", TEXT, "Hyper-V host."),
        ("first_us", WHOLE, "First trace of it; microseconds since 1970, UTC."),
        ("last_us", WHOLE, "Last trace of it."),
        ("seen_us", WHOLE, "The moment itself where it was logged."),
        ("process", TEXT, "Process that asked for it, lower case."),
        ("volume_guid", TEXT, "GUID of the volume, lower case."),
        ("job_id", TEXT, "Job that its traces belong to, where it is one."),
    ),
    question="Which events of a host are traces of one and the same snapshot, and when was it?",
    key=("host_key", "place"),
    floor=_FLOOR,
)

_ONLINE_BOUNDARIES = Table(
    "online_boundaries",
    "one job of the online agent and one boundary of it that is known",
    BOUNDARIES.columns,
    question="When did each step of the online agent begin and end?",
    key=("job_id", "place"),
    floor=_FLOOR,
)

TIMES = (
    _DELTAS,
    _GUEST_CLOCKS,
    _JOB_CLOCKS,
    _JOB_NIGHTS,
    _NIGHT_RESULTS,
    _NIGHTS,
    _ONLINE_BOUNDARIES,
    _SIGHTINGS,
    _SNAPSHOT_SETS,
)
