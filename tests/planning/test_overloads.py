"""What does not fit into a window however it is started, in closed form; and how a plan is judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.planning.goal import Clock, Goal, judge
from analytics.planning.night import NO_CAP
from analytics.planning.spread import Overload, overloads
from tests.planning.nights import night_of

INF = float("inf")


def loads(
    works: list[float],
    *,
    window_s: float = 1.0,
    longest_s: float = INF,
    is_guest: list[bool] | None = None,
    close_s: list[float] | None = None,
    opens_s: float = 50.0,
    **more: Any,
) -> dict[tuple[str, int], Overload]:
    """Overloads by kind and place, where a GB takes a second and all must be done in a window that opens at 50 s."""
    night = night_of(works, scan=1.0, **more)
    closes = np.full(len(works), opens_s + window_s) if close_s is None else np.array(close_s)
    guests = np.zeros(len(works), bool) if is_guest is None else np.array(is_guest)
    found = overloads(night, guests, opens_s, closes, np.full(len(works), longest_s), 0.9)
    assert len({(load.kind, load.place) for load in found}) == len(found)
    return {(load.kind, load.place): load for load in found}


class TestWork:
    @pytest.mark.parametrize(
        ("on_volume", "cap", "least_s"),
        [
            (0.5, NO_CAP, 2000.0),  # three side by side, each twice as slow
            (0.5, 2, 2250.0),  # two side by side, each half as slow again
            (0.5, 1, 3000.0),
            (1.0, NO_CAP, 3000.0),  # nothing is gained side by side
            (3.0, NO_CAP, 3000.0),  # one after another is better then
            (0.0, NO_CAP, 1000.0),
        ],
    )
    def test_of_a_volume(self, on_volume, cap, least_s):
        """As many side by side as may be and as gain by it."""
        found = loads([1000.0] * 3, on_volume=on_volume, caps=(cap, NO_CAP, NO_CAP))

        assert found["volume", 0].work_s == pytest.approx(least_s)
        assert found["volume", 0].window_s == 1.0

    @pytest.mark.parametrize(("least_s", "is_over"), [(2000.0, False), (1999.0, True)])
    def test_what_just_fits(self, least_s, is_over):
        """Work as long as the window fits."""
        assert (("volume", 0) in loads([1000.0] * 3, on_volume=0.5, window_s=least_s)) == is_over

    @pytest.mark.parametrize(("before_s", "least_s"), [(100.0, 2250.0), (1500.0, 3900.0)])
    def test_claims_are_held_longer_than_data_moves(self, before_s, least_s):
        """Where a limit holds jobs back, what lies before and behind the data move counts, too."""
        found = loads([1000.0] * 3, on_volume=0.5, caps=(2, NO_CAP, NO_CAP), before_s=before_s, after_s=100.0)

        assert found["volume", 0].work_s == pytest.approx(least_s)

    def test_claims_until_the_snapshot(self):
        """They hold back nobody's data move."""
        found = loads(
            [1000.0] * 3, on_volume=0.5, caps=(1, NO_CAP, NO_CAP), before_s=900.0, until_snapshot=True
        )

        assert found["volume", 0].work_s == pytest.approx(2000.0)

    def test_of_a_host_and_of_a_server(self):
        """Hosts slow nobody; a DPM server does."""
        apart = {"volume": [0, 1, 2], "on_server": 0.5}
        found = loads([1000.0] * 3, caps=(NO_CAP, 2, NO_CAP), **apart)

        assert found["host", 0].work_s == pytest.approx(1500.0)
        assert found["server", 0].work_s == pytest.approx(2000.0)
        assert found["volume", 1].work_s == pytest.approx(1000.0)

    def test_the_middle_of_the_scenarios(self):
        """A place in the middle, a VM at the wanted probability."""
        noise = np.linspace(0.5, 1.5, 11)[:, None]
        found = loads([1000.0], noise=noise)

        assert found["volume", 0].work_s == pytest.approx(1000.0)
        assert found["vm", 0].work_s == pytest.approx(1400.0)


