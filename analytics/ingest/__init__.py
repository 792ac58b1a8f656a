"""Logs into the store: recognise, read, leave out what the store holds, account for every record.

The way of a log: `plan` finds and recognises it; `ingest` gives it to the `Round` of the transaction under way, which
knows it, or reads it (`reading`) in plain `steps`: its computer is filled in, the `Account` notes times and counts,
`duplicates` leaves out what others brought (`compare`, in DuckDB), keys are added, the transaction takes the rest.
Where a log has grown since it was read before, `growth` takes out what its shorter copy ended with. `outcomes` says
what became of all.
"""

from __future__ import annotations

from analytics.ingest.explain import Explanation, explain_line, explain_text
from analytics.ingest.ingest import ingest
from analytics.ingest.options import IngestOptions, IngestSummary, Progress, SourceSummary

__all__ = [
    "Explanation",
    "IngestOptions",
    "IngestSummary",
    "Progress",
    "SourceSummary",
    "explain_line",
    "explain_text",
    "ingest",
]
