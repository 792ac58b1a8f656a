"""Tables as compact JSON: what goes in comes out, and no text gets out of its script element."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.report.pack import pack_table, pack_tables
from analytics.report.page import page

UNPACK = Path(page.__file__).with_name("unpack.js").read_text(encoding="utf-8")
NIGHTS = ["2025-11-03"] * 6 + ["2025-11-04"] * 3
# a VM with a queue and two jobs, a job without a VM, a phase without bounds, gaps between jobs
TIMELINE = {
    "night": NIGHTS,
    "vm": ["A", "A", "A", "A", None, None, "A", "B", "B"],
    "job_id": ["1", "1", "1", "2", "3", "3", "4", "5", "5"],
    "phase": [
        "queue",
        "snapshot",
        "transfer",
        "transfer",
        "snapshot",
        "transfer",
        "transfer",
        "queue",
        "open",
    ],
    "phase_s": [30.0, 10.5, 100.0, 7.25, 1.0, None, 60.0, 5.0, 0.125],
    "from_ms": [0, 30000, 40500, 500000, 1000, 2000, 86400000, 900, 5900],
    "to_ms": [30000, 40500, 140500, 507250, 2000, 2000, 86460000, 5900, 6025],
    "row_from_ms": [30000] * 4 + [1000] * 2 + [86400000] + [5900] * 2,
    "row_to_ms": [507250] * 4 + [2000] * 2 + [86460000] + [6025] * 2,
    "job_s": [110.5, 110.5, 110.5, 7.25, 1.0, 1.0, 60.0, None, None],
    "most_s": [None, 10.5, None, None, 3.0, None, None, None, None],
}
SHARES = {
    "night": NIGHTS[4:],
    "vm": ["A", "A", "A", "A", "A"],
    "phase": ["snapshot", "transfer", "release", "snapshot", "transfer"],
    "total_s": [1.0, 2.0, 0.0, 5.0, 4.0],
    "share": [1 / 9, 2 / 9, 0.0, 0.5, 0.4],
    "now_s": [5.0, 7.5, None, 2.5, 0.0],
    "usual_s": [4.0, None, 1.0, 2.25, 0.0],
    "more_s": [1.0, None, None, 0.25, 0.0],
}


def expanded(packed):
    """The same as `expand` in data.js."""
    if "steps" in packed:
        values, at = [], 0
        for step in packed["steps"]:
            at = round(at + step, 3)
            values.append(at)
    else:
        values = packed["values"]
    return [packed["words"][value] for value in values] if "words" in packed else values


def packed(values, kind):
    """A column of these values, packed."""
    return pack_table(pa.table({"x": pa.array(values, kind)}))["columns"]["x"]


@given(st.lists(st.none() | st.integers(-(10**9), 10**9)))
def test_numbers_come_back(values):
    """Whichever way they are packed."""
    assert values == expanded(packed(values, pa.int64()))


@given(st.lists(st.none() | st.integers(-(10**9), 10**9).map(lambda number: number / 1000)))
def test_decimals_come_back(values):
    """To the third one, also where steps are added up."""
    assert values == expanded(packed(values, pa.float64()))


@given(st.lists(st.none() | st.text()))
def test_texts_come_back(values):
    """Also missing and empty ones, which differ."""
    assert values == expanded(packed(values, pa.string()))


def test_times_are_milliseconds_of_the_wall_clock():
    """A local time without a zone counts from 1970 as if it were UTC, so that no browser moves it."""
    wall = dt.datetime(1970, 1, 2, 3, 0, 0, 5000)  # noqa: DTZ001  (wall times have no zone)
    table = pa.table({"ended_at": pa.array([wall], pa.timestamp("us"))})

    assert expanded(pack_table(table)["columns"]["ended_at"]) == [97200005]


def test_what_is_not_finite_is_missing():
    """JSON has no NaN."""
    assert expanded(pack_table(pa.table({"x_s": [float("nan"), float("inf"), 1.5]}))["columns"]["x_s"]) == [
        None,
        None,
        1.5,
    ]


@pytest.fixture(scope="module")
def unpack(browser):
    """Pack tables and unpack them as the page does."""
    sheet = browser.new_page()
    found = "Object.values(held.tables).map((table) => unpacked(table.columns))"

    def run(**tables):
        held = pack_tables({name: pa.table(columns) for name, columns in tables.items()})
        unpacked = sheet.evaluate(f"(held) => {{ {UNPACK}; return {found}; }}", held)
        return held["tables"], dict(zip(tables, unpacked, strict=True))

    yield run
    sheet.close()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestGuesses:
    """Columns that others tell are left out of the page, whose own script tells them again."""

    def test_what_others_tell_is_left_out_and_comes_back(self, unpack):
        """Missing ones stay missing; names are kept once for all tables."""
        packed, found = unpack(timeline=TIMELINE, shares=SHARES)
        by_others = {
            name for table in packed.values() for name, part in table["columns"].items() if "way" in part
        }

        assert found["timeline"] == TIMELINE
        assert found["shares"] == SHARES | {"share": [0.111, 0.222, 0, 0.5, 0.4]}
        assert {"to_ms", "from_ms", "row_from_ms", "row_to_ms", "job_s", "share", "more_s"} <= by_others
        assert packed["shares"]["columns"]["vm"]["words"] == "vm"

    def test_many_rows_are_kept_as_fine_as_they_are_shown(self, unpack):
        """Of more than 50,000 rows moments and lengths to the second."""
        lengths = np.arange(60_000) % 977 + 0.4
        begins = np.arange(60_000) * 1_000_000 + 400
        table = {"phase_s": lengths, "from_ms": begins, "to_ms": begins + (lengths * 1000).astype(int)}
        _, found = unpack(timeline=table)

        assert found["timeline"]["phase_s"] == np.round(lengths).tolist()
        assert found["timeline"]["from_ms"] == (begins // 1000 * 1000).tolist()
        assert found["timeline"]["to_ms"] == (np.round(table["to_ms"] / 1000) * 1000).tolist()

    def test_ids_are_as_long_as_tells_them_apart(self, unpack):
        """The first group of a GUID, or two, or all of it."""
        one, other = "0A61631C-F893-4D00", "0A61631C-C26F-4D00"

        assert unpack(jobs={"job_id": [one, "B9950102-C26F-4D00"]})[1]["jobs"]["job_id"] == [
            "0A61631C",
            "B9950102",
        ]
        assert unpack(jobs={"job_id": [one, other]})[1]["jobs"]["job_id"] == [one[:13], other[:13]]
        assert unpack(jobs={"job_id": [one, one + "1"]})[1]["jobs"]["job_id"] == [one, one + "1"]
