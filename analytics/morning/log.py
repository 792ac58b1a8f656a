"""The log of the runs: a line per event, rotated, beside the reports; it never makes a run fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from analytics.harmless import visible

_NAME = "run.log"
_MOST_BYTES, _KEPT = 1_000_000, 5


class _Handler(RotatingFileHandler):
    """Gives up in silence where the disk is full or a reader holds the file: the run itself goes on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in logging
        """Nothing."""


class _Lines(logging.Formatter):
    """One line per record, UTC; names from logs steer no terminal."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line; a trace keeps its lines, indented."""
        text = super().format(record)
        return "\n    ".join(visible(line) for line in text.splitlines())


@contextmanager
def logged(out: Path) -> Iterator[logging.Logger]:
    """A logger into the folder; it is closed at the end, so that Windows lets others have the file."""
    log = logging.getLogger("dpm-analytics.run")
    log.setLevel(logging.INFO)
    log.propagate = False
    handler = _Handler(out / _NAME, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(_Lines("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    log.addHandler(handler)
    try:
        yield log
    finally:
        log.removeHandler(handler)
        handler.close()
