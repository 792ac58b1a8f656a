"""What the transfers of an estate imply: rates, contention, each VM's own level, how sure (model.md 2.4 and 2.6).

See `Rates` for the law. The estimate is a robust non-negative fit, pooled first, then by volume and server, shrunk
towards the pooled one; the other draws are a bootstrap by night, one step each from the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.correlated import cells_of, shared, spread_parts
from analytics.planning.grades import Grades, graded, ungraded
from analytics.planning.jobs import Bools, Floats, Ints, Jobs, completed
from analytics.planning.law import (
    MOST_POWER,
    Fit,
    Layout,
    Prior,
    expected,
    fit,
    slope,
    solved,
    vm_logs,
)
from analytics.planning.odd import hidden, is_many, oddest, spread_out
from analytics.planning.sample import Sample, medians_by, sample_of
from analytics.planning.steps import level_steps
from analytics.planning.usual_law import UsualLaw, usual_law

__all__ = ["Rates", "Stages", "fitted"]

_SEED = 20_261_128
_OVERHEAD_S = (12.0, 8.0)
_POWER = (1.0, 1.0)
# by how much no law is right (log): overhead and changed data by scan, measured on estates of another law
_LAW_IS_OFF = (0.8, 0.35)
_ODD_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Stages:
    """The law by which past jobs are taken apart: volume and DPM server work side by side, the slower one counts more.

    `X = (overhead + scan V + sent D) (1 + (volume_contention volume_load)^p + (server_contention server_load)^p)^(1/p)`
    with p = `power`, (draws,) as `overhead_s`; the others as in `Rates`, but at load 0, not at usual loads. The draws
    allow for the law itself being off.
    """

    overhead_s: Floats
    scan_s_per_gb: Floats
    sent_s_per_gb: Floats
    volume_contention: Floats
    server_contention: Floats
    power: Floats


@dataclass(frozen=True, slots=True)
class Rates:
    """What the transfers of an estate imply. Arrays (draws, …); row 0 is the estimate, the others a bootstrap by night.

    Law of a job, in seconds and GB, contention slowing all parts alike:
    `X = (overhead + scan V + sent D) (1 + volume_contention volume_load + server_contention server_load) x vm_factor`
    with lognormal noise; loads are those of `analytics.planning.overlap.loads`. It holds at usual loads: the rates are
    those of `stages` times one level, so that shares of the time are the same by both. A VM's factor is relative to it.
    """

    overhead_s: Floats
    """(draws,)"""
    scan_s_per_gb: Floats
    """(draws, volumes): alone."""
    sent_s_per_gb: Floats
    """(draws, servers): changed data, alone."""
    volume_contention: Floats
    """(draws, volumes): share by which one more job on the volume slows a job."""
    server_contention: Floats
    """(draws, servers): the same for the DPM server."""
    vm_factor: Floats
    """(draws, vms): exp of the VM's typical log residual, shrunk; 1 where it has no job."""
    residual: Floats
    """(jobs,): log of observed by expected with the VM's factor; NaN where unknown or the data move did not end."""
    night_sd: float
    """Spread of what all jobs of a volume share in a night (log)."""
    job_sd: float
    """Spread of single jobs (log)."""
    sent_bound_s_per_gb: Floats
    """(volumes,): all time charged to the bytes sent, a safe upper bound; NaN where no bytes were seen."""
    is_scan_known: Bools
    """(volumes,): whether scan can be told from overhead."""
    is_sent_known: Bools
    """(volumes,): whether scan can be told from changed data."""
    grade: tuple[str, ...]
    """By volume, A to D."""
    reason: tuple[str, ...]
    """By volume, the code of what decided the grade."""
    changed_on: Ints
    """(volumes,): day number from which another level holds; -1 where none does."""
    is_odd: Bools
    """(vms,): whether the sizes of its disks have nothing to do with its times: it takes a third of them, or thrice."""
    stages: Stages
    start: tuple[Floats, Floats]
    """The pooled and the single rates as fitted: where a fit of nearly the same jobs may begin."""


