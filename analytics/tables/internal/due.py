"""The fourth floor, what was due and whether it was kept: evidence, due nights, rules, breaches."""

from __future__ import annotations

from analytics.tables import sla_words
from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, SECONDS, TEXT, WHOLE, Column, Table, columns

_FLOOR = "4_answers"

_VM = ("vm", TEXT, "Name of the VM.")
_NIGHT = ("night", DAY, "Local date on which the backup window opens.")
_OPENS = ("opens_at", INSTANT, "When the backup window opens.")
_CLOSES = ("closes_at", INSTANT, "When the backup window closes.")
_SEEN = (
    "seen_until",
    INSTANT,
    "Latest time that a log or record of the VM's DPM server and hosts speaks of.",
)
_EVIDENCE = ("has_evidence", FLAG, "Whether a log or record of that night would show its backup.")
_LEARNED = (
    "learned_from",
    TEXT,
    "What says whether a backup was due, NULL where nothing does",
    sla_words.DUE_EVIDENCE,
)
_EXPECTED = ("expected", FLAG, "Whether a backup was due, NULL where that is not known.")

_MACHINE_EVIDENCE = Table(
    "machine_evidence",
    "one VM and one night of which there is evidence, since its first backup",
    columns(_VM, _NIGHT, ("first_night", DAY, "Night of its first backup."), _SEEN),
    question="Is there a log or a record that would show the backup of a VM on a night?",
    key=("vm", "night"),
    floor=_FLOOR,
)

_NEVER_RUN = Table(
    "never_run",
    "one VM of the inventory",
    columns(
        _VM,
        ("since_night", DAY, "First night on which it is known to be there, NULL for the last night of all."),
        ("first_night", DAY, "Night of its first backup, NULL for none."),
        ("is_watched", FLAG, "Whether any job of its host or cluster is known."),
    ),
    question="From when to when was which VM of the inventory not backed up?",
    key=("vm",),
    floor=_FLOOR,
)

_PERHAPS_RUN = Table(
    "perhaps_run",
    "one VM and one night on which a backup of it may have run that nothing shows",
    columns(_VM, _NIGHT),
    question="On which night may a backup of which VM have run although no log or record names it?",
    key=("vm", "night"),
    floor=_FLOOR,
)

_EXCLUDED_VMS = Table(
    "excluded_vms",
    "one VM that the site leaves out",
    columns(_VM),
    question="Which VMs does the site file leave out?",
    key=("vm",),
    floor=_FLOOR,
)

_MACHINE_SCHEDULES = Table(
    "machine_schedules",
    "one VM of which the site file speaks",
    columns(
        _VM,
        ("protected_until", DAY, "Last night on which it was protected, NULL while it is."),
        ("schedule", TEXT, "daily, weekdays, weekly:DAY; NULL where it is to be learned."),
    ),
    question="What does the site file say of a VM's protection?",
    key=("vm",),
    floor=_FLOOR,
)

_GUEST_CHOICES = Table(
    "guest_choices",
    "one VM of whose move to guest level the site file speaks",
    columns(
        _VM,
        ("is_moved", FLAG, "true: each plan moves it; false: none does; NULL: as the plan finds."),
        ("cost", REAL, "What its move costs, NULL where the file does not say."),
    ),
    question="Which VMs must or must not move to guest level, and what does a move cost?",
    key=("vm",),
    floor=_FLOOR,
)

_DUE_NIGHTS = Table(
    "due_nights",
    "one VM and one night on which a backup of it may have been due",
    columns(_VM, _NIGHT, _SEEN, _EVIDENCE, _EXPECTED, _LEARNED),
    question="On which nights was a backup due, as learned from earlier ones or said by the site?",
    key=("vm", "night"),
    floor=_FLOOR,
)

_SLA_RULES = Table(
    "sla_rules",
    "one VM, one night, one rule that holds",
    columns(
        _VM,
        _NIGHT,
        ("rule", TEXT, "What it demands", sla_words.SLA_RULES),
        ("threshold_s", SECONDS, "Its limit; 0 for a backup window."),
        _OPENS,
        _CLOSES,
        ("window_start_s", WHOLE, "When its window opens, seconds from local midnight."),
        ("window_end_s", WHOLE, "When its window closes, seconds from local midnight."),
    ),
    question="Which rule judges which VM on which night?",
    key=("vm", "night", "rule"),
    floor=_FLOOR,
)

_JUDGED: tuple[Column, ...] = columns(
    _VM,
    _NIGHT,
    ("rule", TEXT, "The rule", sla_words.SLA_RULES),
    _EXPECTED,
    ("met", FLAG, "Whether it was kept, NULL where that is not known."),
    ("deadline", INSTANT, "When it had to be kept by."),
    (
        "finished_at",
        INSTANT,
        "When it was kept, or when that was missed: end of the backup, or newest snapshot.",
    ),
    (
        "overrun_s",
        SECONDS,
        "By how much it was missed, 0 where it was kept; NULL where nothing was finished.",
    ),
    ("reason", TEXT, "Why", sla_words.SLA_REASONS),
    ("job_id", TEXT, "The job that decided."),
    ("opens_at", INSTANT, "When the time that is judged began: the window, the period, or the job."),
)


