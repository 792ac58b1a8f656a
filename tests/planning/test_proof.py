"""What a change brought, on estates whose truth is known and on nights written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.jobs import Jobs, chosen
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


def volumes(*places: list[int], taken_h: float = 1.0, **more: object) -> Jobs:
    """A VM each, one job a night of that length, on these volumes."""
    length = len(places[0])
    vm, night = np.divmod(np.arange(len(places) * length), length)
    start_s = (FIRST_NIGHT + night) * DAY_S + 22 * 3600.0
    given = {"volumes": ("V0", "V1"), "night": FIRST_NIGHT + night, "started_s": start_s}
    given |= {
        "ended_s": start_s + 3600 * taken_h,
        "volume": np.concatenate([np.array(part) for part in places]),
    }
    return plain_jobs(vm, **(given | more))


def told(jobs: Jobs) -> list[tuple[int, str, int]]:
    """VM, what changed, and from which night on."""
    return [(row.vm, row.what, row.changed_on - FIRST_NIGHT) for row in proofs(jobs)]


class TestWhatChanged:
    @pytest.mark.parametrize(
        ("places", "expected"),
        [
            ([0] * 5 + [1] * 5, [(0, "volume", 5)]),
            ([0] * 3 + [1] * 3, [(0, "volume", 3)]),
            ([0] * 2 + [1] * 5, []),
            ([0] * 5 + [1] * 2, []),
            ([0] * 5 + [1, 0, 1, 1, 1], []),
            ([1] * 5 + [0] * 4 + [1] * 5, [(0, "volume", 9)]),
            # a log that names no volume tells of no move, neither before nor behind
            ([0] * 5 + [-1] * 5, []),
            ([-1] * 5 + [0] * 5, [(0, "volume", 5)]),
        ],
    )
    def test_volume(self, places, expected):
        """From when on it lies where it lies last, three nights at least, after three elsewhere."""
        assert told(volumes(places)) == expected

    def test_tracking(self):
        """From when on changed blocks are tracked at host level."""
        is_compared = np.arange(10) < 6

        assert told(volumes([0] * 10, is_compared=is_compared)) == [(0, "tracking", 6)]
        assert told(volumes([0] * 10, is_compared=~is_compared)) == []
        assert told(volumes([0] * 10, is_compared=is_compared, is_guest=np.ones(10, bool))) == []

    @pytest.mark.parametrize(
        ("guest_from", "expected"),
        [(5, "guest_level"), (6, "guest_level"), (4, "guest_level"), (3, "volume")],
    )
    def test_what_explains_the_other(self, guest_from, expected):
        """What begins on one night, or the one before the last of them, is one change: the first in the list."""
        is_guest = np.arange(12) >= guest_from
        (found,) = told(volumes([0] * 5 + [1] * 7, is_guest=is_guest))

        assert found[1:] == (expected, guest_from if expected == "guest_level" else 5)

    @pytest.mark.parametrize(("moved_s", "is_change"), [(1800, False), (1801, True)])
    def test_half_an_hour(self, moved_s, is_change):
        """A start that moves by more than that has moved."""
        start_h = [22.0] * 5 + [22 + moved_s / 3600] * 5

        assert told(nights([[1.0] * 10], start_h=[start_h])) == ([(0, "start_time", 5)] if is_change else [])

    @pytest.mark.parametrize(("varies_h", "is_change"), [(0.2, True), (0.26, False)])
    def test_more_than_it_varies(self, varies_h, is_change):
        """By more than twice what starts of both sides lie off their middle, nine of ten of them."""
        around = [22 - varies_h, 22, 22 + varies_h] * 4
        start_h = [*around, *(hour + 1 for hour in around)]

        assert bool(told(nights([[1.0] * 24], start_h=[start_h]))) == is_change

    @pytest.mark.parametrize(
        ("before", "behind", "is_change"), [(3, 3, True), (2, 4, False), (4, 2, False), (3, 2, False)]
    )
    def test_three_starts_each_side(self, before, behind, is_change):
        """Fewer are no change."""
        start_h = [22.0] * before + [25.0] * behind

        assert bool(told(nights([[1.0] * (before + behind)], start_h=[start_h]))) == is_change


class TestWhatCounts:
    def test_the_first_good_job_of_a_night(self):
        """Neither failed ones, nor checks, nor what did not end, nor the second of a night."""
        jobs = nights([[4.0] * 14 + [0.5] * 14], guest_from={0: 14})
        odd = {
            "is_good": np.arange(28) != 3,
            "is_full": np.arange(28) != 4,
            "ended_s": np.where(np.arange(28) == 5, np.nan, jobs.ended_s),
        }
        (row,) = proofs(replace(jobs, **odd))
        two = np.concatenate([np.arange(28), [20]])
        again = chosen(jobs, two)
        again.ended_s[-1] += 9 * 3600.0
        (doubled,) = proofs(again)

        assert (row.before_p50_s, row.after_p50_s, row.nights_matched) == (14400, 1800, 14)
        assert (doubled.after_p50_s, doubled.nights_matched) == (1800, 14)

    @pytest.mark.parametrize(("pairs", "grade"), [(6, "C"), (7, "B"), (13, "B"), (14, "A")])
    def test_grades(self, pairs, grade):
        """Seven nights with their weekday before are B, fourteen A."""
        (row,) = proofs(nights([[4.0] * 14 + [0.5] * pairs], guest_from={0: 14}))

        assert (row.nights_matched, row.grade) == (pairs, grade)
        assert row.reason == ("few_matched_nights" if pairs < 7 else "matched_nights")

    def test_no_weekday_in_common(self):
        """Three nights before and three behind of other weekdays: the plain difference, and nothing is proved."""
        (row,) = proofs(nights([[4.0] * 3 + [1.0] * 3], guest_from={0: 3}))

        assert (row.change_s, row.nights_matched) == (-3 * 3600, 0)
        assert (row.grade, row.reason) == ("D", "few_matched_nights")
        assert np.isnan([row.low_s, row.high_s]).all()

    def test_eight_weeks_before_and_four_since(self):
        """Nights farther off do not count: neither the slow past nor the first days of the new time."""
        old, before, first, last = [90.0] * 10, [4.0] * 56, [9.0] * 10, [0.5] * 28
        taken_h = old + before + first + last
        (row,) = proofs(nights([taken_h], guest_from={0: 66}))

        assert (row.before_p50_s, row.after_p50_s, row.nights_matched) == (14400, 1800, 28)
        assert (row.change_s, row.low_s, row.high_s) == (-12600, -12600, -12600)

    def test_the_interval_is_that_of_medians(self):
        """Ninety per cent of what drawn nights give: between the extremes, around the difference."""
        before = [4.0, 5.0, 6.0, 4.0, 5.0, 6.0, 5.0] * 4
        after = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 2.0] * 2
        (row,) = proofs(nights([before + after], guest_from={0: 28}))

        assert row.change_s == pytest.approx(-3 * 3600)
        assert -3 * 3600 - 1 <= row.low_s <= row.change_s <= row.high_s <= -3 * 3600 + 1


class TestNeighbours:
    def stays(self, taken_h: list[float], volume: int, guest_from: int | None = None) -> list[float]:
        """The change of the neighbours of a VM that moved after 14 nights, for one on `volume`."""
        jobs = nights(
            [[4.0] * 14 + [0.5] * 14, taken_h], guest_from={0: 14} | ({1: guest_from} if guest_from else {})
        )
        places = np.where(jobs.vm == 1, np.where(jobs.is_guest, -1, volume), jobs.volume)
        found = [row for row in proofs(replace(jobs, volume=places)) if row.vm == 0]
        return [found[0].neighbours_change_s, found[0].grade == "C"]

    def test_who_is_one(self):
        """A VM that shared the volume; one on another volume is none, nor is one whose volume is unknown."""
        slower = [2.0] * 14 + [1.0] * 14

        assert self.stays(slower, 0) == [-3600, False]
        assert np.isnan(self.stays(slower, 1)[0])
        assert np.isnan(self.stays(slower, -1)[0])

    @pytest.mark.parametrize(
        ("guest_from", "is_confounded"), [(21, True), (22, False), (7, True), (6, False)]
    )
    def test_changes_of_one_week(self, guest_from, is_confounded):
        """Another change on the volume within seven days leaves open whose doing it was."""
        assert self.stays([2.0] * 28, 0, guest_from)[1] == is_confounded

    def test_the_middle_one(self):
        """Of several the median of what became of each."""
        jobs = nights(
            [[4.0] * 14 + [0.5] * 14, *([2.0] * 14 + [after] * 14 for after in (1.0, 1.5, 2.5))],
            guest_from={0: 14},
        )

        assert proofs(jobs)[0].neighbours_change_s == -1800


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
