"""Jobs as arrays: what the estimates read of the logs, in seconds and GB (10^9 bytes)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "Jobs", "by_vm", "chosen", "completed", "first_each_night", "typical"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Jobs:
    """Attempts, one array element each, in the order of `job_id`.

    `vm`, `volume`, `server` and `host` are indices into the labels beside them, -1 where the log names none. Moments
    are seconds since 1970, UTC, NaN where unknown; what happens between them is the contract's section 6. `night` is
    the day number of the local date on which the backup window opens (days since 1970).
    """

    job_id: tuple[str, ...]
    vms: tuple[str, ...]
    volumes: tuple[str, ...]
    servers: tuple[str, ...]
    hosts: tuple[str, ...]
    vm: Ints
    volume: Ints
    server: Ints
    host: Ints
    night: Ints
    scheduled_s: Floats
    """When DPM created the task, else when the attempt started."""
    started_s: Floats
    asked_s: Floats
    """When the claim on the volume was first asked for."""
    granted_s: Floats
    snapshot_s: Floats
    moving_s: Floats
    """When the data move began."""
    moved_s: Floats
    """When the data move ended."""
    released_s: Floats
    ended_s: Floats
    """When the attempt ended; of a running one, until when it is known to run."""
    vhd_gb: Floats
    sent_gb: Floats
    is_guest: Bools
    is_good: Bools
    is_running: Bools
    is_full: Bools
    """Whether it makes the nightly recovery point: a consistency check or a first replica does not."""
    is_compared: Bools
    """Whether whole disks were read, or nothing says how changes were found."""
    is_refused: Bools
    """Whether a claim was refused: another backup held its volume, whoever else ran on its host."""
    is_imputed: Bools
    """Whether `moving_s` or `moved_s` was put in by `completed`."""

    def __len__(self) -> int:
        return len(self.job_id)

    @property
    def transfer_s(self) -> Floats:
        """Length of the data move; of one that did not end well, how long it lasted at least."""
        return np.where(np.isnan(self.moved_s), self.ended_s, self.moved_s) - self.moving_s


_LABELS = frozenset({"vms", "volumes", "servers", "hosts"})


def chosen(jobs: Jobs, which: Bools | Ints) -> Jobs:
    """Some of the jobs, in the same order where `which` is a mask; the labels stay as they are."""
    at = np.flatnonzero(which) if which.dtype == np.bool_ else which
    taken = {
        field.name: getattr(jobs, field.name)[at]
        for field in fields(jobs)
        if field.name not in _LABELS and field.name != "job_id"
    }
    return replace(jobs, job_id=tuple(jobs.job_id[place] for place in at), **taken)


def completed(jobs: Jobs) -> Jobs:
    """The jobs with the missing ends of a data move put in, and `is_imputed` where that was done.

    The data move of a good job is taken to begin as long after its start, and to end as long before its end, as
    it typically does on that estate (medians; reference/model.md 2.4, 1). Where no job shows both, nothing is put in.
    """
    begun = np.where(np.isnan(jobs.granted_s), jobs.started_s, jobs.granted_s)
    lead_s = typical(jobs.moving_s - begun)
    trail_s = typical(jobs.ended_s - jobs.moved_s)
    lacks_begin = np.isnan(jobs.moving_s) & ~np.isnan(begun) & (jobs.is_good | jobs.is_running)
    lacks_end = np.isnan(jobs.moved_s) & ~np.isnan(jobs.ended_s) & jobs.is_good
    moving_s = np.where(lacks_begin, begun + lead_s, jobs.moving_s)
    moved_s = np.where(lacks_end, np.maximum(jobs.ended_s - trail_s, moving_s), jobs.moved_s)
    return replace(jobs, moving_s=moving_s, moved_s=moved_s, is_imputed=lacks_begin | lacks_end)


def first_each_night(jobs: Jobs, which: Bools, moment_s: Floats) -> Ints:
    """Of these jobs the first of each VM and night by a moment, as places ordered by VM and night."""
    at = np.flatnonzero(which)
    at = at[np.lexsort((moment_s[at], jobs.night[at], jobs.vm[at]))]
    vm, night = jobs.vm[at], jobs.night[at]
    is_first = np.ones(len(at), dtype=bool)
    is_first[1:] = (vm[1:] != vm[:-1]) | (night[1:] != night[:-1])
    found: Ints = at[is_first]
    return found


def by_vm(jobs: Jobs, at: Ints) -> dict[int, Ints]:
    """Places that are ordered by VM, by the VM."""
    parts = np.split(at, np.flatnonzero(np.diff(jobs.vm[at])) + 1)
    return {int(jobs.vm[part[0]]): part for part in parts if len(part)}


def typical(values: Floats) -> float:
    """The median of what is known, NaN where nothing is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")
