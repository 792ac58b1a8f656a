"""Which VMs to move to guest level so that every job meets its limit: the fewest or cheapest, ranked (model.md 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.goal import Clock, Goal, judge
from analytics.planning.hitting_set import cheapest
from analytics.planning.night import Bools, Floats, Night, components
from analytics.planning.search import added, is_reached, reduced, swapped

__all__ = ["Plan", "planned"]

_PROVED_JOBS = 60
# A proof that takes longer seldom comes.
_PROOF_S = 15.0
_MENDING_S = 15.0
_RANKED_ONE_BY_ONE = 25
_PREFIXES = 12
# Below the wanted probability by no more than chance does with the scenarios of the check.
_CHECK_SLACK = 0.01


@dataclass(frozen=True, slots=True)
class Plan:
    """Moves in the order in which they help most, as places of the night's jobs, and what is known of them.

    `status` is optimal, within, heuristic, infeasible or nothing_to_do; `gap` is the share by which a cheaper plan may
    undercut this one, None where unknown. `prefixes` are numbers of moves and the share of jobs that meet after them.
    `meets` is the probability of each job under the plan, by scenarios that the search has not seen.
    `least_lateness_s` is how late the latest is at the wanted probability, 0 where all limits are met.
    """

    moves: tuple[int, ...]
    status: str
    gap: float | None
    prefixes: tuple[tuple[int, float], ...]
    meets: Floats
    least_lateness_s: float


def planned(
    goal: Goal,
    check: Night,
    *,
    seconds: float = 100.0,
    max_moves: int | None = None,
    tell: Callable[[str, int], None] | None = None,
) -> Plan:
    """A plan for the goal; `check` is the same night in other scenarios, by which the plan is verified and mended.

    Ctrl+C ends the search, and the best so far is the answer. Where some limits cannot be met whatever is moved, the
    plan is for the others, and its status is infeasible.
    """
    clock = Clock(seconds, tell)
    start = judge(goal, goal.must)
    if not start.violated(goal.probability).any():
        return _finished(goal, check, goal.must, "nothing_to_do" if not goal.must.any() else "optimal", 0.0)
    hopeless, search = np.zeros(goal.night.jobs, bool), _Search(goal, clock)
    try:
        hopeless = _hopeless(goal, clock)
        reachable = replace(goal, limit_s=np.where(hopeless, np.inf, goal.limit_s))
        search = _Search(reachable, clock)
        search.run()
        search.mend(replace(reachable, night=check))
    except KeyboardInterrupt:
        clock.tell("interrupted", int(search.moved.sum()))
    status, gap = search.status()
    if hopeless.any():
        status, gap = "infeasible", None
    plan = _finished(goal, check, search.moved, status, gap)
    if max_moves is not None and len(plan.moves) > max_moves:
        fewer = np.zeros_like(search.moved)
        fewer[list(plan.moves[:max_moves])] = True
        return _finished(goal, check, fewer | goal.must, "infeasible", None)
    return plan


class _Search:
    """The best moves so far, and how good they are known to be."""

    def __init__(self, goal: Goal, clock: Clock) -> None:
        self.goal, self.clock = goal, clock
        self.moved = ~goal.never  # moves all: the first answer, should there be no time for a second
        self.bound = 0.0
        self.is_mended = False

    def run(self) -> None:
        """Find moves that are enough, drop those that are not needed, and prove what can be proved."""
        enough = added(self.goal, self.goal.must, self.clock)
        if not is_reached(self.goal, enough):
            return
        self.moved = enough
        self.moved = reduced(self.goal, self.moved, self.clock)
        part = components(self.goal.night)
        parts = [np.nonzero(part == number)[0] for number in range(int(part.max()) + 1)]
        for place, jobs in enumerate(sorted(parts, key=len)):
            if self.moved[jobs].any():
                share = self.clock.left_s() / (len(parts) - place)
                self.bound += self._prove(jobs, Clock(share, self.clock.tell))

    def _prove(self, jobs: np.ndarray, clock: Clock) -> float:
        """Improve the moves of one component; the lower bound on their cost."""
        goal, moved = self.goal.part(jobs), self.moved[jobs]
        if len(jobs) <= _PROVED_JOBS:
            moved = swapped(goal, moved, Clock(clock.left_s() / 3, clock.tell))
            self.moved[jobs] = moved
            moved, bound = cheapest(goal, moved, Clock(min(_PROOF_S, clock.left_s()), clock.tell))
        else:
            moved, bound = swapped(goal, moved, clock), float((goal.must * goal.cost).sum())
        self.moved[jobs] = moved
        return bound

    def mend(self, goal: Goal) -> None:
        """Move more where scenarios that the search has not seen say that it is not enough; drop what is not needed."""
        easier = replace(goal, probability=goal.probability - _CHECK_SLACK)
        if is_reached(easier, self.moved):
            return
        time = Clock(max(_MENDING_S, self.clock.left_s()), self.clock.tell)
        more = added(easier, self.moved, time)
        if is_reached(easier, more):
            self.is_mended = True
            self.moved = reduced(easier, more, time)

    def status(self) -> tuple[str, float | None]:
        """optimal, within or heuristic, and the gap."""
        cost = float((self.moved * self.goal.cost).sum())
        if self.is_mended or self.bound <= 0:
            return "heuristic", None
        gap = max(0.0, 1 - self.bound / cost)
        return ("optimal", 0.0) if gap < 1e-9 else ("within", gap)


def _hopeless(goal: Goal, clock: Clock) -> Bools:
    """Whose limit cannot be met: neither where all are moved that may be, nor where all are but itself."""
    all_moved = ~goal.never
    late: Bools = judge(goal, all_moved).violated(goal.probability)[0]
    for job in np.nonzero(late & all_moved & ~goal.must)[0]:
        if clock.is_up():
            break
        alone = all_moved.copy()
        alone[job] = False
        late[job] = judge(goal, alone).violated(goal.probability)[0, job]
    return late


def _finished(goal: Goal, check: Night, moved: Bools, status: str, gap: float | None) -> Plan:
    by_check = replace(goal, night=check)
    order = _ranked(goal, moved)
    counts = sorted({*np.linspace(0, len(order), _PREFIXES).round().astype(int).tolist(), len(order)})
    plans = np.zeros((len(counts), goal.night.jobs), bool)
    for row, count in enumerate(counts):
        plans[row, order[:count]] = True
    # on the way the search's own scenarios will do, which are fewer
    found, late = judge(by_check, plans[-1]), judge(goal, plans).violated(goal.probability)
    late[-1] = found.violated(goal.probability - _CHECK_SLACK)[0]
    met = 1 - late.mean(axis=1)
    return Plan(
        tuple(order),
        status,
        gap,
        tuple((count, float(share)) for count, share in zip(counts, met, strict=True)),
        found.meets[-1],
        float(found.late_s[-1].max()) if status == "infeasible" else 0.0,
    )


def _ranked(goal: Goal, moved: Bools) -> list[int]:
    """The moves in the order in which they help most; of many, the largest first."""
    waiting = [int(job) for job in np.nonzero(moved)[0]]
    size = goal.night.at_host.work_gb.mean(axis=0) * goal.night.alone_s_per_gb
    waiting.sort(key=lambda job: (not goal.must[job], -size[job], job))
    if len(waiting) > _RANKED_ONE_BY_ONE:
        return waiting
    order: list[int] = []
    while waiting:
        plans = np.zeros((len(waiting), goal.night.jobs), bool)
        plans[:, order] = True
        plans[np.arange(len(waiting)), waiting] = True
        found = judge(goal, plans)
        late = found.violated(goal.probability).sum(axis=1)
        best = min(range(len(waiting)), key=lambda row: (late[row], found.late_s[row].sum(), row))
        order.append(waiting.pop(best))
    return order
