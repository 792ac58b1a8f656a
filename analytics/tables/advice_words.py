"""What is recommended for a VM, and why."""

from __future__ import annotations

from analytics.tables.value import Advice, Value, Vocabulary

RECOMMENDATIONS = Vocabulary(
    "recommendation",
    (
        Value("guest_level", "Back the VM up with an agent inside it."),
        Value("repair_rct", "Find out why resilient change tracking is lost, and repair it."),
        Value("upgrade", "Upgrade the VM, so that resilient change tracking can work."),
        Value("reschedule", "Start earlier, or spread the start times."),
        Value("none", "Leave it as it is."),
        Value("not_enough_data", "Too little is known for advice; the reason says what to collect."),
    ),
)

# What a cause of a breach calls for, whatever else is known of the VM; offenders gives these beside RECOMMENDATIONS.
CAUSE_ADVICE = Vocabulary(
    "cause_recommendation",
    (
        Value("reschedule", "Start earlier, or spread the start times."),
        Value("see_failures", "See why the jobs failed."),
        Value("check_schedule", "See why no job was started."),
    ),
)

ADVICE = Vocabulary(
    "reason",
    (
        Advice("scan_dominates", "Late, because every backup reads the whole disk.", "guest_level"),
        Advice(
            "tracking_lost", "Late, and checks or lost trackings occur although RCT is in use.", "repair_rct"
        ),
        Advice(
            "old_vm_version", "Late by reading, and its configuration version is too old for RCT.", "upgrade"
        ),
        Advice("vhd_format", "Late by reading, and a disk is a VHD, which RCT cannot track.", "upgrade"),
        Advice("waits_in_queue", "Late, because it waits in DPM's own queue.", "reschedule"),
        Advice("waits_for_volume", "Late, and waits for its volume longer than it transfers.", "reschedule"),
        Advice("tracking_works", "Late although tracking works.", "reschedule"),
        Advice("starts_late", "Late, and its jobs are shorter than the window.", "reschedule"),
        Advice("guest_not_faster", "Late, and guest level is not shown to be faster.", "reschedule"),
        Advice("no_disk_size", "Late, and the size of its disks is not known.", "not_enough_data"),
        Advice("no_bytes_sent", "Late, and the bytes sent are not known.", "not_enough_data"),
        Advice("few_transfers", "Late, and fewer than three transfers were seen.", "not_enough_data"),
        Advice("few_jobs", "Late, and too few jobs tell reading from sending.", "not_enough_data"),
        Advice("guest_already", "Backed up at guest level already.", "none"),
        Advice("seldom_late", "Late on one due night of ten at most: watch it.", "none"),
        Advice("tracking_meets", "Tracking works and the window is met.", "none"),
        Advice("failed_not_late", "Nights were missed by failed or missing jobs, not by length.", "none"),
        Advice("meets_window", "The window is met.", "none"),
    ),
)
