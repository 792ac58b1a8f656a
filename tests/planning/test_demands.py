"""Who is due on a night, in an order that neither names nor rows decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from analytics.planning.demands import Clockwork, next_outlook
from tests.planning.estate import Knobs, make

_NIGHT, _CLOSES = 20_200, datetime(2025, 4, 23, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def jobs():
    """Jobs of twelve VMs that all start when the window opens."""
    found = make(Knobs(seed=9, vms=12, volumes=2, nights=8)).jobs
    return replace(found, vms=tuple(f"VM{place:02}" for place in range(12)))


def due_of(jobs, order):
    """The VMs of the outlook when the rows stand in that order."""
    rows = pa.table(
        {
            "vm": [jobs.vms[place] for place in order],
            "night": pa.array([_NIGHT] * len(order), pa.int32()).cast(pa.date32()),
            "closes_at": pa.array([_CLOSES] * len(order), pa.timestamp("us", "UTC")),
            "max_duration_s": pa.array([None] * len(order), pa.float64()),
        }
    )
    return next_outlook(lambda _: rows, jobs, Clockwork("UTC", 22 * 3600)).vm


class TestOrder:
    def test_rows_do_not_decide(self, jobs):
        """Rows in another order give the VMs in the same."""
        vms = len(jobs.vms)

        assert due_of(jobs, range(vms)).tolist() == due_of(jobs, range(vms)[::-1]).tolist()

    def test_names_do_not_decide(self, jobs):
        """Under other names the same machines stand in the same order."""
        places = np.random.default_rng(3).permutation(len(jobs.vms))
        renamed = replace(jobs, vm=places[jobs.vm])

        before, after = (due_of(some, range(len(jobs.vms))) for some in (jobs, renamed))

        assert places[before].tolist() == after.tolist()
