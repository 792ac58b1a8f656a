"""Random kills of an ingest: `python -m tests.store.kills --runs 200`.

A mid-size estate is ingested by a process of its own, which is killed at a random moment (SIGKILL, TerminateProcess on
Windows). Then the store must open with accounts that balance, and once an ingest is left in peace it must hold what an
undisturbed one holds: nothing lost, nothing doubled.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from analytics.ingest import ingest
from analytics.store import Store, examine
from analytics.synth import Knobs, write_estate
from tests.store.contents import contents
from tests.store.deliveries import FIRST, write_log

ROOT = Path(__file__).resolve().parents[2]
KNOBS = Knobs(vms=12, nights=6, seed=7, duplicate_files=True, rotate_bytes=200_000, crash=True, events="xml")
COMMITS_BEFORE = 8
# Small commits, so that there are many moments to be killed at.
CHILD = """
import sys
from analytics.cli import main
from analytics.ingest import ingest
ingest.__globals__["COMMIT_BYTES"] = 256 * 1024
sys.exit(main(["ingest", sys.argv[1], "--store", sys.argv[2], "--quiet"]))
"""
# The same, and it ends at one operation on the disk as a killed process does: without any clean-up.
DEAD = 137
DYING = f"""
import os, sys
from pathlib import Path
from pytest import MonkeyPatch
from analytics.cli import main
from analytics.ingest import ingest
from tests.store.faults import BadDisk
class DeadlyDisk(BadDisk):
    def refuse(self):
        os._exit({DEAD})
ingest.__globals__["COMMIT_BYTES"] = 256 * 1024
disk = DeadlyDisk(Path(sys.argv[2]), int(sys.argv[3]))
disk.install(MonkeyPatch())
code = main(["ingest", sys.argv[1], "--store", sys.argv[2], "--quiet"])
print(len(disk.operations))
sys.exit(code)
"""
BEFORE_IT_WRITES = 0.1


def write_before(folder: Path) -> Path:
    """A store whose parts the next commit makes merge."""
    store = Store.create_or_open(folder / "before")
    for number in range(COMMITS_BEFORE):
        write_log(
            folder / "old" / f"{number}" / "OLD" / "DPMRACurr.errlog", FIRST + timedelta(hours=number), 20
        )
        ingest(store, [folder / "old" / f"{number}"])
    return store.path


def kill_often(
    folder: Path, kills: int, seed: int = 1, knobs: Knobs = KNOBS, tell: bool = False
) -> Counter[str]:
    """Kill ingests until so many were killed; counts what was wrong afterwards."""
    chance = random.Random(seed)
    logs, before = folder / "logs", write_before(folder)
    write_estate(logs, knobs)
    undisturbed = shutil.copytree(before, folder / "undisturbed")
    begun = time.monotonic()
    _child(logs, undisturbed).wait()
    longest_s = time.monotonic() - begun
    due = contents(Store.open(undisturbed))
    found: Counter[str] = Counter()
    place = shutil.copytree(before, folder / "store")
    while found["killed"] < kills:
        if _is_killed(logs, place, chance, longest_s):
            found["killed"] += 1
            found.update(wrong_after_kill(place))
            if tell:
                sys.stderr.write(f"{found['killed']}/{kills} {dict(+found)}\n")
            continue
        found["completed"] += 1
        found["lost or doubled"] += contents(Store.open(place)) != due
        found["not whole"] += not examine(Store.open(place)).is_whole
        shutil.rmtree(place)
        shutil.copytree(before, place)
    return found


def kill_at(logs: Path, place: Path, number: int | None) -> tuple[bool, int]:
    """Ingest in a process that ends hard at its operation on the disk of that number; whether it did, and how many
    operations there were.
    """
    words = [sys.executable, "-c", DYING, str(logs), str(place), str(-1 if number is None else number)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in {0, DEAD}:
        raise RuntimeError(f"the ingest ended with {done.returncode}: {done.stderr}")
    return done.returncode == DEAD, int(done.stdout or -1)


def _child(logs: Path, place: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, str(logs), str(place)], cwd=ROOT)


def _is_killed(logs: Path, place: Path, chance: random.Random, longest_s: float) -> bool:
    """Run an ingest and kill it, mostly after it began to write; False where it came to its end first."""
    note = place / "ingest.json"
    earlier = note.stat().st_mtime_ns
    with _child(logs, place) as child:
        if chance.random() > BEFORE_IT_WRITES:
            while child.poll() is None and note.stat().st_mtime_ns == earlier:
                time.sleep(0.002)
        try:
            child.wait(chance.random() * longest_s)
        except subprocess.TimeoutExpired:
            child.kill()
    if child.returncode == 0:
        return False
    if child.returncode in {1, 2}:
        raise RuntimeError(f"the ingest ended with {child.returncode}")
    return True


def wrong_after_kill(place: Path) -> Counter[str]:
    """What is wrong with a store whose writer was just killed."""
    health = examine(Store.open(place))
    with Store.open(place).snapshot() as snapshot:
        last = snapshot.ingest
    return Counter(
        {
            "damaged": len(health.damages),
            "half state": len(health.hits),
            "called running": int(bool(last and last.is_running)),
        }
    )


def main() -> int:
    """Read the options; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = kill_often(Path(folder), options.runs, options.seed, tell=True)
    print(dict(+found))
    return int(bool(set(+found) - {"killed", "completed"}))


if __name__ == "__main__":
    sys.exit(main())
