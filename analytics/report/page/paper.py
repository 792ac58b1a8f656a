"""The page as PDF, printed by a Chromium, Chrome or Edge of this machine; Windows has Edge."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from analytics.report.contents import Report

__all__ = ["browser", "printed"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_BELOW_PROGRAM_FILES = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
_ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_SWITCH = "DPM_ANALYTICS_BROWSER"
_PRINT = "#print"
_PAPER = "<style>@page { size: A4; }</style></head>"
_DRAWING_MS = 60_000
_PATIENCE_S = 90
_ARGUMENTS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    f"--virtual-time-budget={_DRAWING_MS}",
)


def printed(report: Report, page: str) -> bytes | None:
    """The page on A4; None where there is no browser, or where it does not print all of it."""
    found = browser()
    if found is None:
        return None
    with tempfile.TemporaryDirectory(prefix="dpm-analytics-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "page.html"), Path(folder, "printed.pdf")
        source.write_text(page.replace("</head>", _PAPER, 1), encoding="utf-8")
        if not _has_run([found, *_arguments(folder), f"--print-to-pdf={target}", source.as_uri() + _PRINT]):
            return None
        return _finished(report, target) if target.exists() else None


def browser() -> str | None:
    """The program that prints: what DPM_ANALYTICS_BROWSER names (`none` for none), else the first that is found."""
    named = os.environ.get(_SWITCH)
    if named is not None:
        return shutil.which(named)
    return next(_browsers(), None)


def _browsers() -> Iterator[str]:
    """Those on the path, then those where their installers put them."""
    yield from filter(None, map(shutil.which, _NAMES))
    folders = filter(None, map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")))
    places = [Path(folder, name) for folder in folders for name in _BELOW_PROGRAM_FILES]
    yield from (str(place) for place in (*places, *map(Path, _ON_MACOS)) if place.is_file())


def _arguments(folder: str) -> list[str]:
    """A profile of its own; as root Chromium runs without its sandbox only."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*_ARGUMENTS, f"--user-data-dir={Path(folder, 'profile')}", *(["--no-sandbox"] if is_root else [])]


def _has_run(command: list[str]) -> bool:
    """Whether the browser did its work in time; a browser that cannot start is none."""
    silent = subprocess.DEVNULL
    try:
        ended = subprocess.run(  # noqa: S603  (no shell; a program of this machine, a file of ours)
            command, stdin=silent, stdout=silent, stderr=silent, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _finished(report: Report, target: Path) -> bytes | None:
    """The PDF; None where the page was printed before it was drawn: then its title becomes the verdict (page.js)."""
    from pypdf import PdfReader
    from pypdf.errors import PdfReadError

    try:
        about = PdfReader(target).metadata
    except PdfReadError:
        return None
    is_drawn = about is not None and " ".join((about.title or "").split()) == " ".join(report.verdict.split())
    return target.read_bytes() if is_drawn else None
