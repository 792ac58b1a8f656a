"""Where the data cannot tell, the grade says so, with the reason; the cause absent, the grade is back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.jobs import chosen
from analytics.planning.rates import fitted
from tests.planning.estate import FIRST_NIGHT, Knobs, make

ORDINARY = Knobs(seed=36, vms=30, volumes=3, nights=16, spread_s=5 * 3600.0)


def failed(jobs):
    """All jobs failed."""
    return replace(jobs, is_good=np.zeros(len(jobs), bool), moved_s=np.full(len(jobs), np.nan))


def slower(jobs):
    """From the tenth night on, data moves of the first volume take half as long again."""
    is_later = (jobs.volume == 0) & (jobs.night >= FIRST_NIGHT + 10)
    return replace(jobs, moved_s=np.where(is_later, jobs.moved_s + 0.5 * jobs.transfer_s, jobs.moved_s))


LOGS = {
    "all_failed": failed,
    "change_tracking": lambda jobs: replace(jobs, is_compared=np.zeros(len(jobs), bool)),
    "no_sizes": lambda jobs: replace(jobs, vhd_gb=np.full(len(jobs), np.nan)),
    "no_transfers": lambda jobs: replace(
        jobs, **dict.fromkeys(("started_s", "granted_s", "moving_s"), np.full(len(jobs), np.nan))
    ),
    "no_jobs": lambda jobs: replace(jobs, is_guest=np.ones(len(jobs), bool)),
    "too_few_jobs": lambda jobs: chosen(jobs, (jobs.vm < 6) & (jobs.night == FIRST_NIGHT)),
    "few_jobs": lambda jobs: chosen(jobs, np.isin(jobs.vm, [0, 1, 2]) & (jobs.night < FIRST_NIGHT + 7)),
    "few_nights": lambda jobs: chosen(jobs, jobs.night < FIRST_NIGHT + 3),
}
ESTATES = {
    "sizes_do_not_fit": {"is_shuffled": True},
    "equal_sizes": {"has_equal_sizes": True},
    "one_vm": {"vms": 3},
    "few_vms": {"vms": 6},
    "no_changed_data": {"changed": 0},
}


class TestGrades:
    def test_ordinary(self):
        """With sixteen nights and ten VMs of different size per volume each volume has its own fit, grade A."""
        rates = fitted(make(ORDINARY).jobs)

        assert set(zip(rates.grade, rates.reason, strict=True)) == {("A", "own_fit")}
        assert rates.is_scan_known.all()
        assert rates.is_sent_known.all()
        assert (rates.changed_on == -1).all()

    @pytest.mark.parametrize("reason", LOGS)
    def test_by_logs(self, reason):
        """What the logs lack is the reason, and no volume is A or B."""
        rates = fitted(LOGS[reason](make(ORDINARY).jobs))

        assert set(rates.reason) == {reason}
        assert set(rates.grade) <= {"C", "D"}

    @pytest.mark.parametrize("reason", ESTATES)
    def test_by_estate(self, reason):
        """What the estate does not show is the reason, and no volume is A or B."""
        rates = fitted(make(replace(ORDINARY, **ESTATES[reason])).jobs)

        assert set(rates.reason) == {reason}
        assert set(rates.grade) == {"D" if reason == "sizes_do_not_fit" else "C"}

    def test_shuffled(self):
        """Sizes that belong to other VMs are never better than D, and split nothing."""
        for seed in range(5):
            rates = fitted(make(replace(ORDINARY, seed=seed, is_shuffled=True)).jobs, draws=2)
            assert set(rates.grade) == {"D"}
            assert not (rates.is_scan_known | rates.is_sent_known).any()

    def test_what_cannot_be_told_apart(self):
        """Equal sizes hide the overhead, half a percent of change hides what changes cost; both are seen otherwise."""
        equal = fitted(make(replace(ORDINARY, has_equal_sizes=True)).jobs, draws=2)
        little = fitted(make(replace(ORDINARY, changed=0.002)).jobs, draws=2)

        assert not equal.is_scan_known.any()
        assert little.is_scan_known.all()
        assert not little.is_sent_known.any()

    def test_overlap(self):
        """Jobs that never meet say nothing of contention: C where they meet on no DPM server either, else B."""
        serial = fitted(make(replace(ORDINARY, volume_cap=1)).jobs, draws=2)
        alone = fitted(make(replace(ORDINARY, volume_cap=1, server_cap=1, spread_s=80_000.0)).jobs, draws=2)

        assert set(zip(serial.grade, serial.reason, strict=True)) == {("B", "never_overlap")}
        assert set(zip(alone.grade, alone.reason, strict=True)) == {("C", "never_overlap")}

    def test_a_volume_of_another_level(self):
        """A volume whose data moves slow down for good is told with the night, the others are not."""
        jobs = make(replace(ORDINARY, nights=22, shock=0.04)).jobs
        rates = fitted(slower(jobs))

        assert rates.reason[0] == "environment_changed"
        assert abs(rates.changed_on[0] - FIRST_NIGHT - 10) <= 2
        assert (rates.changed_on[1:] == -1).all()
        assert rates.scan_s_per_gb[0, 0] > 1.2 * fitted(jobs).scan_s_per_gb[0, 0]

    def test_always_together(self):
        """Jobs of which each always shares its volume with its twin show no contention, and are C."""
        jobs = make(replace(ORDINARY, failed=0.0)).jobs
        twin = jobs.vm // 2
        begin = jobs.night * 86400.0 + twin * 5000.0
        size = np.exp(np.random.default_rng(1).normal(5, 0.5, 15))[twin]
        twins = replace(
            jobs, volume=twin % 3, vhd_gb=size, moving_s=begin, moved_s=begin + size * (8 + jobs.night % 3)
        )

        assert set(fitted(twins, draws=2).reason) == {"always_overlap"}
        assert set(fitted(replace(twins, volume=jobs.vm % 3), draws=2).reason) == {"never_overlap"}
