"""The words of the rule files: which record is which, which log is worth having, what a label stands for."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

MARKER_SCOPES = Vocabulary(
    "scope",
    (
        Value("host", "The agent that reads the data writes it of its own work."),
        Value("online", "The online agent writes it of its own work."),
        Value("recovery_point", "The DPM server writes it when it makes the recovery point of a job."),
        Value("storage", "The DPM server writes it of the volume of a replica."),
    ),
)

MARKER_MATCHES = Vocabulary(
    "match",
    (
        Value("contains", "The message holds the text anywhere."),
        Value("prefix", "The message begins with the text."),
    ),
)

RULE_ROLES = Vocabulary(
    "role",
    (
        Value("host", "Any computer that is no guest."),
        Value("guest", "A computer that bears the name of a VM."),
        Value("dpm-server", "Any computer that is no guest; DPM servers write it."),
        Value("any", "Any computer."),
    ),
)

GIVES = Vocabulary(
    "gives",
    (
        Value("t1", "The in-guest snapshot."),
        Value("t2", "The host snapshot."),
        Value("mount", "A virtual disk is mounted."),
        Value("unmount", "A virtual disk is let go."),
        Value("revert", "The disks of the snapshot are reverted."),
        Value("tracking", "Change tracking was lost."),
        Value("failure", "Something failed: it may explain a failed job."),
        Value("claim", "The state of a Cluster Shared Volume."),
        Value("session", "A step of a backup session, shown as it is."),
        Value("end", "The end of a backup session."),
        Value("era", "It shows which mechanism the host uses."),
        Value("all", "A whole run of Windows Server Backup, with its phases."),
    ),
)

HOW = Vocabulary(
    "how",
    (
        Value("observes", "It is that moment."),
        Value("near", "It lies beside that moment, on an unknown side."),
        Value("before", "That moment lies before it."),
        Value("after", "That moment lies after it."),
        Value("context", "It says something of the job, not of a moment."),
    ),
)

BY_WHAT = Vocabulary(
    "by_what",
    (
        Value("volume", "The volume that it names finds the job."),
        Value("path", "The path of the virtual disk that it names finds the job."),
        Value("pointer", "The handle of a mounted disk that it names finds the job."),
        Value("vm", "The VM that it names finds the job."),
        Value("time", "Its time alone finds the job."),
    ),
)

CHANNEL_SHOWS = Vocabulary(
    "shows",
    (
        Value("host_snapshot_time", "When the host snapshot was taken, where that is audited."),
        Value("host_snapshot_moment", "The exact moment of the host snapshot."),
        Value("vhd_mounts", "When post-snapshot mounts the disks of the snapshot and lets them go."),
        Value("writer_failures", "Why the Hyper-V writer failed."),
        Value("vss_failures", "Failures of VSS writers and providers."),
        Value("volume_states", "Paused volumes and lost snapshots."),
        Value("guest_snapshot_time", "When the in-guest snapshot was taken, where that is audited."),
        Value("guest_snapshot_moment", "The exact moment of the in-guest snapshot."),
        Value("database_freeze", "Freeze and thaw of databases, which bracket the in-guest snapshot."),
        Value("dpm_alerts", "Alerts of DPM."),
    ),
)

CHANNEL_WAYS = Vocabulary(
    "how",
    (
        Value("default", "Windows writes it by default."),
        Value("audit", "A policy of auditing switches it on."),
        Value("analytic", "It is switched on before the backup and exported after it."),
        Value("console", "The console of DPM switches it on."),
    ),
)

LABEL_FIELDS = Vocabulary(
    "field",
    (
        Value("log", "Name of the event log."),
        Value("source", "Provider of the event."),
        Value("date", "When it was written, in local time."),
        Value("id", "Event id."),
        Value("instance_id", "Event id with severity and facility in its upper half."),
        Value("category", "Task category."),
        Value("level", "Level, as a word or a number."),
        Value("level_name", "Level as a word, beside one that has the number."),
        Value("keywords", "Keywords."),
        Value("opcode", "Opcode."),
        Value("user", "Account, as a name or a SID."),
        Value("user_name", "Account as a name, beside its SID."),
        Value("computer", "Computer that wrote the event."),
        Value("description", "Rendered text."),
        Value("xml", "The line above the XML of the same event."),
        Value("record_id", "Number of the event in its log."),
        Value("record_number", "Number of the event in its log, or its position in an export."),
        Value("version", "Version of the event's definition."),
        Value("payload", "Payload as JSON."),
        Value("payload_part", "A part of the payload as `name: value`."),
        Value("map_text", "What a tool makes of the event."),
        Value("level_*", "The word for a level, of which the number stands behind it."),
        Value("nothing", "A word that stands where there is nothing to say."),
        Value("day_first", "The sign between day and month of dates that begin with the day."),
    ),
)

LABEL_EVIDENCE = Vocabulary(
    "evidence",
    (
        Value("confirmed", "By a real sample or by the program that writes it."),
        Value("seen", "In a public paste."),
        Value("unverified", "By the terms that Windows uses in that language."),
    ),
)
