"""The estate with all knobs turned; makes `synth_reading` importable."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from analytics.synth import Knobs, Truth, write_estate

sys.path.insert(0, str(Path(__file__).parent))

EVERYTHING = Knobs(
    vms=24,
    nights=6,
    seed=7,
    hosts=3,
    volumes=4,
    first_night=date(2025, 12, 28),
    rotate_bytes=60_000,
    failure_share=0.15,
    warning_share=0.05,
    collision_share=0.5,
    claim_attempts=6,
    hardware_share=0.5,
    hostile_share=0.5,
    multi_volume_share=0.4,
    online_share=0.3,
    rct_share=0.2,
    guest_share=0.2,
    never_run_share=0.05,
    initial_replica_share=0.2,
    consistency_check_share=0.1,
    missed_share=0.05,
    missing_marker_share=0.1,
    slow_post_share=0.2,
    clock_skew_s=12.5,
    crash=True,
    duplicate_files=True,
    error_language="mixed",
)


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """An estate with all knobs turned, across New Year."""
    folder = tmp_path_factory.mktemp("estate") / "out"
    return folder, write_estate(folder, EVERYTHING)


@pytest.fixture(scope="session")
def everything() -> Knobs:
    """The knobs of that estate."""
    return EVERYTHING
