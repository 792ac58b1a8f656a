"""Rows on their way into the store: staged as whole Parquet files, made visible all at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyarrow as pa

from analytics.store.commit import commit
from analytics.store.disk import disk_errors, make_folder, remove, remove_folder
from analytics.store.layout import ENDS, STAGING, by_week, holds_ends, partition_folder, week_of
from analytics.store.manifest import Loss
from analytics.store.removal import Removal, leaving, staying
from analytics.store.staged import StagedPart
from analytics.store.store import Store

ROW_GROUP_BYTES = 32 * 1024 * 1024
_BUFFERED_BYTES = 64 * 1024 * 1024
_WRITES_UNDER_WAY = 2
_RUN_AGAIN = "what was committed before stays; free space and run again"


class _Key(NamedTuple):
    """Rows that may share a part. Those of an older part may have columns of other types (`is_old`)."""

    table: str
    week: str | None
    is_end: bool
    is_old: bool


# Takes rows out of a part; says how many each removal took.
_Rewrite = Callable[[Sequence[Removal]], list[int]]


@dataclass(frozen=True)
class StagedRows:
    """Rows of a table that the transaction holds and nobody else sees yet: whole files, and batches in memory."""

    files: list[Path] = field(default_factory=list)
    batches: list[pa.RecordBatch] = field(default_factory=list)


class Transaction:
    """Collects rows and commits them; leaving the `with` block with an error drops them.

    Files are written by one background thread, so that parsing and compressing run side by side.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._id = uuid.uuid4().hex[:16]
        self._folder = store.path / STAGING / self._id
        self._parts: dict[_Key, StagedPart] = {}
        self._sealed: list[StagedPart] = []
        self._count = 0
        self._dropped: set[str] = set()
        self._losses: dict[str, Loss] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._under_way: list[Future[None]] = []
        self._has_moved = False
        self.rows = 0

    def __enter__(self) -> Self:
        with disk_errors("write", self._store.path, _RUN_AGAIN):
            make_folder(self._folder, self._store.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            self._thread.shutdown(wait=True)
            for part in self._all_parts():
                part.close_quietly()
            self._clean_up()

    def append(self, table: str, rows: pa.RecordBatch, is_end: bool = False) -> None:
        """Add rows with the table's schema (constant text may be dictionary-encoded); none leave no trace.

        What a longer copy of a log may soon tell otherwise (`is_end`) goes into a part of its own.
        """
        self.rows += len(rows)
        self._append(table, rows, is_end)

    def replace(self, files: Iterable[Path]) -> None:
        """Leave these parts out of the store from this commit on; their files go when nobody reads them."""
        self._dropped.update(map(self._name_of, files))

    def remove(self, removals: Sequence[Removal]) -> list[int]:
        """Take rows back, whether they are stored or staged; says how many each removal took.

        Parts that hold some are written anew.
        """
        taken = [0] * len(removals)
        for table in {removal.table for removal in removals}:
            chosen = [index for index, removal in enumerate(removals) if removal.table == table]
            for week, rewrite in [*self._waiting(table), *self._files(table)]:
                reaching = [index for index in chosen if removals[index].reaches(week)]
                counts = rewrite([removals[index] for index in reaching]) if reaching else []
                for index, count in zip(reaching, counts, strict=True):
                    taken[index] += count
        return taken

    def note_losses(self, losses: Iterable[Loss]) -> None:
        """From this commit on these are the store's losses."""
        self._losses = {loss.source_id: loss for loss in losses}

    def staged(self, table: str, weeks: Iterable[str | None]) -> StagedRows:
        """The rows of some weeks that this transaction was given so far."""
        wanted = set(weeks)
        for key in self._keys_of(table, wanted):
            self._seal(key)
        return StagedRows(
            [part.path for part in self._sealed if part.table == table and part.week in wanted],
            [rows for key in self._keys_of(table, wanted) for rows in self._parts[key].waiting],
        )

    def _keys_of(self, table: str, weeks: set[str | None]) -> list[_Key]:
        return [key for key in self._parts if key.table == table and key.week in weeks]

    def _append(self, table: str, rows: pa.RecordBatch, is_end: bool, is_old: bool = False) -> None:
        if len(rows) == 0:
            return  # a row group of no rows is refused by the Parquet writer
        for week, piece in by_week(table, rows):
            part = self._part(_Key(table, week, is_end, is_old))
            part.wait(piece)
            if part.waiting_bytes >= ROW_GROUP_BYTES:
                self._write_out(part)
        if sum(part.waiting_bytes for part in self._parts.values()) > _BUFFERED_BYTES:
            self._write_out(max(self._parts.values(), key=lambda part: part.waiting_bytes))

    def _part(self, key: _Key) -> StagedPart:
        if key not in self._parts:
            self._count += 1
            folder, ends = partition_folder(key.table, key.week), ENDS if key.is_end else ""
            target = f"{folder}/{self._id}{self._count:04x}{ends}.parquet"
            self._parts[key] = StagedPart(
                key.table, key.week, target, self._folder / f"{self._count}{ends}.parquet"
            )
        return self._parts[key]

    def _seal(self, key: _Key) -> None:
        """Close the file of a part, so that it can be read; rows that wait go into the next one."""
        part = self._parts[key]
        if not part.is_begun:
            return
        while self._under_way:
            self._finish_one()
        with disk_errors("write", self._store.path, _RUN_AGAIN):
            part.finish()
        self._sealed.append(self._parts.pop(key))
        for rows in part.take_waiting():
            self._part(key).wait(rows)
        self._part(key)

    def _write_out(self, part: StagedPart) -> None:
        batches = part.take_waiting()
        if not batches:
            return
        part.is_begun = True
        while len(self._under_way) >= _WRITES_UNDER_WAY:
            self._finish_one()
        self._under_way.append(self._thread.submit(part.write, batches))

    def _finish_one(self) -> None:
        with disk_errors("write", self._store.path, _RUN_AGAIN):
            self._under_way.pop(0).result()

    def _commit(self) -> None:
        for part in self._parts.values():
            self._write_out(part)
        while self._under_way:
            self._finish_one()
        with disk_errors("write", self._store.path, _RUN_AGAIN):
            staged = {part.path: part.finish() for part in self._all_parts() if part.is_begun}
            if staged or self._dropped or self._losses is not None:
                self._has_moved = True
                commit(self._store.path, staged, self._dropped, self._losses)
                self._has_moved = False

    def _waiting(self, table: str) -> Iterator[tuple[str | None, _Rewrite]]:
        """The rows that wait in memory; what was written of their parts is sealed and counts as a file."""
        for key in [key for key in self._parts if key.table == table]:
            self._seal(key)
            yield key.week, partial(self._filter_waiting, self._parts[key])

    def _files(self, table: str) -> Iterator[tuple[str | None, _Rewrite]]:
        for file in self._store.files(table):
            if self._name_of(file) not in self._dropped:
                yield week_of(file), partial(self._rewrite_stored, file)
        for part in [part for part in self._sealed if part.table == table]:
            yield part.week, partial(self._rewrite_sealed, part)

    def _filter_waiting(self, part: StagedPart, removals: Sequence[Removal]) -> list[int]:
        counts = [0] * len(removals)
        for rows in part.take_waiting():
            kept = rows
            for index, removal in enumerate(removals):
                before, kept = len(kept), removal.without(kept)
                counts[index] += before - len(kept)
            if len(kept):
                part.wait(kept)
        return counts

    def _rewrite_stored(self, file: Path, removals: Sequence[Removal]) -> list[int]:
        counts = self._rewrite(file, removals)
        if any(counts):
            self.replace([file])
        return counts

    def _rewrite_sealed(self, part: StagedPart, removals: Sequence[Removal]) -> list[int]:
        counts = self._rewrite(part.path, removals)
        if any(counts):
            self._sealed.remove(part)
        return counts

    def _rewrite(self, file: Path, removals: Sequence[Removal]) -> list[int]:
        counts = leaving(file, removals)
        if any(counts):
            for rows in staying(file, removals):
                self._append(removals[0].table, rows, holds_ends(file), is_old=True)
        return counts

    def _name_of(self, file: Path) -> str:
        return file.relative_to(self._store.path).as_posix()

    def _all_parts(self) -> list[StagedPart]:
        return [*self._sealed, *self._parts.values()]

    def _clean_up(self) -> None:
        """Empty the staging folder; where a commit broke off, it tells the next writer what to remove."""
        if self._has_moved:
            for part in self._all_parts():
                remove(part.path)
        else:
            remove_folder(self._folder)
