"""Tables as compact JSON: what goes in comes out, and no text gets out of its script element."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analytics.report.pack import pack_table


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
