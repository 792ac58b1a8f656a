"""The sections that rest on estimates: why backups take their time, and what is to be expected."""

from __future__ import annotations

from analytics.report.contents import Figure, Listing, Section

WHY = Section(
    name="why",
    figures=(Figure(chart="vm_causes", rows="vm_causes", night="breached", most=25),),
    listings=(
        Listing(
            rows="vm_causes",
            columns=(
                "vm",
                "missed",
                "jobs",
                "job_median_s",
                "job_cause",
                "median_s",
                "share",
                "low_s",
                "high_s",
                "grade",
                "estimate_reason",
            ),
            night="breached",
        ),
        Listing(
            rows="holdups",
            columns=(
                "volume",
                "dpm_server",
                "vms",
                "by_volume",
                "by_server",
                "by_queue",
                "by_host_cap",
                "by_none",
                "unclear",
                "volume_share",
                "server_share",
                "queue_share",
                "scan_s_per_gb",
                "slowing_share",
                "changed_on",
                "grade",
                "estimate_reason",
            ),
            vm="",
            night="",
        ),
    ),
)

OUTLOOK = Section(
    name="outlook",
    is_folded=True,
    figures=(Figure(chart="next_night", rows="next_night", night="", most=25),),
    listings=(
        Listing(
            rows="next_night",
            columns=(
                "vm",
                "night",
                "p_meets",
                "finish_p50_at",
                "deadline",
                "transfer_p50_s",
                "low_s",
                "high_s",
                "grade",
                "estimate_reason",
            ),
            night="",
        ),
        Listing(
            rows="prediction_hits",
            columns=("first_night", "last_night", "vms", "sure", "unsure", "open", "hit_share", "hit_jobs"),
            vm="",
            night="",
        ),
    ),
)

FORECAST = Section(
    name="forecast",
    is_folded=True,
    figures=(
        Figure(
            chart="forecast_dates",
            rows="forecast_dates",
            night="",
            most=25,
        ),
    ),
    listings=(
        Listing(
            rows="forecast_dates",
            columns=("vm", "rule", "breaks_on", "low_on", "high_on", "level_s", "limit_s", "grade"),
            night="",
        ),
        Listing(
            rows="forecast_counts",
            columns=("forecast_verdict", "forecast_reason", "vms"),
            vm="",
            night="",
        ),
    ),
)

PROOF = Section(
    name="proof",
    is_folded=True,
    listings=(
        Listing(
            rows="proved_changes",
            columns=(
                "vm",
                "changed_on",
                "change",
                "before_p50_s",
                "after_p50_s",
                "change_s",
                "low_s",
                "high_s",
                "neighbours_change_s",
                "nights_matched",
                "grade",
                "proof_reason",
            ),
            night="",
            is_open=True,
        ),
    ),
)
