"""What a small estate costs, by CPU and wall, beside what no data causes: `python -m tests.bench.small`."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.estates import COMMAND, Cost, best, run, show

_ROUNDS = 3
_SAMPLES = Path(__file__).parents[2] / "sample_logs" / "estate"
_LIBRARIES = "import pyarrow, pyarrow.compute, pyarrow.parquet, duckdb, numpy"


def main() -> None:
    """Print the table; every command runs in a process of its own, the cheapest of three counts."""
    print("| what | measured | CPU s | wall s | peak MB |\n|---|---|---|---|---|")
    floor = best(_ROUNDS, sys.executable, "-c", _LIBRARIES)
    show("importing pyarrow, duckdb and numpy (floor)", floor)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        logs, store, page = (str(Path(folder) / name) for name in ("logs", "store", "report.html"))
        run(*COMMAND, "synth", logs, "--vms", "10", "--nights", "30", "-q")
        run(*COMMAND, "ingest", logs, "--store", store, "-q")
        show('sql "SELECT 1"', best(_ROUNDS, *COMMAND, "sql", "--store", store, "-q", "SELECT 1"))
        report = (*COMMAND, "report", "--store", store, "--out", page, "-q")
        show("first report of 10 VMs x 30 nights", min(_first(store, report) for _ in range(_ROUNDS)))
        show("the same again, tables kept", best(_ROUNDS, *report))
        show("DuckDB's planning of the model's queries alone (EXPLAIN)", _planning(store))
        analyze = (*COMMAND, "analyze", str(_SAMPLES), "--out", page, "-q")
        show("analyze sample_logs/estate", best(_ROUNDS, *analyze))


def _first(store: str, report: tuple[str, ...]) -> Cost:
    shutil.rmtree(Path(store) / "derived", ignore_errors=True)
    return run(*report)


def _planning(store: str) -> Cost:
    """What it costs to plan each query of the model when all tables are there."""
    from analytics.sql import open_session
    from analytics.sql.catalogue import model_queries
    from analytics.sql.order import in_order
    from analytics.store import Store

    with open_session(Store(Path(store)), keep=False) as session:
        names = in_order(model_queries())
        for name in names:
            session.relation(name)
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        for name in names:
            session.engine.result(f"EXPLAIN {model_queries()[name].sql}", {}, name)
        return Cost(time.process_time() - cpu_s, time.perf_counter() - wall_s, 0.0)


if __name__ == "__main__":
    main()
