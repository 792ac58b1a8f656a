"""A VM whose size has nothing to do with its times: the rates of the others are as without it, and it is not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.move_parts import taken
from analytics.planning.rates import fitted
from tests.planning.estate import Knobs, make

ESTATE = make(Knobs(seed=5, vms=24, volumes=3, nights=10))


def resized(factor: float, *vms: int):
    """The jobs with other sizes logged of these VMs."""
    jobs = ESTATE.jobs
    return replace(jobs, vhd_gb=np.where(np.isin(jobs.vm, vms), factor * jobs.vhd_gb, jobs.vhd_gb))


def test_one_is_left_out():
    """Terabytes that are backed up in minutes are not read; what is known of them is not taken apart."""
    jobs = resized(20.0, 7)
    found, right = fitted(jobs, 2), fitted(ESTATE.jobs, 2)

    assert np.flatnonzero(found.is_odd).tolist() == [7]
    assert found.grade == right.grade
    assert found.scan_s_per_gb[0] == pytest.approx(right.scan_s_per_gb[0], rel=0.05)
    is_taken, reasons = taken(jobs, found)
    assert not is_taken[jobs.vm == 7].any()
    assert {reasons[place] for place in np.flatnonzero((jobs.vm == 7) & jobs.is_good)} <= {
        "sizes_do_not_fit",
        "no_transfers",
    }


@pytest.mark.parametrize("vm", [0, 7])
def test_a_volume_of_three_does_not_bend_to_one(vm):
    """Where a volume has hardly others its rates would be those of the odd one, which would show nothing by them."""
    jobs = make(Knobs(seed=1, vms=18, volumes=6, nights=10, future=0)).jobs
    wrong = replace(jobs, vhd_gb=np.where(jobs.vm == vm, 20.0 * jobs.vhd_gb, jobs.vhd_gb))
    found, right = fitted(wrong, 1), fitted(jobs, 1)

    assert np.flatnonzero(found.is_odd).tolist() == [vm]
    assert found.scan_s_per_gb[0, vm % 6] == pytest.approx(right.scan_s_per_gb[0, vm % 6], rel=0.2)


def test_its_own_time_is_expected():
    """What it takes is expected of it all the same: by its own nights."""
    jobs = resized(20.0, 7)
    residual = fitted(jobs, 2).residual

    assert abs(float(np.nanmedian(residual[jobs.vm == 7]))) < 0.1


def test_nobody_is_odd():
    """Where sizes are right; nor where they are wrong of many, as then the sizes are to be doubted."""
    assert not fitted(ESTATE.jobs, 2).is_odd.any()
    assert not fitted(resized(20.0, *range(0, 24, 3)), 2).is_odd.any()