class TestWhose:
    def test_guests_take_no_room(self):
        """Their jobs are not those of the volume."""
        found = loads([1000.0] * 3, is_guest=[True, False, True])

        assert found["volume", 0].work_s == pytest.approx(1000.0)
        assert {place for kind, place in found if kind == "vm"} == {1}

    def test_without_a_limit_nothing_is_too_much(self):
        """Of jobs without a closing nothing is demanded; the last closing of a place counts."""
        assert loads([1000.0], close_s=[INF]) == {}
        assert loads([1000.0] * 2, close_s=[INF, 60.0], volume=[0, 1]).keys() == {("volume", 1), ("vm", 1)}
        assert loads([1000.0] * 2, close_s=[1000.0, 1600.0], on_volume=1.0)["volume", 0].window_s == 1550.0

    @pytest.mark.parametrize(("longest_s", "is_over"), [(1000.0, False), (999.0, True)])
    def test_a_vm_alone(self, longest_s, is_over):
        """Longer than it may take, before, data move and behind it together."""
        found = loads([700.0], window_s=5000.0, longest_s=longest_s, before_s=200.0, after_s=100.0)

        assert found == ({("vm", 0): Overload("vm", 0, 1000.0, 999.0)} if is_over else {})

    def test_places_first_the_worst_first(self):
        """In the order in which people should read them."""
        night = night_of([1000.0, 4000.0], scan=1.0, volume=[0, 1], host=[0, 1], server=[0, 1])
        none, close_s = np.zeros(2, bool), np.full(2, 100.0)
        found = overloads(night, none, 0.0, close_s, np.full(2, INF), 0.9)

        assert [(load.kind == "vm", load.work_s) for load in found] == [
            *((False, 4000.0),) * 3,
            *((False, 1000.0),) * 3,
            (True, 4000.0),
            (True, 1000.0),
        ]


class TestJudge:
    GOAL = Goal(
        night_of([10.0], scan=1.0, noise=np.arange(1, 11)[:, None].astype(float)),
        np.array([80.0]),
        0.9,
        *np.ones((1, 1)),
        *np.zeros((3, 1), bool),
    )

    def test_share_and_lateness(self):
        """Ten scenarios of 10 to 100 s: eight keep a limit of 80 s; at 90 % it is the ninth that counts."""
        found = judge(self.GOAL, np.zeros(1, bool))

        assert found.meets.tolist() == [[0.8]]
        assert found.late_s.tolist() == [[10.0]]
        assert found.violated(0.8).tolist() == [[False]]
        assert found.violated(0.81).tolist() == [[True]]

    @pytest.mark.parametrize(
        ("limit_s", "probability", "late_s"),
        [
            (80.0, 0.8, 0.0),
            (80.0, 0.81, 10.0),
            (80.0, 1.0, 20.0),
            (5.0, 0.0, 5.0),
            (INF, 0.9, 0.0),
            (99.0, 0.9, 0.0),
        ],
    )
    def test_at_the_probability(self, limit_s, probability, late_s):
        """The scenario that as many do not exceed; nothing where nothing is demanded."""
        from dataclasses import replace

        goal = replace(self.GOAL, limit_s=np.array([limit_s]), probability=probability)

        assert judge(goal, np.zeros(1, bool)).late_s.tolist() == [[late_s]]

    def test_many_plans(self):
        """A row for each, those at guest level today moved in all of them."""
        night = night_of([10.0, 20.0], scan=1.0, volume=[0, 1], guest_gb=1.0)
        goal = Goal(night, np.array([9.0, 9.0]), 0.9, np.ones(2), *np.zeros((3, 2), bool))
        plans = np.array([[False, False], [True, False], [True, True]])
        every = np.tile(plans, (2000, 1))

        assert judge(goal, plans).meets.tolist() == [[0, 0], [1, 0], [1, 1]]
        assert (judge(goal, every).meets == np.tile(judge(goal, plans).meets, (2000, 1))).all()

    def test_the_clock(self):
        """Up at once, or not for long; it never runs below 0."""
        told = []
        clock = Clock(0.0, lambda code, number: told.append((code, number)))
        clock.tell("late", 3)

        assert (clock.is_up(), clock.left_s(), told) == (True, 0.0, [("late", 3)])
        assert not Clock(60).is_up()
        assert 59 < Clock(60).left_s() <= 60
