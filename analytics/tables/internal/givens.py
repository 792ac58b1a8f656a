"""What a session gives the model besides the store: the site, and the vocabulary with what SQL must know of it."""

from __future__ import annotations

from analytics.tables import advice_words, job_words, sla_words, trust_words
from analytics.tables import vocabulary as words
from analytics.tables.table import (
    CLOCK,
    DAY,
    FLAG,
    INSTANT,
    REAL,
    SECONDS,
    SMALL,
    TEXT,
    WHOLE,
    Table,
    columns,
)
from analytics.tables.value import Value, Vocabulary

__all__ = [
    "LISTS",
    "LOST_SOURCES",
    "SITE",
    "SITE_EXCLUSIONS",
    "SITE_GUEST_LEVEL",
    "SITE_RULES",
    "SITE_SCHEDULES",
    "STORE_STATE",
    "WEEKEND_DAYS",
]


SITE = Table(
    "site",
    "the site, one row",
    columns(
        ("time_zone", TEXT, "IANA name of the site's time zone."),
        ("zone_from", TEXT, "What names the zone", trust_words.ZONE_EVIDENCE),
        ("window_start", CLOCK, "When the backup window opens, local time."),
        ("window_end", CLOCK, "When the backup window closes, local time."),
        ("window_start_s", WHOLE, "window_start in seconds from midnight."),
        ("window_end_s", WHOLE, "window_end in seconds from midnight."),
        ("night_shift_s", WHOLE, "A night is the local date of a moment less this."),
        ("window_s", SECONDS, "Length of the backup window."),
        ("retry_wait_s", SECONDS, "Configured wait between two claims on a Cluster Shared Volume."),
        (
            "tracking",
            TEXT,
            "How changed blocks are found, NULL where the site does not say",
            job_words.TRACKINGS,
        ),
        ("link_overhead_s", SECONDS, "Time of a guest-level backup that does not depend on its size."),
    ),
    question="In which zone and backup window does the site work, and what does it say of its backups?",
)

SITE_EXCLUSIONS = Table(
    "site_exclusions",
    "one pattern of names that the site leaves out",
    columns(("vm_pattern", TEXT, "Name of the VM with * and ?.")),
    question="Which names of VMs does the site file leave out?",
    key=("vm_pattern",),
)

STORE_STATE = Table(
    "store_state",
    "the store, one row",
    columns(
        ("last_ingest", TEXT, "What became of the last ingest", trust_words.INGEST_STATES),
        ("ingest_begun_at", INSTANT, "When it began, NULL where that is not noted."),
        ("now_at", INSTANT, "The moment that freshness is judged by, NULL where none was given."),
    ),
    question="Did the last ingest come to its end, and by which moment is freshness judged?",
)

LOST_SOURCES = Table(
    "lost_sources",
    "one source that lost records with a damaged part of the store, or may have",
    columns(
        ("path", TEXT, "Where it was read."),
        (
            "records",
            WHOLE,
            "Records that are known to be lost and were not read again since; 0 where some may be.",
        ),
    ),
    question="Of which sources were records lost?",
    key=("path",),
)

_TRUST_CHECKS = Table(
    "trust_checks",
    "one check of the evidence",
    columns(
        ("check", TEXT, "The check", trust_words.TRUST_CHECKS),
        ("place", SMALL, "Its place, from 1, in the order in which people should read them."),
        ("meaning", TEXT, "What it says where it holds, in one sentence."),
    ),
    question="What is checked before the answers are believed?",
    key=("check",),
)

