"""The next night: near what happens, in ranges that hold, refused or withdrawn where past nights say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.jobs import Jobs, chosen
from analytics.planning.predict import Due, HitRate, Predictions, hit_rate, predicted
from analytics.planning.rates import fitted
from tests.planning.estate import FIRST_NIGHT, WINDOW_OPENS_S, Knobs, make

VMS, NIGHTS = 30, 20
OPENS_S = (FIRST_NIGHT + NIGHTS) * 86400 + WINDOW_OPENS_S


def due(vms: int = VMS, limit_s: float = np.nan, night: int = FIRST_NIGHT + NIGHTS) -> Due:
    """All VMs, to end so long after the window opens."""
    return Due(np.arange(vms), np.full(vms, night), np.full(vms, OPENS_S + limit_s), np.full(vms, np.nan))


def of(jobs: Jobs, limit_s: float = 4 * 3600.0) -> Predictions:
    """What is predicted from these jobs."""
    return predicted(jobs, fitted(jobs, 2), due(len(jobs.vms), limit_s))


@pytest.fixture(scope="module")
def estate():
    """An estate whose next nights are known."""
    return make(Knobs(seed=51, vms=VMS, volumes=3, nights=NIGHTS, future=12))


@pytest.fixture(scope="module")
def found(estate):
    """What is predicted of it."""
    return of(estate.jobs)


@pytest.fixture(scope="module")
def truth(estate):
    """The data moves of the nights to come, NaN where a job failed."""
    return np.where(np.isnan(estate.nature.fails_at), estate.transfer_s, np.nan)[estate.future]


def slower(jobs: Jobs, factor: np.ndarray) -> Jobs:
    """The same jobs with every data move stretched."""
    more = jobs.transfer_s * (factor - 1)
    return replace(
        jobs,
        moved_s=jobs.moved_s + more,
        released_s=jobs.released_s + more,
        ended_s=jobs.ended_s + np.nan_to_num(more),
    )


class TestNextNight:
    def test_near_what_happens(self, found, truth):
        """The middle is near, and the range holds what it says."""
        known = ~np.isnan(truth)
        held = (found.low_s <= truth) & (truth <= found.high_s)

        assert np.nanmedian(np.abs(found.transfer_p50_s / truth - 1)) < 0.22
        assert 0.85 < held[known].mean() < 0.96
        assert (found.low_s < found.transfer_p50_s).all()
        assert (found.transfer_p50_s < found.high_s).all()

    def test_probability_holds(self, estate, found):
        """Of limits that do not depend on the outcome as many are met as predicted."""
        ended_s = np.where(np.isnan(estate.nature.fails_at), estate.course.ended_s, np.nan)[estate.future]
        for factor in (0.7, 1.0, 1.4):
            limit_s = factor * (found.finish_p50_s - OPENS_S)
            meets = predicted(
                estate.jobs,
                fitted(estate.jobs, 2),
                replace(due(), closes_s=OPENS_S + limit_s),
            ).p_meets
            assert (
                abs(np.nanmean(np.where(np.isnan(ended_s), np.nan, ended_s <= limit_s)) - meets.mean()) < 0.12
            )

    def test_limit_is_the_nearer_one(self, estate, found):
        """A limit of duration counts from the start; without a limit there is no probability."""
        rates = fitted(estate.jobs, 2)
        short = predicted(estate.jobs, rates, replace(due(limit_s=1e6), max_duration_s=np.full(VMS, 60.0)))
        none = predicted(estate.jobs, rates, due())

        assert (short.p_meets < 0.05).all()
        assert np.isnan(none.p_meets).all()
        assert (none.finish_p50_s == found.finish_p50_s).all()

    def test_grown_disk(self, estate):
        """A disk that doubled on the last night is expected to take almost twice as long, the others as before."""
        last = (estate.jobs.vm == 3) & (estate.jobs.night == FIRST_NIGHT + NIGHTS - 1)
        before, grown = (
            of(replace(estate.jobs, vhd_gb=np.where(last, factor * estate.jobs.vhd_gb, estate.jobs.vhd_gb)))
            for factor in (1.0, 2.0)
        )
        ratio = grown.transfer_p50_s / before.transfer_p50_s

        assert 1.6 < ratio[3] < 2.0
        assert np.abs(np.delete(ratio, 3) - 1).max() < 0.03


class TestOwnHitRate:
    def test_counts(self, found):
        """Seven past nights are walked over; about nine of ten held, and grades are A."""
        assert found.hit_rate.nights == 7
        assert found.hit_rate.jobs > 150
        assert 0.82 < found.hit_rate.share <= 0.98
        assert set(found.grade) == {"A"}

    def test_nothing_from_the_night_itself(self, estate):
        """Were the last nights five times as long, the walk misses most of them: it knows only what came before."""
        late = estate.jobs.night >= FIRST_NIGHT + NIGHTS - 2
        jobs = slower(estate.jobs, np.where(late, 5.0, 1.0))
        hits = hit_rate(jobs)

        assert hits.share < found_share(estate) - 0.1
        # where the fits begin tells them nothing
        assert abs(hit_rate(jobs, fitted(jobs)).share - hits.share) < 0.02

    def test_withdrawn(self, estate):
        """Where nights alternate in blocks that nothing explains, predictions miss, and say so."""
        wild = np.where(estate.jobs.night >= FIRST_NIGHT + NIGHTS - 5, 4.0, 1.0)
        found = of(slower(estate.jobs, wild * np.where(estate.jobs.night % 2, 2.0, 0.5)))

        assert found.hit_rate.is_withdrawn
        assert set(found.reason) == {"hit_rate"}
        assert set(found.grade) == {"D"}

    def test_few_jobs_tell_nothing(self):
        """Without ten jobs to judge by there is no hit rate, and nothing is withdrawn for it."""
        assert not HitRate(float("nan"), 1, 9).is_withdrawn
        assert HitRate(0.79, 7, 100).is_withdrawn
        assert not HitRate(0.81, 7, 100).is_withdrawn


def found_share(estate) -> float:
    """The hit rate of the estate as it is."""
    return hit_rate(estate.jobs).share


class TestTooLittle:
    @pytest.mark.parametrize("nights", [0, 1, 3, 6])
    def test_few_nights(self, estate, nights):
        """Few nights are grade C at best and say so, none is D; a range only where something calibrates it."""
        found = of(chosen(estate.jobs, estate.jobs.night < FIRST_NIGHT + nights))

        assert set(found.grade) <= {"C", "D"}
        assert set(found.reason) <= {"few_nights", "no_jobs"}
        assert np.isnan(found.low_s).all() == (nights < 2)
        assert np.isnan(found.transfer_p50_s).all() == (nights == 0)
        assert np.isnan(found.hit_rate.share)

    def test_one_vm(self, estate):
        """One VM with six nights has a middle, but nothing calibrates a range or a probability."""
        found = of(chosen(estate.jobs, (estate.jobs.vm == 2) & (estate.jobs.night < FIRST_NIGHT + 6)))

        assert found.transfer_p50_s[2] > 0
        assert np.isnan([found.low_s[2], found.high_s[2], found.p_meets[2]]).all()

    def test_all_failed(self, estate):
        """Where nothing ended well nothing is predicted."""
        found = of(replace(estate.jobs, is_good=np.zeros(len(estate.jobs), bool)))

        assert set(found.reason) == {"no_jobs"}
        assert np.isnan(found.p_meets).all()


class TestOnlyWhatMatters:
    @staticmethod
    def same(one, other, shift_s: float = 0.0) -> bool:
        """Whether two predictions agree, moments later by so much."""
        names = ("transfer_p50_s", "low_s", "high_s", "p_meets")
        close = all(np.allclose(getattr(one, name), getattr(other, name), rtol=1e-6) for name in names)
        return (
            close and np.allclose(one.finish_p50_s + shift_s, other.finish_p50_s) and one.grade == other.grade
        )

    def test_order_and_unit(self, estate, found):
        """Rows in another order, sizes in GiB: the same."""
        mixed = chosen(estate.jobs, np.random.default_rng(7).permutation(len(estate.jobs)))
        gib = replace(estate.jobs, vhd_gb=estate.jobs.vhd_gb / 1.0737, sent_gb=estate.jobs.sent_gb / 1.0737)

        assert self.same(found, of(mixed))
        assert self.same(found, of(gib))

    def test_names(self, estate, found):
        """VMs under other names: the same for each."""
        places = np.random.default_rng(8).permutation(VMS)
        other = of(replace(estate.jobs, vm=places[estate.jobs.vm]))

        assert np.allclose(found.transfer_p50_s, other.transfer_p50_s[places])
        assert np.allclose(found.p_meets, other.p_meets[places])

    def test_zone(self, estate, found):
        """Everything two hours later, limits, too: all ends two hours later."""
        names = (name for name in Jobs.__dataclass_fields__ if name.endswith("_s"))
        jobs = replace(estate.jobs, **{name: getattr(estate.jobs, name) + 7200 for name in names})
        later = predicted(jobs, fitted(jobs, 2), due(limit_s=4 * 3600 + 7200))

        assert self.same(found, later, 7200)

    def test_same_bytes(self, estate, found):
        """Computed again, every byte is the same."""
        again = of(estate.jobs)

        assert found.high_s.tobytes() == again.high_s.tobytes()
        assert found.p_meets.tobytes() == again.p_meets.tobytes()
