"""How long a guest-level backup of each VM would take, as draws (reference/model.md 2.3 and 2.4, 6).

T = a + beta ratio phi D slow noise + release. D and the load are those of the VM's own nights, the load at the hour at
which a guest job would move data; rates are those of the estate; what no log shows is believed (learned.py). Every
spread is part of the draws, and the model's own error, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.guest_grades import guest_grades
from analytics.planning.guest_rates import GuestRates, guest_rates
from analytics.planning.jobs import Bools, Floats, Ints, Jobs, completed
from analytics.planning.learned import Belief, Learned, learned
from analytics.planning.normals import normals, shares, turns
from analytics.planning.overlap import loads
from analytics.planning.rates import Rates
from analytics.planning.usual import Usual, usual

_SEED = 20_261_129
_STRUCTURE_SD = (0.15**2 + 0.20**2) ** 0.5
"""Error of the law itself outside of what was seen: of a volume and of a VM (model.md 0, 7)."""
_CHANGE_SD = 0.4
"""Spread of a VM's changed data from night to night where too few nights show it (assumed)."""
_LATE_NIGHTS = 14
"""Who was busy before that is past: VMs may have been moved since."""
_NET_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class GuestTimes:
    """Guest-level backups by VM, seconds; (draws, vms) unless said otherwise, NaN where nothing can be told."""

    before_s: Floats
    """From the start to the data move."""
    alone_s: Floats
    """The data move if nobody else moved data."""
    slow: Floats
    """Factor of the others at the usual load."""
    after_s: Floats
    """(vms,): from the data move to the end."""
    is_bound: Bools
    """(vms,): whether the draws are a safe upper bound only, as nothing tells scanning from changed data."""
    first_replica_s: Floats
    """(vms,): the first replica, once."""
    grade: tuple[str, ...]
    reason: tuple[str, ...]
    known: Learned
    """What the draws believe, and how many guest-level VMs it rests on."""

    @property
    def total_s(self) -> Floats:
        """From the start to the end."""
        return self.before_s + self.alone_s * self.slow + self.after_s

    @property
    def p50_s(self) -> Floats:
        """(vms,): the middle, NaN where only a bound is known."""
        return np.where(self.is_bound, np.nan, np.quantile(self.total_s, 0.5, axis=0))

    @property
    def low_s(self) -> Floats:
        """(vms,): the lower end of the 90 % range, NaN where only a bound is known."""
        return np.where(self.is_bound, np.nan, np.quantile(self.total_s, 0.05, axis=0))

    @property
    def high_s(self) -> Floats:
        """(vms,): the upper end of the 90 % range."""
        return np.asarray(np.quantile(self.total_s, 0.95, axis=0))

    def p_within(self, limit_s: Floats) -> Floats:
        """(vms,): probability to end so many seconds after the start; at least that where only a bound is known."""
        total = self.total_s
        is_unknown = np.isnan(total).any(axis=0) | np.isnan(limit_s)
        return np.where(is_unknown, np.nan, (total <= limit_s).mean(axis=0))


