"""The date on which a VM breaks a rule: growth of its disks, carried through its transfer time (model.md 4.4).

The slope of durations is not extrapolated: steps of an environment look like growth there. Disks are measured almost
exactly, so their growth is known far better than that of times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, typical

__all__ = ["Forecast", "Past", "Sizes", "forecast"]

_LEVEL_NIGHTS = 28
HORIZON_DAYS = 365
_LEAST_NIGHTS = 7
_LEAST_SIZES, _LEAST_SPAN_DAYS = 3, 14
_LEAST_GROWTH = 1e-4  # a day
_BLOCK_DAYS = 7
_DRAWS = 200
# residuals of several weeks hang together more than blocks of one show
_WIDER = 1.5
_MOST_POINTS = 30


@dataclass(frozen=True, slots=True)
class Past:
    """What a rule judged of one VM: nights (day numbers), how long it took, and the data move's part; in order."""

    night: Ints
    taken_s: Floats
    transfer_s: Floats

    @property
    def is_recent(self) -> Bools:
        """The nights of the last four weeks."""
        found: Bools = self.night > (self.night[-1] - _LEVEL_NIGHTS if len(self.night) else 0)
        return found

    @property
    def level_s(self) -> float:
        """What the usual one of these takes, NaN where there is none."""
        return typical(self.taken_s[self.is_recent])


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of one VM's disks as collected: days and GB, in the order of time."""

    day: Floats
    gb: Floats


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day number on which the usual night breaks the rule, its 90 % interval, and why there is none.

    verdict is trend, no_trend or not_enough_data; reason a code of FORECAST_REASONS.
    """

    verdict: str
    reason: str
    breaks_on: int | None = None
    low: int | None = None
    high: int | None = None


def forecast(past: Past, sizes: Sizes, scan_share: Floats, limit_s: float, seed: int = 7) -> Forecast:
    """When the usual night will take longer than the limit; `scan_share` are draws, NaN where the split is unknown.

    `scan_share` is the part of the data move that grows with the disks.
    """
    recent, level_s = past.is_recent, past.level_s
    if recent.sum() < _LEAST_NIGHTS:
        return Forecast("not_enough_data", "few_nights")
    if level_s > limit_s:
        return Forecast("no_trend", "broken_already")
    if len(sizes.day) < _LEAST_SIZES or sizes.day[-1] - sizes.day[0] < _LEAST_SPAN_DAYS:
        return Forecast("not_enough_data", "few_sizes")
    if np.isnan(scan_share).all() or np.isnan(past.transfer_s[recent]).all():
        return Forecast("not_enough_data", "split_unknown")
    day, log_gb = _thinned(sizes)
    growth = _slope(day, log_gb)
    if growth <= _LEAST_GROWTH or not _goes_on(day, log_gb, growth):
        return Forecast("no_trend", "disks_do_not_grow")
    share = scan_share[~np.isnan(scan_share)]
    grows_s = np.array([np.nanmedian(past.transfer_s[recent]) * share[0]])
    days = float(_days_until(np.array([level_s]), grows_s, np.array([growth]), limit_s)[0])
    origin, last_night = float(np.median(past.night[recent])), float(past.night[-1])
    if origin + days > last_night + HORIZON_DAYS:
        return Forecast("no_trend", "beyond_a_year")
    rng = np.random.default_rng(seed)
    drawn = _growths(day, log_gb, growth, rng)
    if np.quantile(drawn, 0.05) <= _LEAST_GROWTH:
        return Forecast("no_trend", "disks_do_not_grow")
    at = _resampled(int(recent.sum()), rng)
    taken_s, transfer_s = past.taken_s[recent][at], past.transfer_s[recent][at]
    grow_s = np.nanmedian(transfer_s, axis=1) * rng.permutation(np.resize(share, _DRAWS))
    return _dated(days, _days_until(np.median(taken_s, axis=1), grow_s, drawn, limit_s), origin, last_night)


def _dated(middle: float, drawn: Floats, origin: float, last_night: float) -> Forecast:
    """Days from `origin` to dates, the interval widened around the middle."""
    far = 20.0 * HORIZON_DAYS
    middle = max(middle, 1.0)
    low, high = np.quantile(np.minimum(drawn, far), [0.05, 0.95])
    low = middle * (min(low, middle) / middle) ** _WIDER if low > 0 else 0.0
    high = min(middle * (max(high, middle) / middle) ** _WIDER, far)
    dates = (int(max(last_night + 1, value)) for value in np.ceil(origin + np.array([middle, low, high])))
    return Forecast("trend", "disks_grow", *dates)


def _days_until(taken_s: Floats, grows_s: Floats, growth: Floats, limit_s: float) -> Floats:
    """Solve taken + grows (e^(growth t) - 1) = limit; infinite where it never comes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.log1p(np.maximum(limit_s - taken_s, 0.0) / grows_s) / growth
    return np.where((growth > 0) & (grows_s > 0), days, np.inf)


def _slope(day: Floats, value: Floats) -> float:
    """Theil and Sen's slope a day: the median of the slopes of all pairs."""
    earlier, later = np.triu_indices(len(day), 1)
    apart = day[later] - day[earlier]
    return float(np.median((value[later] - value[earlier])[apart > 0] / apart[apart > 0]))


def _growths(day: Floats, log_gb: Floats, growth: float, rng: np.random.Generator) -> Floats:
    """Slopes of the sizes when blocks of what the growth leaves over are drawn anew."""
    rest = log_gb - growth * day
    block = max(1, int(np.searchsorted(day, day[0] + _BLOCK_DAYS)))
    begins = rng.integers(0, len(day), (_DRAWS, -(-len(day) // block)))
    at = (begins[:, :, None] + np.arange(block)).reshape(_DRAWS, -1)[:, : len(day)] % len(day)
    earlier, later = np.triu_indices(len(day), 1)
    slopes = (rest[at][:, later] - rest[at][:, earlier]) / (day[later] - day[earlier])
    found: Floats = growth + np.median(slopes, axis=1)
    return found


def _thinned(sizes: Sizes) -> tuple[Floats, Floats]:
    """Days and logarithms of the sizes; of many the medians of equal parts, so that pairs stay few."""
    log_gb = np.log(np.maximum(sizes.gb, 1e-3))
    if len(sizes.day) <= _MOST_POINTS:
        return sizes.day, log_gb
    parts = np.array_split(np.arange(len(sizes.day)), _MOST_POINTS)
    middle = [(np.median(sizes.day[part]), np.median(log_gb[part])) for part in parts]
    day, value = np.array(middle).T
    return day, value


def _goes_on(day: Floats, log_gb: Floats, growth: float) -> bool:
    """Whether both halves of the time grew: one disk that was enlarged once is no trend."""
    half = day[0] + (day[-1] - day[0]) / 2
    halves = [day <= half, day >= half]
    return all(
        is_there.sum() < 2 or _slope(day[is_there], log_gb[is_there]) > growth / 3 for is_there in halves
    )


def _resampled(count: int, rng: np.random.Generator) -> Ints:
    """Places of nights drawn in blocks of a week, a row per draw."""
    begins = rng.integers(0, count, (_DRAWS, -(-count // _BLOCK_DAYS)))
    found: Ints = (begins[:, :, None] + np.arange(_BLOCK_DAYS)).reshape(_DRAWS, -1)[:, :count] % count
    return found
