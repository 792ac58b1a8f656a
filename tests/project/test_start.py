"""How fast the command answers (design.md section 5)."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.cli.arguments import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("altair", "duckdb", "jinja2", "pandas", "pyarrow", "scipy", "vl_convert")
ROUNDS = 15
LIMIT = 5.0


def seconds(*words: str) -> float:
    """Time of one run of Python."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def test_help_answers_in_five_times_an_empty_program():
    """`dpm-analytics --help` takes at most five times as long as `python -c pass`, both measured in turn."""
    pairs = [(seconds("-c", "pass"), seconds("-m", "analytics", "--help")) for _ in range(ROUNDS)]
    bare, helped = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"python -c pass {bare * 1000:.0f} ms, --help {helped * 1000:.0f} ms, ratio {helped / bare:.1f}")

    assert helped / bare <= LIMIT


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_help_loads_no_library(words):
    """No library is imported to show a help text."""
    code = (
        "import json, sys; from analytics.cli import main; main(sys.argv[2:]);"
        "sys.stderr.write(json.dumps([name for name in json.loads(sys.argv[1]) if name in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, json.dumps(HEAVY), *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )

    assert json.loads(run.stderr) == []


def test_importing_the_package_is_cheap():
    """`import analytics` loads no library before a name is used."""
    code = (
        "import analytics, json, sys;"
        "print(json.dumps([name for name in json.loads(sys.argv[1]) if name in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, json.dumps(HEAVY)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert json.loads(run.stdout) == []
