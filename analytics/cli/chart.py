"""dpm-analytics chart: one figure as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from analytics.cli import options as shared
from analytics.cli.console import say_json, say_pairs
from analytics.errors import EXIT_DONE, UsageError

EXAMPLES = """\
  dpm-analytics chart job --job 41331272 --store D:\\dpm.store -o job.svg
  dpm-analytics chart night_timeline --store D:\\dpm.store --since 2025-02-05 --until 2025-02-05 -o night.png
  dpm-analytics chart sla_heatmap --store D:\\dpm.store --lang ja -o sla.html
"""

_JOB = "job"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument("name", metavar="NAME", help="job, or a figure of the report, such as night_timeline")
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
        spec = (
            job_spec(session, options.job, words, pseudonyms)
            if options.name == _JOB
            else figure_spec(session, options.name, words, shared.nights_of(options), options.vm, pseudonyms)
        )
    if pseudonyms:
        pseudonyms.save()
    out = Path(options.out)
    replace_file(out, rendered(spec, out.suffix.lower()))
    if options.json:
        say_json({"chart": options.name, "out": options.out})
    elif not options.quiet:
        say_pairs([("Chart", options.out)])
    return EXIT_DONE


def _check(options: argparse.Namespace, names: list[str]) -> None:
    """Refuse what cannot be drawn before anything is read (UsageError)."""
    if options.name not in (_JOB, *names):
        raise UsageError(f"no chart {options.name!r}", "NAME", f"one of {', '.join([_JOB, *names])}")
    if (options.name == _JOB) != bool(options.job):
        raise UsageError("--job ID belongs to chart job", "NAME", "chart job --job ID")
    if Path(options.out).suffix.lower() not in (".png", ".svg", ".html", ".htm"):
        raise UsageError("no picture ends so", options.out, "use .png, .svg or .html")
    shared.require_outside(options.out, options.store)
