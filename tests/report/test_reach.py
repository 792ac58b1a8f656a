"""Whether the logs reach into the night that a report is made for."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.report import build_report
from analytics.report.reach import reaching
from analytics.report.words import Words

LAST, NEXT = dt.date(2025, 2, 7), dt.date(2025, 2, 8)  # the samples were collected on the 8th at 18:00


def opens(night: dt.date) -> dt.datetime:
    """When the window of a night opens, by the wall clock of the report."""
    return dt.datetime.combine(night, dt.time(22))


@pytest.fixture(scope="module")
def report(sample_session):
    """All nights of the samples."""
    return build_report(sample_session, until=NEXT)


def test_logs_that_reach_into_the_night(report):
    """Nothing is changed, nothing is said."""
    assert reaching(report, LAST, opens(LAST)) is report


def test_verdicts_on_other_nights_are_unproven(report):
    """In their first word, in the trust line and in the checks, once."""
    found = reaching(report, NEXT, opens(NEXT))

    assert found.verdict == f"Unproven: {report.verdict}"
    assert len(found.verdict) <= 120
    assert (
        found.trust
        == "Not proven: no log or record of the night of 2025-02-08, the newest is of 2025-02-08 17:57."
    )
    assert (found.trust_status, [check.check for check in found.checks].count("freshness")) == ("fail", 1)
    assert reaching(found, NEXT, opens(NEXT)).verdict == found.verdict


def test_a_report_of_that_night_alone(sample_session):
    """It knows nothing, and says so in the language of the report."""
    english = reaching(build_report(sample_session, NEXT, NEXT), NEXT, opens(NEXT))
    japanese = reaching(build_report(sample_session, NEXT, NEXT, Words.of("ja")), NEXT, opens(NEXT))

    assert english.verdict.startswith("Unproven: nothing is known of the night of 2025-02-08")
    assert japanese.verdict.startswith("未証明: ")
    assert english.tone == "unknown"