def fitted(jobs: Jobs, draws: int = 100, near: Rates | None = None) -> Rates:
    """Rates of these jobs, seen as `completed`; `draws` rows in all. Deterministic.

    The rates of nearly the same jobs, where there are such, save rounds: a fit ends in the same place from anywhere.
    """
    sample = sample_of(completed(jobs))
    layout = Layout(sample.volumes, sample.servers)
    if not len(sample):
        return _nothing(jobs, sample, draws)
    pooled, prior, found, odd = _first_fit(sample, layout, near)
    kept = ~odd[sample.vm]
    changed_at, step = level_steps(sample, _rest(sample, found))
    if (changed_at >= 0).any():
        is_before = sample.night < changed_at[sample.volume]
        sample = replace(sample, log_s=sample.log_s + np.where(is_before, step[sample.volume], 0.0))
        found = fit(sample.part(kept), layout, prior, found.rates)
        found = spread_out(found, kept, sample, layout)
    rates, counts = _drawn(sample, layout, prior, found, draws)
    usual = usual_law(rates, layout, sample, found.weight)
    log_level = np.log(usual.level)
    mean = log_level[:, sample.volume].mean(axis=1, keepdims=True)
    vm_log, residual = _leftover(sample, layout, rates, usual, found, counts, odd)
    vm_log += _by_vm(sample, log_level - mean)
    night_sd, job_sd = spread_parts(sample, residual)
    by_job = np.full(len(jobs), np.nan)
    by_job[sample.at] = residual
    grades = graded(jobs, sample, layout, found, changed_at, odd)
    changed_on = np.where(changed_at >= 0, sample.day[changed_at], -1)
    return _rates(
        rates, layout, np.exp(mean), usual, grades, changed_on, vm_log, by_job, night_sd, job_sd, odd, sample,
        (pooled, found.rates),
    )  # fmt: skip


def _first_fit(sample: Sample, layout: Layout, near: Rates | None) -> tuple[Floats, Prior, Fit, Bools]:
    """Pooled rates, prior and fit without the VMs whose sizes tell nothing of their times, and these, (vms,)."""
    odd = np.zeros(sample.vms, bool)
    start = near.start if near and near.start[1].size == layout.size else (None, None)
    every = first = _fit_without(sample, layout, odd, start)
    maybe = hidden(sample, every[0])
    if maybe.any() and not is_many(maybe, sample):
        other = _fit_without(sample, layout, maybe, start)
        sure = maybe & oddest(sample, layout, other[2], odd)
        if sure.any():
            odd = sure
            first = other if (sure == maybe).all() else _fit_without(sample, layout, odd, start)
    for _ in range(_ODD_ROUNDS):
        more = oddest(sample, layout, first[2], odd)
        if is_many(more, sample):
            return *every, np.zeros(sample.vms, bool)
        if (more == odd).all():
            break
        odd = more
        first = _fit_without(sample, layout, odd, start)
    return *first, odd


def _fit_without(
    sample: Sample, layout: Layout, odd: Bools, start: tuple[Floats | None, Floats | None]
) -> tuple[Floats, Prior, Fit]:
    kept = ~odd[sample.vm]
    some = sample if kept.all() else sample.part(kept)
    pooled, prior = _prior_of(some, start[0])
    found = fit(some, layout, prior, prior.mean if start[1] is None else start[1])
    return pooled, prior, spread_out(found, kept, sample, layout)


def _rest(sample: Sample, found: Fit) -> Floats:
    """Log residual of each row with its VM's factor, NaN where open."""
    residual = np.where(sample.is_open, np.nan, found.residual)
    return np.asarray(residual - vm_logs(sample, residual, found.spreads)[sample.vm])


