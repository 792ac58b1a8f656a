"""What the site file says of moves to guest level, VM by VM."""

from __future__ import annotations

import pytest

from tests.model.plain_estate import Estate, nightly


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> Estate:
    """Three VMs."""
    runs = [run for name in ("SQL01", "SQL02", "FILE01") for run in nightly(name, range(2))]
    return Estate(tmp_path_factory.mktemp("estate")).add(runs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (
            'guest_level_never = ["sql*"]\nguest_level_always = ["SQL02", "FILE01"]',
            [("FILE01", True, None), ("SQL01", False, None), ("SQL02", False, None)],
        ),
        (
            'guest_level_always = ["FILE01"]\ncost = { SQL01 = 3, "SQL*" = 2, GHOST = 9 }',
            [("FILE01", True, None), ("SQL01", None, 3.0), ("SQL02", None, 2.0)],
        ),
    ],
)
def test_the_first_that_fits(estate, text, expected):
    """What forbids goes before what demands; of costs the first in the file; names know no upper and lower case."""
    query = "SELECT vm, is_moved, cost FROM guest_choices ORDER BY vm"

    assert [tuple(row.values()) for row in estate.rows(query, f"[vms]\n{text}\n")] == expected
