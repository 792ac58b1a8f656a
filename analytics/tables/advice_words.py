"""What is recommended for a VM, and why."""

from __future__ import annotations

from analytics.tables.value import Advice, Value, Vocabulary

__all__ = ["ADVICE"]

RECOMMENDATIONS = Vocabulary(
    "recommendation",
    (
        Value("guest_level", "Back the VM up with an agent inside it."),
        Value("repair_rct", "Find out why resilient change tracking is lost, and repair it."),
        Value("upgrade", "Upgrade the VM, so that resilient change tracking can work."),
        Value("reschedule", "Start at other times; the reason says which."),
        Value("change_limit", "Let another number of jobs run at once."),
        Value("several", "Change start times and the number of jobs at once, both."),
        Value("see_plan", "No cheaper change is enough: see which VMs a plan moves to guest level."),
        Value(
            "unreachable", "Nothing that was tried is enough: the window or what is backed up must change."
        ),
        Value("watch", "Late on few nights, or not yet but probably soon: watch it."),
        Value("none", "Leave it as it is."),
        Value("not_enough_data", "Too little is known for advice; the reason says what to collect."),
    ),
)

TRIED_CHANGES = Vocabulary(
    "tried_change",
    (
        Value("as_is", "Nothing is changed."),
        Value("start_at_opening", "Late VMs start when the window opens."),
        Value("spread", "Other start times."),
        Value("volume_caps", "Another number of jobs at once on volumes."),
        Value("host_caps", "Another number of jobs at once on hosts."),
        Value("several", "Other start times under other numbers of jobs at once."),
        Value("move", "VMs at guest level, one more at a time, those that relieve most first."),
    ),
)

# What a cause of a breach calls for, whatever else is known of the VM; offenders gives these beside RECOMMENDATIONS.
CAUSE_ADVICE = Vocabulary(
    "cause_recommendation",
    (
        Value("see_failures", "See why the jobs failed."),
        Value("check_schedule", "See why no job was started."),
        Value("see_both", "See why jobs failed, and why none was started."),
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
        Advice("check_beside", "Late on nights on which a consistency check ran beside it.", "reschedule"),
        Advice(
            "starts_late", "Late, and in the simulator in time when it starts at the opening.", "reschedule"
        ),
        Advice("spread_meets", "Late, and in the simulator in time with other start times.", "reschedule"),
        Advice("limit_meets", "Late, and in the simulator in time with fewer jobs at once.", "change_limit"),
        Advice(
            "limit_raised_meets", "Late, and in the simulator in time with more jobs at once.", "change_limit"
        ),
        Advice("both_meet", "Late, and in the simulator in time with both of these.", "several"),
        Advice("plan_needed", "Late, and no cheaper change is enough in the simulator.", "see_plan"),
        Advice("cannot_meet", "Late, also where every VM that may is moved to guest level.", "unreachable"),
        Advice("not_tried", "Late, in an estate so large that changes are tried on demand only.", "see_plan"),
        Advice("not_simulated", "Late, and the simulator does not know it well enough.", "not_enough_data"),
        Advice(
            "predictions_missed", "Late, and the model's past predictions held too seldom.", "not_enough_data"
        ),
        Advice("no_disk_size", "Late, and the size of its disks is not known.", "not_enough_data"),
        Advice("no_bytes_sent", "Late, and the bytes sent are not known.", "not_enough_data"),
        Advice("few_transfers", "Late, and fewer than three transfers were seen.", "not_enough_data"),
        Advice("few_jobs", "Late, and too few jobs tell reading from sending.", "not_enough_data"),
        Advice("sizes_do_not_fit", "Late, and disk sizes do not explain the times.", "not_enough_data"),
        Advice("split_unknown", "Late, and what reading takes cannot be told apart.", "not_enough_data"),
        Advice("guest_already", "Backed up at guest level already.", "none"),
        Advice(
            "seldom_late", "Late once, or so seldom that more than one night of ten is not shown.", "watch"
        ),
        Advice("late_next", "In time so far, and in the simulator late on most nights to come.", "watch"),
        Advice("tracking_meets", "Tracking works and the window is met.", "none"),
        Advice("failed_not_late", "Nights were missed by failed or missing jobs, not by length.", "none"),
        Advice("meets_window", "The window is met.", "none"),
    ),
)
