"""The words that columns hold: each value once, with its meaning; SQL, charts and report take them from here."""

from __future__ import annotations

from analytics.tables.advice_words import ADVICE, CAUSE_ADVICE, RECOMMENDATIONS, TRIED_CHANGES
from analytics.tables.job_words import KIND_EVIDENCE, KINDS, LEVELS, TRACKING_EVIDENCE, TRACKINGS
from analytics.tables.planning_words import (
    BOTTLENECKS,
    CHANGES,
    ESTIMATE_REASONS,
    FORECAST_REASONS,
    FORECAST_VERDICTS,
    JOB_CAUSES,
    PROOF_REASONS,
)
from analytics.tables.rule_words import (
    BY_WHAT,
    CHANNEL_SHOWS,
    CHANNEL_WAYS,
    GIVES,
    HOW,
    LABEL_EVIDENCE,
    LABEL_FIELDS,
    MARKER_MATCHES,
    MARKER_SCOPES,
    RULE_ROLES,
)
from analytics.tables.sla_words import (
    COMPLIANCES,
    DUE_EVIDENCE,
    DUE_REASONS,
    NEWS,
    SHARED,
    SITE_FINDINGS,
    SLA_REASONS,
    SLA_RULES,
)
from analytics.tables.trust_words import (
    CLOCK_EVIDENCE,
    INGEST_STATES,
    TRUST_CHECKS,
    TRUST_FINDINGS,
    TRUST_REMEDIES,
    TRUST_STATUSES,
    ZONE_EVIDENCE,
)
from analytics.tables.value import Boundary, Cause, Outcome, Phase, Service, Value, Vocabulary

__all__ = ["COVERAGE_STATUSES", "GRADES", "NEWS", "PHASES", "SERVICES", "VOCABULARIES"]


PHASES = Vocabulary(
    "phase",
    (
        Phase("prepare", "From the start of the job until its volume is marked to be snapshot.", 0),
        Phase("claim_wait", "Waiting for the claim on the Cluster Shared Volume after it was refused.", 1),
        Phase("snapshot", "From the granted claim until the host snapshot is taken (t2).", 2),
        Phase("post_snapshot", "From the host snapshot until data begins to move: mount and revert.", 3),
        Phase("transfer", "Data moves to the DPM server.", 4),
        Phase("release", "From the end of the data until the snapshot is let go.", 5),
        Phase("finalize", "From the released snapshot to the end of the job record.", 6),
        Phase("unaccounted", "Time that no evidence assigns to a phase.", 7),
    ),
)

# Those of a host-level backup have the places 0 to 7; the steps of the online agent, between which lies time that
# is no phase, have places from 10 on.
BOUNDARIES = Vocabulary(
    "boundary",
    (
        Boundary("start", "The job starts.", 0, "prepare"),
        Boundary("add_volume", "The volume is marked to be snapshot.", 1, "claim_wait"),
        Boundary("claim_granted", "The claim on the Cluster Shared Volume is granted.", 2, "snapshot"),
        Boundary("host_snapshot", "The host snapshot is taken (t2).", 3, "post_snapshot"),
        Boundary("begin_data_move", "Data begins to move.", 4, "transfer"),
        Boundary("start_backup_complete", "The data has moved.", 5, "release"),
        Boundary("release_snapshot", "The snapshot is let go.", 6, "finalize"),
        Boundary("end", "The job ends.", 7, None),
        Boundary("online_start", "A job of the online agent starts.", 10, None),
        Boundary("prebackup_begin", "Prebackup starts.", 11, "snapshot"),
        Boundary("prebackup_end", "Prebackup has finished.", 12, None),
        Boundary("initialize_begin", "Initialize Storage starts.", 13, "prepare"),
        Boundary("initialize_end", "Initialize Storage has finished.", 14, None),
        Boundary("transfer_begin", "Data transfer starts.", 15, "transfer"),
        Boundary("transfer_end", "Data transfer has finished.", 16, None),
        Boundary("integrity_begin", "The integrity check starts.", 17, "finalize"),
        Boundary("uninitialize_end", "UnInitialize Storage has finished.", 18, None),
        Boundary("online_end", "A job of the online agent ends.", 19, None),
    ),
)

GRADES = Vocabulary(
    "grade",
    (
        Value("A", "Both boundaries are observed."),
        Value("B", "A boundary is inferred from indirect evidence, within stated bounds."),
        Value("C", "Only bounds are known; the value is a convention or an estimate."),
        Value("D", "There is no evidence of it in the data."),
    ),
)

