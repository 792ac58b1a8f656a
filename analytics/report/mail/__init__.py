"""The report as a mail: text and compact HTML that Outlook shows, with one picture and the files that fit."""

from __future__ import annotations

from analytics.report.mail.content import failure_letter, report_letter, short_letter
from analytics.report.mail.files import offenders_csv
from analytics.report.mail.letter import message_of
from analytics.report.mail.remarks import ended_early, no_input, nothing_new

__all__ = [
    "ended_early",
    "failure_letter",
    "message_of",
    "no_input",
    "nothing_new",
    "offenders_csv",
    "report_letter",
    "short_letter",
]
