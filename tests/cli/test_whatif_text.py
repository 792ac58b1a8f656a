"""What whatif says of a plan: each sentence where its cause is there, and not where it is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.cli import whatif_text
from analytics.planning.advice_trials import Alternative
from analytics.planning.moves import Plan
from analytics.planning.plan import Planned
from analytics.planning.spread import Overload

H = 3600.0
VMS = ("A", "B", "C")


def said(
    *,
    moves: tuple[int, ...] = (),
    meets: tuple[float, ...] = (0.2, 0.2, 0.2),
    status: str = "infeasible",
    prefixes: tuple[tuple[int, float], ...] = ((0, 0.0),),
    tried: tuple[Alternative, ...] = (),
    max_moves: int | None = None,
    **guest: Any,
) -> str:
    """A plan for three VMs: B must stay, C is at guest level; all is known of A but for what `guest` says."""
    known = {"grade": ("B",) * 3, "reason": ("own_fit",) * 3, "is_bound": np.zeros(3, bool)} | guest
    none = np.zeros(3, bool)
    request: Any = SimpleNamespace(
        model=SimpleNamespace(
            guest=SimpleNamespace(**known),
            can_move=np.array([known["reason"][0] != "no_sizes", True, True]),
            usual=SimpleNamespace(is_guest=np.array([False, False, True])),
            rules=SimpleNamespace(in_order=1.0, caps=SimpleNamespace(volume_until_snapshot=False)),
        ),
        names=VMS,
        jobs=SimpleNamespace(vms=VMS, volumes=("V:\\",), hosts=("h",), servers=("d",)),
        before=SimpleNamespace(night=20_000),
        after=SimpleNamespace(vm=np.arange(3)),
        asked=SimpleNamespace(night=None, window=None),
        choices=SimpleNamespace(never=np.array([False, True, False]), must=none),
        left_out=(),
        spread=None,
        reproduction=SimpleNamespace(nights=9, finish_error_median=0.1, accepted=True),
        known_caps=lambda _kind: [],
    )
    plan = Plan(moves, status, None, prefixes, np.array(meets), 2 * H)
    _, lines = whatif_text.planned(request, Planned(plan, tried, 3), 0.9, max_moves)
    return "\n".join(line if isinstance(line, str) else _rows(line) for line in lines)


def _rows(table: list[Any]) -> str:
    return "\n".join("|".join(cells) for cells in zip(*(column.cells for column in table), strict=True))


class TestUnknown:
    @pytest.mark.parametrize(
        ("guest", "status", "why"),
        [
            ({}, "Moves alone are not enough for all: the latest is still 2:00 h late", ""),
            (
                {"reason": ("no_sizes",) * 3},
                "No moves are known to be enough for all",
                "Nothing tells how long A would take at guest level. The size of the disks is not known",
            ),
            (
                {"reason": ("one_vm",) * 3, "is_bound": np.ones(3, bool)},
                "No moves are known to be enough for all",
                "How long A would take at guest level is known only as an upper bound, which is too long. One VM",
            ),
        ],
    )
    def test_of_late_vms_that_stay(self, guest, status, why) -> None:
        """Of one that the site file keeps and of one that is in its guest nothing is missing."""
        found = said(**guest)

        assert status in found
        assert why in found
        assert ("would take at guest level" in found) == bool(why)
        assert "would take at guest level" not in said(**guest, meets=(1.0, 0.2, 0.2))

    def test_fewer_moves_than_are_needed(self) -> None:
        """Where the user allows no more it is not the moves that fail."""
        assert "1 VM; so many moves are not enough" in said(moves=(0,), max_moves=1)
        assert "1 VM; moves alone are not enough" in said(moves=(0,), max_moves=2)

    def test_grades_of_moves(self) -> None:
        """Those of the moved VMs alone; without a move none."""
        one = {"grade": ("D", "C", "C"), "is_bound": np.array([True, False, False])}

        assert "grade C, D" in said(moves=(0, 1), **one)
        assert "Of A only an upper bound" in said(moves=(0, 1), **one)
        assert "grade C:" in said(moves=(1,), **one)
        assert "grade" not in said(**one)


def test_a_place_that_one_vm_explains_is_not_told() -> None:
    """The host of one long job needs no longer than the job."""
    alone = Overload("vm", 1, 10 * H, 8 * H)

    def tried(host_s: float) -> str:
        loads = (Overload("host", 0, host_s, 8 * H), alone)
        return said(tried=(Alternative("spread", np.zeros(3), 0.9, overloads=loads),))

    assert "start times: 0 % of VMs would meet; B takes up to 10:00 h on 90 % of nights, there is" in tried(
        9 * H
    )
    assert "would meet; host h needs at least 11:00 h for its jobs, there is time for 8:00 h; B takes" in (
        tried(11 * H)
    )


def test_every_number_of_moves_has_its_share() -> None:
    """Of many moves some numbers are judged: a row has the VMs since the one before."""
    found = said(moves=(0, 1, 2), status="heuristic", prefixes=((0, 0.0), (1, 0.5), (3, 1.0)))

    assert "0|-|0 %\n1|A|50 %\n3|B, C|100 %" in found
