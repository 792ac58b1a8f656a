"""Logs into the store: recognise, read, leave out what the store holds, account for every record."""

from __future__ import annotations

from analytics.ingest.explain import Explanation, explain_line
from analytics.ingest.ingest import ingest
from analytics.ingest.options import IngestOptions, IngestSummary, Progress, SourceSummary

__all__ = [
    "Explanation",
    "IngestOptions",
    "IngestSummary",
    "Progress",
    "SourceSummary",
    "explain_line",
    "ingest",
]
