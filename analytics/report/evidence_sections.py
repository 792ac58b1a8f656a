"""The sections that Windows event logs make richer: snapshots, their gap, failures, coverage."""

from __future__ import annotations

from analytics.report.contents import Figure, Listing, Look, Section
from analytics.report.looks import GRADE, NIGHT, VM

SNAPSHOT = Section(
    "snapshot",
    "Snapshot and post-snapshot",
    "How long do snapshot and post-snapshot take, and does post-snapshot take only an instant or seconds?",
    "Worst VM first: the longest that is proven, then the longest that is possible. Dot: median, black only where it "
    "was observed. Bar: bounds of the median. Thin line: shortest to longest of all jobs, bounds included. Where only "
    "the errlog is known (C), the dot is a convention: the latest moment at which the host snapshot can have been "
    "taken, so the true post-snapshot may be as long as the bar. With a night or a VM chosen, each row is one job.",
    "No snapshot was found: without a DPMRA errlog of the Hyper-V host, only the length of a whole job is known.",
    (
        Figure(
            "snapshot_lengths",
            "snapshot_lengths",
            "vm",
            "Intervals: length of post-snapshot and snapshot per VM",
            night="none",
            prepare="lengths",
        ),
    ),
    (
        Listing(
            "snapshot_lengths",
            "Snapshot and post-snapshot per VM",
            (
                VM,
                Look("phase", "phase", "phase"),
                GRADE,
                Look("jobs", "jobs", "count"),
                Look("median_s", "median", "seconds"),
                Look("low_s", "at least", "seconds"),
                Look("high_s", "at most", "seconds"),
                Look("least_s", "shortest", "seconds"),
                Look("most_s", "longest", "seconds"),
                Look("below_10", "jobs below 10 s", "count"),
                Look("over_10", "10 s or longer", "count"),
                Look("unclear", "cannot tell", "count"),
            ),
            night="breached",
        ),
        Listing(
            "lone_snapshots",
            "Host snapshots in the events that no known job explains",
            (
                NIGHT,
                Look("host", "host"),
                Look("requester", "asked for by"),
                Look("snapshots", "snapshots", "count"),
                Look("timed", "moment logged", "count"),
                Look("first_at", "first", "moment"),
                Look("last_at", "last", "moment"),
                Look("vms", "VMs whose VHDs were mounted"),
                Look("mounted_s", "mounted, all together", "seconds"),
                Look("guests_near", "guests with a snapshot then (a hint)"),
            ),
            vm="",
            is_open=True,
        ),
        Listing(
            "windows_backup_runs",
            "Windows Server Backup on the same computers",
            (
                NIGHT,
                Look("host", "host"),
                Look("volumes", "volumes"),
                Look("outcome", "outcome"),
                Look("hresult", "error"),
                Look("started_at", "began", "moment"),
                Look("ended_at", "ended", "moment"),
                Look("snapshot_s", "snapshot", "seconds"),
                Look("write_s", "writing", "seconds"),
                Look("jobs_beside", "DPM jobs beside it", "count"),
            ),
            vm="",
        ),
    ),
)

GAP = Section(
    "gap",
    "How long the guest wrote on: Δt",
    "How long did each guest go on writing between its own snapshot (t1) and the host's (t2)?",
    "What a guest writes in this gap is what post-snapshot must revert. The two times come from two clocks, so the gap "
    "is known within bounds only: dot: median, bar: its bounds, thin line: all jobs.",
    "Not known: of no known job does an event log of the guest bracket the guest's own snapshot. Unless that is done "
    "already, audit new shadow copies in guests and on hosts (VSSAudit 8222; auditpol, Object Access and Audit Policy "
    "Change) or switch on the channel Microsoft-Windows-VolumeSnapshot-Driver/Analytic, and bring, beside DPM's logs, "
    "the guests' Security, Application and System logs; the freeze and thaw of a database in the Application log alone "
    "brackets it to seconds.",
    (
        Figure(
            "snapshot_gaps",
            "snapshot_gaps",
            "vm",
            "Intervals: gap between the snapshots per VM",
            night="breached",
        ),
    ),
    (
        Listing(
            "snapshot_gaps",
            "Gap between in-guest and host snapshot per VM",
            (
                VM,
                GRADE,
                Look("measured", "jobs with a gap", "count"),
                Look("jobs", "of jobs", "count"),
                Look("median_s", "middle", "seconds"),
                Look("low_s", "at least", "seconds"),
                Look("high_s", "at most", "seconds"),
                Look("least_s", "shortest", "seconds"),
                Look("most_s", "longest", "seconds"),
            ),
            night="breached",
        ),
        Listing(
            "clock_offsets",
            "Clocks of the guests: host time minus guest time",
            (
                VM,
                Look("verdict", "the guest's clock", "clock_verdict"),
                Look("offset_low_s", "at least", "seconds"),
                Look("offset_high_s", "at most", "seconds"),
                Look("spread_s", "not known closer than", "seconds"),
                Look("jobs", "jobs", "count"),
            ),
            night="",
        ),
    ),
)

