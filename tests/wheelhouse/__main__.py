"""Pack what a server without Internet needs: `python -m tests.wheelhouse OUT [--python 3.13] [--platform win-amd64]`.

OUT gets the wheels of dpm-analytics and of all that it needs, a list with their SHA-256 for each Python and system, and
scripts that install from them alone. Needs the package registry, and uv (`pip install uv`), which alone knows what
another system than this one needs. Without options the bundle is for the Python and system that pack it.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.wheelhouse.install import target

ROOT = Path(__file__).resolve().parents[2]
INSTALLERS = ("install.py", "install.sh", "install.ps1")
# system as sysconfig calls it -> as uv calls it, and the wheel tags that it takes, the newest first
PLATFORMS = {
    "win-amd64": ("x86_64-pc-windows-msvc", ["win_amd64"]),
    "linux-x86_64": (
        "x86_64-manylinux_2_28",
        [
            "linux_x86_64",
            "manylinux2014_x86_64",
            *(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)),
        ],
    ),
    "macosx-arm64": (
        "aarch64-apple-darwin",
        [f"macosx_{major}_0_{kind}" for major in range(14, 10, -1) for kind in ("arm64", "universal2")],
    ),
}


def main(words: list[str] | None = None) -> None:
    """Pack the bundle and say where it lies."""
    python, _, system = target().partition("-")
    parser = argparse.ArgumentParser(prog="python -m tests.wheelhouse", description=__doc__)
    parser.add_argument("out", metavar="OUT", type=Path, help="new folder for the bundle")
    parser.add_argument(
        "--python", action="append", metavar="X.Y", help=f"may be repeated (default: {python})"
    )
    parser.add_argument(
        "--platform", action="append", choices=PLATFORMS, help=f"may be repeated (default: {system})"
    )
    given = parser.parse_args(words)
    if given.out.exists() and any(given.out.iterdir()):
        raise SystemExit(f"{given.out} is not empty: name a new folder")
    if find_spec("uv") is None:
        raise SystemExit(f"this Python has no uv: {Path(sys.executable).name} -m pip install uv")
    with all_or_nothing(given.out):
        start(given.out)
        for each_system in given.platform or [system]:
            for each_python in given.python or [python]:
                pack(given.out, each_python, each_system)
    size_bytes = sum(path.stat().st_size for path in (given.out / "wheels").iterdir())
    print(f"{given.out}: {size_bytes / 1e6:.0f} MB; copy it, then run install.ps1 or install.sh in it")


@contextmanager
def all_or_nothing(out: Path) -> Iterator[None]:
    """Leave nothing of a bundle that was not finished: half of one would be copied to the server."""
    was_there = out.exists()
    try:
        yield
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        if was_there:
            out.mkdir(exist_ok=True)
        raise


def start(out: Path) -> None:
    """The folder with its installers and the wheel of this checkout."""
    (out / "wheels").mkdir(parents=True)
    (out / "requirements").mkdir()
    for name in INSTALLERS:
        shutil.copy(Path(__file__).with_name(name), out / name)
    run("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out / "wheels", ROOT)


def pack(out: Path, python: str, system: str) -> None:
    """Add the wheels for one Python and system, and their list."""
    uv_platform, tags = PLATFORMS[system]
    ours = next((out / "wheels").glob("dpm_analytics-*.whl"))
    with tempfile.TemporaryDirectory() as folder:
        locked, wheels = Path(folder) / "locked.txt", Path(folder) / "wheels"
        compile_for = ("--python-version", python, "--python-platform", uv_platform, "--only-binary", ":all:")
        run(
            "uv",
            "pip",
            "compile",
            "-q",
            "--generate-hashes",
            *compile_for,
            "-o",
            locked,
            ROOT / "pyproject.toml",
        )
        takes = [word for tag in tags for word in ("--platform", tag)]
        chosen = ("--no-deps", "--only-binary", ":all:", "--python-version", python, *takes)
        run("pip", "download", "-q", "--require-hashes", *chosen, "-d", wheels, "-r", locked)
        packed = [ours, *(shutil.copy(path, out / "wheels") for path in sorted(wheels.iterdir()))]
    write_list(out / "requirements" / f"{python}-{system}.txt", packed)


def write_list(path: Path, wheels: list[Path]) -> None:
    """One line per wheel: name, version, SHA-256 and file, as pip takes it with --require-hashes."""
    lines = []
    for wheel in map(Path, wheels):
        name, version = wheel.name.split("-")[:2]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name.replace('_', '-')}=={version} --hash=sha256:{digest}  # {wheel.name}\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def run(module: str, *words: object) -> None:
    """Run a module of this Python; ends with its message where it fails."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, words)], check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(
            f"{module} failed: see above" if module != "uv" else "uv failed: see above (pip install uv)"
        )


if __name__ == "__main__":
    main()
