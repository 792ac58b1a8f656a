"""Jobs of which only what a test says is known."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from analytics.planning.jobs import Ints, Jobs

_YES = {"is_good", "is_full", "is_compared"}


def plain_jobs(vm: Ints, **known: Any) -> Jobs:
    """Good full backups at host level of these VMs, on one volume, host and DPM server; `known` are more fields.

    Moments and sizes that are not given are unknown; DPM created each task when it started.
    """
    first = np.zeros(len(vm), np.int64)
    given = {"vm": vm, "volume": first, "server": first, "host": first, **known}
    given.setdefault("scheduled_s", given["started_s"])
    given |= {f"{name}s": given.get(f"{name}s", (name,)) for name in ("volume", "server", "host")}
    given.setdefault("vms", tuple(f"VM{place}" for place in range(int(vm.max(initial=-1)) + 1)))
    given.setdefault("job_id", tuple(f"{place:04}" for place in range(len(vm))))
    for field in fields(Jobs):
        if field.name.startswith("is_"):
            given.setdefault(field.name, np.full(len(vm), field.name in _YES))
        else:
            given.setdefault(field.name, np.full(len(vm), np.nan))
    return Jobs(**given)
