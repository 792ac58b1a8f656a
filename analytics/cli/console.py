"""What reaches the eye: lines on stdout, one progress line on stderr; safe for every console and text."""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TextIO

from analytics.harmless import harmless_json, visible
from analytics.widths import broken, display_width

_PIPE_WIDTH = 80


def prepare_streams() -> None:
    """Make stdout and stderr take any text: UTF-8 into files and pipes, escapes on a lesser console.

    PYTHONIOENCODING, where set, keeps its encoding.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            keep = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if keep else "utf-8", errors="backslashreplace")


def end_output() -> None:
    """Write out what is buffered, so that a full disk is noticed here."""
    _whoever_reads(sys.stdout, sys.stdout.flush)


def write_out(text: str) -> bool:
    """A text on stdout as it is; what comes from a log goes through `visible` or json_text before.

    False where its reader has just gone: there is no need for more.
    """
    return _whoever_reads(sys.stdout, lambda: sys.stdout.write(text))


def say(text: str = "") -> None:
    """One line on stdout."""
    write_out(text + "\n")


def say_error(text: str) -> None:
    """One line on stderr, whatever the text holds."""
    prefix = "" if text.startswith("dpm-analytics") else "dpm-analytics: "
    _whoever_reads(sys.stderr, lambda: sys.stderr.write(f"{prefix}{visible(text)}\n"))
    _whoever_reads(sys.stderr, sys.stderr.flush)


def say_not_kept(why: str | None) -> None:
    """Say on stderr why what was computed could not be kept beside the store; nothing where it could."""
    if why:
        say_error(f"the answer is whole, but was not kept for the next question: {why}")


def _whoever_reads(stream: TextIO, write: Callable[[], object]) -> bool:
    """Where the reader of a pipe (head, more) has gone, write into nothing from now on; False then.

    The command goes on, and its exit code stays that of its work.
    """
    try:
        write()
    except OSError as error:
        # Windows says EINVAL of a pipe without a reader
        if error.errno != errno.EPIPE and not (os.name == "nt" and error.errno == errno.EINVAL):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True


def say_json(document: Any) -> None:
    """One JSON document on stdout; see `plain` for what becomes of the values."""
    say(json_text(plain(document), indent=2))


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON of plain values; nothing in it steers a terminal."""
    import json

    return harmless_json(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def width() -> int:
    """Columns to fill: those of the terminal, 80 in a pipe or file; COLUMNS overrides both."""
    return max(40, shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns)


def say_wrapped(text: str, indent: str = "") -> None:
    """A sentence, broken to the width; long paths stay whole."""
    for line in broken(visible(text), width(), indent) or [""]:
        say(line)


def say_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Lines of a short word and what it is, in two columns."""
    for word, text in pairs:
        say_wrapped(word + " " * max(1, 10 - display_width(word)) + text, indent=" " * 10)


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with thousands separators and its noun."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def human_bytes(size_bytes: float) -> str:
    """A size for people: 3.4 MB, in steps of 1000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


class ProgressLine:
    """One line on stderr that is written over; only on a terminal, and not with `quiet`."""

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.shown = not quiet and self.stream.isatty()
        self.length = 0

    def show(self, text: str) -> None:
        """Replace the line."""
        if self.shown:
            text = visible(text)[: width() - 1]
            self.stream.write("\r" + text.ljust(self.length))
            self.stream.flush()
            self.length = len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self.shown and self.length:
            self.stream.write("\r" + " " * self.length + "\r")
            self.stream.flush()
            self.length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def plain(value: Any) -> Any:
    """A value that JSON can hold: dataclasses as objects, times as ISO 8601, NaN and infinities as null."""
    from dataclasses import fields, is_dataclass
    from math import isfinite

    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else _iso(value)


def _iso(value: Any) -> str:
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
