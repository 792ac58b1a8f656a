"""A plugin of pytest for a trial: the tests that were chosen, the cheapest first, within so many seconds of computing.

`DPM_CHOSEN` names a file of JSON with the names of the tests in their order. Without it all are run: what needs no
files first, what searches for examples last. `DPM_SECONDS` ends the process where the system counts its seconds
(on Windows it does not; there the clock of whoever started it must do).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

_FILES = frozenset({"tmp_path", "tmp_path_factory", "walk"})


def _cost(item: pytest.Item) -> tuple[bool, bool]:
    """Whether a test searches for examples, and whether it writes files."""
    is_searching = hasattr(getattr(item, "function", None), "hypothesis")
    return is_searching, bool(_FILES & {*getattr(item, "fixturenames", ())})


def pytest_configure() -> None:
    """Limit the seconds of this process."""
    seconds = os.environ.get("DPM_SECONDS")
    if seconds and sys.platform != "win32":
        import resource  # there is none on Windows

        whole = max(1, round(float(seconds)))
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what was chosen, in its order; after pytest has put together what shares a fixture."""
    chosen = os.environ.get("DPM_CHOSEN")
    if not chosen:
        items.sort(key=_cost)
        return
    places = {name: place for place, name in enumerate(json.loads(Path(chosen).read_text(encoding="utf-8")))}
    left = [item for item in items if item.nodeid not in places]
    items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])
    config.hook.pytest_deselected(items=left)
