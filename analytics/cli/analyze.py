"""dpm-analytics analyze: logs in, report out."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.cli import options as shared
from analytics.cli.console import say, say_json
from analytics.cli.depth import add_depth
from analytics.cli.ingest import (
    ingest_into,
    partial_code,
    say_notes,
    say_problems,
    say_summary,
    summary_document,
)
from analytics.cli.report import (
    check_request,
    report_code,
    report_document,
    report_from,
    say_to_do,
    say_verdict,
    say_where,
)

if TYPE_CHECKING:
    from analytics.site import Site

EXAMPLES = """\
  dpm-analytics analyze sample_logs/estate
  dpm-analytics analyze C:\\Logs\\export.zip --out report.html
  dpm-analytics analyze \\\\FS01\\logs --store D:\\dpm.store --site site.toml --fail-on-breach
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_paths(parser)
    shared.add_store(
        parser, required=False, meaning="keep the records in this store; default: a temporary one"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        default=shared.DEFAULT_REPORT,
        help=f"html, md, json, csv, xlsx, prom, png or pdf by its ending (default: {shared.DEFAULT_REPORT})",
    )
    shared.add_nights(parser)
    add_depth(parser)
    shared.add_language(parser)
    shared.add_anonymise(parser)
    shared.add_now(parser)
    shared.add_site(parser)
    shared.add_reading(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Read the logs into a store, write the report, say the verdict."""
    check_request(options, filter(None, [options.store]))
    site = shared.site_of(options)
    if options.store is not None:
        return _analyze(options, site, Path(options.store))
    with tempfile.TemporaryDirectory(prefix="dpm-analytics-", ignore_cleanup_errors=True) as folder:
        return _analyze(options, site, Path(folder) / "store")


def _analyze(options: argparse.Namespace, site: Site, folder: Path) -> int:
    from analytics.store import Store

    store = Store.create_or_open(folder)
    summary = ingest_into(store, options, site)
    report = report_from(store, site, options)
    pseudonyms = shared.pseudonyms_of(options)
    if options.json:
        ingest = summary_document(summary)
        ingest = pseudonyms.everywhere(ingest) if pseudonyms else ingest
        say_json({"report": report_document(report), "out": options.out, "ingest": ingest})
    elif not options.quiet:
        say_verdict(report)
        say()
        say_summary(summary)
        say_where(report, options)
        say_to_do(report, [options.store] if options.store else [])
        if not pseudonyms:  # they name files
            say_problems(summary, options.store)
            say_notes(summary)
    return report_code(report, options) or partial_code(summary, options)
