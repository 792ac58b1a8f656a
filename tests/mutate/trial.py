"""One trial: a copy of the tree gets one mutant, its tests run, the copy is mended."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from compileall import compile_dir
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode

from analytics.errors import QueryError
from analytics.sql import Session, open_session
from analytics.store import Store
from tests.mutate.chosen_tests import files_for
from tests.mutate.executed import Executed
from tests.mutate.mutant import Mutant
from tests.shared import SHARED

ONE_AT_A_TIME = threading.Lock()
# of the seconds of a trial that many are planned: they were measured while lines were watched, which slows them
_PLANNED = 0.6
# on a busy machine the clock runs that much faster than the seconds of computing
_BUSY = 5
_OUT_OF_TIME = {-getattr(signal, name) for name in ("SIGXCPU", "SIGKILL") if hasattr(signal, name)}
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """How a trial ended (caught, survived, timeout, invalid), by which test, in how many seconds.

    What takes too long is not caught; what no engine accepts does not count at all.
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
    # compiled once; what changes is told by its content, since a mutant may be as long and as old as what it replaces
    for name in ("analytics", "tests"):
        compile_dir(folder / name, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    # some tests ask git which files belong to the tree
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


def environment(copy: Path) -> dict[str, str]:
    """What the tests see: the copy's modules, the same examples each time, no files beside the modules."""
    more = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "DPM_SHARED": str(SHARED)}
    return {**os.environ, **more}


@cache
def empty_session() -> Session:
    """A session over a store without rows."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return open_session(Store.create_or_open(folder / "empty"))


def is_viable(mutant: Mutant, whole: bytes) -> bool:
    """Whether a changed query still runs at all: what no engine accepts is no mutant."""
    if not mutant.path.endswith(".sql"):
        return True
    try:
        with ONE_AT_A_TIME:
            empty_session().sql(mutant.applied(whole).decode())
    except QueryError:
        return False
    return True


def tried(copy: Path, mutant: Mutant, seconds: float, executed: Executed | None = None) -> Outcome:
    """Put the mutant into the copy, run its tests until one fails, mend the copy."""
    target = copy / mutant.path
    whole = target.read_bytes()
    begun = time.monotonic()
    # what is known of the lines holds for the module as it is, not for the mutant
    chosen = _chosen(copy, mutant, seconds, executed or Executed())
    try:
        target.write_bytes(mutant.applied(whole))
        status, by = judged(copy, chosen, seconds) if is_viable(mutant, whole) else ("invalid", "")
    finally:
        target.write_bytes(whole)
    return Outcome(mutant, status, by, round(time.monotonic() - begun, 1))


def _chosen(copy: Path, mutant: Mutant, seconds: float, executed: Executed) -> list[str]:
    """The tests that execute the place; where none is known (queries, other processes), the files next to it."""
    if mutant.path.endswith(".py") and (tests := executed.near(copy, mutant, seconds * _PLANNED)):
        return tests
    files = files_for(copy, mutant.path)
    return executed.cheapest(files) or files


def judged(copy: Path, chosen: list[str], seconds: float) -> tuple[str, str]:
    """The status of a mutant that stands in the copy, and the test that noticed it."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--tb=no"]
    options += ["-p", "tests.mutate.cheap_first"]
    files = list(dict.fromkeys(test.split("::")[0] for test in chosen))
    environs = environment(copy) | {"DPM_SECONDS": str(seconds)}
    if files != chosen:
        order = copy.with_name(copy.name + ".json")
        order.write_text(json.dumps(chosen), encoding="utf-8")
        environs["DPM_CHOSEN"] = str(order)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *files],
            cwd=copy,
            env=environs,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds * _BUSY,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "timeout", ""
    if done.returncode == 0:
        return "survived", ""
    if done.returncode in _OUT_OF_TIME:
        return "timeout", ""
    noticed = FAILED.search(done.stdout)
    return "caught", noticed[1] if noticed else (done.stdout + done.stderr).strip().splitlines()[-1][:200]
