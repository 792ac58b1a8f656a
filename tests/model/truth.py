"""Comparing what the model says with what the simulation knows."""

from __future__ import annotations

import pandas as pd

MILLISECOND_S = 0.001
CLOCK_S = 1e-6

PHASE_BOUNDARIES = {
    "prepare": ("prepare_start", "add_volume"),
    "claim_wait": ("add_volume", "claim_granted"),
    "snapshot": ("claim_granted", "t2"),
    "post_snapshot": ("t2", "begin_data_move"),
    "transfer": ("begin_data_move", "start_backup_complete"),
    "release": ("start_backup_complete", "release_snapshot"),
    "finalize": ("release_snapshot", "end"),
}

ONLINE_BOUNDARIES = {
    "snapshot": ("prebackup_started", "prebackup_finished"),
    "prepare": ("initialize_storage_started", "initialize_storage_finished"),
    "transfer": ("data_transfer_started", "data_transfer_finished"),
    "finalize": ("integrity_storage_started", "uninitialize_finished"),
}


def true_times(boundaries: pd.DataFrame) -> pd.DataFrame:
    """One row per job, one column per boundary."""
    wide = boundaries.pivot_table(index="job_id", columns="boundary", values="at", aggfunc="last")
    if "claim_granted" in wide and "release_snapshot" in wide:
        wide["claim_granted"] = wide["claim_granted"].fillna(wide["release_snapshot"])
    wide["prepare_start"] = wide["start"].fillna(wide["init"]) if "init" in wide else wide["start"]
    return wide


def compare_phases(phases: pd.DataFrame, boundaries: pd.DataFrame) -> list[str]:
    """Every contradiction between phases and truth, in words."""
    truth = true_times(boundaries)
    wrong = []
    for row in phases[phases.phase.isin(PHASE_BOUNDARIES) & (phases.grade != "D")].itertuples():
        if row.job_id not in truth.index:
            wrong.append(f"{row.job_id} is no job of the truth")
            continue
        times = truth.loc[row.job_id]
        is_online = pd.notna(times.get("prebackup_started"))
        begin, end = (
            times.get(name) for name in (ONLINE_BOUNDARIES if is_online else PHASE_BOUNDARIES)[row.phase]
        )
        if pd.isna(end) and pd.isna(times.get("end")) and row.started_at == begin:
            continue  # still under way when the logs were collected
        if pd.isna(begin) or pd.isna(end):
            wrong.append(f"{row.job_id} {row.phase}: the truth has no such phase")
        elif row.grade == "A":
            wrong.extend(_compare_observed(row, begin, end))
        else:
            wrong.extend(_compare_bounds(row, begin, end))
    return wrong


def _compare_observed(row: tuple, begin: pd.Timestamp, end: pd.Timestamp) -> list[str]:
    pairs = (("begins", row.started_at, begin), ("ends", row.ended_at, end))
    return [
        f"{row.job_id} {row.phase} {what} {found} instead of {true}"
        for what, found, true in pairs
        if abs((found - true).total_seconds()) >= MILLISECOND_S
    ]


def _compare_bounds(row: tuple, begin: pd.Timestamp, end: pd.Timestamp) -> list[str]:
    true_s = (end - begin).total_seconds()
    if row.duration_min_s - MILLISECOND_S <= true_s <= row.duration_max_s + MILLISECOND_S:
        return []
    return [f"{row.job_id} {row.phase}: {true_s} s lies outside {row.duration_min_s}..{row.duration_max_s}"]


def compare_sums(jobs: pd.DataFrame, phases: pd.DataFrame) -> list[str]:
    """Jobs whose phases overlap, leave a gap or do not add up to the duration."""
    wrong = []
    timed = phases[phases.duration_s.notna()].sort_values(["job_id", "started_at", "ended_at"])
    sums = timed.groupby("job_id").duration_s.sum()
    wrong += [
        f"{row.job_id}: phases {sums.get(row.job_id)} s, job {row.duration_s} s"
        for row in jobs[jobs.duration_s.notna() & (jobs.duration_s > 0)].itertuples()
        if abs(sums.get(row.job_id, 0.0) - row.duration_s) >= MILLISECOND_S
    ]
    follows = timed.groupby("job_id").ended_at.shift()
    gaps = timed[follows.notna() & (abs((timed.started_at - follows).dt.total_seconds()) > CLOCK_S)]
    wrong.extend(f"{row.job_id} {row.phase}: gap or overlap" for row in gaps.itertuples())
    return wrong


def compare_jobs(found: pd.DataFrame, truth: pd.DataFrame) -> list[str]:
    """Jobs lost, doubled, or given to the wrong VM, host, kind or outcome."""
    wrong = [f"{job} is lost" for job in set(truth.job_id) - set(found.job_id)]
    wrong += [f"{job} was never run" for job in set(found.job_id) - set(truth.job_id)]
    wrong += [f"{job} is doubled" for job in found.job_id[found.job_id.duplicated()]]
    both = truth.merge(found, on="job_id", suffixes=("_true", ""))
    for name in ("vm", "outcome", "kind", "level"):
        differs = both[both[name].fillna("") != both[f"{name}_true"]]
        wrong += [
            f"{row.job_id}: {name} {getattr(row, name)!r} instead of {getattr(row, name + '_true')!r}"
            for row in differs.itertuples()
        ]
    return wrong
