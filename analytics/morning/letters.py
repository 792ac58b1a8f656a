"""Which mail a run sends: the whole one, the short one of a quiet day, none, or that there is no report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from analytics.morning.post import deliver
from analytics.morning.record import Record, folder_of
from analytics.report import Report
from analytics.report.mail import (
    failure_letter,
    message_of,
    report_letter,
    short_letter,
)
from analytics.report.words import Claim, Words
from analytics.site import MailSettings, Site


def settings_of(site: Site) -> MailSettings:
    """The mail settings, with their files where they lie."""
    return site.placed(site.mail)


def mail_report(
    site: Site,
    report: Report,
    record: Record,
    past: Sequence[Record],
    remarks: Sequence[Claim],
    files: Mapping[str, bytes],
    shown: Callable[[str], str] = str,
) -> Record:
    """Send what is due, a whole mail with the files; gives the record with what was sent. `shown` hides names.

    Raises DeliveryError, ConfigurationError.
    """
    before = max(
        (each for each in past if each.night < record.night), key=lambda each: each.night, default=None
    )
    kind = kind_of_mail(site.mail, record, past, has_remarks=bool(remarks))
    place = shown(str(folder_of(site.place(site.run.out), dt.date.fromisoformat(record.night))))
    if kind == "whole":
        deliver(
            message_of(report_letter(report, remarks), settings_of(site), files, place),
            settings_of(site),
        )
    elif kind == "short" and before:
        letter = short_letter(report, dt.date.fromisoformat(before.night))
        deliver(message_of(letter, settings_of(site), {}, place), settings_of(site))
    return replace(record, mailed=kind)


def kind_of_mail(settings: MailSettings, record: Record, past: Sequence[Record], *, has_remarks: bool) -> str:
    """Whole, short or "": whole on a breach, a failed check, a change, and after a mail that was not taken.

    `past` are the records of before, that of the same night too where this is its second run.
    """
    if not settings.only_on_change or has_remarks or record.breached or "fail" in record.checks.values():
        return "whole"
    mine = next((each for each in past if each.night == record.night), None)
    if mine and mine.mailed and mine.state == record.state:
        return ""
    earlier = sorted((each for each in past if each.night < record.night), key=lambda each: each.night)
    if not earlier or earlier[-1].state != record.state:
        return "whole"
    mailed = [each.night for each in earlier if each.mailed]
    quiet_days = (
        (dt.date.fromisoformat(record.night) - dt.date.fromisoformat(mailed[-1])).days if mailed else None
    )
    if quiet_days is None:
        return "whole"
    return "short" if settings.heartbeat_days and quiet_days >= settings.heartbeat_days else ""


def mail_failure(site: Site, said: str, night: dt.date) -> None:
    """Say that there is no report; raises DeliveryError, ConfigurationError."""
    letter = failure_letter(said, Words.of(site.run.lang), night)
    deliver(message_of(letter, settings_of(site), {}), settings_of(site))
