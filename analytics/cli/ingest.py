"""dpm-analytics ingest: logs into a store; its summary also stands in analyze."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import (
    ProgressLine,
    counted,
    plain,
    say,
    say_error,
    say_json,
    say_pairs,
    say_wrapped,
)
from analytics.errors import EXIT_BUG, EXIT_DONE, EXIT_NO_INPUT, EXIT_PARTIAL, NoInputError

if TYPE_CHECKING:
    from analytics.ingest import IngestSummary, Progress
    from analytics.site import Site
    from analytics.store import Store

EXAMPLES = """\
  dpm-analytics ingest C:\\Logs --store D:\\dpm.store
  dpm-analytics ingest *.zip --store D:\\dpm.store --trace markers --allow-partial
  type MSDPMCurr.errlog | dpm-analytics ingest - --store D:\\dpm.store --host DPM01 --year 2025
"""

_PROBLEMS_SHOWN = 20
_RECORD_COUNTS = ("records_read", "records_stored", "records_duplicate", "records_rejected")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_paths(parser)
    shared.add_store(parser, meaning="folder of the store; made where it is missing")
    shared.add_site(parser)
    shared.add_reading(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Read the logs into the store and say what was read."""
    from analytics.store import Store

    site = shared.site_of(options)
    summary = ingest_into(Store.create_or_open(options.store), options, site)
    if options.json:
        say_json(summary_document(summary))
    elif not options.quiet:
        say_summary(summary)
        say_problems(summary, options.store)
        say_notes(summary)
    return partial_code(summary, options)


def ingest_into(store: Store, options: argparse.Namespace, site: Site) -> IngestSummary:
    """Read the paths that the options name; NoInputError where nothing of them is usable."""
    from analytics.ingest import ingest

    paths = shared.expand_paths(options.paths)
    with ProgressLine(options.quiet or options.json) as line:
        summary = ingest(
            store,
            paths,
            shared.ingest_options(options, site),
            lambda progress: line.show(_progress_text(progress)),
        )
    if summary.exit_code == EXIT_NO_INPUT:
        raise _nothing_usable((*summary.problems, *summary.notes), paths)
    return summary


def _nothing_usable(said: Sequence[str], paths: Sequence[str]) -> NoInputError:
    """Says what is wrong with each file, one line each; the error is the last of them where that says all."""
    where = ", ".join(paths)
    if not said:
        return NoInputError("no usable input: no file in it", where, "give the folder of the logs")
    of_paths = tuple(f"{Path(path)}: " for path in paths)
    if all(text.startswith(of_paths) for text in said):
        said, last = said[:-1], NoInputError(said[-1])
    else:
        last = NoInputError("no usable input", where, "see dpm-analytics formats")
    for text in said[:_PROBLEMS_SHOWN]:
        say_error(text)
    return last


def partial_code(summary: IngestSummary, options: argparse.Namespace) -> int:
    """4 where part of the input could not be read (0 with --allow-partial), 1 for faults of ours, which are shown."""
    for trace in summary.bugs:
        sys.stderr.write(trace)
    if summary.bugs:
        say_error("this is a bug in dpm-analytics; please report the lines above")
        return EXIT_BUG
    partial = summary.exit_code == EXIT_PARTIAL and not options.allow_partial
    return EXIT_PARTIAL if partial else EXIT_DONE


def _progress_text(progress: Progress) -> str:
    """The progress line: files, share of the bytes, the file at hand."""
    share = progress.bytes_done / progress.bytes_total if progress.bytes_total else 0.0
    return f"{progress.files_done + 1}/{progress.files_total}  {share:4.0%}  {progress.path}"


def summary_document(summary: IngestSummary) -> dict[str, Any]:
    """The summary as JSON holds it."""
    counts = {name: getattr(summary, name) for name in _RECORD_COUNTS}
    return {**counts, **plain(summary), "exit_code": summary.exit_code}


def say_summary(summary: IngestSummary) -> None:
    """The accounting: files, and records read = stored + duplicate + rejected."""
    read = (
        f"{counted(len(summary.sources), 'file')}, {counted(summary.records_read, 'record')}: "
        f"{summary.records_stored:,} stored, {summary.records_duplicate:,} duplicate, "
        f"{summary.records_rejected:,} rejected"
    )
    say_pairs([("Read", read)])


def say_notes(summary: IngestSummary) -> None:
    """What is worth knowing and no fault: copies, files that are no logs, logs without a record."""
    if not summary.notes:
        return
    say()
    say("Notes")
    for note in summary.notes[:_PROBLEMS_SHOWN]:
        say_wrapped(f"  {note}", indent="    ")
    more = len(summary.notes) - _PROBLEMS_SHOWN
    if more > 0:
        say_wrapped(f"  and {counted(more, 'more', 'more')}, see --json", indent="    ")


def say_problems(summary: IngestSummary, store: str | None) -> None:
    """What could not be read, one line each, and where the rest stands."""
    if not summary.problems:
        return
    say()
    say("Problems")
    for problem in summary.problems[:_PROBLEMS_SHOWN]:
        say_wrapped(f"  {problem}", indent="    ")
    more = len(summary.problems) - _PROBLEMS_SHOWN
    if more > 0:
        where = (
            f'dpm-analytics sql --store {store} "SELECT * FROM rejects"'
            if store
            else "the report, or use --store"
        )
        say_wrapped(f"  and {counted(more, 'more', 'more')}, see {where}", indent="    ")
