"""What several planned tables stand on, worked out once in a session."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from analytics.planning.causes import JobCauses, job_causes
from analytics.planning.jobs import Jobs
from analytics.planning.rates import Rates, fitted
from analytics.planning.read import read_jobs
from analytics.sql import Ask

__all__ = ["Estimates"]


class Estimates:
    """Jobs, rates and causes of one session; `ask` must give job_times."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

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
