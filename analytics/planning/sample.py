"""What the estimates read of the jobs: one row per data move at host level whose volume, size and length are known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs
from analytics.planning.overlap import loads

__all__ = ["Sample", "medians_by", "sample_of"]

_SHORTEST_S = 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of the fit; `at` is the place of each among the jobs. A server that is unknown counts as one more server."""

    at: Ints
    vm: Ints
    volume: Ints
    server: Ints
    night: Ints
    """From 0, without gaps."""
    day: Ints
    """Day number by night."""
    log_s: Floats
    is_open: Bools
    """Whether the data move did not end: it lasted at least so long."""
    is_imputed: Bools
    vhd_gb: Floats
    sent_gb: Floats
    is_sent_seen: Bools
    volume_load: Floats
    server_load: Floats
    vms: int
    volumes: int
    servers: int

    def __len__(self) -> int:
        return len(self.at)

    def part(self, which: Bools) -> Sample:
        """Some of the rows."""
        rows = {name: getattr(self, name)[which] for name in _ROWS}
        return replace(self, **rows)


_ROWS = (
    "at", "vm", "volume", "server", "night", "log_s", "is_open", "is_imputed", "vhd_gb", "sent_gb", "is_sent_seen",
    "volume_load", "server_load",
)  # fmt: skip


def sample_of(jobs: Jobs) -> Sample:
    """The rows of `completed` jobs; bytes sent that are missing are the VM's typical share of its disk, else 0."""
    seconds = jobs.transfer_s
    is_open = ~jobs.is_good
    is_row = ~jobs.is_guest & jobs.is_full & jobs.is_compared & (jobs.volume >= 0) & (jobs.vm >= 0)
    is_row &= (seconds >= _SHORTEST_S) & (jobs.vhd_gb > 0) & np.where(is_open, True, ~np.isnan(jobs.moved_s))
    at = np.flatnonzero(is_row).astype(np.int64)
    volume_load, server_load = loads(jobs)
    day, night = np.unique(jobs.night[at], return_inverse=True)
    vhd_gb, is_seen = jobs.vhd_gb[at], ~np.isnan(jobs.sent_gb[at]) & ~is_open[at]
    return Sample(
        at=at,
        vm=jobs.vm[at],
        volume=jobs.volume[at],
        server=np.where(jobs.server[at] < 0, len(jobs.servers), jobs.server[at]),
        night=night.astype(np.int64),
        day=day.astype(np.int64),
        log_s=np.log(seconds[at]),
        is_open=is_open[at],
        is_imputed=jobs.is_imputed[at],
        vhd_gb=vhd_gb,
        sent_gb=_filled(jobs.sent_gb[at], is_seen, vhd_gb, jobs.vm[at], len(jobs.vms)),
        is_sent_seen=is_seen,
        volume_load=np.nan_to_num(volume_load[at]),
        server_load=np.nan_to_num(server_load[at]),
        vms=len(jobs.vms),
        volumes=len(jobs.volumes),
        servers=len(jobs.servers) + 1,
    )


def _filled(sent_gb: Floats, is_seen: Bools, vhd_gb: Floats, vm: Ints, vms: int) -> Floats:
    share = np.where(is_seen, sent_gb / vhd_gb, np.nan)
    everywhere = float(np.median(share[is_seen])) if is_seen.any() else 0.0
    typical = medians_by(vm, share, vms)
    return np.where(is_seen, sent_gb, np.where(np.isnan(typical), everywhere, typical)[vm] * vhd_gb)


def medians_by(group: Ints, values: Floats, groups: int) -> Floats:
    """Median of the values that are known in each group, NaN where there is none."""
    is_known = ~np.isnan(values)
    group, values = group[is_known], values[is_known]
    order = np.argsort(values)
    # small numbers sort by radix: thrice as fast as a sort by both at once
    order = order[np.argsort(group[order].astype(np.min_scalar_type(groups)), kind="stable")]
    values = values[order]
    count = np.bincount(group, minlength=groups)
    start = np.cumsum(count) - count
    middle = np.full(groups, np.nan)
    some = count > 0
    low, high = (start + (count - 1) // 2)[some], (start + count // 2)[some]
    middle[some] = (values[low] + values[high]) / 2
    return middle
