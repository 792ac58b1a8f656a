"""The public measurement of the same structure: four block backups of one growing volume (model.md 1.3, S14)."""

from __future__ import annotations

import numpy as np

from analytics.planning.guest import guest_times
from analytics.planning.jobs import Jobs, chosen
from analytics.planning.rates import fitted
from tests.planning.plain_jobs import plain_jobs

VHD_GIB = np.array([300.0, 320.0, 340.0, 340.0])
SENT_GIB = np.array([300.0, 20.0, 20.0, 0.0])
SECONDS = np.array([1838.0, 496.0, 537.0, 400.0])


def kopia() -> Jobs:
    """The runs, a night each, in GiB."""
    night = 20_000 + np.arange(4)
    start_s = night * 86400.0
    end_s = start_s + SECONDS
    known = {f"{name}_s": start_s for name in ("started", "asked", "granted", "snapshot", "moving")}
    known |= {f"{name}_s": end_s for name in ("moved", "released", "ended")}
    return plain_jobs(np.zeros(4, np.int64), night=night, vhd_gb=VHD_GIB, sent_gb=SENT_GIB, **known)


class TestKopia:
    def test_rates(self):
        """A GiB read costs 1.22 s, overhead spread over it, and a GiB changed 4.98 s; the runs are met within 5 %."""
        rates = fitted(kopia(), 2)
        read = rates.overhead_s[0] + rates.scan_s_per_gb[0, 0] * VHD_GIB
        found = (read + rates.sent_s_per_gb[0, 0] * SENT_GIB) * rates.vm_factor[0, 0]

        assert abs(np.median(read / VHD_GIB) / 1.22 - 1) < 0.03
        assert abs(rates.sent_s_per_gb[0, 0] / 4.98 - 1) < 0.03
        assert (np.abs(found / SECONDS - 1) < 0.05).all()

    def test_unseen_run(self):
        """The run without changes, left out, is predicted at 432 s; it took 400 s, and data by time says 0."""
        rates = fitted(chosen(kopia(), np.arange(4) < 3), 2)
        found = (rates.overhead_s[0] + rates.scan_s_per_gb[0, 0] * 340) * rates.vm_factor[0, 0]

        assert abs(found - 432) < 4
        assert abs(found / 400 - 1) < 0.1

    def test_four_runs_prove_nothing(self):
        """Four jobs are grade D, and of a guest-level backup only a bound is said."""
        rates = fitted(kopia())
        times = guest_times(kopia(), rates)

        assert (rates.grade, times.grade) == (("D",), ("D",))
        assert times.is_bound.all()
        assert np.isnan(times.p50_s).all()
