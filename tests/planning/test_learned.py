"""Beliefs on guest level: as assumed where nothing was seen, and normal by normal where VMs were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.planning.jobs import Jobs
from analytics.planning.learned import Belief, learned
from tests.planning.plain_jobs import plain_jobs

DAY_S = 86_400.0
S_PER_GB = 10.0


def guests(nights: int, *, ratio: float = 1.5, lead_s: float = 100.0, vms: int = 1, **more: Any) -> Jobs:
    """Guest-level jobs that wait `lead_s` and then take ratio x 10 s per GB; 10 GB and one more each night."""
    vm, night = np.divmod(np.arange(vms * nights), nights)
    start_s = 1e6 + night * DAY_S
    sent_gb = 10.0 + night
    moving_s = start_s + lead_s
    moved_s = moving_s + ratio * S_PER_GB * sent_gb
    given = {
        "night": night,
        "started_s": start_s,
        "moving_s": moving_s,
        "moved_s": moved_s,
        "ended_s": moved_s + 30,
    }
    return plain_jobs(vm, **(given | {"sent_gb": sent_gb, "is_guest": np.ones(len(vm), bool)} | more))


def of(jobs: Jobs) -> Any:
    """What is learned, where a GB costs 10 s at host level."""
    return learned(jobs, np.full(len(jobs), S_PER_GB))


def posterior(mean: float, sd: float, seen: list[float], error: float) -> tuple[float, float, float]:
    """The middle, its variance and the spread between VMs, by the textbook; half of the prior's is between VMs."""
    half, values = sd**2 / 2, np.array(seen)
    apart = np.maximum((values - np.median(values)) ** 2 - error**2, 0).sum()
    between = (4 * half + apart) / (4 + len(values) - 1)
    precision = 1 / half + len(values) / (between + error**2)
    return (mean / half + values.sum() / (between + error**2)) / precision, 1 / precision, between


def is_near(belief: Belief, expected: tuple[float, float, float]) -> bool:
    """Whether a belief is the expected one."""
    return (belief.mean, belief.sd**2, belief.vm_sd**2) == pytest.approx(expected, rel=1e-6)


class TestNothingSeen:
    def test_as_assumed(self):
        """Two minutes of overhead, a GB as dear as at host level, 1.4 GB tracked for each compared."""
        found = of(plain_jobs(np.zeros(3, np.int64), started_s=np.zeros(3)))

        assert np.exp([found.overhead.mean, found.ratio.mean, found.phi.mean]) == pytest.approx(
            [120, 1.0, 1.4]
        )
        assert (found.guests, found.moved) == (0, 0)
        for belief, sd in ((found.overhead, 0.5), (found.ratio, 0.22), (found.phi, 0.22)):
            assert (belief.sd**2, belief.vm_sd**2) == pytest.approx((sd**2 / 2, sd**2 / 2))
            assert (belief.own[0], belief.own_sd[0]) == pytest.approx((belief.mean, sd))

    def test_no_jobs(self):
        """No VM, no belief of its own."""
        found = of(plain_jobs(np.zeros(0, np.int64), started_s=np.zeros(0)))

        assert (len(found.ratio.own), found.guests, found.moved) == (0, 0, 0)


