"""A fast writer of big errlog files for benchmarks: blocks of templates whose times and GUIDs vary."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.errors import UsageError
from analytics.synth.files.errlog import ENCODING_OF, Line, raw
from analytics.synth.noise import HOST_NOISE, Chatter
from analytics.synth.trace import HOST_MARKERS, SOFTWARE_PROVIDER, pointer, source_numbering

_BLOCK_LINES = 40_000
_TASKS_PER_BLOCK = 400
_LINE_STEP_MS = 37
_JOB = (
    "init",
    "add_volume",
    "refusal",
    "refusal",
    "provider_id",
    "vhd_chain",
    "vhd_chain",
    "begin_data_move",
    "start_backup_complete",
    "release_snapshot",
)
_PID = "0CF4"
_ANY_GUID = "00000000-0000-4000-8000-000000000000"
_YEAR_MS = 365 * 86_400_000
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_HEX_DIGITS = np.frombuffer(b"0123456789ABCDEF", np.uint8)
_GUID_DIGITS = np.array([i for i in range(36) if i not in (8, 13, 18, 23)])
# Places of MM/dd <tab> HH:mm:ss.fff digits, counted from the start of the date.
_STAMP_DIGITS = np.array([0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 17])
_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]


class Written(NamedTuple):
    """What a big file holds: physical lines, bytes on disk, bytes of the text in UTF-8 without a mark."""

    lines: int
    size_bytes: int
    utf8_bytes: int


def write_errlog(path: Path, size_bytes: int, encoding: str = "utf-8", seed: int = 1) -> Written:
    """Write a DPMRA errlog of about that size on disk (never more, less by at most one line).

    Lines are ASCII, in the raw form, in the order of time within one year. Every task GUID belongs to one job
    of 100 lines, 10 of them markers. `encoding` is one of those of `Knobs`; raises `UsageError` for another.
    """
    if encoding not in ENCODING_OF:
        raise UsageError(f"unknown encoding {encoding!r}", "write_errlog", ", ".join(ENCODING_OF))
    codec, mark = ENCODING_OF[encoding]
    width = 2 if codec.startswith("utf-16") else 1
    block, rng = _Block(seed), np.random.default_rng(seed)
    left = (size_bytes - len(mark)) // width
    lines = written = number = 0
    with path.open("wb") as file:
        file.write(mark)
        while True:
            text = block.fill(number, rng)[:left]
            ends = np.flatnonzero(text == ord("\n"))
            text = text[: ends[-1] + 1] if len(ends) else text[:0]
            file.write((text.astype("<u2") if width == 2 else text).data)
            lines, written, left, number = (
                lines + len(ends),
                written + len(text),
                left - len(text),
                number + 1,
            )
            if len(text) < block.size_bytes:
                return Written(lines, len(mark) + written * width, written)


class _Block:
    """A block of lines as bytes, with the places of what changes from block to block."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        lines, self._task_of = _template_lines(rng)
        encoded = [line.encode("ascii") for line in lines]
        starts = np.concatenate(([0], np.cumsum([len(line) for line in encoded])))
        self._text = np.frombuffer(b"".join(encoded), np.uint8).copy()
        self.size_bytes = len(self._text)
        stamped = [i for i, line in enumerate(encoded) if line[4:5] == b"\t"]
        self._stamps = starts[stamped][:, None] + 10 + _STAMP_DIGITS
        named = [i for i, task in enumerate(self._task_of) if task is not None]
        offsets = np.array([starts[i] + _guid_place(encoded[i]) for i in named])
        self._guids = offsets[:, None] + _GUID_DIGITS
        self._tasks = np.array([self._task_of[i] for i in named])

    def fill(self, number: int, rng: np.random.Generator) -> _Bytes:
        """The block's bytes with new times and GUIDs; valid until the next call."""
        self._text[self._stamps] = _stamps(number * _BLOCK_LINES, len(self._stamps))
        digits = _HEX_DIGITS[rng.integers(0, 16, (_TASKS_PER_BLOCK, 32))]
        self._text[self._guids] = digits[self._tasks]
        return self._text


def _guid_place(line: bytes) -> int:
    place = -1
    for _ in range(7):
        place = line.index(b"\t", place + 1)
    return place + 1


def _stamps(first: int, count: int) -> _Bytes:
    ms = (np.arange(first, first + count, dtype=np.int64) * _LINE_STEP_MS) % _YEAR_MS
    days = np.datetime64("2025-01-01") + (ms // 86_400_000).astype("timedelta64[D]")
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    second = ms // 1000
    columns = (
        *_two(month),
        *_two(day),
        *_two(second // 3600 % 24),
        *_two(second // 60 % 60),
        *_two(second % 60),
        ms // 100 % 10,
        ms // 10 % 10,
        ms % 10,
    )
    return _DIGITS[np.stack(columns, axis=1)]


def _two(number: _Places) -> tuple[_Places, _Places]:
    return number // 10, number % 10


def _template_lines(rng: Random) -> tuple[list[str], list[int | None]]:
    """The lines of one block and the task of each line (None where the line has no GUID)."""
    chatter = Chatter(HOST_NOISE, source_numbering(0, build_2010=True), 0.1)
    objects = [pointer(rng) for _ in range(_TASKS_PER_BLOCK)]
    lines: list[str] = []
    tasks: list[int | None] = []
    for position in range(_BLOCK_LINES):
        # Four tasks at a time take turns, 100 lines each.
        task, turn = position // 400 * 4 + position % 4, position // 4 % 100
        tid = f"{0x1A04 + task * 4:04X}"
        if turn % 10 == 0:
            line = _marker_line(_JOB[turn // 10], task, tid, objects[task], chatter)
        else:
            line = chatter.line(0, _PID, tid, _ANY_GUID, rng)
        lines.append(raw(line) + "\r\n")
        tasks.append(task if line.task_id else None)
    return lines, tasks


def _marker_line(kind: str, task: int, tid: str, object_text: str, chatter: Chatter) -> Line:
    marker = HOST_MARKERS[kind]
    detail = f"C:\\ClusterStorage\\Volume{task % 9 + 1}\\VM{task}\\disk_0.vhdx"
    message = marker.text.format(
        detail=detail, provider=SOFTWARE_PROVIDER, hardware="0", guid=_ANY_GUID.lower()
    )
    return Line(
        0,
        _PID,
        tid,
        marker.component,
        chatter.source(marker.source, marker.source_line),
        object_text if marker.has_object else "",
        _ANY_GUID,
        marker.level,
        message,
    )
