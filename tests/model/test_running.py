"""Jobs that still run when the logs are collected, in simulated estates."""

from __future__ import annotations

import pandas as pd
import pytest

BEGINS = {
    "prepare": "start",
    "claim_wait": "add_volume",
    "snapshot": "claim_granted",
    "post_snapshot": "t2",
    "transfer": "begin_data_move",
}
QUIET = {"failure_share": 0.0, "missed_share": 0.0, "initial_replica_share": 0.0, "clock_skew_s": 0.0}


@pytest.mark.parametrize(("collected", "reason"), [("01:30", "running"), ("08:00", "running_late")])
def test_running_full_backups(estate, collected, reason):
    """Each has one open phase, that which it is in; past its deadline it is a breach, before that nothing."""
    made = estate(vms=8, nights=4, seed=4, running_fulls=3, collected=collected, **QUIET)
    truth = made.jobs[(made.jobs.outcome == "running") & (made.jobs.kind == "express_full")]
    phases = made.session.sql(
        "SELECT * FROM phases WHERE duration_min_s IS NOT NULL AND ended_at IS NULL"
    ).to_pandas()
    collected_at = pd.Timestamp(
        made.session.sql("SELECT max(collected_at) AS at FROM collections").to_pylist()[0]["at"]
    )

    assert len(truth) >= 2
    for job in truth.job_id:
        (phase,) = phases[phases.job_id == job].to_dict("records")
        begins = made.boundaries[
            (made.boundaries.job_id == job) & (made.boundaries.boundary == BEGINS[phase["phase"]])
        ]["at"].iloc[-1]
        elapsed_s = (collected_at - phase["started_at"]).total_seconds()
        assert abs((phase["started_at"] - begins).total_seconds()) < 180
        assert phase["duration_min_s"] == pytest.approx(elapsed_s, abs=0.001)
        assert (phase["grade"], pd.isna(phase["duration_s"])) == ("C", True)
    night = max(made.jobs.night)
    rows = made.session.sql("SELECT * FROM sla WHERE rule = 'backup_window'").to_pylist()
    found = {(row["reason"], row["met"], row["cause"]) for row in rows if row["job_id"] in set(truth.job_id)}
    assert {str(row["night"]) for row in rows if row["job_id"] in set(truth.job_id)} == {night}
    assert found == {
        (reason, None if reason == "running" else False, None if reason == "running" else "running")
    }
