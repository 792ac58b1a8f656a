"""The wheel holds all that the main job needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program away from the checkout."""
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}
    return subprocess.run(
        [*map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory) -> Path:
    """A new environment with the wheel alone; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / SCRIPTS / "python"
    installed = run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=folder,
    )
    assert installed.returncode == 0, installed.stderr
    packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    site = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).stdout.strip()
    (Path(site) / "dependencies.pth").write_text("\n".join(sorted(packages)), encoding="utf-8", newline="\n")
    return folder


def test_queries_and_samples_travel_in_the_wheel(wheel):
    """Every query and sample log of the checkout stands in the wheel, and no test does."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("queries", "sample_logs"):
        here = [
            path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.startswith(".")
        ]
        assert {f"analytics/_data/{path.relative_to(ROOT).as_posix()}" for path in here} <= names
    assert not [name for name in names if name.startswith("tests/")]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_types_travel_in_the_wheel(wheel):
    """A type checker takes our annotations from the installed package (PEP 561)."""
    assert "analytics/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_the_main_job_runs_from_the_wheel(environment, tmp_path):
    """Outside the repository the installed command turns sample logs into a report."""
    where = "from analytics.places import sample_logs_folder; print(sample_logs_folder())"
    samples = run(environment / SCRIPTS / "python", "-c", where, cwd=tmp_path).stdout.strip()
    assert Path(samples).is_relative_to(environment.resolve())

    done = run(environment / SCRIPTS / "dpm-analytics", "analyze", Path(samples) / "estate", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 rejected" in done.stdout
    assert (tmp_path / "dpm-report.html").stat().st_size > 100_000
