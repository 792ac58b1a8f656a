"""What several planned tables stand on, worked out once in a session."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from analytics.planning.causes import JobCauses, job_causes
from analytics.planning.guest import GuestTimes, guest_times
from analytics.planning.jobs import Jobs
from analytics.planning.predict import HitRate, hit_rate
from analytics.planning.rates import Rates, fitted
from analytics.planning.read import read_jobs
from analytics.planning.scenarios import Model, model_of
from analytics.sql import Ask

if TYPE_CHECKING:
    from analytics.planning.advice_effects import Effects

__all__ = ["Estimates"]


class Estimates:
    """What one session's jobs imply; `ask` must give job_times and site."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.effects: Effects | None = None
        """What changes do, once the advice has tried them."""

    @cached_property
    def jobs(self) -> Jobs:
        """All jobs, in the order of their ids; there is a DPM server, though no log names one."""
        jobs = read_jobs(self._ask)
        return replace(jobs, servers=jobs.servers or ("",))

    @cached_property
    def rates(self) -> Rates:
        """What their data moves imply."""
        return fitted(self.jobs)

    @cached_property
    def causes(self) -> JobCauses:
        """What each job's own time went to."""
        return job_causes(self.jobs, self.rates)

    @cached_property
    def hits(self) -> HitRate:
        """How often predictions of past nights held."""
        return hit_rate(self.jobs, self.rates)

    @cached_property
    def guest(self) -> GuestTimes:
        """What each VM would take at guest level."""
        overhead_s = self._ask("site").to_pylist()[0]["link_overhead_s"]
        return guest_times(self.jobs, self.rates, overhead_s=overhead_s)

    @cached_property
    def model(self) -> Model:
        """What nights are simulated with."""
        return model_of(self.jobs, self.rates, self.guest)
