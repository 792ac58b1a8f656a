"""Install dpm-analytics from the folder that this file lies in, without any network: `install.py [FOLDER]`.

FOLDER is where it goes (default: dpm-analytics, below the current folder); an earlier version there is replaced.
Any Python 3 can read this file, so that a wrong one is told in one line. Exit code 2 where the bundle does not fit.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent
SCRIPTS, EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")


class BundleError(Exception):
    """Why nothing was installed, in one line."""


def target() -> str:
    """The running Python and system as the bundle names its lists, such as 3.13-win-amd64."""
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    system = sysconfig.get_platform()
    if system.startswith("macosx"):
        system = f"macosx-{platform.machine()}"
    return f"{sys.version_info[0]}.{sys.version_info[1]}{threads}-{system}"


def list_for(bundle: Path, wanted: str) -> Path:
    """The list of wheels for a Python and system; BundleError where the bundle has none."""
    found = bundle / "requirements" / f"{wanted}.txt"
    if not found.is_file():
        held = sorted(path.stem for path in found.parent.glob("*.txt"))
        raise BundleError(f"this Python is {wanted}, the bundle is for {', '.join(held) or 'none'}")
    return found


def check(wheels: Path, listed: Path) -> None:
    """BundleError where a listed wheel is missing or has another SHA-256 than when it was packed."""
    for line in listed.read_text(encoding="utf-8").splitlines():
        requirement, _, name = line.partition("  # ")
        path, expected = wheels / name, requirement.rpartition("sha256:")[2]
        if not path.is_file():
            raise BundleError(f"{path} is missing: copy the bundle again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise BundleError(f"{path} is not what was packed (its SHA-256 differs): copy the bundle again")


def new_environment(folder: Path) -> Path:
    """The Python of a fresh environment in a folder that is new, empty, or holds an environment."""
    try:
        is_taken = folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").is_file()
    except OSError as error:  # a file of that name, or a folder that may not be read
        raise BundleError(f"{folder}: {error.strerror}: name another folder") from None
    if is_taken:
        raise BundleError(f"{folder} holds something else: name another folder")
    try:
        venv.EnvBuilder(with_pip=True, clear=folder.exists()).create(folder)
    except (ImportError, subprocess.CalledProcessError):
        raise BundleError("this Python lacks ensurepip: install it (Debian: python3-venv)") from None
    except OSError as error:  # Windows: the command still runs somewhere
        raise BundleError(f"{error.filename or folder}: {error.strerror}") from None
    return folder / SCRIPTS / f"python{EXE}"


def install(folder: Path) -> None:
    """Check every wheel, then install them; pip compares the hashes once more, and asks no index."""
    listed, wheels = list_for(BUNDLE, target()), BUNDLE / "wheels"
    check(wheels, listed)
    pip = [str(new_environment(folder)), "-m", "pip", "--isolated", "--disable-pip-version-check", "install"]
    pip += ["--quiet", "--no-index", "--find-links", str(wheels), "--only-binary", ":all:"]
    settings = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    if subprocess.run([*pip, "--require-hashes", "-r", str(listed)], env=settings, check=False).returncode:
        raise BundleError("pip could not install it: see above")
    print(f"Installed: {folder / SCRIPTS / 'dpm-analytics'}{EXE}")


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1] if len(sys.argv) > 1 else "dpm-analytics").absolute())
    except BundleError as why:
        sys.stderr.write(f"install: {why}\n")
        sys.exit(2)
