"""For whom a job waited: who held the claim on its volume, else on its host, and for how long of the wait."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.planning.waits import Waits, waits_of
from tests.planning.plain_jobs import plain_jobs


def waits(*jobs: tuple[float, float, float], **more: Any) -> Waits:
    """Of jobs that asked, were granted, and let go or ended at these seconds."""
    asked_s, granted_s, ended_s = (np.array(part, float) for part in zip(*jobs, strict=True))
    known = {"started_s": asked_s, "asked_s": asked_s, "granted_s": granted_s, "ended_s": ended_s}
    return waits_of(plain_jobs(np.arange(len(jobs)), **(known | more)))


def test_longest_first():
    """Each that held the volume meanwhile, with the seconds of the wait that it did."""
    found = waits((0, 0, 150), (0, 0, 400), (0, 90, 120), (100, 300, 500))

    assert found.waited_for[3] == ((1, 200.0), (0, 50.0), (2, 20.0))
    assert found.waited_for[2] == ((0, 90.0), (1, 90.0))
    assert found.waited_for[:2] == ((), ())
    assert found.is_host == (False,) * 4


@pytest.mark.parametrize(("wait_s", "is_wait"), [(1.0, False), (1.1, True)])
def test_a_second_is_no_wait(wait_s, is_wait):
    """So long a grant takes."""
    assert bool(waits((0, 0, 400), (100, 100 + wait_s, 500)).waited_for[1]) == is_wait


@pytest.mark.parametrize(
    ("granted_s", "ended_s", "held_s"),
    [(0, 100, None), (0, 101, 1.0), (299, 400, 1.0), (300, 400, None), (150, 250, 100.0), (0, 900, 200.0)],
)
def test_how_long(granted_s, ended_s, held_s):
    """Between asking and being granted, from the other's grant to its end."""
    found = waits((granted_s, granted_s, ended_s), (100, 300, 500))

    assert found.waited_for[1] == (() if held_s is None else ((0, held_s),))


def test_until_the_snapshot_is_let_go():
    """Where that is logged; else until the end."""
    let_go = np.array([150.0, np.nan])

    assert waits((0, 0, 250), (100, 300, 500), released_s=let_go).waited_for[1] == ((0, 50.0),)


def test_a_long_one_that_began_long_before():
    """However many short ones were granted since."""
    short = [(10.0 + place, 10.0 + place, 11.0 + place) for place in range(50)]

    assert waits((0, 0, 999), *short, (500, 600, 700)).waited_for[51] == ((0, 100.0),)


class TestPlaces:
    def test_host(self):
        """Where nobody held the volume, those of the host."""
        places = {"volume": np.array([0, 1, 2]), "volumes": ("A", "B", "C")}
        found = waits((0, 0, 150), (0, 0, 400), (100, 300, 500), **places)

        assert found.waited_for[2] == ((1, 200.0), (0, 50.0))
        assert found.is_host == (False, False, True)

    def test_a_refused_claim_is_the_volumes(self):
        """A backup that the logs do not show held it, not the jobs of the host."""
        places = {"volume": np.array([0, 1, 2]), "volumes": ("A", "B", "C")}
        refused = np.array([False, False, True])
        found = waits((0, 0, 150), (0, 0, 400), (100, 300, 500), is_refused=refused, **places)

        assert found.waited_for[2] == ()
        assert not any(found.is_host)

    def test_volume_before_host(self):
        """Who held the volume is named alone, however long others held the host's claims."""
        places = {"volume": np.array([0, 1, 0]), "volumes": ("A", "B")}
        found = waits((0, 0, 150), (0, 0, 400), (100, 300, 500), **places)

        assert found.waited_for[2] == ((0, 50.0),)
        assert found.is_host == (False, False, False)

    def test_nobody(self):
        """Another volume of another host, places that are not named: nobody."""
        apart = {
            "volume": np.array([0, 1]),
            "volumes": ("A", "B"),
            "host": np.array([0, 1]),
            "hosts": ("A", "B"),
        }
        nowhere = {"volume": np.array([-1, -1]), "host": np.array([-1, -1])}

        for places in (apart, nowhere):
            assert waits((0, 0, 400), (100, 300, 500), **places).waited_for == ((), ())

    def test_guests_wait_for_nobody(self):
        """They ask for no claim."""
        assert waits((0, 0, 400), (100, 300, 500), is_guest=np.array([False, True])).waited_for == ((), ())