CAUSES = Vocabulary(
    "cause",
    (
        Cause("queue", "It waited in DPM's own queue before it started."),
        Cause("claim_wait", "It waited for the claim on the Cluster Shared Volume."),
        Cause("snapshot", "The snapshot took the time."),
        Cause("post_snapshot", "Mounting and reverting the disks of the snapshot took the time."),
        Cause("transfer", "Moving the data took the time."),
        Cause("finalize", "What follows the released snapshot took the time."),
        Cause("late_start", "It was scheduled too late to meet the deadline."),
        Cause("failed", "It failed.", "see_failures", is_late=False),
        Cause("not_started", "It was due and no job was started.", "check_schedule", is_late=False),
        Cause("never_run", "The VM was never backed up.", "check_schedule", is_late=False),
        Cause("running", "It still runs."),
        Cause("unknown", "Nothing tells the cause."),
    ),
)

OUTCOMES = Vocabulary(
    "outcome",
    (
        Outcome("succeeded", "It ended well.", True, True),
        Outcome("warning", "It ended with a recovery point and a complaint.", True, True),
        Outcome("failed", "It ended without a recovery point.", False, True),
        Outcome("cancelled", "Somebody or something ended it.", False, True),
        Outcome("running", "It has not ended.", False, False),
        Outcome("unknown", "Nothing tells how it ended.", False, False),
    ),
)

COVERAGE_STATUSES = Vocabulary(
    "status",
    (
        Value("present", "Records lie in that night."),
        Value("partial", "Record ids lack, or a job had ended before the log begins."),
        Value("missing", "Jobs ran and no such log reaches that night, or there never was one."),
        Value("silent", "No record, though other event logs reach that night."),
        Value("quiet", "No record, and none was to be expected."),
        Value(
            "unknown", "No log or record of any computer reaches that night: nothing tells whether jobs ran."
        ),
    ),
)

COVERAGE_NOTES = Vocabulary(
    "note",
    (
        Value(
            "ids_missing", "Record ids are missing between the first and the last record; gaps counts them."
        ),
        Value(
            "begins_late", "The log begins after the first job of the night: it wrapped, or was begun then."
        ),
    ),
)

PROVIDER_KINDS = Vocabulary(
    "provider_kind",
    (
        Value("software", "Windows itself makes the snapshot."),
        Value("hardware", "The storage makes the snapshot."),
    ),
)

JOB_EVIDENCE = Vocabulary(
    "evidence",
    (
        Value("record+log", "A job record and lines of a log."),
        Value("record", "A job record alone."),
        Value("log", "Lines of a log alone."),
    ),
)

VM_EVIDENCE = Vocabulary(
    "vm_from",
    (
        Value("job_record", "The job record names it."),
        Value("vms", "The inventory knows the owner of the disk."),
        Value("vhd_folder", "The folder of the virtual disk bears its name."),
        Value("guest", "The computer that was backed up bears the name of a VM."),
    ),
)

MACHINE_EVIDENCE = Vocabulary(
    "told_by",
    (
        Value("vm_id", "The inventory holds its VMId."),
        Value("vhd_path", "One chain of virtual disks is its own."),
        Value("name", "One name on one cluster or host under one DPM server."),
    ),
)

HOST_EVIDENCE = Vocabulary(
    "host_from",
    (
        Value("option", "The command line names it."),
        Value("findstr", "A search tool wrote it before each line, from the name of the file."),
        Value("collection", "collection.json names it."),
        Value("job_record", "The job record with the same task GUID names it."),
        Value("folder", "The folder of the file bears its name."),
    ),
)

YEAR_EVIDENCE = Vocabulary(
    "year_from",
    (
        Value("option", "The command line names it."),
        Value("collection", "collection.json says when the files were gathered."),
        Value("job_record", "A job record with the same task GUID has it."),
        Value("file_name", "The name of a crash file holds its stamp."),
        Value("modified", "The file was last written in it."),
    ),
)

COMPUTER_ROLES = Vocabulary(
    "role",
    (
        Value("hyper-v-host", "Runs VMs and the agent that backs them up."),
        Value("dpm-server", "Runs DPM and keeps the replicas."),
        Value("guest", "Is a VM."),
    ),
)

