"""The night that is looked at: who is due, when they are released, by when they must be done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.planning.jobs import Bools, Floats, Ints, Jobs, first_each_night
from analytics.planning.queue_rules import asked_at
from analytics.planning.sample import medians_by
from analytics.planning.usual import recent

__all__ = ["Outlook", "usual_start_s"]

_RECENT = 14


@dataclass(frozen=True, slots=True)
class Outlook:
    """A night: arrays over its VMs (`vm`: places in the labels of the Jobs); moments are seconds since 1970, UTC."""

    night: int
    """Day number of the local date on which the window opens."""
    opens_s: float
    """When the site's backup window opens."""
    vm: Ints
    release_s: Floats
    close_s: Floats
    """When the VM's backup window closes, infinity where none does."""
    longest_s: Floats
    """How long a backup may last from its release, infinity where nothing says."""

    @property
    def limit_s(self) -> Floats:
        """By when each job must have finished."""
        return np.minimum(self.close_s, self.release_s + self.longest_s)

    def released(self, release_s: Floats) -> Outlook:
        """The same night with other starts."""
        return replace(self, release_s=release_s)

    def part(self, which: Bools) -> Outlook:
        """Some of its VMs."""
        return replace(
            self,
            vm=self.vm[which],
            release_s=self.release_s[which],
            close_s=self.close_s[which],
            longest_s=self.longest_s[which],
        )


def usual_start_s(jobs: Jobs, opens_s: Floats) -> Floats:
    """Of each VM how long after the opening of the window it is released, the median of its last nights; NaN: never.

    `opens_s` is by job: when the window of its night opened. Only the first attempt of a night counts.
    """
    asked_s = asked_at(jobs)
    known = (jobs.vm >= 0) & ~np.isnan(asked_s) & jobs.is_full
    is_first = np.zeros(len(jobs), dtype=bool)
    is_first[first_each_night(jobs, known, asked_s)] = True
    at = recent(jobs, is_first, _RECENT)
    at = at[at >= 0]
    return medians_by(jobs.vm[at], (asked_s - opens_s)[at], len(jobs.vms))
