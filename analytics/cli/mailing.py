"""Mail of a report: options, and what is done with the message."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.cli.console import say_pairs
from analytics.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from analytics.report import Report
    from analytics.site import MailSettings, Site


def add_mail(parser: argparse.ArgumentParser) -> None:
    """--mail-to, --eml and --dry-run."""
    group = parser.add_argument_group("mail")
    group.add_argument(
        "--mail-to",
        metavar="A,B",
        help="mail the report to these addresses, through the server of the site file's [mail]",
    )
    group.add_argument("--eml", metavar="FILE", help="write the mail to this file, which mail programs open")
    group.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be mailed, and through which server; send nothing",
    )


def mail_settings(options: argparse.Namespace, site: Site) -> MailSettings | None:
    """To whom a mail is to be sent or written, None for nobody; checked before hours are spent on the report.

    Raises UsageError for an address that is none, ConfigurationError where recipients or a server are missing.
    """
    if not (options.mail_to or options.eml or options.dry_run):
        return None
    settings = replace(site.mail, to=_addresses(options.mail_to)) if options.mail_to else site.mail
    settings = site.placed(settings)
    if not settings.to:
        raise UsageError("a mail to nobody", "--eml, --dry-run", "--mail-to ops@example.com, or [mail] to")
    if options.mail_to and not (options.dry_run or options.eml or settings.server):
        raise ConfigurationError(
            "no mail server", "[mail] server", "--site FILE with [mail] server, or --eml FILE"
        )
    if options.eml and not Path(options.eml).parent.is_dir():
        raise ConfigurationError("no such folder", str(Path(options.eml).parent), "make it first")
    return settings


def mail_report(report: Report, options: argparse.Namespace, settings: MailSettings) -> None:
    """Write the mail to --eml, say it with --dry-run, else send it where --mail-to and a server are named."""
    from analytics.morning import deliver, described
    from analytics.report.mail import message_of, offenders_csv, report_letter
    from analytics.report.write import format_of, replace_file

    page = format_of(Path("report.html"))(report)
    files = {"report.html": page, "offenders.csv": offenders_csv(report)}
    message = message_of(report_letter(report), settings, files, str(Path(options.out).absolute()))
    if options.eml:
        replace_file(Path(options.eml), message.as_bytes())
    is_heard = not (options.quiet or options.json)
    if options.eml and is_heard:
        say_pairs([("Mail", f"{options.eml}{'' if settings.server else ' (no server is named: not sent)'}")])
    if options.dry_run:
        if is_heard:
            say_pairs(described(message, settings))
    elif options.mail_to and settings.server:
        deliver(message, settings)


def _addresses(text: str) -> tuple[str, ...]:
    """Addresses between commas."""
    from analytics.site import check_address

    found = []
    for address in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(check_address(address))
        except ValueError as error:
            raise UsageError(f"{address!r} {error}", "--mail-to", "for example ops@example.com") from None
    return tuple(found)
