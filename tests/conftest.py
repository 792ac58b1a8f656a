"""What tests of several folders use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from analytics.ingest import ingest
from analytics.places import sample_logs_folder
from analytics.planning import open_session
from analytics.sql import Session
from analytics.store import Store
from tests.shared import SHARED

# A busy machine is no failure. The same examples each time: a red run is the commit's; DPM_EXPLORE=1 tries new ones.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("DPM_EXPLORE"),
)
settings.load_profile("house")
# PDF without a browser, which takes seconds to start; tests/report/test_paper.py has one
os.environ["DPM_ANALYTICS_BROWSER"] = "none"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the sample estate; nothing is added to it but what sessions compute of it."""
    store = Store.create_or_open(tmp_path_factory.mktemp("sample") / "store")
    ingest(store, [sample_logs_folder() / "estate"])
    return store.path


@pytest.fixture(scope="session")
def sample_session(sample_store: Path) -> Iterator[Session]:
    """The sample estate, open for questions."""
    with open_session(Store.open(sample_store)) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of collected material: real logs (samples/), cases (cases/), descriptions (reference/)."""
    if not SHARED.is_dir():
        pytest.skip("the collected material is not on this machine (DPM_SHARED names its folder)")
    return SHARED
