"""The sections of the report, as data: which figures and tables, in which order, with which words."""

from __future__ import annotations

from analytics.report.contents import Figure, Listing, Look, Section
from analytics.report.evidence_sections import COVERAGE, FAILURES, GAP, SNAPSHOT
from analytics.report.looks import GRADE, NIGHT, VM

SLA = Section(
    "sla",
    "Which backups were in time",
    "Which VMs missed the backup window on which nights?",
    "One column per night (the date on which the window opens), one row per VM, worst first. Late cells say how late. "
    "Grey means unknown: neither met nor missed. A click on a cell, a VM or a night filters all figures.",
    "No backup is known to have been due in this period, so there is nothing to hold against the window: the logs "
    "hold no jobs, or name no VM.",
    (
        Figure(
            "nights_overview",
            "night_summary",
            "night",
            "Bars: backups met, missed and unknown per night",
            "",
            "mark",
        ),
        Figure(
            "sla_heatmap",
            "sla_heatmap",
            "vm",
            "Heatmap: state of each VM's backup on each night",
            "filter",
            "mark",
        ),
    ),
    (
        Listing(
            "night_summary",
            "The nights",
            (
                NIGHT,
                Look("due", "due", "count"),
                Look("met", "met", "count"),
                Look("missed", "missed", "count"),
                Look("unknown", "unknown", "count"),
                Look("overrun_s", "overrun, all VMs", "seconds"),
                Look("jobs", "jobs", "count"),
                Look("jobs_failed", "failed", "count"),
                Look("last_end_at", "last job ended", "moment"),
                Look("bytes_transferred", "data sent", "size"),
            ),
            vm="",
        ),
    ),
)

OFFENDERS = Section(
    "offenders",
    "Worst offenders",
    "Which VMs missed the window most, by how much, and which phase is to blame?",
    "Numbers are over all nights of the report. The phase is the one with the most time in the jobs that missed the "
    "window; its evidence is the weakest among them.",
    "No VM is known to have missed the window.",
    (),
    (
        Listing(
            "offenders",
            "VMs that missed the window",
            (
                VM,
                Look("breaches", "missed", "count"),
                Look("due", "of nights", "count"),
                Look("late", "late", "count"),
                Look("failed", "failed", "count"),
                Look("not_run", "not run", "count"),
                Look("unknown", "unknown", "count"),
                Look("worst_overrun_s", "worst overrun", "seconds"),
                Look("worst_night", "worst night", "night"),
                Look("phase", "longest phase", "phase"),
                Look("phase_share", "its share", "share"),
                Look("phase_grade", "evidence", "grade"),
                Look("claim_wait_s", "waited", "seconds"),
                Look("recommendation", "what to do", "advice"),
            ),
            night="breached",
            is_open=True,
        ),
    ),
)

PHASES = Section(
    "phases",
    "Where the time goes",
    "Which phases take the time of each VM's jobs, and how long do they last?",
    "Left: shares of the time of all the VM's jobs. Right: length of a job, median (dot) and 90th percentile (end of "
    "the line). Pale and dashed parts are not observed: at grade C only bounds are known, at D nothing is.",
    "No finished job with phases was found: without a DPMRA errlog, only the length of a job is known.",
    (
        Figure(
            "phase_shares",
            "phase_shares",
            "vm",
            "Stacked bars: shares of the phases per VM",
            prepare="shares",
        ),
    ),
    (
        Listing(
            "phase_shares",
            "Phases per VM",
            (
                VM,
                Look("phase", "phase", "phase"),
                GRADE,
                Look("jobs", "jobs", "count"),
                Look("share", "share", "share"),
                Look("median_s", "median", "seconds"),
                Look("p90_s", "90th percentile", "seconds"),
                Look("total_s", "total", "seconds"),
                Look("least_s", "at least", "seconds"),
                Look("most_s", "at most", "seconds"),
                Look("job_median_s", "job, median", "seconds"),
                Look("job_p90_s", "job, 90th percentile", "seconds"),
            ),
            night="breached",
        ),
        Listing(
            "queue_waits",
            "Nights on which jobs waited in DPM before they began (this time is no part of a job)",
            (
                NIGHT,
                Look("jobs", "jobs", "count"),
                Look("queued_median_s", "waited, median", "seconds"),
                Look("queued_p90_s", "90th percentile", "seconds"),
                Look("queued_max_s", "longest", "seconds"),
                Look("late", "VMs late", "count"),
                Look("late_by_queue", "began too late", "count"),
                Look("last_start_at", "last job began", "moment"),
            ),
            vm="",
            is_open=True,
        ),
    ),
)

