"""The year that errlog dates lack: fixed at the end of the file, one less at each jump from January to December."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from analytics.formats.format import Reading
from analytics.formats.reading.dates import month_number
from analytics.formats.reading.values import GUID
from analytics.sources import Fingerprint, Source
from analytics.sources.text import to_utf8

_HALF_A_YEAR_DAYS = 186
_CRASH_STAMP = re.compile(r"\.errlog\.(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)\.crash", re.IGNORECASE)
_DATED = re.compile(
    r"(?:^|[\s:])(?:(?P<month>\d\d)/(?P<day>\d\d)[\t ]+\d\d:\d\d:\d\d\.\d{3}"
    r"|(?P<excel_day>\d{1,2})-(?P<name>[A-Z][a-z]{2})[\t ]+\d{1,2}:\d\d:\d\d [AP]M)(?P<rest>[^\n]*)"
)
_TASK = re.compile(GUID)
_CLOCK_TOLERANCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Dated:
    """Month and day of a sampled record, with its task GUID if it has one."""

    month: int
    day: int
    task_id: str | None

    @property
    def ordinal(self) -> int:
        """Orders days within a year; 31 per month is near enough."""
        return self.month * 31 + self.day


def first_year(source: Source, encoding: str, reading: Reading) -> tuple[int, str]:
    """Year of the first record and how it was found (contract, section 3)."""
    samples = _sampled_dates(source.fingerprint, encoding)
    jumps = _count_jumps([sample.ordinal for sample in samples])
    last, how = _last_year(source, samples, reading)
    return last - jumps, how


def _last_year(source: Source, samples: Sequence[_Dated], reading: Reading) -> tuple[int, str]:
    end = samples[-1] if samples else None
    if reading.year is not None:
        return reading.year, "option"
    if reading.collected_at is not None:
        return _year_before(reading.collected_at, end), "collection"
    if (known := _year_of_job(samples, reading)) is not None:
        return known, "job_record"
    if (stamp := _CRASH_STAMP.search(source.name)) and (moment := _moment(stamp.groups())):
        return _year_before(moment, end), "file_name"
    return _year_before(source.modified_at or datetime.now(UTC), end), "modified"


def _moment(parts: Sequence[str]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = map(int, parts)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _year_before(moment: datetime, end: _Dated | None) -> int:
    """Latest year in which a record of that month and day does not lie after the moment (two days tolerance)."""
    if end is None:
        return moment.year
    latest = (moment + _CLOCK_TOLERANCE).date()
    years = range(latest.year, latest.year - 9, -1)
    fitting = (year for year in years if _exists(year, end) and _on(year, end) <= latest)
    return next(fitting, latest.year)


def _exists(year: int, sample: _Dated) -> bool:
    """Whether the year has that day: 29 February."""
    return sample.day <= monthrange(year, sample.month)[1]


def _on(year: int, sample: _Dated) -> date:
    return date(year, sample.month, min(sample.day, monthrange(year, sample.month)[1]))


def _year_of_job(samples: Sequence[_Dated], reading: Reading) -> int | None:
    """Year of the last record, from a job record with the same task GUID as one of the sampled records."""
    tasks = [sample.task_id for sample in samples if sample.task_id]
    known = reading.task_times(tasks) if reading.task_times and tasks else {}
    for position in range(len(samples) - 1, -1, -1):
        sample = samples[position]
        moment = known.get(sample.task_id or "")
        if moment is not None:
            nearest = min(
                (moment.year + step for step in (-1, 0, 1)), key=lambda year: _distance(year, sample, moment)
            )
            return nearest + _count_jumps([later.ordinal for later in samples[position:]])
    return None


def _distance(year: int, sample: _Dated, moment: datetime) -> int:
    return abs((_on(year, sample) - moment.date()).days)


def _sampled_dates(fingerprint: Fingerprint, encoding: str) -> list[_Dated]:
    """Dates of the records in the samples, in the order of the file."""
    tail_start = max(fingerprint.size_bytes - len(fingerprint.tail), len(fingerprint.head))
    tail = fingerprint.tail[len(fingerprint.tail) - (fingerprint.size_bytes - tail_start) :]
    pieces = [(0, fingerprint.head), *((0, sample) for sample in fingerprint.samples), (tail_start, tail)]
    return [found for start, piece in pieces for found in _dates_in(_text(piece, start, encoding))]


def _text(piece: bytes, start: int, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        piece = piece[start % 2 :]
        piece = piece[: len(piece) // 2 * 2]
    text = to_utf8(piece, encoding).decode("utf-8", "replace")
    return text if "\n" in text else text.replace("\r", "\n")


def _dates_in(text: str) -> list[_Dated]:
    found = []
    for match in _DATED.finditer(text):
        month = int(match["month"]) if match["month"] else month_number(match["name"])
        day = int(match["day"] or match["excel_day"])
        if 1 <= month <= 12 and 1 <= day <= 31:
            task = _TASK.search(match["rest"])
            found.append(_Dated(month, day, task[0].upper() if task else None))
    return found


def _count_jumps(ordinals: Sequence[int]) -> int:
    """How many New Years a sequence of days (31 * month + day) crosses."""
    return int(year_steps(np.asarray(ordinals, dtype=np.int64)).sum()) if len(ordinals) else 0


def last_good(
    ordinals: npt.NDArray[np.int64], is_date: npt.NDArray[np.bool_], before: int | None
) -> npt.NDArray[np.int64]:
    """The days with each that does not exist replaced by the one above it, so that damage is no New Year."""
    good = ordinals[is_date]
    first = before if before is not None else int(good[0]) if len(good) else 32
    return np.concatenate(([first], good))[np.cumsum(is_date)]


def year_steps(ordinals: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Change of the year at each record: +1 where the date falls back by half a year, -1 from its begin to its end."""
    change = np.diff(ordinals, prepend=ordinals[:1])
    forward = change < -_HALF_A_YEAR_DAYS
    disorder = (ordinals >= 12 * 31 + 30) & (ordinals - change <= 31 + 2)
    return forward.astype(np.int64) - disorder.astype(np.int64)
