"""The list of all reports of an archive, as a page that leads to each."""

from __future__ import annotations

from analytics.report.archive.index import Entry, index_page

__all__ = ["Entry", "index_page"]
