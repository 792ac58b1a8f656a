"""dpm-analytics chart: one figure as a picture."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import say_json, say_pairs
from analytics.cli.whatif import PROBABILITY, SECONDS, ask_of
from analytics.errors import EXIT_DONE, UsageError

if TYPE_CHECKING:
    from analytics.report.pseudonyms import Pseudonyms
    from analytics.report.words import Words
    from analytics.sql import Session

EXAMPLES = """\
  dpm-analytics chart job --job 41331272 --store D:\\dpm.store -o job.svg
  dpm-analytics chart night_timeline --store D:\\dpm.store --since 2025-02-05 --until 2025-02-05 -o night.png
  dpm-analytics chart plan --store D:\\dpm.store -o plan.png
  dpm-analytics chart sla_heatmap --store D:\\dpm.store --lang ja -o sla.html
"""

_JOB, _PLAN = "job", "plan"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "name",
        metavar="NAME",
        help="job, plan (fewest moves to guest level), or a figure of the report, such as night_timeline",
    )
    shared.add_stores(parser)
    parser.add_argument("-o", "--out", metavar="FILE", required=True, help="png, svg or html by its ending")
    parser.add_argument("--job", metavar="ID", help="the job, from jobs.job_id; its first characters will do")
    parser.add_argument("--vm", metavar="NAME", default="", help="this VM only")
    shared.add_nights(parser)
    shared.add_language(parser)
    shared.add_anonymise(parser)
    shared.add_now(parser)
    shared.add_site(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Draw it, and say where."""
    from analytics.planning import open_session
    from analytics.report.single import figure_names, figure_spec, job_spec, rendered
    from analytics.report.write import replace_file

    _check(options, figure_names())
    words, pseudonyms = shared.words_of(options), shared.pseudonyms_of(options)
    store, site = shared.open_stores(options.store), shared.site_of(options)
    with open_session(store, site, now=shared.judged_at(options)) as session:
        if options.name == _JOB:
            spec = job_spec(session, options.job, words, pseudonyms)
        elif options.name == _PLAN:
            spec = _plan_spec(session, words, pseudonyms)
        else:
            nights = shared.nights_of(options)
            spec = figure_spec(session, options.name, words, nights, options.vm, pseudonyms)
    if pseudonyms:
        pseudonyms.save()
    out = Path(options.out)
    replace_file(out, rendered(spec, out.suffix.lower()))
    if options.json:
        say_json({"chart": options.name, "out": options.out})
    elif not options.quiet:
        say_pairs([("Chart", options.out)])
    return EXIT_DONE


def _plan_spec(session: Session, words: Words, pseudonyms: Pseudonyms | None) -> dict[str, Any]:
    """The figure of the plan that whatif --plan finds; UsageError where it refuses, or where nothing is to be moved."""
    from analytics.cli.whatif_text import refusal
    from analytics.planning.whatif_request import Asked, request_of
    from analytics.report.plan_figure import plan_spec

    request = request_of(ask_of(session), Asked(), lambda name, _: name)
    if request.refusal:
        raise UsageError(refusal(request), "chart plan")
    found = request.plan(PROBABILITY, None, SECONDS, lambda _code, _number: None)
    if not found.plan.moves:
        raise UsageError(f"no move is planned: {found.plan.status}", "chart plan", "whatif --plan says more")
    return plan_spec(request, found, words, partial(pseudonyms.learn, "vm") if pseudonyms else str)


def _check(options: argparse.Namespace, names: list[str]) -> None:
    """Refuse what cannot be drawn before anything is read (UsageError)."""
    if options.name not in (_JOB, _PLAN, *names):
        raise UsageError(f"no chart {options.name!r}", "NAME", f"one of {', '.join([_JOB, _PLAN, *names])}")
    if (options.name == _JOB) != bool(options.job):
        raise UsageError("--job ID belongs to chart job", "NAME", "chart job --job ID")
    if Path(options.out).suffix.lower() not in (".png", ".svg", ".html", ".htm"):
        raise UsageError("no picture ends so", options.out, "use .png, .svg or .html")
    shared.require_outside(options.out, options.store)
