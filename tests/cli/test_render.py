"""Results as table, csv, json, parquet and markdown."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.cli.cells import for_csv, for_json, for_people
from analytics.cli.console import counted, human_bytes
from analytics.cli.grid import GridColumn, cut, grid
from analytics.cli.render import distinct, format_for, rendered, write_result
from analytics.errors import ConfigurationError, UsageError
from analytics.harmless import cell_time, visible
from analytics.sql import Answer
from analytics.widths import display_width

AT = datetime(2012, 1, 23, 4, 5, 6, 789000, tzinfo=UTC)
HOSTILE = [
    "=cmd()",
    "+1",
    "-1",
    "@x",
    "\tx",
    "<script>alert(1)</script>",
    "a|b",
    'q"uo,te',
    "二行\n目",
    "\x1b[2J",
]

TABLE = pa.table(
    {
        "vm": pa.array(["VM01", "受注データベース", None]),
        "duration_s": pa.array([600.0, 0.25, float("nan")]),
        "bytes": pa.array([1, None, -5]),
        "at": pa.array([AT, None, AT], type=pa.timestamp("us", tz="Asia/Tokyo")),
    }
)


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


class TestTable:
    def test_values_for_people(self):
        """NULL is -, times are local without zone, numbers stand right, the footer says rows and zone."""
        lines = rendered(Answer.of(TABLE), "table").splitlines()

        assert lines[0].split() == ["vm", "duration_s", "bytes", "at"]
        assert lines[2].split() == ["VM01", "600", "1", "2012-01-23", "13:05:06.789"]
        assert lines[3].startswith("受注データベース        0.25")
        assert lines[-1] == "(3 rows, times in Asia/Tokyo)"

    def test_every_line_fits_80_columns(self):
        """A long text is cut, whatever the script."""
        wide = pa.table({"a": ["受注" * 60], "b": ["x" * 300], "n": [123456789]})

        assert all(display_width(line) <= 80 for line in rendered(Answer.of(wide), "table").splitlines())
        assert "123456789" in rendered(Answer.of(wide), "table")
        assert "…" in rendered(Answer.of(wide), "table")

    def test_columns_without_room_are_named(self):
        """Columns that do not fit are left out, and the footer says which."""
        many = pa.table({f"column_number_{index:02}": ["some text"] * 4 for index in range(12)})

        said = rendered(Answer.of(many), "table")

        assert "(no room for: column_number_04" in said
        assert "--format csv or json shows all" in said

    def test_few_rows_of_many_columns_stand_upright(self):
        """Up to three rows are shown value by value, so that nothing is left out."""
        many = pa.table({f"column_number_{index:02}": [f"値{index}", "x" * 99] for index in range(12)})

        lines = rendered(Answer.of(many), "table").splitlines()

        assert lines[11] == "column_number_11  値11"
        assert lines[12] == ""
        assert len(lines) == 12 + 1 + 12 + 1
        assert max(map(display_width, lines)) <= 80

    def test_many_rows_are_cut_on_the_screen_only(self, tmp_path):
        """A thousand rows reach the screen, all reach a file."""
        long = pa.table({"n": list(range(2500))})
        write_result(Answer.of(long), "table", str(tmp_path / "all.txt"))

        assert "(1,000 shown; -o FILE writes all)" in rendered(Answer.of(long), "table")
        assert "\n2499\n" in (tmp_path / "all.txt").read_text(encoding="utf-8")

    def test_no_rows(self):
        """An empty result shows its headings."""
        assert (
            rendered(Answer.of(TABLE.slice(0, 0)), "table").splitlines()[-1]
            == "(0 rows, times in Asia/Tokyo)"
        )

    def test_no_escape_sequence_reaches_the_terminal(self):
        """A name in a log cannot clear the reader's screen."""
        said = rendered(Answer.of(pa.table({"\x1b[31mvm": ["\x1b[2J\u202ecod"]})), "table")

        assert "\x1b" not in said
        assert "\u202e" not in said
        assert "\\x1b[2J\\u202ecod" in said


