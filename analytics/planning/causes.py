"""Each job's own time taken apart (contract section 8, `job_causes`): waits, phases, and what its data move is made of.

The phases are the log's boundaries. The data move is taken apart by `Rates.stages`, without the VM's factor: what the
rates do not explain of a job is its `unexplained`, as is time between boundaries that the log does not show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.planning.jobs import Floats, Jobs
from analytics.planning.move_parts import can_split, move_parts, scan_shares, taken
from analytics.planning.rates import Rates
from analytics.planning.waits import Waits, waits_of

__all__ = ["CAUSES", "JobCauses", "job_causes"]

CAUSES = (
    "queue", "claim_wait", "snapshot", "post_snapshot", "scan", "volume_contention", "server_contention",
    "changed_data", "overhead", "unexplained", "release", "finalize",
)  # fmt: skip
_OF_MOVE = [
    CAUSES.index(name)
    for name in ("scan", "volume_contention", "server_contention", "changed_data", "overhead")
]
_OVERHEAD, _UNEXPLAINED = CAUSES.index("overhead"), CAUSES.index("unexplained")
_ENDS = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class JobCauses:
    """Arrays (jobs, causes) in the order of CAUSES; seconds.

    What is known of a job adds up to the time from the creation of its task to its end: `queue` and its duration.
    """

    seconds: Floats
    """NaN where it cannot be told; that time is in `unexplained`."""
    low_s: Floats
    """Lower end, 90 % interval of the draws; the value itself where the log shows it."""
    high_s: Floats
    waits: Waits
    """For whom each job waited."""
    combined_s: Floats
    """(jobs,): scan, changed data and overhead alone together, also where they cannot be split; NaN where unknown."""
    scan_share: Floats
    """(3, jobs): share of scan in that, and its lower and upper end; NaN where they cannot be split."""
    grade: tuple[str, ...]
    """By job, of the parts of the data move: that of its volume, D where they are not known."""
    reason: tuple[str, ...]
    """The code of what decided that."""

    @property
    def explained_share(self) -> Floats:
        """(jobs,): share of a job's time that its known causes make up, 0 to 1; overshoot counts as unexplained."""
        whole = np.nansum(self.seconds, axis=1)
        share = 1 - np.abs(self.seconds[:, _UNEXPLAINED]) / np.where(whole > 0, whole, np.nan)
        return np.maximum(share, 0.0)


def job_causes(jobs: Jobs, rates: Rates) -> JobCauses:
    """Take each job's time apart; `rates` are those `fitted` to the same jobs."""
    is_taken, reason = taken(jobs, rates)
    known, lead_s = _phases(jobs)
    left_s = jobs.ended_s - jobs.scheduled_s - np.nansum(known, axis=1) - np.nan_to_num(lead_s)
    seconds = np.stack([known, known, known])
    combined_s, share = np.full(len(jobs), np.nan), np.full((3, len(jobs)), np.nan)
    for at, parts in move_parts(jobs, rates, is_taken):
        is_split = can_split(jobs, rates, at, parts) & is_taken[at]
        combined_s[at] = np.where(is_taken[at], parts[0][:, (0, 3, 4)].sum(axis=1), np.nan)
        share[:, at] = np.where(is_split, _ends(scan_shares(parts)), np.nan)
        parts[:, ~is_split] *= np.array([np.nan, 1, 1, np.nan, np.nan])
        parts[:, ~is_taken[at]] = np.nan
        seconds[:, at, _UNEXPLAINED] = _ends(left_s[at] - np.nansum(parts, axis=2))
        seconds[:, at[:, None], _OF_MOVE] = _ends(parts)
    seconds[:, :, _OVERHEAD] = np.where(
        np.isnan(seconds[:, :, _OVERHEAD]), lead_s, seconds[:, :, _OVERHEAD] + np.nan_to_num(lead_s)
    )
    volume_grade = np.array([*rates.grade, "D"])[jobs.volume]
    grade = tuple(str(code) for code in np.where(is_taken, volume_grade, "D"))
    return JobCauses(seconds[0], seconds[1], seconds[2], waits_of(jobs), combined_s, share, grade, reason)


def _ends(draws: Floats) -> Floats:
    """The estimate (row 0) and the ends of the draws around it, (3, …)."""
    low, high = np.quantile(draws, _ENDS, axis=0)
    return np.stack([draws[0], np.minimum(low, draws[0]), np.maximum(high, draws[0])])


def _phases(jobs: Jobs) -> tuple[Floats, Floats]:
    """What lies between the log's boundaries, (jobs, causes), NaN where one is missing; and the preparation."""
    found = np.full((len(jobs), len(CAUSES)), np.nan)
    spans = {
        "queue": (jobs.scheduled_s, jobs.started_s),
        "claim_wait": (jobs.asked_s, jobs.granted_s),
        "snapshot": (jobs.granted_s, jobs.snapshot_s),
        "post_snapshot": (jobs.snapshot_s, jobs.moving_s),
        "release": (jobs.moved_s, jobs.released_s),
        "finalize": (jobs.released_s, jobs.ended_s),
    }
    for name, (begin, end) in spans.items():
        found[:, CAUSES.index(name)] = end - begin
    return found, jobs.asked_s - jobs.started_s
