"""The sources of one transaction: each is known, no log, unknown, unreadable or read; a longer copy mends a shorter."""

from __future__ import annotations

import traceback
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from analytics.errors import DpmAnalyticsError, SourceError
from analytics.formats import Format, Reading
from analytics.formats.format import batch_of
from analytics.ingest import outcomes as out
from analytics.ingest.account import Account
from analytics.ingest.ahead import ReadAhead
from analytics.ingest.compare import Comparer, Given
from analytics.ingest.duplicates import DuplicateFinder
from analytics.ingest.growth import Grown, after_removal, removals, shorter_copies
from analytics.ingest.known import EVENTS, UNKNOWN, Known, no_format, source_row, unreadable_id
from analytics.ingest.options import IngestOptions, Outcome
from analytics.ingest.plan import Planned, reading_of
from analytics.ingest.reading import line_end_of, read_into, reject
from analytics.ingest.steps import REJECTS, for_store
from analytics.sources import Source, Unreadable
from analytics.store import Removal, Store, Transaction
from analytics.tables import TABLES

_JOB_RECORDS = "job_records"


@dataclass
class Round:
    """What the sources of one transaction share."""

    store: Store
    transaction: Transaction
    known: Known
    comparer: Comparer
    options: IngestOptions
    hasher: Executor
    ahead: ReadAhead
    grown: list[tuple[Grown, Account]] = field(default_factory=list)
    given: Given = field(default_factory=Given)
    files: dict[str, list[Path]] = field(default_factory=dict)

    def account_for(self, item: Unreadable) -> Outcome:
        """A path that could not be opened: one source, one reject."""
        source_id = unreadable_id(item.path, item.reason)
        if not self.known.holds(source_id):
            row = source_row(source_id, item.path, out.UNREADABLE, records_read=1, records_rejected=1)
            self.known.add(self.transaction, row)
            rejects = for_store(batch_of(REJECTS, [{"reason": item.reason}]), source_id, item.path)
            self.transaction.append(REJECTS, rejects.rows)
        return out.unreadable_outcome(source_id, item.path, item.reason)

    def take(self, planned: Planned) -> Outcome:
        """Read a source, unless the store holds it or it is no log."""
        if planned.no_log:
            return out.no_log_outcome(planned)
        reading = reading_of(planned, self.options, self.known.task_times(self.transaction))
        try:
            stored = self.known.find(planned.source)
            if stored is not None and not (stored["format"] == UNKNOWN and planned.format):
                return out.known_outcome(planned.source, stored, reading, self.known.met(stored["source_id"]))
            return self._read(planned, reading, self.known.new_id(planned.source))
        except SourceError as error:
            return self.account_for(Unreadable(planned.source.path, error.what))

    def _read(self, planned: Planned, reading: Reading, source_id: str) -> Outcome:
        source, account = planned.source, Account(planned.source.path)
        digest = self.hasher.submit(lambda: source.sha256)
        bug = None
        if planned.format is None:
            reject(self.transaction, account, source_id, _why_unknown(source))
        else:
            bug = self._read_records(planned, reading, planned.format, account, source_id)
        row = out.row_of(planned, reading, account, source_id, _settled(digest))
        if grown := _grown(source, row["format"], account, self.known):
            self.grown.append((grown, account))
        self.known.add(self.transaction, row, account.logs if row["kind"] == EVENTS else None)
        return out.read_outcome(row, account, bug)

    def _read_records(
        self, planned: Planned, reading: Reading, format_: Format, account: Account, source_id: str
    ) -> str | None:
        """Read the records; the trace of a fault of ours, which costs the rest of this source and no other."""
        spans = self.known.spans(format_.name)
        finder = DuplicateFinder(
            self._files,
            self.transaction,
            self.comparer,
            self.given,
            source_id,
            reading.host,
            reading.host_from,
            spans,
        )
        try:
            batches = self.ahead.batches(planned, reading)
            read_into(self.transaction, batches, account, finder, line_end_of(planned.source, format_.ends))
        except DpmAnalyticsError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a format was not ready for, the other sources are stored
            self.comparer.close()
            what = f"a fault of dpm-analytics, please report it ({type(error).__name__}: {error})"
            reject(self.transaction, account, source_id, what)
            return f"{account.path}\n{traceback.format_exc()}"
        finally:
            if _JOB_RECORDS in format_.tables:
                self.known.forget_task_times()
        return None

    def _files(self, table: str) -> list[Path]:
        """What is committed of a table; nobody else commits meanwhile."""
        if table not in self.files:
            self.files[table] = self.store.files(table)
        return self.files[table]

    def settled(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Take out of the store what shorter copies of logs ended with, where a longer one told it otherwise."""
        planned = [removal for grown, account in self.grown for removal in removals(grown, account)]
        changed: dict[str, dict[str, Any]] = {}
        for removal, count in zip(planned, self.transaction.remove(planned), strict=True):
            if count:
                row = changed.get(removal.source_id) or self.known.row(removal.source_id)
                changed[removal.source_id] = after_removal(row, removal.table, count)
        self.transaction.remove([Removal("sources", source_id) for source_id in changed])
        for row in changed.values():
            self.transaction.append(
                "sources", pa.RecordBatch.from_pylist([row], schema=TABLES["sources"].schema)
            )
            self.known.change(row)
        return [out.after_growth(outcome, changed) for outcome in outcomes]


def _settled(digest: Future[str]) -> str | None:
    """The SHA-256 of a content; None where its stream breaks, which its reject says."""
    try:
        return digest.result()
    except SourceError:
        return None


def _grown(source: Source, format_name: str, account: Account, known: Known) -> Grown | None:
    try:
        return shorter_copies(source, format_name, account, known.contents)
    except SourceError:  # a stream that breaks: its reject says so
        return None


def _why_unknown(source: Source) -> str:
    if source.fingerprint.size_bytes == 0:
        return "empty file"
    return f"{no_format(source.name)} (dpm-analytics formats lists them)"
