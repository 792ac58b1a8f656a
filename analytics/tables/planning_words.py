"""What planning says in codes: causes of a job's time, bottlenecks, verdicts of forecasts, changes that are proved."""

from __future__ import annotations

from analytics.tables.value import Value, Vocabulary

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
