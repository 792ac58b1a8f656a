"""Which tests execute a line: read from what `tests.mutate.tracing` wrote, and gathered where it is missing."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutate.chosen_tests import FIRST, NOT_NEAR, folders_of
from tests.mutate.mutant import Mutant
from tests.mutate.tracing import digest

Place = tuple[str, int]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Executed:
    """Seconds of each test, and the tests that execute a line of a module."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))

    def near(self, root: Path, mutant: Mutant, budget_s: float) -> list[str]:
        """The tests that execute what a mutant changes, as many as the seconds allow: the nearest, then the cheapest.

        The first of a file may build what all of it share, which makes those of many files dear.
        """
        spent, chosen = 0.0, list[str]()
        found = {test for place in places_of(root, mutant) for test in self.tests.get(place, ())}
        own, early = tuple(f"{folder}/" for folder in folders_of(mutant.path)[:1]), tuple(FIRST.values())

        def order(test: str) -> tuple[bool, bool, float, str]:
            return not test.startswith(early), not test.startswith(own), self.seconds[test], test

        for test in sorted(found, key=order):
            spent += self.seconds[test]
            if spent > budget_s and chosen:
                break
            chosen.append(test)
        return chosen

    def cheapest(self, tests: list[str]) -> list[str]:
        """Tests of some files, those that are known to take long last."""
        return [name for name in sorted(self.seconds, key=self.seconds.__getitem__) if _file(name) in tests]


def _file(test: str) -> str:
    return test.partition("::")[0]


def gathered(root: Path, target: Path) -> Executed:
    """Run the test files of which the target holds no row of today, then read it."""
    rows = _rows(target)
    files = [file.relative_to(root).as_posix() for file in sorted((root / "tests").rglob("test_*.py"))]
    lacking = [
        file
        for file in files
        if Path(file).name not in NOT_NEAR and rows.get(file, {}).get("digest") != digest(root / file)
    ]
    if lacking:
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.mutate.tracing"]
        print(f"which lines do the tests of {len(lacking)} files execute?", flush=True)
        more = {"PYTHONPATH": str(root), "DPM_EXECUTED": str(target.resolve())}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *lacking],
            cwd=root,
            env={**os.environ, **more},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if missed := set(lacking) - _rows(target).keys():
            end = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
            print(f"{len(missed)} files of tests were not run to their end:\n{end}", flush=True)
    return read(root, target)


def read(root: Path, target: Path) -> Executed:
    """What is known of the tests of today about the modules of today."""
    found = Executed()
    for file, row in _rows(target).items():
        if not (root / file).is_file() or digest(root / file) != row["digest"]:
            continue
        same = {
            path
            for path, known in row["modules"].items()
            if (root / path).is_file() and digest(root / path) == known
        }
        for test, (seconds, lines) in row["tests"].items():
            found.seconds[test] = seconds
            for path in lines.keys() & same:
                for line in lines[path]:
                    found.tests[path, line].add(test)
    return found


def _rows(target: Path) -> dict[str, dict[str, Any]]:
    """The last row of each test file."""
    if not target.is_file():
        return {}
    with target.open(encoding="utf-8") as lines:
        return {row["file"]: row for row in map(json.loads, lines)}


def places_of(root: Path, mutant: Mutant) -> set[Place]:
    """The lines whose execution can show a mutant.

    Those of its statement; for what is computed once, on import, those that name it; for a default those of its
    function; else all of its class or module.
    """
    tree = ast.parse((root / mutant.path).read_bytes())
    around = [
        node
        for node in ast.walk(tree)  # the outermost first
        if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= (node.end_lineno or 0)
    ]
    if not around:
        return _whole(mutant.path, tree)
    outer, statement = around[0], around[-1]
    if any(isinstance(node, _FUNCTIONS) for node in around[:-1]) and not isinstance(statement, _FUNCTIONS):
        return _range(mutant.path, statement.lineno, _head_end(statement))
    if outer is statement and (name := _assigned(statement)):
        return _named(root, mutant, name, statement) or _whole(mutant.path, tree)
    return _whole(mutant.path, outer) or _whole(mutant.path, tree)


def _head_end(statement: ast.stmt) -> int:
    """The last line of a statement, of one with a body the last before it."""
    body = getattr(statement, "body", None)
    first = body[0].lineno - 1 if isinstance(body, list) else statement.end_lineno or 0
    return max(statement.lineno, first)


def _range(path: str, first: int, last: int) -> set[Place]:
    return {(path, line) for line in range(first, last + 1)}


def _whole(path: str, node: ast.AST) -> set[Place]:
    """The lines of all functions of a class or a module, without what runs on import."""
    functions = [each for each in ast.walk(node) if isinstance(each, _FUNCTIONS)]
    return {place for each in functions for place in _range(path, each.body[0].lineno, each.end_lineno or 0)}


def _assigned(statement: ast.AST) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return targets[0].id if isinstance(targets[0], ast.Name) else ""


def _named(root: Path, mutant: Mutant, name: str, own: ast.stmt) -> set[Place]:
    """The lines of analytics that name what a module defines; of a private name those of its module."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    files = [root / mutant.path] if name.startswith("_") else sorted((root / "analytics").rglob("*.py"))
    found = {
        (file.relative_to(root).as_posix(), number)
        for file in files
        for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(text)
    }
    return found - _range(mutant.path, own.lineno, own.end_lineno or 0)
