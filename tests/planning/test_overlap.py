"""Loads are time-average numbers of other jobs, counted here second by second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.planning.jobs import chosen
from analytics.planning.overlap import loads
from tests.planning.estate import Knobs, make


def by_hand(jobs, job: int, places) -> float:
    """Mean over time of the weight of the others at the same place."""
    begin, end = jobs.moving_s, jobs.moving_s + jobs.transfer_s
    others = (places == places[job]) & (np.arange(len(jobs)) != job)
    together = np.minimum(end, end[job]) - np.maximum(begin, begin[job])
    weight = np.where(jobs.is_guest, 0.35, 1.0) * others
    return float(np.nansum(np.maximum(together, 0) * weight) / (end[job] - begin[job]))


class TestLoads:
    def test_against_pairwise_overlaps(self):
        """Each job's loads are the sums of its overlaps with the others by its length, guests at 0.35."""
        jobs = make(Knobs(seed=5, vms=20, nights=3, guests=4)).jobs
        volume_load, server_load = loads(jobs)
        known = np.flatnonzero(~np.isnan(jobs.transfer_s))

        assert np.allclose(volume_load[known], [by_hand(jobs, job, jobs.volume) for job in known])
        assert np.allclose(server_load[known], [by_hand(jobs, job, jobs.server) for job in known])
        assert np.isnan(np.delete(volume_load, known)).all()
        assert server_load[known].max() > 1.5

    def test_unknown_places(self):
        """A job whose volume is not named has no load there, and is none for others; its server's stays."""
        jobs = make(Knobs(seed=5, vms=8, volumes=1, nights=1, missing_stamps=0)).jobs
        lost = replace(jobs, volume=np.where(jobs.vm == 0, -1, 0))
        without = chosen(jobs, jobs.vm != 0)

        assert np.isnan(loads(lost)[0][0])
        assert np.array_equal(loads(lost)[1], loads(jobs)[1])
        assert np.allclose(loads(lost)[0][1:], loads(without)[0])

    def test_no_jobs(self):
        """Nothing in, nothing out."""
        jobs = make(Knobs(seed=5, vms=4, volumes=1, nights=1)).jobs
        nobody = chosen(jobs, np.zeros(len(jobs), bool))

        assert [len(found) for found in loads(nobody)] == [0, 0]
