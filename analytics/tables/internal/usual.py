"""The fourth floor, each job against its own normal: the earlier jobs it is compared with, and what these took."""

from __future__ import annotations

from analytics.tables import sla_words as words
from analytics.tables.table import DAY, FLAG, REAL, SECONDS, TEXT, WHOLE, Table, columns

_FLOOR = "4_answers"

_USUAL_JOBS = Table(
    "usual_jobs",
    "one backup job and one earlier job of its VM that it is compared with",
    columns(
        ("job_id", TEXT, "The job."),
        ("usual_job_id", TEXT, "The earlier one: it ended well and decided its night."),
        ("usual_night", DAY, "Night of the earlier one."),
        (
            "is_weekday",
            FLAG,
            "Whether all of them are of the same day of the week as the job; else they are its last.",
        ),
    ),
    question="Which earlier jobs of the same VM show what a job usually takes?",
    key=("job_id", "usual_job_id"),
    floor=_FLOOR,
)

_JOB_COMPANY = Table(
    "job_company",
    "one job that ended and took time",
    columns(
        ("job_id", TEXT, "The job."),
        (
            "on_volume",
            WHOLE,
            "Other such jobs of its volume that ran at some time while it ran, NULL without a volume.",
        ),
        ("on_host", WHOLE, "Other such jobs of its host that ran at some time while it ran."),
    ),
    question="How many other jobs ran on the same volume and host while a job ran?",
    key=("job_id",),
    floor=_FLOOR,
)

_USUAL_PARTS = Table(
    "usual_parts",
    "one part of one job: a phase, the queue before it, or the job as a whole",
    columns(
        ("job_id", TEXT, "The job."),
        ("part", TEXT, "The phase, unaccounted, queue, or job for the whole."),
        ("now_s", SECONDS, "Its length in this job, 0 for a phase that it did not have."),
        ("usual_s", SECONDS, "Median of its length in the earlier jobs."),
        ("more_s", SECONDS, "now_s - usual_s."),
        ("grade", TEXT, "How well its length in this job is known."),
    ),
    question="How long did each phase of a job take, and how long does it usually take?",
    key=("job_id", "part"),
    floor=_FLOOR,
)

_USUAL_WORK = Table(
    "usual_work",
    "one job with earlier ones that it is compared with",
    columns(
        ("job_id", TEXT, "The job."),
        ("nights", WHOLE, "How many earlier jobs it is compared with."),
        ("is_weekday", FLAG, "Whether these are of the same day of the week; else they are the last ones."),
        ("usual_bytes", REAL, "Median of the bytes that they sent."),
        ("usual_vhd_bytes", REAL, "Median of the size of the disks."),
        ("usual_on_volume", REAL, "Median of the other jobs on their volumes."),
        ("usual_on_host", REAL, "Median of the other jobs on their hosts."),
    ),
    question="How much does a job usually send, of how large disks, beside how many others?",
    key=("job_id",),
    floor=_FLOOR,
)

_MISSED_NIGHTS = Table(
    "missed_nights",
    "one VM and one night on which a backup of it was due",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "Local date on which the backup window opens."),
        (
            "change",
            TEXT,
            "Against the due night before: NULL where neither was missed, or where one that never ran has none",
            words.NEWS,
        ),
        ("missed_14", WHOLE, "Nights on which it missed the window, of this and the thirteen days before."),
        ("due_14", WHOLE, "Of these, nights on which a backup was due."),
    ),
    question="Is a missed night a new one, and how often did the VM miss of late?",
    key=("vm", "night"),
    floor=_FLOOR,
)

_VM_HOMES = Table(
    "vm_homes",
    "one VM that has jobs",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("protection_group", TEXT, "Its protection group."),
        ("host", TEXT, "Computer whose agent did the work."),
    ),
    question="Where does a VM belong, by its newest job that says so?",
    key=("vm",),
    floor=_FLOOR,
)

USUAL = (_USUAL_JOBS, _JOB_COMPANY, _USUAL_PARTS, _USUAL_WORK, _MISSED_NIGHTS, _VM_HOMES)
