"""Data moves taken apart, levels of VMs, stratified draws, the clock on the wall: in closed form."""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.planning.demands import Clockwork
from analytics.planning.jobs import by_vm, chosen, first_each_night, typical
from analytics.planning.levels import Nights, levels, middles
from analytics.planning.move_parts import can_split, move_parts, scan_shares, taken
from analytics.planning.normals import normals, shares, turns
from analytics.planning.rates import Stages
from analytics.planning.sample import medians_by, sample_of
from analytics.planning.usual import is_guest_now, last_of, recent, start_of
from tests.planning.plain_jobs import plain_jobs

NAN = float("nan")


def rates(**more: Any) -> Any:
    """Rates of one volume and DPM server: 30 s, 10 s per GB read, 5 s per GB sent."""
    known = {"overhead_s": 30.0, "scan_s_per_gb": 10.0, "sent_s_per_gb": 5.0, "volume_contention": 1.0}
    known |= {"server_contention": 1.0, "power": 1.0} | more
    one = {"overhead_s", "power"}
    stages = Stages(
        **{name: np.array([value] if name in one else [[value]]) for name, value in known.items()}
    )
    found = {"overhead_s": stages.overhead_s, "stages": stages, "grade": ("A",), "reason": ("own_fit",)}
    flags = {name: np.array([True]) for name in ("is_scan_known", "is_sent_known")}
    return SimpleNamespace(**found, **flags, is_odd=np.zeros(9, bool))


def moves(begins_s: list[float], ends_s: list[float], **more: Any) -> Any:
    """Jobs of 100 GB of which 6 were sent, that moved data at these times."""
    count = len(begins_s)
    given = {"moving_s": np.array(begins_s), "moved_s": np.array(ends_s), "vhd_gb": np.full(count, 100.0)}
    given |= {
        "started_s": given["moving_s"] - 5,
        "ended_s": given["moved_s"] + 5,
        "sent_gb": np.full(count, 6.0),
    }
    return plain_jobs(np.arange(count), **(given | more))


def parts_of(jobs: Any, found: Any) -> np.ndarray:
    """Scan, volume, server, changed data, overhead of each job."""
    ((at, parts),) = move_parts(jobs, found, np.ones(len(jobs), bool))
    assert at.tolist() == list(range(len(jobs)))
    return parts[0]


