"""What costs each VM most, of jobs whose parts are known by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.planning.bottlenecks import Bottlenecks, bottlenecks
from analytics.planning.causes import CAUSES
from analytics.planning.rates import Stages
from tests.planning.plain_jobs import plain_jobs

QUEUE, CLAIM = CAUSES.index("queue"), CAUSES.index("claim_wait")


def rates(draws: int = 3, volume: Any = 0.0, server: float = 0.0) -> Any:
    """10 s per GB, and what another job on the volume and on the DPM server costs."""
    one = {"overhead_s": 0.0, "power": 1.0}
    each = {
        "scan_s_per_gb": 10.0,
        "sent_s_per_gb": 0.0,
        "volume_contention": volume,
        "server_contention": server,
    }
    stages = Stages(
        **{name: np.full(draws, value) for name, value in one.items()},
        **{name: np.resize(value, (draws, 1)) for name, value in each.items()},
    )
    return SimpleNamespace(
        overhead_s=stages.overhead_s,
        stages=stages,
        grade=("A",),
        reason=("own_fit",),
        is_odd=np.zeros(2, bool),
    )


def found(
    *,
    rate: Any = None,
    jobs: int = 3,
    queue_s: float = 0.0,
    claim_s: float = 0.0,
    is_host: bool = False,
    **more: Any,
) -> Bottlenecks:
    """A VM with a job a night that took 1,000 s, and another beside each of them; the first one waited so long."""
    vm, night = np.divmod(np.arange(2 * jobs), jobs)
    begin = night * 1e5
    times = {"moving_s": begin, "moved_s": begin + 500, "started_s": begin, "ended_s": begin + 1000}
    given = {"night": night, "vhd_gb": np.full(2 * jobs, 30.0), "sent_gb": np.zeros(2 * jobs)} | times | more
    seconds = np.zeros((2 * jobs, len(CAUSES)))
    seconds[vm == 0, QUEUE], seconds[vm == 0, CLAIM] = queue_s, claim_s
    causes = SimpleNamespace(seconds=seconds, waits=SimpleNamespace(is_host=(is_host,) * 2 * jobs))
    return bottlenecks(plain_jobs(vm, **given), rate or rates(), causes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("lost_s", "kind"), [(149.0, "none"), (150.0, "queue")])
def test_fifteen_per_cent(lost_s, kind):
    """Of its time since its task was created; below that nothing is named."""
    row = found(queue_s=lost_s)

    assert (row.kind[0], row.kind[1]) == (kind, "none")
    assert row.share[0].tolist() == pytest.approx([0, 0, lost_s / 1000, 0])
    assert row.confidence.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("is_host", "kind", "place"), [(False, "volume", 0), (True, "host_cap", 3)])
def test_waits_for_claims(is_host, kind, place):
    """They are the volume's, or the host's where nobody held the volume."""
    row = found(claim_s=400.0, is_host=is_host)

    assert row.kind[0] == kind
    assert row.share[0, place] == pytest.approx(0.4)
    assert row.share[0].sum() == pytest.approx(0.4)


def test_contention():
    """What the other job costs on the volume and on the DPM server: 300 s of reading, slowed by so much."""
    volume, server = found(rate=rates(volume=1.0)), found(rate=rates(server=0.75))

    assert (volume.kind[0], server.kind[0]) == ("volume", "server")
    assert volume.share[0] == pytest.approx([0.3, 0, 0, 0])
    assert server.share[0] == pytest.approx([0, 0.225, 0, 0])


def test_the_greatest_counts():
    """Of several; waits and contention of a volume add up."""
    row = found(rate=rates(volume=0.5), claim_s=100.0, queue_s=240.0)

    assert row.kind[0] == "volume"
    assert row.share[0] == pytest.approx([0.25, 0, 0.24, 0])


@pytest.mark.parametrize(("jobs", "kind"), [(2, "not_enough_data"), (3, "queue")])
def test_three_jobs(jobs, kind):
    """Fewer tell nothing."""
    row = found(jobs=jobs, queue_s=500.0)

    assert row.kind[0] == kind
    assert np.isnan(row.confidence[0]) == np.isnan(row.share[0]).all() == (kind == "not_enough_data")


@pytest.mark.parametrize(
    "change",
    [
        {"is_guest": np.ones(6, bool)},
        {"is_compared": np.zeros(6, bool)},
        {"is_good": np.zeros(6, bool)},
        {"vhd_gb": np.full(6, np.nan)},
    ],
)
def test_jobs_that_cannot_be_taken_apart(change):
    """They do not count, nor does their time."""
    assert set(found(queue_s=500.0, **change).kind) == {"not_enough_data"}


def test_nights_that_decide():
    """A VM that one night alone held up is named with the share of drawn nights that have it."""
    vm, night = np.zeros(4, np.int64), np.arange(4)
    begin = night * 1e5
    times = {"moving_s": begin, "moved_s": begin + 500, "started_s": begin, "ended_s": begin + 1000}
    jobs = plain_jobs(vm, night=night, vhd_gb=np.full(4, 30.0), sent_gb=np.zeros(4), **times)
    seconds = np.zeros((4, len(CAUSES)))
    seconds[2, QUEUE] = 620.0
    causes = SimpleNamespace(seconds=seconds, waits=SimpleNamespace(is_host=(False,) * 4))
    row = bottlenecks(jobs, rates(draws=2001), causes)  # type: ignore[arg-type]

    assert row.kind == ("queue",)
    # one of four nights is drawn at least once with 1 - 0.75^4
    assert row.confidence[0] == pytest.approx(1 - 0.75**4, abs=0.03)


def test_draws_that_do_not_agree():
    """What fewer than two of three draws name is not named: contention may be as well nothing."""
    named = [
        found(rate=rates(draws=7, volume=np.array([1.0] * shown + [0.0] * (7 - shown)))) for shown in (4, 5)
    ]

    assert [row.kind[0] for row in named] == ["none", "volume"]
    assert [row.confidence[0] for row in named] == pytest.approx([3 / 6, 4 / 6])


def test_a_single_draw():
    """Without a bootstrap nothing says how sure it is."""
    assert np.isnan(found(rate=rates(draws=1), queue_s=500.0).confidence).all()


def test_no_jobs():
    """Nothing in, nothing out."""
    nobody = plain_jobs(np.zeros(0, np.int64), started_s=np.zeros(0))

    assert bottlenecks(nobody, rates(), SimpleNamespace()).kind == ()  # type: ignore[arg-type]