_TRUST_FINDINGS = Table(
    "trust_findings",
    "one thing that a check may find",
    columns(
        ("detail", TEXT, "What is found", trust_words.TRUST_FINDINGS),
        ("check", TEXT, "The check that finds it", trust_words.TRUST_CHECKS),
        ("status", TEXT, "What follows for the answers", trust_words.TRUST_STATUSES),
        ("remedy", TEXT, "What would mend it, NULL for nothing", trust_words.TRUST_REMEDIES),
        ("rank", SMALL, "Of several of one status the lowest is said."),
        ("least_share", SECONDS, "It is said only where more than this share is wrong."),
        ("is_empty", FLAG, "Whether it says that there is nothing to check."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="What may a check find, what follows, and what would mend it?",
    key=("detail",),
)

_OUTCOMES = Table(
    "outcomes",
    "one outcome of a job",
    columns(
        ("outcome", TEXT, "The outcome", words.OUTCOMES),
        ("is_good", FLAG, "Whether a recovery point came of it."),
        ("is_final", FLAG, "Whether nothing more will come."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which outcomes are good, and which are the last word?",
    key=("outcome",),
)

_KINDS = Table(
    "kinds",
    "one kind of job",
    columns(
        ("kind", TEXT, "The kind", job_words.KINDS),
        ("owes_sla", FLAG, "Whether it makes the recovery point that the SLA asks for."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which kinds of jobs count for the SLA?",
    key=("kind",),
)

_SERVICES = Table(
    "services",
    "one service that writes errlogs",
    columns(
        ("service", TEXT, "The service", words.SERVICES),
        ("is_server", FLAG, "Whether the computer that it runs on is the DPM server."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which services write errlogs, and which of them run on the DPM server?",
    key=("service",),
)

_PHASE_PLACES = Table(
    "phase_places",
    "one boundary between phases",
    columns(
        ("boundary", TEXT, "The boundary", words.BOUNDARIES),
        ("place", SMALL, "Its place in a job: 0 to 7, from 10 on for jobs of the online agent."),
        ("phase", TEXT, "The phase that begins there, NULL where none does", words.PHASES),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="In which order do the boundaries of a job come, and which phase begins at each?",
    key=("place",),
)

_CAUSE_ADVICE = Table(
    "cause_advice",
    "one cause of a breach",
    columns(
        ("cause", TEXT, "The cause", words.CAUSES),
        ("recommendation", TEXT, "What would help, NULL where candidates decides", advice_words.CAUSE_ADVICE),
        ("is_late", FLAG, "Whether it is time that was lacking."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which cause of a breach leads to which recommendation?",
    key=("cause",),
)

WEEKEND_DAYS = Table(
    "weekend_days",
    "one day of the weekend",
    columns(("weekday", TEXT, "mon to sun.")),
    question="Which days does the site count as weekend?",
    key=("weekday",),
)

SITE_SCHEDULES = Table(
    "site_schedules",
    "one pattern of names of which the site file says when it is due",
    columns(
        ("number", WHOLE, "Its place in the file; the first that fits a VM decides."),
        ("vm_pattern", TEXT, "Name of the VM with * and ?."),
        ("schedule", TEXT, "daily, weekdays, weekly:DAY; NULL where only the end of protection is said."),
        ("protected_until", DAY, "Last night on which it was protected, NULL while it is."),
    ),
    question="What does the site file say of schedules and of the end of protection?",
    key=("number",),
)

SITE_GUEST_LEVEL = Table(
    "site_guest_level",
    "one pattern of names of which the site file says whether a plan may move it to guest level, or for how much",
    columns(
        (
            "number",
            WHOLE,
            "Its place in the file; the first that fits a VM decides, of choices and of costs.",
        ),
        ("vm_pattern", TEXT, "Name of the VM with * and ?."),
        ("is_moved", FLAG, "true: each plan moves it; false: none does; NULL where only the cost is said."),
        ("cost", REAL, "What a move costs, NULL where only the choice is said."),
    ),
    question="What does the site file say of moves to guest level?",
    key=("number",),
)

SITE_RULES = Table(
    "site_rules",
    "one rule of the site file for one pattern of names, one protection group or all VMs",
    columns(
        ("number", WHOLE, "Its place in the file; the first that fits a VM decides."),
        ("rule", TEXT, "What it demands", sla_words.SLA_RULES),
        ("vm_pattern", TEXT, "Name of the VM with * and ?, NULL for all."),
        ("protection_group", TEXT, "Protection group, NULL for all."),
        ("threshold_s", SECONDS, "Its limit; 0 for a backup window."),
        (
            "window_start_s",
            WHOLE,
            "Opening of its backup window in seconds from midnight, NULL for the site's.",
        ),
        (
            "window_end_s",
            WHOLE,
            "Closing of its backup window in seconds from midnight, NULL for the site's.",
        ),
        ("first_night", DAY, "First night on which it is valid."),
        ("last_night", DAY, "Last night on which it is valid."),
    ),
    question="Which rules does the site file name, for whom and when?",
    key=("number", "vm_pattern"),
)

# Vocabulary of which SQL must know more than the names: the first column is the value, the others what is said of it.
LISTS: tuple[tuple[Table, Vocabulary[Value]], ...] = (
    (_OUTCOMES, words.OUTCOMES),
    (_KINDS, job_words.KINDS),
    (_SERVICES, words.SERVICES),
    (_PHASE_PLACES, words.BOUNDARIES),
    (_CAUSE_ADVICE, words.CAUSES),
    (_TRUST_CHECKS, trust_words.TRUST_CHECKS),
    (_TRUST_FINDINGS, trust_words.TRUST_FINDINGS),
)
GIVENS = (
    SITE,
    SITE_EXCLUSIONS,
    STORE_STATE,
    LOST_SOURCES,
    WEEKEND_DAYS,
    SITE_SCHEDULES,
    SITE_GUEST_LEVEL,
    SITE_RULES,
    *(table for table, _ in LISTS),
)
