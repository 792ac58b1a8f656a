"""Errlog files as DPM writes them: lines, forms, encodings, rotation (dpm-formats.md chapter 1)."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from time import gmtime
from typing import NamedTuple

DAY_MS = 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Line(NamedTuple):
    """One errlog record; `at_ms` is milliseconds since 1970 in UTC, `source` includes the line number."""

    at_ms: int
    pid: str
    tid: str
    component: str
    source: str
    object: str
    task_id: str
    level: str
    message: str
    continuation: str = ""


class _Encoding(NamedTuple):
    """A Python codec and the mark in front of the text."""

    codec: str
    mark: bytes


ENCODING_OF = {
    "utf-16": _Encoding("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-no-bom": _Encoding("utf-16-le", b""),
    "utf-8": _Encoding("utf-8", b""),
    "utf-8-bom": _Encoding("utf-8", codecs.BOM_UTF8),
}


@lru_cache(maxsize=1024)
def _date_text(day: int) -> str:
    moment = gmtime(day * 86_400)
    return f"{moment.tm_mon:02d}/{moment.tm_mday:02d}"


@lru_cache(maxsize=1024)
def _excel_date(day: int) -> str:
    moment = gmtime(day * 86_400)
    return f"{moment.tm_mday}-{_MONTHS[moment.tm_mon - 1]}"


def _time_text(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{rest:03d}"


def raw(line: Line) -> str:
    """Variant A: ten fields, nine tabs."""
    return f"{line.pid}\t{line.tid}\t{_without_ids(line)}"


def _without_ids(line: Line) -> str:
    """Variant A': PID and TID cut off."""
    day, ms = divmod(line.at_ms, DAY_MS)
    return (
        f"{_date_text(day)}\t{_time_text(ms)}\t{line.component}\t{line.source}\t{line.object}\t{line.task_id}\t"
        f"{line.level}\t{line.message}{line.continuation}"
    )


def _with_blanks(line: Line) -> str:
    """Variant B: runs of tabs collapsed to one blank, no task GUID."""
    day, ms = divmod(line.at_ms, DAY_MS)
    fields = (
        line.pid,
        line.tid,
        _date_text(day),
        _time_text(ms),
        line.component,
        line.source,
        line.object,
        line.level,
        " ".join(line.message.split("\t")),
    )
    return " ".join(field for field in fields if field) + line.continuation


def with_findstr(line: Line, file_label: str) -> str:
    """Variant C: findstr's file name, one id column, Excel's date and quoting, whole seconds."""
    day, ms = divmod(line.at_ms, DAY_MS)
    hour, rest = divmod(ms // 1000, 3600)
    clock = f"{(hour + 11) % 12 + 1}:{rest // 60:02d}:{rest % 60:02d} {'AM' if hour < 12 else 'PM'}"
    message = line.message
    if "," in message or '"' in message:
        message = '"' + message.replace('"', '""') + '"'
    return f"{file_label}:{line.tid}  {_excel_date(day)} {clock} {line.source:<34} {line.level} {message}"


RENDER: dict[str, Callable[[Line], str]] = {"raw": raw, "no-pid": _without_ids, "blanks": _with_blanks}


class Piece(NamedTuple):
    """One file of a rotated log: its encoded records (without a mark) and their times."""

    records: list[bytes]
    times_ms: list[int]

    @property
    def last_ms(self) -> int | None:
        """Time of the last record."""
        return self.times_ms[-1] if self.times_ms else None

    def body(self, count: int | None = None) -> bytes:
        """The bytes of the first so many records, by default of all."""
        return b"".join(self.records[:count])


def rotate(lines: Iterable[Line], render: Callable[[Line], str], codec: str, size_bytes: int) -> list[Piece]:
    """Cut a log into pieces of at most that size, oldest first; the last one is the current file."""
    pieces = [Piece([], [])]
    used = 0
    for line in lines:
        record = (render(line) + "\r\n").encode(codec)
        if used and used + len(record) > size_bytes:
            pieces.append(Piece([], []))
            used = 0
        pieces[-1].records.append(record)
        pieces[-1].times_ms.append(line.at_ms)
        used += len(record)
    return pieces


def piece_names(service: str, count: int) -> list[str]:
    """Names of the pieces, oldest first: DPMRA0.errlog, DPMRA1.errlog, ..., DPMRACurr.errlog."""
    return [f"{service}{number}.errlog" for number in range(count - 1)] + [f"{service}Curr.errlog"]


def write_bytes_at(path: Path, content: bytes, at_ms: int) -> None:
    """Write a file whose modification time is that moment."""
    path.write_bytes(content)
    os.utime(path, (at_ms / 1000, at_ms / 1000))