def guest_times(
    jobs: Jobs, rates: Rates, net_gb_per_s: float = np.inf, draws: int = 400, overhead_s: float = 120.0
) -> GuestTimes:
    """Guest-level backups of every VM of the jobs that `rates` were fitted on. Deterministic.

    `net_gb_per_s` limits the first replica, of which 0.8 is used (model.md 1.3); `overhead_s` is thought to be what a
    job takes however little it sends, as long as none is seen.
    """
    filled = completed(jobs)
    nights = usual(filled)
    rng = np.random.default_rng(_SEED)
    turn = turns(jobs)
    cost = guest_rates(filled, rates, nights, rng, draws, turn)
    known = learned(jobs, _expected(filled, cost), overhead_s)
    dice = _Dice(rng, draws, turn)
    before = np.exp(dice.believed(known.overhead))
    each = cost.sent_s_per_gb * np.exp(dice.believed(known.ratio))
    phi = np.exp(np.maximum(dice.believed(known.phi), 0.0))
    each *= np.where(nights.is_tracked, 1.0, phi)
    noise = np.exp(_noise(rates, dice) + _STRUCTURE_SD * dice.normals())
    sent_gb, slow = _on_a_night(
        filled, nights, cost, np.median(before, axis=0), np.median(each, axis=0), dice
    )
    grade, reason = guest_grades(rates, nights, known, cost.is_bound)
    return GuestTimes(
        before_s=before,
        alone_s=each * sent_gb * noise,
        slow=np.where(cost.is_bound, 1.0, slow),
        after_s=nights.after_s,
        is_bound=cost.is_bound,
        first_replica_s=nights.vhd_gb * np.maximum(1 / (_NET_SHARE * net_gb_per_s), cost.scan_s_per_gb),
        grade=grade,
        reason=reason,
        known=known,
    )


class _Dice:
    """Draws of one seed that do not depend on the order of the VMs."""

    def __init__(self, rng: np.random.Generator, draws: int, turn: Ints) -> None:
        self.rng, self.draws, self.turn = rng, draws, turn

    def normals(self) -> Floats:
        return normals(self.rng, self.draws, self.turn)

    def shares(self) -> Floats:
        return shares(self.rng, self.draws, self.turn)

    def believed(self, belief: Belief) -> Floats:
        """Logs drawn from a belief: what VMs have in common is one number a draw."""
        common = normals(self.rng, self.draws, np.zeros(1, np.int64))
        share = np.minimum(belief.sd / belief.own_sd, 1.0)
        each = share * common + np.sqrt(1 - share**2) * self.normals()
        return np.asarray(belief.own + belief.own_sd * each)


def _expected(jobs: Jobs, cost: GuestRates) -> Floats:
    """What a GB would cost each job alone at host level's rate, times the factor of its load."""
    on_volume, on_server = (np.nan_to_num(load) for load in loads(jobs))
    middle = np.median(cost.sent_s_per_gb, axis=0)[jobs.vm]
    slow = 1 + np.median(cost.volume_contention, axis=0)[jobs.vm] * on_volume
    return np.asarray(middle * (slow + np.median(cost.server_contention, axis=0)[jobs.vm] * on_server))


def _noise(rates: Rates, dice: _Dice) -> Floats:
    """Logs of the noise of single jobs as the host jobs show it; lognormal where too few do."""
    seen = np.sort(rates.residual[~np.isnan(rates.residual)])
    if seen.size < 20:
        return 0.2 * dice.normals()
    return np.asarray(np.quantile(seen, dice.shares()))


def _on_a_night(
    jobs: Jobs, nights: Usual, cost: GuestRates, before_s: Floats, each: Floats, dice: _Dice
) -> tuple[Floats, Floats]:
    """Changed GB of some night of each VM, and the factor of the others on one of its last nights, (draws, vms)."""
    volume, server = (
        np.median(part, axis=0)[:, None] for part in (cost.volume_contention, cost.server_contention)
    )
    alone_s = each[:, None] * nights.sent_gb
    slow = np.full_like(alone_s, 1.5)
    for _ in range(2):
        on_volume, on_server = nights.loads(jobs, before_s, np.nan_to_num(alone_s * slow))
        slow = 1 + volume * on_volume + server * on_server
    count = np.maximum(nights.count, 1)
    at = np.minimum((dice.shares() * count).astype(np.int64), count - 1)
    vm = np.arange(len(count))
    late = count - 1 - (dice.shares() * np.minimum(count, _LATE_NIGHTS)).astype(np.int64)
    factor = 1 + cost.volume_contention * on_volume[vm, late] + cost.server_contention * on_server[vm, late]
    # few nights show too little of how much the changed data varies
    jitter = np.exp(_CHANGE_SD / np.sqrt(count) * dice.normals())
    return nights.sent_gb[vm, at] * jitter, factor