SOURCE_KINDS = Vocabulary(
    "kind",
    (
        Value("errlog", "Trace records of a service of DPM."),
        Value("events", "Windows events."),
        Value("job_records", "Job records, alerts or error texts of DPM."),
        Value("inventory", "The virtual disks of VMs."),
        Value("vss_writers", "The states of VSS writers."),
        Value("collection", "Which computer the files beside it come from."),
    ),
)

SERVICES = Vocabulary(
    "service",
    (
        Service("MSDPM", "The engine of DPM.", True),
        Service("DPMRA", "The agent that reads and sends the data, on every computer.", False),
        Service("CBEngine", "The agent that backs up to Azure.", True),
        Service("LAAgent", "The agent of a tape library.", False),
        Service("DPMLA", "The agent of a tape library.", False),
        Service("DPMUI", "The console.", False),
        Service("DPMCLI", "The PowerShell module.", False),
        Service("DPMMAC", "The access manager.", False),
        Service("DPMAC", "The agent coordinator, which installs agents.", False),
        Service("DPMAccessManager", "The access manager.", False),
        Service("DpmBackup", "The backup of DPM's own database.", False),
        Service("DPMWriter", "The VSS writer of DPM.", False),
    ),
)

LOG_KINDS = Vocabulary(
    "log_kind",
    (
        Value("errlog:*", "An errlog of the service that follows the colon."),
        Value("job_records", "Job records of DPM."),
        Value("events:*", "The event log whose channel follows the colon."),
    ),
)

RECORD_KINDS = Vocabulary(
    "record_kind",
    (
        Value("job", "A task of DPM."),
        Value("alert", "An alert of DPM."),
        Value("error", "A bare error text without a job."),
    ),
)

ERAS = Vocabulary(
    "era",
    (
        Value("A", "Windows Server 2008 to 2012: the VHD of the host snapshot is mounted on the host."),
        Value("B", "Windows Server 2012 R2: the guest recovers on a disk that is added to it."),
        Value("C", "Windows Server 2016 and later: production checkpoints and resilient change tracking."),
    ),
)

ERA_EVIDENCE = Vocabulary(
    "era_from",
    (
        Value("vhd_mount", "The host mounted the VHD of its snapshot."),
        Value("data_source_type", "The job record names RCT."),
        Value("vm_version", "The configuration version of the VM."),
        Value("csv_claim", "Claims on a Cluster Shared Volume were refused."),
    ),
)

EXPLANATION_KINDS = Vocabulary(
    "kind",
    (
        Value("error", "The key is an error id of DPM."),
        Value("hresult", "The key is an HRESULT."),
        Value("event", "The key is provider/id of an event."),
    ),
)

VOCABULARIES: tuple[Vocabulary[Value], ...] = (
    PHASES,
    BOUNDARIES,
    GRADES,
    CAUSES,
    KINDS,
    KIND_EVIDENCE,
    LEVELS,
    TRACKINGS,
    TRACKING_EVIDENCE,
    OUTCOMES,
    SLA_RULES,
    SLA_REASONS,
    DUE_EVIDENCE,
    DUE_REASONS,
    COMPLIANCES,
    NEWS,
    SHARED,
    SITE_FINDINGS,
    RECOMMENDATIONS,
    CAUSE_ADVICE,
    ADVICE,
    TRIED_CHANGES,
    JOB_CAUSES,
    BOTTLENECKS,
    ESTIMATE_REASONS,
    FORECAST_VERDICTS,
    FORECAST_REASONS,
    CHANGES,
    PROOF_REASONS,
    COVERAGE_STATUSES,
    COVERAGE_NOTES,
    ZONE_EVIDENCE,
    CLOCK_EVIDENCE,
    INGEST_STATES,
    TRUST_CHECKS,
    TRUST_STATUSES,
    TRUST_FINDINGS,
    TRUST_REMEDIES,
    PROVIDER_KINDS,
    JOB_EVIDENCE,
    VM_EVIDENCE,
    MACHINE_EVIDENCE,
    HOST_EVIDENCE,
    YEAR_EVIDENCE,
    COMPUTER_ROLES,
    SOURCE_KINDS,
    SERVICES,
    LOG_KINDS,
    RECORD_KINDS,
    ERAS,
    ERA_EVIDENCE,
    MARKER_SCOPES,
    MARKER_MATCHES,
    RULE_ROLES,
    GIVES,
    HOW,
    BY_WHAT,
    CHANNEL_SHOWS,
    CHANNEL_WAYS,
    EXPLANATION_KINDS,
    LABEL_FIELDS,
    LABEL_EVIDENCE,
)
