"""Reading logs ahead in other processes, while this one compares, sorts and stores what they give.

Decoding is work for the processor that threads cannot share, since it holds the interpreter's lock.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from analytics.errors import SourceError
from analytics.formats import Batch, Reading
from analytics.formats.aside import Aside, prepare_process, read_aside, take_over
from analytics.ingest.known import Known
from analytics.ingest.options import IngestOptions
from analytics.ingest.plan import Planned, reading_of
from analytics.store import Store
from analytics.store.layout import STAGING

# Below this, in all, the half second that a process takes to start is not worth it.
WORTH_BYTES = 32 * 1024 * 1024
# A smaller file is read sooner than it is sent.
LEAST_BYTES = 64 * 1024
_FINISHED_AT_MOST = 1


class ReadAhead:
    """Sources on their way; those that are read here stay with their format."""

    def __init__(
        self, store: Store, planned: Sequence[Planned], options: IngestOptions, known: Known
    ) -> None:
        worth = [each for each in planned if _is_worth(each, known)] if options.processes > 1 else []
        processes = min(options.processes, len(worth))
        if processes < 2 or sum(each.source.fingerprint.size_bytes for each in worth) < WORTH_BYTES:
            worth = []
        self._options = options
        self._waiting = deque(worth)
        self._under_way: dict[str, Future[Aside]] = {}
        self._at_once = processes + _FINISHED_AT_MOST
        # What is left there goes with the next writer.
        self._folder = store.path / STAGING / uuid.uuid4().hex[:16]
        self._pool = (
            ProcessPoolExecutor(processes, get_context("spawn"), initializer=prepare_process)
            if worth
            else None
        )

    def __enter__(self) -> Self:
        if self._pool:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._send()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            for file in self._folder.glob("*"):
                file.unlink(missing_ok=True)
            self._folder.rmdir()

    def batches(self, planned: Planned, reading: Reading) -> Iterator[Batch]:
        """The batches of a source, read ahead or here; raises SourceError as its format does."""
        assert planned.format is not None
        aside = self._result(planned.source.path)
        if aside is None:
            yield from planned.format.read(planned.source, reading)
        else:
            yield from take_over(aside, planned.source.path)

    def _result(self, path: str) -> Aside | None:
        """What another process read; None where that did not work, so that this one tries and says why."""
        future = self._under_way.pop(path, None)
        if future is None:
            return None
        try:
            return future.result()
        except (OSError, LookupError, MemoryError, BrokenProcessPool):
            return None
        finally:
            self._send()

    def _send(self) -> None:
        while self._pool and self._waiting and len(self._under_way) < self._at_once:
            planned = self._waiting.popleft()
            path, reading = planned.source.path, reading_of(planned, self._options)
            if planned.format and path not in self._under_way:
                self._under_way[path] = self._pool.submit(
                    read_aside, path, planned.format.name, reading, str(self._folder)
                )


def _is_worth(planned: Planned, known: Known) -> bool:
    """Whether a source is a plain file of some size that is new to the store."""
    path, source = planned.source.path, planned.source
    if planned.format is None or not source.seekable or known.format_of_unchanged(source):
        return False
    try:
        return (
            Path(path).is_file()
            and source.fingerprint.size_bytes >= LEAST_BYTES
            and not known.holds(source.fingerprint.source_id)
        )
    except SourceError:
        return False
