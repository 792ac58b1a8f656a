"""The estates that estimates are measured on do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.jobs import chosen, completed
from tests.planning.estate import Knobs, make, run


@pytest.fixture(scope="module")
def estate():
    """An estate of common size."""
    return make(Knobs(seed=1, vms=24, nights=8))


class TestEstate:
    def test_caps_hold_and_all_end(self, estate):
        """No volume or host holds more claims at once than its cap, and every job ends."""
        course, truth = estate.course, estate.truth
        for granted, ended in zip(course.granted_s, course.ended_s, strict=True):
            is_held = (granted <= granted[:, None] + 1e-6) & (ended > granted[:, None] + 1e-6)
            for place in (truth.volume, truth.host):
                assert ((is_held @ np.eye(6)[place]) <= 3).all()
        assert np.isfinite(course.ended_s).all()

    def test_time_is_work_plus_what_others_cost(self, estate):
        """A data move lasts its work alone plus what it lost to the others on its volume and server."""
        whole = estate.truth.host_work_gb(estate.nature.sent_gb) * estate.nature.noise
        done = np.where(np.isnan(estate.nature.fails_at), 1, estate.nature.fails_at)
        lost = estate.course.volume_lost_s + estate.course.server_lost_s

        assert np.allclose(estate.transfer_s, whole * done / estate.truth.solo_rate + lost)
        assert lost.sum() > 0.2 * estate.transfer_s.sum()

    def test_moves_relieve_the_others(self, estate):
        """Where half of the VMs are at guest level, the rest end earlier on the whole."""
        is_guest = np.zeros(estate.is_guest.shape, dtype=bool)
        is_guest[:, ::2] = True
        after = run(estate.truth, estate.nature, is_guest)

        assert after.ended_s[:, 1::2].mean() < estate.course.ended_s[:, 1::2].mean()
        assert (after.moved_s - after.moving_s)[:, ::2].mean() < 0.3 * estate.transfer_s[:, ::2].mean()

    def test_without_contention_nothing_is_lost(self):
        """With both kinds of contention off, each job runs as if alone."""
        alone = make(Knobs(seed=2, vms=12, nights=3, contention=0, server_contention=0))

        assert np.abs(alone.course.volume_lost_s).max() < 1e-6
        assert np.abs(alone.course.server_lost_s).max() < 1e-6


class TestCompleted:
    def test_missing_ends_are_put_in(self, estate):
        """Every good job has both ends of its data move afterwards, near the truth; those that were seen stay."""
        jobs = completed(estate.jobs)
        truth = estate.transfer_s[:8].ravel()
        is_put = jobs.is_imputed & jobs.is_good

        assert not np.isnan(jobs.transfer_s[jobs.is_good]).any()
        assert 0.05 < is_put.mean() < 0.25
        assert np.median(np.abs(jobs.transfer_s[is_put] - truth[is_put])) < 60
        assert np.allclose(
            jobs.transfer_s[~jobs.is_imputed], truth[~jobs.is_imputed], atol=1e-3, equal_nan=True
        )

    def test_chosen_keeps_labels(self, estate):
        """A choice of jobs keeps the order and the labels."""
        few = chosen(estate.jobs, estate.jobs.vm == 3)

        assert len(few) == 8
        assert few.vms == estate.jobs.vms
        assert list(few.job_id) == sorted(few.job_id)
