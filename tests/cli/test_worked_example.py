"""The contract's worked example (section 6): two samples of Microsoft KB 2549533, through analyze and sql."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = ("prepare 7 A", "snapshot 40 C", "post_snapshot 1 C", "transfer 544 A", "release 8 A")
REFUSED = ("prepare 5 A", "claim_wait 724 B")


@pytest.fixture(scope="module")
def store(tmp_path_factory, shared) -> Path:
    """Both samples, analyzed."""
    folder = tmp_path_factory.mktemp("kb")
    logs = [str(next((shared / "samples" / "dpm").glob(pattern))) for pattern in ("03*", "04*")]
    words = ["analyze", *logs, "--year", "2011", "--store", "kb.store", "--out", "r.md"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "analytics", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    # each sample begins with a line that names its source: no record, and the only reject
    assert "15 stored, 0 duplicate, 2 rejected" in done.stdout, done.stderr
    assert done.returncode == 4
    return folder / "kb.store"


@pytest.fixture
def rows(dpm, store):
    """Ask the store."""

    def ask(query: str) -> list[dict[str, object]]:
        return json.loads(dpm("sql", "--store", store, query, "--format", "json").out)

    return ask


def test_phases(rows):
    """Every phase has the contract's length and grade, and the phases add up to the job."""
    found = rows(
        "SELECT j.outcome, p.* FROM phases p JOIN jobs j USING (job_id) ORDER BY p.started_at, p.ended_at"
    )
    shown = {(row["outcome"], f"{row['phase']} {row['duration_s']:g} {row['grade']}") for row in found}

    assert shown == {("succeeded", text) for text in GOOD} | {("failed", text) for text in REFUSED}


def test_bounds(rows):
    """The host snapshot lies between claim and ProviderId, the claim between refusal and next marker."""
    found = rows("SELECT phase, duration_min_s AS least, duration_max_s AS most FROM phases")
    bounds = {row["phase"]: (row["least"], row["most"]) for row in found}

    assert bounds["post_snapshot"] == (1, 41)
    assert bounds["claim_wait"] == (722, 724)


def test_jobs(rows):
    """600 s without a refusal, 729 s with five and a failure."""
    found = rows("SELECT outcome, duration_s, claim_refusals FROM jobs ORDER BY duration_s")

    assert [tuple(row.values()) for row in found] == [("succeeded", 600, 0), ("failed", 729, 5)]
