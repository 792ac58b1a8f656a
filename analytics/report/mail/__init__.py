"""The report as a mail: text and compact HTML that Outlook shows, with one picture and the files that fit."""

from __future__ import annotations

from analytics.report.mail.changes import Changes, changes_between, names_of
from analytics.report.mail.content import failure_letter, report_letter, short_letter
from analytics.report.mail.files import report_files
from analytics.report.mail.letter import Letter, message_of

__all__ = [
    "Changes",
    "Letter",
    "changes_between",
    "failure_letter",
    "message_of",
    "names_of",
    "report_files",
    "report_letter",
    "short_letter",
]
