"""A plugin of pytest: notes which lines of analytics each test executes, and how long it takes.

`DPM_EXECUTED` names the file: one line of JSON for each test file, written when its last test has ended. Lines that
run while modules are imported, or in another process, belong to no test.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from zlib import crc32

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_OURS = str(_ROOT / "analytics") + os.sep
# a function that showed no new line for so many is not watched further in that test
_DULL_EVENTS = 2000

Lines = set[tuple[str, int]]


class _Watch:
    """The lines executed since it was last emptied."""

    def __init__(self) -> None:
        self.lines: Lines = set()
        # by the id of a function's code, whose own hash takes long; `codes` keeps them, so that no id comes twice
        self.left: dict[int, int] = {}
        self.codes: dict[int, CodeType] = {}

    def start(self) -> None:
        """Watch all threads from here on."""
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        """Watch no longer; modules are taken apart when the process ends."""
        threading.settrace(None)
        sys.settrace(None)

    def taken(self) -> Lines:
        """What was executed since, and begin anew."""
        lines, self.lines = self.lines, set()
        # a copy is one step; what walks along the dictionary itself is disturbed by finalizers, which are watched too
        self.left = {key: left and _DULL_EVENTS for key, left in self.left.copy().items()}
        return lines

    def _call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        left = self.left.get(id(code))
        if left is None:
            self.codes[id(code)] = code
            # 0 is for good, below it for this test
            left = self.left[id(code)] = _DULL_EVENTS if code.co_filename.startswith(_OURS) else 0
        return self._line if left > 0 else None

    def _line(self, frame: FrameType, _event: str, _argument: object) -> Any:
        code = frame.f_code
        place = (code.co_filename, frame.f_lineno)
        if place not in self.lines:
            self.lines.add(place)
            self.left[id(code)] = _DULL_EVENTS
        else:
            self.left[id(code)] -= 1
            if self.left[id(code)] <= 0:
                self.left[id(code)] = -1
                return None
        return self._line


def digest(file: Path) -> int:
    """A number that another content hardly has."""
    return crc32(file.read_bytes())


class Tracer:
    """Writes a row for each test file: its digest, those of the modules, and of each test seconds and lines."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._watch = _Watch()
        self._shared: dict[str, tuple[float, Lines]] = {}
        self._tests: dict[str, tuple[float, Lines]] = {}

    def pytest_sessionfinish(self) -> None:
        """The last test has ended."""
        self._watch.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """What several tests share is counted for each of them."""
        if fixturedef.scope == "function":
            return (yield)
        outer, begun = self._watch.taken(), _seconds()
        try:
            return (yield)
        finally:
            self._shared[fixturedef.argname] = (_seconds() - begun, self._watch.taken())
            self._watch.lines = outer

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """One test; after the last of its file the row is written."""
        self._watch.taken()
        begun = _seconds()
        self._watch.start()
        try:
            return (yield)
        finally:
            seconds, lines = _seconds() - begun, self._watch.taken()
            for name in getattr(item, "fixturenames", ()):
                _, more = self._shared.get(name, (0.0, set()))
                lines |= more
            self._tests[item.nodeid] = (round(seconds, 3), lines)
            if nextitem is None or nextitem.path != item.path:
                self._write(item.path)

    def _write(self, file: Path) -> None:
        modules = {path for _, lines in self._tests.values() for path, _ in lines}
        tests = {name: [seconds, _by_module(lines)] for name, (seconds, lines) in self._tests.items()}
        row = {
            "file": file.relative_to(_ROOT).as_posix(),
            "digest": digest(file),
            "modules": {_name(path): digest(Path(path)) for path in sorted(modules)},
            "tests": tests,
        }
        with self._target.open("a", encoding="utf-8", newline="\n") as rows:
            rows.write(json.dumps(row, separators=(",", ":")) + "\n")
        self._tests = {}


def _seconds() -> float:
    """Seconds of computing so far, those of ended child processes included where the system counts them."""
    spent = os.times()
    return spent.children_user + spent.children_system + time.process_time()


def _name(path: str) -> str:
    return Path(path).relative_to(_ROOT).as_posix()


def _by_module(lines: Lines) -> dict[str, list[int]]:
    modules: dict[str, list[int]] = defaultdict(list)
    for path, line in sorted(lines):
        modules[_name(path)].append(line)
    return dict(modules)


def pytest_configure(config: pytest.Config) -> None:
    """Begin where a file is named."""
    if target := os.environ.get("DPM_EXECUTED"):
        config.pluginmanager.register(Tracer(Path(target)), "executed lines")
