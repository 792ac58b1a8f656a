"""dpm-analytics run: the whole morning in one command, as a scheduler starts it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from analytics.cli import options as shared
from analytics.cli.console import say_error, say_json, say_pairs, say_wrapped
from analytics.cli.depth import add_depth, local_moment
from analytics.errors import EXIT_NO_INPUT

if TYPE_CHECKING:
    from analytics.ingest import IngestSummary
    from analytics.morning import Done
    from analytics.site import Site

EXAMPLES = """\
  dpm-analytics run --site D:\\dpm\\site.toml
  dpm-analytics run --site D:\\dpm\\site.toml --now now --no-mail
  dpm-analytics run --site D:\\dpm\\site.toml --depth weekly --lang ja --now 2025-03-10T07:00 --fail-on-breach
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "--site", metavar="FILE", required=True, help="site file with [run], and [mail] where mail is wanted"
    )
    parser.add_argument(
        "--now",
        metavar="MOMENT",
        type=shared.moment,
        help="judge the last night before this moment (now, 2025-03-10T07:00) at once; default: the clock's, and in "
        "the middle of a window the run waits for its end",
    )
    add_depth(parser, "that of the site file, else daily")
    shared.add_language(parser)
    shared.add_anonymise(parser)
    parser.add_argument("--no-mail", action="store_true", help="send no mail")
    parser.add_argument(
        "--fail-on-breach", action="store_true", help="exit code 3 where a VM missed its backup window"
    )
    parser.add_argument(
        "--allow-partial",
        action="store_true",
        help="exit code 0 although part of the input could not be read",
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Do it and say what was done."""
    from dataclasses import replace

    from analytics.morning import Wishes, run_morning
    from analytics.site import load_site

    site = load_site(options.site)
    depth, lang = options.depth or site.run.depth, options.lang or site.run.lang
    site = replace(site, run=replace(site.run, depth=depth, lang=lang))
    now = local_moment(options.now, site) if options.now else None
    pseudonyms = shared.pseudonyms_of(options)
    wishes = Wishes(now, options.fail_on_breach, options.allow_partial, not options.no_mail, pseudonyms)
    done = run_morning(site, wishes, _read)
    _say(done, options)
    return done.code


def _read(site: Site) -> IngestSummary:
    from analytics.ingest import IngestOptions, ingest
    from analytics.store import Store

    paths = shared.expand_paths([str(site.place(path)) for path in site.run.logs])
    summary = ingest(Store.create_or_open(site.place(site.run.store)), paths, IngestOptions(site=site))
    if summary.exit_code == EXIT_NO_INPUT:
        for text in summary.problems[:5]:
            say_error(text)
    return summary


def _say(done: Done, options: argparse.Namespace) -> None:
    for problem in done.problems:
        say_error(problem)
    if options.json:
        say_json(done)
    elif not options.quiet:
        for text in filter(None, (done.trust, done.verdict)):
            say_wrapped(text)
        say_pairs([("Report", str(done.folder)), ("Mail", done.mailed or "none")])
