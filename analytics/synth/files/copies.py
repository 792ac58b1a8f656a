"""Files that hold records a second time: crash copies, earlier copies of a log, copies of rotated logs."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from pathlib import Path
from time import gmtime, strftime

from analytics.synth.files.errlog import ENCODING_OF, Line, Piece, piece_names, rotate, write_bytes_at
from analytics.synth.files.records import collection_json
from analytics.synth.knobs import Knobs
from analytics.synth.machines import Log
from analytics.synth.nights import window_s

_CRASH_TASK = "8AE83798-7A85-466A-80CA-22CA66582965"


def crash_ms(knobs: Knobs) -> int:
    """When the engine crashes: five hours after the window of the middle night."""
    return round((window_s(knobs, (knobs.nights - 1) // 2)[1] + 5 * 3600.123) * 1000)


def with_crash_line(lines: list[Line], at_ms: int) -> list[Line]:
    """The log with the record of the crash in its place (text: sample 01)."""
    where = bisect.bisect_right([line.at_ms for line in lines], at_ms)
    record = Line(
        at_ms,
        "180C",
        "280C",
        "09",
        "everettexception.cpp(761)",
        "",
        _CRASH_TASK,
        "CRITICAL",
        "Exception Message = Input string was not in a correct format. of type System.FormatException, "
        "process will terminate after generating dump",
    )
    return [*lines[:where], record, *lines[where:]]


def copy_crash(
    folder: Path, service: str, lines: list[Line], at_ms: int, render: Callable[[Line], str], knobs: Knobs
) -> None:
    """`<file>.errlog.yyyy-MM-dd_HH-mm-ss.Crash`: the current file as it was when the engine crashed."""
    encoding = ENCODING_OF[knobs.encoding]
    until = [line for line in lines if line.at_ms <= at_ms]
    current = rotate(until, render, encoding.codec, knobs.rotate_bytes)[-1]
    stamp = strftime("%Y-%m-%d_%H-%M-%S", gmtime(at_ms / 1000))
    write_bytes_at(folder / f"{service}Curr.errlog.{stamp}.Crash", encoding.mark + current.body(), at_ms)


def copy_earlier(folder: Path, log: Log, pieces: list[Piece], knobs: Knobs) -> None:
    """An earlier, shorter copy of the current file, and a second copy of the newest rotated one."""
    current = pieces[-1]
    half = len(current.records) // 2
    if half == 0:
        return
    mark, at_ms = ENCODING_OF[knobs.encoding].mark, current.times_ms[half - 1]
    earlier = folder / f"{log.service}-earlier-copy"
    earlier.mkdir(exist_ok=True)
    facts = collection_json(log.machine, log.role, at_ms / 1000, knobs)
    write_bytes_at(earlier / "collection.json", facts, at_ms)
    write_bytes_at(earlier / f"{log.service}Curr.errlog", mark + current.body(half), at_ms)
    if len(pieces) > 1:
        name = piece_names(log.service, len(pieces))[-2]
        write_bytes_at(earlier / f"Copy of {name}", mark + pieces[-2].body(), pieces[-2].times_ms[-1])
