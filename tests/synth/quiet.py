"""A simulated estate in which nothing goes wrong: what a test plants in it stands alone."""

from __future__ import annotations

QUIET = {
    "failure_share": 0.0,
    "missed_share": 0.0,
    "consistency_check_share": 0.0,
    "initial_replica_share": 0.0,
    "never_run_share": 0.0,
    "guest_share": 0.0,
    "hostile_share": 0.0,
    "online_share": 0.0,
    "running_jobs": 0,
    "encoding": "utf-8",
}
