"""A plugin of pytest: what needs no files comes first, and examples that are searched for come last.

A mutant is then noticed, where it is noticed at all, by a test of milliseconds.
"""

from __future__ import annotations

import pytest

_FILES = frozenset({"tmp_path", "tmp_path_factory", "walk"})


def _cost(item: pytest.Item) -> tuple[bool, bool]:
    """Whether a test searches for examples, and whether it writes files."""
    is_searching = hasattr(getattr(item, "function", None), "hypothesis")
    return is_searching, bool(_FILES & {*getattr(item, "fixturenames", ())})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by cost; equal ones stay as they are."""
    items.sort(key=_cost)
