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
    ),
)
