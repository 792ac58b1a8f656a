"""The words of what is due and whether it was kept: rules, reasons, verdicts."""

from __future__ import annotations

from analytics.tables.value import Reason, Value, Vocabulary

__all__ = ["SLA_REASONS"]


SLA_RULES = Vocabulary(
    "rule",
    (
        Value("backup_window", "A recovery point stands before the backup window closes."),
        Value("max_duration", "A backup takes no longer than its limit."),
        Value(
            "rpo_disk", "The newest recovery point on disk is no older than its limit when the window closes."
        ),
        Value("rpo_cloud", "The newest recovery point in the cloud is no older than its limit then."),
        Value("dpm_sla", "Each period of SLAInHours brings a recovery point."),
    ),
)

SLA_REASONS = Vocabulary(
    "reason",
    (
        Reason("met", "A backup ended well in time.", True),
        Reason("late", "The backup ended well after the deadline.", False),
        Reason("running_late", "The backup still ran when the window had closed.", False),
        Reason("failed", "Every attempt failed or was cancelled.", False),
        Reason("missed", "It was due and no job ran.", False),
        Reason("never_run", "The VM is in the inventory and was never backed up.", False),
        Reason("running", "The backup still runs, and the window is open.", None),
        Reason(
            "unknown", "A job ran and nothing tells how or when it ended, or the logs end too early.", None
        ),
        Reason("no_evidence", "No log or record of that night would show it.", None),
        Reason("not_established", "Too few nights came before to say whether it was due.", None),
        Reason("not_due", "No backup was due.", None),
    ),
)

DUE_EVIDENCE = Vocabulary(
    "learned_from",
    (
        Value("same_weekday", "At least two nights of the same day of the week."),
        Value("same_kind_of_day", "At least two working days, or days of the weekend."),
        Value("site", "The site file."),
        Value("inventory", "The inventory holds the VM, and no job protects it."),
    ),
)

DUE_REASONS = Vocabulary(
    "reason",
    (
        Value("due", "A backup was due."),
        Value("not_due", "No backup was due."),
        Value("never_run", "It should be protected and never was."),
        Value("not_established", "Too few nights came before to say."),
        Value("no_evidence", "No log or record of that night would show it."),
    ),
)

NEWS = Vocabulary(
    "change",
    (
        Value("new", "Missed, and not missed on the night before on which it was due."),
        Value("still", "Missed, as on the night before on which it was due."),
        Value("resolved", "Kept, and missed on the night before on which it was due."),
    ),
)

COMPLIANCES = Vocabulary(
    "verdict",
    (
        Value("meets", "None missed and none open, or kept on 95 % of nights with 95 % confidence."),
        Value("at_risk", "Misses or open nights that do not decide either way."),
        Value(
            "breaks",
            "Kept on fewer than 95 % of nights, whatever the open ones were, or with 95 % confidence.",
        ),
        Value("not_established", "No night is known on which it was due."),
    ),
)

SITE_FINDINGS = Vocabulary(
    "finding",
    (
        Value("names_no_vm", "No VM bears such a name."),
        Value("names_no_group", "No job belongs to such a protection group."),
        Value("ends_before_first", "Its protection ends before the first job that is known of it."),
    ),
)

SHARED = Vocabulary(
    "shared",
    (
        Value("volume", "The same volume."),
        Value("host", "The same host."),
        Value("protection_group", "The same protection group."),
        Value("dpm_server", "The same DPM server."),
    ),
)
