"""Rows of the fit written by hand: only what a test says differs from one VM on one volume and DPM server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics.planning.sample import Sample

_WHOLE = {"at", "vm", "volume", "server", "night", "day"}
_ZERO = {"sent_gb", "volume_load", "server_load", "log_s"}


def hand_sample(rows: int, **known: Any) -> Sample:
    """So many rows; disks of 100 GB, nothing sent, no load, all ended; counts follow from the greatest place."""
    given: dict[str, Any] = {name: np.asarray(values) for name, values in known.items() if np.ndim(values)}
    for name in ("vm", "volume", "server", "night"):
        given.setdefault(name, np.zeros(rows, np.int64))
    given.setdefault("at", np.arange(rows))
    given.setdefault("vhd_gb", np.full(rows, 100.0))
    for name in _ZERO:
        given.setdefault(name, np.zeros(rows))
    given.setdefault("is_open", np.zeros(rows, bool))
    given.setdefault("is_imputed", np.zeros(rows, bool))
    given.setdefault("is_sent_seen", given["sent_gb"] > 0)
    given.setdefault("day", 20_000 + np.arange(int(given["night"].max(initial=-1)) + 1))
    for name in ("vms", "volumes", "servers"):
        given[name] = known.get(name, int(given[name[:-1]].max(initial=0)) + 1)
    return Sample(**given)


def repeated(values: Sequence[float], times: int) -> np.ndarray:
    """All values, so many times one after the other."""
    return np.tile(np.asarray(values, float), times)
