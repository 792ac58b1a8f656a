"""The missing ends of a data move: put in as they typically lie on the estate."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from analytics.planning.jobs import Jobs, completed

NAN = float("nan")


def jobs_of(**columns: list[float] | list[bool]) -> Jobs:
    """Jobs with some columns; of the others nothing is known."""
    count = len(next(iter(columns.values())))
    empty = {
        "tuple": (),
        "Ints": np.zeros(count, int),
        "Floats": np.full(count, NAN),
        "Bools": np.zeros(count, bool),
    }
    whole = {field.name: empty[str(field.type).partition("[")[0]] for field in fields(Jobs)}
    return Jobs(**whole | {name: np.array(values) for name, values in columns.items()})


JOBS = jobs_of(
    started_s=[0.0, 0, 80, 240, 0, 400],
    granted_s=[10.0, 10, 100, 250, 10, NAN],
    moving_s=[20.0, 22, NAN, NAN, NAN, NAN],
    moved_s=[50.0, 54, NAN, NAN, NAN, NAN],
    ended_s=[60.0, 60, 200, 300, 90, 405],
    is_good=[True, True, True, False, False, True],
    is_running=[False, False, False, True, False, False],
)


def test_ends_that_are_put_in():
    """As long after the grant, else the start, and before the end as the median; only where the move took place."""
    found = completed(JOBS)
    np.testing.assert_array_equal(found.moving_s, [20, 22, 111, 261, NAN, 411])
    np.testing.assert_array_equal(found.moved_s, [50, 54, 192, NAN, NAN, 411])
    assert found.is_imputed.tolist() == [False, False, True, True, False, True]
    assert (found.started_s is JOBS.started_s, found.ended_s is JOBS.ended_s) == (True, True)


def test_where_no_job_shows_a_move():
    """Nothing is put in."""
    found = completed(replace(JOBS, moving_s=np.full(6, NAN), moved_s=np.full(6, NAN)))
    assert np.isnan(found.moving_s).all()
    assert np.isnan(found.moved_s).all()
