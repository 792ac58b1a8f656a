"""Sources whose spans overlap although no record lies in the weeks they share."""

from __future__ import annotations

from pathlib import Path

from analytics.ingest import ingest
from analytics.store import Store

LINE = "0CF4\t1A10\t{day}\t12:00:00.000\t31\tagent.cpp(1)\t\t\tNORMAL\t{text}\n"


def test_a_log_with_a_long_pause_spans_weeks_without_a_part(tmp_path: Path):
    """A record in a week of which the store has no file is new, though another log's span covers the week."""
    logs = tmp_path / "HV01"
    logs.mkdir()
    store = Store.create_or_open(tmp_path / "store")
    (logs / "DPMRA0.errlog").write_text(LINE.format(day="01/05", text="a") + LINE.format(day="03/20", text="b"), "utf-8")
    ingest(store, [logs])
    (logs / "DPMRA1.errlog").write_text(LINE.format(day="02/10", text="c"), "utf-8")

    summary = ingest(store, [logs])

    assert (summary.records_stored, summary.records_duplicate, summary.records_rejected) == (1, 2, 0)