class TestMoveParts:
    def test_alone(self):
        """Nothing is lost to others."""
        assert parts_of(moves([0], [1060]), rates())[0] == pytest.approx([1000, 0, 0, 30, 30])

    def test_two_side_by_side(self):
        """With power 1 each kind of contention costs its own."""
        found = parts_of(moves([0, 0], [3000, 3000]), rates(volume_contention=0.5, server_contention=0.25))

        assert found[0] == pytest.approx([1000, 530, 265, 30, 30])

    def test_the_slower_counts_more(self):
        """With power 2 both together cost the root of 3; each gets the mean with and without the other."""
        found = parts_of(moves([0, 0], [3000, 3000]), rates(power=2.0))
        share = (2**0.5 - 1 + 3**0.5 - 2**0.5) / 2

        assert found[1] == pytest.approx([1000, 1060 * share, 1060 * share, 30, 30])

    def test_unknown_bytes_and_server(self):
        """Bytes that are missing are the VM's typical ones, else none; a server that is not named slows nobody."""
        jobs = moves(
            [0, 0, 5000], [3000, 3000, 6000], sent_gb=np.array([NAN, 6.0, 8.0]), server=np.array([-1, -1, 0])
        )
        found = parts_of(chosen(jobs, np.arange(3)), rates())

        assert found[0] == pytest.approx([1000, 1030, 0, 0, 30])
        same_vm = plain_jobs(
            np.array([0, 0]), moving_s=jobs.moving_s[1:], moved_s=jobs.moved_s[1:], vhd_gb=jobs.vhd_gb[1:],
            started_s=jobs.started_s[1:], ended_s=jobs.ended_s[1:], sent_gb=np.array([NAN, 8.0]),
        )  # fmt: skip
        assert parts_of(same_vm, rates())[0] == pytest.approx([1000, 0, 0, 40, 30])

    def test_jobs_that_are_not_taken(self):
        """They have no parts."""
        ((_, parts),) = move_parts(moves([0, 0], [9, 9]), rates(), np.array([True, False]))

        assert parts[0, 1].tolist() == [0.0] * 5

    def test_share_of_scan(self):
        """Of what a job does alone."""
        parts = np.array([[[60.0, 500, 500, 30, 10], [0, 1, 1, 0, 0]]])

        assert scan_shares(parts)[0, 0] == pytest.approx(0.6)
        assert np.isnan(scan_shares(parts)[0, 1])

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({}, "own_fit"),
            ({"is_guest": np.array([True])}, "guest_level"),
            ({"is_compared": np.array([False])}, "change_tracking"),
            ({"is_good": np.array([False])}, "not_ended"),
            ({"moving_s": np.array([NAN])}, "no_transfers"),
            ({"moved_s": np.array([NAN])}, "no_transfers"),
            ({"vhd_gb": np.array([NAN])}, "no_sizes"),
            ({"vhd_gb": np.array([0.0])}, "no_sizes"),
            ({"volume": np.array([-1])}, "no_volume"),
            ({"is_guest": np.array([True]), "vhd_gb": np.array([NAN])}, "guest_level"),
            ({"is_good": np.array([False]), "moved_s": np.array([NAN])}, "not_ended"),
        ],
    )
    def test_which_are_taken(self, change, reason):
        """The first reason why not, else that of the volume."""
        is_taken, reasons = taken(moves([0], [1060], **change), rates())

        assert reasons == (reason,)
        assert is_taken.tolist() == [reason == "own_fit"]

    def test_what_nothing_tells_alone(self):
        """Where jobs always ran together, and of a VM whose size has nothing to do with its time, nothing is told."""
        together, odd = rates(), rates()
        together.reason, odd.is_odd[0] = ("always_overlap",), True

        assert [taken(moves([0], [1060]), each) for each in (together, odd)] == [
            (np.array([False]), ("always_overlap",)),
            (np.array([False]), ("sizes_do_not_fit",)),
        ]

    @pytest.mark.parametrize(
        ("known", "sent_gb", "width", "is_split"),
        [
            ((True, True), 6.0, 0.5, True),
            ((False, True), 6.0, 0.0, False),
            ((True, False), 6.0, 0.24, True),
            ((True, False), 6.0, 0.26, False),
            ((True, True), NAN, 0.0, False),
        ],
    )
    def test_what_can_be_split(self, known, sent_gb, width, is_split):
        """Scan from overhead, and from changed data, or the draws agree to within 25 %; bytes must have been seen."""
        jobs = moves([0], [1060], sent_gb=np.array([sent_gb]))
        found = rates()
        found.is_scan_known, found.is_sent_known = np.array([known[0]]), np.array([known[1]])
        share = np.concatenate([np.full(10, 0.5), np.full(10, 0.5 + width)])
        parts = np.stack([share, 0 * share, 0 * share, 1 - share, 0 * share], axis=1)[:, None]

        assert can_split(jobs, found, np.array([0]), parts).tolist() == [is_split]


def nights(calm: list[list[float]], implied: list[list[float]]) -> Nights:
    """Nights of which only what a level needs is known."""
    shape = np.array(calm).shape
    none = np.full(shape, NAN)
    return Nights(
        volume=np.zeros(shape[0], np.int64),
        night=np.zeros(shape, np.int64),
        log_s=np.array(calm),
        calm=np.array(calm),
        implied=np.array(implied),
        lead_s=none,
        tail_s=none,
        start_s=none,
    )


class TestLevels:
    @pytest.mark.parametrize(("count", "share"), [(1, 1 / 3), (2, 1 / 2), (6, 3 / 4)])
    def test_beside_what_the_rates_imply(self, count, share):
        """A VM's own nights beside two that the rates imply."""
        row = [6.0] * count + [NAN] * (6 - count)
        found = levels(nights([row], [[5.0] * 6]), np.ones((1, 6), bool))

        assert found == pytest.approx([5.0 + share])

    def test_its_own_where_the_rates_say_nothing(self):
        """And nothing where it has no night."""
        found = levels(nights([[6.0, 6.0], [NAN, NAN]], [[NAN, NAN], [NAN, NAN]]), np.ones((2, 2), bool))

        assert found[0] == pytest.approx(6.0)
        assert np.isnan(found[1])

    def test_only_the_nights_that_are_kept(self):
        """Others say nothing."""
        keep = np.array([[True, True, False]])
        found = levels(nights([[6.0, 6.0, 99.0]], [[5.0, 5.0, 5.0]]), keep)

        assert found == pytest.approx([5.5])
        assert middles(np.array([[1.0, 2.0, 99.0]]), keep) == pytest.approx([1.5])

    def test_an_outlier_counts_little(self):
        """A night three hours off moves the level by less than a plain mean would."""
        rows = [[6.0, 6.1, 5.9, 6.0, 6.1, 5.9, 9.0]]
        found = levels(nights(rows, [[NAN] * 7]), np.ones((1, 7), bool))

        assert 6.0 < found[0] < 6.1


