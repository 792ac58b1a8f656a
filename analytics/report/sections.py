"""The sections of the report, as data: which figures and tables, in which order; report/words/ has their words."""

from __future__ import annotations

from dataclasses import replace

from analytics.report.compliance_sections import COMPLIANCE
from analytics.report.contents import Figure, Listing, Section
from analytics.report.evidence_sections import COVERAGE, FAILURES, GAP, SNAPSHOT
from analytics.report.planning_sections import FORECAST, OUTLOOK, PROOF, WHY
from analytics.report.usual_section import USUAL

SLA = Section(
    name="sla",
    figures=(
        Figure(
            chart="sla_heatmap",
            rows="sla_heatmap",
            night="mark",
            tips=("state", "finished_at", "deadline", "overrun_s"),
            apart="never_ran",
            on_overview=True,
        ),
        Figure(
            chart="nights_overview",
            rows="night_summary",
            page_by="night",
            vm="",
            night="mark",
            on_overview=True,
        ),
        Figure(
            chart="sla_groups",
            rows="sla_groups",
            page_by="name",
            vm="",
            night="mark",
            kinds=("protection_group", "host", "cause"),
        ),
    ),
    listings=(
        Listing(
            rows="night_summary",
            columns=(
                "night",
                "due",
                "met",
                "missed",
                "running",
                "unknown",
                "overrun_s",
                "jobs",
                "jobs_failed",
                "last_end_at",
                "bytes_transferred",
            ),
            vm="",
        ),
        Listing(
            rows="sla_groups",
            columns=("grouped_by", "name", "night", "vms", "due", "missed", "unknown", "overrun_s"),
            vm="",
        ),
        Listing(
            rows="rule_conflicts",
            columns=("vm", "apart_nights", "rule", "met", "missed", "unknown"),
            night="",
            is_open=True,
        ),
    ),
)

OFFENDERS = Section(
    name="offenders",
    listings=(
        Listing(
            rows="offenders",
            columns=(
                "vm",
                "news",
                "breaches",
                "due",
                "missed_14",
                "worst_overrun_s",
                "worst_night",
                "main_cause",
                "cause_s",
                "cause_grade",
                "main_phase",
                "recommendation",
                "failed",
                "not_run",
                "running",
                "unknown",
            ),
            night="breached",
            is_open=True,
            apart="never_ran",
        ),
    ),
)

_OF_SEVERAL_NIGHTS = {
    *("breaches", "due", "worst_night"),
    *("failed", "not_run", "running", "unknown"),
}
# of one night, on which each of these numbers is 1 or 0
OFFENDERS_OF_A_NIGHT = replace(
    OFFENDERS,
    listings=tuple(
        replace(each, columns=tuple(name for name in each.columns if name not in _OF_SEVERAL_NIGHTS))
        for each in OFFENDERS.listings
    ),
)

PHASES = Section(
    name="phases",
    figures=(Figure(chart="phase_shares", rows="phase_shares", by_night="night_shares", on_overview=True),),
    listings=(
        Listing(
            rows="vm_weeks",
            columns=(
                "vm",
                "missed",
                "missed_before",
                "week_median_s",
                "before_median_s",
                "more_s",
                "week_bytes",
                "before_bytes",
            ),
            night="",
        ),
        Listing(
            rows="phase_shares",
            columns=(
                "vm",
                "phase",
                "grade",
                "jobs",
                "share",
                "median_s",
                "p90_s",
                "total_s",
                "least_s",
                "most_s",
                "job_median_s",
                "job_p90_s",
            ),
            night="breached",
        ),
        Listing(
            rows="queue_waits",
            columns=(
                "night",
                "jobs",
                "queued_median_s",
                "queued_p90_s",
                "queued_max_s",
                "late",
                "late_by_queue",
                "last_start_at",
            ),
            vm="",
        ),
    ),
)

# of a week, which is held against the one before
PHASES_OF_A_WEEK = replace(
    PHASES, listings=tuple(replace(each, is_open=each.rows == "vm_weeks") for each in PHASES.listings)
)

