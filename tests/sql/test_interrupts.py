"""Ctrl+C while a query runs."""

from __future__ import annotations

import _thread
import signal
import threading

import pytest

from analytics.sql import open_session
from analytics.store import Store

SLOW = "SELECT count(*) FROM range(1000000) a, range(1000) b WHERE (a.range + b.range) % 7 = 3"


@pytest.fixture
def _listens():
    """Ctrl+C as in a console, also where the tests run in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_listens")
def test_ctrl_c_stops_a_query(tmp_path):
    """DuckDB wraps an interrupt in errors of its own; to us it stays a KeyboardInterrupt, and no bug."""
    with open_session(Store.create_or_open(tmp_path / "store")) as session:
        timer = threading.Timer(0.3, _thread.interrupt_main)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            session.sql(SLOW)
        timer.join()

        assert session.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]
