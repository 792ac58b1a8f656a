"""dpm-analytics doctor: will the daily run work here?"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from analytics.cli import options as shared
from analytics.cli.console import say_json, say_wrapped
from analytics.cli.schedule import DEFAULT_NAME, own_system
from analytics.errors import EXIT_DONE, EXIT_USAGE

EXAMPLES = """\
  dpm-analytics doctor --site D:\\dpm\\site.toml
  dpm-analytics doctor --site D:\\dpm\\site.toml --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument("--site", metavar="FILE", required=True, help="site file with [run] and [mail]")
    parser.add_argument(
        "--name", metavar="NAME", default=DEFAULT_NAME, help=f"name of its schedule (default: {DEFAULT_NAME})"
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Say what each check found; 2 where one fails."""
    from analytics.morning.doctor import examine_site
    from analytics.site import load_site

    found = examine_site(load_site(options.site), own_system(), options.name, datetime.now(UTC))
    is_well = all(each.status != "fail" for each in found)
    if options.json:
        say_json({"well": is_well, "findings": found})
    for each in [] if options.json else found:
        if not options.quiet or each.status == "fail":
            remedy = f" -> {each.remedy}" if each.remedy else ""
            say_wrapped(f"{each.status:<5} {each.check:<9} {each.said}{remedy}", indent=" " * 16)
    return EXIT_DONE if is_well else EXIT_USAGE
