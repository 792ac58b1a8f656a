"""Short runs of what `python -m tests.store.kills` and `python -m tests.store.readers` do for long."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from analytics.synth import Knobs
from tests.store.kills import kill_often
from tests.store.readers import read_for

ROOT = Path(__file__).resolve().parents[2]


def test_readers_beside_a_running_ingest(tmp_path):
    """Every session sees one commit, and keeps seeing it."""
    found = read_for(tmp_path / "store", 6)

    assert found["reads"] > 1
    assert set(+found) == {"reads", "records"}


def test_random_kills(tmp_path):
    """After each the accounts balance; the next ingest completes the store."""
    found = kill_often(tmp_path, 4, knobs=Knobs(vms=2, nights=2, seed=3))

    assert found["killed"] == 4
    assert set(+found) <= {"killed", "completed"}


def test_the_case_of_a_reader_during_an_ingest(shared, tmp_path):
    """Case sec-06, for a quarter of its time."""
    script = (shared / "cases" / "sec-06-reader-during-ingest" / "reader.py").read_text(encoding="utf-8")
    short = tmp_path / "reader.py"
    short.write_text(script.replace("time.time()+40", "time.time()+10"), encoding="utf-8")
    words = [sys.executable, str(short), str(tmp_path / "store"), str(ROOT / "sample_logs")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=200)
    counts = ast.literal_eval(re.match(r"\{.*?\}", done.stdout)[0])

    assert counts["reads"] > 0
    assert set(counts) == {"reads", "ingests"}, done.stdout
