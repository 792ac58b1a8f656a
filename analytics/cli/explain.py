"""dpm-analytics explain: what format is this, how was this line read, why was it rejected."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.cli import options as shared
from analytics.cli.cells import for_json
from analytics.cli.console import say, say_json, say_pairs, say_wrapped
from analytics.errors import EXIT_DONE, NoInputError
from analytics.harmless import visible

if TYPE_CHECKING:
    from analytics.ingest import Explanation
    from analytics.ingest.meanings import Meaning

EXAMPLES = """\
  dpm-analytics explain C:\\Logs\\HV01\\DPMRACurr.errlog
  dpm-analytics explain C:\\Logs\\HV01\\DPMRACurr.errlog:1204
  dpm-analytics explain C:\\Logs\\export.zip!HV01/DPMRACurr.errlog:1204
  Get-Clipboard | dpm-analytics explain -
  dpm-analytics explain 0x8007173D
  dpm-analytics explain "retryable VSS error"
"""

# How sure a format is, as sample_logs/FORMATS.md has it.
_MARKS = {
    "V": "seen in a public source",
    "I": "inferred from a public source",
    "S": "one script shows it",
    "?": "not verified",
}
_MARK = re.compile(r"\[([VIS?])\]")
_SEPARATORS = ("/", "\\")
_CODES = "a code is like ID 32612 or 0x8007173D"
_LOOKS_LIKE_A_PATH = re.compile(r"[\\/]|\.\w{1,6}$")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument(
        "place",
        metavar="FILE[:LINE]",
        help="a file (in an archive: export.zip!HV01/x.errlog), or one line or record of it, from 1; - for what is"
        " pasted or piped; an error id, an HRESULT, a sentence with such in it,"
        " or words of DPM, vssadmin or VSS",
    )
    shared.add_site(parser)
    shared.add_reading(parser)
    shared.add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Read the file, or only the line, and say what became of it."""
    from analytics.ingest import explain_line, explain_text

    reading = shared.ingest_options(options, shared.site_of(options))
    if _is_said(options.place) and (found := explain_text(options.place, reading)):
        _say_meanings(options, found)
        return EXIT_DONE
    path, line_no = split_place(options.place)
    if len(path.split()) > 1 and _is_said(path) and not _LOOKS_LIKE_A_PATH.search(path):
        raise NoInputError("no such file, and no code in it", path, _CODES)
    explained = explain_line(path, line_no, reading)
    if path == "-" and not explained.is_understood:
        raise NoInputError("no known format, and no code in it", "what was piped", _CODES)
    _say(options, explained)
    return EXIT_DONE


def _is_said(place: str) -> bool:
    """A code or a sentence, no file: it is no path, or has blanks in it, and nothing is called so."""
    is_no_path = not any(separator in place for separator in _SEPARATORS)
    try:
        return (is_no_path or len(place.split()) > 1) and not Path(place).exists()
    except OSError:  # too long for a name
        return True


def _say_meanings(options: argparse.Namespace, found: Sequence[Meaning]) -> None:
    if options.json:
        say_json({"meanings": found})
    elif not options.quiet:
        _say_list("Meaning", [_meaning_words(meaning) for meaning in found])


def split_place(place: str) -> tuple[str, int | None]:
    """FILE:LINE as path and line; a drive's colon, and a file that is really named so, stay in the path."""
    path, colon, line = place.rpartition(":")
    is_line = bool(colon) and len(path) > 1 and line.isascii() and line.isdecimal()
    return (path, int(line)) if is_line and not Path(place).exists() else (place, None)


def _say(options: argparse.Namespace, explanation: Explanation) -> None:
    if options.json:
        say_json(explanation)
    elif not options.quiet:
        say_pairs([(word, text) for word, text in _about_file(explanation) if text])
        if explanation.line_no is not None:
            _say_line(explanation)
        _say_list("Nearest", explanation.nearest)
        _say_list("Meaning", [_meaning_words(meaning) for meaning in explanation.meanings])


def _about_file(explanation: Explanation) -> list[tuple[str, str]]:
    host = (
        f"{explanation.host} (from {explanation.host_from})"
        if explanation.host
        else "unknown, --host names it"
    )
    return [
        ("File", explanation.path),
        ("Format", f"{explanation.format}: {explanation.title}"),
        ("Evidence", _MARK.sub(lambda mark: f"({_MARKS[mark[1]]})", explanation.evidence)),
        ("Encoding", explanation.encoding),
        ("Host", host),
        ("Zone", explanation.time_zone),
        ("Year", f"from {explanation.year_from}" if explanation.year_from else ""),
    ]


def _meaning_words(meaning: Meaning) -> str:
    source = f" ({meaning.source})" if meaning.source else ""
    return f"{meaning.code}: {meaning.explanation}{source}"


def _say_list(word: str, texts: Sequence[str]) -> None:
    """A word and texts below one another, wrapped to the width of the terminal."""
    for number, text in enumerate(texts):
        say_wrapped(f"{word if number == 0 else '':<9} {visible(text)}", indent=" " * 10)


def _say_line(explanation: Explanation) -> None:
    say(f"Line {explanation.line_no}")
    say(f"  {visible(explanation.text or '(empty)')}")
    if explanation.reason:
        say_pairs([("Rejected" if explanation.table is None else "Note", explanation.reason)])
    if explanation.table:
        say_pairs([("Record", f"of {explanation.table}")])
        for name, value in (explanation.fields or {}).items():
            say_wrapped(f"  {name:<18} {'-' if value is None else for_json(value)}", indent=" " * 21)
