"""The section of the monthly statement: which rule was kept by which VM."""

from __future__ import annotations

from analytics.report.contents import Listing, Section

COMPLIANCE = Section(
    name="compliance",
    listings=(
        Listing(
            rows="compliance_groups",
            columns=(
                "protection_group",
                "rule",
                "vms",
                "meets",
                "at_risk",
                "breaks",
                "not_established",
                "slots",
                "met",
                "missed",
                "unknown",
                "met_low",
                "met_high",
            ),
            vm="",
            night="",
            is_open=True,
        ),
        Listing(
            rows="compliance_statement",
            columns=(
                "vm",
                "protection_group",
                "rule",
                "compliance",
                "slots",
                "met",
                "missed",
                "unknown",
                "met_low",
                "met_high",
                "wilson_low",
                "wilson_high",
                "longest_streak",
                "last_missed",
            ),
            night="",
            is_open=True,
            is_whole_on_paper=True,
        ),
    ),
)
