"""dpm-analytics init: a first site file."""

from __future__ import annotations

import argparse
from pathlib import Path

from analytics.cli import options as shared
from analytics.cli.console import say_json, say_pairs
from analytics.errors import EXIT_DONE, ConfigurationError

EXAMPLES = """\
  dpm-analytics init --store D:\\dpm\\store --out D:\\dpm\\site.toml
  dpm-analytics init --logs //FS01/dpm-logs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_store(
        parser,
        required=False,
        meaning="take zone, window, groups and VMs from this store; default: the defaults",
    )
    parser.add_argument(
        "--logs", metavar="PATH", default="logs", help="what the daily run reads (default: logs)"
    )
    parser.add_argument(
        "--out", metavar="FILE", default="site.toml", help="the new file (default: site.toml)"
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Write the file; one that is there stays."""
    from analytics.morning.beginning import Shown, shown_by, site_text
    from analytics.planning import open_session
    from analytics.store import Store

    shown = Shown()
    if options.store:
        with open_session(Store.open(options.store)) as session:
            shown = shown_by(session)
    out = Path(options.out)
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(site_text(shown, options.logs))
    except FileExistsError as error:
        raise ConfigurationError("is there already", str(out), "another --out, or move it away") from error
    except OSError as error:
        raise ConfigurationError(
            f"cannot write: {error.strerror or error}", str(out), "another --out"
        ) from error
    if options.json:
        say_json({"out": str(out), "shown": shown})
    elif not options.quiet:
        next_step = f"look at it, then: dpm-analytics doctor --site {out}"
        say_pairs([("Site file", str(out)), ("Next", next_step)])
    return EXIT_DONE
