"""dpm-analytics explain: what format is this, how was this line read, why was it rejected."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.cli import options as shared
from analytics.cli.console import plain, say_json, visible
from analytics.errors import EXIT_DONE

if TYPE_CHECKING:
    from analytics.ingest import Explanation

EXAMPLES = """\
  dpm-analytics explain C:\\Logs\\HV01\\DPMRACurr.errlog
  dpm-analytics explain C:\\Logs\\HV01\\DPMRACurr.errlog:1204
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "place", metavar="FILE[:LINE]", help="a file, or one line (or record) of it, counted from 1"
    )
    shared.add_site(parser)
    shared.add_reading(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Read the file, or only the line, and say what became of it."""
    from analytics.ingest import explain_line

    path, line_no = split_place(options.place)
    explanation = explain_line(path, line_no, shared.ingest_options(options, shared.site_of(options)))
    _say(options, explanation)
    return EXIT_DONE


def split_place(place: str) -> tuple[str, int | None]:
    """FILE:LINE as path and line; a drive's colon, and a file that is really named so, stay in the path."""
    path, colon, line = place.rpartition(":")
    is_line = bool(colon) and len(path) > 1 and line.isascii() and line.isdecimal()
    return (path, int(line)) if is_line and not Path(place).exists() else (place, None)


def _say(options: argparse.Namespace, explanation: Explanation) -> None:
    if options.json:
        say_json(plain(explanation))
    elif not options.quiet:
        for line in str(explanation).splitlines():
            print(visible(line))