class TestCsv:
    def test_reads_back(self):
        """A csv reader gets the same texts; times are ISO with offset, NULL is nothing."""
        rows = list(csv.DictReader(io.StringIO(rendered(Answer.of(TABLE), "csv"))))

        assert rows[0] == {
            "vm": "VM01", "duration_s": "600.0", "bytes": "1", "at": "2012-01-23T13:05:06.789000+09:00"
        }  # fmt: skip
        assert rows[1]["at"] == ""
        assert rows[2]["bytes"] == "-5"

    def test_no_cell_is_a_formula(self):
        """A text that a spreadsheet would run gets a quote; a negative number stays a number."""
        rows = list(csv.reader(io.StringIO(rendered(Answer.of(pa.table({"=x": HOSTILE})), "csv"))))

        assert [row[0] for row in rows[:6]] == ["'=x", "'=cmd()", "'+1", "'-1", "'@x", "'\tx"]

    def test_a_file_is_made_for_spreadsheets(self, tmp_path):
        """A csv file begins with a BOM and has CR LF, so that Excel shows Japanese names."""
        write_result(Answer.of(TABLE), "csv", str(tmp_path / "x.csv"))

        data = (tmp_path / "x.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbfvm,duration_s,bytes,at\r\n")
        assert b"\r\r\n" not in data

    def test_times_of_a_file_are_those_of_spreadsheets(self, tmp_path):
        """Excel takes no T and no offset: wall times of the zone that the result has, to the millisecond."""
        moments = ["2012-01-23 13:05:06.789", "2012-01-23 13:05:06", "2012-01-23 00:00:00", None]
        at = pa.array(moments).cast(pa.timestamp("us")).cast(pa.timestamp("us", "Asia/Tokyo"))
        local = pc.assume_timezone(at.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us")), "Asia/Tokyo")
        write_result(Answer.of(pa.table({"at": local})), "csv", str(tmp_path / "x.csv"))

        rows = (tmp_path / "x.csv").read_text(encoding="utf-8-sig").split("\n")
        assert rows[1:5] == [moment or '""' for moment in moments]

    @pytest.mark.parametrize(
        ("us", "cell"),
        [(0, "2025-04-02 01:15:00"), (999, "2025-04-02 01:15:00"), (1_000, "2025-04-02 01:15:00.001")],
    )
    def test_what_is_below_a_millisecond_is_none(self, us, cell):
        """Excel takes no microseconds."""
        assert cell_time(datetime(2025, 4, 2, 1, 15, 0, us, tzinfo=UTC)) == cell

    @given(st.text())
    def test_texts_never_start_a_formula(self, text):
        """Whatever the text, its cell starts harmlessly and still holds it."""
        cell = for_csv(text)

        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert cell.removeprefix("'") == text.removeprefix("'")


class TestJson:
    def test_valid_json_with_null_for_nan(self):
        """JSON knows no NaN; times are ISO with the session's offset."""
        rows = json.loads(rendered(Answer.of(TABLE), "json"))

        assert rows[0]["at"] == "2012-01-23T13:05:06.789000+09:00"
        assert rows[2] == {
            "vm": None,
            "duration_s": None,
            "bytes": -5,
            "at": "2012-01-23T13:05:06.789000+09:00",
        }

    def test_no_rows_are_an_empty_list(self):
        """Scripts get a list in any case."""
        assert json.loads(rendered(Answer.of(TABLE.slice(0, 0)), "json")) == []

    def test_columns_of_one_name_are_kept_apart(self):
        """A result may name two columns alike, JSON may not."""
        assert distinct(["n", "n", "m", "n"]) == ["n", "n_2", "m", "n_3"]

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Decimal(5), 5),
            (Decimal("0.5"), 0.5),
            (float("inf"), None),
            (date(2025, 2, 3), "2025-02-03"),
            (timedelta(minutes=1), 60.0),
            (b"\x01\xff", "01ff"),
            ({"a": [AT]}, {"a": ["2012-01-23T04:05:06.789000+00:00"]}),
        ],
    )
    def test_every_type(self, value, expected):
        """Each type that a query can give has a JSON form."""
        assert for_json(value) == expected


class TestMarkdown:
    def test_markup_and_html_are_inert(self):
        """Cells cannot end the cell, mark up or bring HTML."""
        said = rendered(Answer.of(pa.table({"vm": HOSTILE})), "markdown")

        assert said.splitlines()[0] == "| vm |"
        assert "<script>" not in said
        assert "a\\|b" in said
        assert len(said.splitlines()) == 2 + len(HOSTILE)


