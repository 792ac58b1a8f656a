"""Tables as compact JSON: what goes in comes out, and no text gets out of its script element."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analytics.report.pack import pack_numbers, pack_table, pack_words


def expanded(packed):
    """The same as `expand` in data.js."""
    if "runs" in packed:
        runs = packed["runs"]
        values = [value for at in range(0, len(runs), 2) for value in [runs[at]] * runs[at + 1]]
    elif "steps" in packed:
        values, at = [], 0
        for step in packed["steps"]:
            at = at if step is None else round(at + step, 3)
            values.append(None if step is None else at)
    elif "some" in packed:
        values = []
        for at in range(1, len(packed["some"]), 2):
            values += [None] * packed["some"][at] + [packed["some"][at + 1]]
        values += [None] * (packed["some"][0] - len(values))
    else:
        values = packed["values"]
    return [packed["words"][value] for value in values] if "words" in packed else values


@given(st.lists(st.none() | st.integers(-(10**9), 10**9)))
def test_numbers_come_back(values):
    """Whichever way is the shortest."""
    assert values == expanded(pack_numbers(values, 1))


@given(st.lists(st.none() | st.text()))
def test_texts_come_back(values):
    """Also missing and empty ones, which differ."""
    assert values == expanded(pack_words(values))


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
