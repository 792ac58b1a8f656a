"""What reaches the eye: numbers with their nouns, sizes, columns, the progress line, values for JSON."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import pytest

from analytics.cli.console import ProgressLine, counted, human_bytes, plain, say_pairs, say_wrapped, width
from analytics.cli.grid import GridColumn, cut, grid, upright


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_900, "999.9 kB"),
        (1_000_000, "1.0 MB"),
        (3_440_000, "3.4 MB"),
        (1e9, "1.0 GB"),
        (1e12, "1.0 TB"),
        (2.5e15, "2500.0 TB"),
    ],
)
def test_sizes(size, text):
    """In steps of 1000."""
    assert human_bytes(size) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1234567, "1,234,567 files")]
)
def test_numbers_with_their_noun(number, text):
    """One is one, all else are several."""
    assert counted(number, "file") == text
    assert counted(1, "more", "more") == "1 more"
    assert counted(5, "more", "more") == "5 more"


@pytest.mark.parametrize(("columns", "found"), [("39", 40), ("40", 40), ("120", 120)])
def test_width(monkeypatch, columns, found):
    """COLUMNS, at least 40."""
    monkeypatch.setenv("COLUMNS", columns)

    assert width() == found


def test_two_columns(monkeypatch, capsys):
    """What follows a short word stands from the eleventh column on; a long word has a blank behind it."""
    monkeypatch.setenv("COLUMNS", "40")
    say_pairs([("Read", "1 file"), ("0123456789ab", "x"), ("読取", "words " * 8)])
    lines = capsys.readouterr().out.splitlines()

    assert lines[:2] == ["Read      1 file", "0123456789ab x"]
    assert lines[2].startswith("読取      words")
    assert all(line.startswith(" " * 10 + "words") for line in lines[3:])
    assert all(len(line) <= 40 for line in lines)


def test_an_empty_sentence_is_a_line(capsys):
    """Nothing to say is a blank line."""
    say_wrapped("")

    assert capsys.readouterr().out == "\n"


class TestProgress:
    def test_a_shorter_text_covers_the_longer_one(self):
        """What stood there is written over, and taken away at the end."""
        stream = Terminal()
        with ProgressLine(stream=stream) as line:
            line.show("12345")
            line.show("12")
        assert stream.getvalue() == "\r12345" + "\r12   " + "\r  \r"

    def test_no_longer_than_the_terminal(self, monkeypatch):
        """One column is left free, so that no terminal begins another line."""
        monkeypatch.setenv("COLUMNS", "40")
        stream = Terminal()
        ProgressLine(stream=stream).show("x" * 99)

        assert stream.getvalue() == "\r" + "x" * 39

    def test_not_where_nobody_looks(self):
        """Neither into files nor where quiet is asked for; nothing to take away where nothing was shown."""
        file, quiet, unused = io.StringIO(), Terminal(), Terminal()
        for line in (ProgressLine(stream=file), ProgressLine(quiet=True, stream=quiet)):
            line.show("12345")
            line.clear()
        ProgressLine(stream=unused).clear()

        assert [stream.getvalue() for stream in (file, quiet, unused)] == ["", "", ""]


@dataclass
class Pair:
    """Two values."""

    one: object
    other: object


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Pair(1, float("nan")), {"one": 1, "other": None}),
        ({1: (2, {"a"})}, {"1": [2, ["a"]]}),
        (float("inf"), None),
        (1.5, 1.5),
        (None, None),
        (True, True),
        (dt.date(2025, 2, 3), "2025-02-03"),
        (frozenset({3}), [3]),
        (Pair, str(Pair)),
    ],
)
def test_plain_values(value, expected):
    """What JSON can hold: objects, lists, null."""
    assert plain(value) == expected


class TestGrid:
    def test_cut(self):
        """… stands where something was left out: at the end, of paths at the beginning; wide letters count twice."""
        assert cut("123456", 6) == "123456"
        assert cut("1234567", 6) == "12345…"
        assert cut("C:\\Logs\\a.errlog", 9) == "…a.errlog"
        assert cut("日本語", 6) == "日本語"
        assert cut("日本語x", 6) == "日本…"

    def test_numbers_to_the_right(self):
        """Texts to the left, numbers to the right, two blanks between, a rule below the headings."""
        lines, left_out = grid(
            [GridColumn("vm", ["A", "SQL01"]), GridColumn("n", ["5", "12345"], numeric=True)], 80
        )

        assert lines == ["vm         n", "-----  -----", "A          5", "SQL01  12345"]
        assert left_out == []

    def test_as_many_columns_as_fit(self):
        """To the last column of the terminal; the others are named."""
        columns = [GridColumn(name, ["x" * 10], whole=True) for name in ("one", "two", "three")]

        assert grid(columns, 34)[1] == []
        assert grid(columns, 33)[1] == ["three"]
        assert grid(columns, 22)[1] == ["three"]
        assert grid(columns, 21)[1] == ["two", "three"]
        assert grid(columns, 5)[1] == ["two", "three"]

    def test_long_texts_share_the_room(self):
        """A text is cut to twelve at least; what is left over goes to the narrow ones first."""
        columns = [GridColumn("a", ["a" * 14]), GridColumn("b", ["b" * 40])]

        assert grid(columns, 26)[0][2] == "a" * 11 + "…  " + "b" * 11 + "…"
        assert grid(columns, 30)[0][2] == "a" * 14 + "  " + "b" * 13 + "…"
        assert grid(columns, 56)[0][2] == "a" * 14 + "  " + "b" * 40
        assert grid(columns, 99)[0][2] == "a" * 14 + "  " + "b" * 40

    def test_upright(self):
        """A line per value, a blank one between rows."""
        columns = [GridColumn("vm", ["A", "B"]), GridColumn("host", ["x" * 20, "y"])]

        assert upright(columns, 12) == ["vm    A", "host  xxxxx…", "", "vm    B", "host  y"]
