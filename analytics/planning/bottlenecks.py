"""What holds each VM up most: its volume, its DPM server, DPM's queue, the cap of its host, or none of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.causes import CAUSES, JobCauses
from analytics.planning.jobs import Floats, Ints, Jobs
from analytics.planning.move_parts import move_parts, taken
from analytics.planning.rates import Rates

__all__ = ["Bottlenecks", "bottlenecks"]

_KINDS = ("volume", "server", "queue", "host_cap", "none")
_LEAST_SHARE = 0.15
_LEAST_SURE = 2 / 3
_LEAST_JOBS = 3
_SEED = 83


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """By VM, in the order of the Jobs' labels."""

    kind: tuple[str, ...]
    """volume, server, queue, host_cap, none or not_enough_data."""
    confidence: Floats
    """Share of the draws (of rates and nights) that name the same, NaN where nothing is named."""
    share: Floats
    """(vms, 4): of the VM's time since its tasks were created, what volume, server, queue and host cap cost."""


def bottlenecks(jobs: Jobs, rates: Rates, causes: JobCauses) -> Bottlenecks:
    """What costs each VM most, summed over its nights, and at least 15 % of its time, in two of three draws; else none.

    Volume: contention on it and waits for claims on it. Server: contention on the DPM server. Queue: time before the
    task started. Host cap: waits for claims while nobody held the VM's volume. At least three jobs must be known.
    """
    if not len(jobs):
        return Bottlenecks((), np.empty(0), np.empty((0, 4)))
    is_taken, _ = taken(jobs, rates)
    counted = is_taken & (jobs.vm >= 0)
    nights, night = np.unique(jobs.night, return_inverse=True)
    draws = len(rates.overhead_s)
    drawn = np.random.default_rng(_SEED).multinomial(
        len(nights), np.full(len(nights), 1 / len(nights)), draws - 1
    )
    weight = np.vstack([np.ones(len(nights)), drawn])
    vms = len(jobs.vms)
    lost = np.zeros((draws, vms, 4))
    for at, parts in move_parts(jobs, rates, is_taken):
        counts = weight[:, night[at]] * counted[at]
        lost[:, :, 0] += _by_vm(parts[:, :, 1] * counts, jobs.vm[at], vms)
        lost[:, :, 1] += _by_vm(parts[:, :, 2] * counts, jobs.vm[at], vms)
    cell = night * vms + np.maximum(jobs.vm, 0)

    def drawn_sums(seconds: Floats) -> Floats:
        """(draws, vms) of what no draw of the rates changes: the sums of each night as often as it was drawn."""
        sums = np.bincount(cell, counted * np.nan_to_num(seconds), minlength=len(nights) * vms)
        return np.asarray(weight @ sums.reshape(len(nights), vms))

    wait_s, is_host = causes.seconds[:, CAUSES.index("claim_wait")], np.array(causes.waits.is_host, bool)
    lost[:, :, 0] += drawn_sums(np.where(is_host, 0, wait_s))
    lost[:, :, 2] = drawn_sums(causes.seconds[:, CAUSES.index("queue")])
    lost[:, :, 3] = drawn_sums(np.where(is_host, wait_s, 0))
    whole = drawn_sums(jobs.ended_s - jobs.scheduled_s)
    share = lost / np.where(whole > 0, whole, np.nan)[:, :, None]
    named = np.where(np.nan_to_num(share).max(axis=2) < _LEAST_SHARE, 4, np.nan_to_num(share).argmax(axis=2))
    is_known = np.bincount(jobs.vm[counted], minlength=vms) >= _LEAST_JOBS
    found, sure = _surely(named)
    return Bottlenecks(
        tuple(
            _KINDS[int(each)] if known else "not_enough_data"
            for each, known in zip(found, is_known, strict=True)
        ),
        np.where(is_known, sure, np.nan),
        np.where(is_known[:, None], share[0], np.nan),
    )


def _surely(named: Floats) -> tuple[Ints, Floats]:
    """Of each VM what the estimate names, none where fewer than two of three draws do, and the share that name it."""
    kind, drawn = named[0].astype(np.int64), named[1:]
    if not len(drawn):
        return kind, np.full(len(kind), np.nan)
    kind = np.where((drawn == kind).mean(axis=0) < _LEAST_SURE, _KINDS.index("none"), kind)
    return kind, (drawn == kind).mean(axis=0)


def _by_vm(values: Floats, vm: Ints, vms: int) -> Floats:
    place = np.maximum(vm, 0)
    return np.array([np.bincount(place, row, minlength=vms) for row in values])
