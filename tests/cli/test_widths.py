"""Texts by the columns that they take, and where lines end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.widths import broken, display_width


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("one two three", 8, ["one two", "three"]),
        ("a-very-long-word x", 5, ["a-very-long-word", "x"]),
        ("保護グループの回復ポイント", 12, ["保護グループ", "の回復ポイン", "ト"]),
        ("回復ポイント。次の文", 12, ["回復ポイン", "ト。次の文"]),
        ("要求 (最悪: DPM01、9 秒)", 12, ["要求 (最悪:", "DPM01、9 秒)"]),
        ("", 10, []),
    ],
)
def test_lines_end_at_blanks_and_between_wide_characters(text, columns, lines):
    """Long words stay whole; 。 begins no line, and ( ends none."""
    assert broken(text, columns) == lines


def test_further_lines_are_indented():
    """All but the first."""
    assert broken("対処      ログを収集する", 14, "    ") == ["対処      ログ", "    を収集する"]


@given(st.text(alphabet="ab (、。「」日本語ー", max_size=60), st.integers(4, 30))
def test_nothing_is_lost(text, columns):
    """But for blanks at the ends of lines."""
    assert "".join("".join(broken(text, columns)).split()) == "".join(text.split())


@given(st.text(alphabet="a 日本語", max_size=60).filter(lambda text: "aaaa" not in text), st.integers(4, 30))
def test_no_line_is_too_wide(text, columns):
    """Where no word is wider than the line."""
    assert all(display_width(line) <= columns for line in broken(text, columns))
