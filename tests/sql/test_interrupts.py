"""Ctrl+C while a query runs."""

from __future__ import annotations

import _thread
import signal
import threading

import pytest

from analytics.sql import open_session
from analytics.store import Store

SLOW = {
    "join": "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range + b.range) % 7 = 3",
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
    "many rows": "SELECT md5(i::VARCHAR) FROM range(100000000) AS t(i)",
}


@pytest.fixture
def _listens():
    """Ctrl+C as in a console, also where the tests run in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_listens")
@pytest.mark.parametrize("query", SLOW)
def test_ctrl_c_stops_a_query(tmp_path, query):
    """DuckDB hears it here and there, and wraps it in errors of its own; to us it stays a KeyboardInterrupt."""
    with open_session(Store.create_or_open(tmp_path / "store")) as session:
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            session.sql(SLOW[query])
        timer.join()

        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]