class TestCosts:
    @pytest.mark.parametrize(("nights", "is_seen"), [(2, False), (3, True)])
    def test_three_nights(self, nights, is_seen):
        """Fewer show nothing; what they show is off by a fifth a night, as medians are."""
        found = of(guests(nights))

        assert found.guests == is_seen
        if is_seen:
            error = 1.25 * 0.2 / 3**0.5
            assert is_near(found.ratio, posterior(0.0, 0.22, [np.log(1.5)], error))
            assert is_near(found.overhead, posterior(np.log(120.0), 0.5, [np.log(100.0)], error))

    def test_its_own(self):
        """A VM that was seen is believed by what it shows, beside what all show; the others by the latter."""
        found = of(guests(4)).ratio
        error = 1.25 * 0.2 / 2
        own = 1 / (1 / found.vm_sd**2 + 1 / error**2)

        assert found.own_sd[0] ** 2 == pytest.approx(own)
        assert found.own[0] == pytest.approx(own * (found.mean / found.vm_sd**2 + np.log(1.5) / error**2))

    def test_vms_that_differ(self):
        """Their spread counts beside the assumed one, which counts for four VMs."""
        ratio = np.repeat([1.0, 1.0, 2.0], 4)
        jobs = guests(4, ratio=ratio, vms=3)
        found = of(jobs)
        ours = np.log(np.array([1.0, 1.0, 2.0]))

        assert found.guests == 3
        assert found.ratio.vm_sd**2 == pytest.approx(posterior(0.0, 0.22, list(ours), 0.125)[2], rel=0.02)
        assert found.ratio.own[2] > found.ratio.own[0]

    @pytest.mark.parametrize(
        "change",
        [
            {"is_good": np.arange(4) < 2},
            {"is_full": np.arange(4) < 2},
            {"sent_gb": np.array([10.0, 11.0, np.nan, 0.0])},
            {"is_guest": np.arange(4) < 2},
        ],
    )
    def test_which_jobs(self, change):
        """Good full backups at guest level whose changed data is known and above 0."""
        assert of(guests(4, **change)).guests == 0

    def test_without_data_moves(self):
        """Where no job shows its data move, its whole time counts: overhead is what does not grow with the data."""
        nothing = np.full(6, np.nan)
        jobs = guests(6, ratio=1.0, lead_s=100.0, moving_s=nothing, moved_s=nothing)
        found = of(jobs)

        # 130 s beside 10 s per GB
        assert is_near(found.overhead, posterior(np.log(120.0), 0.5, [np.log(130.0)], 0.25 / 6**0.5))
        assert is_near(found.ratio, posterior(0.0, 0.22, [0.0], 0.25 / 6**0.5))

    def test_the_end_of_a_data_move(self):
        """Where it is not logged, it is as long before the end as it typically is."""
        whole = guests(5)
        moved_s = np.where(np.arange(5) == 2, np.nan, whole.moved_s)

        assert is_near(
            of(guests(5, moved_s=moved_s)).ratio, posterior(0.0, 0.22, [np.log(1.5)], 0.25 / 5**0.5)
        )


class TestPhi:
    def moved(self, before: list[float], after: list[float], **more: Any) -> Any:
        """A VM that sent so much each night at host level, then so much at guest level."""
        sent_gb = np.array(before + after)
        night = np.arange(len(sent_gb))
        start_s = 1e6 + night * DAY_S
        known = {"night": night, "started_s": start_s, "ended_s": start_s + 600, "sent_gb": sent_gb}
        known |= {"is_guest": night >= len(before)}
        return of(plain_jobs(np.zeros(len(night), np.int64), **(known | more)))

    @pytest.mark.parametrize(
        ("before", "after", "is_seen"),
        [(3, 3, True), (2, 3, False), (3, 2, False), (0, 9, False), (9, 0, False)],
    )
    def test_three_nights_each_side(self, before, after, is_seen):
        """Fewer show nothing; what steady nights show is off by five per cent."""
        found = self.moved([10.0] * before, [20.0] * after)

        assert found.moved == is_seen
        if is_seen:
            assert is_near(found.phi, posterior(np.log(1.4), 0.22, [np.log(2.0)], 0.05))

    def test_nights_that_differ(self):
        """The error is that of two medians."""
        before, after = np.exp([1.0, 1.2, 1.4, 1.6, 1.8]), np.exp([2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6])
        found = self.moved(list(before), list(after))
        spreads = 1.4826 * np.array([0.2, 0.2])
        error = (1.57 * (spreads[0] ** 2 / 5 + spreads[1] ** 2 / 7)) ** 0.5

        assert is_near(found.phi, posterior(np.log(1.4), 0.22, [2.3 - 1.4], error))

    def test_two_weeks_each_side(self):
        """The last fourteen nights before and the first fourteen after count."""
        found = self.moved([999.0] * 20 + [10.0] * 14, [20.0] * 14 + [999.0] * 20)

        assert is_near(found.phi, posterior(np.log(1.4), 0.22, [np.log(2.0)], 0.05))

    @pytest.mark.parametrize(
        "change",
        [{"is_compared": np.arange(8) >= 2}, {"is_good": np.arange(8) >= 2}, {"is_full": np.arange(8) >= 2}],
    )
    def test_which_nights(self, change):
        """Before, compares of whole disks; on both sides good full backups."""
        found = self.moved([10.0] * 4, [20.0] * 4, **change)

        assert found.moved == 0
        assert self.moved([10.0] * 5, [20.0] * 3, **change).moved == 1
