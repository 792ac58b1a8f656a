"""dpm-analytics formats: what log formats are understood."""

from __future__ import annotations

import argparse

from analytics.cli import options as shared
from analytics.cli.console import say, say_json, say_wrapped
from analytics.errors import EXIT_DONE

EXAMPLES = """\
  dpm-analytics formats
  dpm-analytics formats --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """List the formats in the order in which they are tried."""
    from analytics.formats import FORMATS

    if options.json:
        say_json(
            [
                {
                    "name": entry.name,
                    "title": entry.title,
                    "tables": list(entry.tables),
                    "evidence": entry.evidence,
                }
                for entry in FORMATS
            ]
        )
    elif not options.quiet:
        for entry in FORMATS:
            say_wrapped(f"{entry.name:<22} {entry.title} -> {', '.join(entry.tables)}", indent=" " * 23)
        say()
        say_wrapped(
            "Formats are told by content, never by name. dpm-analytics explain FILE says which one a file is."
        )
    return EXIT_DONE
