"""Which lines of a CSV are headers, asked of every row."""

from __future__ import annotations

import pytest

from analytics.formats.reading.csv_text import may_be_header, plain_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("job,state,x", True), ("x,y,State", True), ('"Job ID",x', False), ('"Job",x', True), ("x,job,y", False),
        ("x,y", False), ("job", True), ("", False), (",x,", False),
    ],
)  # fmt: skip
def test_a_line_that_may_be_a_header(text, expected):
    """Begins or ends with a name that is known."""
    assert may_be_header(text, {"job", "state"}, plain_name) is expected
