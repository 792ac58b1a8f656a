"""Logs that show too little: a lower grade or a refusal with its reason, never a crash, a warning or a bare number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.guest import guest_times
from analytics.planning.jobs import Jobs, chosen
from analytics.planning.pilot import pilot
from analytics.planning.predict import Due, predicted
from analytics.planning.rates import fitted
from analytics.planning.scenarios import model_of
from tests.planning.estate import Knobs, make

PLAIN = Knobs(seed=61, vms=12, volumes=3, nights=14)


def unknown(jobs: Jobs, *names: str) -> Jobs:
    """The jobs without these numbers."""
    return replace(jobs, **{name: np.full(len(jobs), np.nan) for name in names})


def constant(jobs: Jobs, name: str, value: object) -> Jobs:
    """The jobs with one value in place of all."""
    return replace(jobs, **{name: np.full(len(jobs), value)})


# what is done to the logs, and the reasons that guest-level estimates and predictions may have then
CASES = {
    "one_vm_per_volume": (
        lambda _: make(Knobs(seed=61, vms=3, volumes=3, nights=14)).jobs, {"one_vm"}, {"own_nights"},
    ),
    "shuffled": (
        lambda _: make(Knobs(seed=61, vms=24, volumes=3, is_shuffled=True)).jobs, {"sizes_do_not_fit"}, {"own_nights"},
    ),
    "no_sizes": (lambda jobs: unknown(jobs, "vhd_gb"), {"no_sizes"}, {"own_nights"}),
    "no_bytes": (lambda jobs: unknown(jobs, "sent_gb"), {"no_changed_bytes"}, {"own_nights"}),
    "no_change": (lambda jobs: constant(jobs, "sent_gb", 0.0), {"no_changed_data"}, {"own_nights"}),
    "tracking_works": (lambda jobs: constant(jobs, "is_compared", False), {"change_tracking"}, {"own_nights"}),
    "no_volume": (lambda jobs: constant(jobs, "volume", -1), {"no_volume"}, {"own_nights"}),
    "no_names": (lambda jobs: constant(jobs, "vm", -1), {"no_volume"}, {"no_jobs"}),
    "no_stamps": (lambda jobs: unknown(jobs, "moving_s", "moved_s"), {"no_transfers"}, {"no_jobs"}),
    "clocks_off": (lambda jobs: replace(jobs, moved_s=jobs.moving_s - 100), None, None),
    "none_ended": (lambda jobs: constant(jobs, "is_good", False), {"no_changed_bytes"}, {"no_jobs"}),
    "only_checks": (lambda jobs: constant(jobs, "is_full", False), {"no_volume"}, {"no_jobs"}),
    "disks_of_nothing_and_of_a_pb": (
        lambda jobs: replace(jobs, vhd_gb=np.select([jobs.vm < 2, jobs.vm > 9], [0.0, 2**20], jobs.vhd_gb)), None, None,
    ),
    "one_night": (lambda jobs: constant(jobs, "night", 20_000), {"few_nights"}, {"not_calibrated"}),
    "no_jobs": (lambda jobs: chosen(jobs, np.zeros(len(jobs), bool)), {"no_volume"}, {"no_jobs"}),
    "no_labels": (
        lambda jobs: replace(chosen(jobs, np.zeros(len(jobs), bool)), vms=(), volumes=(), servers=(), hosts=()),
        set(), set(),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def jobs():
    """Good logs of a small estate."""
    return make(PLAIN).jobs


@pytest.mark.parametrize("case", CASES)
def test_poor_input(jobs, case):
    """Numbers come with a grade and the right reason; where there is none, the grade is D, and upper ends are apart."""
    poor, guest_reasons, next_reasons = CASES[case]
    found = poor(jobs)
    vms = len(found.vms)
    rates = fitted(found, 20)
    times = guest_times(found, rates, draws=100)
    due = Due(np.arange(vms), np.full(vms, 20_100), np.full(vms, np.nan), np.full(vms, 3600.0))
    ahead = predicted(found, rates, due)
    first = pilot(found, times, np.full(vms, 7200.0), np.ones(vms, bool))

    assert guest_reasons is None or set(times.reason) == guest_reasons
    assert next_reasons is None or set(ahead.reason) == next_reasons
    assert (np.isnan(times.p50_s) == (np.array(times.grade, str) == "D")).all()
    assert not (times.high_s <= times.p50_s).any()
    assert (np.isnan(ahead.transfer_p50_s) == (np.array(ahead.grade, str) == "D")).all()
    assert len(first.vms) in {0, 3, 4, 5}


def test_a_disk_of_nothing_tells_nothing_of_others(jobs):
    """What a VM sends whose bytes are not known: the share of its disks that is typical of those that have a size."""
    sent = np.where(jobs.vm == 0, np.nan, jobs.sent_gb)
    known = replace(jobs, sent_gb=np.where(jobs.vm == 1, np.nan, sent))
    empty = replace(jobs, sent_gb=sent, vhd_gb=np.where(jobs.vm == 1, 0.0, jobs.vhd_gb))

    assert model_of(empty).typical_gb[0] == pytest.approx(model_of(known).typical_gb[0])


def test_contention_never_seen():
    """Where no two jobs ever met on a volume, a guest job beside another is believed to be slowed."""
    serial = make(Knobs(seed=62, vms=12, volumes=2, nights=14, volume_cap=1))
    times = guest_times(serial.jobs, fitted(serial.jobs))

    assert (np.median(times.slow, axis=0) > 1.05).mean() > 0.5
    assert np.median(np.quantile(times.slow, 0.95, axis=0) / np.quantile(times.slow, 0.05, axis=0)) > 1.3
