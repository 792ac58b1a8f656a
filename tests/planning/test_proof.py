"""What a change brought, on estates whose truth is known and on nights written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.planning.jobs import Jobs
from analytics.planning.proof import proofs
from tests.planning.estate import FIRST_NIGHT, Knobs, make
from tests.planning.plain_jobs import plain_jobs

DAY_S = 86_400.0


def nights(
    taken_h: list[list[float]],
    *,
    guest_from: dict[int, int] | None = None,
    start_h: list[list[float]] | None = None,
) -> Jobs:
    """One volume; a row of hours per VM, one a night; VMs may be at guest level from a night on."""
    count, length = len(taken_h), len(taken_h[0])
    vm, night = np.divmod(np.arange(count * length), length)
    start_s = (FIRST_NIGHT + night) * DAY_S + 3600 * np.array(start_h or [[22.0] * length] * count).ravel()
    end_s = start_s + 3600 * np.array(taken_h).ravel()
    is_guest = np.array([night[at] >= (guest_from or {}).get(int(vm[at]), length) for at in range(len(vm))])
    return plain_jobs(
        vm,
        volume=np.where(is_guest, -1, 0),
        night=FIRST_NIGHT + night,
        started_s=start_s,
        ended_s=end_s,
        is_guest=is_guest,
        is_compared=~is_guest,
    )


class TestProofs:
    def test_own_change_and_relief_of_neighbours(self):
        """Four hours become half an hour, the neighbour's two hours one and a half."""
        found = proofs(nights([[4.0] * 14 + [0.5] * 14, [2.0] * 14 + [1.5] * 14], guest_from={0: 14}))

        assert [(row.vm, row.changed_on, row.what) for row in found] == [(0, FIRST_NIGHT + 14, "guest_level")]
        row = found[0]
        assert (row.before_p50_s, row.after_p50_s, row.change_s) == (14400, 1800, -12600)
        assert (row.low_s, row.high_s, row.neighbours_change_s) == (-12600, -12600, -1800)
        assert (row.nights_matched, row.grade, row.reason) == (14, "A", "matched_nights")

    def test_weekdays_are_matched(self):
        """Sundays take six hours, before and after; the change was made before a Sunday and changed nothing."""
        week = [1.0] * 6 + [6.0]
        found = proofs(nights([week * 2 + [6.0, 1.0, 1.0]], guest_from={0: 14}))
        shifted = proofs(nights([week * 3], guest_from={0: 14}))

        assert shifted[0].change_s == 0
        assert found[0].before_p50_s == 3600

    def test_no_change_no_proof(self):
        """A VM that only became slower did not change."""
        assert proofs(nights([[1.0] * 14 + [5.0] * 14])) == []

    @pytest.mark.parametrize(("guest_from", "expected"), [(2, []), (26, []), (25, [("guest_level", "D")])])
    def test_three_nights_each_side(self, guest_from, expected):
        """What held for two nights is no change yet; the Tuesday to Thursday after it tell little."""
        found = proofs(nights([[1.0] * 28], guest_from={0: guest_from}))

        assert [(row.what, row.grade if row.nights_matched < 3 else "D") for row in found] == expected

    def test_an_exception_is_no_change(self):
        """One night at host level among guest ones: what counts is from when on it holds."""
        jobs = nights([[1.0] * 28], guest_from={0: 10})
        jobs.is_guest[12] = False

        assert proofs(jobs) == []

    def test_start_moved(self):
        """Two hours of waiting gone, since it starts at midnight."""
        found = proofs(nights([[3.0] * 14 + [1.0] * 14], start_h=[[22.0] * 14 + [24.0] * 14]))

        assert [(row.what, row.changed_on - FIRST_NIGHT, row.change_s) for row in found] == [
            ("start_time", 14, -7200)
        ]

    def test_start_that_always_varies(self):
        """Starts spread over hours did not move."""
        hours = list(np.random.default_rng(3).uniform(20, 26, 28))

        assert proofs(nights([[1.0] * 28], start_h=[hours])) == []

    def test_two_changed_at_once(self):
        """Whose doing it was cannot be told."""
        found = proofs(nights([[4.0] * 14 + [0.5] * 14] * 2, guest_from={0: 14, 1: 16}))

        assert {(row.grade, row.reason) for row in found} == {("C", "others_changed_too")}
        assert np.isnan(found[0].neighbours_change_s)


def test_truth_of_simulated_moves():
    """The interval holds the true change of nine of ten movers; the neighbours' relief has its sign."""
    held, relief = [], []
    for seed in range(3):
        estate = make(Knobs(seed=seed, nights=40, moved_after=20, moves=6, failed=0.0, outliers=0.0))
        start_s = estate.nature.start_s
        taken_s = estate.course.ended_s - start_s
        for row in proofs(estate.jobs):
            if row.what != "guest_level":
                continue
            true_s = np.median(taken_s[20:40, row.vm]) - np.median(taken_s[:20, row.vm])
            held.append(row.low_s - 300 <= true_s <= row.high_s + 300)
            relief.append(row.neighbours_change_s)
    assert len(held) >= 15
    assert np.mean(held) >= 0.85
    assert np.nanmedian(relief) < 0
