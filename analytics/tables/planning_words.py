"""What planning says in codes: causes of a job's time, bottlenecks, verdicts of forecasts, changes that are proved."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

__all__ = ["JOB_CAUSES"]

JOB_CAUSES = Vocabulary(
    "job_cause",
    (
        Value("queue", "It waited in DPM's own queue, before it started."),
        Value("claim_wait", "It waited for the claim on its volume, which other jobs held."),
        Value("snapshot", "The host's snapshot was taken."),
        Value("post_snapshot", "The snapshot was mounted and reverted."),
        Value("scan", "Its disks were read; so long that takes when it runs alone."),
        Value("volume_contention", "Other jobs read from its volume at the same time."),
        Value("server_contention", "Other jobs wrote to its DPM server at the same time."),
        Value("changed_data", "Changed data was sent; so long that takes when it runs alone."),
        Value(
            "overhead",
            "What each job takes, however large it is: preparation and the start of the data move.",
        ),
        Value("unexplained", "The rest: what it took longer, or shorter, than all that."),
        Value("release", "The snapshot was let go."),
        Value("finalize", "The recovery point was made on the DPM server."),
    ),
)

BOTTLENECKS = Vocabulary(
    "bottleneck",
    (
        Value("volume", "Its volume: other jobs read from it, or held the claim on it."),
        Value("server", "Its DPM server: other jobs wrote to it at the same time."),
        Value("queue", "DPM's own queue: it waited before it started."),
        Value("host_cap", "Its host: no more jobs might run there at once."),
        Value("none", "None of these is shown to cost it as much as 15 % of its time."),
        Value("not_enough_data", "Fewer than three of its jobs are known well enough."),
    ),
)

# why an estimate has its grade: of the rates of a volume, of a prediction, of a guest-level estimate
ESTIMATE_REASONS = Vocabulary(
    "estimate_reason",
    (
        Value("own_fit", "The volume's own jobs show it."),
        Value("no_jobs", "No job is known."),
        Value("all_failed", "No job ended well."),
        Value("no_transfers", "No data move was seen from begin to end."),
        Value("no_sizes", "The size of the disks is not known: collect vms.csv."),
        Value("no_volume", "No line names the volume."),
        Value("few_jobs", "Fewer than 30 jobs."),
        Value("too_few_jobs", "Fewer than 8 jobs."),
        Value("few_nights", "Few nights: collect more of them."),
        Value("few_vms", "Fewer than three VMs on the volume."),
        Value("one_vm", "One VM on the volume: reading and sending cannot be told apart."),
        Value("equal_sizes", "All disks are equally large: what reading costs cannot be told."),
        Value("similar_sizes", "The disks are nearly equally large: what reading costs is hardly told."),
        Value(
            "sizes_do_not_fit", "The sizes do not explain the times: they may be those of other VMs, or old."
        ),
        Value("no_changed_data", "Hardly any changed data: what sending costs cannot be told."),
        Value("never_overlap", "The jobs never ran at the same time: contention cannot be told."),
        Value("always_overlap", "The jobs always ran at the same time: contention cannot be told."),
        Value("imputed", "Of many jobs the begin or end of the data move was put in."),
        Value("environment_changed", "Another level holds since a night that lies not long ago."),
        Value("change_tracking", "Changed blocks are tracked: the disks are not read as a whole."),
        Value("guest_level", "The agent runs in the guest."),
        Value("not_ended", "The data move did not end."),
        Value("own_nights", "The VM's own nights show it."),
        Value("hit_rate", "Predictions of past nights held too seldom: no advice rests on them."),
        Value("not_calibrated", "Too few past nights tell how wide the range must be."),
        Value("own_changed_bytes", "The VM's own changed data shows it."),
        Value("no_changed_bytes", "How much data changes is not known: collect jobs.csv."),
        Value("no_guest_jobs", "No backup at guest level is in the logs: priors alone."),
        Value("few_guest_jobs", "Fewer than three VMs are backed up at guest level."),
        Value("guest_jobs", "Backups at guest level in the logs show it."),
        Value(
            "guest_jobs_and_phi",
            "At least ten VMs at guest level, five of them before and after their move, show it.",
        ),
    ),
)

FORECAST_VERDICTS = Vocabulary(
    "forecast_verdict",
    (
        Value("trend", "The disks grow, and the rule will be broken within a year."),
        Value("no_trend", "Nothing shows that the rule will be broken within a year."),
        Value("not_enough_data", "It cannot be told; the reason says what is missing."),
    ),
)

FORECAST_REASONS = Vocabulary(
    "forecast_reason",
    (
        Value("disks_grow", "The disks grow, and with them the time to read them."),
        Value("disks_do_not_grow", "The disks do not grow steadily."),
        Value("beyond_a_year", "The disks grow, but not so fast that it breaks the rule within a year."),
        Value("broken_already", "The usual night breaks the rule already."),
        Value("tracked", "Only changed blocks are read: the size of the disks does not matter."),
        Value("few_nights", "Fewer than seven nights of the last four weeks ended well."),
        Value("few_sizes", "Sizes of its disks were collected fewer than three times in two weeks or more."),
        Value("split_unknown", "It cannot be told how much of the time the reading takes."),
    ),
)

CHANGES = Vocabulary(
    "change",
    (
        Value("guest_level", "It is backed up at guest level since."),
        Value("tracking", "Its changed blocks are tracked since."),
        Value("volume", "Its disks lie on another volume since."),
        Value("start_time", "It starts at another time since."),
    ),
)

PROOF_REASONS = Vocabulary(
    "proof_reason",
    (
        Value("matched_nights", "At least seven nights were matched, and nothing else changed near it."),
        Value("few_matched_nights", "Few nights of the same weekday lie before and after the change."),
        Value(
            "others_changed_too",
            "Another VM of its volume changed within a week: whose doing it was is open.",
        ),
    ),
)
