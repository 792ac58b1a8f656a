"""Derived tables: the views that queries/model/ computes from the raw ones."""

from __future__ import annotations

from analytics.tables import job_words, sla_words, trust_words
from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, SECONDS, SMALL, TEXT, WHOLE, Table, columns

_MACHINES = Table(
    "machines",
    "one machine",
    columns(
        ("vm", TEXT, "Its label: its newest name, with the host where two machines bear one name."),
        ("vm_id", TEXT, "Its VMId, upper case without braces; NULL where no inventory holds one."),
        ("names", TEXT, "All names that it bore, the newest first, joined by commas."),
        ("host", TEXT, "Hyper-V host that it was last seen on."),
        ("cluster", TEXT, "Failover cluster of that host."),
        (
            "is_clustered",
            FLAG,
            "Whether that host is a member of a cluster, NULL without an inventory of it.",
        ),
        ("dpm_servers", TEXT, "DPM servers that backed it up, joined by commas."),
        ("first_seen_at", INSTANT, "Earliest job or inventory that names it."),
        ("last_seen_at", INSTANT, "Latest job or inventory that names it."),
        ("told_by", TEXT, "What tells it from other machines", words.MACHINE_EVIDENCE),
    ),
    question="Which machines are there, under which names, and what tells them apart?",
    key=("vm",),
    floor="4_answers",
)

_MARKERS = Table(
    "markers",
    "one log record that marks a phase boundary of a job",
    columns(
        ("job_id", TEXT, "The job it belongs to."),
        ("marker", TEXT, "Name of the marker, from queries/model/rules/."),
        ("at", INSTANT, "Time of the record."),
        ("host", TEXT, "Computer that wrote it."),
        ("volume", TEXT, "Volume that the record names."),
        ("detail", TEXT, "What else the rule captures: VHD path, provider id, HRESULT."),
        ("source_id", TEXT, "The source it was read from."),
        ("line_no", WHOLE, "Line in the source, NULL for events."),
        ("record_no", WHOLE, "Record in the source, NULL for text."),
    ),
    question="Which record, of an errlog or an event log, marks which boundary of which job?",
    key=("job_id", "marker", "source_id", "line_no", "record_no"),
    floor="2_matches",
)

