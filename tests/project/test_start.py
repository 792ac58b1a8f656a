"""What the command loads before it answers (design.md section 5): counted, since times depend on the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.cli.arguments import COMMANDS
from analytics.store import Store

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("altair", "duckdb", "jinja2", "pandas", "pyarrow", "scipy", "vl_convert")


def loaded(*words: str) -> list[str]:
    """The modules that a command loads beyond those that Python has loaded anyway."""
    code = (
        "import sys; known = set(sys.modules); from analytics.cli import main; main(sys.argv[1:]);"
        "sys.stderr.write(' '.join(sorted(set(sys.modules) - known)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    return run.stderr.split()


def test_help_loads_little():
    """`dpm-analytics --help` takes about three times as long as `python -c pass`: some forty small modules."""
    found = loaded("--help")

    assert len([name for name in found if name.startswith("analytics")]) <= 8, found
    assert len(found) <= 60, found


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


def test_a_question_loads_no_more_than_it_needs(tmp_path):
    """`sql` needs DuckDB and Arrow: no format, no pandas, nothing that writes Parquet or draws."""
    Store.create_or_open(tmp_path / "store")
    found = loaded(
        "sql", "--store", str(tmp_path / "store"), "--quiet", "-o", str(tmp_path / "x.csv"), "SELECT 1 AS a"
    )
    heavy = {
        *HEAVY,
        "pyarrow.parquet",
        "pyarrow.compute",
        "lxml",
        "orjson",
        "analytics.formats",
        "analytics.ingest",
    }

    assert heavy & set(found) == {"duckdb", "pyarrow"}


def test_arrow_gives_back_what_it_frees():
    """A pool of Arrow's own would keep 60 MB of a large report; who names one for the process gets it."""
    code = (
        "from analytics.cli import main; main(['--version']); import pyarrow;"
        "print(pyarrow.default_memory_pool().backend_name)"
    )
    free = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    told = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, encoding="utf-8", env=free)

    assert told.split()[-1] == "system"


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
