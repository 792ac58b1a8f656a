"""The pilot: few VMs, large gains, unlike each other; none where nothing is to be learned or moved."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.guest import guest_times
from analytics.planning.pilot import Pilot, pilot
from analytics.planning.rates import fitted
from tests.planning.estate import Estate, Knobs, make


def of(knobs: Knobs, can_move=None) -> tuple[Pilot, np.ndarray, Estate]:
    """The pilot of an estate, and what it would gain by VM."""
    estate = make(knobs)
    times = guest_times(estate.jobs, fitted(estate.jobs))
    host_s = np.nanmedian(estate.course.ended_s - estate.nature.start_s, axis=0)
    able = np.ones(knobs.vms, bool) if can_move is None else can_move
    return pilot(estate.jobs, times, host_s, able), host_s - times.p50_s, estate


@pytest.fixture(scope="module")
def chosen():
    """That of an estate without guest-level jobs."""
    return of(Knobs(seed=41, vms=30, volumes=5, nights=14))


class TestPilot:
    def test_few_large_and_unlike(self, chosen):
        """Five VMs of several volumes, the largest gain among them, none below the typical one, sizes spread out."""
        found, gain, estate = chosen
        sizes = estate.truth.vhd_gb[found.vms]

        assert len(set(found.vms)) == len(found.vms) == 5
        assert found.vms[0] == np.nanargmax(gain)
        assert (gain[found.vms] > 0).all()
        assert gain[found.vms].mean() > np.nanmean(gain)
        assert len(set(estate.truth.volume[found.vms])) >= 3
        assert sizes.max() > 2 * sizes.min()

    def test_says_what_will_be_known(self, chosen):
        """The others reach grade B, and what is believed of them becomes narrower, but never exact."""
        found, _, _ = chosen

        assert (found.reason, found.grade, found.nights) == ("pilot", "B", 14)
        assert all(1 < part.then < part.now for part in found.known)

    def test_then_it_is_grade_b(self):
        """In the estate in which three VMs of it are at guest level, the rest has the grade that was promised."""
        after = make(Knobs(seed=41, vms=30, volumes=5, nights=28, moved_after=14, moves=3))
        times = guest_times(after.jobs, fitted(after.jobs))

        assert "B" in times.grade
        assert "no_guest_jobs" not in times.reason

    def test_not_where_seen(self):
        """Where guest-level jobs are in the logs there is no pilot."""
        assert of(Knobs(seed=42, vms=12, volumes=2, nights=8, guests=4))[0].reason == "guest_jobs_seen"

    def test_not_who_may_not(self):
        """VMs that may not be moved are not chosen; where two are left there is no pilot."""
        can_move = np.arange(12) % 2 == 0
        found, _, _ = of(Knobs(seed=43, vms=12, volumes=2, nights=8), can_move)
        none, _, _ = of(Knobs(seed=43, vms=12, volumes=2, nights=8), np.arange(12) < 2)

        assert len(found.vms) == 3
        assert (found.vms % 2 == 0).all()
        assert (none.reason, len(none.vms)) == ("too_few_vms", 0)
