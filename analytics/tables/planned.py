"""Planned tables: what analytics/planning computes from the derived ones."""

from __future__ import annotations

from analytics.tables import advice_words, sla_words
from analytics.tables import planning_words as planning
from analytics.tables import vocabulary as words
from analytics.tables.table import DAY, FLAG, INSTANT, REAL, SECONDS, TEXT, WHOLE, Table, columns

__all__ = [
    "BOTTLENECKS",
    "CANDIDATES",
    "FORECASTS",
    "GUEST_ESTIMATES",
    "JOB_CAUSES",
    "PLANNED",
    "PREDICTIONS",
    "PROOFS",
    "REMEDIES",
    "TRANSFER_RATES",
]

_VM = ("vm", TEXT, "Name of the VM.")
_GRADE = ("grade", TEXT, "How well it is founded", words.GRADES)

_WHY = ("reason", TEXT, "What decides the grade", planning.ESTIMATE_REASONS)

JOB_CAUSES = Table(
    "job_causes",
    "one job and one cause of its time; the rows of a job add up to queued_s + duration_s",
    columns(
        ("job_id", TEXT, "The job."),
        _VM,
        ("night", DAY, "Local date on which its backup window opens."),
        ("cause", TEXT, "What the time went to; queue lies before the job's start", planning.JOB_CAUSES),
        ("duration_s", SECONDS, "How long; unexplained may be negative."),
        ("low_s", SECONDS, "Lower end, 90 % interval; the value itself where the log shows it."),
        ("high_s", SECONDS, "Upper end, 90 % interval."),
        ("waited_for", TEXT, "Of a wait: VM, job and seconds of whom it waited for, the longest first."),
        _WHY,
        _GRADE,
    ),
    question="Why did each job take its time: waiting, snapshots, reading, contention, changed data?",
    answers=("vm", "night", "cause", "duration_s", "grade", "job_id"),
    key=("job_id", "cause"),
)

BOTTLENECKS = Table(
    "bottlenecks",
    "one VM",
    columns(
        _VM,
        ("bottleneck", TEXT, "What costs it most", planning.BOTTLENECKS),
        ("confidence", REAL, "Share of the bootstrap draws that name the same, 0 to 1."),
        ("volume_share", REAL, "Share of its time that contention on its volume and waits for it cost."),
        ("server_share", REAL, "Share that contention on the DPM server costs."),
        ("queue_share", REAL, "Share that DPM's queue costs."),
        ("host_cap_share", REAL, "Share that waits for its host cost."),
    ),
    question="Is it the volume, the DPM server, the queue or the host that holds a VM up?",
    key=("vm",),
)

TRANSFER_RATES = Table(
    "transfer_rates",
    "one volume",
    columns(
        ("volume", TEXT, "The volume."),
        ("jobs", WHOLE, "Data moves at host level that were seen."),
        ("vms", WHOLE, "Their VMs."),
        ("nights", WHOLE, "Their nights."),
        (
            "scan_s_per_gb",
            SECONDS,
            "Seconds per 10^9 bytes read, alone; NULL where that cannot be told apart.",
        ),
        ("scan_low_s_per_gb", SECONDS, "Lower end, 90 % interval."),
        ("scan_high_s_per_gb", SECONDS, "Upper end, 90 % interval."),
        (
            "sent_bound_s_per_gb",
            SECONDS,
            "Seconds per 10^9 bytes sent if all time were due to them: a safe bound.",
        ),
        ("volume_contention", REAL, "Share by which one more job on the volume slows a job."),
        ("changed_on", DAY, "Night from which another level holds, NULL where none does."),
        _WHY,
        _GRADE,
    ),
    question="How fast is each volume, how much do jobs slow one another there, and did that change?",
    key=("volume",),
)

