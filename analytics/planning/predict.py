"""The next night of each VM: how long its data move takes, when it ends, how often such predictions held before.

Where the rates of a volume are grade D, its VMs' own nights alone count, so that a grade here is that of those nights.
Ranges are calibrated on the user's own past nights: each night is predicted from the others, in five turns. What the
report says of itself is the hit rate: past nights predicted from those before them only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.calibrated import Errors, errors_of
from analytics.planning.jobs import Floats, Ints, Jobs, chosen, completed
from analytics.planning.levels import Nights, levels, middles, nights_of
from analytics.planning.rates import Rates, fitted

_FOLDS = 5
_WEEK, _TWO_WEEKS = 7, 14
_MOST_WALKED, _FEWEST_WALKED, _ENOUGH_JOBS = 7, 3, 500
"""Past nights that are predicted: so many that they have enough jobs, as each needs a fit of its own."""
_FEWEST_HITS = 10
_LEAST_HITS, _MOST_HITS = 0.80, 0.98
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Due:
    """The VMs that are due and their limits: arrays of one length. Moments in seconds since 1970, NaN where no rule."""

    vm: Ints
    night: Ints
    """Day number of the local date on which the window opens."""
    closes_s: Floats
    max_duration_s: Floats


@dataclass(frozen=True, slots=True)
class HitRate:
    """How often the 90 % range held the data move of a past night, predicted from the nights before it."""

    share: float
    """NaN where fewer than ten jobs tell."""
    nights: int
    jobs: int

    @property
    def is_withdrawn(self) -> bool:
        """Whether it held so seldom, below 80 %, that no advice may rest on predictions."""
        return self.share < _LEAST_HITS


@dataclass(frozen=True, slots=True)
class Predictions:
    """Of each VM that is due, in the order of `Due`; NaN where nothing tells. Seconds; moments since 1970."""

    transfer_p50_s: Floats
    low_s: Floats
    high_s: Floats
    """The 90 % range of the data move."""
    finish_p50_s: Floats
    """Moment."""
    p_meets: Floats
    """Probability to end by the limit if nothing fails."""
    grade: tuple[str, ...]
    reason: tuple[str, ...]
    hit_rate: HitRate


def predicted(jobs: Jobs, rates: Rates, due: Due, hits: HitRate | None = None) -> Predictions:
    """The next night of each VM that is due, from jobs that `rates` were fitted on. Deterministic.

    `hits` are those of the same jobs, where they are known.
    """
    filled = completed(jobs)
    outlook = _outlook(filled, rates)
    hits = hits or hit_rate(jobs, rates)
    pick = due.vm
    nights = outlook.nights
    low, high = outlook.transfer.ends(pick)
    transfer_s = np.exp(outlook.level[pick])
    took_s = outlook.lead_s[pick] + transfer_s + outlook.tail_s[pick]
    start_s = due.night * _DAY_S + middles(nights.start_s - nights.night * _DAY_S, nights.is_known)[pick]
    allowed_s = np.fmin(due.closes_s - start_s, due.max_duration_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.log(np.maximum(allowed_s, 0.0) / took_s)
    graded = [
        _grade(outlook, rates, int(vm), hits, bool(np.isnan(end))) for vm, end in zip(pick, high, strict=True)
    ]
    return Predictions(
        transfer_p50_s=transfer_s,
        low_s=transfer_s * np.exp(low),
        high_s=transfer_s * np.exp(high),
        finish_p50_s=start_s + took_s,
        p_meets=outlook.whole.below(pick, room),
        grade=tuple(grade for grade, _ in graded),
        reason=tuple(reason for _, reason in graded),
        hit_rate=hits,
    )


def hit_rate(jobs: Jobs, near: Rates | None = None) -> HitRate:
    """Predict the last nights, each from those before it, where at least seven are: seven, of large estates three.

    `near` are the rates of all nights, from which the fits begin: they end where they would without.
    """
    nights = np.unique(jobs.night)
    held = jobs_count = 0
    wanted = -(-_ENOUGH_JOBS // max(len(jobs.vms), 1))
    wanted = min(max(wanted, _FEWEST_WALKED), _MOST_WALKED)
    walked = nights[_WEEK:][-wanted:]
    seen = 0
    for night in walked:
        before, on = completed(chosen(jobs, jobs.night < night)), completed(chosen(jobs, jobs.night == night))
        near = fitted(before, 1, near)
        outlook = _outlook(before, near)
        is_row = on.is_good & on.is_full & (on.vm >= 0) & (on.transfer_s > 0) & ~on.is_imputed
        low, high = outlook.transfer.ends(on.vm)
        apart = np.log(np.where(is_row, on.transfer_s, 1.0)) - outlook.level[on.vm]
        is_row &= ~np.isnan(apart + low + high)
        held += int((is_row & (low <= apart) & (apart <= high)).sum())
        jobs_count += int(is_row.sum())
        seen += bool(is_row.any())
    return HitRate(held / jobs_count if jobs_count >= _FEWEST_HITS else float("nan"), seen, jobs_count)


@dataclass(frozen=True, slots=True)
class _Outlook:
    """By VM: what is expected of a night, and how far off such expectations were."""

    nights: Nights
    level: Floats
    lead_s: Floats
    tail_s: Floats
    transfer: Errors
    whole: Errors


def _outlook(jobs: Jobs, rates: Rates) -> _Outlook:
    nights = nights_of(jobs, rates)
    known = nights.is_known
    fold = np.searchsorted(np.unique(nights.night[known]), nights.night) % _FOLDS
    transfer, whole = (np.full(known.shape, np.nan) for _ in range(2))
    took_s = nights.lead_s + np.exp(nights.log_s) + nights.tail_s
    for turn in range(_FOLDS):
        out = known & (fold == turn)
        level, lead_s, tail_s = _expected(nights, known & ~out)
        with np.errstate(divide="ignore", invalid="ignore"):
            transfer = np.where(out, nights.log_s - level[:, None], transfer)
            whole = np.where(out, np.log(took_s / (lead_s + np.exp(level) + tail_s)[:, None]), whole)
    volumes = len(jobs.volumes)
    errors = (errors_of(found, nights.volume, volumes) for found in (transfer, whole))
    return _Outlook(nights, *_expected(nights, known), *errors)


def _expected(nights: Nights, keep: np.ndarray) -> tuple[Floats, Floats, Floats]:
    return levels(nights, keep), middles(nights.lead_s, keep), middles(nights.tail_s, keep)


def _grade(outlook: _Outlook, rates: Rates, vm: int, hits: HitRate, is_open: bool) -> tuple[str, str]:
    """Grade and reason of a VM: the first that holds, the worst first."""
    count, volume = int(outlook.nights.is_known[vm].sum()), int(outlook.nights.volume[vm])
    has_changed = volume >= 0 and bool(rates.changed_on[volume] >= 0)
    checks = (
        ("D", "no_jobs", not count),
        ("D", "hit_rate", hits.is_withdrawn),
        ("C", "environment_changed", has_changed and count < _TWO_WEEKS),
        ("C", "few_nights", count < _WEEK),
        ("C", "not_calibrated", is_open),
        ("B", "own_nights", count < _TWO_WEEKS or not hits.share <= _MOST_HITS),
    )
    return next(((grade, reason) for grade, reason, holds in checks if holds), ("A", "own_nights"))
