"""Memory, time and room on disk are limited where that is asked for; a runaway query always ends."""

from __future__ import annotations

import time

import pytest

from analytics.errors import QueryError
from analytics.sql import Limits, open_session
from analytics.store import Store

RUNAWAY = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
LARGE = "CREATE TABLE large AS SELECT i, md5(i::VARCHAR) AS text FROM range(1500000) AS t(i)"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """An empty store."""
    return Store.create_or_open(tmp_path_factory.mktemp("limits") / "store")


def test_a_runaway_query_is_stopped(store):
    """After the time given, in one line; the session goes on."""
    with open_session(store, limits=Limits(timeout_s=0.5)) as session:
        with pytest.raises(QueryError, match=r"--timeout: stopped after 0\.5 s"):
            session.sql(RUNAWAY)

        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_views_count_for_the_time(store, monkeypatch):
    """What a query makes the session compute belongs to it."""
    with open_session(store, limits=Limits(timeout_s=0.5)) as session:
        stream = session.engine.stream
        monkeypatch.setattr(session.engine, "stream", lambda _, *more: stream(RUNAWAY, *more))
        with pytest.raises(QueryError, match="stopped after"):
            session.sql("SELECT count(*) FROM jobs")

        assert "jobs" not in session.present


def test_time_enough(store):
    """A query that is done in time leaves nothing that would stop a later one."""
    with open_session(store, limits=Limits(timeout_s=30)) as session:
        assert [session.sql(f"SELECT {n} AS n").to_pylist()[0]["n"] for n in range(3)] == [0, 1, 2]


def test_memory(store):
    """More than allowed is an error that names what would help."""
    with open_session(store, limits=Limits(memory="40MB")) as session:
        with pytest.raises(QueryError, match="--memory-limit gives more"):
            session.sql("SELECT list(i) FROM range(100000000) AS t(i)")

        assert session.sql("SELECT current_setting('memory_limit') AS m").to_pylist()[0]["m"] != ""


def test_what_does_not_fit_goes_to_the_folder_and_away_again(store, tmp_path):
    """Spilled rows lie in a folder of the session's own while it lasts."""
    limits = Limits(memory="60MB", spill_folder=tmp_path)
    with open_session(store, confined=False, limits=limits) as session:
        session.sql(LARGE)
        spilled = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
        rows = session.sql("SELECT count(*) AS n FROM large").to_pylist()

    assert spilled > 0
    assert rows == [{"n": 1_500_000}]
    assert list(tmp_path.iterdir()) == []


def test_rows_come_while_they_are_computed(store):
    """A result larger than memory is read in pieces; what goes wrong in a later one is told."""
    with open_session(store, limits=Limits(memory="100MB")) as session:
        rows = session.stream(
            "SELECT md5(i::VARCHAR) AS text FROM range(4000000) AS t(i)",
            lambda answer: sum(batch.num_rows for batch in answer.batches),
        )
        assert rows == 4_000_000

        seen = []
        with pytest.raises(QueryError, match="boom"):
            session.stream(
                "SELECT CASE WHEN i < 3000000 THEN '' ELSE error('boom') END AS x FROM range(4000000) AS t(i)",
                lambda answer: seen.extend(batch.num_rows for batch in answer.batches),
            )
        assert sum(seen) > 0
        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_time_counts_for_reading_too(store):
    """Rows that are computed and not yet read are given up as well."""
    with open_session(store, limits=Limits(timeout_s=1)) as session:
        with pytest.raises(QueryError, match="stopped after"):
            session.stream(
                "SELECT i FROM range(3000000) AS t(i)",
                lambda answer: [time.sleep(0.1) for _ in answer.batches],
            )

        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_the_sink_may_fail(store):
    """Its errors stay its own, and the session goes on."""
    with open_session(store) as session:
        with pytest.raises(OSError, match="disk full"):
            session.stream("SELECT i FROM range(3000000) AS t(i)", _full_disk)

        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]


def _full_disk(answer):
    next(answer.batches)
    raise OSError("disk full")
