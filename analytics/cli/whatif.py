"""dpm-analytics whatif: a night after a change, or the moves that make every VM meet its limits."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import date, time
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.arguments import nearest
from analytics.cli.console import ProgressLine, say_error, say_json, say_not_kept
from analytics.clock import clock_of, window_of
from analytics.errors import EXIT_DONE, UsageError

if TYPE_CHECKING:
    from analytics.planning.whatif_request import Request
    from analytics.sql import Ask, Session

EXAMPLES = """\
  dpm-analytics whatif --store D:\\dpm.store --move SQL01,FILE02
  dpm-analytics whatif --store D:\\dpm.store --spread
  dpm-analytics whatif --store D:\\dpm.store --cap Volume3=2 --start SQL01=20:30
  dpm-analytics whatif --store D:\\dpm.store --window 20:00-06:00 --night 2025-03-05
  dpm-analytics whatif --store D:\\dpm.store --plan --probability 0.9 --json
"""

PROBABILITY = 0.9
SECONDS = 100.0
_LISTED = 8
_PROGRESS = {
    "spread": "other start times ({} VMs are late)",
    "volume_caps": "other limits of volumes ({} VMs are late)",
    "host_caps": "other limits of hosts ({} VMs are late)",
    "several": "other limits together with other start times ({} VMs are late)",
    "late": "VMs that are late: {}",
    "moves": "{} moves",
    "bound": "at least {} moves",
    "skipped": "other changes are not tried any more",
    "interrupted": "stopped: the best so far",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_store(parser)
    change = parser.add_argument_group("changes, together as one")
    add = change.add_argument
    add("--move", metavar="VM,...", action="append", default=[], help="move these VMs to guest level")
    add("--spread", action="store_true", help="start the jobs so that as many as possible meet their limits")
    add(
        "--cap",
        metavar="PLACE=N",
        action="append",
        default=[],
        type=_cap,
        help="let N jobs of a volume, host or DPM server run at once",
    )
    add(
        "--start",
        metavar="VM=HH:MM",
        action="append",
        default=[],
        type=_start,
        help="start this VM's job at that time",
    )
    add(
        "--window",
        metavar="HH:MM-HH:MM",
        type=_window,
        help="another backup window for all; starts move with its opening",
    )
    plan = parser.add_argument_group("a plan")
    add = plan.add_argument
    add(
        "--plan",
        action="store_true",
        help="find the fewest or cheapest moves by which every VM meets its limits",
    )
    add(
        "--probability",
        metavar="P",
        type=_probability,
        help=f"how surely each VM shall meet them, 0.5 to 0.99 (default: {PROBABILITY})",
    )
    add("--max-moves", metavar="N", type=_count, help="at most so many moves")
    add(
        "--seconds",
        metavar="S",
        type=_count,
        help=f"time to search (default: {SECONDS:.0f}); Ctrl+C ends it",
    )
    parser.add_argument(
        "--night",
        metavar="DATE",
        type=_night,
        help="a night of the store, as it was released; default: the next night that is due",
    )
    shared.add_site(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Simulate the night, or find a plan; 2 with the reason where the simulator cannot be trusted with this estate."""
    _check(options)
    from analytics.planning import open_session
    from analytics.report.trust import doubts
    from analytics.store import Store

    store, site = Store.open(options.store), shared.site_of(options)
    with open_session(store, site) as session:
        request = _request(session, options)
        doubted = doubts(session)
        say_not_kept(session.not_kept)
    from analytics.cli import whatif_text as text

    if request.refusal:
        if options.json:
            say_json(text.refused(request))
        raise UsageError(text.refusal(request), "dpm-analytics whatif")
    if options.plan:
        document, lines = _planned(request, options)
    else:
        document, lines = text.compared(request, request.compared())
    if doubted:
        document["assumptions"].insert(0, {"code": "evidence", "text": doubted})
        lines.insert(0, doubted)
    if options.json:
        say_json(document)
    elif not options.quiet:
        text.say_all(lines)
    return EXIT_DONE


def _planned(request: Request, options: argparse.Namespace) -> tuple[dict[str, Any], Any]:
    from analytics.cli import whatif_text as text

    is_stopped = False
    with ProgressLine(options.quiet) as progress:

        def tell(code: str, number: int) -> None:
            nonlocal is_stopped
            is_stopped |= code == "interrupted"
            progress.show(_PROGRESS.get(code, code).format(number))

        found = request.plan(
            options.probability or PROBABILITY, options.max_moves, float(options.seconds or SECONDS), tell
        )
    if is_stopped:
        say_error("stopped: this is the best plan so far")
    return text.planned(request, found, options.probability or PROBABILITY, options.max_moves)


def ask_of(session: Session) -> Ask:
    """Gives the tables of a session by their names."""
    return session.relation


def _request(session: Session, options: argparse.Namespace) -> Request:
    from analytics.planning.whatif_request import Asked, request_of

    asked = Asked(
        move=tuple(name.strip() for text in options.move for name in text.split(",") if name.strip()),
        caps=tuple(options.cap),
        starts=tuple(options.start),
        window=options.window,
        is_spread=options.spread,
        night=options.night,
    )
    return request_of(ask_of(session), asked, _near)


def _near(name: str, known: Iterable[str]) -> str:
    """The nearest names; all of them only where they are few."""
    names = sorted(known)
    near = nearest(name, names)
    return near if near.startswith("did") or len(names) <= _LISTED else f"{len(names):,} others are known"


def _check(options: argparse.Namespace) -> None:
    changes = [options.move, options.cap, options.start, options.window, options.spread]
    if not options.plan and not any(changes):
        raise UsageError(
            "no change is named",
            "dpm-analytics whatif",
            "--move, --spread, --cap, --start, --window or --plan",
        )
    if options.plan and options.spread:
        raise UsageError(
            "--spread with --plan", "dpm-analytics whatif", "a plan tries that first; leave it out"
        )
    for name in ("probability", "max_moves", "seconds"):
        if not options.plan and getattr(options, name) is not None:
            option = "--" + name.replace("_", "-")
            raise UsageError(f"{option} without --plan", "dpm-analytics whatif", "add --plan")


def _cap(text: str) -> tuple[str, int]:
    """PLACE=N; the place may hold an equals sign."""
    place, equals, number = text.rpartition("=")
    if not equals or not place or not re.fullmatch(r"[0-9]{1,3}", number) or not int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no limit such as Volume3=2")
    return place, int(number)


def _start(text: str) -> tuple[str, int]:
    vm, equals, clock = text.rpartition("=")
    if not equals or not vm:
        raise argparse.ArgumentTypeError(f"{text!r} is no start such as SQL01=20:30")
    try:
        return vm, _day_s(clock_of(clock))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{clock!r} {error}") from None


def _window(text: str) -> tuple[int, int]:
    try:
        opens_s, closes_s = map(_day_s, window_of(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from None
    if opens_s == closes_s:
        raise argparse.ArgumentTypeError(f"{text!r} is no window: it closes as it opens")
    return opens_s, closes_s


def _day_s(clock: time) -> int:
    """Seconds after midnight."""
    return clock.hour * 3600 + clock.minute * 60


def _night(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2025-02-03") from None


def _probability(text: str) -> float:
    if not re.fullmatch(r"0?\.[0-9]+", text) or not 0.5 <= float(text) <= 0.99:
        raise argparse.ArgumentTypeError(f"{text!r} is no probability from 0.5 to 0.99")
    return float(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)
