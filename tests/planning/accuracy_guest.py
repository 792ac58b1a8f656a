"""How near predictions and guest-level times come: `python -m tests.planning.accuracy_guest [estates] [first seed]`.

It takes minutes. Beside each figure stands its bound: what one reaches who knows the estate's law, its loads and how
its VMs vary, and lacks only what no log shows (priors, the nights to come). The fitted law is not that of the estates.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from analytics.planning.guest import guest_times
from analytics.planning.jobs import Floats, Ints
from analytics.planning.predict import Due, predicted
from analytics.planning.rates import fitted
from tests.planning.alone import moved_alone, moved_alone_moves
from tests.planning.estate import FIRST_NIGHT, Estate, Knobs, make

_LARGEST = 15
_DRAWS = 4000
_JUDGED = 4

GUEST = {
    "ordinary": Knobs(),
    "contention twice": Knobs(contention=2, server_contention=2),
    "0.5 % changed": Knobs(changed=0.005),
    "10 % changed": Knobs(changed=0.10),
    "serial claims": Knobs(volume_cap=1),
    "ten guest VMs": Knobs(guests=10),
    "ten moved VMs": Knobs(moved_after=15, moves=10),
}
NEXT = {
    "30 nights": Knobs(future=64),
    "7 nights": Knobs(nights=7, future=64),
    "contention twice": Knobs(contention=2, server_contention=2, future=64),
    "10 % changed": Knobs(changed=0.10, future=64),
    "12 VMs": Knobs(vms=12, volumes=3, future=64),
}


def main(estates: int = 20, first: int = 0) -> None:
    """Print both tables."""
    seeds = range(first, first + estates)
    print(f"Guest-level time, the {_LARGEST} largest VMs each moved on its own, {estates} estates; (bound)")
    print(f"{'':18}{'median error':>18}{'in range':>18}{'upper end holds':>18}{'high/low':>18}")
    for name, knobs in GUEST.items():
        print(
            name.ljust(18) + _line([_guest(make(replace(knobs, seed=seed))) for seed in seeds]),
            flush=True,
        )
    print(f"\nNext nights' data move, all VMs, {estates} estates; (bound)")
    print(
        f"{'':18}{'median error':>18}{'in range':>18}{'upper end holds':>18}{'high/low':>18}  own median  hit rate"
    )
    for name, knobs in NEXT.items():
        judged = [_next(make(replace(knobs, seed=seed))) for seed in seeds]
        own = np.median(np.concatenate([error for _, error, _ in judged]))
        hits = np.mean([share for *_, share in judged])
        print(f"{name:18}{_line([both for both, *_ in judged])}{own:>12.3f}{hits:>10.3f}", flush=True)


def _line(judged: list[Floats]) -> str:
    """The figures of many estates and, in brackets, those of the bound; from (2, 4, cases) of each."""
    found = np.concatenate(judged, axis=2)
    middle, shares = np.median(found, axis=2), found.mean(axis=2)
    figures = np.array([middle[:, 0], shares[:, 1], shares[:, 2], middle[:, 3]])
    return "".join(f"{ours:>10.3f} ({bound:.3f})" for ours, bound in figures)


def _judged(truth: Floats, p50: Floats, low: Floats, high: Floats) -> Floats:
    """(4, cases): error, whether in the range, whether below its upper end, high by low."""
    held = ((low <= truth) & (truth <= high), truth <= high)
    spread = np.broadcast_to(high / low, truth.shape)
    return np.array([np.abs(p50 / truth - 1), *held, spread])[:, ~np.isnan(truth)]


def _guest(estate: Estate) -> Floats:
    """(2, 4, cases): how guest-level times are judged, and how the bound is."""
    which = np.argsort(-estate.truth.vhd_gb)
    which = which[~estate.is_guest[-1, which]][:_LARGEST]
    truth = moved_alone(estate, which)
    times = guest_times(estate.jobs, fitted(estate.jobs))
    bound = np.quantile(_knowing(estate, which), (0.5, 0.05, 0.95), axis=0)
    ours = (ends[which] for ends in (times.p50_s, times.low_s, times.high_s))
    return np.array([_judged(truth, *ours), _judged(truth, *bound)])


def _knowing(estate: Estate, which: Ints) -> Floats:
    """Draws of who knows the law, the usual slowing and how VMs vary, but not what only guest jobs show."""
    truth, rng = estate.truth, np.random.default_rng([12, estate.truth.knobs.seed])
    nature = estate.nature.part(estate.future)
    cost = truth.sent_s_per_gb * truth.guest_sent_ratio * truth.phi
    alone_s = (cost * nature.sent_gb * nature.noise)[:, which]
    slow = np.median(moved_alone_moves(estate, which) / alone_s, axis=0)

    def spread(each: float, common: float = 0.0) -> Floats:
        return np.exp(each * rng.normal(size=(_DRAWS, len(which))) + common * rng.normal(size=(_DRAWS, 1)))

    guests = estate.is_guest[estate.truth.knobs.nights - 1]
    if guests.any():
        seen = guests.sum() ** 0.5
        middle, ratio = (
            np.exp(np.log(part[guests]).mean()) for part in (truth.guest_overhead_s, truth.guest_sent_ratio)
        )
        before_s, costs = middle * spread(0.3, 0.3 / seen), ratio * spread(0.16, 0.16 / seen)
    else:
        before_s, costs = 120 * spread(0.3, 0.4), spread(0.16, 0.15)
    phi = np.maximum(1.0, 1.4 * spread(0.22))
    sent_gb = (truth.changed_share * truth.vhd_gb)[which] * spread(0.4)
    noise = spread(float(np.hypot(truth.knobs.noise, truth.knobs.shock)))
    return before_s + truth.sent_s_per_gb[which] * costs * phi * sent_gb * noise * slow + truth.release_s


def _next(estate: Estate) -> tuple[Floats, Floats, float]:
    """(2, 4, cases): how predictions are judged, and how who knows each VM's next 60 nights; own median; hit rate."""
    knobs, jobs = estate.truth.knobs, estate.jobs
    everyone, nothing = np.arange(knobs.vms), np.full(knobs.vms, np.nan)
    night = np.full(knobs.vms, FIRST_NIGHT + knobs.nights)
    found = predicted(jobs, fitted(jobs, 2), Due(everyone, night, nothing, nothing))
    happened = np.where(np.isnan(estate.nature.fails_at), estate.transfer_s, np.nan)
    ahead, later = happened[knobs.nights :][:_JUDGED], happened[knobs.nights + _JUDGED :]
    own = np.nanmedian(
        np.where(jobs.is_good, jobs.transfer_s, np.nan).reshape(knobs.nights, knobs.vms), axis=0
    )
    ours = _judged(ahead, found.transfer_p50_s, found.low_s, found.high_s)
    bound = _judged(ahead, *np.nanquantile(later, (0.5, 0.05, 0.95), axis=0))
    return np.array([ours, bound]), _judged(ahead, own, own, own)[0], found.hit_rate.share


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
