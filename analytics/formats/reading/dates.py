"""Dates of exports: ISO 8601, and what .NET writes in the cultures that DPM servers are installed in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.errors import ConfigurationError
from analytics.formats.format import Reading
from analytics.formats.reading.months import month_of
from analytics.formats.reading.values import CellError, is_missing

_EXAMPLE = "2014-05-09T16:00:19Z"
_NOT_SET_YEARS = (1, 1601)
YEARS = range(1980, 2200)
_AFTERNOON = {"pm", "午後", "下午", "오후"}
_MORNING = {"am", "午前", "上午", "오전"}
_MAX_TEXT = 100
_DAY_FIRST = {"/": False, ".": True, "-": True}

_BLANKS = re.compile(r"[\s\u200e\u200f\u00a0\u202f]+")
_HALF = r"(?:[AaPp]\.?\s?[Mm]\.?|午前|午後|上午|下午|오전|오후)"
_CLOCK = (
    r"(?P<hour>\d{1,2})[:.時时시]\s?(?P<minute>\d{2})"
    r"(?:[:.分분]\s?(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?[分秒분초]?"
)
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})"
_TIME = rf"(?:(?:[ ,T@]|at |um |klo |à |в ){{0,4}}(?P<half1>{_HALF})?\s*{_CLOCK}\s*(?P<half2>{_HALF})?\s*{_ZONE}?)?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/.年년]\s?(?P<month>\d{{1,2}})[-/.月월]\s?(?P<day>\d{{1,2}})[.日일]?{_TIME}"
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[/.-])\s?(?P<two>\d{{1,2}})(?P=mark)\s?(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_DAY_MONTH = r"(?P<day>\d{1,2})(?:\.|er)?[ -](?:de )?(?P<name>[^\W\d_]{3,12}\.?)"
_MONTH_DAY = r"(?P<name2>[^\W\d_]{3,12}\.?) (?P<day2>\d{1,2})"
_WEEKDAY = r"(?:[^\W\d_]{2,13}(?:-feira)?[.,]{0,2} )?"
_MONTH_NAME = re.compile(
    rf"{_WEEKDAY}(?:{_DAY_MONTH}|{_MONTH_DAY}),?[ -](?:de )?(?P<year>\d{{4}})(?: г\.)?{_TIME}"
)
_ORDER = re.compile(r"(\d{1,2})([/.-])\s?(\d{1,2})\2\s?(?:\d{4}|\d{2})(?!\d)")
_DATED = re.compile(
    r"(?=.{0,40}\d[:.時시]\s?\d{2})\W{0,3}\d{1,4}\s?[-./年년]\s?\d{1,2}\s?[-./月월]\s?\d{1,4}(?!\d).*",
    re.DOTALL,
)
_JSON_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")


@dataclass(frozen=True)
class DateReader:
    """Reads the dates of one source.

    `zone` is that of times without offset. Of the hour that occurs twice in autumn the first occurrence is
    taken, or the second where the first would lie before `not_before`; in the hour that spring skips, the
    offset before the change counts. `formats` are strptime patterns that are tried first. `day_first` says
    for each separator whether 5/9 is the fifth of September.
    """

    zone: tzinfo = UTC
    formats: tuple[str, ...] = ()
    day_first: dict[str, bool] = field(default_factory=lambda: dict(_DAY_FIRST))

    def instant(self, text: str, not_before: datetime | None = None) -> datetime | None:
        """The instant in UTC; None for missing and 0001-01-01; CellError where it is no date."""
        if is_missing(text):
            return None
        if len(text) > _MAX_TEXT:
            _fail(text)
        naive = self._naive(_BLANKS.sub(" ", text.strip()))
        if naive.year in _NOT_SET_YEARS:
            return None
        if naive.year not in YEARS:
            raise CellError(f"{text[:60]!r} lies outside the years {YEARS.start} to {YEARS.stop - 1}")
        at = self._aware(naive)
        if not_before and at < not_before and naive.tzinfo is None:
            later = self._aware(naive.replace(fold=1))
            return later if later >= not_before else at
        return at

    def _aware(self, moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def _naive(self, text: str) -> datetime:
        try:
            return (
                self._by_format(text)
                or _iso(text)
                or self._numeric(text)
                or _named(text)
                or _json(text)
                or _fail(text)
            )
        except CellError:
            raise
        except (ValueError, OverflowError) as error:
            raise CellError(f"{text[:60]!r} is no date: {error} (such as {_EXAMPLE})") from None

    def _by_format(self, text: str) -> datetime | None:
        for pattern in self.formats:
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007 (the zone is applied in _aware)
            except ValueError:
                continue
        return None

    def _numeric(self, text: str) -> datetime | None:
        if found := _YEAR_FIRST.fullmatch(text):
            return _moment(found, int(found["year"]), int(found["month"]), int(found["day"]))
        if not (found := _YEAR_LAST.fullmatch(text)):
            return None
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        one, two = int(found["one"]), int(found["two"])
        day, month = (one, two) if (self.day_first[found["mark"]] or one > 12) and two <= 12 else (two, one)
        return _moment(found, year, month, day)


def date_reader(
    reading: Reading, texts: Iterable[str] = (), zone: str | None = None, day_first: bool = False
) -> DateReader:
    """The reader for a source whose dates are `texts`.

    A first number above 12 proves day first, a second one month first; decided over all texts, per separator.
    Where nothing is proven `/` means month first (en-US, invariant) unless `day_first`, `.` and `-` day first. `zone`
    overrides Reading.time_zone. Raises ConfigurationError for an unknown zone.
    """
    order = _DAY_FIRST | {"/": day_first} | _order_of(texts)
    return DateReader(_zone_of(zone or reading.time_zone), reading.date_formats, order)


def _order_of(texts: Iterable[str]) -> dict[str, bool]:
    """Per separator with a proven order: True for day first. Contradicting proofs leave the default."""
    proofs: dict[str, set[bool]] = {}
    for text in texts:
        if (found := _ORDER.match(text.strip())) and (int(found[1]) > 12) != (int(found[3]) > 12):
            proofs.setdefault(found[2], set()).add(int(found[1]) > 12)
    return {mark: seen.pop() for mark, seen in proofs.items() if len(seen) == 1}


def looks_dated(text: str) -> bool:
    """Whether a text begins with a date in numbers and has a time of day, in whatever language."""
    return _DATED.fullmatch(text[:_MAX_TEXT]) is not None


def _zone_of(name: str) -> tzinfo:
    """The IANA zone of that name; ConfigurationError where there is none."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"unknown time zone {name!r}", "time_zone", "an IANA name such as Asia/Tokyo"
        ) from None


