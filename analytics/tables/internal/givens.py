"""What a session gives the model besides the store: the site, and the vocabulary with what SQL must know of it."""

from __future__ import annotations

from analytics.tables import advice_words
from analytics.tables import vocabulary as words
from analytics.tables.table import CLOCK, FLAG, SECONDS, SMALL, TEXT, WHOLE, Table, columns
from analytics.tables.value import Value, Vocabulary

SITE = Table(
    "site",
    "the site, one row",
    columns(
        ("time_zone", TEXT, "IANA name of the site's time zone."),
        ("window_start", CLOCK, "When the backup window opens, local time."),
        ("window_end", CLOCK, "When the backup window closes, local time."),
        ("window_start_s", WHOLE, "window_start in seconds from midnight."),
        ("window_end_s", WHOLE, "window_end in seconds from midnight."),
        ("night_shift_s", WHOLE, "A night is the local date of a moment less this."),
        ("window_s", SECONDS, "Length of the backup window."),
        ("retry_wait_s", SECONDS, "Configured wait between two claims on a Cluster Shared Volume."),
        ("tracking", TEXT, "How changed blocks are found, NULL where the site does not say", words.TRACKINGS),
        ("link_overhead_s", SECONDS, "Time of a guest-level backup that does not depend on its size."),
    ),
    question="In which zone and backup window does the site work, and what does it say of its backups?",
)

EXCLUDED_VMS = Table(
    "excluded_vms",
    "one VM that the site leaves out",
    columns(("vm", TEXT, "Name of the VM.")),
    question="Which VMs does the site file leave out?",
    key=("vm",),
)

OUTCOMES = Table(
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

KINDS = Table(
    "kinds",
    "one kind of job",
    columns(
        ("kind", TEXT, "The kind", words.KINDS),
        ("owes_sla", FLAG, "Whether it makes the recovery point that the SLA asks for."),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which kinds of jobs count for the SLA?",
    key=("kind",),
)

SERVICES = Table(
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

PHASE_PLACES = Table(
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

FORMAT_RANKS = Table(
    "format_ranks",
    "one log format",
    columns(
        ("format", TEXT, "Name of the format."),
        ("rank", SMALL, "Which job records count where several formats tell of one task: least first."),
    ),
    question="Which format of job records says most of a task?",
    key=("format",),
)

ADVICE = Table(
    "advice",
    "one reason for a recommendation",
    columns(
        ("reason", TEXT, "The reason", advice_words.ADVICE),
        ("recommendation", TEXT, "What would help", advice_words.RECOMMENDATIONS),
        ("meaning", TEXT, "What it means, in one sentence."),
    ),
    question="Which reason leads to which recommendation?",
    key=("reason",),
)

# Vocabulary of which SQL must know more than the names: the first column is the value, the others what is said of it.
LISTS: tuple[tuple[Table, Vocabulary[Value]], ...] = (
    (OUTCOMES, words.OUTCOMES),
    (KINDS, words.KINDS),
    (SERVICES, words.SERVICES),
    (PHASE_PLACES, words.BOUNDARIES),
    (ADVICE, advice_words.ADVICE),
)
GIVENS = (SITE, EXCLUDED_VMS, FORMAT_RANKS, *(table for table, _ in LISTS))
