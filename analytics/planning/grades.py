"""How far the rates can be trusted, by volume: what can be told apart, a grade and the reason for it (model.md 2.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.law import Fit, Layout, expected
from analytics.planning.sample import Sample, medians_by

__all__ = ["Grades", "graded", "ungraded"]

_SEED = 61
_SHUFFLES = 400
_LEAST_FIT = 0.5
_LEAST_VMS = 6
_KNOWN_SHARE = 0.10
_KNOWN_RATIO = 0.30


@dataclass(frozen=True, slots=True)
class Grades:
    """By volume, as the fields of Rates that bear the same names."""

    is_scan_known: Bools
    is_sent_known: Bools
    grade: tuple[str, ...]
    reason: tuple[str, ...]


def ungraded(jobs: Jobs, volumes: int) -> Grades:
    """Grades where nothing could be fitted: D, and what is missing."""
    nothing = np.zeros(volumes, bool)
    reason = tuple(_missing(jobs, volume) for volume in range(volumes))
    return Grades(nothing, nothing, ("D",) * volumes, reason)


def graded(jobs: Jobs, sample: Sample, layout: Layout, found: Fit, changed_at: Ints, odd: Bools) -> Grades:
    """Grades of a fit without the `odd` VMs (vms,).

    `changed_at` is the night from which another level holds by volume, -1 where none does.
    """
    fits = _sizes_fit(sample.part(~odd[sample.vm]), layout, found)
    is_scan_known, is_sent_known = _told_apart(sample, layout, found)
    judged = [
        _judged(jobs, sample, volume, bool(fits[volume]), int(changed_at[volume]))
        for volume in range(sample.volumes)
    ]
    can_split = np.array([reason not in _NO_SPLIT for _, reason in judged], bool)
    return Grades(
        is_scan_known & can_split,
        is_sent_known & can_split,
        tuple(grade for grade, _ in judged),
        tuple(reason for _, reason in judged),
    )


_NO_SPLIT = {"no_jobs", "no_sizes", "change_tracking", "all_failed", "too_few_jobs", "sizes_do_not_fit"}


def _judged(jobs: Jobs, sample: Sample, volume: int, do_sizes_fit: bool, changed_at: int) -> tuple[str, str]:
    """Grade and reason of a volume: the first that holds, the worst first."""
    rows = np.flatnonzero((sample.volume == volume) & ~sample.is_open)
    count, nights = len(rows), np.unique(sample.night[rows])
    if not count:
        return "D", _missing(jobs, volume)
    sizes, vms = sample.vhd_gb[rows], len(np.unique(sample.vm[rows]))
    least_load, most_load = np.quantile(sample.volume_load[rows], [0.1, 0.9])
    server_load = sample.server_load[rows]
    seldom = bool(most_load < 0.1)
    after = int((nights >= changed_at).sum()) if changed_at >= 0 else len(nights)
    checks = (
        ("D", "too_few_jobs", count < 3 or int((~sample.is_open).sum()) < 8),
        ("D", "sizes_do_not_fit", not do_sizes_fit),
        ("C", "few_jobs", count < 8),
        ("C", "few_nights", len(nights) < 7),
        ("C", "one_vm", vms == 1),
        ("C", "equal_sizes", sizes.max() < 1.1 * sizes.min()),
        ("C", "few_vms", vms < 3),
        ("C", "no_changed_data", not (sample.is_sent_seen[rows] & (sample.sent_gb[rows] > 0)).any()),
        ("C", "imputed", float(np.mean(sample.is_imputed[rows])) > 0.3),
        ("C", "environment_changed", after < 14 and changed_at >= 0),
        ("C", "never_overlap", seldom and np.quantile(server_load, 0.9) < 0.1),
        ("C", "always_overlap", bool(least_load > 0.9) and float(most_load - least_load) < 0.8),
        ("C", "similar_sizes", sizes.max() < 2 * sizes.min()),
        ("B", "never_overlap", seldom),
        ("B", "own_fit", count < 30 or len(nights) < 14),
    )
    return next(((grade, reason) for grade, reason, holds in checks if holds), ("A", "own_fit"))


def _missing(jobs: Jobs, volume: int) -> str:
    """Why a volume has no data move that could be fitted."""
    of_volume = (jobs.volume == volume) & ~jobs.is_guest & jobs.is_full
    if not of_volume.any():
        return "no_jobs"
    if not (of_volume & jobs.is_compared).any():
        return "change_tracking"
    if not (of_volume & jobs.is_good).any():
        return "all_failed"
    return "no_sizes" if not (jobs.vhd_gb[of_volume & jobs.is_good] > 0).any() else "no_transfers"


def _sizes_fit(sample: Sample, layout: Layout, found: Fit) -> Bools:
    """By volume whether the sizes of its VMs' disks explain how long they take, better than shuffled ones would.

    Correlation within volumes between a VM's typical log time, contention taken off, and its log size: over all
    volumes it has to be 0.5 and above that of each of 400 shuffles, and positive on each volume of six or more VMs.
    Where there are too few VMs for any order to stand out, or all sizes are equal, nothing speaks against them.
    """
    volume, time, size = _by_vm(sample, layout, found)
    is_fit = np.ones(sample.volumes, bool)
    pairs = [
        (_centred(time[volume == place]), _centred(size[volume == place])) for place in range(sample.volumes)
    ]
    several = [place for place, (_, sizes) in enumerate(pairs) if sizes.size > 1 and np.ptp(sizes) > 0.1]
    if not several or sum(np.log(np.arange(1, pairs[place][0].size + 1)).sum() for place in several) < np.log(
        _SHUFFLES
    ):
        return is_fit
    rng = np.random.default_rng(_SEED)
    whole = sum(
        np.sqrt((times @ times) * (sizes @ sizes)) for times, sizes in (pairs[place] for place in several)
    )
    real = sum(float(pairs[place][0] @ pairs[place][1]) for place in several)
    shuffled = np.zeros(_SHUFFLES)
    for place in several:
        times, sizes = pairs[place]
        shuffled += rng.permuted(np.tile(sizes, (_SHUFFLES, 1)), axis=1) @ times
    if real < _LEAST_FIT * whole or real <= shuffled.max():
        return ~is_fit
    for place in several:
        times, sizes = pairs[place]
        is_fit[place] = times.size < _LEAST_VMS or float(times @ sizes) > 0
    return is_fit


def _by_vm(sample: Sample, layout: Layout, found: Fit) -> tuple[Ints, Floats, Floats]:
    """Volume, typical log time alone and log size of each VM that has data moves."""
    _, factor = expected(found.rates, layout, sample)
    # where more was sent than the disks hold, their size is not what counts
    is_sized = ~sample.is_open & (sample.sent_gb <= sample.vhd_gb)
    closed = np.where(is_sized, sample.log_s - np.log(factor), np.nan)
    time = medians_by(sample.vm, closed, sample.vms)
    size = medians_by(sample.vm, np.log(sample.vhd_gb), sample.vms)
    volume = np.full(sample.vms, -1)
    volume[sample.vm] = sample.volume
    has = ~np.isnan(time)
    return volume[has], time[has], size[has]


def _centred(values: Floats) -> Floats:
    return values - values.mean() if values.size else values


def _told_apart(sample: Sample, layout: Layout, found: Fit) -> tuple[Bools, Bools]:
    """By volume whether scan can be told from overhead, and from changed data, by the rows alone.

    Overhead: its standard error is below a tenth of the typical time alone. Changed data: that of its rate by the
    scan's is below 0.3 of it (model.md 2.6), at the DPM server of most of the volume's rows.
    """
    # contention near 0 has no slope that rows could show: what is thought of it beforehand counts, of the others not
    trust = np.full(layout.size, 1e-6)
    trust[layout.places()[2].start :] = 1.0
    precision = found.information + np.diag(trust / np.maximum(found.scale, 1e-9) ** 2)
    spread = np.linalg.inv(precision)
    alone, _ = expected(found.rates, layout, sample)
    typical = medians_by(sample.volume, alone, sample.volumes)
    scan, sent, _, _ = layout.places()
    is_scan_known = np.sqrt(spread[0, 0]) < _KNOWN_SHARE * typical
    is_sent_known = np.zeros(sample.volumes, bool)
    for volume in range(sample.volumes):
        servers = sample.server[sample.volume == volume]
        if servers.size:
            at = [scan.start + volume, sent.start + int(np.bincount(servers).argmax())]
            rates = np.maximum(found.rates[at], 1e-12)
            logs = spread[np.ix_(at, at)] / np.outer(rates, rates)
            # below 0 it is lost to rounding: nothing is known
            is_sent_known[volume] = 0 <= logs[0, 0] + logs[1, 1] - 2 * logs[0, 1] < _KNOWN_RATIO**2
    return is_scan_known, is_sent_known
