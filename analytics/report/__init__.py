"""The report: queries in, sections as data, and from these HTML, Markdown, JSON, CSV, PNG and PDF."""

from __future__ import annotations

from analytics.report.build import build_report
from analytics.report.contents import Report
from analytics.report.draw import draw
from analytics.report.write import write_report

__all__ = ["Report", "build_report", "draw", "write_report"]