PREDICTIONS = Table(
    "predictions",
    "one VM that is due",
    columns(
        _VM,
        ("night", DAY, "The next night on which it is due."),
        ("transfer_p50_s", SECONDS, "Expected length of its data move."),
        ("low_s", SECONDS, "Lower end, 90 % range calibrated on past nights."),
        ("high_s", SECONDS, "Upper end."),
        ("finish_p50_at", INSTANT, "When it is expected to end."),
        (
            "p_meets",
            REAL,
            "Probability that it ends in time if nothing fails: the forecast, from past nights.",
        ),
        ("hit_share", REAL, "Share of past nights that such ranges held; below 0.8 no advice rests on them."),
        ("hit_jobs", WHOLE, "Jobs that this rests on."),
        _WHY,
        _GRADE,
    ),
    question="How long will the next backup of each VM take, and will it end in time?",
    answers=("vm", "night", "p_meets", "finish_p50_at", "grade", "transfer_p50_s"),
    key=("vm",),
)

GUEST_ESTIMATES = Table(
    "guest_estimates",
    "one VM at host level whose disks are read as a whole",
    columns(
        _VM,
        (
            "guest_p50_s",
            SECONDS,
            "Expected length of a backup at guest level; NULL where only a bound is known.",
        ),
        ("guest_low_s", SECONDS, "Lower end, 90 % range."),
        ("guest_high_s", SECONDS, "Upper end; where only a bound is known, that bound."),
        ("first_replica_s", SECONDS, "The first replica, once."),
        (
            "is_pilot",
            FLAG,
            "Whether it is one of the few VMs to move first, from which the others are learned.",
        ),
        _WHY,
        _GRADE,
    ),
    question="How long would a backup at guest level take, and which VMs should be moved first to find out?",
    key=("vm",),
)

FORECASTS = Table(
    "forecasts",
    "one VM and one rule that limits its time",
    columns(
        _VM,
        ("rule", TEXT, "The rule", sla_words.SLA_RULES),
        (
            "breaks_on",
            DAY,
            "Night from which on the usual backup will break it, NULL where none is foreseen.",
        ),
        ("low", DAY, "Earliest such night, 90 % interval."),
        ("high", DAY, "Latest such night, 90 % interval."),
        ("verdict", TEXT, "What can be said", planning.FORECAST_VERDICTS),
        ("reason", TEXT, "Why", planning.FORECAST_REASONS),
        (
            "limit_s",
            SECONDS,
            "The limit: of the time from the window's opening to the end, or of the duration.",
        ),
        ("level_s", SECONDS, "What the usual night takes of it now, median of the last four weeks."),
        _GRADE,
    ),
    question="When will which VM break its window or its longest duration, because its disks grow?",
    key=("vm", "rule"),
)

PROOFS = Table(
    "proofs",
    "one VM that was moved or changed, its latest change",
    columns(
        _VM,
        ("changed_on", DAY, "First night after the change."),
        ("what", TEXT, "What changed", planning.CHANGES),
        (
            "before_p50_s",
            SECONDS,
            "Median time from the creation of the task to its end, in up to 28 nights before.",
        ),
        ("after_p50_s", SECONDS, "The same in up to 28 nights since."),
        ("change_s", SECONDS, "Median difference to the same weekday before; negative is shorter."),
        ("low_s", SECONDS, "Lower end of it, 90 % interval."),
        ("high_s", SECONDS, "Upper end of it, 90 % interval."),
        (
            "neighbours_change_s",
            SECONDS,
            "Median of the same difference of the VMs that shared its volume and did not change.",
        ),
        ("nights_matched", WHOLE, "Nights since whose weekday is known from before."),
        ("reason", TEXT, "What decides the grade", planning.PROOF_REASONS),
        _GRADE,
    ),
    question="What did a change bring, to the VM and to its neighbours?",
    key=("vm",),
)