class TestDraws:
    def test_each_part_once(self):
        """Each column has the middles of all equal parts, in its own order; equal columns are equal."""
        found = shares(np.random.default_rng(1), 8, np.array([0, 1, 2, 1]))

        assert np.sort(found, axis=0).T.tolist() == [[(at + 0.5) / 8 for at in range(8)]] * 4
        assert found[:, 1].tolist() == found[:, 3].tolist() != found[:, 0].tolist()

    def test_normal(self):
        """The same parts as standard normal numbers."""
        found = normals(np.random.default_rng(1), 6, np.arange(2))
        expected = [NormalDist().inv_cdf((at + 0.5) / 6) for at in range(6)]

        assert np.sort(found[:, 0]) == pytest.approx(expected)
        assert np.sort(found[:, 1]) == pytest.approx(expected)

    def test_turns(self):
        """By how many jobs, then what they sent, then their size; whatever they are called."""
        vm = np.array([0, 0, 1, 2, 2, 3, 3, -1])
        sent_gb = np.array([5.0, 7.0, 9.0, 1.0, 1.0, 6.0, 6.0, 0.0])
        size = np.array([9.0, 9.0, 9.0, 9.0, 9.0, 3.0, 3.0, 0.0])
        jobs = plain_jobs(vm, started_s=np.zeros(8), sent_gb=sent_gb, vhd_gb=size)

        assert turns(jobs).tolist() == [3, 0, 1, 2]


class TestClockwork:
    def test_a_night_on_which_clocks_change(self):
        """The window opens by the clock on the wall, also where the day has 23 hours."""
        clock = Clockwork("Europe/Berlin", 22 * 3600)
        night = (dt.date(2025, 3, 30) - dt.date(1970, 1, 1)).days
        before, on_it = clock.opens_s(night - 1), clock.opens_s(night)

        assert on_it - before == 23 * 3600
        assert clock.shown(on_it) == clock.shown(before) == "22:00"

    def test_the_nearest_and_the_next(self):
        """Of a time of day: within half a day of an opening, or behind a moment."""
        clock = Clockwork("UTC", 0)
        opens_s = 20_000 * 86_400.0 + 22 * 3600

        assert clock.at(opens_s, 23 * 3600) == opens_s + 3600
        assert clock.at(opens_s, 2 * 3600) == opens_s + 4 * 3600
        assert clock.at(opens_s, 11 * 3600) == opens_s - 11 * 3600
        assert clock.after(opens_s, 23 * 3600) == opens_s + 3600
        assert clock.after(opens_s, 22 * 3600) == opens_s + 86_400
        assert clock.after(opens_s, 21 * 3600) == opens_s + 23 * 3600
        assert clock.shown(opens_s + 59.6) == "22:01"


