"""Guest-level times: near the truth, wide where they must be, learned from guest jobs, refused where nothing tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.beside import beside
from analytics.planning.guest import guest_times
from analytics.planning.jobs import Jobs, chosen, completed
from analytics.planning.learned import learned
from analytics.planning.overlap import loads
from analytics.planning.rates import fitted
from tests.planning.alone import moved_alone
from tests.planning.estate import Knobs, make


@pytest.fixture(scope="module")
def estate():
    """An estate without guest-level jobs."""
    return make(Knobs(seed=31, vms=24, volumes=3, nights=20))


@pytest.fixture(scope="module")
def times(estate):
    """Its guest-level times."""
    return guest_times(estate.jobs, fitted(estate.jobs))


def same(one, other, places=None):
    """Whether two results agree, the other's VMs taken from those places."""
    order = np.arange(len(one.grade)) if places is None else places
    close = all(
        np.allclose(getattr(one, name), getattr(other, name)[..., order], rtol=1e-6, equal_nan=True)
        for name in ("before_s", "alone_s", "slow", "after_s")
    )
    return close and one.grade == tuple(other.grade[place] for place in order)


class TestPriorsOnly:
    def test_near_the_truth(self, estate, times):
        """The middle is within a factor that the priors explain, and the range holds what it says."""
        which = np.arange(24)
        truth = moved_alone(estate, which)

        assert np.median(np.abs(times.p50_s / truth - 1)) < 0.42
        assert ((times.low_s <= truth) & (truth <= times.high_s)).mean() > 0.8
        assert (truth <= times.high_s).mean() > 0.88

    def test_never_surer_than_its_priors(self, times):
        """Without guest jobs no grade is above C, and an upper end is well above the middle."""
        assert set(times.grade) == {"C"}
        assert set(times.reason) == {"no_guest_jobs"}
        assert (times.high_s > 1.3 * times.p50_s).all()
        assert (times.low_s < times.p50_s).all()

    def test_probability_follows_the_limit(self, times):
        """Half of the draws are within the middle, nearly all within the upper end."""
        assert np.allclose(times.p_within(times.p50_s), 0.5, atol=0.01)
        assert np.allclose(times.p_within(times.high_s), 0.95, atol=0.01)
        assert np.isnan(times.p_within(np.full(24, np.nan))).all()

    def test_first_replica_apart(self, estate):
        """The first replica takes a whole read, or the network's time where that is longer."""
        rates = fitted(estate.jobs)
        free, narrow = (guest_times(estate.jobs, rates, net) for net in (np.inf, 0.001))

        assert np.allclose(narrow.first_replica_s, estate.truth.vhd_gb.round() / 0.0008)
        assert (free.first_replica_s < narrow.first_replica_s).all()
        assert (free.first_replica_s > free.p50_s).mean() > 0.9


class TestGuestJobs:
    def test_replace_priors(self):
        """Ten guest-level VMs tell the overhead of the others, which the prior misses by half."""
        estate = make(Knobs(seed=32, vms=30, volumes=3, nights=20, guests=10))
        rates = fitted(estate.jobs)
        slow = replace(
            estate.jobs, started_s=estate.jobs.started_s - 600, scheduled_s=estate.jobs.scheduled_s - 600
        )
        times, later = (guest_times(jobs, rates) for jobs in (estate.jobs, slow))

        assert set(times.grade) == {"B"}
        assert set(times.reason) == {"guest_jobs"}
        assert np.median(later.before_s) > np.median(times.before_s) + 400

    def test_few_are_no_proof(self):
        """Two guest-level VMs leave the grade at C and say so."""
        estate = make(Knobs(seed=33, vms=12, volumes=2, nights=10, guests=2))
        times = guest_times(estate.jobs, fitted(estate.jobs))

        assert set(times.grade) == {"C"}
        assert "few_guest_jobs" in times.reason

    def test_phi_is_learned_after_moves(self):
        """Where VMs were moved, what is tracked by what was compared comes out near the truth; else nothing does."""
        moved = make(Knobs(seed=34, vms=24, volumes=3, nights=28, moved_after=14, moves=12))
        known = learned(completed(moved.jobs), np.ones(len(moved.jobs)))
        which = np.argsort(-moved.truth.vhd_gb)[:12]
        still = make(Knobs(seed=34, vms=24, volumes=3, nights=14, guests=5))

        assert known.moved == 12
        assert abs(known.phi.mean - np.log(moved.truth.phi[which]).mean()) < 0.15
        assert set(guest_times(moved.jobs, fitted(moved.jobs)).grade) <= {"A", "B"}
        assert learned(completed(still.jobs), np.ones(len(still.jobs))).moved == 0