def iso_utc(text: str) -> datetime | None:
    """An instant of our own files: ISO 8601, UTC where no offset is written; CellError for anything else."""
    if is_missing(text):
        return None
    try:
        moment = _iso(text.strip())
    except ValueError:
        moment = None
    if moment is None:
        raise CellError(f"{text[:60]!r} is no ISO 8601 time in UTC (such as {_EXAMPLE})")
    if moment.year in _NOT_SET_YEARS:
        return None
    if moment.year not in YEARS:
        raise CellError(f"{text[:60]!r} lies outside the years {YEARS.start} to {YEARS.stop - 1}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso(text: str) -> datetime | None:
    if (
        len(text) < 10
        or len(text) > 40
        or text[4:5] != "-"
        or not text[:4].isascii()
        or not text[:4].isdigit()
    ):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _named(text: str) -> datetime | None:
    found = _MONTH_NAME.fullmatch(text)
    if not found:
        return None
    month = month_of(found["name"] or found["name2"])
    return _moment(found, int(found["year"]), month, int(found["day"] or found["day2"])) if month else None


def month_number(text: str) -> int:
    """The number of a month that is written as a number or by its name; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() else month_of(text) or 0


def _json(text: str) -> datetime | None:
    found = _JSON_DATE.fullmatch(text)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1])) if found else None


def _moment(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    half = re.sub(r"[.\s]", "", found["half1"] or found["half2"] or "").casefold()
    hour = int(found["hour"] or 0)
    if half in _AFTERNOON and hour < 12:
        hour += 12
    if half in _MORNING and hour == 12:
        hour = 0
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    microsecond = int((found["part"] or "")[:6].ljust(6, "0"))
    moment = datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001 (zone: _aware)
    return moment.replace(tzinfo=_offset(found["zone"])) if found["zone"] else moment


def _offset(zone: str) -> tzinfo:
    parsed = datetime.strptime("+0000" if zone in {"Z", "UTC", "GMT"} else zone.replace(":", ""), "%z").tzinfo
    return parsed or UTC


def _fail(text: str) -> datetime:
    raise CellError(f"{text[:60]!r} is no date (such as {_EXAMPLE}; other forms: --date-format)")
