"""From logs to a plan, checked in the simulation that wrote the logs; a sample of tests/planning/accuracy_plan.py."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.jobs import chosen
from analytics.planning.plan import Choices, Planned, plan_for
from analytics.planning.scenarios import model_of
from tests.planning.estate import Estate, Knobs, make, run
from tests.planning.looks import other_nights, outlook_of

_VMS = 16
_CLOSE_S = 2.9 * 3600
_NONE = np.zeros(_VMS, bool)
_FREE = Choices(_NONE, _NONE, np.ones(_VMS))


@pytest.fixture(scope="module")
def estate() -> Estate:
    """Two volumes, two hosts, ten nights."""
    return make(Knobs(seed=2, vms=_VMS, volumes=2, hosts=2, nights=10, future=0))


@pytest.fixture(scope="module")
def found(estate: Estate) -> Planned:
    """The plan for its next night."""
    return plan_for(model_of(estate.jobs), outlook_of(estate, _CLOSE_S), _FREE, 0.9, seconds=20)


def _meets(estate: Estate, moves: tuple[int, ...]) -> np.ndarray:
    nature = other_nights(estate, 100)
    moved = np.isin(np.arange(_VMS), moves)
    ended_s = run(estate.truth, nature, np.broadcast_to(moved, nature.start_s.shape)).ended_s
    return (ended_s <= _CLOSE_S).mean(axis=0)


def test_the_plan_holds_in_truth(estate: Estate, found: Planned) -> None:
    """With its moves nearly all VMs meet; without them several do not, and moves are fewer than those."""
    before, after = _meets(estate, ()), _meets(estate, found.plan.moves)

    assert (before < 0.9).sum() >= 3
    assert (after >= 0.9).mean() >= 0.93
    assert after.min() >= 0.75
    assert 0 < len(found.plan.moves) < (before < 0.9).sum()
    assert found.plan.status in {"optimal", "within", "heuristic"}


def test_names_and_order_of_rows_are_nothing(estate: Estate, found: Planned) -> None:
    """The same VMs are moved, whatever they are called and in whatever order their jobs come."""
    perm = np.random.default_rng(3).permutation(_VMS)
    rows = np.random.default_rng(4).permutation(len(estate.jobs))
    jobs = chosen(replace(estate.jobs, vm=perm[estate.jobs.vm]), rows)
    look = outlook_of(estate, _CLOSE_S)
    other = replace(look, release_s=look.release_s[np.argsort(perm)])
    again = plan_for(model_of(jobs), other, _FREE, 0.9, seconds=20)

    assert {int(perm[place]) for place in found.plan.moves} == set(again.plan.moves)
    assert again.plan.prefixes == found.plan.prefixes


def test_ctrl_c_ends_the_trials_and_leaves_the_plan(estate: Estate, found: Planned) -> None:
    """Stopped while other starts are tried, none is named and moves are found all the same."""
    told = []

    def stop(code: str, _number: int) -> None:
        told.append(code)
        if code == "spread":
            raise KeyboardInterrupt

    look = outlook_of(estate, _CLOSE_S)
    stopped = plan_for(model_of(estate.jobs), look, _FREE, 0.9, seconds=8, tell=stop)

    assert stopped.alternatives == ()
    assert found.alternatives
    assert len(stopped.plan.moves) == len(found.plan.moves)
    assert "skipped" in told


def test_those_at_guest_level_are_no_moves() -> None:
    """A VM that is at guest level already is neither moved nor counted, and one that must move is."""
    estate = make(Knobs(seed=2, vms=_VMS, volumes=2, hosts=2, nights=10, future=0, guests=4))
    model = model_of(estate.jobs)
    guests = set(np.flatnonzero(estate.is_guest[0]).tolist())
    host = next(vm for vm in range(_VMS) if vm not in guests)
    must = np.arange(_VMS) == host
    plan = plan_for(model, outlook_of(estate, 12 * 3600), replace(_FREE, must=must), 0.9, seconds=10).plan

    assert len(guests) == 4
    assert plan.moves == (host,)
