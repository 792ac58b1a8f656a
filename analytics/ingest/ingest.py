"""Reading sources into the store, one after the other, with books that balance."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from analytics.errors import SourceError
from analytics.ingest.ahead import ReadAhead
from analytics.ingest.compare import Comparer
from analytics.ingest.known import Known
from analytics.ingest.options import IngestOptions, IngestSummary, Outcome, Progress, summary_of
from analytics.ingest.plan import Planned, plan
from analytics.ingest.round import Round
from analytics.sources import Unreadable
from analytics.store import Store, Transaction, compact, forget

_COMMIT_BYTES = 512 * 1024 * 1024


def ingest(
    store: Store,
    paths: Iterable[str | Path],
    options: IngestOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> IngestSummary:
    """Read all that lies below `paths` into the store; what it holds already is left out.

    Sources are committed together, at the latest after 512 MiB; a killed ingest loses the uncommitted ones only,
    and the same call completes it. A source that a fault of ours cannot read costs only itself.

    Raises StoreLockedError while another process writes, StoreError where the store is damaged.
    """
    options, paths = options or IngestOptions(), list(paths)
    with store.ingesting(paths):
        known, planned, unreadable = _known_and_planned(store, paths, options)
        outcomes = _read_all(store, options, known, planned, unreadable, progress or (lambda _: None))
        compact(store)
    return summary_of(outcomes)


def _known_and_planned(
    store: Store, paths: list[str | Path], options: IngestOptions
) -> tuple[Known, list[Planned], list[Unreadable]]:
    """What the store knows and what is to be read; files that were lost with a part are no longer known."""
    if not store.manifest().losses:
        known = Known(store)
        return known, *plan(paths, options.site.columns, known.format_of_unchanged)
    planned, unreadable = plan(paths, options.site.columns)
    forget(store, _content_ids(planned))
    return Known(store), planned, unreadable


def _content_ids(planned: Iterable[Planned]) -> set[str]:
    """Under which ids the store may know the sources."""
    ids: set[str] = set()
    for each in planned:
        with suppress(SourceError):  # reading it says so
            ids |= {each.source.fingerprint.source_id, each.source.sha256[:16]}
    return ids


def _read_all(
    store: Store,
    options: IngestOptions,
    known: Known,
    planned: list[Planned],
    unreadable: list[Unreadable],
    progress: Callable[[Progress], None],
) -> list[Outcome]:
    comparer = Comparer()
    outcomes: list[Outcome] = []
    sizes = [_size_of(each) for each in planned]
    total = sum(sizes)
    queue = deque(zip(planned, sizes, strict=True))
    done = 0
    with (
        ThreadPoolExecutor(1, thread_name_prefix="sha256") as hasher,
        ReadAhead(store, planned, options, known) as ahead,
    ):
        while queue or unreadable:
            with Transaction(store) as transaction:
                this_round = Round(store, transaction, known, comparer, options, hasher, ahead)
                outcomes += [this_round.account_for(item) for item in unreadable]
                unreadable, begun = [], done
                while queue and done - begun < _COMMIT_BYTES:
                    each, size = queue.popleft()
                    progress(Progress(each.source.path, len(outcomes), len(planned), done, total))
                    outcomes.append(this_round.take(each))
                    done += size
                outcomes = this_round.settled(outcomes)
            known.committed()
    comparer.close()
    return outcomes


def _size_of(planned: Planned) -> int:
    if planned.source.found_bytes is not None:
        return planned.source.found_bytes
    try:
        return planned.source.fingerprint.size_bytes
    except SourceError:
        return 0
