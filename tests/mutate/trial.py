"""One trial: a copy of the tree gets one mutant, its tests run, the copy is mended."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutate.chosen_tests import files_for
from tests.mutate.mutant import Mutant
from tests.shared import SHARED

FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
BINDS = """
import sys, tempfile
from pathlib import Path
from analytics.sql import open_session
from analytics.store import Store
with tempfile.TemporaryDirectory() as folder:
    with open_session(Store.create_or_open(Path(folder) / "s")) as session:
        session.sql(f"SELECT * FROM {sys.argv[1]} LIMIT 0")
"""


@dataclass(frozen=True)
class Outcome:
    """How a trial ended (caught, survived, timeout, invalid), by which test, in how many seconds.

    What takes too long counts as caught; what no engine accepts does not count at all.
    """

    mutant: Mutant
    status: str
    by: str
    seconds: float


def copy_of(root: Path, folder: Path) -> Path:
    """A copy of what git knows of a tree, changes included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target)
    # some tests ask git which files belong to the tree
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


def environment(copy: Path) -> dict[str, str]:
    """What the tests see: the copy's modules, the same examples each time, no files beside the modules."""
    more = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "DPM_SHARED": str(SHARED)}
    return {**os.environ, **more}


def is_viable(copy: Path, mutant: Mutant) -> bool:
    """Whether a changed query still runs at all: what no engine accepts is no mutant."""
    if not mutant.path.endswith(".sql"):
        return True
    command = [sys.executable, "-c", BINDS, Path(mutant.path).stem]
    done = subprocess.run(command, cwd=copy, env=environment(copy), capture_output=True, check=False)
    return done.returncode == 0


def tried(copy: Path, mutant: Mutant, timeout_s: float) -> Outcome:
    """Put the mutant into the copy, run its tests until one fails, mend the copy."""
    target = copy / mutant.path
    whole = target.read_bytes()
    begun = time.monotonic()
    try:
        target.write_bytes(mutant.applied(whole))
        status, by = judged(copy, mutant, timeout_s) if is_viable(copy, mutant) else ("invalid", "")
    finally:
        target.write_bytes(whole)
    return Outcome(mutant, status, by, round(time.monotonic() - begun, 1))


def judged(copy: Path, mutant: Mutant, timeout_s: float) -> tuple[str, str]:
    """The status of a mutant that stands in the copy, and the test that noticed it."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "--tb=no", "-n", "0"]
    command = [sys.executable, "-m", "pytest", *options, *files_for(copy, mutant.path)]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=environment(copy),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "timeout", ""
    if done.returncode == 0:
        return "survived", ""
    noticed = FAILED.search(done.stdout)
    return "caught", noticed[1] if noticed else (done.stdout + done.stderr).strip().splitlines()[-1][:200]