def _leftover(
    sample: Sample, layout: Layout, rates: Floats, usual: UsualLaw, found: Fit, counts: Ints, odd: Bools
) -> tuple[Floats, Floats]:
    """Logs of the VMs' factors (draws, vms), and what is left of each row with them (NaN where open).

    The first row of factors are medians, shrunk but for odd VMs; the draws follow how the shrunk mean moves from it.
    """
    alone, _ = expected(rates, layout, sample)
    slowed = 1 + usual.volume_contention[:, sample.volume] * sample.volume_load
    slowed += usual.server_contention[:, sample.server] * sample.server_load
    residual = sample.log_s - np.log(alone * slowed * usual.level[:, sample.volume])
    residual[:, sample.is_open] = np.nan
    first = vm_logs(sample, residual[0], found.spreads)
    first = np.where(odd, np.nan_to_num(medians_by(sample.vm, residual[0], sample.vms)), first)
    weight = np.vstack([np.ones(len(sample)), counts[:, sample.night]]) * found.weight * ~sample.is_open
    total = _sums(sample, weight)
    means = _sums(sample, weight * np.nan_to_num(residual)) / (
        total + found.spreads.sd**2 / max(found.spreads.vm, 0.02) ** 2
    )
    return first + means - means[0], residual[0] - first[sample.vm]


def _sums(sample: Sample, values: Floats) -> Floats:
    return np.array([np.bincount(sample.vm, row, minlength=sample.vms) for row in values])


def _by_vm(sample: Sample, by_volume: Floats) -> Floats:
    """(draws, vms) from (draws, volumes): the volume's of each VM's last row, 0 where it has none."""
    volume = np.full(sample.vms, -1)
    volume[sample.vm] = sample.volume
    return np.where(volume >= 0, by_volume[:, volume], 0.0)


def _rates(
    rates: Floats, layout: Layout, level: Floats, usual: UsualLaw, grades: Grades, changed_on: Ints, vm_log: Floats,
    residual: Floats, night_sd: float, job_sd: float, odd: Bools, sample: Sample, start: tuple[Floats, Floats],
) -> Rates:  # fmt: skip
    scan, sent, volume, server = layout.places()
    wrong = np.exp(np.random.default_rng(_SEED).normal(0, _LAW_IS_OFF, (len(rates), 2)))
    wrong[0] = 1
    stages = Stages(
        rates[:, 0] * wrong[:, 0],
        rates[:, scan],
        rates[:, sent][:, :-1] * wrong[:, 1:],
        rates[:, volume],
        rates[:, server][:, :-1],
        1 + rates[:, -1],
    )
    return Rates(
        overhead_s=level[:, 0] * rates[:, 0],
        scan_s_per_gb=level * rates[:, scan],
        sent_s_per_gb=level * rates[:, sent][:, :-1],
        volume_contention=usual.volume_contention,
        server_contention=usual.server_contention[:, :-1],
        vm_factor=np.exp(vm_log),
        residual=residual,
        night_sd=night_sd,
        job_sd=job_sd,
        sent_bound_s_per_gb=_bounds(sample),
        is_scan_known=grades.is_scan_known,
        is_sent_known=grades.is_sent_known,
        grade=grades.grade,
        reason=grades.reason,
        changed_on=changed_on,
        is_odd=odd,
        stages=stages,
        start=start,
    )


def _nothing(jobs: Jobs, sample: Sample, draws: int) -> Rates:
    layout = Layout(sample.volumes, sample.servers)
    unknown = np.full((draws, layout.size), np.nan)
    residual = np.full(len(jobs), np.nan)
    vm_log = np.zeros((draws, sample.vms))
    usual = UsualLaw(
        *(np.full((draws, count), np.nan) for count in (sample.volumes, sample.volumes, sample.servers))
    )
    grades = ungraded(jobs, sample.volumes)
    never, odd = np.full(sample.volumes, -1), np.zeros(sample.vms, bool)
    return _rates(
        unknown, layout, unknown[:, :1], usual, grades, never, vm_log, residual, np.nan, np.nan, odd, sample,
        (np.zeros(0), np.zeros(0)),
    )  # fmt: skip


