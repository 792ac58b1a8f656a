"""The words of the rule files that say which record is which: errlog.csv and events.csv."""

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