CANDIDATES = Table(
    "candidates",
    "one VM",
    columns(
        _VM,
        ("nights", WHOLE, "Nights with a finished host-level backup."),
        ("breaches", WHOLE, "Nights on which the backup window was missed."),
        ("host_p50_s", SECONDS, "Median transfer time of the host-level backup."),
        ("host_p90_s", SECONDS, "Transfer time that nine of ten backups stay under."),
        ("scanned_p50_bytes", WHOLE, "Bytes that a block compare reads: median size of its virtual disks."),
        ("sent_p50_bytes", WHOLE, "Bytes sent, median."),
        (
            "scan_share",
            REAL,
            "Share of its data moves that reading takes, 0 to 1; NULL: not to be told apart.",
        ),
        ("scan_s_per_gb", SECONDS, "Seconds per 10^9 bytes read on its volume; NULL: not to be told apart."),
        ("sent_s_per_gb", SECONDS, "Seconds per 10^9 bytes sent to its DPM server; NULL as above."),
        ("fit_jobs", WHOLE, "Data moves on its volume that these rest on."),
        ("explained_share", REAL, "Share of its own time whose causes are known, apart or together, 0 to 1."),
        ("guest_p50_s", SECONDS, "Expected length at guest level; NULL where only a bound is known."),
        ("guest_low_s", SECONDS, "Lower end, 90 % range."),
        ("guest_high_s", SECONDS, "Upper end; where only a bound is known, that bound."),
        ("saving_s", SECONDS, "host_p50_s - guest_p50_s."),
        ("limit_s", SECONDS, "Length of the backup window."),
        (
            "p_meets_host",
            REAL,
            "As things are, in the simulator, to hold changes against; the forecast is predictions.p_meets.",
        ),
        ("p_meets_guest", REAL, "Probability to be in time at guest level; at least that for a bound."),
        ("recommendation", TEXT, "What would help", advice_words.RECOMMENDATIONS),
        ("reason", TEXT, "Why", advice_words.ADVICE),
        (
            "alternatives",
            TEXT,
            "Cheaper changes that are enough in the simulator: start_at_opening, spread, volume_caps, several ...",
        ),
        ("least_late_s", SECONDS, "How late it stays, whatever is moved; 0 where it can be in time."),
        ("grade", TEXT, "How well the estimate for guest level is founded", words.GRADES),
        ("due", WHOLE, "Nights on which a backup was due."),
        ("late", WHOLE, "Nights on which its backup ended or ran past the deadline."),
        ("late_low", REAL, "Lower end of the share of late nights, 80 % interval (Wilson)."),
        ("late_high", REAL, "Upper end of it."),
        ("checks", WHOLE, "Consistency checks and jobs whose tracking was lost."),
        ("vm_version", TEXT, "Its latest known VM configuration version."),
        ("has_pass_through", FLAG, "Whether it has a pass-through disk, which host level cannot take."),
    ),
    question="Which VMs are late, why, and what would bring them into the window?",
    answers=("vm", "recommendation", "grade", "breaches", "host_p50_s", "guest_p50_s", "reason"),
    key=("vm",),
)

REMEDIES = Table(
    "remedies",
    "one change that was tried for the night that is due next; of moves one more at a time",
    columns(
        ("place", WHOLE, "Order: as things are, what needs no move with the best first, then the moves."),
        ("change", TEXT, "What was tried in the simulator", advice_words.TRIED_CHANGES),
        ("moves", WHOLE, "How many VMs are at guest level with it; NULL where none is moved."),
        ("vm", TEXT, "The last of these."),
        ("met", WHOLE, "VMs that meet their limit with it at the probability."),
        ("vms", WHOLE, "VMs it was tried on: late ones, and those that share what may hold them up."),
        ("met_share", REAL, "met / vms."),
        ("probability", REAL, "The probability with which a limit is to be met."),
    ),
    question="What would bring the late VMs into their window: other starts, other limits, which moves?",
    key=("place",),
)

PLANNED = (
    JOB_CAUSES,
    BOTTLENECKS,
    TRANSFER_RATES,
    PREDICTIONS,
    GUEST_ESTIMATES,
    CANDIDATES,
    FORECASTS,
    PROOFS,
    REMEDIES,
)
