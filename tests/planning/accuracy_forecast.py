"""`python -m tests.planning.accuracy_forecast`: how good forecasts of a breaking date are, with and without steps.

VMs whose disks grow, or do not; the time follows the law of model.md (3) with noise, and in the second table with level
steps that have nothing to do with the disks. The truth is the date on which the noiseless time crosses the limit.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from analytics.planning.forecast import HORIZON_DAYS, Forecast, Past, Sizes, forecast

DAY0 = 20_000


@dataclass(frozen=True)
class Drawn:
    """One VM: what is seen of it, and the day on which it truly breaks its limit (infinite: not within a year)."""

    past: Past
    sizes: Sizes
    scan_share: np.ndarray
    limit_s: float
    truth: float


def drawn(seed: int, *, nights: int, growth: float, has_step: bool, every_days: int = 1) -> Drawn:
    """A VM of that growth a day, with a level step in the middle third where wanted; sizes in whole GB."""
    rng = np.random.default_rng([5, seed])
    days = np.arange(nights + HORIZON_DAYS + 400)
    gb = np.exp(rng.normal(np.log(200), 0.5)) * np.exp(growth * days)
    scan, sent = rng.uniform(6, 14), rng.uniform(8, 30)
    overhead_s, wait_s = rng.uniform(5, 30), rng.uniform(60, 900)
    sent_gb = 0.03 * gb[0] * np.exp(rng.normal(0, 0.4, len(days)))
    transfer_s = overhead_s + scan * gb + sent * 0.03 * gb[0]
    share = scan * gb[nights - 1] / transfer_s[nights - 1] * np.exp(rng.normal(0, 0.03, 100))
    if has_step:
        transfer_s = transfer_s * np.where(
            days >= rng.integers(nights // 3, 2 * nights // 3), rng.choice([0.75, 1.3]), 1
        )
    noise = np.exp(rng.normal(0, 0.12, len(days))) * np.where(
        rng.random(len(days)) < 0.04, rng.uniform(1.5, 3), 1
    )
    seen_s = (transfer_s + sent * (sent_gb - 0.03 * gb[0])) * noise
    limit_s = (transfer_s[nights - 1] + wait_s) * rng.uniform(1.05, 1.4)
    late = np.flatnonzero(transfer_s[nights:] + wait_s > limit_s)
    truth = DAY0 + nights + late[0] if late.size and late[0] <= HORIZON_DAYS else np.inf
    collected = np.arange(0, nights, every_days)
    night = DAY0 + np.arange(nights)
    return Drawn(
        Past(night, seen_s[:nights] + wait_s * rng.lognormal(0, 0.3, nights), seen_s[:nights]),
        Sizes((DAY0 + collected).astype(float), np.round(gb[collected])),
        np.minimum(share, 1.0),
        limit_s,
        truth,
    )


@dataclass
class Score:
    """Errors of dates that came, how many of them lay in the interval, false alarms among VMs without a trend."""

    errors: list[float]
    covered: list[bool]
    missed: int = 0
    alarms: int = 0
    still: int = 0

    def add(self, vm: Drawn, told: Forecast) -> None:
        """Judge one forecast."""
        if not np.isfinite(vm.truth):
            self.still += 1
            self.alarms += told.verdict == "trend"
        elif told.breaks_on is None or told.low is None or told.high is None:
            self.missed += 1
        else:
            self.errors.append(abs(told.breaks_on - vm.truth))
            self.covered.append(told.low <= vm.truth <= told.high)


def score(vms: int, *, nights: int = 90, has_step: bool = False, every_days: int = 1, seed: int = 0) -> Score:
    """Two thirds of the VMs grow by 6 to 60 % a year or more, one third does not."""
    found = Score([], [])
    for number in range(vms):
        growth = 0.0 if number % 3 == 0 else np.random.default_rng([9, seed + number]).uniform(2e-4, 2.5e-3)
        vm = drawn(seed + number, nights=nights, growth=growth, has_step=has_step, every_days=every_days)
        found.add(vm, forecast(vm.past, vm.sizes, vm.scan_share, vm.limit_s))
    return found


def main() -> None:
    """Print one line per setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vms", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    options = parser.parse_args()
    print("setting                            median error  covered  false alarms  dates missed")
    for nights, every_days, has_step in [
        (60, 1, False),
        (60, 1, True),
        (90, 1, False),
        (90, 1, True),
        (90, 7, True),
        (180, 7, True),
    ]:
        found = score(
            options.vms, nights=nights, has_step=has_step, every_days=every_days, seed=options.first
        )
        name = f"{nights} nights, sizes every {every_days} d{', steps' if has_step else ''}"
        print(
            f"{name:34} {np.median(found.errors):9.1f} d  {np.mean(found.covered):7.3f}"
            f"  {found.alarms:4} of {found.still:4}  {found.missed:4} of {found.missed + len(found.errors)}"
        )


if __name__ == "__main__":
    main()
