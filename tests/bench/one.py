"""One measurement in a process of its own: `python -m tests.bench.one CASE FILE` prints it as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import floors

WARM_UP_BYTES = 200_000


def main(case: str, path: Path) -> None:
    """Warm up (imports, lazy loading), measure, print seconds, CPU seconds, peak bytes and the case's own figures."""
    run = CASES[case]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        small = Path(folder) / "small" / "DPMRACurr.errlog"
        small.parent.mkdir()
        with path.open("rb") as file:
            small.write_bytes(file.read(WARM_UP_BYTES))
        run(small, Path(folder) / "warm-up")
        cpu, wall = time.process_time(), time.perf_counter()
        figures = run(path, Path(folder) / "measured")
        seconds = time.perf_counter() - wall
        figures = {
            "seconds": seconds,
            "cpu_s": time.process_time() - cpu,
            "peak_bytes": peak_bytes(),
            **figures,
        }
    print(json.dumps(figures))


def peak_bytes() -> int | None:
    """Largest resident size of this process so far; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    try:
        import psutil
    except ImportError:
        return None
    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))


def _floor(function: Callable[..., int], *, writes: bool = False) -> Callable[[Path, Path], dict[str, Any]]:
    def run(path: Path, out: Path) -> dict[str, Any]:
        return {"lines": function(path, out) if writes else function(path)}

    return run


def _ingest(trace_level: str) -> Callable[[Path, Path], dict[str, Any]]:
    def run(path: Path, out: Path) -> dict[str, Any]:
        from analytics.ingest import IngestOptions, ingest
        from analytics.store import Store

        summary = ingest(Store.create_or_open(out), [path], IngestOptions(trace_level=trace_level))
        filtered = sum(source.records_filtered for source in summary.sources)
        return {"stored": summary.records_stored, "filtered": filtered, "rejected": summary.records_rejected}

    return run


def _ingest_twice(path: Path, out: Path) -> dict[str, Any]:
    begin = time.perf_counter()
    first = _ingest("all")(path, out)
    between = time.perf_counter()
    second = _ingest("all")(path, out)
    if second["stored"] or not first["stored"]:
        raise AssertionError(f"stored {first['stored']}, then {second['stored']} records")
    return {"first_s": between - begin, "second_s": time.perf_counter() - between}


CASES: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "csv": _floor(floors.csv_to_parquet, writes=True),
    "scan": _floor(floors.newline_scan),
    "iterate": _floor(floors.line_iteration),
    "count": _floor(floors.newline_count),
    "all": _ingest("all"),
    "markers": _ingest("markers"),
    "twice": _ingest_twice,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
