"""What the fit finds of estates whose truth is known, and how sure it says it is."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.jobs import chosen
from analytics.planning.rates import fitted
from tests.planning.estate import Knobs, make

ESTATES = [Knobs(seed=21), Knobs(seed=22, contention=2), Knobs(seed=23, changed=0.1)]


@pytest.fixture(scope="module", params=ESTATES, ids=["ordinary", "contention", "changed"])
def pair(request):
    """An estate and its rates."""
    estate = make(request.param)
    return estate, fitted(estate.jobs)


def scan_share(estate, rates, row: int = 0):
    """Share of the data move that reading takes, past nights by VMs, as the rates have it."""
    truth, nights = estate.truth, estate.truth.knobs.nights
    scan = rates.scan_s_per_gb[row][truth.volume] * estate.shown_gb
    sent = rates.sent_s_per_gb[row][truth.server] * estate.nature.sent_gb[:nights]
    return scan / (rates.overhead_s[row] + scan + sent)


class TestEstimate:
    def test_scan_share(self, pair):
        """The share that reading takes is found, also under contention and with much changed data."""
        estate, rates = pair
        error = np.abs(scan_share(estate, rates) - estate.scan_share[: estate.truth.knobs.nights])

        assert np.median(error) < 0.03
        assert np.quantile(error, 0.9) < 0.08

    def test_residuals(self, pair):
        """What is left is the noise that the estate has, by job and by night and volume."""
        _, rates = pair

        assert abs(np.nanmedian(rates.residual)) < 0.02
        assert 0.09 < rates.job_sd < 0.2
        assert 0.04 < rates.night_sd < 0.16

    def test_draws(self, pair):
        """Draws are as many as asked, none negative, around the estimate, and the same each time."""
        estate, rates = pair
        again = fitted(estate.jobs)

        assert rates.scan_s_per_gb.shape == (100, 6)
        assert rates.vm_factor.shape == (100, 60)
        assert min(rates.scan_s_per_gb.min(), rates.volume_contention.min(), rates.sent_s_per_gb.min()) >= 0
        low, high = np.quantile(rates.scan_s_per_gb[1:], [0.01, 0.99], axis=0)
        assert ((low <= rates.scan_s_per_gb[0]) & (rates.scan_s_per_gb[0] <= high)).all()
        assert np.array_equal(rates.scan_s_per_gb, again.scan_s_per_gb)
        assert np.array_equal(rates.vm_factor, again.vm_factor)

    def test_bound(self, pair):
        """No VM's true cost of changed data exceeds the bound that charges it with all the time."""
        estate, rates = pair

        assert (rates.sent_bound_s_per_gb > estate.truth.sent_s_per_gb.max()).all()


class TestTooLittle:
    def test_no_jobs(self):
        """Without a job nothing is known, and each volume says so."""
        jobs = make(Knobs(seed=3, vms=6, volumes=2, nights=3)).jobs
        rates = fitted(chosen(jobs, np.zeros(len(jobs), bool)))

        assert rates.grade == ("D", "D")
        assert rates.reason == ("no_jobs", "no_jobs")
        assert np.isnan(rates.scan_s_per_gb).all()
