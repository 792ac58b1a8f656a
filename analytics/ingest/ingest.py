"""Reading sources into the store, one after the other, with books that balance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from analytics.errors import SourceError
from analytics.ingest.ahead import ReadAhead
from analytics.ingest.known import Known
from analytics.ingest.options import IngestOptions, IngestSummary, Progress, SourceSummary
from analytics.ingest.plan import Planned, plan
from analytics.ingest.reading import SourceReader
from analytics.sources import Unreadable
from analytics.store import Store, Transaction, compact, forget

COMMIT_BYTES = 512 * 1024 * 1024


def ingest(
    store: Store,
    paths: Iterable[str | Path],
    options: IngestOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> IngestSummary:
    """Read all that lies below `paths` into the store; what it holds already is left out.

    Sources are committed together, at the latest after 512 MiB; a killed ingest loses the uncommitted ones only,
    and the same call completes it. Raises StoreLockedError while another process writes, StoreError where the store
    is damaged.
    """
    options, paths = options or IngestOptions(), list(paths)
    with store.ingesting(paths):
        planned, unreadable = plan(paths, options.site.columns)
        if store.manifest().losses:
            forget(store, _content_ids(planned))
        run = _Run(store, options, len(planned), progress)
        run.read_all(planned, unreadable)
        compact(store)
    return IngestSummary(run.results, run.problems)


def _content_ids(planned: Iterable[Planned]) -> set[str]:
    """Under which ids the store may know the sources."""
    ids: set[str] = set()
    for each in planned:
        with suppress(SourceError):  # reading it says so
            ids |= {each.source.fingerprint.source_id, each.source.sha256[:16]}
    return ids


class _Run:
    """One ingest under way."""

    def __init__(
        self, store: Store, options: IngestOptions, total: int, progress: Callable[[Progress], None] | None
    ) -> None:
        self.store, self.options, self.total, self.progress = store, options, total, progress
        self.results: list[SourceSummary] = []
        self.problems: list[str] = []
        self.known = Known(store)

    def read_all(self, planned: list[Planned], unreadable: list[Unreadable]) -> None:
        sizes = [self._size(each) for each in planned]
        done = 0
        queue = list(zip(planned, sizes, strict=True))
        reader: SourceReader | None = None
        with (
            ThreadPoolExecutor(1, thread_name_prefix="sha256") as hasher,
            ReadAhead(self.store, planned, self.options, self.known) as ahead,
        ):
            while queue or unreadable:
                with Transaction(self.store) as transaction:
                    for item in unreadable:
                        self._note(self.known.store_unreadable(transaction, item))
                    unreadable, begun = [], done
                    while queue and done - begun < COMMIT_BYTES:
                        each, size = queue[0]
                        self._tell(each, done, sum(sizes))
                        reader = reader or SourceReader(
                            self.store, each, self.options, self.known, hasher, ahead
                        )
                        if reader.needs_commit():
                            break
                        self._read(reader, transaction)
                        reader = None
                        queue.pop(0)
                        done += size
                self.known.committed()

    def _read(self, reader: SourceReader, transaction: Transaction) -> None:
        self._note(reader.read_into(transaction))
        self.problems.extend(reader.problems)

    def _note(self, result: SourceSummary) -> None:
        self.results.append(result)
        if result.status == "unreadable":
            self.problems.append(f"{result.path}: {self.known.reason_of(result.source_id)}")

    def _size(self, planned: Planned) -> int:
        try:
            return planned.source.fingerprint.size_bytes
        except SourceError:
            return 0

    def _tell(self, planned: Planned, done: int, total: int) -> None:
        if self.progress:
            self.progress(Progress(planned.source.path, len(self.results), self.total, done, total))
