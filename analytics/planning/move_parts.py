"""Data moves taken apart by `Rates.stages`: scan, contention on volume and DPM server, changed data, overhead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs, completed
from analytics.planning.overlap import loads
from analytics.planning.rates import Rates, Stages
from analytics.planning.sample import medians_by

__all__ = ["can_split", "move_parts", "scan_shares", "taken"]

_WIDEST = 0.25
_LOW, _HIGH = 0.05, 0.95
_AT_ONCE = 2_000


def taken(jobs: Jobs, rates: Rates) -> tuple[Bools, tuple[str, ...]]:
    """Whether a job's data move can be taken apart, and the code of why not, else of its volume's grade."""
    has_volume = jobs.volume >= 0
    grade = np.array([*rates.grade, "D"])[jobs.volume]
    reason = np.array([*rates.reason, "no_volume"])[jobs.volume]
    checks = (
        ("guest_level", jobs.is_guest),
        ("change_tracking", ~jobs.is_compared),
        ("not_ended", ~jobs.is_good),
        ("no_transfers", np.isnan(jobs.moving_s) | np.isnan(jobs.moved_s)),
        ("no_sizes", ~(jobs.vhd_gb > 0)),
        ("sizes_do_not_fit", np.append(rates.is_odd, False)[jobs.vm]),
    )
    # where jobs always ran together nothing tells what one would take alone
    is_taken = has_volume & (grade != "D") & (reason != "always_overlap")
    for name, fails in reversed(checks):
        reason = np.where(fails, name, reason)
        is_taken &= ~fails
    return is_taken, tuple(str(code) for code in reason)


def can_split(jobs: Jobs, rates: Rates, at: Ints, parts: Floats) -> Bools:
    """Whether scan, changed data and overhead of these jobs can be told apart, or what cannot be matters too little."""
    volume = jobs.volume[at]
    is_scan, is_sent = (
        np.append(known, False)[volume] for known in (rates.is_scan_known, rates.is_sent_known)
    )
    low, high = np.quantile(scan_shares(parts), [_LOW, _HIGH], axis=0)
    # bytes that were never seen may be many
    has_sent = np.bincount(jobs.vm, ~np.isnan(jobs.sent_gb), minlength=len(jobs.vms))[jobs.vm[at]] > 0
    return np.asarray(is_scan & has_sent & (is_sent | (high - low < _WIDEST)), dtype=np.bool_)


def scan_shares(parts: Floats) -> Floats:
    """Share of scan in what a job does, (draws, jobs); NaN where it was not taken apart."""
    alone = parts[:, :, (0, 3, 4)].sum(axis=2)
    return np.asarray(parts[:, :, 0] / np.where(alone > 0, alone, np.nan))


def move_parts(jobs: Jobs, rates: Rates, is_taken: Bools) -> Iterator[tuple[Ints, Floats]]:
    """Places of some thousand jobs, and (draws, jobs, 5): scan, volume and server contention, changed data, overhead.

    In seconds, without the VM's factor; 0 where a job is not taken. Contention slows all that a job does; of what both
    kinds cost together each gets the mean of its effect with and without the other.
    """
    jobs = completed(jobs)
    volume_load, server_load = (np.nan_to_num(load) for load in loads(jobs))
    of_vm = medians_by(jobs.vm, jobs.sent_gb, len(jobs.vms))[jobs.vm]
    sent_gb = np.nan_to_num(np.where(np.isnan(jobs.sent_gb), of_vm, jobs.sent_gb))
    for first in range(0, len(jobs), _AT_ONCE):
        at = np.arange(first, min(first + _AT_ONCE, len(jobs)))
        some = at[is_taken[at]]
        rows = _Rows(
            jobs.volume[some],
            jobs.server[some],
            jobs.vhd_gb[some],
            sent_gb[some],
            volume_load[some],
            server_load[some],
        )
        parts = np.zeros((len(rates.overhead_s), len(at), 5))
        parts[:, is_taken[at]] = _parts(rows, rates.stages)
        yield at, parts


class _Rows(NamedTuple):
    """What a job's time depends on."""

    volume: Ints
    server: Ints
    vhd_gb: Floats
    sent_gb: Floats
    volume_load: Floats
    server_load: Floats


def _parts(rows: _Rows, stages: Stages) -> Floats:
    server = np.maximum(rows.server, 0)
    scan = stages.scan_s_per_gb[:, rows.volume] * rows.vhd_gb
    sent = stages.sent_s_per_gb[:, server] * rows.sent_gb
    overhead = np.broadcast_to(stages.overhead_s[:, None], scan.shape)
    power = stages.power[:, None]
    by_volume = (stages.volume_contention[:, rows.volume] * rows.volume_load) ** power
    by_server = (
        stages.server_contention[:, server] * np.where(rows.server < 0, 0, rows.server_load)
    ) ** power
    only_volume, only_server, both = (
        (1 + by) ** (1 / power) for by in (by_volume, by_server, by_volume + by_server)
    )
    half = (scan + sent + overhead) / 2
    on_volume = half * (only_volume - 1 + both - only_server)
    on_server = half * (only_server - 1 + both - only_volume)
    return np.stack([scan, on_volume, on_server, sent, overhead], axis=2)