class TestJobs:
    JOBS = plain_jobs(
        np.array([1, 0, 1, 1, 0, -1]),
        night=np.array([5, 5, 5, 6, 6, 6]),
        started_s=np.array([9.0, 3.0, 8.0, 1.0, 2.0, 0.0]),
        ended_s=np.array([19.0, 13.0, 18.0, 11.0, NAN, 10.0]),
        is_guest=np.array([False, False, False, True, False, False]),
    )

    def test_first_each_night(self):
        """Of each VM and night, by a moment; ordered by VM and night."""
        found = first_each_night(self.JOBS, self.JOBS.vm >= 0, self.JOBS.started_s)

        assert found.tolist() == [1, 4, 2, 3]
        assert {vm: at.tolist() for vm, at in by_vm(self.JOBS, found).items()} == {0: [1, 4], 1: [2, 3]}
        assert by_vm(self.JOBS, found[:0]) == {}

    def test_last_and_recent(self):
        """By night and end; so many at most, oldest first."""
        known = self.JOBS.vm >= 0

        assert last_of(self.JOBS, known).tolist() == [4, 3]
        assert last_of(self.JOBS, known & (self.JOBS.night == 5)).tolist() == [1, 0]
        assert recent(self.JOBS, known, 2).tolist() == [[1, 4], [0, 3]]
        assert recent(self.JOBS, known, 9).tolist() == [[1, 4, -1], [2, 0, 3]]
        assert recent(self.JOBS, known & (self.JOBS.vm == 1), 2).tolist() == [[-1, -1], [0, 3]]
        assert is_guest_now(self.JOBS).tolist() == [False, True]

    def test_start(self):
        """When it was to start, else when it did."""
        jobs = plain_jobs(
            np.zeros(2, np.int64), started_s=np.array([5.0, 5.0]), scheduled_s=np.array([3.0, NAN])
        )

        assert start_of(jobs).tolist() == [3.0, 5.0]

    def test_medians(self):
        """Of what is known; of an even number the mean of the two in the middle."""
        assert typical(np.array([NAN, 1.0, 9.0, 3.0])) == 3.0
        assert typical(np.array([1.0, 2.0])) == 1.5
        found = medians_by(np.array([2, 0, 2, 2, 0, 0]), np.array([9.0, 1.0, 3.0, NAN, 4.0, 2.0]), 4)
        assert found[[0, 2]].tolist() == [2.0, 6.0]
        assert np.isnan(found[[1, 3]]).all()


class TestSample:
    @pytest.mark.parametrize(
        ("change", "is_row"),
        [
            ({}, True),
            ({"is_guest": np.array([True])}, False),
            ({"is_full": np.array([False])}, False),
            ({"is_compared": np.array([False])}, False),
            ({"volume": np.array([-1])}, False),
            ({"vm": np.array([-1])}, False),
            ({"vhd_gb": np.array([0.0])}, False),
            ({"moved_s": np.array([0.9])}, False),
            ({"moved_s": np.array([1.0])}, True),
            ({"moved_s": np.array([NAN])}, False),
            ({"moved_s": np.array([NAN]), "is_good": np.array([False])}, True),
            ({"server": np.array([-1])}, True),
        ],
    )
    def test_which_jobs_are_rows(self, change, is_row):
        """Host-level compares of a known size, volume and length of a second or more; open ones need no end."""
        whole = moves([0], [1060])
        names = ("moving_s", "moved_s", "vhd_gb", "started_s", "ended_s", "sent_gb")
        given = {"vm": np.zeros(1, np.int64), "vms": ("A",), "night": np.zeros(1, np.int64)} | {
            name: getattr(whole, name) for name in names
        }
        jobs = plain_jobs(**(given | change))

        assert len(sample_of(jobs)) == is_row

    def test_bytes_that_are_missing(self):
        """The VM's typical share of its disk, else that of all, else none; those of open data moves were not seen."""
        vm = np.array([0, 0, 0, 1, 2])
        sent_gb = np.array([6.0, 10.0, NAN, NAN, 90.0])
        is_good = np.array([True, True, True, True, False])
        jobs = plain_jobs(
            vm, moving_s=np.zeros(5), moved_s=np.full(5, 100.0), started_s=np.zeros(5), ended_s=np.full(5, 101.0),
            vhd_gb=np.array([100.0, 100.0, 200.0, 50.0, 100.0]), sent_gb=sent_gb, is_good=is_good,
            night=np.zeros(5, np.int64),
        )  # fmt: skip
        found = sample_of(jobs)

        assert found.sent_gb == pytest.approx([6, 10, 16, 4, 8])
        assert found.is_sent_seen.tolist() == [True, True, False, False, False]
        assert found.is_open.tolist() == [False, False, False, False, True]
        assert sample_of(chosen(jobs, np.array([2]))).sent_gb.tolist() == [0.0]

    def test_nights_without_gaps_and_one_more_server(self):
        """An unknown DPM server is one more; nights are counted from 0."""
        jobs = moves(
            [0, 0, 0], [9, 9, 9], night=np.array([20_005, 20_000, 20_005]), server=np.array([0, -1, 0])
        )
        found = sample_of(jobs)

        assert (found.night.tolist(), found.day.tolist()) == ([1, 0, 1], [20_000, 20_005])
        assert (found.server.tolist(), found.servers) == ([0, 1, 0], 2)
        assert found.log_s == pytest.approx(np.log([9.0] * 3))
