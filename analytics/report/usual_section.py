"""The section that holds each late job against its own normal."""

from __future__ import annotations

from analytics.report.contents import Listing, Section

USUAL = Section(
    name="usual",
    listings=(
        Listing(
            rows="late_jobs",
            columns=(
                "vm",
                "night",
                "job_s",
                "usual_s",
                "part",
                "part_s",
                "part_usual_s",
                "grade",
                "bytes_transferred",
                "usual_bytes",
                "vhd_bytes",
                "usual_vhd_bytes",
                "on_volume",
                "usual_on_volume",
                "on_host",
                "usual_on_host",
                "compared",
            ),
            is_open=True,
        ),
        Listing(
            rows="late_parts",
            columns=("vm", "night", "part", "now_s", "usual_s", "more_s", "grade", "job_id"),
        ),
    ),
)
