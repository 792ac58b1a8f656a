"""What several planned tables stand on, worked out once in a session."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from analytics.planning.jobs import Jobs
from analytics.planning.rates import Rates, fitted
from analytics.planning.read import read_jobs
from analytics.sql import Ask

__all__ = ["Estimates"]


class Estimates:
    """Jobs and rates of one session; `ask` must give job_times."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    @cached_property
    def jobs(self) -> Jobs:
        """All jobs, in the order of their ids; there is a volume and a server, though no log names one."""
        jobs = read_jobs(self._ask)
        return replace(jobs, volumes=jobs.volumes or ("",), servers=jobs.servers or ("",))

    @cached_property
    def rates(self) -> Rates:
        """What their data moves imply."""
        return fitted(self.jobs)