def _judged(name: str, question: str) -> Table:
    return Table(
        name,
        "one VM and one night that the rule judges",
        _JUDGED,
        question=question,
        key=("vm", "night"),
        floor=_FLOOR,
    )


_SLA_WINDOWS = _judged("sla_windows", "Which VM had a recovery point before its window closed?")
_SLA_DURATIONS = _judged("sla_durations", "Which backup took longer than its rule allows?")
_SLA_AGES = Table(
    "sla_ages",
    "one VM, one night and one rule on the age of recovery points",
    _JUDGED,
    question="How old was the newest recovery point when the window closed?",
    key=("vm", "night", "rule"),
    floor=_FLOOR,
)
_SLA_PERIODS = _judged("sla_periods", "Did each period of SLAInHours bring a recovery point?")
_SLA_JUDGED = Table(
    "sla_judged",
    "one VM, one night, one rule",
    _JUDGED,
    question="Which VM kept which rule on which night?",
    key=("vm", "night", "rule"),
    floor=_FLOOR,
)

_SLA_PARTS = Table(
    "sla_parts",
    "one part of the time of a late backup that broke a rule",
    columns(
        _VM,
        _NIGHT,
        ("rule", TEXT, "The rule", sla_words.SLA_RULES),
        ("cause", TEXT, "What the part is", words.CAUSES),
        ("job_id", TEXT, "The job that decided."),
        ("overrun_s", SECONDS, "Time past the deadline."),
        ("part_s", SECONDS, "Length of the part."),
        ("part_min_s", SECONDS, "Its shortest possible length."),
        ("usual_s", SECONDS, "Its usual length, NULL where fewer than two earlier jobs tell."),
        (
            "more_s",
            SECONDS,
            "By how much it is longer, NULL also where the usual job would be half as late or more.",
        ),
        ("grade", TEXT, "How well its length is known", words.GRADES),
    ),
    question="What did the time of a late backup go to, and how long does each part usually take?",
    key=("vm", "night", "rule", "cause"),
    floor=_FLOOR,
)

_HOLDER = (
    ("job_id", TEXT, "The job that waited."),
    ("vm", TEXT, "Its VM."),
    ("night", DAY, "Its night."),
    ("holder_job_id", TEXT, "A job that ran meanwhile."),
    ("holder_vm", TEXT, "VM of that job."),
)

_QUEUE_HOLDERS = Table(
    "queue_holders",
    "one job that waited in DPM's queue, and one that ran meanwhile",
    columns(
        *_HOLDER,
        ("shared", TEXT, "The narrowest thing that both share", sla_words.SHARED),
        ("overlap_s", SECONDS, "For how long it ran while the other waited."),
    ),
    question="Who held the queue while a job waited?",
    key=("job_id", "holder_job_id"),
    floor=_FLOOR,
)

_CLAIM_HOLDERS = Table(
    "claim_holders",
    "one job whose claim on a volume was refused, and one that held the volume meanwhile",
    columns(*_HOLDER, ("overlap_s", SECONDS, "For how long it held the volume while the other waited.")),
    question="Who held the volume while a claim on it was refused?",
    key=("job_id", "holder_job_id"),
    floor=_FLOOR,
)

_GROUPS_WITHOUT_RUNS = Table(
    "groups_without_runs",
    "one protection group, or one DPM server as a whole, and one night on which none of its VMs ran",
    columns(
        ("dpm_server", TEXT, "DPM server."),
        ("protection_group", TEXT, "Protection group, NULL for the whole server."),
        _NIGHT,
        ("vms", WHOLE, "VMs of it that were due, or of which no record of that night is left."),
        ("jobs", WHOLE, "Backups that others ran: other groups of the server, or other servers."),
    ),
    question="Of which protection group or DPM server did no VM run on a night on which others ran?",
    key=("dpm_server", "protection_group", "night"),
    floor=_FLOOR,
)

_SITE_FINDINGS = Table(
    "site_findings",
    "one entry of the site file that fits no VM or group, or no time of it",
    columns(
        ("entry_key", TEXT, "Section and key of the site file."),
        ("entry", TEXT, "The name or pattern there."),
        ("finding", TEXT, "What is doubtful", sla_words.SITE_FINDINGS),
        ("first_night", DAY, "First night of which a job of the VM is known."),
    ),
    question="Which entries of the site file fit nothing in the store?",
    key=("entry_key", "entry"),
    floor=_FLOOR,
)

DUE = (
    _EXCLUDED_VMS,
    _PERHAPS_RUN,
    _MACHINE_EVIDENCE,
    _NEVER_RUN,
    _MACHINE_SCHEDULES,
    _GUEST_CHOICES,
    _DUE_NIGHTS,
    _SLA_RULES,
    _SLA_WINDOWS,
    _SLA_DURATIONS,
    _SLA_AGES,
    _SLA_PERIODS,
    _SLA_JUDGED,
    _SLA_PARTS,
    _QUEUE_HOLDERS,
    _CLAIM_HOLDERS,
    _GROUPS_WITHOUT_RUNS,
    _SITE_FINDINGS,
)