class TestRefusals:
    def test_bound_only(self, estate):
        """Where nothing tells scanning from changed data there is no middle, only an end that is above the truth."""
        rates = fitted(estate.jobs)
        times = guest_times(estate.jobs, replace(rates, grade=("D",) * 3, reason=("sizes_do_not_fit",) * 3))

        assert np.isnan(times.p50_s).all()
        assert set(times.reason) == {"sizes_do_not_fit"}
        assert (times.high_s > moved_alone(estate, np.arange(24))).mean() > 0.97

    def test_no_changed_bytes(self, estate):
        """A VM whose changed data is never logged gets no number; the others keep theirs."""
        jobs = replace(estate.jobs, sent_gb=np.where(estate.jobs.vm == 0, np.nan, estate.jobs.sent_gb))
        times = guest_times(jobs, fitted(jobs))

        assert (times.grade[0], times.reason[0]) == ("D", "no_changed_bytes")
        assert np.isnan(times.p50_s[0])
        assert np.isnan(times.p_within(np.full(24, 1e9))[0])
        assert not np.isnan(times.p50_s[1:]).any()

    @pytest.mark.parametrize("nights", [0, 1, 3])
    def test_few_nights(self, estate, nights):
        """Few nights, or none, lower the grade and never crash."""
        jobs = chosen(estate.jobs, estate.jobs.night < estate.jobs.night.min() + nights)
        times = guest_times(jobs, fitted(jobs))

        assert set(times.grade) <= {"C", "D"}
        assert len(times.grade) == 24
        assert np.isnan(times.p50_s).all() == (nights == 0)

    def test_all_failed(self, estate):
        """Where no job ended well nothing is said."""
        jobs = replace(estate.jobs, is_good=np.zeros(len(estate.jobs), bool))
        times = guest_times(jobs, fitted(jobs))

        assert set(times.grade) == {"D"}
        assert np.isnan(times.p50_s).all()


class TestBeside:
    def test_own_interval_is_the_load(self, estate):
        """At the moments at which a job did move data, who is beside it is its load, but for who would move up."""
        jobs = completed(estate.jobs)
        moved_s = jobs.moving_s + jobs.transfer_s
        alone = replace(jobs, asked_s=jobs.granted_s)

        for found, load in zip(beside(alone, jobs.moving_s, moved_s), loads(jobs), strict=True):
            assert np.allclose(found, load, atol=1e-6, equal_nan=True)
        assert np.nanmean(beside(jobs, jobs.moving_s, moved_s)[0] - loads(jobs)[0]) > 0.1

    def test_nobody_before_the_window(self, estate):
        """Hours before the first job nobody is beside."""
        jobs = completed(estate.jobs)
        early = np.full(len(jobs), np.nanmin(jobs.started_s) - 7200)

        assert (beside(jobs, early, early + 3600)[0] == 0).all()


def renamed(jobs: Jobs) -> tuple[Jobs, np.ndarray]:
    """The same jobs with the VMs' names, and so their places, in another order; where each VM stands now."""
    places = np.random.default_rng(5).permutation(len(jobs.vms))
    return replace(jobs, vm=places[jobs.vm]), places


class TestOnlyWhatMatters:
    def test_names_do_not_matter(self, estate, times):
        """VMs under other names get the same draws."""
        jobs, places = renamed(estate.jobs)

        assert same(times, guest_times(jobs, fitted(jobs)), places)

    def test_order_of_rows_does_not_matter(self, estate, times):
        """Jobs in another order give the same draws."""
        jobs = chosen(estate.jobs, np.random.default_rng(6).permutation(len(estate.jobs)))

        assert same(times, guest_times(jobs, fitted(jobs)))

    def test_zone_does_not_matter(self, estate, times):
        """Everything nine hours later gives the same draws."""
        later = {
            name: getattr(estate.jobs, name) + 9 * 3600
            for name in Jobs.__dataclass_fields__
            if name.endswith("_s")
        }
        jobs = replace(estate.jobs, **later)

        assert same(times, guest_times(jobs, fitted(jobs)))

    def test_unit_does_not_matter(self, estate, times):
        """GiB instead of GB on all sizes gives the same seconds."""
        jobs = replace(
            estate.jobs, vhd_gb=estate.jobs.vhd_gb / 1.073741824, sent_gb=estate.jobs.sent_gb / 1.073741824
        )

        assert same(times, guest_times(jobs, fitted(jobs)))

    def test_same_bytes(self, estate, times):
        """Computed again, every byte is the same."""
        again = guest_times(estate.jobs, fitted(estate.jobs))

        assert times.total_s.tobytes() == again.total_s.tobytes()
