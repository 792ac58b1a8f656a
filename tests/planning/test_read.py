"""From logs to arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from analytics.planning.read import jobs_of, read_jobs
from analytics.site import Site
from analytics.sql import open_session
from tests.model.plain_estate import Estate, Run, nightly

SITE = Site(time_zone="UTC")


def rows_of(store) -> pa.Table:
    """All of job_times."""
    with open_session(store, SITE) as session:
        return session.sql("FROM job_times")


class TestReadJobs:
    def test_moments_and_labels(self, tmp_path):
        """Seconds since 1970, the day number of the night, labels in their order."""
        estate = Estate(tmp_path).add(
            [Run("B", 0, start_h=23, hours=2, queued_h=0.5, size=3_000_000_000), Run("A", 1, server="DPM02")]
        )
        jobs = read_jobs(lambda name: rows_of(estate.store) if name == "job_times" else None)

        assert (jobs.vms, jobs.servers, jobs.volumes) == (("A", "B"), ("dpm01", "dpm02"), ())
        place = int(np.flatnonzero(jobs.vm == 1)[0])
        assert jobs.ended_s[place] - jobs.started_s[place] == 7200
        assert jobs.started_s[place] - jobs.scheduled_s[place] == 1800
        assert jobs.sent_gb[place] == 3
        assert jobs.started_s[place] == (jobs.night[place] * 24 + 23) * 3600
        assert np.isnan(jobs.moving_s).all()
        assert np.isnan(jobs.vhd_gb).all()
        assert (jobs.volume == -1).all()
        assert jobs.is_good.all()
        assert jobs.is_full.all()

    def test_order_of_rows_is_nothing(self, tmp_path):
        """The same arrays from the same rows in another order."""
        rows = rows_of(Estate(tmp_path).add(nightly("A", range(4)) + nightly("B", range(4))).store)
        again = rows.take(pa.array(np.random.default_rng(1).permutation(len(rows))))

        first, second = jobs_of(rows), jobs_of(again)
        assert first.job_id == second.job_id
        np.testing.assert_array_equal(first.started_s, second.started_s)
        np.testing.assert_array_equal(first.vm, second.vm)

    def test_no_jobs(self, tmp_path):
        """Arrays without elements."""
        jobs = jobs_of(rows_of(Estate(tmp_path).store))

        assert len(jobs) == 0
        assert jobs.night.dtype == np.int64
