"""How deep a report goes, as the command line asks for it."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from typing import TYPE_CHECKING

from analytics.cli import options as shared
from analytics.errors import UsageError

if TYPE_CHECKING:
    from analytics.report.depths import Depth
    from analytics.site import Site
    from analytics.sql import Session

_DEPTHS = ("daily", "weekly", "monthly")


def add_depth(parser: argparse.ArgumentParser, default: str = "the whole report of all nights") -> None:
    """--depth: how deep the report goes."""
    parser.add_argument(
        "--depth",
        choices=_DEPTHS,
        help="daily: the last night due, by --until or --now where given; weekly: the seven nights up to it; monthly: "
        f"statement of compliance for its month, without single jobs; default: {default}",
    )


def check_depth(options: argparse.Namespace) -> None:
    """Refuse a first night beside --depth (UsageError)."""
    if options.depth and options.since:
        raise UsageError("--depth has a first night of its own", "--since", "give --until for its last night")


def local_moment(at: datetime, site: Site) -> datetime:
    """The moment, by the site's clock where it has no offset."""
    from zoneinfo import ZoneInfo

    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(site.time_zone or "UTC"))


def nights_of_depth(
    session: Session, options: argparse.Namespace, depth: Depth
) -> tuple[date | None, date | None]:
    """The nights of the report; of a depth they end with the last night due, whose window has closed by --now."""
    from analytics.report.depths import WHOLE, nights_of

    since, until = shared.nights_of(options)
    if depth is WHOLE:
        return since, until
    if options.now:
        from analytics.morning import last_night  # with it comes all that sends mail

        closed = last_night(session.site, local_moment(options.now, session.site))
        until = min(until or closed, closed)
    return nights_of(session, depth, until)
