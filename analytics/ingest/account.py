"""The books of one source: what became of its records, which times and logs they cover, what to tell the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from analytics.formats import Batch
from analytics.ingest.spans import Logs, logs_of, time_span

REJECTS_LISTED = 3
PLACES = ("line_no", "record_no")


@dataclass
class Account:
    """Counts, span and logs of a source that is being read; `problems` are clear lines, `places` where in the source
    the records begin that were new (line or record, by table).
    """

    path: str
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    filtered: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    logs: Logs = frozenset()
    year_from: str | None = None
    problems: list[str] = field(default_factory=list)
    places: dict[str, list[pa.Array]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """All records but those left out on request."""
        return self.stored + self.duplicate + self.rejected

    def see(self, batch: Batch) -> None:
        """Note what all records of a batch tell of the source, new or not."""
        self.filtered += batch.filtered
        self.year_from = self.year_from or batch.year_from
        self.logs |= logs_of(batch.table, batch.rows) or frozenset()
        first, last = time_span(batch.table, batch.rows)
        self.first_at = min(filter(None, (self.first_at, first)), default=None)
        self.last_at = max(filter(None, (self.last_at, last)), default=None)

    def keep(self, found: Batch, new: Batch) -> None:
        """Count the records of a batch: those that are new, and the rest."""
        self.stored += len(new.rows)
        self.duplicate += len(found.rows) - len(new.rows)
        if place := next((name for name in PLACES if name in new.rows.schema.names), None):
            self.places.setdefault(new.table, []).append(new.rows.column(place))

    def reject(self, batch: Batch) -> None:
        """Count rejects; the first few are told in full."""
        listed = max(0, REJECTS_LISTED - self.rejected)
        for row in batch.rows.slice(0, listed).to_pylist():
            place = f":{row['line_no']}" if row["line_no"] else ""
            self.problems.append(f"{self.path}{place}: {row['reason']}")
        self.rejected += len(batch.rows)

    def told(self) -> list[str]:
        """All problems, the last one counting the rejects that are not listed."""
        more = self.rejected - REJECTS_LISTED
        return [*self.problems, *([f"{self.path}: {more} more rejected records"] if more > 0 else [])]
