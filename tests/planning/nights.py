"""Small nights for the tests of the simulator and of plans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.planning.night import NO_CAP, Caps, Form, Law, Night


def night_of(
    work_gb: Sequence[float],
    *,
    release_s: Sequence[float] | None = None,
    volume: Sequence[int] | None = None,
    host: Sequence[int] | None = None,
    server: Sequence[int] | None = None,
    scan: float = 10.0,
    on_volume: float = 0.0,
    on_server: float = 0.0,
    before_s: float = 0.0,
    after_s: float = 0.0,
    guest_gb: float = 1.0,
    caps: tuple[int, int, int] = (NO_CAP, NO_CAP, NO_CAP),
    until_snapshot: bool = False,
    noise: np.ndarray | None = None,
) -> Night:
    """A night on one volume, host and DPM server where nothing else is said; `caps` are theirs."""
    jobs = len(work_gb)
    places = [np.asarray(given if given is not None else [0] * jobs) for given in (volume, host, server)]
    counts = [int(found.max(initial=0)) + 1 for found in places]
    factor = np.ones((1, jobs)) if noise is None else noise
    work = np.asarray(work_gb, float) * factor
    at_host = Form(np.full_like(work, before_s), work, np.full_like(work, after_s))
    at_guest = Form(np.full_like(work, 5.0), np.full_like(work, guest_gb) * factor, np.zeros_like(work))
    law = Law(
        np.full(counts[0], scan),
        np.full(counts[0], on_volume),
        np.full(counts[2], on_server),
    )
    limits = [np.full(count, cap) for count, cap in zip(counts, caps, strict=True)]
    return Night(
        np.asarray(release_s if release_s is not None else [0.0] * jobs, float),
        *places,
        at_host=at_host,
        at_guest=at_guest,
        law=law,
        caps=Caps(*limits, volume_until_snapshot=until_snapshot),
    )


def drawn_night(seed: int, jobs: int = 8, scenarios: int = 1) -> Night:
    """A night by chance: two volumes, two hosts, two DPM servers, caps of 1 to 3, releases within two minutes."""
    rng = np.random.default_rng(seed)
    return night_of(
        rng.uniform(2, 12, jobs).tolist(),
        release_s=np.round(rng.uniform(0, 120, jobs), 2).tolist(),
        volume=rng.integers(0, 2, jobs).tolist(),
        host=rng.integers(0, 2, jobs).tolist(),
        server=rng.integers(0, 2, jobs).tolist(),
        on_volume=float(rng.uniform(0, 5)),
        on_server=float(rng.choice([0.0, 2.0])),
        before_s=3.0,
        after_s=2.0,
        guest_gb=0.7,
        caps=(int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.choice([2, NO_CAP]))),
        until_snapshot=bool(rng.integers(0, 2)),
        noise=np.exp(rng.normal(0, 0.2, (scenarios, jobs))),
    )