JOBS = Table(
    "jobs",
    "one attempt for one data source",
    columns(
        (
            "job_id",
            TEXT,
            "DPM's task GUID, upper case; LOG- or REC- and a stable digest where there is none.",
        ),
        ("dpm_job_id", TEXT, "DPM's job GUID; several tasks may share it."),
        ("vm", TEXT, "Label of the machine, as in machines; NULL where nothing names it."),
        ("vm_from", TEXT, "What names the VM", words.VM_EVIDENCE),
        ("data_source", TEXT, "Data source as DPM names it."),
        ("protection_group", TEXT, "Protection group."),
        ("dpm_server", TEXT, "DPM server."),
        ("host", TEXT, "Computer whose agent did the work."),
        ("volume", TEXT, "Volume that was snapshot, first one named."),
        ("volumes", TEXT, "All of them, in the order of their names: A; B."),
        ("kind", TEXT, "What the job does", job_words.KINDS),
        ("kind_from", TEXT, "What tells that, NULL where nothing does", job_words.KIND_EVIDENCE),
        ("level", TEXT, "Where the agent runs, NULL where nothing tells", job_words.LEVELS),
        ("tracking", TEXT, "How changed blocks are found", job_words.TRACKINGS),
        ("tracking_from", TEXT, "What says how, NULL where nothing does", job_words.TRACKING_EVIDENCE),
        ("outcome", TEXT, "How it ended", words.OUTCOMES),
        ("is_good", FLAG, "Whether a recovery point came of it."),
        ("owes_sla", FLAG, "Whether a job of its kind makes the recovery point that the SLA asks for."),
        ("started_at", INSTANT, "Start of the attempt: earliest of job record and markers."),
        ("ended_at", INSTANT, "End of the attempt, NULL while it runs."),
        ("duration_s", SECONDS, "ended_at - started_at."),
        ("bytes_transferred", WHOLE, "Bytes sent to the DPM server."),
        ("vhd_bytes", WHOLE, "Size of the VM's virtual disks: what a block compare reads."),
        ("claim_refusals", WHOLE, "How often the claim on the Cluster Shared Volume was refused."),
        (
            "provider_kind",
            TEXT,
            "Who makes the snapshot, NULL where the log does not say",
            words.PROVIDER_KINDS,
        ),
        ("error_code", WHOLE, "DPM error id."),
        ("hresult", TEXT, "Detailed error, 0x and eight digits."),
        ("error_text", TEXT, "Error text as DPM gave it."),
        ("evidence", TEXT, "What is known of it", words.JOB_EVIDENCE),
        (
            "created_at",
            INSTANT,
            "When DPM created the task, NULL where no record says so.",
        ),
        ("queued_s", SECONDS, "started_at - created_at: how long the job waited in DPM's own queue."),
        (
            "delta_t_s",
            SECONDS,
            "Gap between in-guest and host snapshot, middle of its bounds; NULL without guest events.",
        ),
        ("delta_t_min_s", SECONDS, "Shortest gap that the evidence allows, clock offset included."),
        ("delta_t_max_s", SECONDS, "Longest gap that the evidence allows, clock offset included."),
        ("era", TEXT, "How post-snapshot works there, NULL where nothing shows it", words.ERAS),
        ("era_from", TEXT, "What shows the era", words.ERA_EVIDENCE),
        ("marks_id", TEXT, "The job_id under which job_marks holds its lines."),
        ("record_started_at", INSTANT, "Start that the job record states."),
        ("record_ended_at", INSTANT, "End that the job record states."),
    ),
    question="Which backup attempts ran, for which VM, when, and how did they end?",
    answers=("vm", "started_at", "duration_s", "outcome", "kind", "job_id"),
    key=("job_id",),
    floor="3_times",
)

BOUNDARIES = Table(
    "boundaries",
    "one job and one boundary of it that is known, in their order",
    columns(
        ("job_id", TEXT, "The job."),
        ("vm", TEXT, "Name of the VM."),
        ("boundary", TEXT, "Which boundary it is", words.BOUNDARIES),
        ("place", SMALL, "Its place among the boundaries of a job, as in phase_places."),
        ("next_place", SMALL, "The next boundary of the job that is known, NULL for the last."),
        (
            "us",
            WHOLE,
            "When it was seen or inferred, microseconds since 1970, UTC; never before those above it.",
        ),
        ("low_us", WHOLE, "Earliest time it can have been."),
        ("high_us", WHOLE, "Latest time it can have been; NULL for the end of a job that still runs."),
        (
            "evidence",
            SMALL,
            "3 observed, 2 inferred within bounds, 1 bounds only, 0 merely the first or last trace of the job.",
        ),
    ),
    question="When did each phase of a job begin, how sure is that, and what shows it?",
    key=("job_id", "place"),
    floor="3_times",
)

_PHASES = Table(
    "phases",
    "one phase of one job; the rows of a job leave no gap and add up to its duration",
    columns(
        ("job_id", TEXT, "The job."),
        ("vm", TEXT, "Name of the VM."),
        ("phase", TEXT, "The phase", words.PHASES),
        ("started_at", INSTANT, "Begin of the phase, NULL at grade D."),
        ("ended_at", INSTANT, "End of the phase, NULL at grade D and where it still lasts."),
        ("duration_s", SECONDS, "Length, NULL at grade D and where it still lasts."),
        (
            "duration_min_s",
            SECONDS,
            "Shortest length that the evidence allows; of a phase that still lasts, until that evidence ends.",
        ),
        ("duration_max_s", SECONDS, "Longest length that the evidence allows, NULL where it still lasts."),
        ("grade", TEXT, "How well it is known", words.GRADES),
    ),
    question="Where did the time of each job go?",
    answers=("vm", "phase", "started_at", "duration_s", "grade", "job_id"),
    key=("job_id", "phase", "started_at"),
    floor="3_times",
)