FAILURES = Section(
    "failures",
    "Why jobs failed",
    "What ended jobs, in which phase, how often, and whose?",
    "One row per cause, phase and error. An explanation comes from an event of host or guest where one names the VM or "
    "stands alone beside the job, else from DPM's error id or HRESULT; the source says which. Without a source it is "
    "DPM's own text.",
    "No job is known to have failed.",
    (),
    (
        Listing(
            "failure_causes",
            "Failed jobs by cause",
            (
                Look("cause", "cause"),
                Look("phase", "failed in", "phase"),
                Look("error_code", "error", "code"),
                Look("hresult", "detail"),
                Look("jobs", "jobs", "count"),
                Look("vms", "VMs", "count"),
                Look("nights", "nights", "count"),
                Look("last_night", "last", "night"),
                Look("with_events", "with events", "count"),
                Look("explanation_source", "source"),
            ),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            "failed_jobs",
            "Every failed job, with the failure events around it",
            (
                NIGHT,
                VM,
                Look("host", "host"),
                Look("outcome", "outcome"),
                Look("phase", "in", "phase"),
                Look("error_code", "error", "code"),
                Look("hresult", "detail"),
                Look("explanation", "cause"),
                Look("event_list", "events of host, guest and DPM server", "items"),
                Look("error_text", "text of DPM"),
                Look("job_id", "job"),
            ),
        ),
        Listing(
            "lone_failures",
            "Failure events while no known job ran there",
            (
                Look("host", "computer"),
                Look("event", "event"),
                Look("operation", "while"),
                Look("error_code", "error", "code"),
                Look("events", "events", "count"),
                Look("nights", "nights", "count"),
                Look("last_at", "last", "moment"),
                Look("vm", "VM"),
                Look("explanation", "meaning"),
                Look("text", "alert of DPM"),
            ),
            vm="",
            night="",
            is_open=True,
        ),
    ),
)

COVERAGE = Section(
    "coverage",
    "What the logs cover",
    "For which hosts and nights do we have which logs, what was read, and what is missing?",
    "Red: jobs ran, but this kind of log is missing, so their phases cannot be known. Yellow: records are missing from "
    "it, or it wrapped. A “?” marks an event log without a record before its first or after its last one: nothing "
    "happened, or it does not reach that far. Records read = stored + duplicate + rejected, always.",
    "Nothing was read.",
    (Figure("coverage_map", "coverage_map", "log", "Grid: logs present and missing", "host", "mark"),),
    (
        Listing(
            "silent_channels",
            "What further event logs would show",
            (
                Look("channel", "event log"),
                Look("role", "on", "role"),
                Look("absent", "missing on", "count"),
                Look("computers", "of", "count"),
                Look("telling", "said something on", "count"),
                Look("shows", "would show"),
                Look("switch_on", "how to get it", "code_text"),
                Look("source", "source"),
            ),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            "accounting",
            "Records read, by format and computer (all input, whatever the period)",
            (
                Look("format", "format"),
                Look("host", "computer"),
                Look("sources", "files", "count"),
                Look("size_bytes", "size", "size"),
                Look("records_read", "read", "count"),
                Look("records_stored", "stored", "count"),
                Look("records_duplicate", "duplicate", "count"),
                Look("records_rejected", "rejected", "count"),
                Look("records_filtered", "left out on request", "count"),
                Look("first_at", "first", "moment"),
                Look("last_at", "last", "moment"),
            ),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            "reject_reasons",
            "What could not be read, and why",
            (
                Look("reason", "reason"),
                Look("records", "records", "count"),
                Look("sources", "files", "count"),
                Look("path", "for example in"),
                Look("line_no", "line", "code"),
                Look("excerpt", "found there", "code_text"),
            ),
            vm="",
            night="",
            is_open=True,
        ),
    ),
)
