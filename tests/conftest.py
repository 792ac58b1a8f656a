"""What tests of several folders use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of collected material: real logs (samples/), cases (cases/), descriptions (reference/)."""
    if not SHARED.is_dir():
        pytest.skip("the collected material is not on this machine (DPM_SHARED names its folder)")
    return SHARED