class TestFiles:
    def test_parquet_keeps_types(self, tmp_path):
        """Parquet holds the same rows with the same types."""
        write_result(Answer.of(TABLE), "parquet", str(tmp_path / "x.parquet"))

        assert pyarrow.parquet.read_table(tmp_path / "x.parquet").schema.types == TABLE.schema.types

    @pytest.mark.parametrize(
        ("chosen", "out", "expected"),
        [
            (None, None, "table"),
            (None, "x.CSV", "csv"),
            (None, "x.md", "markdown"),
            ("json", "x.csv", "json"),
        ],
    )
    def test_the_ending_chooses_the_format(self, chosen, out, expected):
        """--format wins, then the file's ending, then table."""
        assert format_for(chosen, out) == expected

    def test_parquet_needs_a_file(self):
        """Binary does not go to the screen."""
        with pytest.raises(UsageError, match="binary"):
            format_for("parquet", None)

    @pytest.mark.parametrize("form", ["csv", "parquet"])
    def test_a_place_that_cannot_be_written(self, tmp_path, form):
        """The place is named, nothing half-written is left."""
        with pytest.raises(ConfigurationError, match="no-folder"):
            write_result(Answer.of(TABLE), form, str(tmp_path / "no-folder" / "x"))
        assert list(tmp_path.iterdir()) == []


class TestGrid:
    @given(st.text(), st.integers(1, 40))
    def test_a_cut_text_fits(self, text, columns):
        """Whatever the text, what is left fits."""
        assert display_width(cut(text, columns)) <= columns

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("C:\\ClusterStorage\\Volume1\\", "…rage\\Volume1\\"),
            ("\\\\FS01\\logs\\経理\\x.errlog", "…経理\\x.errlog"),
            ("logs/HV01/DPMRACurr.errlog", "…RACurr.errlog"),
            ("BUILD-028-of-the-old-house", "BUILD-028-of-…"),
            ("\\ is no path of anything", "\\ is no path …"),
        ],
    )
    def test_a_path_keeps_its_end(self, text, expected):
        """The volume and the file tell paths apart, their beginning does not; other texts keep their beginning."""
        assert cut(text, 14) == expected

    def test_names_can_be_told_apart(self):
        """Where there is no room for all columns, the last ones are left out before names are cut to nothing."""
        columns = [
            GridColumn("vm", ["BUILD-000028"]),
            *(GridColumn(f"n{i}", ["1" * 9], True) for i in range(9)),
        ]
        lines, hidden = grid(columns, 80)

        assert lines[2].startswith("BUILD-000028  ")
        assert hidden == ["n6", "n7", "n8"]

    def test_numbers_are_never_cut(self):
        """A narrow screen shortens texts, not numbers."""
        lines, hidden = grid(
            [GridColumn("n", ["123456789012"], numeric=True), GridColumn("t", ["x" * 90])], 40
        )

        assert hidden == []
        assert lines[2].startswith("123456789012  xxx")
        assert len(lines[2]) == 40

    def test_no_columns(self):
        """A result without columns has no lines to break."""
        assert grid([], 80) == (["", ""], [])


class TestWords:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [(None, "-"), (True, "true"), (544.0, "544"), (0.12345, "0.123"),
         (1e-9, "1e-09"), (-0.0, "0"), (AT, "2012-01-23 04:05:06.789")],
    )  # fmt: skip
    def test_cells_for_people(self, value, expected):
        """Short forms."""
        assert for_people(value) == expected

    def test_counting(self):
        """One file, two files, with thousands separators."""
        assert [counted(1, "file"), counted(2, "file"), counted(1234, "row")] == [
            "1 file",
            "2 files",
            "1,234 rows",
        ]

    @pytest.mark.parametrize(
        ("size", "expected"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2.5e12, "2.5 TB")]
    )
    def test_sizes(self, size, expected):
        """Steps of 1000."""
        assert human_bytes(size) == expected

    @given(st.text())
    def test_visible_text_is_printable(self, text):
        """Nothing that moves a cursor is left, and printable text is left alone."""
        assert visible(text).isprintable()
        assert not text.isprintable() or visible(text) == text