_TIMELINE = Section(
    name="timeline",
    figures=(
        Figure(
            chart="night_timeline",
            rows="night_timeline",
            page_by="label",
            night="timeline",
            head="night_load",
            on_overview=True,
        ),
    ),
    listings=(
        Listing(
            rows="night_timeline",
            columns=(
                "night",
                "vm",
                "host",
                "volume",
                "kind",
                "outcome",
                "phase",
                "grade",
                "from_ms",
                "to_ms",
                "phase_s",
                "least_s",
                "most_s",
                "waited_for",
                "job_s",
                "job_id",
            ),
            night="timeline",
        ),
        Listing(
            rows="missed_records",
            columns=("night", "vm", "at", "host", "step", "path", "line_no", "text", "job_id"),
        ),
        Listing(
            rows="night_load",
            columns=("night", "from_ms", "to_ms", "running", "rate_bytes"),
            vm="",
            night="timeline",
        ),
    ),
)

# of one night, of which every job stands on one line
TIMELINE_OF_A_NIGHT = replace(
    _TIMELINE,
    listings=(
        Listing(
            rows="night_jobs",
            columns=(
                *(
                    "vm",
                    "outcome",
                    "queued_s",
                    "start_ms",
                    "end_ms",
                    "job_s",
                    "bytes_transferred",
                    "rate_bytes",
                ),
                *("error_code", "hresult", "kind", "level", "host"),
            ),
        ),
        *_TIMELINE.listings,
    ),
)

GUEST = Section(
    name="guest",
    is_folded=True,
    figures=(Figure(chart="guest_gain", rows="guest_gain", night="breached"),),
    listings=(
        Listing(
            rows="guest_gain",
            columns=(
                "vm",
                "recommendation",
                "grade",
                "nights",
                "breaches",
                "late",
                "host_p50_s",
                "host_p90_s",
                "guest_low_s",
                "guest_p50_s",
                "guest_high_s",
                "saving_s",
                "scan_share",
                "reason",
            ),
            night="breached",
        ),
        Listing(
            rows="remedies",
            columns=("tried_change", "moves", "vm", "met", "vms", "met_share"),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            rows="guest_ranges",
            columns=(
                "vm",
                "host_p50_s",
                "guest_low_s",
                "guest_p50_s",
                "guest_high_s",
                "first_replica_s",
                "grade",
                "estimate_reason",
            ),
            night="breached",
        ),
    ),
)

WAITING = Section(
    name="waiting",
    is_folded=True,
    figures=(
        Figure(chart="volume_waits", rows="claim_waits", page_by="volume"),
        Figure(chart="claim_waits", rows="claim_waits"),
    ),
    listings=(
        Listing(
            rows="claim_waits",
            columns=(
                "vm",
                "night",
                "volume",
                "host",
                "refusals",
                "waited_s",
                "least_s",
                "most_s",
                "grade",
                "gave_up",
            ),
        ),
    ),
)

_EFFECTS = Section(
    name="effects",
    is_folded=True,
    figures=(Figure(chart="contention_effect", rows="contention_effect", page_by="beside", vm="", night=""),),
    listings=(
        Listing(
            rows="contention_effect",
            columns=("beside", "jobs", "vms", "volumes", "p25_s_per_gb", "median_s_per_gb", "p75_s_per_gb"),
            vm="",
            night="",
        ),
        Listing(
            rows="level_costs",
            columns=(
                "level",
                "data_kind",
                "tracking",
                "jobs",
                "vms",
                "sent_bytes",
                "median_s",
                "sent_median_s_per_gb",
                "disk_median_s_per_gb",
            ),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            rows="platforms",
            columns=("era", "placement", "tracking", "jobs", "vms", "hosts", "median_s"),
            vm="",
            night="",
        ),
    ),
)

SECTIONS = (
    OFFENDERS,
    SLA,
    _TIMELINE,
    USUAL,
    PHASES,
    WHY,
    GUEST,
    OUTLOOK,
    FORECAST,
    PROOF,
    FAILURES,
    WAITING,
    SNAPSHOT,
    GAP,
    _EFFECTS,
    COVERAGE,
    COMPLIANCE,
)
FIRST_SCREEN = ("checks", "key_figures", "breach_causes", "silent_vms")
# what every report reads, whatever its sections: verdict, key figures, choices of the page, mail, tables for others
_ALWAYS = (
    *FIRST_SCREEN,
    "night_summary",
    "sla_heatmap",
    "vm_places",
    "offenders",
    "coverage_map",
    "accounting",
    "reject_reasons",
    "lone_snapshots",
    "windows_backup_runs",
    "night_changes",
    "vm_changes",
)


def results_of(sections: tuple[Section, ...]) -> tuple[str, ...]:
    """The queries of a report of these sections, each once."""
    return tuple(dict.fromkeys([*_ALWAYS, *(name for part in sections for name in part.results)]))
