"""What tests of several folders use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.shared import SHARED

# A busy machine is no failure. The same examples each time: a red run is the commit's; DPM_EXPLORE=1 tries new ones.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("DPM_EXPLORE"),
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of collected material: real logs (samples/), cases (cases/), descriptions (reference/)."""
    if not SHARED.is_dir():
        pytest.skip("the collected material is not on this machine (DPM_SHARED names its folder)")
    return SHARED