_SLA = Table(
    "sla",
    "one VM, one night, one rule",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("rule", TEXT, "What is asked for", sla_words.SLA_RULES),
        ("expected", FLAG, "Whether a backup was due; NULL for a night of which there is no evidence."),
        ("met", FLAG, "Whether the rule was met, NULL where it cannot be known."),
        ("deadline", INSTANT, "When the window closes."),
        ("finished_at", INSTANT, "When the good backup of the night ended."),
        ("overrun_s", SECONDS, "Seconds past the deadline, 0 when in time; NULL without a finished job."),
        ("reason", TEXT, "Why it is met or not", sla_words.SLA_REASONS),
        ("cause", TEXT, "Of a breach: without it the deadline would have been met", words.CAUSES),
        ("cause_s", SECONDS, "Length of the cause, NULL where no backup was finished."),
        (
            "cause_grade",
            TEXT,
            "How sure the cause is; D where it alone would not have sufficed",
            words.GRADES,
        ),
        ("job_id", TEXT, "The job that decided."),
    ),
    question="Which VM kept which rule on which night, and if not, what was the one cause?",
    answers=("vm", "night", "rule", "met", "reason", "cause", "overrun_s"),
    key=("vm", "night", "rule"),
    floor="4_answers",
)

_EXPECTED_RUNS = Table(
    "expected_runs",
    "one VM and one night on which a backup of it may have been due",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("expected", FLAG, "Whether a backup was due, NULL where that is not known."),
        ("learned_from", TEXT, "What says so", sla_words.DUE_EVIDENCE),
        ("reason", TEXT, "What follows", sla_words.DUE_REASONS),
    ),
    question="On which nights was a backup of which VM due, and what says so?",
    key=("vm", "night"),
    floor="4_answers",
)

_COMPLIANCE = Table(
    "compliance",
    "one VM and one rule",
    columns(
        ("vm", TEXT, "Name of the VM."),
        ("rule", TEXT, "The rule", sla_words.SLA_RULES),
        ("slots", WHOLE, "Nights on which it was due, or on which it is not known whether it was kept."),
        ("met", WHOLE, "Nights on which it was kept."),
        ("missed", WHOLE, "Nights on which it was broken."),
        ("unknown", WHOLE, "Nights on which that is not known."),
        ("running", WHOLE, "Of these, nights whose backup still runs."),
        ("met_low", REAL, "Share kept if all unknown nights were missed, 0 to 1."),
        ("met_high", REAL, "Share kept if all unknown nights were kept, 0 to 1."),
        ("wilson_low", REAL, "Lower end of Wilson's 95 % interval of the share kept on known nights."),
        ("wilson_high", REAL, "Upper end of that interval."),
        ("verdict", TEXT, "What follows", sla_words.COMPLIANCES),
        ("longest_streak", WHOLE, "Most nights missed in a row."),
    ),
    question="Which VM keeps which rule, how sure is that, and for how long did it not?",
    key=("vm", "rule"),
    floor="4_answers",
)

_COVERAGE = Table(
    "coverage",
    "one host, one night, one kind of log",
    columns(
        ("host", TEXT, "Computer."),
        ("night", DAY, "Local date on which the backup window opens."),
        ("log_kind", TEXT, "Kind of log, with its service or channel", words.LOG_KINDS),
        ("records", WHOLE, "Records of that night."),
        ("first_at", INSTANT, "Earliest of them."),
        ("last_at", INSTANT, "Latest of them."),
        ("jobs", WHOLE, "Jobs of that host that started on that night."),
        ("status", TEXT, "What we have of it", words.COVERAGE_STATUSES),
        (
            "gaps",
            WHOLE,
            "Record ids that are missing between the first and the last event; NULL for other logs.",
        ),
        ("note", TEXT, "What is wrong with it", words.COVERAGE_NOTES),
    ),
    question="Which kind of log do we have of which computer and night, and what is missing?",
    key=("host", "night", "log_kind"),
    floor="4_answers",
)

