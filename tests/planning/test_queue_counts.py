"""Limits of claims in nights written by hand: on how many nights they show, how long jobs wait, which place binds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.planning.night import NO_CAP
from analytics.planning.queue_rules import QueueRules, asked_at, inferred
from tests.planning.plain_jobs import plain_jobs

DAY_S = 86_400.0


def serial(
    nights: int,
    jobs: int = 3,
    *,
    cap: int = 1,
    long_s: float = 600.0,
    wait_s: float | None = None,
    **more: Any,
):
    """All asked at once, `cap` let in at a time, each for `long_s`; or all others wait as long as is said."""
    night, turn = np.divmod(np.arange(nights * jobs), jobs)
    asked_s = 1e6 + night * DAY_S
    granted_s = asked_s + (turn // cap * long_s if wait_s is None else np.where(turn < cap, 0.0, wait_s))
    ended_s = granted_s + long_s
    given = {
        "night": night,
        "started_s": asked_s,
        "asked_s": asked_s,
        "granted_s": granted_s,
        "ended_s": ended_s,
    }
    return plain_jobs(turn, **(given | more))


def caps(found: QueueRules) -> tuple[list[int], list[int], list[int]]:
    """The limits by volume, host and server; 0 for none. The unknown place never has one."""
    every = (found.caps.volume, found.caps.host, found.caps.server)
    assert all(each[-1] == NO_CAP for each in every)
    return tuple([0 if cap == NO_CAP else int(cap) for cap in each[:-1]] for each in every)  # type: ignore[return-value]


class TestLimits:
    @pytest.mark.parametrize(("nights", "is_known"), [(2, False), (3, True)])
    def test_three_nights(self, nights, is_known):
        """A limit that makes jobs wait on three nights is one; the volume's, where host and server would do, too."""
        found = inferred(serial(nights))

        assert caps(found) == (([1], [0], [0]) if is_known else ([0], [0], [0]))
        assert found.waited_s == nights * (600 + 1200)
        assert found.explained == pytest.approx(float(is_known))
        assert found.in_order == 1.0

    @pytest.mark.parametrize("cap", [2, 3])
    def test_several_at_once(self, cap):
        """As many as were seen together while others waited."""
        assert caps(inferred(serial(4, 9, cap=cap)))[0] == [cap]

    @pytest.mark.parametrize(("long_s", "is_known"), [(20.0, False), (21.0, True)])
    def test_twenty_seconds_are_no_wait(self, long_s, is_known):
        """So long the grant itself may take."""
        found = inferred(serial(4, 2, long_s=long_s))

        assert (found.waited_s > 0) == is_known
        assert np.isnan(found.explained) != is_known

    def test_waits_while_nobody_holds(self):
        """Jobs that wait an hour though the volume is free wait for something else."""
        found = inferred(serial(4, 2, wait_s=7200.0, long_s=100.0))

        assert caps(found) == ([0], [0], [0])
        assert found.explained == 0.0

    @pytest.mark.parametrize(("gap_s", "is_known"), [(-2.0, True), (0.0, True), (2.0, True)])
    def test_the_end_and_the_grant_of_one_moment(self, gap_s, is_known):
        """They may be logged in either order, two seconds apart."""
        jobs = serial(4, 2)
        late = np.where(jobs.vm == 0, jobs.ended_s - gap_s, jobs.ended_s)

        assert (caps(inferred(serial(4, 2, ended_s=late)))[0] == [1]) == is_known

    @pytest.mark.parametrize(
        ("place", "expected"),
        [("volume", ([0, 0, 0], [1], [0])), ("host", ([1], [0, 0, 0], [0]))],
    )
    def test_the_place_that_all_share(self, place, expected):
        """Jobs on volumes of their own wait for the host's limit; those of hosts of their own for the volume's."""
        assert (
            caps(inferred(serial(4, **{place: np.arange(12) % 3, f"{place}s": ("A", "B", "C")}))) == expected
        )

    def test_only_the_server_is_shared(self):
        """Then it is the server's."""
        apart = np.arange(12) % 3
        known = {"volume": apart, "volumes": ("A", "B", "C"), "host": apart, "hosts": ("A", "B", "C")}

        assert caps(inferred(serial(4, **known))) == ([0] * 3, [0] * 3, [1])

    def test_places_that_are_not_named(self):
        """What the log does not name has no limit."""
        nowhere = np.full(12, -1)

        assert caps(inferred(serial(4, volume=nowhere))) == ([0], [1], [0])
        assert caps(inferred(serial(4, volume=nowhere, host=nowhere, server=nowhere))) == ([0], [0], [0])


class TestWhoHolds:
    def test_guests_hold_nothing(self):
        """Nor do they wait for a claim."""
        found = inferred(serial(4, is_guest=np.ones(12, bool)))

        assert (caps(found), found.waited_s) == (([0], [0], [0]), 0)

    def test_until_it_is_let_go(self):
        """A claim ends with its release, where that is logged, not with the job."""
        jobs = serial(4)

        assert caps(inferred(serial(4, ended_s=jobs.ended_s + 5000, released_s=jobs.ended_s)))[0] == [1]
        assert caps(inferred(serial(4, ended_s=jobs.ended_s + 5000)))[0] != [1]

    def test_a_grant_that_is_not_logged(self):
        """Such a job holds from its start, and is no waiting one."""
        jobs = serial(4, 2)
        unlogged = np.where(jobs.vm == 0, np.nan, jobs.granted_s)
        found = inferred(serial(4, 2, granted_s=unlogged))

        assert caps(found)[0] == [1]
        assert found.waited_s == 4 * 600

    def test_when_it_asked(self):
        """The earliest of task, start and first request that is known."""
        jobs = plain_jobs(
            np.arange(4),
            scheduled_s=np.array([5.0, np.nan, np.nan, 9.0]),
            started_s=np.array([7.0, 7.0, np.nan, 7.0]),
            asked_s=np.array([6.0, 8.0, 8.0, np.nan]),
        )

        assert list(asked_at(jobs)) == [5.0, 7.0, 8.0, 7.0]


class TestOrder:
    @pytest.mark.parametrize(("early_s", "in_order"), [(0.0, 1.0), (2.0, 1.0), (3.0, 0.5)])
    def test_as_they_came(self, early_s, in_order):
        """Of neighbours in a queue, who was let in before one that had asked earlier; two seconds are none."""
        nights = 4
        night, turn = np.divmod(np.arange(nights * 3), 3)
        asked_s = 1e6 + night * DAY_S + turn
        granted_s = asked_s - turn + 1000.0
        granted_s = np.where(turn == 1, granted_s - early_s, granted_s)
        jobs = plain_jobs(
            turn, night=night, started_s=asked_s, asked_s=asked_s, granted_s=granted_s, ended_s=granted_s + 60
        )

        assert inferred(jobs).in_order == in_order

    def test_neighbours_of_one_queue(self):
        """Jobs of another volume, host, server or night are none."""
        for place in ("volume", "host", "server"):
            jobs = serial(1, 3, wait_s=100.0, cap=0, **{place: np.arange(3), f"{place}s": ("A", "B", "C")})
            assert np.isnan(inferred(jobs).in_order)
        assert np.isnan(inferred(serial(3, 1, wait_s=100.0, cap=0)).in_order)
        assert inferred(serial(1, 2, wait_s=100.0, cap=0)).in_order == 1.0
        assert np.isnan(inferred(serial(1, 2, wait_s=100.0)).in_order)
