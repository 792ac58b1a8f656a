"""What estimates and a plan cost, beside a bare bootstrap: `python -m tests.bench.planning`, minutes.

The plan is for 1,000 VMs on 80 volumes: five simulated estates of 200 that share nothing.
"""

from __future__ import annotations

import resource
import time

import numpy as np

from analytics.planning.plan import Choices, plan_for
from analytics.planning.scenarios import model_of
from tests.bench.estates import Cost, show
from tests.planning.accuracy import estimate_times
from tests.planning.estate import Knobs, make, run
from tests.planning.looks import other_nights, side_by_side

_ESTATES, _VMS = 5, 200
_MET = 0.7


def main() -> None:
    """Print the table; the peak is that of the process, with the estates in it."""
    print("| what | measured | CPU s | wall s | peak MB |\n|---|---|---|---|---|")
    bare_s, *ours_s = np.min([estimate_times() for _ in range(3)], axis=0).tolist()
    show("bare nnls bootstrap, 60 VMs x 30 nights (floor)", Cost(bare_s, bare_s, 0.0))
    for name, seconds in zip(("rates", "causes of each job"), ours_s, strict=True):
        show(f"{name}, of the same", Cost(seconds, seconds, 0.0), f"{seconds / bare_s:.1f} times the floor")
    _plan()


def _plan() -> None:
    size = {"vms": _VMS, "volumes": 16, "hosts": 16, "servers": 4, "nights": 14, "future": 0}
    estates = [make(Knobs(seed=10 + number, **size)) for number in range(_ESTATES)]
    nobody = np.zeros(_VMS, bool)
    closes_s = []
    for estate in estates:
        nature = other_nights(estate, 10)
        ended_s = run(estate.truth, nature, np.broadcast_to(nobody, nature.start_s.shape)).ended_s
        closes_s.append(float(np.quantile(np.quantile(ended_s, 0.9, axis=0), _MET)))
    jobs, outlook = side_by_side(estates, closes_s)
    none, ones = np.zeros(len(jobs.vms), bool), np.ones(len(jobs.vms))
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    found = plan_for(model_of(jobs), outlook, Choices(none, none, ones), 0.9)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    cost = Cost(time.process_time() - cpu_s, time.perf_counter() - wall_s, peak_mb)
    moves = f"{len(found.plan.moves)} moves for {found.violators} VMs that are late"
    show("rates and plan, 1,000 VMs on 80 volumes, 14 nights", cost, moves)


if __name__ == "__main__":
    main()