TIMELINE = Section(
    "timeline",
    "The night's timeline",
    "Which job ran when, in which phase, and what lay outside the window?",
    "One bar per job on the shaded window; the red line is its end. Without a choice the worst night is shown. "
    "With a VM chosen and no night, each row is one of its nights. ✕ failed, ▶ no end seen. Where there are more jobs "
    "than fit, those that ended last come first. Bars keep their true length on nights when the "
    "clocks change.",
    "No job with a start time was found.",
    (Figure("night_timeline", "night_timeline", "label", "Timeline: one bar per job", prepare="timeline"),),
    (
        Listing(
            "night_timeline",
            "Phases of the jobs",
            (
                NIGHT,
                VM,
                Look("host", "host"),
                Look("volume", "volume"),
                Look("kind", "kind"),
                Look("outcome", "outcome"),
                Look("phase", "phase", "phase"),
                GRADE,
                Look("from_ms", "from", "clock"),
                Look("to_ms", "to", "clock"),
                Look("phase_s", "length", "seconds"),
                Look("least_s", "at least", "seconds"),
                Look("most_s", "at most", "seconds"),
                Look("job_s", "whole job", "seconds"),
                Look("job_id", "job"),
            ),
            night="timeline",
        ),
    ),
)

GUEST = Section(
    "guest",
    "Who would gain from guest-level backup",
    "How long would a guest-level backup take against the host-level one, and is it worth it?",
    "Solid: transfer time of the host-level backup as seen. Dashed: an estimate for guest level, grade C at best. "
    "Where tracking works and the window is met, no agent is recommended.",
    "No VM has finished host-level backups, so there is nothing to compare.",
    (
        Figure(
            "guest_gain",
            "guest_gain",
            "vm",
            "Ranges: host-level time and guest-level estimate per VM",
            night="breached",
        ),
    ),
    (
        Listing(
            "guest_gain",
            "Every VM, with its reason",
            (
                VM,
                Look("recommendation", "what to do", "advice"),
                GRADE,
                Look("nights", "nights", "count"),
                Look("breaches", "missed", "count"),
                Look("host_p50_s", "host level", "seconds"),
                Look("host_p90_s", "90th percentile", "seconds"),
                Look("guest_low_s", "guest level from", "seconds"),
                Look("guest_p50_s", "middle", "seconds"),
                Look("guest_high_s", "to", "seconds"),
                Look("saving_s", "saving", "seconds"),
                Look("scan_share", "explained by reading", "share"),
                Look("reason", "why"),
            ),
            night="breached",
        ),
    ),
)

WAITING = Section(
    "waiting",
    "Waiting for the volume",
    "Who waited for a Cluster Shared Volume, where, how often and how long?",
    "A job waits while another one holds the volume: each refused claim costs one retry interval. The log does not "
    "show when the claim was granted, so the time is bounded, not observed.",
    "No refused claim was found: no job is known to have waited for its volume.",
    (
        Figure("volume_waits", "claim_waits", "volume", "Bars: time waited per volume"),
        Figure("claim_waits", "claim_waits", "vm", "Bars: time waited per VM"),
    ),
    (
        Listing(
            "claim_waits",
            "Every wait",
            (
                VM,
                NIGHT,
                Look("volume", "volume"),
                Look("host", "host"),
                Look("refusals", "refused claims", "count"),
                Look("waited_s", "waited", "seconds"),
                Look("least_s", "at least", "seconds"),
                Look("most_s", "at most", "seconds"),
                GRADE,
                Look("gave_up", "jobs that failed", "count"),
            ),
        ),
    ),
)

SECTIONS = (SLA, OFFENDERS, FAILURES, PHASES, TIMELINE, SNAPSHOT, GAP, WAITING, GUEST, COVERAGE)
FIRST_SCREEN = ("key_figures", "breach_causes")
RESULTS = tuple(dict.fromkeys([*FIRST_SCREEN, *(name for part in SECTIONS for name in part.results)]))
