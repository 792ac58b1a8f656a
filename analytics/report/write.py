"""Write a report to a file: the format by the file's ending, whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.errors import ConfigurationError, UsageError
from analytics.report.build import build_report
from analytics.report.contents import Report
from analytics.report.depths import WHOLE, Depth
from analytics.report.pseudonyms import Pseudonyms
from analytics.report.words import Words
from analytics.store import write_synced

if TYPE_CHECKING:
    from analytics.sql import Session

__all__ = ["format_of", "replace_file", "save_report"]


def _as_html(report: Report) -> bytes:
    """One self-contained page."""
    from analytics.report.page.page import html

    return html(report).encode("utf-8")


def _as_markdown(report: Report) -> bytes:
    """Verdict, figures and the top of each table as Markdown."""
    from analytics.report.plain import markdown

    return markdown(report).encode("utf-8")


def _as_json(report: Report) -> bytes:
    """Everything as JSON."""
    from analytics.report.plain import json_text

    return json_text(report).encode("utf-8")


def _as_csv(report: Report) -> bytes:
    """One row per VM and night, worst VM first, with a BOM for Excel."""
    from analytics.report.plain import csv_text

    return csv_text(report).encode("utf-8-sig")


def _as_xlsx(report: Report) -> bytes:
    """The first screen, and each table on a sheet."""
    from analytics.report.workbook import workbook

    return workbook(report)


def _as_prom(report: Report) -> bytes:
    """Metrics for Prometheus' textfile collector."""
    from analytics.report.metrics import prometheus

    return prometheus(report).encode("utf-8")


def _as_png(report: Report) -> bytes:
    """An overview as one picture."""
    from analytics.report.picture import png

    return png(report)


def _as_pdf(report: Report) -> bytes:
    """The page as a browser of this machine prints it, else drawn without one."""
    from analytics.report.page.page import html
    from analytics.report.page.paper import browser, printed
    from analytics.report.picture import pdf

    return (printed(report, html(report)) if browser() else None) or pdf(report)


FORMATS: dict[str, Callable[[Report], bytes]] = {
    ".html": _as_html,
    ".htm": _as_html,
    ".md": _as_markdown,
    ".json": _as_json,
    ".csv": _as_csv,
    ".xlsx": _as_xlsx,
    ".prom": _as_prom,
    ".png": _as_png,
    ".pdf": _as_pdf,
}


def format_of(out: Path) -> Callable[[Report], bytes]:
    """What writes a file with the ending of `out`; UsageError for an ending that names no format."""
    make = FORMATS.get(out.suffix.lower())
    if make is None:
        raise UsageError(f"no report format ends in {out.suffix!r}", str(out), f"use {', '.join(FORMATS)}")
    return make


def write_report(
    session: Session,
    out: Path,
    since: dt.date | None = None,
    until: dt.date | None = None,
    words: Words | None = None,
    pseudonyms: Pseudonyms | None = None,
    depth: Depth = WHOLE,
) -> Report:
    """Build the report for the nights `since` to `until` (inclusive) and write it to `out`.

    The words are English unless others are given; pseudonyms take the place of names, and their key file is
    written first. Raises UsageError for an ending that names no format,
    ConfigurationError where `out` cannot be written.
    """
    format_of(Path(out))
    report = build_report(session, since, until, words, pseudonyms, depth)
    save_report(report, out, pseudonyms)
    return report


def save_report(report: Report, out: Path, pseudonyms: Pseudonyms | None = None) -> None:
    """Write a report to `out` as `write_report` does; the session that it was built from may be closed."""
    make = format_of(Path(out))
    if pseudonyms:
        pseudonyms.save()
    replace_file(Path(out), make(report))


def replace_file(out: Path, content: bytes) -> None:
    """Put `content` in the place of `out` in one step: a reader sees the old file or the new one."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        write_synced(part, content)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigurationError(
            f"cannot write: {error.strerror}", str(out), "a place that can be written"
        ) from error