_CLOCK_OFFSETS = Table(
    "clock_offsets",
    "one pair of clocks, one night, and one segment between two settings of a clock",
    columns(
        ("a", TEXT, "Host whose clock it is, without its domain."),
        ("b", TEXT, "DPM server or guest that it is compared with, or events for its own event logs."),
        ("told_by", TEXT, "What shows it", trust_words.CLOCK_EVIDENCE),
        ("night", DAY, "Local date on which the backup window opens."),
        ("segment", SMALL, "0, and one more each time that the clock is seen to have been set."),
        ("from_at", INSTANT, "Start of the first job that shows it."),
        ("until_at", INSTANT, "Start of the last one."),
        ("is_constant", FLAG, "Whether one offset fits all jobs; else the bounds enclose those of each."),
        ("offset_low_s", SECONDS, "Least offset that fits: time of a less time of b."),
        ("offset_high_s", SECONDS, "Greatest offset that fits."),
        ("jobs", WHOLE, "Jobs that bound it."),
    ),
    question="By how much do the clocks of hosts, DPM servers and guests differ, when, and how sure is that?",
    key=("a", "b", "told_by", "night", "segment"),
    floor="3_times",
)

_TRUST = Table(
    "trust",
    "one check of the evidence",
    columns(
        ("check", TEXT, "What is checked", trust_words.TRUST_CHECKS),
        ("status", TEXT, "What came of it", trust_words.TRUST_STATUSES),
        ("detail", TEXT, "What was found", trust_words.TRUST_FINDINGS),
        (
            "remedy",
            TEXT,
            "What would mend it, NULL where nothing is to be mended",
            trust_words.TRUST_REMEDIES,
        ),
        ("found", WHOLE, "How many are wrong, as the detail says; NULL where nothing is counted."),
        ("total", WHOLE, "Of how many."),
        ("low_s", SECONDS, "Least difference of two clocks, or age of the evidence."),
        ("high_s", SECONDS, "Greatest difference of two clocks."),
        ("names", TEXT, "Up to three computers, VMs or files it is about, NULL for none."),
        ("others", WHOLE, "How many more of them there are."),
    ),
    question="Can the answers be believed, and what would mend it where not?",
    key=("check",),
    floor="4_answers",
)

_FAILURES = Table(
    "failures",
    "one failed or cancelled job",
    columns(
        ("job_id", TEXT, "The job."),
        ("vm", TEXT, "Name of the VM."),
        ("night", DAY, "Night the job belongs to."),
        ("host", TEXT, "Computer whose agent did the work."),
        ("outcome", TEXT, "How it ended", words.OUTCOMES),
        ("phase", TEXT, "Phase in which it ended, NULL where no log shows it", words.PHASES),
        ("error_code", WHOLE, "DPM error id."),
        ("hresult", TEXT, "Detailed error, 0x and eight digits."),
        ("error_text", TEXT, "Error text as DPM gave it."),
        ("explained_by", TEXT, "Kind and key of the rule that explains it, such as error/32612."),
        ("explanation", TEXT, "What explains it, in one sentence."),
        ("explanation_source", TEXT, "Where the explanation comes from."),
        ("events", WHOLE, "Failure events on host, guest and DPM server while it ran."),
        ("event_list", TEXT, "These events: time, computer, provider/id, VSS operation."),
    ),
    question="Which jobs failed, in which phase, and what explains it?",
    key=("job_id",),
    floor="4_answers",
)

DERIVED = (
    _MACHINES,
    _MARKERS,
    JOBS,
    BOUNDARIES,
    _PHASES,
    _SLA,
    _EXPECTED_RUNS,
    _COMPLIANCE,
    _COVERAGE,
    _CLOCK_OFFSETS,
    _TRUST,
    _FAILURES,
)
