"""What .ci/run rests on."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAVE = (ROOT / ".ci" / "skips.txt").read_text(encoding="utf-8")


def skips(tmp_path: Path, log: str) -> subprocess.CompletedProcess[str]:
    """Judge a log of pytest."""
    (tmp_path / "log").write_text(log, encoding="utf-8")
    command = [sys.executable, str(ROOT / ".ci" / "skips.py"), str(tmp_path / "log")]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_a_skip_without_leave_fails(tmp_path):
    """With and without a line number; the rest of the summary is passed over."""
    summary = (
        "PASSED tests/a.py::b\nSKIPPED [2] tests/a.py:12: no browser\nSKIPPED [1] tests/c.py: no wheel\n"
    )
    done = skips(tmp_path, summary + "2 passed, 3 skipped in 4s\n")

    assert done.returncode == 1
    assert re.findall(r"SKIPPED.*", done.stdout) == re.findall(r"SKIPPED.*", summary)
    assert skips(tmp_path, "2 passed in 4s\n").returncode == 0


def test_leave_has_its_reason(tmp_path):
    """Each listed skip is accepted, names a test that is there, and says why it costs no evidence."""
    for line in [line for line in LEAVE.splitlines() if line and not line.startswith("#")]:
        skip, _, why = line.partition(" | ")
        path, _, reason = skip.partition(": ")

        assert why.strip()
        assert (ROOT / path).is_file()
        assert skips(tmp_path, f"SKIPPED [1] {path}:3: {reason}\n").returncode == 0


def test_every_dependency_has_a_lower_bound():
    """What CI installs as the lowest versions is what pyproject.toml says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]

    assert [one for one in wanted if not re.fullmatch(r"[\w.-]+>=[\d.]+", one)] == []