def _prior_of(sample: Sample, start: Floats | None) -> tuple[Floats, Prior]:
    """The pooled rates, and they as what is thought of each volume's and server's, spread as in model.md 2.4."""
    each = float(np.median(np.exp(sample.log_s) / sample.vhd_gb))
    pooled = Layout(sample.volumes, sample.servers, is_pooled=True)
    wide = Prior(
        np.array([_OVERHEAD_S[0], 0.6 * each, 1.2 * each, 0.5, 0.3, _POWER[0]]),
        np.array([_OVERHEAD_S[1], 0.6 * each, each, 0.5, 0.3, _POWER[1]]),
    )
    found = fit(sample, pooled, wide, wide.mean if start is None else start)
    overhead, scan, sent, volume, server, power = found.rates
    scan, sent = max(scan, 0.05 * each), max(sent, 0.05 * each)
    counts = [1, sample.volumes, sample.servers, sample.volumes, sample.servers, 1]
    mean = np.repeat([overhead, scan, sent, volume, server, power], counts)
    sd = [_OVERHEAD_S[1], 0.6 * scan, 0.4 * sent, max(0.8 * volume, 0.15), max(0.8 * server, 0.3), _POWER[1]]
    return found.rates, Prior(mean, np.repeat(sd, counts))


def _drawn(sample: Sample, layout: Layout, prior: Prior, found: Fit, draws: int) -> tuple[Floats, Ints]:
    """The estimate and its bootstrap by night, (draws, size), and how often each draw but the first has each night.

    Each draw is one Gauss-Newton step from the estimate with the nights' products counted as often as drawn, and
    with the prior's means drawn, too, so that what the data do not tell spreads as the prior does.
    """
    rng = np.random.default_rng(_SEED)
    nights = len(sample.day)
    if draws == 1:
        return found.rates[None], np.zeros((0, nights), np.int64)
    moments = _by_night(sample, layout, found)
    counts: Ints = rng.multinomial(nights, np.full(nights, 1 / nights), draws - 1).astype(np.int64)
    drawn = np.tensordot(counts, moments, 1)
    means = np.abs(rng.normal(prior.mean, prior.sd, (draws - 1, layout.size)))
    steps = [
        solved(both[:-1, :-1], both[:-1, -1], Prior(mean, prior.sd))
        for both, mean in zip(drawn, means, strict=True)
    ]
    rates = np.vstack([found.rates, *steps])
    rates[:, -1] = np.minimum(rates[:, -1], MOST_POWER - 1)
    return rates, counts


def _by_night(sample: Sample, layout: Layout, found: Fit) -> Floats:
    """(nights, size + 1, size + 1): products of independent rows with their target as one more column."""
    gradient = slope(found.rates, layout, sample)
    target = found.residual + gradient @ found.rates
    off = shared(sample, gradient, target, found.weight, found.spreads)
    cell, weight = cells_of(sample)[0], found.weight / found.spreads.job**2
    moments = np.empty((len(sample.day), layout.size + 1, layout.size + 1))
    for night in range(len(sample.day)):
        at = np.flatnonzero(sample.night == night)
        rows = np.column_stack([gradient[at].dense(), target[at]])
        rows -= off.by_night[cell[at]] + off.by_vm[sample.vm[at]]
        moments[night] = (rows * weight[at, None]).T @ rows
    return moments


def _bounds(sample: Sample) -> Floats:
    """By volume the 10 % quantile of time by GB sent (model.md 2.6)."""
    is_row = sample.is_sent_seen & (sample.sent_gb > 0)
    each = np.exp(sample.log_s[is_row]) / sample.sent_gb[is_row]
    by_volume = (each[sample.volume[is_row] == volume] for volume in range(sample.volumes))
    return np.array([np.quantile(some, 0.1) if some.size else np.nan for some in by_volume])
