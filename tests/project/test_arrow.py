"""Columns between Arrow and numpy: what goes in comes out, exactly, and what is missing stays missing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.arrow import column_of, flags_of, floats_of, is_there, labels_of, texts, wholes_of


def chunked(values, kind):
    """Values in two chunks."""
    half = len(values) // 2
    return pa.chunked_array([pa.array(values[:half], kind), pa.array(values[half:], kind)])


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_are_exact(values):
    """Also those that no double holds."""
    column = chunked(values, pa.int64())

    assert column_of(wholes_of(column, 0), pa.int64(), is_there(column)).to_pylist() == values


@given(st.lists(st.none() | st.floats(allow_nan=False)))
def test_numbers_and_units(values):
    """NULL is NaN, and NaN is NULL."""
    found = floats_of(chunked(values, pa.float64()), 2.0)

    assert column_of(found * 2, pa.float64()).to_pylist() == pytest.approx(values)


def test_a_whole_number_that_no_double_holds():
    """The nearest does."""
    assert floats_of(chunked([2**60 + 1, None], pa.int64()), 2.0)[0] == 2.0**59


@given(st.lists(st.none() | st.text()))
def test_texts_and_labels(values):
    """Missing and empty ones differ; labels are in their order."""
    column = pa.chunked_array([texts(values)], pa.string())
    labels, places = labels_of(column)

    assert column.to_pylist() == values
    assert list(labels) == sorted({value for value in values if value is not None})
    assert [labels[place] if place >= 0 else None for place in places] == values


def test_moments_and_flags():
    """Whole numbers become moments; a flag that is not known is none."""
    us = np.array([0, 253_402_300_799_999_999])

    assert column_of(us, pa.timestamp("us")).cast(pa.int64()).to_pylist() == us.tolist()
    assert column_of([1, None, 0], pa.bool_()).to_pylist() == [True, None, False]
    assert flags_of(chunked([True, None, False], pa.bool_())).tolist() == [True, False, False]
    assert is_there(pa.chunked_array([], pa.int64())).tolist() == []
