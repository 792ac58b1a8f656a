"""A night as the simulator takes it (analytics/planning/simulate.py): jobs, the law of their pace, caps on claims."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_CAP = 1_000_000


@dataclass(frozen=True, slots=True)
class Law:
    """How fast jobs transfer, in seconds per GB: alone (by volume), per other job on the volume, on the DPM server.

    Arrays of places, or (scenarios, places) where the scenarios differ.
    """

    scan_s_per_gb: Floats
    volume_contention_s_per_gb: Floats
    server_contention_s_per_gb: Floats


@dataclass(frozen=True, slots=True)
class Caps:
    """How many jobs may hold a claim at once, by volume, host and DPM server; NO_CAP where nothing limits them.

    `volume_until_snapshot`: the volume's claim ends with the snapshot (hardware provider, 2012 and later), not with
    the job.
    """

    volume: Ints
    host: Ints
    server: Ints
    volume_until_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What a job has to do at one level, (scenarios, jobs) each: seconds before, GB to scan, seconds after.

    Overhead and changed data are part of `work_gb`, as the scanning that takes as long; so is the noise.
    """

    before_s: Floats
    work_gb: Floats
    after_s: Floats


@dataclass(frozen=True, slots=True)
class Night:
    """The jobs of a night, in the order in which they queue where they are released at one moment.

    `volume`, `host` and `server` are places in the arrays of Law and Caps; `release_s` counts from any origin.
    """

    release_s: Floats
    volume: Ints
    host: Ints
    server: Ints
    at_host: Form
    at_guest: Form
    law: Law
    caps: Caps

    @property
    def jobs(self) -> int:
        """How many jobs."""
        return len(self.release_s)

    @property
    def scenarios(self) -> int:
        """How many scenarios."""
        return int(self.at_host.work_gb.shape[0])

    @property
    def alone_s_per_gb(self) -> Floats:
        """Of each job, its pace when it transfers alone, the mean of all scenarios."""
        found: Floats = np.atleast_2d(self.law.scan_s_per_gb).mean(axis=0)[self.volume]
        return found

    def part(self, jobs: Ints, scenarios: slice = slice(None)) -> Night:
        """The night of some of its jobs only, in some of its scenarios."""

        def cut(form: Form) -> Form:
            return Form(*(getattr(form, field.name)[scenarios][:, jobs] for field in fields(Form)))

        law = [getattr(self.law, field.name) for field in fields(Law)]

        return replace(
            self,
            release_s=self.release_s[jobs],
            volume=self.volume[jobs],
            host=self.host[jobs],
            server=self.server[jobs],
            at_host=cut(self.at_host),
            at_guest=cut(self.at_guest),
            law=Law(*(paces[scenarios] if paces.ndim == 2 else paces for paces in law)),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """When each job got its claim, transferred and finished, in seconds: arrays of (plans, scenarios, jobs).

    What can never start (a cap of 0) stays at infinity.
    """

    granted_s: Floats
    moving_s: Floats
    moved_s: Floats
    finish_s: Floats


def components(night: Night) -> Ints:
    """A number per job: jobs of different numbers share nothing that could make one wait for or slow the other."""
    caps, law = night.caps, night.law
    resources = [
        (night.volume, (caps.volume < NO_CAP) | _slows(law.volume_contention_s_per_gb)),
        (night.host, caps.host < NO_CAP),
        (night.server, (caps.server < NO_CAP) | _slows(law.server_contention_s_per_gb)),
    ]
    label = np.arange(night.jobs)
    while True:
        before = label.copy()
        for places, couples in resources:
            lowest = np.full(len(couples), night.jobs)
            np.minimum.at(lowest, places, label)
            label = np.where(couples[places], np.minimum(label, lowest[places]), label)
        if (label == before).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)


def _slows(pace: Floats) -> Bools:
    return np.asarray((np.atleast_2d(pace) > 0).any(axis=0))
