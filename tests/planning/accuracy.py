"""How near rates and causes come: `python -m tests.planning.accuracy [estates] [first seed]`, minutes for 20.

The estates' law is not the fitted one (tests/planning/estate.py): stages that overlap by another power, throughput that
falls with a power of the streams and only above a threshold, servers that are shared fairly.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace

import numpy as np

from analytics.planning.causes import CAUSES, JobCauses, job_causes
from analytics.planning.jobs import Floats
from analytics.planning.rates import fitted
from analytics.planning.sample import sample_of
from tests.planning.estate import Estate, Knobs, make

SETTINGS = {
    "ordinary": Knobs(),
    "contention twice": Knobs(contention=2),
    "both twice": Knobs(contention=2, server_contention=2),
    "no contention": Knobs(contention=0, server_contention=0),
    "0.5 % changed": Knobs(changed=0.005),
    "10 % changed": Knobs(changed=0.10),
    "7 nights": Knobs(nights=7),
    "12 VMs": Knobs(vms=12, volumes=3),
    "noise 0.25": Knobs(noise=0.25),
    "15 % outliers": Knobs(outliers=0.15),
    "serial claims": Knobs(volume_cap=1),
}
GRADED = {
    "ordinary": Knobs(),
    "shuffled sizes": Knobs(is_shuffled=True),
    "shuffled, 12 VMs": Knobs(is_shuffled=True, vms=12, volumes=3),
    "equal sizes": Knobs(has_equal_sizes=True),
    "one per volume": Knobs(vms=6),
    "nothing changed": Knobs(changed=0),
    "three nights": Knobs(nights=3),
}
_APART = 0.2


def main(estates: int = 20, first: int = 0) -> None:
    """Print the three tables."""
    seeds = range(first, first + estates)
    print(f"Scan share of each past data move, {estates} estates each; named: larger of volume and server")
    print(
        f"{'':18}{'median error':>14}{'90 % below':>12}{'in range':>10}{'job named':>11}{'VM named':>10}{'told':>7}"
    )
    for name, knobs in SETTINGS.items():
        found = [_shares(make(replace(knobs, seed=seed))) for seed in seeds]
        print(name.ljust(18) + _line(found), flush=True)
    print("\nGrades by volume")
    for name, knobs in GRADED.items():
        print(name.ljust(18), _grades([replace(knobs, seed=seed) for seed in seeds]), flush=True)
    print(
        "\nAll rates of 60 VMs, 30 nights, by a bare bootstrap of scipy's nnls of that size, CPU:", _speed()
    )


def _shares(estate: Estate) -> tuple[Floats, ...]:
    """Errors of shares, whether ranges hold; whether the larger is named, by job and by VM; share of jobs told."""
    jobs, nights = estate.jobs, slice(0, estate.truth.knobs.nights)
    causes = job_causes(jobs, fitted(jobs))
    share, low, high = causes.scan_share
    truth = estate.scan_share[nights].ravel()
    is_told = ~np.isnan(share)
    is_whole = jobs.is_good & ~np.isnan(jobs.transfer_s)
    holds = (low[is_told] <= truth[is_told]) & (truth[is_told] <= high[is_told])
    named = _named(estate, causes, estate.transfer_s[nights].ravel())
    return np.abs(share - truth)[is_told], holds, *named, np.array([is_told[is_whole].mean()])


def _named(estate: Estate, causes: JobCauses, transfer_s: Floats) -> tuple[Floats, Floats]:
    nights, vms = estate.truth.knobs.nights, estate.truth.knobs.vms
    told = [causes.seconds[:, CAUSES.index(f"{kind}_contention")] for kind in ("volume", "server")]
    lost = [getattr(estate.course, f"{kind}_lost_s")[:nights].ravel() for kind in ("volume", "server")]
    is_known = ~np.isnan(told[0])
    found = []
    for group in (np.arange(nights * vms), np.tile(np.arange(vms), nights)):
        sums = [np.bincount(group, np.where(is_known, part, 0)) for part in (*told, *lost, transfer_s)]
        truth = (sums[2] - sums[3]) / np.maximum(sums[4], 1e-9)
        is_apart = np.abs(truth) > _APART
        found.append(np.sign(sums[0] - sums[1])[is_apart] == np.sign(truth)[is_apart])
    return found[0], found[1]


def _line(found: list[tuple[Floats, ...]]) -> str:
    error, holds, by_job, by_vm, told = (np.concatenate(parts) for parts in zip(*found, strict=True))
    means = [part.mean() if part.size else np.nan for part in (holds, by_job, by_vm, told)]
    errors = f"{np.median(error):14.3f}{np.quantile(error, 0.9):12.3f}"
    return f"{errors}{means[0]:10.2f}{means[1]:11.3f}{means[2]:10.3f}{means[3]:7.2f}"


def _grades(knobs: list[Knobs]) -> str:
    rates = [fitted(make(one).jobs, 2) for one in knobs]
    counts = Counter(pair for one in rates for pair in zip(one.grade, one.reason, strict=True))
    split = (
        np.mean([one.is_scan_known.mean() for one in rates]),
        np.mean([one.is_sent_known.mean() for one in rates]),
    )
    listed = ", ".join(f"{grade} {reason} {count}" for (grade, reason), count in counts.most_common())
    return f"{listed}; scan known {split[0]:.2f}, changed data known {split[1]:.2f}"


def _speed() -> str:
    bare_s, rates_s, causes_s = estimate_times()
    return f"{rates_s / bare_s:.1f} (rates), {causes_s / bare_s:.1f} (causes); bare {bare_s:.2f} s"


def estimate_times(draws: int = 100) -> tuple[float, float, float]:
    """Seconds of CPU of a bare bootstrap of scipy's nnls, of all rates and of what each job's time went to."""
    from scipy.optimize import nnls

    jobs = make(Knobs()).jobs
    sample = sample_of(jobs)
    rng = np.random.default_rng(1)
    volume, server = np.eye(sample.volumes)[sample.volume], np.eye(sample.servers)[sample.server]
    size, loads = sample.vhd_gb[:, None], (sample.volume_load[:, None], sample.server_load[:, None])
    ones = np.ones((len(sample), 1))
    rows = np.hstack(
        [ones, size * volume, server * sample.sent_gb[:, None], volume * loads[0], server * loads[1]]
    )
    seconds = np.exp(sample.log_s)
    marks = [time.process_time()]
    for _ in range(draws):
        count = rng.multinomial(len(sample.day), np.full(len(sample.day), 1 / len(sample.day)))[sample.night]
        root = np.sqrt(count) / seconds
        nnls(rows * root[:, None], seconds * root)
    marks.append(time.process_time())
    rates = fitted(jobs, draws)
    marks.append(time.process_time())
    job_causes(jobs, rates)
    marks.append(time.process_time())
    bare_s, rates_s, causes_s = np.diff(marks).tolist()
    return bare_s, rates_s, causes_s


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
