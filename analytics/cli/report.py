"""dpm-analytics report: the report of a store."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import say, say_error, say_json, say_not_kept, say_pairs, say_wrapped
from analytics.cli.depth import add_depth, check_depth, nights_of_depth
from analytics.cli.mailing import add_mail, mail_report, mail_settings
from analytics.errors import EXIT_BREACH, EXIT_DONE, ConfigurationError, DpmAnalyticsError
from analytics.harmless import visible

if TYPE_CHECKING:
    from analytics.report import Report
    from analytics.report.pseudonyms import Pseudonyms
    from analytics.report.words import Words
    from analytics.site import Site
    from analytics.sql import Session
    from analytics.sql.session import HasParts

EXAMPLES = """\
  dpm-analytics report --store D:\\dpm.store --out report.html
  dpm-analytics report --store D:\\dpm.store --out march.pdf --since 2025-03-01 --until 2025-03-31
  dpm-analytics report --store D:\\dpm.store --out nights.csv --fail-on-breach --quiet
  dpm-analytics report --store D:\\dpm01 --store D:\\dpm02 --out both.html
  dpm-analytics report --store D:\\dpm.store --out C:\\textfile\\dpm.prom --since -7
  dpm-analytics report --store D:\\dpm.store --out night.html --depth daily
  dpm-analytics report --store D:\\dpm.store --nagios --since yesterday
  dpm-analytics report --store D:\\dpm.store --since -7 --now 2025-04-01T07:00
  dpm-analytics report --store D:\\dpm.store --site site.toml --mail-to ops@example.com
"""

_NAGIOS_UNKNOWN = 3
_LONG_PARTS = ("results", "sections")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_stores(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        help=f"html, md, json, csv, xlsx, prom, png or pdf by its ending (default: {shared.DEFAULT_REPORT})",
    )
    shared.add_nights(parser)
    add_depth(parser)
    shared.add_language(parser)
    shared.add_anonymise(parser)
    shared.add_now(parser)
    shared.add_site(parser)
    add_mail(parser)
    parser.add_argument(
        "--nagios",
        action="store_true",
        help="say one line for Nagios or Icinga, exit code 0 OK, 1 warning, 2 critical, 3 unknown; "
        "writes a report only with --out",
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Write the report and say the verdict."""
    if options.nagios:
        return _run_for_nagios(options)
    options.out = options.out or shared.DEFAULT_REPORT
    check_request(options, options.store)
    store, site = shared.open_stores(options.store), shared.site_of(options)
    settings = mail_settings(options, site)
    report = report_from(store, site, options)
    if options.json:
        say_json({"report": report_document(report), "out": options.out})
    elif not options.quiet:
        say_verdict(report)
        say_where(report, options)
        say_to_do(report, options.store)
    if settings:
        mail_report(report, options, settings)
    return report_code(report, options)


def _run_for_nagios(options: argparse.Namespace) -> int:
    """One line and the exit code of a plugin; what goes wrong is unknown, never critical."""
    from analytics.report.metrics import nagios, nagios_line

    try:
        check_request(options, options.store)
        report = report_from(shared.open_stores(options.store), shared.site_of(options), options)
    except DpmAnalyticsError as error:
        say(nagios_line(_NAGIOS_UNKNOWN, str(error)))
        return _NAGIOS_UNKNOWN
    code, line = nagios(report)
    say(visible(line))
    return code


def report_from(store: HasParts, site: Site, options: argparse.Namespace) -> Report:
    """Write the report that the options ask for."""
    from analytics.report.write import save_report

    pseudonyms = shared.pseudonyms_of(options)
    report = _built(store, site, options, pseudonyms)
    # only now, when the session has let go of its memory
    if options.out:
        save_report(report, Path(options.out), pseudonyms)
    elif pseudonyms:
        pseudonyms.save()
    return report


def _built(store: HasParts, site: Site, options: argparse.Namespace, pseudonyms: Pseudonyms | None) -> Report:
    from analytics.planning import open_session
    from analytics.report import build_report
    from analytics.report.depths import DEPTHS, WHOLE

    depth = DEPTHS.get(options.depth, WHOLE)
    with open_session(store, site, keep=bool(options.store), now=shared.judged_at(options)) as session:
        since, until = nights_of_depth(session, options, depth)
        report = build_report(session, since, until, shared.words_of(options), pseudonyms, depth)
        if site.path:
            _say_site_findings(session, site.path, report.words, pseudonyms.text if pseudonyms else str)
        say_not_kept(session.not_kept)
    return report


def _say_site_findings(session: Session, path: Path, words: Words, shown: Callable[[str], str]) -> None:
    """One line on stderr for each entry of the site file that fits nothing: the entry holds all the same."""
    for row in session.sql("SELECT * FROM site_findings ORDER BY entry_key, entry").to_pylist():
        what = words.text(
            f"site_finding.{row['finding']}", entry=row["entry"], first_night=row["first_night"]
        )
        say_error(shown(f"{path}: {row['entry_key']}: {what}"))


def check_request(options: argparse.Namespace, stores: Iterable[str]) -> None:
    """Refuse what cannot be written before hours are spent on reading; `stores` are those that exist already.

    Raises UsageError for an ending that names no format, a language without words and a last night before the first,
    ConfigurationError for a folder that is not there and for a file inside a store.
    """
    from analytics.report.write import format_of

    if options.out:
        out = Path(options.out)
        format_of(out)
        if not out.parent.is_dir():
            raise ConfigurationError("no such folder", str(out.parent), "make it first")
        shared.require_outside(options.out, stores)
    check_depth(options)
    shared.nights_of(options)
    shared.words_of(options)
    shared.pseudonyms_of(options)


def report_document(report: Report) -> dict[str, Any]:
    """What the report says in short; its rows are in the files that it writes (--out FILE.json)."""
    return {key: value for key, value in report.to_dict().items() if key not in _LONG_PARTS}


def say_verdict(report: Report) -> None:
    """What is not known first, then the verdict, then what must not be passed over beside it."""
    for text in filter(None, (report.trust, report.verdict, report.remarks, *report.changes)):
        say_wrapped(text)


def say_where(report: Report, options: argparse.Namespace) -> None:
    """Where the report was written."""
    say_pairs([(report.words.text("cli.report"), str(options.out))])


def say_to_do(report: Report, stores: Sequence[str]) -> None:
    """What would mend the evidence, check by check; commands name the one store, or say how to come by one."""
    words = report.words
    known = f"--store DIR {words.text('cli.store_first')}"
    if stores:
        known = f"--store {_quoted(stores[0])}" if len(stores) == 1 else "--store DIR"
    to_do = [check.to_do.replace("--store DIR", known) for check in report.checks if check.to_do]
    say_pairs([(words.text("cli.to_do"), text) for text in to_do])


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def report_code(report: Report, options: argparse.Namespace) -> int:
    """3 where VMs missed the backup window and --fail-on-breach asks for it.

    Says so, even with --quiet, where nothing was due: 0 then does not mean that all is well.
    """
    if not options.fail_on_breach:
        return EXIT_DONE
    if not report.key["due"]:
        say_error("--fail-on-breach: no backup was due on these nights (are their logs there?)")
    return EXIT_BREACH if report.breaches else EXIT_DONE
