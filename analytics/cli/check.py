"""dpm-analytics check: is everything there that was ever stored, and how it is mended where it is not."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.cli import options as shared
from analytics.cli.console import counted, human_bytes, plain, say, say_json, say_pairs, say_wrapped
from analytics.errors import EXIT_DONE, EXIT_USAGE
from analytics.harmless import visible

if TYPE_CHECKING:
    from analytics.store import Health, IngestState, Store

EXAMPLES = """\
  dpm-analytics check --store D:\\dpm.store
  dpm-analytics check --store D:\\dpm.store --mend
"""

_SHOWN = 20
_PATHS_SHOWN = 6
_UNNAMED = "a source whose account is lost"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    shared.add_store(parser)
    parser.add_argument(
        "--mend",
        action="store_true",
        help="take damaged parts out of the store and note what they held, so that the next ingest of their logs reads"
        " it again; what is taken out is kept in its folder _damaged",
    )
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Check every byte and every account; mend where that is asked for. 0 where all is there, 2 where it is not."""
    from analytics.store import Store, examine, mend

    store = Store.open(options.store)
    found = examine(store)
    left = found
    if options.mend and (found.damages or found.hits):
        mend(store)
        left = examine(store)
    if options.json:
        say_json(_document(found, left, store))
    elif not options.quiet:
        _say(found, left, store, is_mended=left is not found)
    return EXIT_DONE if left.is_whole else EXIT_USAGE


def _say(found: Health, left: Health, store: Store, is_mended: bool) -> None:
    _say_list("Damaged", [f"{each.file}: {each.what}{_held(each.rows)}" for each in found.damages])
    _say_list("Hit", [_hit(each.path, each.expected, each.found) for each in found.hits])
    lost = [loss for loss in left.losses if loss.records]
    _say_list("Lost", [f"{counted(loss.records, 'record')} of {loss.path or _UNNAMED}" for loss in lost])
    if is_mended:
        say_pairs([("Mended", f"what was damaged is in {store.path / '_damaged'}; the store can be read")])
    if not left.is_whole:
        say("To do")
        for command in _commands(left, str(store.path)):
            say(f"  {visible(command)}")  # not wrapped: it is there to be copied
    else:
        read = f"{counted(left.parts, 'part')}, {counted(left.rows, 'row')}, {human_bytes(left.size_bytes)}"
        say_pairs([("Whole", f"{read}: nothing is missing, nothing was changed")])
    say_pairs(_ingest_line(store.ingest_state()))


def _say_list(title: str, lines: list[str]) -> None:
    if not lines:
        return
    say(title)
    for line in lines[:_SHOWN]:
        say_wrapped(f"  {line}", indent="    ")
    if len(lines) > _SHOWN:
        say(f"  and {len(lines) - _SHOWN:,} more; --json lists all")


def _held(rows: int | None) -> str:
    return "" if rows is None else f"; it held {counted(rows, 'row')}"


def _hit(path: str | None, expected: int, found: int) -> str:
    if path is None:
        return f"{_UNNAMED}: {counted(found, 'record')}"
    if found > expected:
        return f"{path}: {counted(found - expected, 'record')} too many; read all logs into a new store"
    return f"{path}: {expected - found:,} of {counted(expected, 'record')} are missing"


def _commands(health: Health, store: str) -> list[str]:
    """What is to be done next, in this order."""
    mends = [f"dpm-analytics check --store {_quoted(store)} --mend"] if health.damages or health.hits else []
    paths = _read_again(health)
    if any(hit.path is None for hit in health.hits):
        return [
            *mends,
            f"dpm-analytics ingest PATH... --store {_quoted(store)}, with all logs that were ever read",
        ]
    named = " ".join(_quoted(path) for path in paths[:_PATHS_SHOWN])
    more = f" ... and {len(paths) - _PATHS_SHOWN} more" if len(paths) > _PATHS_SHOWN else ""
    return [*mends, f"dpm-analytics ingest {named}{more} --store {_quoted(store)}"]


def _read_again(health: Health) -> list[str]:
    """The files to read again, or their folders where these are many; members of archives as their archive."""
    known = [*(hit.path for hit in (*health.hits, *health.suspects)), *(loss.path for loss in health.losses)]
    files = _distinct(path.partition("!")[0] for path in known if path)
    return files if len(files) <= _PATHS_SHOWN else _distinct(str(Path(file).parent) for file in files)


def _distinct(paths: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(paths))


def _quoted(path: str) -> str:
    return f'"{path}"' if any(character in path for character in " &;()'") else path


def _ingest_line(last: IngestState | None) -> list[tuple[str, str]]:
    if last is None or not last.ended_early:
        return []
    begun = f" that began {last.begun_at:%Y-%m-%d %H:%M} UTC" if last.begun_at else ""
    return [("Ingest", f"the last one{begun} did not come to its end: run it again")]


def _document(found: Health, left: Health, store: Store) -> dict[str, Any]:
    last = store.ingest_state()
    return {
        "whole": left.is_whole,
        "found": plain(found),
        "left": plain(left),
        "read_again": _read_again(left),
        "ingest": plain(last) if last else None,
    }
