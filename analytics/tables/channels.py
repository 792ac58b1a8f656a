"""The words of channels.csv: what an event log that is missing would show, and how to come by it."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

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
