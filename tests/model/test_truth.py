"""Synthetic estates: what the model says must not contradict the truth."""

from __future__ import annotations

import pytest

from tests.model.truth import compare_jobs, compare_phases, compare_sums

ESTATES = {
    "plain": {},
    "hostile": {"hostile_share": 0.5, "failure_share": 0.3, "collision_share": 0.6, "claim_attempts": 3},
    "gaps": {"missing_marker_share": 0.15, "noise": 20, "continuation_share": 0.4},
    "new-year": {"first_night": "2025-12-28", "rotate_bytes": 60_000, "duplicate_files": True, "crash": True},
    "utf-8": {"encoding": "utf-8", "hardware_share": 0.5, "multi_volume_share": 0.5, "online_share": 0.5},
    "no-pid": {"form": "no-pid", "encoding": "utf-16-no-bom", "reruns": 2, "failure_share": 0.2},
    "running": {"running_jobs": 6, "consistency_check_share": 0.2, "initial_replica_share": 0.3},
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ESTATES)
def test_nothing_contradicts_the_truth(estate, name, seed):
    """Jobs, boundaries, bounds and sums agree with the simulation, for every seed and set of knobs."""
    from datetime import date

    knobs = dict(ESTATES[name])
    if "first_night" in knobs:
        knobs["first_night"] = date.fromisoformat(knobs["first_night"])
    made = estate(vms=14, nights=5, seed=seed, **knobs)
    jobs = made.session.sql("SELECT * FROM jobs").to_pandas()
    phases = made.session.sql("SELECT * FROM phases").to_pandas()

    wrong = [
        *compare_jobs(jobs, made.jobs),
        *compare_phases(phases, made.boundaries),
        *compare_sums(jobs, phases),
    ]

    assert made.summary.records_rejected == 0, made.summary.problems
    assert wrong == []
    assert (phases.grade == "A").sum() > len(jobs)
