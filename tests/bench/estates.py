"""Whole commands on a simulated estate, by CPU and wall: `python -m tests.bench.estates [--vms 800 --nights 30]`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

MB = 1_000_000
COMMAND = (sys.executable, "-m", "analytics")
# what `sql` loads before it has seen the store
IMPORTS = (
    "import analytics.cli.sql, analytics.cli.render, analytics.store, analytics.sql, analytics.site, duckdb"
)
PHASES = (
    "SELECT vm, phase, sum(duration_s) AS s FROM phases JOIN job_nights USING (job_id)"
    " WHERE night = {} GROUP BY ALL"
)
LAST_NIGHT = "(SELECT max(night) FROM job_nights)"


class Cost(NamedTuple):
    """What a command took: seconds of all its threads and processes, seconds on the clock, largest resident MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def main() -> None:
    """Make the estate where it is not there yet, run each command, print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.estates", description=__doc__)
    parser.add_argument("--vms", type=int, default=800)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3, help="of each command but the ingest (default: 3)")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "dpm-bench")
    given = parser.parse_args()
    logs = given.folder / f"estate-{given.vms}-{given.nights}"
    if not logs.exists():
        given.folder.mkdir(parents=True, exist_ok=True)
        run(*COMMAND, "synth", str(logs), "--vms", str(given.vms), "--nights", str(given.nights), "-q")
    files = [file for file in logs.rglob("*") if file.is_file()]
    size_mb = sum(file.stat().st_size for file in files) / MB
    print(f"{given.vms} VMs x {given.nights} nights, {len(files)} files, {size_mb:.0f} MB\n")
    print("| what | measured | CPU s | wall s | peak MB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        measure(logs, Path(folder), size_mb, given.rounds)


def measure(logs: Path, folder: Path, size_mb: float, rounds: int) -> None:
    """Print a row per command."""
    store, page = str(folder / "store"), str(folder / "report.html")
    for processes in ("1", "2"):
        shutil.rmtree(store, ignore_errors=True)
        cost = run(*COMMAND, "ingest", str(logs), "--store", store, "-q", "--processes", processes)
        show(f"ingest, --processes {processes}", cost, f"{cost.cpu_s / size_mb:.3f} CPU s per MB")
    show("ingest again, nothing new", run(*COMMAND, "ingest", str(logs), "--store", store, "-q"))
    report = (*COMMAND, "report", "--store", store, "--out", page, "-q")
    show("first report", run(*report))
    show("report again", best(rounds, *report), f"{Path(page).stat().st_size / MB:.2f} MB of HTML")
    question = (*COMMAND, "sql", "--store", store, "-q", PHASES.format(LAST_NIGHT))
    floor = best(rounds, sys.executable, "-c", IMPORTS)
    show("a process with the imports of sql (floor)", floor)
    cost = best(rounds, *question)
    show(
        "sql: phases of one night, kept tables",
        cost,
        f"{cost.cpu_s / floor.cpu_s:.2f} times the floor by CPU",
    )


def best(rounds: int, *command: str) -> Cost:
    """The cheapest of some runs: what others do on the machine only adds."""
    return min(run(*command) for _ in range(rounds))


def run(*command: str) -> Cost:
    """Run a command to its end; CPU and memory are of it and of the processes that it waited for (POSIX only)."""
    import resource

    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    # as for a user, who does not compile the package each time
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=surroundings)
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{said.decode('utf-8', 'replace')}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, time.perf_counter() - started, used.ru_maxrss / 1024)


def show(name: str, cost: Cost, figure: str = "") -> None:
    """Print one row at once: a large estate takes minutes."""
    print(f"| {name} | {figure} | {cost.cpu_s:.2f} | {cost.wall_s:.2f} | {cost.peak_mb:.0f} |", flush=True)


if __name__ == "__main__":
    main()
