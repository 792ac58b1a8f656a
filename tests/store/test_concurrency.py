"""Short runs of what `python -m tests.store.kills` and `python -m tests.store.readers` do for long."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

from analytics.store import Store, examine
from analytics.synth import Knobs, write_estate
from tests.store.contents import contents
from tests.store.kills import kill_at, write_before, wrong_after_kill
from tests.store.readers import NOTHING_WRONG, read_beside

ROOT = Path(__file__).resolve().parents[2]


def test_readers_beside_a_running_ingest(tmp_path):
    """Every session sees one commit, and keeps seeing it, while the store grows five times."""
    found = read_beside(tmp_path / "store", reads=5)

    assert found["grown"] == 5
    assert set(+found) == NOTHING_WRONG


def test_kills(tmp_path):
    """Killed at any operation on the disk: after each the accounts balance; the next ingest completes the store."""
    logs, before = tmp_path / "logs", write_before(tmp_path)
    write_estate(logs, Knobs(vms=2, nights=2, seed=3))
    undisturbed = shutil.copytree(before, tmp_path / "undisturbed")
    _, operations = kill_at(logs, undisturbed, None)
    due = contents(Store.open(undisturbed))
    place = shutil.copytree(before, tmp_path / "store")
    for part in range(1, 5):
        assert kill_at(logs, place, operations * part // 5)[0]
        assert +wrong_after_kill(place) == {}

    assert kill_at(logs, place, None)[0] is False
    assert contents(Store.open(place)) == due
    assert examine(Store.open(place)).is_whole


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
