"""Pairs of estates that differ in a cause; what is said of them: `python -m tests.planning.accuracy_counterfactual`."""

from __future__ import annotations

from collections import Counter

import pytest

from analytics.planning.bottlenecks import bottlenecks
from analytics.planning.causes import job_causes
from analytics.planning.rates import fitted
from analytics.synth import Knobs as LogKnobs
from tests.planning.estate import Knobs, make
from tests.planning.pairs import _TOO_LONG, CAUSES, KNOBS, VMS, _both, _hours, _with, plain
from tests.planning.said import _write, said_of, sentence


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_only_the_first_cluster_differs(cause):
    """The two estates differ, and not in the other cluster."""
    there, gone = cause.there(plain(3)), cause.gone(plain(3))

    assert there != gone or cause.edit
    assert there.vms[VMS:] == gone.vms[VMS:] == plain(3).vms[VMS:]


@pytest.mark.parametrize(
    ("volume", "server", "code"), [(2, 0, "volume"), (0, 3, "server"), (0, 0, "none")], ids=str
)
def test_what_slows_jobs_is_named_and_nothing_else(volume, server, code):
    """The same estate, where volumes, a DPM server or neither slow jobs: that more meet on slow nights slows none."""
    knobs = Knobs(
        seed=1, vms=24, volumes=2, nights=14, future=0, shock=0.3, spread_s=3600.0, volume_cap=99, host_cap=99,
        contention=volume, server_contention=server,
    )  # fmt: skip
    jobs = make(knobs).jobs
    rates = fitted(jobs, 40)
    found = Counter(
        sentence("bottleneck", kind) for kind in bottlenecks(jobs, rates, job_causes(jobs, rates)).kind
    )
    others = {sentence("bottleneck", other) for other in ("volume", "server", "queue", "host_cap")}

    assert found[sentence("bottleneck", code)] >= 22
    assert not found.keys() & (others - {sentence("bottleneck", code)})


def test_from_logs_to_words(tmp_path):
    """Of three causes in one estate each is said of the VM that has it, and of nobody else."""
    changes = {0: ("scan_dominates", _TOO_LONG), 1: ("guest_already", _with(1, method="guest"))}
    changes[3] = ("starts_late", _both(_hours(3, 1.6), _with(3, starts_h=3.0)))
    estate = _both(*(change for _, change in changes.values()))(plain(3))
    _write(tmp_path / "logs", LogKnobs(**{**KNOBS, "seed": 3, "nights": 4}), estate)
    said = said_of(tmp_path / "logs", tmp_path / "store")

    for number, (code, _) in changes.items():
        words = sentence("advice", code)
        assert {vm for vm, kind, each in said if (kind, each) == ("advice", words)} == {f"VM{number:02d}"}
